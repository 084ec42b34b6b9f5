"""What differs between two policies, and between what two decisions rest on, in plain sentences. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assays.catalogue.rules import BASIS_LABELS, Basis
from assays.reports.words import criterion_name, listed, outcome_word, percent, threshold_words
from samples.registry.rules import show_tag

_WEIGHTS: Mapping[str, str] = {"equal": "every site weighs the same", "mass": "sites weigh by dry mass"}


def _criteria(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old = {criterion_name(one): threshold_words(one) for one in before["criteria"]}
    new = {criterion_name(one): threshold_words(one) for one in after["criteria"]}
    said = []
    for name in [*old, *(name for name in new if name not in old)]:
        if name not in new:
            said.append(f"{name} is asked for no longer (it was {old[name]}).")
        elif name not in old:
            said.append(f"{name} must reach {new[name]}; it was not asked for.")
        elif old[name] != new[name]:
            said.append(f"{name} must reach {new[name]} instead of {old[name]}.")
    return said


def _basis(case: Mapping[str, Any]) -> str:
    found = case.get("basis")
    return BASIS_LABELS[Basis(found)].lower() if found in list(Basis) else "any one basis"


def _prior(case: Mapping[str, Any]) -> str:
    prior = case.get("prior")
    return f"{percent(float(prior['relative']))} with {prior['df']} degrees of freedom" if prior else "none"


def _bias(case: Mapping[str, Any]) -> dict[str, str]:
    """Return b by analyte in words; "" for all that are not named."""
    bias = case.get("bias") or {}
    by_analyte = {"": bias} if "relative" in bias else bias
    return {name: percent(float(f"{one['relative']:.3g}")) for name, one in by_analyte.items()}


def _repeat(case: Mapping[str, Any]) -> str:
    return percent(float(case["repeatability"])) if case.get("repeatability") else "none"


def policy_differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return in sentences what one policy asks otherwise than another; both as a case has them.

    >>> old = {"criteria": [{"analyte": "Dy", "metric": "grade", "oxide": "Dy2O3", "threshold_ppm": 25}],
    ...        "alpha": 0.05, "alpha_reject": 0.01}
    >>> policy_differences(old, {**old, "alpha": 0.1})
    ['A flag takes 90 % confidence instead of 95 %.']
    """
    said = _criteria(before, after)
    for key, act in (("alpha", "A flag"), ("alpha_reject", "No flag")):
        old, new = float(before[key]), float(after[key])
        if old != new:
            said.append(f"{act} takes {percent(1 - new)} confidence instead of {percent(1 - old)}.")
    if _basis(before) != _basis(after):
        said.append(f"Results count on {_basis(after)} instead of {_basis(before)}.")
    old_weight, new_weight = before.get("weighting", "equal"), after.get("weighting", "equal")
    if old_weight != new_weight:
        said.append(f"Now {_WEIGHTS[new_weight]}; before, {_WEIGHTS[old_weight]}.")
    for name, of in (("What earlier batches tell of the spread", _prior), ("The least spread", _repeat)):
        if of(before) != of(after):
            said.append(f"{name}: {of(after)} instead of {of(before)}.")
    old_bias, new_bias = _bias(before), _bias(after)
    return said + [
        f"{f'b of {name}' if name else 'b of the methods'}: {new_bias.get(name, 'not known')} instead of"
        f" {old_bias.get(name, 'not known')}."
        for name in sorted({*old_bias, *new_bias})
        if old_bias.get(name) != new_bias.get(name)
    ]


@dataclass(frozen=True, slots=True)
class ValueChange:
    """One value of one sample, as it counted before and as it counts now; empty for none."""

    tag: str
    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What differs between two decisions on a batch: outcome and numbers, policy, inputs, QC."""

    outcome: Sequence[str]
    policy: Sequence[str]
    values: Sequence[ValueChange]
    samples: Sequence[str]
    qc: Sequence[str]
    certificates: Sequence[str]
    computed: Sequence[str]

    def __bool__(self) -> bool:
        return any(
            (self.outcome, self.policy, self.values, self.samples, self.qc, self.certificates, self.computed)
        )


def _value(one: Any) -> str:
    return str(one) if one is not None else ""


def _values(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[ValueChange]:
    old = {one["id"]: one.get("values", {}) for one in before["samples"]}
    new = {one["id"]: one.get("values", {}) for one in after["samples"]}
    return [
        ValueChange(show_tag(tag), name, _value(was), _value(now))
        for tag in sorted({*old, *new})
        for name in sorted({*old.get(tag, {}), *new.get(tag, {})})
        if (was := old.get(tag, {}).get(name)) != (now := new.get(tag, {}).get(name))
    ]


def _samples(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old = {one["id"]: one for one in before["samples"]}
    new = {one["id"]: one for one in after["samples"]}
    said = []
    for tags, words in (
        (new.keys() - old.keys(), "came in"),
        (old.keys() - new.keys(), "is in the batch no longer"),
    ):
        said += [f"{show_tag(tag)} {words}." for tag in sorted(tags)]
    for tag in sorted(old.keys() & new.keys()):
        was, now = old[tag], new[tag]
        if was.get("excluded") != now.get("excluded"):
            said.append(
                f"{show_tag(tag)} is left out ({now['excluded']} its results were seen)."
                if now.get("excluded")
                else f"{show_tag(tag)} counts again."
            )
        if was.get("incident") != now.get("incident"):
            what = (
                f"an incident keeps it out: {now['incident']}"
                if now.get("incident")
                else "no incident is open"
            )
            said.append(f"{show_tag(tag)}: {what}.")
        if was.get("site") != now.get("site"):
            said.append(
                f"{show_tag(tag)}: its site is {now.get('site') or 'not recorded'}; before, {was.get('site') or 'not recorded'}."
            )
        if was.get("mass_kg") != now.get("mass_kg"):
            said.append(
                f"{show_tag(tag)}: its dry mass is {now.get('mass_kg', 'not known')} kg; before, {was.get('mass_kg', 'not known')}."
            )
    return said


def _qc(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    old, new = before.get("qc", {}), after.get("qc", {})
    said = [
        f"{name}: QC says {new.get(name, 'nothing')}, before {old.get(name, 'nothing')}."
        for name in sorted({*old, *new})
        if old.get(name) != new.get(name)
    ]
    was, now = before.get("blank_excess", {}), after.get("blank_excess", {})
    said += [
        f"{name}: blanks may have carried over {now.get(name, 'nothing')}, before {was.get(name, 'nothing')}."
        for name in sorted({*was, *now})
        if was.get(name) != now.get(name)
    ]
    return said


def _outcome(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    said = []
    if before["outcome"] != after["outcome"]:
        said.append(f"{outcome_word(before['outcome'])} became {outcome_word(after['outcome']).lower()}.")
    if before["provisional"] != after["provisional"]:
        said.append("It is provisional now." if after["provisional"] else "It is provisional no longer.")
    for one in after["criteria"]:
        was = next((old for old in before["criteria"] if old["name"] == one["name"]), None)
        if was is None or (was["outcome"], was["shown"]) == (one["outcome"], one["shown"]):
            continue
        word = outcome_word(one["outcome"]).lower()
        turned = (
            f" ({outcome_word(was['outcome']).lower()} before)" if was["outcome"] != one["outcome"] else ""
        )
        said.append(f"{one['name']}: {word}{turned}, {one['shown']}; before, {was['shown']}.")
    return said


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> Differences:
    """Return what differs between two decisions on a batch.

    Both have outcome, provisional, criteria (name, outcome, shown), case, certificates (names), versions (names).
    """
    gone = [name for name in before["certificates"] if name not in after["certificates"]]
    came = [name for name in after["certificates"] if name not in before["certificates"]]
    certificates = [f"{listed(came)} came in."] if came else []
    if gone:
        certificates.append(f"{listed(gone)} count{'s' if len(gone) == 1 else ''} no longer.")
    computed = [
        f"{name}: {now} instead of {was}."
        for (name, was), (_, now) in zip(before["versions"], after["versions"], strict=True)
        if was != now
    ]
    old, new = before["case"], after["case"]
    if old.get("look") != new.get("look"):
        computed.append(
            f"It is look {new.get('look', 'at a frozen plan')}, before look {old.get('look', 'at a frozen plan')}."
        )
    return Differences(
        outcome=_outcome(before, after),
        policy=policy_differences(old["policy"], new["policy"]),
        values=_values(old, new),
        samples=_samples(old, new),
        qc=_qc(old, new),
        certificates=certificates,
        computed=computed,
    )
