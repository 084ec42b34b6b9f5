"""Pages about phones: whose they are, locking one, deciding on its records, carrying an outbox; and the application."""

import json
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from lims.web.search import find
from samples.field import shell, texts
from samples.field.models import Operation
from samples.field.services import revoke_device
from samples.registry.models import Sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager(signed_in, ground):
    return signed_in(ground.manager)


def waiting(ground, phone, count=3):
    """Lock a phone and let it send samples into quarantine; return them in the order in which they were made."""
    sents = [phone.registers(ground.batch, tag) for tag in ground.tags[:count]]
    revoke_device(actor=ground.manager, device=phone.device, reason="Seized")
    phone.take(*sents)
    return list(Operation.objects.order_by("sequence"))


def test_one_sees_ones_own_phone_and_the_manager_those_of_the_people(
    ground, phone, signed_in, manager, person
):
    for client in (signed_in(ground.coordinator), manager):
        text = client.get(reverse("field:devices")).content.decode()
        assert "Pixel of the coordinator" in text
        assert reverse("field:device", args=[phone.id]) in text
    stranger = signed_in(person("manager", "midwest"))
    assert "No phone yet" in stranger.get(reverse("field:devices")).content.decode()
    assert stranger.get(reverse("field:device", args=[phone.id])).status_code == 404


def test_a_phone_shows_what_it_sent_and_what_was_refused(ground, phone, manager):
    phone.take(
        phone.registers(ground.batch, ground.tags[0]),
        phone.registers(ground.batch, ground.tags[1], mass_g="0"),
    )
    text = manager.get(reverse("field:device", args=[phone.id])).content.decode()
    assert "Sample registered" in text
    assert "KC-000001-1, 2150 g, Pit 1" in text or "2150 g, Pit 1" in text
    assert "mass-not-positive" in text


def test_a_lost_phone_is_locked_with_a_reason(ground, phone, signed_in):
    own = signed_in(ground.coordinator)
    address = reverse("field:revoke", args=[phone.id])
    assert own.post(address, {"reason": ""}).status_code == 422
    assert own.post(address, {"reason": "Fell into the river"}).status_code == 302
    text = own.get(reverse("field:device", args=[phone.id])).content.decode()
    assert "Fell into the river" in text
    assert "Lock this phone" not in text
    assert own.post(address, {"reason": "Again"}).status_code == 422


def test_a_colleague_does_not_lock_my_phone(ground, phone, signed_in, person):
    other = signed_in(person("field_coordinator", "irel", nick="colleague"))
    assert other.post(reverse("field:revoke", args=[phone.id]), {"reason": "x"}).status_code == 404


def test_a_manager_releases_some_and_discards_others(ground, phone, manager):
    first, second, third = waiting(ground, phone)
    page = manager.get(reverse("field:quarantine")).content.decode()
    assert page.count('name="operation"') == 3
    address = reverse("field:settle")
    told = manager.post(
        address,
        {"operation": [first.pk, second.pk], "reason": "Bags are here", "act": "release"},
        follow=True,
    )
    assert "2 records released." in told.content.decode()
    manager.post(address, {"operation": [third.pk], "reason": "Nobody saw it", "act": "discard"})
    assert list(Operation.objects.order_by("sequence").values_list("state", "settled_reason")) == [
        ("RELEASED", "Bags are here"),
        ("RELEASED", "Bags are here"),
        ("DISCARDED", "Nobody saw it"),
    ]
    assert {sample.registered_by for sample in Sample.objects.all()} == {ground.coordinator}
    assert Sample.objects.count() == 2
    assert "Nothing waits" in manager.get(reverse("field:quarantine")).content.decode()
    assert phone.take({"payload": first.payload, "signature": first.signature})[0]["answer"] == "duplicate"
    assert phone.take({"payload": third.payload, "signature": third.signature})[0]["answer"] == "quarantined"


def test_what_cannot_be_released_says_why_and_stays(ground, phone, manager, register):
    (held,) = waiting(ground, phone, 1)
    register(0)  # the bag was registered on paper meanwhile
    told = manager.post(
        reverse("field:settle"), {"operation": [held.pk], "reason": "Bag is here", "act": "release"}
    )
    assert told.status_code == 422
    assert "is on another bag already" in told.content.decode()
    held.refresh_from_db()
    assert held.state == "QUARANTINED"


def test_nothing_chosen_is_said(ground, phone, manager):
    waiting(ground, phone, 1)
    told = manager.post(reverse("field:settle"), {"reason": "x", "act": "release"})
    assert told.status_code == 422
    assert "Choose at least one record." in told.content.decode()


def test_all_that_waits_is_released_at_once_in_its_order(ground, phone, manager):
    waiting(ground, phone, 3)
    told = manager.post(
        reverse("field:settle"),
        {"everything": "on", "reason": "Bags are here", "act": "release"},
        follow=True,
    )
    assert "3 records released." in told.content.decode()
    assert Sample.objects.count() == 3


def test_a_phone_is_found_by_its_name(ground, phone, manager):
    assert manager.get("/search/?q=pixel of the coordinator").status_code in {200, 302}
    assert find(ground.manager, "pixel")[0].url == reverse("field:device", args=[phone.id])


def test_another_owners_manager_finds_nothing_in_quarantine(ground, phone, signed_in, person):
    (held,) = waiting(ground, phone, 1)
    stranger = signed_in(person("manager", "midwest"))
    assert "Nothing waits" in stranger.get(reverse("field:quarantine")).content.decode()
    told = stranger.post(reverse("field:settle"), {"operation": [held.pk], "reason": "x", "act": "release"})
    assert told.status_code == 422
    held.refresh_from_db()
    assert held.state == "QUARANTINED"


def test_conflicts_are_kept_as_evidence(ground, phone, phone_of, signed_in):
    phone.take(phone.registers(ground.batch, ground.tags[0]))
    other = phone_of(ground.manager, name="Second phone")
    other.take(other.registers(ground.batch, ground.tags[0]))
    text = signed_in(ground.manager).get(reverse("field:conflicts")).content.decode()
    assert "Second phone" in text
    assert "is on another bag already" in text


def test_an_outbox_is_uploaded_by_anybody_who_is_signed_in(ground, phone, signed_in, person):
    driver = signed_in(person("custodian", "hillroad"))
    content = phone.outbox(*(phone.registers(ground.batch, tag) for tag in ground.tags[:2]))
    address = reverse("field:carry")
    assert driver.get(address).status_code == 200
    told = driver.post(address, {"file": SimpleUploadedFile("outbox.lims", content)})
    text = told.content.decode()
    assert told.status_code == 200
    assert "Applied" in text
    assert "Pixel of the coordinator" in text
    assert Sample.objects.count() == 2
    wrong = driver.post(address, {"file": SimpleUploadedFile("outbox.lims", b"no outbox")})
    assert wrong.status_code == 422
    assert "The file cannot be read to its end." in wrong.content.decode()
    assert driver.post(address, {}).status_code == 422
    assert Client().post(address, {}).status_code == 302


def test_the_application_is_for_everybody_and_holds_nothing():
    answer = Client().get("/field/")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "no-cache"
    assert "blob:" in answer["Content-Security-Policy"].split("img-src")[1].split(";")[0]
    text = answer.content.decode()
    assert "/static/field/app.js" in text
    assert "csrf" not in text
    assert "sessionid" not in answer.cookies


def test_the_service_worker_knows_every_file(tmp_path):
    root = tmp_path / "app"
    (root / "vendor" / "idb" / "licences").mkdir(parents=True)
    for name in (
        "app.js",
        "sw.js",
        "scan.wasm",
        "vendor/idb/index.js",
        "vendor/idb/index.d.ts",
        "vendor/vendor.json",
    ):
        (root / name).write_text(f"// {name}\n")
    (root / "vendor/idb/licences/idb.txt").write_text("ISC")
    told = shell.precached(b"<main>", root)
    assert told["first"] == ["/field/", "/static/field/app.js", "/static/field/vendor/idb/index.js"]
    assert told["later"] == ["/static/field/scan.wasm"]
    assert re.fullmatch("[0-9a-f]{16}", told["version"])
    assert shell.precached(b"<main id>", root)["version"] != told["version"]
    (root / "app.js").write_text("// changed\n")
    assert shell.precached(b"<main>", root)["version"] != told["version"]
    program = shell.service_worker(b"<main>", root)
    first, rest = program.split("\n", 1)
    assert json.loads(first.removeprefix("self.PRECACHE = ").rstrip(";"))["first"] == told["first"]
    assert rest == "// sw.js\n"


def test_the_service_worker_is_asked_for_anew_each_time():
    answer = Client().get("/field/sw.js")
    assert answer["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer["Cache-Control"] == "no-cache"
    assert answer.content.startswith(b"self.PRECACHE = {")


def test_words_come_from_the_catalogue(tmp_path):
    folder = tmp_path / "my" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "field.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "Save"\nmsgstr "သိမ်း"\n\n#, fuzzy\nmsgid "Seal"\nmsgstr "တံဆိပ်"\n\nmsgid "Tag"\nmsgstr ""\n',
        encoding="utf-8",
    )
    assert texts.words("my", tmp_path) == {"Save": "သိမ်း", "Seal": "တံဆိပ်", "__review": ["Seal"]}
    assert texts.languages(tmp_path) == ["my"]
    assert texts.words("hi", tmp_path) == texts.words("../../etc", tmp_path) == {}
    assert Client().get("/field/text/xx.json").json() == {}
