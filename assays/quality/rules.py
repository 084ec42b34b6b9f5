"""Words of quality control. Pure; the rules on numbers are in `checks`."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class QcVerdict(StrEnum):
    """What QC says of an analyte: FAIL and NONE keep its values out of decisions."""

    PASS = "PASS"  # noqa: S105  # no password
    WARN = "WARN"
    FAIL = "FAIL"
    NONE = "NONE"


class OverrideState(StrEnum):
    """Whether an override counts: only once a second person has agreed."""

    PROPOSED = "PROPOSED"
    IN_FORCE = "IN_FORCE"
    REFUSED = "REFUSED"


class Action(StrEnum):
    """What was done about a failure of QC that was looked into."""

    RERUN = "RERUN"
    OVERRIDE = "OVERRIDE"
    EXCLUDE = "EXCLUDE"
    NOTHING = "NOTHING"


OVERRIDE_TRANSITIONS: Final[Mapping[OverrideState, frozenset[OverrideState]]] = {
    OverrideState.PROPOSED: frozenset({OverrideState.IN_FORCE, OverrideState.REFUSED}),
    OverrideState.IN_FORCE: frozenset(),
    OverrideState.REFUSED: frozenset(),
}
#: from worst to best
WORST_FIRST: Final = (QcVerdict.FAIL, QcVerdict.NONE, QcVerdict.WARN, QcVerdict.PASS)
VERDICT_LABELS: Final[Mapping[QcVerdict, str]] = {
    QcVerdict.PASS: "Passed",
    QcVerdict.WARN: "Passed with warnings",
    QcVerdict.FAIL: "Failed",
    QcVerdict.NONE: "No QC",
}
ACTION_LABELS: Final[Mapping[Action, str]] = {
    Action.RERUN: "Analysed again",
    Action.OVERRIDE: "Results allowed by two",
    Action.EXCLUDE: "Samples left out",
    Action.NOTHING: "Nothing was needed",
}
