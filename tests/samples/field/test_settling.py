"""What a manager decides on the records of a locked phone, and in whose name it then happens."""

from datetime import timedelta

import pytest

from lims.accounts.models import User
from lims.errors import DomainError, NotPermitted
from lims.ids import uuid7
from lims.ledger.models import Entry
from lims.transitions import pairs
from lims.verbs import SystemActor, acting
from samples.field.contacts import is_news
from samples.field.models import Device, Operation
from samples.field.rules import OPERATION_TRANSITIONS, OperationState
from samples.field.services import (
    discard_operation,
    enrol_device,
    note_contact,
    release_operation,
    revoke_device,
)
from samples.registry.models import Sample

pytestmark = pytest.mark.django_db


@pytest.fixture
def held(ground, phone):
    """Return a sample's registration in quarantine."""
    revoke_device(actor=ground.manager, device=phone.device, reason="Seized")
    phone.take(phone.registers(ground.batch, ground.tags[0]))
    return Operation.objects.get()


def test_a_released_record_is_its_makers_and_the_release_the_managers(ground, held):
    made = release_operation(actor=ground.manager, operation=held, reason="Bag is here")
    sample = Sample.objects.get()
    assert sample.registered_by == ground.coordinator
    assert (made.state, made.settled_by, made.result) == (
        "RELEASED",
        ground.manager,
        {"sample_id": str(sample.pk)},
    )
    entry = Entry.objects.filter(table_name="samples_operation", op="U").get()
    assert (entry.actor, entry.verb) == (f"user:{ground.manager.pk}", "release_operation")
    assert entry.after["payload"].startswith("sha256:")
    assert "U Ba" not in str(entry.after)


def test_for_whoever_has_left_the_manager_vouches(ground, held):
    with acting(SystemActor("tests"), verb_name="leave"):
        User.objects.filter(pk=ground.coordinator.pk).update(is_active=False)
    release_operation(actor=ground.manager, operation=held, reason="Bag is here")
    assert Sample.objects.get().registered_by == ground.manager


def test_a_refusal_changes_nothing(ground, held, register):
    register(0)
    with pytest.raises(DomainError) as refused:
        release_operation(actor=ground.manager, operation=held, reason="Bag is here")
    assert refused.value.problems[0].code == "tag-used"
    held.refresh_from_db()
    assert (held.state, held.settled_at) == ("QUARANTINED", None)
    discard_operation(actor=ground.manager, operation=held, reason="Registered on paper")
    held.refresh_from_db()
    assert held.state == "DISCARDED"


@pytest.mark.parametrize("who", ["coordinator", "stranger"])
def test_only_the_persons_managers_decide(ground, held, person, who):
    actor = ground.coordinator if who == "coordinator" else person("manager", "midwest")
    for verb in (release_operation, discard_operation):
        with pytest.raises(NotPermitted):
            verb(actor=actor, operation=held, reason="x")


@pytest.mark.parametrize("before", list(OperationState))
@pytest.mark.parametrize("verb", [release_operation, discard_operation])
def test_only_what_is_in_quarantine_is_decided_on(ground, held, before, verb):
    after = OperationState.RELEASED if verb is release_operation else OperationState.DISCARDED
    allowed = (str(before), str(after)) in pairs(OPERATION_TRANSITIONS)
    if before in {OperationState.RELEASED, OperationState.DISCARDED}:
        settle = release_operation if before == OperationState.RELEASED else discard_operation
        settle(actor=ground.manager, operation=held, reason="x")
    elif before != OperationState.QUARANTINED:
        fresh = Operation(
            id=uuid7(),
            device=held.device,
            sequence=99,
            kind=held.kind,
            payload=held.payload,
            signature=held.signature,
            made_at=held.made_at,
            state=before,
        )
        with acting(SystemActor("tests"), verb_name="make"):
            fresh.save(force_insert=True)
        held = fresh
    if allowed:
        assert verb(actor=ground.manager, operation=held, reason="y").state == after
        return
    with pytest.raises(DomainError) as refused:
        verb(actor=ground.manager, operation=held, reason="y")
    assert refused.value.problems[0].code == "transition-refused"


def test_a_device_is_revoked_once_and_by_those_who_may(ground, phone, person):
    colleague = person("field_coordinator", "irel", nick="colleague")
    with pytest.raises(NotPermitted):
        revoke_device(actor=colleague, device=phone.device, reason="x")
    with pytest.raises(NotPermitted):
        revoke_device(actor=person("manager", "midwest"), device=phone.device, reason="x")
    revoke_device(actor=person("administrator", "mines"), device=phone.device, reason="Seized")
    with pytest.raises(DomainError) as refused:
        revoke_device(actor=ground.coordinator, device=phone.device, reason="x")
    assert refused.value.problems[0].code == "device-revoked"


@pytest.mark.parametrize("key", ["", "x", "A" * 42, "A" * 44, "é" * 43])
def test_a_key_that_is_none_is_refused(ground, key):
    with pytest.raises(DomainError) as refused:
        enrol_device(actor=ground.coordinator, device_id=uuid7(), name="Pixel", public_key=key)
    assert refused.value.problems[0].code == "key-malformed"


def test_a_token_is_never_kept(ground, phone):
    entries = Entry.objects.filter(table_name="samples_device")
    assert phone.token not in str(list(entries.values("before", "after")))
    assert phone.token not in str(Device.objects.values())


@pytest.mark.parametrize(
    ("offset_s", "unsent", "version", "news"),
    [(0, 3, "1", False), (29, 3, "1", False), (31, 3, "1", True), (0, 0, "1", True), (0, 3, "2", True)],
)
def test_a_contact_is_written_down_when_it_is_news(ground, phone, offset_s, unsent, version, news):
    device = note_contact(
        actor=phone.person, device=phone.device, offset=timedelta(0), unsent=3, app_version="1"
    )
    told = is_news(device, offset=timedelta(seconds=offset_s), unsent=unsent, app_version=version)
    assert told is news


def test_a_clock_that_was_never_set_fits_its_column(ground, phone):
    device = note_contact(
        actor=phone.person, device=phone.device, offset=timedelta(days=-300_000), unsent=0, app_version="1"
    )
    assert device.clock_offset_s == -365 * 100 * 86_400
