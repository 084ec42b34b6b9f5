"""Words of policies and decisions. Pure; the arithmetic is in `estimator`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class PolicyState(StrEnum):
    """Whether a policy may decide batches."""

    DRAFT = "DRAFT"
    IN_FORCE = "IN_FORCE"
    RETIRED = "RETIRED"


class Outcome(StrEnum):
    """What a decision says of a batch."""

    FLAGGED = "FLAGGED"
    NOT_FLAGGED = "NOT_FLAGGED"
    INCONCLUSIVE = "INCONCLUSIVE"
    BLOCKED_QC = "BLOCKED_QC"
    BLOCKED_DATA = "BLOCKED_DATA"


class Weighting(StrEnum):
    """How sites are weighted: alike, or by the mass that they stand for."""

    EQUAL = "equal"
    MASS = "mass"


class When(StrEnum):
    """Whether a sample was left out before its results were visible, or after."""

    BEFORE = "before"
    AFTER = "after"


class RadLevel(StrEnum):
    """What the radiological screen says of a sample."""

    NOT_ASSESSED = "NOT_ASSESSED"
    NONE = "NONE"
    RAD_REVIEW = "RAD_REVIEW"
    RAD_HOLD = "RAD_HOLD"
    RAD_STOP_TRANSPORT = "RAD_STOP_TRANSPORT"


POLICY_TRANSITIONS: Final[Mapping[PolicyState, frozenset[PolicyState]]] = {
    PolicyState.DRAFT: frozenset({PolicyState.IN_FORCE}),
    PolicyState.IN_FORCE: frozenset({PolicyState.RETIRED}),
    PolicyState.RETIRED: frozenset(),
}
OUTCOME_LABELS: Final[Mapping[Outcome, str]] = {
    Outcome.FLAGGED: "Flagged",
    Outcome.NOT_FLAGGED: "Not flagged",
    Outcome.INCONCLUSIVE: "Inconclusive",
    Outcome.BLOCKED_QC: "Blocked by QC",
    Outcome.BLOCKED_DATA: "Blocked by data",
}
