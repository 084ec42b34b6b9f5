"""What a phone sends is applied once, and answered so that it knows what to do."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from lims.accounts.models import User
from lims.ids import uuid7
from lims.verbs import SystemActor, acting
from samples.custody.models import Consignment, CustodyEvent, Incident, Seal
from samples.custody.services import pack
from samples.field.models import Operation, Refusal
from samples.field.services import revoke_device
from samples.registry.models import Sample
from samples.registry.services import close_batch, issue_tags, reopen_batch
from tests.samples.custody.conftest import LEFT, complete
from tests.samples.field.phones import COLLECTED, body_of
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


def answers(told):
    return [(one["answer"], one["code"]) for one in told]


def test_a_sample_is_registered_in_the_name_of_the_phones_person(ground, phone):
    sent = phone.registers(ground.batch, ground.tags[0])
    (told,) = phone.take(sent)
    body = body_of(sent)
    assert (told["answer"], told["result"]) == ("applied", {"sample_id": body["sample_id"]})
    sample = Sample.objects.get()
    assert str(sample.pk) == body["sample_id"]
    assert (sample.registered_by, sample.mass_g, sample.site) == (ground.coordinator, Decimal(2150), "Pit 1")
    assert sample.collected_at == datetime(2026, 11, 3, 8, 50, tzinfo=UTC)
    kept = Operation.objects.get()
    assert (kept.payload, kept.signature) == (sent["payload"], sent["signature"])
    assert (kept.state, kept.sequence, kept.by_file) == ("APPLIED", 1, False)


def test_what_comes_again_is_a_duplicate_with_the_first_result(ground, phone):
    sent = phone.registers(ground.batch, ground.tags[0])
    first = phone.take(sent)[0]
    again = phone.take(sent, sent)
    assert [one["answer"] for one in again] == ["duplicate", "duplicate"]
    assert {one["result"]["sample_id"] for one in again} == {first["result"]["sample_id"]}
    assert (Sample.objects.count(), Operation.objects.count()) == (1, 1)


def test_each_stands_for_itself(ground, phone):
    good = [phone.registers(ground.batch, tag) for tag in ground.tags[:3]]
    bad = phone.registers(ground.batch, "KC-000123-A")
    heavy = phone.registers(ground.batch, ground.tags[3], mass_g="250000")
    last = phone.registers(ground.batch, ground.tags[4])
    told = phone.take(*good, bad, heavy, last)
    assert answers(told) == [
        ("applied", ""),
        ("applied", ""),
        ("applied", ""),
        ("rejected", "tag-check-character"),
        ("rejected", "mass-too-large"),
        ("applied", ""),
    ]
    assert told[4]["field"] == "mass_g"
    assert told[4]["what_to_do"]
    assert Sample.objects.count() == 4
    assert Operation.objects.filter(state="APPLIED").count() == 4
    assert set(Refusal.objects.values_list("code", flat=True)) == {"tag-check-character", "mass-too-large"}


def test_a_corrected_record_comes_as_a_new_operation(ground, phone):
    bad = phone.registers(ground.batch, ground.tags[0], mass_g="-1")
    assert answers(phone.take(bad)) == [("rejected", "mass-not-positive")]
    body = body_of(bad) | {"mass_g": "2150"}
    good = phone.op("register_sample", body, replaces=json.loads(bad["payload"])["id"])
    assert answers(phone.take(good)) == [("applied", "")]
    assert str(Sample.objects.get().pk) == body["sample_id"]


def test_a_refusal_is_kept_once_for_its_reason(ground, phone):
    bad = phone.registers(ground.batch, ground.tags[0], mass_g="0")
    for _ in range(3):
        phone.take(bad)
    assert Refusal.objects.count() == 1


def test_two_phones_claim_one_tag(ground, phone, phone_of):
    other = phone_of(ground.manager)
    assert answers(phone.take(phone.registers(ground.batch, ground.tags[0]))) == [("applied", "")]
    claim = other.registers(ground.batch, ground.tags[0])
    (told,) = other.take(claim)
    assert (told["answer"], told["code"], told["field"]) == ("conflict", "tag-used", "tag")
    kept = Operation.objects.get(device=other.id)
    assert (kept.state, kept.code) == ("CONFLICT", "tag-used")
    assert answers(other.take(claim)) == [("conflict", "tag-used")]
    assert Sample.objects.count() == 1


def test_what_time_may_mend_stays_on_the_phone(ground, phone):
    sent = phone.registers(ground.batch, ground.tags[0])
    close_batch(actor=ground.manager, batch=ground.batch)
    assert answers(phone.take(sent)) == [("rejected", "batch-closed")]
    reopen_batch(actor=ground.manager, batch=ground.batch)
    assert answers(phone.take(sent)) == [("applied", "")]


def test_gaps_are_no_error_and_a_used_number_is_a_conflict(ground, phone):
    sent = phone.registers(ground.batch, ground.tags[0])
    phone.sequence = 40
    far = phone.registers(ground.batch, ground.tags[1])
    assert answers(phone.take(sent, far)) == [("applied", ""), ("applied", "")]
    phone.sequence = 40
    same = phone.registers(ground.batch, ground.tags[2])
    assert answers(phone.take(same)) == [("conflict", "sequence-used")]
    assert Refusal.objects.get().code == "sequence-used"
    assert Sample.objects.count() == 2


def test_an_id_that_was_used_for_something_else_is_a_conflict(ground, phone, phone_of):
    sent = phone.registers(ground.batch, ground.tags[0])
    phone.take(sent)
    known = json.loads(sent["payload"])["id"]
    other = phone_of(ground.manager)
    stolen = other.op("report_lost", {"event_id": str(uuid7())}, id=known)
    told = other.take(stolen)
    assert answers(told) == [("conflict", "operation-id-used")]
    assert told[0]["result"] is None


def test_a_wrong_signature_is_refused_and_kept(ground, phone, phone_of):
    sent = phone.registers(ground.batch, ground.tags[0])
    altered = {**sent, "payload": sent["payload"].replace("2150", "2151")}
    by_another = phone_of(ground.manager).sign(sent["payload"])
    told = phone.take(altered, {**sent, "signature": by_another}, {**sent, "signature": ""})
    assert answers(told) == [("rejected", "signature-wrong")] * 3
    assert not Sample.objects.exists()
    assert answers(phone.take(sent)) == [("applied", "")]


def test_another_phones_record_is_refused(ground, phone, phone_of):
    other = phone_of(ground.manager)
    sent = phone.op("report_lost", {"event_id": str(uuid7())}, device=str(other.id))
    assert answers(phone.take(sent)) == [("rejected", "device-another")]


def test_operations_are_applied_in_their_order(ground, phone):
    registered = phone.registers(ground.batch, ground.tags[0])
    sealed = phone.op(
        "seal_sample",
        {
            "event_id": str(uuid7()),
            "sample": body_of(registered)["sample_id"],
            "maker": "Acme",
            "number": "A-1",
            "mass_g": "2151.5",
            "here": {"at": COLLECTED, "place": "Pangwa"},
        },
    )
    assert answers(phone.take(sealed, registered)) == [("applied", ""), ("applied", "")]
    event = CustodyEvent.objects.get()
    assert str(event.pk) == body_of(sealed)["event_id"]
    assert (event.gross_mass_g, event.device, event.place) == (Decimal("2151.5"), phone.id, "Pangwa")
    assert event.device_at is None
    assert str(Seal.objects.get()) == "Acme A-1"


def test_what_refers_to_something_that_is_not_here_waits(ground, phone):
    lost = phone.op(
        "report_lost", {"event_id": str(uuid7()), "sample": str(uuid7()), "here": {"at": COLLECTED}}
    )
    (told,) = phone.take(lost)
    assert (told["answer"], told["code"], told["field"]) == ("rejected", "awaits-earlier", "sample")
    assert not Operation.objects.exists()


def test_unknown_kinds_and_fields_are_refused(ground, phone):
    kind = phone.op("levitate", {})
    field = phone.registers(ground.batch, ground.tags[0], colour="red")
    place = phone.registers(ground.batch, ground.tags[0], here={"at": COLLECTED, "altitude": 3})
    assert answers(phone.take(kind, field, place)) == [
        ("rejected", "kind-unknown"),
        ("rejected", "field-unknown"),
        ("rejected", "field-unknown"),
    ]


def test_a_clock_two_days_wrong_is_corrected_and_said_once(ground, phone):
    ahead = timedelta(days=2)
    happened = datetime.now(UTC) - timedelta(hours=1)
    here = {"at": (happened + ahead).isoformat()}
    sents = [phone.registers(ground.batch, tag, here=here) for tag in ground.tags[:3]]
    assert answers(phone.take(*sents, offset=ahead)) == [("applied", "")] * 3
    phone.take(phone.registers(ground.batch, ground.tags[3], here=here), offset=ahead)
    assert {sample.collected_at for sample in Sample.objects.all()} == {happened}
    incident = Incident.objects.get()
    assert (incident.kind, incident.batch, incident.blocking) == ("CLOCK", ground.batch, False)
    assert incident.facts == {"device": str(phone.id), "offset_s": 172800}


def test_an_event_keeps_the_phones_own_time_when_it_was_corrected(ground, phone, register):
    behind = timedelta(hours=-3)
    at = datetime.now(UTC) - timedelta(hours=4)
    body = {"event_id": str(uuid7()), "sample": str(register(0).pk), "here": {"at": at.isoformat()}}
    assert answers(phone.take(phone.op("report_lost", body), offset=behind)) == [("applied", "")]
    event = CustodyEvent.objects.get()
    assert (event.at, event.device_at) == (at - behind, at)


def test_a_consignment_packed_offline_has_its_code_told(ground, phone, sealed):
    bags, consignment_id = [sealed(n) for n in range(2)], str(uuid7())
    begun = phone.op(
        "start_consignment",
        {
            "consignment_id": consignment_id,
            "owner": str(ground.owner.pk),
            "carrier": str(organisation("hillroad").pk),
            "destination": str(organisation("nfc").pk),
        },
    )
    packed = phone.op("pack", {"consignment": consignment_id, "samples": [str(bag.pk) for bag in bags]})
    out = phone.op("unpack", {"consignment": consignment_id, "sample": str(bags[0].pk)})
    told = phone.take(begun, packed, out)
    assert answers(told) == [("applied", "")] * 3
    made = Consignment.objects.get()
    assert told[0]["result"] == {"consignment_id": consignment_id, "code": made.code}
    assert phone.take(begun)[0]["result"] == told[0]["result"]
    assert [item.sample_id for item in made.items.all()] == [bags[1].pk]


def test_a_dispatch_that_lacks_papers_may_come_again(ground, phone, packing, sealed):
    pack(actor=ground.coordinator, consignment=packing, samples=[sealed(0)])
    sent = phone.op("dispatch", {"consignment": str(packing.pk), "here": {"at": LEFT.isoformat()}})
    assert phone.take(sent)[0]["answer"] == "rejected"
    complete(ground, packing)
    assert answers(phone.take(sent)) == [("applied", "")]


def test_a_locked_phones_records_go_into_quarantine(ground, phone):
    sents = [phone.registers(ground.batch, tag) for tag in ground.tags[:2]]
    revoke_device(actor=ground.manager, device=phone.device, reason="Seized at the checkpoint")
    assert answers(phone.take(*sents)) == [("quarantined", "")] * 2
    assert not Sample.objects.exists()
    assert answers(phone.take(*sents)) == [("quarantined", "")] * 2
    assert Operation.objects.filter(state="QUARANTINED").count() == 2


def test_what_was_applied_before_the_lock_is_a_duplicate_after_it(ground, phone):
    sent = phone.registers(ground.batch, ground.tags[0])
    phone.take(sent)
    revoke_device(actor=ground.manager, device=phone.device, reason="Lost")
    assert answers(phone.take(sent)) == [("duplicate", "")]


def test_somebody_who_left_has_records_in_quarantine(ground, phone):
    with acting(SystemActor("tests"), verb_name="leave"):
        User.objects.filter(pk=ground.coordinator.pk).update(is_active=False)
    assert answers(phone.take(phone.registers(ground.batch, ground.tags[0]))) == [("quarantined", "")]


def test_another_owners_batch_is_not_known(person, ground, phone_of):
    stranger = phone_of(person("manager", "midwest"))
    sent = stranger.registers(ground.batch, ground.tags[0])
    assert answers(stranger.take(sent)) == [("rejected", "batch-unknown")]


def test_a_carrier_registers_nothing(ground, phone_of, custodian, on_road):
    phone = phone_of(custodian)
    sent = phone.registers(ground.batch, ground.tags[5])
    assert answers(phone.take(sent)) == [("rejected", "not-permitted")]


def test_a_sample_id_that_is_taken_is_a_conflict(ground, phone):
    first = phone.registers(ground.batch, ground.tags[0])
    second = phone.registers(ground.batch, ground.tags[1], sample_id=body_of(first)["sample_id"])
    assert answers(phone.take(first, second)) == [("applied", ""), ("conflict", "id-used")]


@pytest.mark.parametrize("count", [1, 20])
def test_registering_takes_as_many_queries_for_one_as_for_many(
    ground, phone, django_assert_max_num_queries, count
):
    tags = issue_tags(actor=ground.manager, owner=ground.owner, count=count)
    sents = [phone.registers(ground.batch, tag.code) for tag in tags]
    with django_assert_max_num_queries(24):
        assert answers(phone.take(*sents)) == [("applied", "")] * count
