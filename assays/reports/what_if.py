"""What a policy would change, as a page shows it: batches that come out otherwise, why, and the curve over a threshold."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import altair as alt

from assays.grading.casework import policy_case
from assays.grading.models import Policy
from assays.grading.rules import Outcome
from assays.grading.what_if import GRID, Line, WhatIf
from assays.reports.charts import Spec, styled
from assays.reports.differences import policy_differences
from assays.reports.rules import OUTCOMES, formula
from assays.reports.words import criterion_name, listed, outcome_word, several, threshold_words

#: how the bars of a curve are stacked, from the ground up
_STACK = (
    Outcome.FLAGGED,
    Outcome.INCONCLUSIVE,
    Outcome.NOT_FLAGGED,
    Outcome.BLOCKED_QC,
    Outcome.BLOCKED_DATA,
)


@dataclass(frozen=True, slots=True)
class Curve:
    """How many batches come to each outcome over one criterion's threshold: rows of (threshold, own, counts)."""

    id: str
    name: str
    outcomes: Sequence[Outcome]
    rows: Sequence[tuple[str, bool, tuple[int, ...]]]
    spec: Spec
    words: str

    @property
    def spec_json(self) -> str:
        """Return the specification as text: a fragment carries it in an attribute."""
        return json.dumps(self.spec)

    @property
    def heads(self) -> list[tuple[str, str]]:
        """Return sign and word of each outcome that occurs."""
        return [(OUTCOMES[one][1], outcome_word(one)) for one in self.outcomes]


@dataclass(frozen=True, slots=True)
class Changed:
    """One batch that would come out otherwise, with the reasons in sentences."""

    line: Line
    sentence: str
    because: Sequence[str]


@dataclass(frozen=True, slots=True)
class View:
    """Everything that the page shows of a what-if."""

    at: datetime
    sentence: str
    changed: Sequence[Changed]
    same: Sequence[Line]
    curves: Sequence[Curve]


def sentence_of(lines: Sequence[Line]) -> str:
    """Return in a sentence how many batches would come out otherwise, and how."""
    turns = Counter((line.before, line.after) for line in lines if line.changes)
    if not lines:
        return "No batch of this material is decided yet."
    if not turns:
        return f"None of {several(len(lines), 'decided batch', 'decided batches')} would come out otherwise."
    parts = [
        f"{count} from {outcome_word(old).lower()} to {outcome_word(new).lower()}"
        for (old, new), count in sorted(turns.items())
    ]
    whole = several(len(lines), "decided batch", "decided batches")
    return f"{sum(turns.values())} of {whole} would come out otherwise: {listed(parts)}."


def view_of(policy: Policy, found: WhatIf) -> View:
    """Return a what-if as the page shows it; what changes first."""
    case = policy_case(policy)
    return View(
        at=datetime.fromisoformat(found.at),
        sentence=sentence_of(found.lines),
        changed=[
            Changed(one, _printed(one.sentence, case), _because(one)) for one in found.lines if one.changes
        ],
        same=[one for one in found.lines if not one.changes],
        curves=[_curve(place, one, found.lines) for place, one in enumerate(case["criteria"])]
        if found.lines
        else [],
    )


def _printed(sentence: str, case: Mapping[str, Any]) -> str:
    """Return a sentence of the estimator with its oxides as they are printed."""
    for one in case["criteria"]:
        sentence = sentence.replace(one["oxide"], formula(one["oxide"]))
    return sentence


def _because(line: Line) -> list[str]:
    """Return what the policy asks otherwise than the one that decided; and when nothing, what came in since."""
    said = policy_differences(line.before_policy, line.after_policy)
    return said or ["The policy asks the same; what stands of this batch is not what was decided on."]


def _curve(place: int, criterion: Mapping[str, Any], lines: Sequence[Line]) -> Curve:
    counts = [Counter(line.curves[place][step] for line in lines) for step in range(len(GRID))]
    seen = [one for one in _STACK if any(one in found for found in counts)]
    key = "threshold_pct" if criterion.get("threshold_pct") is not None else "threshold_ppm"
    rows = [
        (
            threshold_words({key: float(f"{float(criterion[key]) * times:.4g}")}),
            times == 1.0,
            tuple(found[one] for one in seen),
        )
        for times, found in zip(GRID, counts, strict=True)
    ]
    name = criterion_name(criterion)
    return Curve(
        f"curve-{place}",
        name,
        seen,
        rows,
        _spec(name, seen, rows),
        f"{name}: batches by outcome over the threshold.",
    )


def _spec(name: str, seen: Sequence[Outcome], rows: Sequence[tuple[str, bool, tuple[int, ...]]]) -> Spec:
    values = [
        {
            "threshold": threshold.rsplit(" ", 1)[0],
            "own": own,
            "order": order,
            "outcome": outcome_word(outcome),
            "batches": count,
            "tip": f"{threshold}: {several(count, 'batch', 'batches')} {outcome_word(outcome).lower()}",
        }
        for threshold, own, counts in rows
        for order, (outcome, count) in enumerate(zip(seen, counts, strict=True))
    ]
    unit, most = rows[0][0].rsplit(" ", 1)[1], max(sum(counts) for _, _, counts in rows)
    words = [outcome_word(one) for one in seen]
    colours = [OUTCOMES[one][2] for one in seen]
    bars = (
        alt.Chart(alt.InlineData(values=values))
        .mark_bar(stroke="#14212a")
        .encode(
            x=alt.X(
                "threshold:N",
                sort=None,
                axis=alt.Axis(title=f"threshold of {name}, {unit}", labelAngle=0, labelOverlap="greedy"),
            ),
            y=alt.Y(
                "batches:Q", axis=alt.Axis(title="batches", tickCount=min(most, 5), tickMinStep=1, format="d")
            ),
            color=alt.Color(
                "outcome:N",
                scale=alt.Scale(domain=words, range=colours),
                legend=alt.Legend(title=None, orient="top"),
            ),
            order=alt.Order("order:Q"),
            strokeWidth=alt.condition("datum.own", alt.value(2), alt.value(0)),
            tooltip=alt.Tooltip("tip:N", title=name),
        )
    )
    return styled(bars.properties(width="container", height=150))
