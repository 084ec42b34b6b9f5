"""Verbs of devices: enrolled, seen, revoked; and what a manager decides on what a revoked one had not sent."""

import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Final
from uuid import UUID

from django.utils import timezone

from lims.accounts.models import User
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.field import permissions  # noqa: F401  # permissions register by name
from samples.field.acts import Act, apply, made_by
from samples.field.contacts import known_offset
from samples.field.envelopes import is_signing_key
from samples.field.models import Device, Operation
from samples.field.queries import digest
from samples.field.reading import Sent, parsed
from samples.field.rules import OPERATION_TRANSITIONS, OperationState
from samples.registry.arguments import bounded, person_of, said

#: beyond this a clock is not set at all; the number still fits its column
_FARTHEST: Final = timedelta(days=365 * 100)


@verb
def enrol_device(
    *, actor: Actor, device_id: UUID, name: str, public_key: str, app_version: str = ""
) -> tuple[Device, str]:
    """Let a device in, or let it in again after its login ran out; return it with its token, which is shown once.

    Raises `Invalid` ("key-malformed", "field-required", …) or `Conflict` ("device-known", "device-revoked").
    """
    permit(actor, "field.use")
    person = person_of(actor)
    if not is_signing_key(public_key) or person is None:
        raise invalid(
            "key-malformed",
            "This is no Ed25519 public key.",
            "Send its 32 bytes in base64url.",
            field="public_key",
        )
    given = {
        "name": said(name, field="name", most=100),
        "app_version": bounded(app_version, field="app_version", most=40),
    }
    token = secrets.token_urlsafe(32)
    known = Device.objects.select_for_update(no_key=True).filter(pk=device_id).first()
    if known is None:
        made = Device(pk=device_id, person=person, public_key=public_key, token_digest=digest(token), **given)
        made.last_seen_at = timezone.now()
        made.save(force_insert=True)
        return made, token
    _check_same(known, person, public_key)
    known.token_digest, known.last_seen_at = digest(token), timezone.now()
    known.name, known.app_version = given["name"], given["app_version"]
    known.save(update_fields=["token_digest", "last_seen_at", "name", "app_version"])
    return known, token


def _check_same(known: Device, person: User, public_key: str) -> None:
    if known.person_id != person.pk or known.public_key != public_key:
        raise conflict(
            "device-known",
            "This device was enrolled by somebody else, or with another key.",
            "Set the phone up anew: its unsent records can be carried as a file first.",
            field="id",
        )
    if known.revoked_at is not None:
        raise conflict(
            "device-revoked",
            "This device was locked.",
            "Its unsent records are still taken; set the phone up anew to work with it.",
            field="id",
        )


@verb
def note_contact(
    *, actor: Actor, device: Device, offset: timedelta, unsent: int | None, app_version: str
) -> Device:
    """Write down that a device was here, what waits on it, and by how much its clock is off."""
    permit(actor, "field.use", device)
    held = Device.objects.select_for_update(no_key=True).get(pk=device.pk)
    last = held.operations.order_by("-sequence").values_list("sequence", flat=True).first()
    held.last_seen_at, held.app_version, held.last_sequence = timezone.now(), app_version, last or 0
    held.unsent = unsent
    seconds = max(-_FARTHEST, min(_FARTHEST, offset)).total_seconds()
    held.clock_offset_s = Decimal(seconds).quantize(Decimal("0.1"))
    held.save(update_fields=["last_seen_at", "app_version", "last_sequence", "unsent", "clock_offset_s"])
    return held


@verb
def revoke_device(*, actor: Actor, device: Device, reason: str) -> Device:
    """Lock a device at its next contact, with a reason; what it has not sent is taken into quarantine.

    Raises `Conflict` ("device-revoked").
    """
    permit(actor, "field.revoke", device)
    why = said(reason, field="reason", most=500)
    held = (
        Device.objects.select_for_update(of=("self",), no_key=True).select_related("person").get(pk=device.pk)
    )
    if held.revoked_at is not None:
        raise conflict("device-revoked", "This device is locked already.", "There is nothing to do.")
    held.revoked_at, held.revoked_by, held.revoked_reason = timezone.now(), person_of(actor), why
    held.save(update_fields=["revoked_at", "revoked_by", "revoked_reason"])
    return held


@verb
def release_operation(*, actor: Actor, operation: Operation, reason: str) -> Operation:
    """Apply what a revoked device had not sent, in the name of its person, with a manager's reason.

    Raises `Conflict` ("transition-refused") and whatever the operation itself is refused for: then nothing changes.
    """
    permit(actor, "field.settle", operation)
    why = said(reason, field="reason", most=500)
    held = _locked(operation)
    check_transition(OPERATION_TRANSITIONS, OperationState(held.state), OperationState.RELEASED)
    sent, person = _sent(held), _vouching(actor, held)
    act = Act(device=held.device, person=person, sent=sent, offset=known_offset(held.device))
    done = apply(act)
    held.result = made_by(sent) | dict(done.result or {})
    return _settled(held, OperationState.RELEASED, actor, why)


@verb
def discard_operation(*, actor: Actor, operation: Operation, reason: str) -> Operation:
    """Leave what a revoked device had not sent, for good, with a manager's reason. Raises `Conflict` ("transition-refused")."""
    permit(actor, "field.settle", operation)
    why = said(reason, field="reason", most=500)
    held = _locked(operation)
    check_transition(OPERATION_TRANSITIONS, OperationState(held.state), OperationState.DISCARDED)
    return _settled(held, OperationState.DISCARDED, actor, why)


def _locked(operation: Operation) -> Operation:
    rows = Operation.objects.select_for_update(of=("self",), no_key=True).select_related("device__person")
    return rows.get(pk=operation.pk)


def _vouching(actor: Actor, operation: Operation) -> User:
    """Return in whose name a released operation is applied: whoever made it; the manager if they have left."""
    maker, manager = operation.device.person, person_of(actor)
    if maker.is_active and maker.roles:
        return maker
    assert manager is not None  # parts of the system release nothing
    return manager


def _sent(operation: Operation) -> Sent:
    return Sent(
        id=operation.pk,
        device=operation.device_id,
        sequence=operation.sequence,
        kind=operation.kind,
        made_at=operation.made_at,
        body=parsed(operation.payload)["body"],
        payload=operation.payload,
        signature=operation.signature,
    )


def _settled(operation: Operation, state: OperationState, actor: Actor, why: str) -> Operation:
    operation.state = state
    operation.settled_at, operation.settled_by, operation.settled_reason = (
        timezone.now(),
        person_of(actor),
        why,
    )
    operation.save(update_fields=["state", "result", "settled_at", "settled_by", "settled_reason"])
    return operation
