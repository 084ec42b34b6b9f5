"""How far what was used can be relied on: QC's verdicts, the uncertainty of the methods' bias, what blanks carried over."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from assays.certificates.digests import plain
from assays.grading.uncertainty import adopted_b
from assays.quality.queries import Preferred, blank_excesses
from assays.quality.rules import QcVerdict

#: how bad a verdict is: the worst of what was used stands for an analyte
_ORDER: Final = (QcVerdict.PASS, QcVerdict.WARN, QcVerdict.NONE, QcVerdict.FAIL)


def verdicts(used: Sequence[Preferred], needed: Iterable[str]) -> dict[str, str]:
    """Return what QC says of each analyte that was used: the worst of its values."""
    worst: dict[str, QcVerdict] = {}
    for one in used:
        name = one.determination.analyte
        verdict = one.verdict
        if one.withheld and verdict not in {QcVerdict.FAIL, QcVerdict.NONE}:
            verdict = QcVerdict.FAIL
        if not one.withheld and verdict in {QcVerdict.FAIL, QcVerdict.NONE}:
            # Outside the withheld range, or overridden by two persons: it counts, and the report says why.
            verdict = QcVerdict.WARN
        if name not in worst or _ORDER.index(verdict) > _ORDER.index(worst[name]):
            worst[name] = verdict
    return {name: worst[name].lower() for name in sorted(worst) if name in needed}


def biases(
    used: Sequence[Preferred], needed: Iterable[str], adopted: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return b and its degrees of freedom of each analyte, the largest of the methods used; none where one is unknown.

    What the policy has adopted goes before what the method states.
    """
    methods = {one.method.pk: one.method for one in used if one.method is not None}
    runs: dict[tuple[UUID | None, str], set[UUID]] = defaultdict(set)
    for one in used:
        key = None if one.method is None else one.method.pk
        runs[key, one.determination.analyte].add(one.run.pk)
    found: dict[str, list[tuple[float, int] | None]] = defaultdict(list)
    for (key, analyte), sat in runs.items():
        known = adopted_b(adopted, str(key), analyte, len(sat))
        stated = None if key is None else methods[key]
        if known is None and stated is not None and stated.bias_relative is not None:
            known = (float(stated.bias_relative), stated.bias_df)
        found[analyte].append(known)
    best = {
        name: max(pair for pair in pairs if pair is not None)
        for name, pairs in found.items()
        if None not in pairs and name in set(needed)
    }
    return {name: {"relative": b, "df": df} for name, (b, df) in sorted(best.items())}


def carried_over(used: Sequence[Preferred], owner: UUID) -> dict[str, str]:
    """Return the largest blank excess of the runs used, the owner's blind blanks included, in the form reported."""
    wanted = {(one.run.pk, one.determination.method_code, one.determination.analyte) for one in used}
    most: dict[str, Decimal] = {}
    for (run, method, analyte, oxide), ppm in blank_excesses({one.run.pk for one in used}, owner).items():
        if (run, method, analyte) in wanted:
            name = oxide or analyte
            most[name] = max(most.get(name, Decimal(0)), ppm)
    return {name: f"{plain(value)} ppm" for name, value in sorted(most.items())}
