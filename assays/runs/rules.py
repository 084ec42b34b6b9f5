"""Words of runs and review: states and kinds of item. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class RunState(StrEnum):
    """Where a run is between the bench and the decision."""

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


class Verdict(StrEnum):
    """What a reviewer says of one version of a run's results."""

    APPROVED = "APPROVED"
    RETURNED = "RETURNED"


RUN_TRANSITIONS: Final[Mapping[RunState, frozenset[RunState]]] = {
    RunState.OPEN: frozenset({RunState.REPORTED}),
    RunState.REPORTED: frozenset({RunState.APPROVED, RunState.RETURNED}),
    # A re-issue opens what stood on the old results; the laboratory's own QC beside them does not.
    RunState.APPROVED: frozenset({RunState.REPORTED, RunState.RETURNED}),
    RunState.RETURNED: frozenset({RunState.REPORTED}),
}
RUN_LABELS: Final[Mapping[RunState, str]] = {
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
