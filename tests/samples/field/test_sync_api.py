"""Sync over HTTP, as the application does it: enrolled, sent, answered, locked."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from lims.accounts.services import issue_token
from lims.verbs import SystemActor, acting
from samples.custody.models import Incident
from samples.field.models import Device, Operation, OutboxFile
from samples.field.services import revoke_device
from samples.registry.models import Photograph, Sample
from tests.samples.field.phones import Phone, body_of
from tests.samples.field.test_uploads import PICTURE, SHA256, shows

pytestmark = pytest.mark.django_db
SYNC = "/api/v1/field/sync/"
DEVICES = "/api/v1/field/devices/"


def post(phone, *operations, token=None, **changed):
    """Send a sync as the application does; return the answer of HTTP."""
    body = {
        "sent_at": datetime.now(UTC).isoformat(),
        "app_version": "1",
        "unsent": len(operations),
        "cursor": "",
        "operations": list(operations),
    } | changed
    headers = {"Authorization": f"Device {token or phone.token}"}
    return Client().post(SYNC, json.dumps(body), content_type="application/json", headers=headers)


def long_ago(phone, **ago):
    """Let a phone have been here last that long ago."""
    with acting(SystemActor("tests"), verb_name="wait"):
        Device.objects.filter(pk=phone.id).update(last_seen_at=timezone.now() - timedelta(**ago))


def test_a_phone_is_enrolled_and_told_what_it_needs(ground, signed_in):
    browser = signed_in(ground.coordinator)
    welcome = browser.get(DEVICES).json()
    assert welcome["person"] == {"id": str(ground.coordinator.pk), "name": ground.coordinator.name}
    assert len(welcome["csrf_token"]) == 64
    phone = Phone(ground.coordinator, enrol=False)
    body = {"id": str(phone.id), "name": "Pixel", "public_key": phone.public_key, "app_version": "1.0"}
    answer = browser.post(DEVICES, json.dumps(body), content_type="application/json")
    assert answer.status_code == 201, answer.content
    told = answer.json()
    assert told["offline_days"] == 14
    assert told["organisations"][0]["roles"] == ["FIELD_COORDINATOR"]
    assert len(told["server_key"]) == 87
    again = post(phone, phone.registers(ground.batch, ground.tags[0]), token=told["token"])
    assert again.json()["answers"][0]["answer"] == "applied"
    assert told["token"] not in str(Device.objects.values().get())


def test_enrolling_needs_the_csrf_token(ground):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ground.coordinator, backend="allauth.account.auth_backends.AuthenticationBackend")
    token = browser.get(DEVICES).json()["csrf_token"]
    phone = Phone(ground.coordinator, enrol=False)
    body = json.dumps({"id": str(phone.id), "name": "Pixel", "public_key": phone.public_key})
    assert browser.post(DEVICES, body, content_type="application/json").status_code == 403
    told = browser.post(DEVICES, body, content_type="application/json", headers={"X-CSRFToken": token})
    assert told.status_code == 201


def test_a_token_enrols_no_phone_and_its_answer_is_not_kept(ground, signed_in):
    _, secret = issue_token(actor=ground.coordinator, user=ground.coordinator, days=1)
    phone = Phone(ground.coordinator, enrol=False)
    body = json.dumps({"id": str(phone.id), "name": "Pixel", "public_key": phone.public_key})
    told = Client().post(
        DEVICES, body, content_type="application/json", headers={"Authorization": f"Token {secret}"}
    )
    assert (told.status_code, told.json()["code"]) == (403, "device-by-token")
    keyed = signed_in(ground.coordinator).post(
        DEVICES, body, content_type="application/json", headers={"Idempotency-Key": "once"}
    )
    assert (keyed.status_code, keyed.json()["code"]) == (422, "idempotency-key-refused")
    assert not Device.objects.exists()


def test_the_same_phone_renews_its_login_and_nobody_else_does(ground, phone, signed_in):
    body = {"id": str(phone.id), "name": "Pixel", "public_key": phone.public_key}
    told = signed_in(ground.coordinator).post(DEVICES, json.dumps(body), content_type="application/json")
    assert told.status_code == 201
    assert post(phone).status_code == 401
    assert post(phone, token=told.json()["token"]).status_code == 200
    other = Phone(ground.manager, enrol=False)
    for who, key in ((ground.manager, phone.public_key), (ground.coordinator, other.public_key)):
        stolen = json.dumps(body | {"public_key": key})
        refused = signed_in(who).post(DEVICES, stolen, content_type="application/json")
        assert (refused.status_code, refused.json()["code"]) == (409, "device-known")


def test_a_locked_phone_is_not_enrolled_again(ground, phone, signed_in):
    revoke_device(actor=ground.manager, device=phone.device, reason="Lost")
    body = json.dumps({"id": str(phone.id), "name": "Pixel", "public_key": phone.public_key})
    refused = signed_in(ground.coordinator).post(DEVICES, body, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (409, "device-revoked")


def test_without_a_token_that_we_know_nobody_syncs(ground, phone):
    for token in ("", "x", phone.token + "x", phone.token[:-1], "\u00e9"):
        told = Client().post(
            SYNC, "{}", content_type="application/json", headers={"Authorization": f"Device {token}"}
        )
        assert (told.status_code, told.json()["code"]) == (401, "device-unknown")
    assert Client().post(SYNC, "{}", content_type="application/json").status_code == 401


def test_a_person_without_a_phone_does_not_sync(ground, signed_in):
    told = signed_in(ground.coordinator).post(SYNC, "{}", content_type="application/json")
    assert (told.status_code, told.json()["code"]) == (422, "device-missing")


def test_after_fourteen_days_without_contact_one_signs_in_again(ground, phone, settings):
    long_ago(phone, days=13, hours=23)
    assert post(phone).status_code == 200
    long_ago(phone, days=14, minutes=1)
    told = post(phone)
    assert (told.status_code, told.json()["code"]) == (401, "device-login-expired")
    settings.FIELD_OFFLINE_DAYS = 15
    assert post(phone).status_code == 200


def test_a_sync_answers_in_the_order_in_which_it_was_asked(ground, phone):
    first, second = (phone.registers(ground.batch, tag) for tag in ground.tags[:2])
    told = post(phone, second, {"payload": 7}, first).json()
    assert [one["answer"] for one in told["answers"]] == ["applied", "rejected", "applied"]
    assert [one["sequence"] for one in told["answers"]] == [2, None, 1]
    assert (told["device"], told["full"]) == ("active", True)
    assert {one["tag"] for one in told["changes"]["samples"]} == set(ground.tags[:2])
    device = Device.objects.get()
    assert (device.unsent, device.last_sequence) == (None, 0)
    device = Device.objects.get()
    assert device.last_seen_at is not None


def test_the_last_contact_is_written_down(ground, phone):
    long_ago(phone, minutes=2)
    post(phone, phone.registers(ground.batch, ground.tags[0]), unsent=7)
    device = Device.objects.get()
    assert (device.unsent, device.last_sequence) == (7, 1)
    assert abs(device.clock_offset_s) < 5
    assert timezone.now() - device.last_seen_at < timedelta(minutes=1)


def test_a_clock_that_is_wrong_is_seen_at_the_sync(ground, phone):
    ahead = timedelta(hours=49)
    now = datetime.now(UTC)
    sent = phone.registers(ground.batch, ground.tags[0], here={"at": (now + ahead).isoformat()})
    told = post(phone, sent, sent_at=(now + ahead).isoformat()).json()
    assert told["answers"][0]["answer"] == "applied"
    assert abs(Sample.objects.get().collected_at - now) < timedelta(minutes=1)
    facts = Incident.objects.get().facts
    assert abs(facts["offset_s"] - 49 * 3600) < 60
    assert abs(Device.objects.get().clock_offset_s - 49 * 3600) < 60


@pytest.mark.parametrize(
    ("off", "incidents"), [(timedelta(minutes=4, seconds=50), 0), (timedelta(minutes=5, seconds=10), 1)]
)
def test_five_minutes_are_borne(ground, phone, off, incidents):
    sent = phone.registers(ground.batch, ground.tags[0])
    post(phone, sent, sent_at=(datetime.now(UTC) - off).isoformat())
    assert Incident.objects.count() == incidents


def test_a_locked_phone_is_told_so_and_learns_nothing(ground, phone):
    sent = phone.registers(ground.batch, ground.tags[0])
    revoke_device(actor=ground.manager, device=phone.device, reason="Seized")
    told = post(phone, sent).json()
    assert (told["device"], told["changes"], told["cursor"]) == ("revoked", {}, "")
    assert told["answers"][0]["answer"] == "quarantined"
    assert Operation.objects.get().state == "QUARANTINED"
    long_ago(phone, days=90)
    assert post(phone).json()["device"] == "revoked"


def test_whose_person_has_no_role_any_more_is_locked_too(ground, phone):
    with acting(SystemActor("tests"), verb_name="leave"):
        ground.coordinator.memberships.all().delete()
    told = post(phone, phone.registers(ground.batch, ground.tags[0])).json()
    assert told["device"] == "revoked"
    assert not Sample.objects.exists()


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"operations": [{}] * 201}, 422),
        ({"operations": "all"}, 422),
        ({"operations": {"a": 1}}, 422),
        ({"sent_at": "yesterday"}, 422),
        ({"sent_at": None}, 422),
        ({"unsent": "many"}, 422),
        ({"cursor": "x" * 300}, 422),
        ({"cursor": "nonsense"}, 200),
        ({"cursor": None}, 200),
        ({"surprise": 1}, 422),
        ({"sent_at": "0001-01-01T00:00:00Z"}, 422),
        ({"sent_at": "1970-01-01T00:00:05Z"}, 200),
        ({"sent_at": "9999-12-31T23:59:59Z"}, 422),
        ({"operations": [{"payload": "x" * 1_000_001}]}, 413),
    ],
)
def test_what_is_around_the_operations_is_checked(phone, changed, status):
    assert post(phone, **changed).status_code == status


def test_photographs_come_in_parts_and_are_taken_up(ground, phone):
    headers = {"Authorization": f"Device {phone.token}"}
    address = f"/api/v1/field/photographs/{SHA256}/"
    size = len(PICTURE)

    def put(first, last, content=PICTURE, at=address):
        part = headers | {"Content-Range": f"bytes {first}-{last - 1}/{size}"}
        return Client().put(at, content[first:last], content_type="application/octet-stream", headers=part)

    assert Client().get(address + "status/", headers=headers).json() == {
        "received": 0,
        "size": None,
        "finished": False,
    }
    assert put(0, 100).json() == {"received": 100, "size": size, "finished": False}
    wrong = put(200, 300)
    assert wrong.status_code == 409
    assert (wrong.json()["code"], wrong.json()["received"], wrong.json()["finished"]) == (
        "part-not-next",
        100,
        False,
    )
    assert wrong["Content-Type"] == "application/problem+json"
    assert put(100, size).json() == {"received": size, "size": size, "finished": True}
    assert Client().head(address + "status/", headers=headers).status_code == 200
    altered = f"/api/v1/field/photographs/{'0' * 64}/"
    assert put(0, size, at=altered).json()["code"] == "photograph-altered"
    registered = phone.registers(ground.batch, ground.tags[0])
    told = post(phone, registered, shows(phone, body_of(registered)["sample_id"])).json()
    assert [one["answer"] for one in told["answers"]] == ["applied", "applied"]
    assert Photograph.objects.get().sha256 == hashlib.sha256(PICTURE).hexdigest()


def test_a_carried_outbox_has_the_same_answers(ground, phone, custodian, signed_in):
    sent = phone.registers(ground.batch, ground.tags[0])
    shown = shows(phone, body_of(sent)["sample_id"])
    wrong = phone.registers(ground.batch, ground.tags[1], mass_g="0")
    content = phone.outbox(sent, shown, wrong, photographs=[PICTURE])

    def carried(who=None):
        file = {"file": SimpleUploadedFile("outbox.lims", content)}
        headers = {} if who else {"Authorization": f"Device {phone.token}"}
        client = signed_in(who) if who else Client()
        return client.post("/api/v1/field/outbox-files/", file, headers=headers).json()

    told = carried(custodian)
    assert [one["answer"] for one in told["answers"]] == ["applied", "applied", "rejected"]
    assert (told["answers"][2]["code"], told["answers"][2]["message"]) == ("mass-not-positive", "")
    assert told["photographs"] == 1
    own = carried()
    assert [one["answer"] for one in own["answers"]] == ["duplicate", "duplicate", "rejected"]
    assert own["answers"][2]["message"] == "The mass is 0.000 g."
    assert own["answers"][0]["result"] == {"sample_id": body_of(sent)["sample_id"]}
    assert post(phone, sent).json()["answers"][0]["answer"] == "duplicate"
    kept = Operation.objects.get(sequence=1)
    assert (kept.by_file, kept.brought_by) == (True, custodian)
    assert Sample.objects.get().registered_by == ground.coordinator
    assert OutboxFile.objects.count() == 2


def test_managers_release_and_discard_over_the_api(ground, phone, signed_in):
    sents = [phone.registers(ground.batch, tag) for tag in ground.tags[:2]]
    revoke_device(actor=ground.manager, device=phone.device, reason="Seized")
    post(phone, *sents)
    manager = signed_in(ground.manager)
    listed = manager.get("/api/v1/field/operations/?state=QUARANTINED").json()["results"]
    assert len(listed) == 2
    for one, act in zip(listed, ("release", "discard"), strict=True):
        address = f"/api/v1/field/operations/{one['id']}/{act}/"
        told = manager.post(address, json.dumps({"reason": "Bag seen"}), content_type="application/json")
        assert told.status_code == 200, told.content
    assert sorted(Operation.objects.values_list("state", flat=True)) == ["DISCARDED", "RELEASED"]
    assert Sample.objects.count() == 1


def test_somebody_elses_phone_is_not_there(ground, phone, signed_in, person):
    stranger = signed_in(person("manager", "midwest"))
    assert stranger.get(f"{DEVICES}{phone.id}/").status_code == 404
    assert stranger.get(f"{DEVICES}all/").json()["results"] == []
    assert [one["id"] for one in signed_in(ground.manager).get(f"{DEVICES}all/").json()["results"]] == [
        str(phone.id)
    ]
    body = json.dumps({"reason": "Mine"})
    assert (
        stranger.post(f"{DEVICES}{phone.id}/revoke/", body, content_type="application/json").status_code
        == 404
    )
    told = signed_in(ground.manager).post(
        f"{DEVICES}{phone.id}/revoke/", body, content_type="application/json"
    )
    assert told.json()["revoked_reason"] == "Mine"


def test_a_token_is_no_other_scheme(ground, phone):
    headers = {"Authorization": f"Token {phone.token}"}
    assert Client().post(SYNC, "{}", content_type="application/json", headers=headers).status_code == 401


def test_a_phone_that_calls_too_often_waits(phone, settings):
    rates = settings.REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] | {"device": "2/min"}
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}
    told = [post(phone).status_code for _ in range(5)]  # a minute may end in between, but not two
    assert told[:2] == [200, 200]
    assert 429 in told
