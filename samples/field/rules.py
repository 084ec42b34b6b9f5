"""Words of the field application's sync: pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class OperationState(StrEnum):
    """What became of an operation that the server keeps."""

    APPLIED = "APPLIED"
    CONFLICT = "CONFLICT"
    QUARANTINED = "QUARANTINED"
    RELEASED = "RELEASED"
    DISCARDED = "DISCARDED"


class Answer(StrEnum):
    """What a device is told of an operation."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    REJECTED = "rejected"
    QUARANTINED = "quarantined"


OPERATION_TRANSITIONS: Final[Mapping[OperationState, frozenset[OperationState]]] = {
    OperationState.APPLIED: frozenset(),
    OperationState.CONFLICT: frozenset(),
    # A manager looks at what a revoked device had not sent: it is applied after all, or not.
    OperationState.QUARANTINED: frozenset({OperationState.RELEASED, OperationState.DISCARDED}),
    OperationState.RELEASED: frozenset(),
    OperationState.DISCARDED: frozenset(),
}
OPERATION_LABELS: Final[Mapping[OperationState, str]] = {
    OperationState.APPLIED: "Applied",
    OperationState.CONFLICT: "Conflict",
    OperationState.QUARANTINED: "In quarantine",
    OperationState.RELEASED: "Released",
    OperationState.DISCARDED: "Discarded",
}
