"""Whatever a device sends, it is answered: no crash, nothing half done, and the next record is taken as if nothing was."""

import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from lims.ids import uuid7
from samples.field.acts import KINDS
from samples.field.models import Operation
from samples.field.rules import Answer
from tests.samples.custody.conftest import LEFT
from tests.samples.field.phones import COLLECTED
from tests.samples.registry.test_anything_sent import JSON, TEXT

pytestmark = pytest.mark.django_db
WIDE = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
SYNC = "/api/v1/field/sync/"
ANSWERS = {str(answer) for answer in Answer}


def undone(call: Any) -> Any:
    """Return what a call returns after taking back what it did."""
    with transaction.atomic():
        told = call()
        transaction.set_rollback(True)
    return told


def well(told: list[dict[str, Any]], count: int) -> None:
    """Every operation has its answer, and none of them is the one for what we had not foreseen."""
    assert len(told) == count
    assert {one["answer"] for one in told} <= ANSWERS
    assert "not-understood" not in {one["code"] for one in told}
    json.dumps(told).encode()


def fitting(ground: Any, consignment: Any) -> dict[str, Any]:
    """Return for each field of a body something that fits."""
    sample = str(consignment.items.order_by("pk")[0].sample_id)
    made = (
        "sample_id",
        "event_id",
        "consignment_id",
        "incident_id",
        "replacement_id",
        "check_id",
        "photograph_id",
    )
    here = {"at": LEFT.isoformat(), "latitude": "26.1", "longitude": "98.3", "accuracy_m": "5"}
    return {name: str(uuid7()) for name in made} | {
        "batch": str(ground.batch.pk),
        "tag": ground.tags[7],
        "mass_g": "2150",
        "site": "Pit 1",
        "depth_m": "1.5",
        "note": "x",
        "field_number": "F-1",
        "collector": "U Ba",
        "here": here,
        "blind": {"kind": "BLANK", "material": "Quartz"},
        "scale": str(uuid7()),
        "sample": sample,
        "samples": [sample],
        "maker": "Acme",
        "number": "Z-9",
        "owner": str(ground.owner.pk),
        "carrier": str(consignment.carrier_id),
        "destination": str(consignment.destination_id),
        "route": str(uuid7()),
        "planned_arrival": LEFT.isoformat(),
        "consignment": str(consignment.pk),
        "kind": "CHECKPOINT",
        "reference": "17",
        "document": str(uuid7()),
        "instrument": "RadEye",
        "surface_usv_h": "0.3",
        "at_1m_usv_h": "0.1",
        "to_person": str(ground.manager.pk),
        "to_name": "U Ba",
        "to_document": "NRC 1",
        "seals": [["Acme", "A-0"]],
        "condition": "INTACT",
        "confirmation": {"how": "PIN", "sealed": {"ephemeral": "", "nonce": "", "ciphertext": ""}},
        "drying_loss_g": "3",
        "detail": "wet",
        "new_tag": ground.tags[8],
        "reason": "torn",
        "witnesses": [{"name": "A", "document": "1"}, {"name": "B", "document": "2"}],
        "nominal_g": "1000",
        "read_g": "1000.1",
        "at": LEFT.isoformat(),
        "sha256": "0" * 64,
        "of": {"sample": sample},
        "taken_at": COLLECTED,
    }


#: kind → what its body names
FIELDS = {
    "register_sample": "sample_id batch tag mass_g site depth_m note field_number collector here scale blind",
    "seal_sample": "event_id sample maker number mass_g scale here",
    "start_consignment": "consignment_id owner carrier destination route planned_arrival",
    "pack": "consignment samples",
    "unpack": "consignment sample",
    "record_document": "consignment kind reference document",
    "record_dose_rate": "consignment instrument surface_usv_h at_1m_usv_h",
    "dispatch": "consignment here",
    "hand_over": "event_id consignment to_person to_name to_document mass_g scale seals condition confirmation here",
    "record_event": "event_id consignment kind here",
    "receive_bag": "event_id consignment tag mass_g seals condition scale drying_loss_g here",
    "finish_receipt": "consignment here",
    "report_incident": "incident_id kind detail sample consignment",
    "open_bag": "event_id sample here",
    "reseal_bag": "event_id sample maker number mass_g scale here",
    "report_lost": "event_id sample here",
    "replace_tag": "replacement_id sample new_tag reason witnesses photograph_id here",
    "record_scale_check": "check_id scale nominal_g read_g at",
    "add_photograph": "photograph_id sha256 of taken_at",
    "split_consignment": "consignment_id consignment samples here",
}
HERE = ["at", "latitude", "longitude", "accuracy_m", "place", "note"]


def test_every_kind_is_there():
    assert set(FIELDS) == set(KINDS)


@WIDE
@given(data=st.data(), kind=st.sampled_from(sorted(FIELDS)))
def test_any_body_is_answered(ground: Any, phone: Any, on_road: Any, data: Any, kind: str) -> None:
    names = FIELDS[kind].split()
    good = fitting(ground, on_road)
    body = {name: good[name] for name in names if data.draw(st.integers(0, 4)) != 0}
    body |= data.draw(st.dictionaries(st.sampled_from(names), JSON, max_size=2))
    if isinstance(body.get("here"), dict):
        body["here"] = body["here"] | data.draw(st.dictionaries(st.sampled_from(HERE), JSON, max_size=1))
    # JavaScript sends what JSON has: no NaN, and halves of characters as escapes.
    payload = json.dumps(
        {
            "id": str(uuid7()),
            "device": str(phone.id),
            "sequence": 1,
            "kind": kind,
            "made_at": COLLECTED,
            "body": body,
        }
    )
    sent = {"payload": payload, "signature": phone.sign(payload)}
    well(undone(lambda: phone.take(sent)), 1)


@WIDE
@given(
    changed=st.dictionaries(
        st.sampled_from(["id", "device", "sequence", "kind", "made_at", "body", "replaces", "surprise"]),
        JSON,
        max_size=3,
    )
)
@example(changed={"sequence": 2**63})
@example(changed={"sequence": 10**400})
@example(changed={"sequence": True})
@example(changed={"kind": "\x00"})
@example(changed={"kind": "x" * 5000})
@example(changed={"body": {"\ud800": 1}})
@example(changed={"made_at": "9999-12-31T23:59:59-14:00"})
def test_any_payload_is_answered(ground: Any, phone: Any, changed: dict[str, Any]) -> None:
    told = json.loads(phone.registers(ground.batch, ground.tags[0])["payload"]) | changed
    payload = json.dumps(told)
    sent = {"payload": payload, "signature": phone.sign(payload)}
    well(undone(lambda: phone.take(sent)), 1)


@WIDE
@given(items=st.lists(JSON | st.fixed_dictionaries({"payload": JSON, "signature": JSON}), max_size=4))
@example(items=[{"payload": "\ud800", "signature": "\ud800"}])
@example(items=[{"payload": "[" * 60_000, "signature": ""}])
@example(items=[{"payload": '{"a":' * 20_000, "signature": ""}])
@example(items=[{"payload": "1" * 6_000, "signature": ""}])
@example(items=[{"payload": "x" * 70_000, "signature": ""}])
@example(items=[{"payload": "NaN", "signature": ""}, None, 7, "x", []])
def test_any_list_of_operations_is_answered(ground: Any, phone: Any, items: list[Any]) -> None:
    good = phone.registers(ground.batch, ground.tags[0])
    told = undone(lambda: phone.take(*items, good))
    well(told, len(items) + 1)
    assert told[-1]["answer"] == "applied"


@WIDE
@given(text=TEXT)
def test_any_signed_text_is_answered(phone: Any, text: str) -> None:
    signable = text.encode("utf-8", "replace").decode()
    well(undone(lambda: phone.take({"payload": text, "signature": phone.sign(signable)})), 1)


@WIDE
@given(
    body=st.dictionaries(
        st.sampled_from(["sent_at", "app_version", "unsent", "cursor", "operations", "surprise"]),
        JSON,
        max_size=6,
    )
)
@example(body={"sent_at": COLLECTED, "cursor": "1.1.1.1.0123456789abcdef", "operations": []})
@example(body={"sent_at": COLLECTED, "cursor": "1.999999999999999999.9.9.0123456789abcdef"})
@example(body={"sent_at": COLLECTED, "unsent": 1e300})
@example(body={"sent_at": COLLECTED, "app_version": "\x00"})
def test_any_request_is_answered(phone: Any, body: dict[str, Any]) -> None:
    client = Client(raise_request_exception=False)
    headers = {"Authorization": f"Device {phone.token}"}
    content = json.dumps({"sent_at": COLLECTED} | body)
    answer = undone(lambda: client.post(SYNC, content, content_type="application/json", headers=headers))
    assert answer.status_code in {200, 400, 422}, (body, answer.content[:300])


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"7",
        b"null",
        b"{",
        b"\xff",
        b"[" * 100_000,
        b'{"sent_at": NaN}',
        b'{"operations": [' + b"1," * 999,
    ],
)
def test_any_bytes_are_answered(phone: Any, content: bytes) -> None:
    headers = {"Authorization": f"Device {phone.token}"}
    answer = Client(raise_request_exception=False).post(
        SYNC, content, content_type="application/json", headers=headers
    )
    assert answer.status_code in {400, 422}, answer.content[:300]


@WIDE
@given(header=TEXT, content=st.binary(max_size=40), sha256=st.sampled_from(["0" * 64, "x", "0" * 63 + "G"]))
def test_any_part_of_a_photograph_is_answered(phone: Any, header: str, content: bytes, sha256: str) -> None:
    plain = "".join(sign for sign in header if " " <= sign <= "~")
    headers = {"Authorization": f"Device {phone.token}", "Content-Range": plain}
    answer = Client(raise_request_exception=False).put(
        f"/api/v1/field/photographs/{sha256}/",
        content,
        content_type="application/octet-stream",
        headers=headers,
    )
    assert answer.status_code == 422


def test_a_poisoned_record_does_not_hold_up_the_others(ground: Any, phone: Any, monkeypatch: Any) -> None:
    """One that breaks our own code stays on the phone and is logged; all others go on."""
    from samples.field import acts  # noqa: PLC0415

    def broken(_act: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setitem(acts.KINDS, "pack", broken)
    sents = [
        phone.registers(ground.batch, ground.tags[0]),
        phone.op("pack", {}),
        phone.registers(ground.batch, ground.tags[1]),
    ]
    told = phone.take(*sents)
    assert [(one["answer"], one["code"]) for one in told] == [
        ("applied", ""),
        ("rejected", "not-understood"),
        ("applied", ""),
    ]
    assert Operation.objects.count() == 2
