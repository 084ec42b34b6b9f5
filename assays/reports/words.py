"""Sentences of reports: a policy in words, what would settle a decision, what changed since the one before. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from assays.catalogue.rules import BASIS_LABELS, Basis
from assays.chemistry.aggregates import AGGREGATES_VERSION, definition, members
from assays.reports.rules import OUTCOMES, formula

#: criterion's outcome → what it means for the reader
_MEANS: Mapping[str, str] = {
    "FLAGGED": "The batch holds enough",
    "NOT_FLAGGED": "The batch does not hold enough",
    "INCONCLUSIVE": "The evidence decides neither way",
    "BLOCKED_QC": "The results cannot be relied on yet",
    "BLOCKED_DATA": "The data do not allow a decision yet",
}


def answer_in_words(outcome: str, *, provisional: bool) -> str:
    """Return the answer to "does this batch hold enough?".

    >>> answer_in_words("FLAGGED", provisional=True)
    'The batch holds enough, so far'
    """
    return _MEANS[outcome] + (", so far" if provisional else "")


def several(number: int, one: str, many: str = "") -> str:
    """Return a count in words.

    >>> several(1, "sample"), several(3, "batch", "batches")
    ('1 sample', '3 batches')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}".replace(",", "\u202f")


def listed(parts: Sequence[str]) -> str:
    """Return parts as a list in words.

    >>> listed(["Dy", "Tb", "TREO"]), listed([])
    ('Dy, Tb and TREO', '')
    """
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def percent(fraction: float) -> str:
    """Return a fraction as a percentage.

    >>> percent(0.95), percent(0.9875)
    ('95 %', '98.75 %')
    """
    return f"{100 * fraction:.6g} %"


def criterion_name(criterion: Mapping[str, Any]) -> str:
    """Return what a criterion of a policy is about, as it is printed.

    >>> criterion_name({"analyte": "Dy", "metric": "share", "oxide": "Dy2O3", "of": "TREO"})
    'Dy₂O₃/TREO'
    """
    oxide = str(criterion.get("oxide") or criterion["analyte"])
    return formula(f"{oxide}/{criterion['of']}" if criterion.get("metric") == "share" else oxide)


def threshold_words(criterion: Mapping[str, Any]) -> str:
    """Return a criterion's threshold with its unit.

    >>> threshold_words({"threshold_ppm": 100000}), threshold_words({"threshold_pct": 0.5})
    ('100\u202f000 ppm', '0.5 %')
    """
    if criterion.get("threshold_pct") is not None:
        return f"{criterion['threshold_pct']:g} %"
    value = float(criterion["threshold_ppm"])
    whole = value == int(value)
    return f"{value:,.0f} ppm".replace(",", "\u202f") if whole else f"{value:g} ppm"


def policy_in_words(case: Mapping[str, Any], *, material: str) -> list[str]:
    """Return a policy (as a case has it) as sentences, the rule first."""
    criteria = case["criteria"]
    tests = listed(
        [
            f"{'the share ' if one.get('metric') == 'share' else 'the mean '}{criterion_name(one)} is at least"
            f" {threshold_words(one)}"
            for one in criteria
        ]
    )
    sure, unsure = percent(1 - float(case["alpha"])), percent(1 - float(case["alpha_reject"]))
    other = "it is not" if len(criteria) == 1 else "one of them is not"
    said = [
        f"Flag a batch of {material.lower()} when we are {sure} sure that {tests}.",
        f"Call it not flagged when we are {unsure} sure that {other}; otherwise leave it inconclusive.",
    ]
    basis = "Results count on one basis"
    if case.get("basis") in list(Basis):
        basis += f": {BASIS_LABELS[Basis(case['basis'])].lower()}"
    weight = (
        "sites weigh by the dry mass of their samples"
        if case.get("weighting") == "mass"
        else "every site weighs the same"
    )
    said.append(f"{basis}; {weight}; samples of one site are averaged first.")
    if prior := case.get("prior"):
        said.append(
            f"Earlier batches of the deposit tell that sites differ by {percent(float(prior['relative']))}"
            f" ({prior['df']} degrees of freedom); that counts where this batch seems more even."
        )
    if case.get("repeatability"):
        said.append(
            f"Results are taken to repeat to {percent(float(case['repeatability']))} at best, whatever they show."
        )
    return said


def definitions(criteria: Sequence[Mapping[str, Any]], *always: str) -> list[str]:
    """Return the definitions of the sums that criteria name, after those that are named `always`.

    >>> definitions([{"analyte": "MREO"}])[-1]
    'MREO = Pr₆O₁₁ + Nd₂O₃ + Tb₄O₇ + Dy₂O₃ (definition 2026.1)'
    """
    names = [*always, *(str(one[key]) for one in criteria for key in ("analyte", "of") if one.get(key))]
    return [
        f"{formula(definition(name))} (definition {AGGREGATES_VERSION})"
        for name in dict.fromkeys(names)
        if members(name)
    ]


def outcome_word(outcome: str) -> str:
    """Return an outcome as it is printed.

    >>> outcome_word("NOT_FLAGGED")
    'Not flagged'
    """
    return OUTCOMES[outcome][0]


def settles(row: Mapping[str, Any], name: str) -> str:
    """Return what would settle one criterion of a decision; nothing when it is decided.

    >>> settles({"outcome": "INCONCLUSIVE", "more_samples": 4, "reason": ""}, "Dy₂O₃")
    'Dy₂O₃: 4 more sites like these.'
    """
    if row["outcome"] in {"FLAGGED", "NOT_FLAGGED"}:
        return ""
    if row.get("more_samples"):
        return f"{name}: {several(row['more_samples'], 'more site')} like these."
    if row["outcome"] == "BLOCKED_QC":
        return f"{name}: QC that passes: a re-run, or an override that two persons sign."
    if row["outcome"] == "BLOCKED_DATA":
        return f"{name}: what its reason names, put right."
    return f"{name}: no number of samples by itself; its reason says what is missing."


def what_changed(before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> str:
    """Return in a sentence what a decision changed against the one before on the same batch.

    Both have outcome, provisional, policy, reported (tags), certificates (number and version) and withheld (qc keys).
    """
    if before is None:
        return "The first decision on this batch."
    parts = []
    if before["outcome"] != after["outcome"]:
        parts.append(
            f"from {outcome_word(before['outcome']).lower()} to {outcome_word(after['outcome']).lower()}"
        )
    elif before["provisional"] != after["provisional"]:
        parts.append("provisional no longer" if before["provisional"] else "provisional now")
    if before["policy"] != after["policy"]:
        parts.append(f"judged by {after['policy']}")
    more = len(set(after["reported"]) - set(before["reported"]))
    fewer = len(set(before["reported"]) - set(after["reported"]))
    if more:
        parts.append(f"{several(more, 'sample')} more with results")
    if fewer:
        parts.append(f"{several(fewer, 'sample')} fewer with results")
    fresh = [name for name in after["certificates"] if name not in before["certificates"]]
    if fresh and not more:
        parts.append(f"by {'certificate' if len(fresh) == 1 else 'certificates'} {listed(fresh)}")
    if before["qc"] != after["qc"]:
        parts.append("QC was judged anew")
    if before["excluded"] != after["excluded"]:
        parts.append("samples left out changed")
    if before["incidents"] != after["incidents"]:
        parts.append("incidents opened or closed")
    if not parts:
        return "Nothing that a reader sees; what it was computed from was recorded anew."
    said = "; ".join(parts)
    return f"{said[0].upper()}{said[1:]}."
