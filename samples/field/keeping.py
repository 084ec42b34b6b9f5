"""Verbs of the sync: the operation's row first, then what it does; conflicts, quarantine and refusals are kept too."""

import contextlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, Protocol
from uuid import UUID

from django.db import connection

from lims.accounts.models import User
from lims.errors import Problem
from lims.permits import permit
from lims.verbs import Actor, SystemActor, verb
from samples.field import permissions  # noqa: F401  # permissions register by name
from samples.field.acts import Act, Done, apply, made_by
from samples.field.clocks import tell_clock, tell_put_back
from samples.field.models import Device, Operation, Refusal
from samples.field.reading import Sent, kept_text
from samples.field.registry_acts import register_together
from samples.field.rules import AGAIN, Answer, OperationState

#: who keeps what a revoked device sends: nobody of ours vouches for it yet
KEEPER: Final = SystemActor("quarantine")
_HOLD: Final = f"SELECT revoked_at FROM {Device._meta.db_table} WHERE id = %s FOR NO KEY UPDATE"  # noqa: S608  # our own name
_COLUMNS: Final = (
    "id, device_id, sequence, kind, payload, signature, made_at, by_file, brought_by_id, state, code, message,"
    " result, settled_reason"
)


class Route(Protocol):
    """How operations came; see `syncing.Delivery`."""

    @property
    def device(self) -> Device: ...
    @property
    def offset(self) -> timedelta: ...
    @property
    def by_file(self) -> bool: ...
    @property
    def brought_by(self) -> User | None: ...


class Locked(Exception):
    """The device was revoked: what it sends goes into quarantine."""


@dataclass(frozen=True, slots=True)
class Answered:
    """What a device is told of one operation; `evidence` says that the operation itself could not be kept."""

    id: UUID | None
    sequence: int | None
    answer: Answer
    code: str = ""
    message: str = ""
    field: str | None = None
    what_to_do: str = ""
    result: dict[str, Any] | None = None
    evidence: bool = False

    @classmethod
    def of_problems(
        cls, pk: UUID | None, sequence: int | None, answer: Answer, problems: Sequence[Problem], **more: Any
    ) -> "Answered":
        """Return the answer that says what is wrong: the first problem's code and place, and the words of all."""
        first = problems[0]
        words = kept_text(" ".join(dict.fromkeys(problem.message for problem in problems)))[:1000]
        return cls(
            pk,
            sequence,
            answer,
            first.code[:80],
            words,
            first.place.field,
            kept_text(first.remedy)[:500],
            **more,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return the answer as it is sent."""
        return {
            "id": None if self.id is None else str(self.id),
            "sequence": self.sequence,
            "answer": str(self.answer),
            "code": self.code,
            "message": self.message,
            "field": self.field,
            "what_to_do": self.what_to_do,
            "result": self.result,
        }


@verb
def apply_operations(*, actor: Actor, delivery: Route, sents: Sequence[Sent]) -> list[Answered]:
    """Apply one operation, or registrations of one batch together; what came before is answered as it was then.

    Raises `Locked` when the device was revoked meanwhile, and whatever the verbs raise: then nothing is kept.
    """
    permit(actor, "field.use", delivery.device)
    _hold(delivery.device)
    fresh = _insert(delivery, sents, OperationState.APPLIED)
    acts = [
        Act(device=delivery.device, person=_person(actor), sent=sent, offset=delivery.offset)
        for sent in fresh
    ]
    if len(acts) > 1:
        done = Done(batch=register_together(acts))
    elif acts:
        done = apply(acts[0])
    else:
        done = Done()
    if done.result:
        Operation.objects.filter(pk=fresh[0].id).update(result=made_by(fresh[0]) | dict(done.result))
    tell_clock(delivery.device, delivery.offset, batch=done.batch, consignment=done.consignment)
    tell_put_back(delivery.device, fresh, batch=done.batch, consignment=done.consignment)
    return _answers(sents, fresh, Answer.APPLIED, done)


def _person(actor: Actor) -> User:
    assert isinstance(actor, User)
    return actor


def _hold(device: Device) -> None:
    """Lock the device: operations of one device are applied one after the other. Raises `Locked` if it was revoked."""
    with connection.cursor() as cursor:
        cursor.execute(_HOLD, [device.pk])
        (revoked_at,) = cursor.fetchone()
    if revoked_at is not None:
        raise Locked


def _insert(
    delivery: Route, sents: Sequence[Sent], state: OperationState, problem: Answered | None = None
) -> list[Sent]:
    """Insert the rows of operations that are not here yet, and return these operations in their order."""
    code, message = (problem.code, problem.message) if problem else ("", "")
    brought_by = delivery.brought_by.pk if delivery.brought_by else None
    rows = [
        (
            sent.id,
            sent.device,
            sent.sequence,
            sent.kind,
            sent.payload,
            sent.signature,
            sent.made_at,
            delivery.by_file,
            brought_by,
            state.value,
            code,
            message,
            json.dumps(made_by(sent)),
            "",
        )
        for sent in sents
    ]
    places = ", ".join([f"({', '.join(['%s'] * len(rows[0]))})"] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {Operation._meta.db_table} ({_COLUMNS}) VALUES {places}"  # noqa: S608  # our own names
            " ON CONFLICT DO NOTHING RETURNING id",
            [value for row in rows for value in row],
        )
        new = {row[0] for row in cursor.fetchall()}
    fresh = []
    for sent in sents:
        if sent.id in new:
            new.remove(sent.id)
            fresh.append(sent)
    return fresh


def _answers(sents: Sequence[Sent], fresh: Sequence[Sent], answer: Answer, done: Done) -> list[Answered]:
    """Return the answers in order: `answer` for what is new, the first answer for what was here."""
    known: dict[UUID, Operation] = {}
    if len(fresh) < len(sents):
        known = Operation.objects.in_bulk([sent.id for sent in sents])
    new = {id(sent) for sent in fresh}
    more = dict(done.result or {})
    return [
        Answered(sent.id, sent.sequence, answer, result=made_by(sent) | more)
        if id(sent) in new
        else again(sent, known.get(sent.id))
        for sent in sents
    ]


def again(sent: Sent, kept: Operation | None) -> Answered:
    """Return the answer to an operation that is here already; one that only looks like it is a conflict."""
    if kept is None:
        return _contradiction(sent, "sequence-used", "The phone sent something else with this number.")
    if kept.device_id != sent.device or kept.payload != sent.payload:
        return _contradiction(sent, "operation-id-used", "Something else was sent with this id.")
    answer = AGAIN[OperationState(kept.state)]
    return Answered(sent.id, sent.sequence, answer, kept.code, kept.message, result=kept.result)


def _contradiction(sent: Sent, code: str, message: str) -> Answered:
    problem = Problem(code, message, "Keep the phone as it is and tell an administrator.")
    return Answered.of_problems(sent.id, sent.sequence, Answer.CONFLICT, [problem], evidence=True)


@verb
def keep_conflict(*, actor: Actor, delivery: Route, sent: Sent, problems: Sequence[Problem]) -> Answered:
    """Keep an operation that contradicts the record, as evidence for a manager."""
    permit(actor, "field.use", delivery.device)
    told = Answered.of_problems(sent.id, sent.sequence, Answer.CONFLICT, problems)
    if _insert(delivery, [sent], OperationState.CONFLICT, told):
        return told
    return again(sent, Operation.objects.filter(pk=sent.id).first())


@verb
def keep_quarantined(*, actor: SystemActor, delivery: Route, sents: Sequence[Sent]) -> list[Answered]:  # noqa: ARG001  # the verb records who
    """Keep what a revoked device had not sent, until a manager has looked at it; nothing of it is applied."""
    with contextlib.suppress(Locked):
        _hold(delivery.device)
    fresh = _insert(delivery, sents, OperationState.QUARANTINED)
    return _answers(sents, fresh, Answer.QUARANTINED, Done())


def quarantine(*, delivery: Route, sents: Sequence[Sent]) -> list[Answered]:
    """Keep operations of a revoked device; nothing that they would have made is told."""
    return keep_quarantined(actor=KEEPER, delivery=delivery, sents=sents)


@verb
def keep_refusals(
    *,
    actor: SystemActor,  # noqa: ARG001  # the verb records who
    device: Device,
    refused: Iterable[tuple[UUID | None, str, Answered]],
) -> None:
    """Keep what was refused, each once for its reason: a phone sends it again and again until it is corrected."""
    for operation_id, payload, answer in refused:
        same = Refusal.objects.filter(
            device=device, operation_id=operation_id, code=answer.code, payload=kept_text(payload)
        )
        if not same.exists():
            Refusal.objects.create(
                operation_id=operation_id,
                device=device,
                payload=kept_text(payload),
                code=answer.code,
                message=answer.message,
            )
