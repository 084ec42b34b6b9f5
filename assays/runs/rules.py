"""Words of runs and review: states and kinds of item. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from uuid import UUID


class RunState(StrEnum):
    """Where a run is between the bench and the decision."""

    PLANNED = "PLANNED"
    OPEN = "OPEN"
    REPORTED = "REPORTED"
    APPROVED = "APPROVED"
    RETURNED = "RETURNED"


class ItemKind(StrEnum):
    """What an item of a run is there for."""

    SAMPLE = "SAMPLE"
    DUPLICATE = "DUPLICATE"
    CRM = "CRM"
    BLANK = "BLANK"


class Stage(StrEnum):
    """Where a duplicate was split off from its parent."""

    FIELD = "FIELD"
    COARSE = "COARSE"
    PULP = "PULP"


class PortionKind(StrEnum):
    """What a portion is: the bag as received, or what was split from it."""

    BAG = "BAG"
    COARSE = "COARSE"
    PULP = "PULP"
    ALIQUOT = "ALIQUOT"


class PortionState(StrEnum):
    """Whether a portion is still there."""

    HELD = "HELD"
    USED_UP = "USED_UP"
    RETURNED = "RETURNED"
    DISPOSED = "DISPOSED"


class PortionEventKind(StrEnum):
    """What may become of a portion."""

    STORED = "STORED"
    USED = "USED"
    RETURNED = "RETURNED"
    DISPOSED = "DISPOSED"


class Step(StrEnum):
    """A step of preparing a portion."""

    DRY = "DRY"
    CRUSH = "CRUSH"
    PULVERISE = "PULVERISE"
    SIEVE = "SIEVE"
    HOMOGENISE = "HOMOGENISE"


class Verdict(StrEnum):
    """What a reviewer says of one version of a run's results."""

    APPROVED = "APPROVED"
    RETURNED = "RETURNED"


RUN_TRANSITIONS: Final[Mapping[RunState, frozenset[RunState]]] = {
    # Its rack may still be changed until the bench begins; then it waits for results.
    RunState.PLANNED: frozenset({RunState.OPEN}),
    RunState.OPEN: frozenset({RunState.REPORTED}),
    RunState.REPORTED: frozenset({RunState.APPROVED, RunState.RETURNED}),
    # A re-issue opens what stood on the old results; the laboratory's own QC beside them does not.
    RunState.APPROVED: frozenset({RunState.REPORTED, RunState.RETURNED}),
    RunState.RETURNED: frozenset({RunState.REPORTED}),
}
RUN_LABELS: Final[Mapping[RunState, str]] = {
    RunState.PLANNED: "Being built",
    RunState.OPEN: "Waiting for results",
    RunState.REPORTED: "Waiting for review",
    RunState.APPROVED: "Approved",
    RunState.RETURNED: "Returned",
}
ITEM_LABELS: Final[Mapping[ItemKind, str]] = {
    ItemKind.SAMPLE: "Sample",
    ItemKind.DUPLICATE: "Duplicate",
    ItemKind.CRM: "Reference material",
    ItemKind.BLANK: "Blank",
}
STAGE_LABELS: Final[Mapping[Stage, str]] = {
    Stage.FIELD: "Field duplicate",
    Stage.COARSE: "Coarse duplicate",
    Stage.PULP: "Pulp duplicate",
}
PORTION_TRANSITIONS: Final[Mapping[PortionState, frozenset[PortionState]]] = {
    PortionState.HELD: frozenset({PortionState.USED_UP, PortionState.RETURNED, PortionState.DISPOSED}),
    PortionState.USED_UP: frozenset(),
    PortionState.RETURNED: frozenset(),
    PortionState.DISPOSED: frozenset(),
}
PORTION_LABELS: Final[Mapping[PortionKind, str]] = {
    PortionKind.BAG: "Bag as received",
    PortionKind.COARSE: "Coarse reject",
    PortionKind.PULP: "Pulp",
    PortionKind.ALIQUOT: "Aliquot",
}
PORTION_STATE_LABELS: Final[Mapping[PortionState, str]] = {
    PortionState.HELD: "Held",
    PortionState.USED_UP: "Used up",
    PortionState.RETURNED: "Returned",
    PortionState.DISPOSED: "Thrown away",
}
PORTION_EVENT_LABELS: Final[Mapping[PortionEventKind, str]] = {
    PortionEventKind.STORED: "Put away",
    PortionEventKind.USED: "Used",
    PortionEventKind.RETURNED: "Returned",
    PortionEventKind.DISPOSED: "Thrown away",
}
STEP_LABELS: Final[Mapping[Step, str]] = {
    Step.DRY: "Dried",
    Step.CRUSH: "Crushed",
    Step.PULVERISE: "Pulverised",
    Step.SIEVE: "Sieved",
    Step.HOMOGENISE: "Homogenised",
}


def signed_words(run: UUID, version: str, verdict: str, reason: str) -> tuple[str, ...]:
    """Return what a reviewer signs: which run, which version of its results, the verdict, and the reason.

    >>> signed_words(UUID(int=0), "v1", "APPROVED", "")[3:]
    ('APPROVED', '')
    """
    return ("review", str(run), version, verdict, reason)
