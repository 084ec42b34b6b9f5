"""Outboxes that were carried: only this server opens them, only their phone made them, and whatever else is refused."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lims.errors import DomainError, Invalid
from samples.field.carrying import carry, open_file
from samples.field.envelopes import OUTBOX, SECRET, decoded, encoded, opened, seal, signed_by
from samples.field.keys import opening_key, server_key
from samples.field.models import Operation, OutboxFile
from samples.field.services import revoke_device
from samples.registry.models import Sample
from tests.samples.field.phones import Phone
from tests.samples.field.test_uploads import PICTURE

pytestmark = pytest.mark.django_db


def code_of(act):
    with pytest.raises(DomainError) as refused:
        act()
    return refused.value.problems[0].code


def test_an_envelope_opens_with_its_key_and_use_only():
    envelope = seal(server_key(), SECRET, b"4711")
    assert opened(opening_key(), SECRET, envelope) == b"4711"
    other = generate_private_key(SECP256R1())
    assert code_of(lambda: opened(other, SECRET, envelope)) == "envelope-unreadable"
    assert code_of(lambda: opened(opening_key(), OUTBOX, envelope)) == "envelope-unreadable"


@pytest.mark.parametrize("part", ["ephemeral", "nonce", "ciphertext"])
@pytest.mark.parametrize("value", ["", "x", "AAAA", "é", None, 7, "A" * 87, "-_" * 60])
def test_an_envelope_with_a_wrong_part_is_refused(part, value):
    envelope = seal(server_key(), SECRET, b"4711") | {part: value}
    assert code_of(lambda: opened(opening_key(), SECRET, envelope)) == "envelope-unreadable"


def test_a_point_that_is_on_no_curve_is_refused():
    point = bytearray(decoded(server_key(), field="x"))
    point[-1] ^= 1
    envelope = seal(server_key(), SECRET, b"4711") | {"ephemeral": encoded(bytes(point))}
    assert code_of(lambda: opened(opening_key(), SECRET, envelope)) == "envelope-unreadable"


def test_a_key_of_another_kind_is_named(settings, tmp_path):
    settings.FIELD_KEY_FILE = tmp_path / "nothing"
    assert code_of(server_key) == "field-key-unusable"
    settings.FIELD_KEY_FILE = tmp_path / "text"
    settings.FIELD_KEY_FILE.write_text("no key")
    assert code_of(server_key) == "field-key-unusable"


def test_a_signature_is_that_of_the_key_and_the_text(phone):
    assert signed_by(phone.public_key, phone.sign("one"), b"one")
    assert not signed_by(phone.public_key, phone.sign("one"), b"two")
    for wrong in ("", "x", None, 7, "A" * 86, "é" * 86, phone.sign("one") + "A"):
        assert not signed_by(phone.public_key, wrong, b"one")


def test_an_outbox_is_applied_as_if_it_had_synced(ground, phone, custodian):
    sents = [phone.registers(ground.batch, tag) for tag in ground.tags[:3]]
    carried = carry(phone.outbox(*sents), by=custodian)
    assert carried.counts() == {"applied": 3, "duplicate": 0, "conflict": 0, "rejected": 0, "quarantined": 0}
    assert {sample.registered_by for sample in Sample.objects.all()} == {ground.coordinator}
    assert set(Operation.objects.values_list("by_file", "brought_by")) == {(True, custodian.pk)}
    kept = OutboxFile.objects.get()
    assert (kept.operations, kept.device_id, kept.uploaded_by) == (3, phone.id, custodian)
    assert carry(phone.outbox(*sents), by=custodian).counts()["duplicate"] == 3
    assert [one["answer"] for one in phone.take(*sents)] == ["duplicate"] * 3


def test_an_outbox_of_a_locked_phone_goes_into_quarantine(ground, phone, custodian):
    sent = phone.registers(ground.batch, ground.tags[0])
    revoke_device(actor=ground.manager, device=phone.device, reason="Seized")
    assert carry(phone.outbox(sent), by=custodian).counts()["quarantined"] == 1
    assert not Sample.objects.exists()


def test_an_outbox_made_by_a_clock_in_the_future_is_corrected(ground, phone, custodian):
    ahead = datetime.now(UTC) + timedelta(days=2)
    sent = phone.registers(ground.batch, ground.tags[0], here={"at": ahead.isoformat()})
    carried = carry(phone.outbox(sent, made_at=ahead.isoformat()), by=custodian)
    assert carried.counts()["applied"] == 1
    assert abs(Sample.objects.get().collected_at - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_file_that_another_phone_signed_is_refused(ground, phone, phone_of):
    other = phone_of(ground.manager)
    file = json.loads(phone.outbox())
    stolen = json.dumps(file | {"device": str(other.id)}).encode()
    assert code_of(lambda: open_file(stolen)) == "signature-wrong"
    inside = phone.outbox(device=str(other.id))
    assert code_of(lambda: open_file(inside)) == "outbox-unreadable"


def test_a_file_for_another_server_is_refused(phone, monkeypatch):
    theirs = generate_private_key(SECP256R1()).public_key()
    point = encoded(theirs.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint))
    monkeypatch.setattr("samples.field.keys.server_key", lambda: point)
    file = phone.outbox()
    assert code_of(lambda: open_file(file)) == "envelope-unreadable"


def test_an_altered_file_is_refused(phone):
    file = json.loads(phone.outbox())
    text = file["ciphertext"]
    file["ciphertext"] = ("A" if text[0] != "A" else "B") + text[1:]
    assert code_of(lambda: open_file(json.dumps(file).encode())) == "signature-wrong"


def test_a_phone_that_is_not_known_is_named(ground):
    stranger = Phone(ground.coordinator, enrol=False)
    assert code_of(lambda: open_file(stranger.outbox())) == "device-unknown"


@pytest.mark.parametrize(
    "content", [b"", b"x", b"{}", b"[]", b"null", b"\xff\xfe", b'{"format": "lims-outbox-1"}', b"[" * 100_000]
)
def test_what_is_no_outbox_is_refused(content):
    with pytest.raises(Invalid):
        open_file(content)


@pytest.mark.parametrize(
    "changed",
    [
        {"operations": 7},
        {"operations": None},
        {"operations": {}},
        {"made_at": "yesterday"},
        {"operations": [{}] * 2001},
    ],
)
def test_what_is_inside_is_checked(phone, changed):
    with pytest.raises(Invalid):
        open_file(phone.outbox(**changed))


def test_photographs_that_are_none_are_left_out(phone, custodian):
    pictures = [{"base64": "é"}, {"base64": 7}, 7, {}, {"sha256": "x", "base64": "AAAA"}]
    assert carry(phone.outbox(photographs=[]), by=custodian).photographs == 0
    assert len(open_file(phone.outbox(pictures=pictures)).photographs) == 1
    assert carry(phone.outbox(photographs=[PICTURE, PICTURE]), by=custodian).photographs == 2


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    changed=st.dictionaries(
        st.sampled_from(["format", "device", "ephemeral", "nonce", "ciphertext", "signature", "more"]),
        st.one_of(st.none(), st.integers(), st.text(max_size=90), st.lists(st.integers(), max_size=3)),
        min_size=1,
        max_size=4,
    )
)
def test_any_file_is_read_or_refused(phone, changed):
    file = json.dumps(json.loads(phone.outbox()) | changed).encode()
    try:
        open_file(file)
    except Invalid as error:
        assert error.problems[0].code
    else:
        assert set(changed) == {"more"}
