"""What a device sent, applied exactly once however often and by however many routes it comes, and the answers to it.

Each operation is a transaction of its own: its row first, then the verb. Whoever sends the same at once waits for the
device's row, then finds the operation and answers what was answered first. Samples registered one after the other go
together, and by halves when one of them is refused.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError

from lims.accounts.models import User
from lims.errors import Conflict, DomainError, Problem
from samples.field import custody_acts, registry_acts, road_acts  # noqa: F401  # kinds register by name
from samples.field.keeping import (
    KEEPER,
    Answered,
    Locked,
    apply_operations,
    keep_conflict,
    keep_refusals,
    quarantine,
)
from samples.field.models import Device
from samples.field.reading import Sent, Unread, read
from samples.field.registry_acts import REGISTER
from samples.field.rules import MAY_COME_AGAIN, Answer

log = structlog.get_logger(__name__)
_TRIES: Final = 3
#: PostgreSQL's word for two who wait for each other; one of them tries again
_DEADLOCK: Final = "40P01"


@dataclass(frozen=True, slots=True)
class Delivery:
    """How operations came: from which device, by how much its clock is off, by whom and by which route."""

    device: Device
    offset: timedelta = timedelta(0)
    by_file: bool = False
    brought_by: User | None = None

    @property
    def person(self) -> User:
        """Return in whose name the operations are applied: the person whose device it is."""
        return self.device.person


@dataclass(slots=True)
class _Answers:
    """The answers so far, by the place at which each operation was sent, and what was refused."""

    given: dict[int, Answered] = field(default_factory=dict)
    refused: list[tuple[UUID | None, str, Answered]] = field(default_factory=list)

    def refuse(self, place: int, payload: str, answer: Answered) -> None:
        self.given[place] = answer
        self.refused.append((answer.id, payload, answer))


def take(delivery: Delivery, items: Sequence[Any]) -> list[dict[str, Any]]:
    """Apply what a device sent ({payload, signature} each), by its sequence, and return the answers as they were sent."""
    device, answers = delivery.device, _Answers()
    sents: list[tuple[int, Sent]] = []
    for place, item in enumerate(items):
        told = read(item, device=device.pk, public_key=device.public_key)
        if isinstance(told, Sent):
            sents.append((place, told))
        else:
            answers.refuse(place, told.payload, _unread(told))
    for run in _runs(sorted(sents, key=lambda one: one[1].sequence)):
        _apply(delivery, run, answers)
    if answers.refused:
        keep_refusals(actor=KEEPER, device=device, refused=answers.refused)
    return [answers.given[place].as_dict() for place in range(len(items))]


def _unread(told: Unread) -> Answered:
    return Answered.of_problems(told.id, told.sequence, Answer.REJECTED, [told.problem])


def _runs(sents: Sequence[tuple[int, Sent]]) -> Iterator[list[tuple[int, Sent]]]:
    """Yield what is applied together: registrations of one batch that follow each other, all else by itself."""
    run: list[tuple[int, Sent]] = []
    for one in sents:
        if run and not (_together(run[-1][1]) and _together(run[-1][1]) == _together(one[1])):
            yield run
            run = []
        run.append(one)
    if run:
        yield run


def _together(sent: Sent) -> str:
    """Return the batch with whose registrations this one goes; "" for what goes by itself."""
    batch = sent.body.get("batch")
    plain = sent.kind == REGISTER and not sent.body.get("blind") and isinstance(batch, str)
    return str(batch) if plain else ""


def _apply(delivery: Delivery, run: list[tuple[int, Sent]], answers: _Answers) -> None:
    """Apply a run, all or none; what is refused is split until each operation stands for itself."""
    device = delivery.device
    sents = [sent for _, sent in run]
    try:
        if device.revoked_at is not None or not delivery.person.is_active:
            raise Locked
        done = _insisted(delivery, sents)
    except Locked:
        done = quarantine(delivery=delivery, sents=sents)
    except (OperationalError, InterfaceError):
        raise  # the database itself is in trouble: nothing of what the device sent, so it shall come again
    except Exception as error:  # noqa: BLE001  # one record that nobody foresaw must not hold up all others
        if len(run) > 1:
            for half in (run[: len(run) // 2], run[len(run) // 2 :]):
                _apply(delivery, half, answers)
            return
        _refuse(delivery, run[0], error, answers)
        return
    for (place, sent), answer in zip(run, done, strict=True):
        if answer.evidence:
            answers.refuse(place, sent.payload, answer)
        else:
            answers.given[place] = answer


def _insisted(delivery: Delivery, sents: Sequence[Sent]) -> list[Answered]:
    """Apply; two who wait for each other try again."""
    for left in reversed(range(_TRIES)):
        try:
            return apply_operations(actor=delivery.person, delivery=delivery, sents=sents)
        except OperationalError as error:
            if not left or getattr(error.__cause__, "sqlstate", "") != _DEADLOCK:
                raise
    raise AssertionError  # the last try returned or raised


def _refuse(delivery: Delivery, one: tuple[int, Sent], error: Exception, answers: _Answers) -> None:
    """Answer an operation that was refused: a conflict is kept on the server, all else stays on the device."""
    place, sent = one
    problems = list(error.problems) if isinstance(error, DomainError) else [_unforeseen(sent, error)]
    if isinstance(error, Conflict) and not _may_come_again(sent.kind, problems):
        answers.given[place] = keep_conflict(
            actor=delivery.person, delivery=delivery, sent=sent, problems=problems
        )
        return
    answers.refuse(
        place, sent.payload, Answered.of_problems(sent.id, sent.sequence, Answer.REJECTED, problems)
    )


def _may_come_again(kind: str, problems: Sequence[Problem]) -> bool:
    """Return whether time or a person may mend what stands against an operation: dispatch has a checklist."""
    return kind == "dispatch" or any(problem.code in MAY_COME_AGAIN for problem in problems)


def _unforeseen(sent: Sent, error: Exception) -> Problem:
    """Return what a device is told of what no check of ours had seen; the log has the whole of it."""
    log.error("operation-unforeseen", operation=str(sent.id), kind=sent.kind, exc_info=error)
    return Problem(
        "not-understood",
        "The server could not apply this record.",
        "It stays on the phone: send it again later, and tell an administrator.",
    )
