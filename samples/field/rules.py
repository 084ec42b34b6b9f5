"""Words of the field application's sync: pure."""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Final

from samples.custody.checks import DEFAULT


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
#: what is answered when an operation that the server keeps comes again
AGAIN: Final[Mapping[OperationState, Answer]] = {
    OperationState.APPLIED: Answer.DUPLICATE,
    OperationState.RELEASED: Answer.DUPLICATE,
    OperationState.CONFLICT: Answer.CONFLICT,
    OperationState.QUARANTINED: Answer.QUARANTINED,
    OperationState.DISCARDED: Answer.QUARANTINED,
}
#: contradictions that time or a person may mend: the operation stays on its device and may come again
MAY_COME_AGAIN: Final = frozenset(
    {"batch-closed", "consignment-not-so", "photograph-awaited", "receipt-empty"}
)
#: so many operations and bytes at once; a file that is carried holds more
MOST_OPERATIONS: Final = 200
MOST_BYTES: Final = 1_000_000
MOST_IN_A_FILE: Final = 2_000
LARGEST_FILE: Final = 48 * 1024 * 1024
#: a phone's clock that is off by more is corrected, and somebody has to look (METHODS.md, 6)
CLOCK_TOLERANCE: Final = timedelta(seconds=int(DEFAULT.clock_s))
#: how often a device's last contact is written down
CONTACT_EVERY: Final = timedelta(seconds=60)
#: operation kind → what a person calls it
KIND_LABELS: Final[Mapping[str, str]] = {
    "register_sample": "Sample registered",
    "seal_sample": "Bag sealed",
    "start_consignment": "Consignment begun",
    "pack": "Bags packed",
    "unpack": "Bag taken out",
    "record_document": "Paper recorded",
    "record_dose_rate": "Dose rate measured",
    "dispatch": "Sent off",
    "hand_over": "Handed over",
    "record_event": "On the way",
    "receive_bag": "Bag received",
    "finish_receipt": "Receipt ended",
    "report_incident": "Incident reported",
    "open_bag": "Bag opened",
    "reseal_bag": "Bag sealed again",
    "report_lost": "Bag lost",
    "replace_tag": "Tag replaced",
    "record_scale_check": "Scale checked",
    "add_photograph": "Photograph",
    "split_consignment": "Consignment split",
}


def corrected_by(offset: timedelta) -> timedelta:
    """Return by how much a device's times are corrected: nothing while its clock is within five minutes.

    >>> corrected_by(timedelta(minutes=5)), corrected_by(timedelta(minutes=5, seconds=1))
    (datetime.timedelta(0), datetime.timedelta(seconds=301))
    """
    return offset if abs(offset) > CLOCK_TOLERANCE else timedelta(0)
