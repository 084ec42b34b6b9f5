"""The pages: they answer, take what is typed, keep it when it is refused, and ask the database a constant number of times."""

import csv
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from samples.registry import sample_services, services
from samples.registry.drafts import Draft
from samples.registry.models import Batch, ExternalNumber, Hold, Mine, Sample, Tag
from samples.registry.rules import show_tag
from tests.samples.registry.conftest import COLLECTED
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def coordinator(signed_in, ground):
    return signed_in(ground.coordinator)


@pytest.fixture
def manager(signed_in, ground):
    return signed_in(ground.manager)


def url(name, *args):
    return reverse(f"registry:{name}", args=args)


def sheet(ground, n=0, **changed):
    return {
        "tag": show_tag(ground.tags[n]).lower(),
        "mass_g": "2.15 kg",
        "collected_at": "2026-11-03T14:20",
        "batch": str(ground.batch.pk),
        "collector": "Naw Seng",
        "latitude": "26.0501",
        "longitude": "98.3502",
        "accuracy_m": "4",
        "field_number": f"F-{n}",
    } | changed


def test_a_sample_is_registered_by_form_and_shown(coordinator, ground):
    answer = coordinator.post(url("register"), sheet(ground))
    sample = Sample.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == url("sample", sample.pk)
    assert (sample.mass_g, sample.collected_at.isoformat()) == (2150, "2026-11-03T08:50:00+00:00")
    text = coordinator.get(answer["Location"]).content.decode()
    for words in (show_tag(ground.tags[0]), "2.150", "Pangwa North", "26.050100", "F-0", "Naw Seng"):
        assert words in text


def test_save_and_next_carries_what_bags_share(coordinator, ground):
    answer = coordinator.post(url("register"), sheet(ground, next="1"), follow=True)
    initial = answer.context["form"].initial
    assert initial["collector"] == "Naw Seng"
    assert (initial["latitude"], initial["collected_at"]) == ("26.0501", "2026-11-03T14:20")
    assert "tag" not in initial
    assert "mass_g" not in initial
    assert show_tag(ground.tags[0]) in answer.content.decode()


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"tag": "KC-000001-0"}, "tag", "check character"),
        ({"mass_g": "0"}, "mass_g", "mass is 0"),
        ({"mass_g": "2.15 lb"}, "mass_g", "no unit of mass"),
        ({"mass_g": "NaN"}, "mass_g", "no unit"),
        ({"collected_at": "2126-11-03T14:20"}, "collected_at", "not come yet"),
        ({"latitude": "98.35", "longitude": "26.05"}, "latitude", "swapped"),
        ({"latitude": "1e999999"}, "latitude", ""),
        ({"depth_m": "x"}, "depth_m", ""),
    ],
)
def test_a_refused_form_says_where_and_keeps_what_was_typed(coordinator, ground, changed, field, words):
    answer = coordinator.post(url("register"), sheet(ground, **changed))
    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[field])
    assert 'value="Naw Seng"' in answer.content.decode()
    assert Sample.objects.count() == 0


def test_without_an_open_batch_the_form_says_what_to_do(coordinator, ground):
    services.close_batch(actor=ground.manager, batch=ground.batch)
    assert "Open a batch" in coordinator.get(url("register")).content.decode()


def test_the_whole_life_of_a_sample_by_pages(manager, register, ground):
    sample = register(0)
    there = url("sample", sample.pk)
    assert manager.post(url("add_number", sample.pk), {"kind": "LABORATORY", "number": "L-77"}).url == there
    assert manager.post(url("hold", sample.pk), {"kind": "RADIOLOGICAL", "reason": "1.2 µSv/h"}).url == there
    again = manager.post(url("hold", sample.pk), {"kind": "RADIOLOGICAL", "reason": "again"})
    assert again.status_code == 422
    assert "held for this already" in again.content.decode()
    hold = Hold.objects.get()
    assert manager.post(url("release", sample.pk, hold.pk), {"reason": ""}).status_code == 422
    assert manager.post(url("release", sample.pk, hold.pk), {"reason": "0.2 µSv/h"}).url == there
    form = manager.get(url("correct", sample.pk)).context["form"]
    typed = {name: form[name].value() or "" for name in form.fields} | {"mass_g": "2100", "reason": "tare"}
    typed["collected_at"] = "2026-11-03T14:20"
    assert manager.post(url("correct", sample.pk), typed).url == there
    sample.refresh_from_db()
    assert sample.mass_g == 2100
    assert manager.post(url("withdraw", sample.pk), {"reason": "bag burst"}).url == there
    text = manager.get(there).content.decode()
    for words in ("L-77", "1.2 µSv/h", "0.2 µSv/h", "tare", "bag burst", "Withdrawn"):
        assert words in text
    assert ExternalNumber.objects.get().number == "L-77"


def test_a_mine_a_batch_parties_and_tags_by_pages(manager, ground):
    made = manager.post(
        url("add_mine"),
        {
            "owner": ground.owner.pk,
            "name": "Chipwi East",
            "code": "CE-1",
            "latitude": "26.1",
            "longitude": "98.4",
            "controlling_body": "x",
            "deposit_type": "y",
            "due_diligence": "GREEN",
        },
    )
    mine = Mine.objects.get(code="CE-1")
    assert made.url == url("mine", mine.pk)
    assert manager.post(url("due_diligence", mine.pk), {"status": "RED"}).url == made.url
    assert manager.post(
        url("open_batch"), {"mine": mine.pk, "material_type": "HARD_ROCK", "campaign": "Dec"}
    ).url == url("batch", Batch.objects.latest("id").pk)
    batch = Batch.objects.latest("id")
    nfc = organisation("nfc")
    assert (
        manager.post(url("add_party", batch.pk), {"organisation": nfc.pk, "part": "TESTER"}).status_code
        == 302
    )
    assert (
        manager.post(url("add_party", batch.pk), {"organisation": nfc.pk, "part": "HOLDER"}).status_code
        == 422
    )
    party = batch.parties.get()
    assert manager.post(url("remove_party", batch.pk, party.pk)).status_code == 302
    assert manager.post(url("close_batch", batch.pk)).status_code == 302
    assert manager.post(url("close_batch", batch.pk)).status_code == 409
    assert manager.post(url("reopen_batch", batch.pk)).status_code == 302
    assert manager.post(url("issue_tags"), {"owner": ground.owner.pk, "count": 3}).status_code == 302
    assert manager.post(url("issue_tags"), {"owner": ground.owner.pk, "count": 0}).status_code == 422
    assert manager.post(url("tag_letters"), {"owner": ground.owner.pk, "prefix": "ZZ"}).status_code == 422
    assert Tag.objects.count() == 13
    rows = list(csv.reader(io.StringIO(manager.get(url("free_tags")).content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:3]] == [show_tag(code) for code in ground.tags[:2]]


def test_filters_narrow_the_list_and_its_export_alike(coordinator, register, ground):
    heavy, other = register(0, note="=1+1"), register(1, field_number="F-9")
    sample_services.withdraw_sample(actor=ground.manager, sample=other, reason="x")

    def tags(**query):
        page = coordinator.get(url("samples"), query)
        shown = [row.tag for row in page.context["rows"]]
        export = b"".join(coordinator.get(url("export"), query)).decode("utf-8-sig")
        assert [row["tag"] for row in csv.DictReader(io.StringIO(export))] == shown
        return shown

    first, second = show_tag(ground.tags[0]), show_tag(ground.tags[1])
    assert tags() == [second, first]
    assert tags(sort="tag") == [first, second]
    assert tags(state="WITHDRAWN") == [second]
    assert tags(text="f-9") == [second]
    assert tags(text=first.lower()) == [first]
    assert tags(batch=ground.batch.code.lower()) == [second, first]
    assert tags(batch="B99-0001") == []
    assert tags(mine="no uuid") == []
    assert tags(held="yes") == []
    today, yesterday = timezone.localdate(), timezone.localdate() - timedelta(days=1)
    assert tags(since=today.isoformat(), until=today.isoformat()) == [second, first]
    assert tags(until=yesterday.isoformat()) == []
    assert tags(since="soon") == [second, first]
    export = b"".join(coordinator.get(url("export"))).decode("utf-8-sig")
    assert "'=1+1" in export
    chips = coordinator.get(url("samples"), {"state": "WITHDRAWN", "text": "kc"}).context["chips"]
    assert [chip["label"] for chip in chips] == ["“kc”", "Withdrawn"]
    assert chips[0]["remove_url"] == "?state=WITHDRAWN"
    assert heavy.pk


def test_bags_registered_at_the_same_moment_all_come_on_some_page(coordinator, ground):
    tags = services.issue_tags(actor=ground.manager, owner=ground.owner, count=60)
    drafts = [Draft(tag=tag.code, mass_g=Decimal(1), collected_at=COLLECTED) for tag in tags]
    sample_services.register_samples(actor=ground.coordinator, batch=ground.batch, drafts=drafts)
    first = coordinator.get(url("samples")).context
    second = coordinator.get(url("samples"), {"cursor": first["page"].next}).context
    shown = [row.tag for row in [*first["rows"], *second["rows"]]]
    assert (len(first["rows"]), len(second["rows"])) == (50, 10)
    assert shown == sorted({show_tag(tag.code) for tag in tags}, reverse=True)


def test_a_scanned_tag_goes_straight_to_its_sample(coordinator, register, ground):
    sample = register(0, field_number="F-1")
    for text in (ground.tags[0], show_tag(ground.tags[0]).lower(), "f-1"):
        assert coordinator.get("/search/", {"q": text}).url == url("sample", sample.pk)
    assert coordinator.get("/search/", {"q": ground.batch.code}).url == url("batch", ground.batch.pk)
    assert coordinator.get("/search/", {"q": "pangwa north"}).url == url("mine", ground.mine.pk)


def test_pages_ask_the_database_as_often_for_three_rows_as_for_one(coordinator, register, ground):
    def asked(address):
        coordinator.get(address)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert coordinator.get(address).status_code == 200
        return len(caught)

    first = register(0, field_number="a")
    sample_services.set_hold(actor=ground.manager, sample=first, kind="CUSTODY", reason="x")
    addresses = [
        url("home"),
        url("samples"),
        url("batches"),
        url("batch", ground.batch.pk),
        url("mines"),
        url("mine", ground.mine.pk),
        url("tags"),
        f"/api/v1/samples/?batch={ground.batch.code}",
        "/api/v1/batches/",
    ]
    before = [asked(address) for address in addresses]
    for n in (1, 2):
        sample = register(n, field_number=str(n))
        sample_services.set_hold(actor=ground.manager, sample=sample, kind="CUSTODY", reason="x")
        mine = services.add_mine(
            actor=ground.manager,
            owner=ground.owner,
            code=f"X{n}",
            name=f"X{n}",
            latitude=ground.mine.latitude,
            longitude=ground.mine.longitude,
            controlling_body="x",
            deposit_type="y",
        )
        for at in (mine, ground.mine):
            services.open_batch(actor=ground.manager, mine=at, material_type="HARD_ROCK", campaign="x")
    assert [asked(address) for address in addresses] == before


def test_others_see_nothing_of_it(signed_in, register, person, ground):
    sample = register(0)
    client = signed_in(person("manager", "midwest"))
    for name, thing in (("sample", sample), ("batch", ground.batch), ("mine", ground.mine)):
        assert client.get(url(name, thing.pk)).status_code == 404
    assert client.post(url("withdraw", sample.pk), {"reason": "x"}).status_code == 404
    assert client.get(url("samples")).context["rows"] == []
    assert client.get("/search/", {"q": ground.tags[0]}).status_code == 200
