"""QC items as an evaluation keeps them, and what they say in words."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from assays.certificates.digests import plain
from assays.quality.duplicates import Spread
from assays.quality.evidence import Evidence, Line
from assays.quality.judging import Told, Twin
from assays.quality.rules import QcVerdict

#: letters of a reason, at most
LONGEST: Final = 500


def text(ppm: Decimal) -> str:
    """Return a number of six figures at most, as people read it.

    >>> text(Decimal("21.782664439")), text(Decimal("0.05"))
    ('21.7827', '0.05')
    """
    return plain(Decimal(f"{ppm:.6g}")) or "0"


def percent(share: Decimal) -> str:
    """Return a fraction as per cent with one figure behind the point.

    >>> percent(Decimal("0.0512"))
    '5.1 %'
    """
    return f"{share * 100:.1f} %"


def cut(words: str) -> str:
    """Return words that fit a reason.

    >>> cut("short")
    'short'
    """
    return words if len(words) <= LONGEST else words[: LONGEST - 1] + "…"


def number(line: Line) -> str:
    """Return what was read, with its sign."""
    return f"{line.qualifier}{text(line.number)}" if line.number is not None else ""


def material_of(evidence: Evidence, line: Line) -> str:
    """Return the code of an item's material; empty where it has none that the library knows."""
    return evidence.materials.get(line.what.material, "") if line.what.material else ""


def words(evidence: Evidence, one: Told, swap: str = "") -> str:
    """Return in words what a QC item says."""
    line, judged = one.line, one.judged
    name = material_of(evidence, line)
    what = name if name.casefold() == line.what.label.casefold() else f"{name} ({line.what.label})"
    read = f"{what} read {number(line)} ppm"
    if judged.z is not None and one.expected_ppm is not None and one.sd_ppm is not None:
        certified = f"{text(one.expected_ppm)} ± {text(one.sd_ppm)}"
        rules = f", {' and '.join(judged.rules)}" if judged.rules else ""
        swapped = f"; it looks like {swap}: swapped?" if swap else ""
        return f"{read}, certified {certified} (z = {judged.z:+.2f}{rules}){swapped}"
    if judged.excess_ppm is not None:
        carried = ", more than 2 % of the sample before it" if "blank-carry-over" in judged.rules else ""
        return f"{read}, {text(judged.excess_ppm)} ppm above its background{carried}"
    return f"{read}, which says nothing here"


def mark(evidence: Evidence, one: Told, swap: str = "") -> dict[str, Any]:
    """Return one QC item as the evaluation keeps it: plain data, numbers as text in ppm of the reported form."""
    judged = one.judged
    return {
        "item": str(one.line.what.item),
        "label": one.line.what.label,
        "kind": one.line.what.kind,
        "material": material_of(evidence, one.line),
        "position": one.line.what.position,
        "value": number(one.line),
        "expected": text(one.expected_ppm) if one.expected_ppm is not None else None,
        "sd": text(one.sd_ppm) if one.sd_ppm is not None else None,
        "z": f"{judged.z:.3f}" if judged.z is not None else None,
        "excess": text(judged.excess_ppm) if judged.excess_ppm is not None else None,
        "lod": text(one.lod_ppm) if one.lod_ppm else None,
        "before": text(one.before_ppm) if one.before_ppm is not None else None,
        "rules": list(judged.rules),
        "verdict": judged.verdict.value,
        "counts": one.counts,
        "words": words(evidence, one, swap),
    }


def twin_mark(one: Twin) -> dict[str, Any]:
    """Return a duplicate as the evaluation keeps it; a poor pair alone warns of itself and withholds nothing."""
    line = one.line.what
    stage = f"{line.stage.lower()} duplicate" if line.stage else "duplicate"
    poor = ", further apart than such a pair may be" if one.poor else ""
    return {
        "item": str(line.item),
        "label": line.label,
        "kind": line.kind,
        "material": "",
        "position": line.position,
        "value": text(one.pair[1]),
        "expected": text(one.pair[0]),
        "sd": None,
        "z": None,
        "excess": None,
        "hard": f"{one.hard:.5f}",
        "stage": line.stage,
        "rules": ["duplicate-poor"] if one.poor else [],
        "verdict": (QcVerdict.WARN if one.poor else QcVerdict.PASS).value,
        "counts": False,
        "words": f"{line.label}, {stage}, read {text(one.pair[1])} ppm beside {text(one.pair[0])} ppm"
        f" (HARD {percent(one.hard)}{poor})",
    }


def spread_words(found: Spread) -> str:
    """Return in words why the duplicates of a method fail."""
    return (
        f"{found.poor} of the last {found.n} pairs of duplicates lie too far apart,"
        f" where chance explains {found.allowed}"
    )


def reason(evidence: Evidence, told: Sequence[Told], lacking: Sequence[str], verdict: QcVerdict) -> str:
    """Return in words why the verdict is what it is."""
    if verdict == QcVerdict.PASS:
        return "every reference material and blank passed"
    worst = [words(evidence, one) for one in told if one.judged.verdict == verdict != QcVerdict.NONE]
    return cut("; ".join([*lacking, *worst]))
