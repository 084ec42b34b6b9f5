"""Operations as a person reads them on a page: what was done, in a few words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from lims.errors import DomainError
from samples.field.models import Operation
from samples.field.reading import parsed
from samples.field.rules import KIND_LABELS, OperationState
from samples.registry.rules import show_tag

TONES: Final[Mapping[OperationState, str]] = {
    OperationState.APPLIED: "good",
    OperationState.CONFLICT: "bad",
    OperationState.QUARANTINED: "warn",
    OperationState.RELEASED: "good",
    OperationState.DISCARDED: "neutral",
}
#: what of a body names the thing for a person, and its unit
_TELLING: Final = (
    ("new_tag", ""),
    ("number", ""),
    ("mass_g", " g"),
    ("site", ""),
    ("to_name", ""),
    ("reference", ""),
    ("condition", ""),
    ("detail", ""),
    ("reason", ""),
)


@dataclass(frozen=True, slots=True)
class SeenOperation:
    """An operation with its name, what it is about, and how its state is shown."""

    record: Operation
    label: str
    about: str
    tone: str


def seen_operation(operation: Operation) -> SeenOperation:
    """Return an operation as it is shown to those who may see its device."""
    return SeenOperation(
        operation,
        KIND_LABELS.get(operation.kind, operation.kind.replace("_", " ").capitalize()),
        _about(operation.payload),
        TONES[OperationState(operation.state)],
    )


def _about(payload: str) -> str:
    try:
        body = parsed(payload)["body"]
    except (DomainError, KeyError, TypeError):
        return ""
    if not isinstance(body, Mapping):
        return ""
    words = [show_tag(body["tag"].upper())] if isinstance(body.get("tag"), str) else []
    words += [f"{value}{unit}" for name, unit in _TELLING if (value := _plain(body.get(name)))]
    return ", ".join(words)[:200]


def _plain(value: Any) -> str:
    return str(value)[:80] if isinstance(value, str | int) and not isinstance(value, bool) else ""
