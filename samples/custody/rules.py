"""Words of custody: states as data, kinds of event and incident, limits. Pure."""

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from typing import Final


class SealState(StrEnum):
    """A seal is applied once and removed once, or found broken; it is never used again."""

    APPLIED = "APPLIED"
    REMOVED = "REMOVED"
    BROKEN = "BROKEN"


class ConsignmentState(StrEnum):
    """Where bags that travel together are; a partial receipt is a state, not an error."""

    PACKING = "PACKING"
    DISPATCHED = "DISPATCHED"
    PARTLY_RECEIVED = "PARTLY_RECEIVED"
    RECEIVED = "RECEIVED"
    CANCELLED = "CANCELLED"


class ItemState(StrEnum):
    """What became of a bag of a consignment."""

    PACKED = "PACKED"
    RECEIVED = "RECEIVED"
    MISSING = "MISSING"
    UNEXPECTED = "UNEXPECTED"
    MOVED = "MOVED"


class EventKind(StrEnum):
    """What happened to bags."""

    SEALED = "SEALED"
    HANDED_OVER = "HANDED_OVER"
    DEPARTED = "DEPARTED"
    CHECKPOINT = "CHECKPOINT"
    BORDER_CROSSED = "BORDER_CROSSED"
    ARRIVED = "ARRIVED"
    OPENED = "OPENED"
    RECEIVED = "RECEIVED"
    SPLIT = "SPLIT"
    STORED = "STORED"
    RETURNED = "RETURNED"
    DISPOSED = "DISPOSED"
    LOST = "LOST"


class IncidentKind(StrEnum):
    """What a person must explain."""

    SEAL_MISMATCH = "SEAL_MISMATCH"
    SEAL_BROKEN = "SEAL_BROKEN"
    SEAL_REUSED = "SEAL_REUSED"
    MASS_OUT_OF_TOLERANCE = "MASS_OUT_OF_TOLERANCE"
    CUSTODY_GAP = "CUSTODY_GAP"
    OVERDUE_LEG = "OVERDUE_LEG"
    IMPOSSIBLE_TRAVEL = "IMPOSSIBLE_TRAVEL"
    OFF_ROUTE = "OFF_ROUTE"
    CLOCK = "CLOCK"
    TWO_CLAIMS = "TWO_CLAIMS"
    OPENED_OUTSIDE = "OPENED_OUTSIDE"
    UNEXPECTED_BAG = "UNEXPECTED_BAG"
    TAG_REPLACED = "TAG_REPLACED"
    DEVIATION = "DEVIATION"
    LOST = "LOST"


class IncidentState(StrEnum):
    """Whether an incident waits for an explanation, for a decision on it, or is over."""

    OPEN = "OPEN"
    EXPLAINED = "EXPLAINED"
    CLEARED = "CLEARED"
    UPHELD = "UPHELD"


class Condition(StrEnum):
    """How a bag was found."""

    INTACT = "INTACT"
    DAMAGED = "DAMAGED"
    OPENED = "OPENED"


class Mode(StrEnum):
    """How a leg is travelled."""

    ROAD = "road"
    RAIL = "rail"
    AIR = "air"


class ConfirmedHow(StrEnum):
    """How the one who takes over says so."""

    PIN = "PIN"
    QR = "QR"
    SIGNATURE = "SIGNATURE"


class DocumentKind(StrEnum):
    """Papers that a consignment needs before it leaves."""

    EXPORT_PAPER = "EXPORT_PAPER"
    PLANT_QUARANTINE = "PLANT_QUARANTINE"
    RADIOLOGICAL_SURVEY = "RADIOLOGICAL_SURVEY"
    DUE_DILIGENCE = "DUE_DILIGENCE"


SEAL_TRANSITIONS: Final[Mapping[SealState, frozenset[SealState]]] = {
    SealState.APPLIED: frozenset({SealState.REMOVED, SealState.BROKEN}),
    SealState.REMOVED: frozenset(),
    SealState.BROKEN: frozenset(),
}
CONSIGNMENT_TRANSITIONS: Final[Mapping[ConsignmentState, frozenset[ConsignmentState]]] = {
    ConsignmentState.PACKING: frozenset({ConsignmentState.DISPATCHED, ConsignmentState.CANCELLED}),
    ConsignmentState.DISPATCHED: frozenset({ConsignmentState.PARTLY_RECEIVED, ConsignmentState.RECEIVED}),
    ConsignmentState.PARTLY_RECEIVED: frozenset({ConsignmentState.RECEIVED}),
    ConsignmentState.RECEIVED: frozenset(),
    ConsignmentState.CANCELLED: frozenset(),
}
ITEM_TRANSITIONS: Final[Mapping[ItemState, frozenset[ItemState]]] = {
    ItemState.PACKED: frozenset({ItemState.RECEIVED, ItemState.MISSING, ItemState.MOVED}),
    # A bag that was missing at the end of a receipt may still turn up.
    ItemState.MISSING: frozenset({ItemState.RECEIVED}),
    ItemState.RECEIVED: frozenset(),
    ItemState.UNEXPECTED: frozenset(),
    # It travels on in another consignment.
    ItemState.MOVED: frozenset(),
}
INCIDENT_TRANSITIONS: Final[Mapping[IncidentState, frozenset[IncidentState]]] = {
    IncidentState.OPEN: frozenset({IncidentState.EXPLAINED}),
    IncidentState.EXPLAINED: frozenset({IncidentState.CLEARED, IncidentState.UPHELD}),
    IncidentState.CLEARED: frozenset(),
    IncidentState.UPHELD: frozenset(),
}
CONSIGNMENT_LABELS: Final[Mapping[ConsignmentState, str]] = {
    ConsignmentState.PACKING: "Packing",
    ConsignmentState.DISPATCHED: "On the road",
    ConsignmentState.PARTLY_RECEIVED: "Partly received",
    ConsignmentState.RECEIVED: "Received",
    ConsignmentState.CANCELLED: "Cancelled",
}
EVENT_LABELS: Final[Mapping[EventKind, str]] = {
    EventKind.SEALED: "Sealed",
    EventKind.HANDED_OVER: "Handed over",
    EventKind.DEPARTED: "Departed",
    EventKind.CHECKPOINT: "Checkpoint",
    EventKind.BORDER_CROSSED: "Border crossed",
    EventKind.ARRIVED: "Arrived",
    EventKind.OPENED: "Opened",
    EventKind.RECEIVED: "Received",
    EventKind.SPLIT: "Split",
    EventKind.STORED: "Stored",
    EventKind.RETURNED: "Returned",
    EventKind.DISPOSED: "Disposed of",
    EventKind.LOST: "Lost",
}
INCIDENT_LABELS: Final[Mapping[IncidentKind, str]] = {
    IncidentKind.SEAL_MISMATCH: "Another seal than the one applied",
    IncidentKind.SEAL_BROKEN: "Seal broken",
    IncidentKind.SEAL_REUSED: "Seal used before",
    IncidentKind.MASS_OUT_OF_TOLERANCE: "Mass out of tolerance",
    IncidentKind.CUSTODY_GAP: "Gap in custody",
    IncidentKind.OVERDUE_LEG: "Overdue",
    IncidentKind.IMPOSSIBLE_TRAVEL: "Impossible travel",
    IncidentKind.OFF_ROUTE: "Off the route",
    IncidentKind.CLOCK: "Clocks disagree",
    IncidentKind.TWO_CLAIMS: "Two claim custody",
    IncidentKind.OPENED_OUTSIDE: "Opened outside a laboratory",
    IncidentKind.UNEXPECTED_BAG: "Not on the manifest",
    IncidentKind.TAG_REPLACED: "Replaced tag seen",
    IncidentKind.DEVIATION: "Deviation on receipt",
    IncidentKind.LOST: "Lost",
}
MODE_LABELS: Final[Mapping[Mode, str]] = {Mode.ROAD: "Road", Mode.RAIL: "Rail", Mode.AIR: "Air"}
CONFIRMED_LABELS: Final[Mapping[ConfirmedHow, str]] = {
    ConfirmedHow.PIN: "By the receiver's PIN",
    ConfirmedHow.QR: "By the receiver's code",
    ConfirmedHow.SIGNATURE: "By a drawn signature",
}
DOCUMENT_LABELS: Final[Mapping[DocumentKind, str]] = {
    DocumentKind.EXPORT_PAPER: "Export paper",
    DocumentKind.PLANT_QUARANTINE: "Plant-quarantine permit for soil",
    DocumentKind.RADIOLOGICAL_SURVEY: "Radiological survey",
    DocumentKind.DUE_DILIGENCE: "Due-diligence file",
}
#: incidents that leave the sample itself in no doubt
NOT_BLOCKING: Final = frozenset({IncidentKind.OVERDUE_LEG, IncidentKind.OFF_ROUTE, IncidentKind.CLOCK})
#: an incident in these states keeps its samples out of decisions; what was upheld stays so
STANDING: Final = frozenset({IncidentState.OPEN, IncidentState.EXPLAINED, IncidentState.UPHELD})
#: what happens on the way to a consignment as a whole
ON_THE_WAY: Final = frozenset({EventKind.CHECKPOINT, EventKind.BORDER_CROSSED, EventKind.ARRIVED})
#: dose rate at the surface above which nothing leaves, in µSv/h (D: the owner's limit until a safety officer sets one)
MOST_SURFACE_USV_H: Final = Decimal(5)
MOST_AT_1M_USV_H: Final = Decimal("0.5")
