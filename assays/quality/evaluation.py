"""What the QC items of a run say of one analyte by one method, from the evidence. No writes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from assays.certificates.digests import plain
from assays.quality.checks import BlankLevels, Judged, Read, is_near, judge_blank, judge_material
from assays.quality.evidence import QC_KINDS, Evidence, Key, Line, in_form
from assays.quality.rules import WORST_FIRST, QcVerdict
from assays.quality.withholding import Place, withheld
from assays.runs.rules import ItemKind

#: analyte → (oxide, lowest ppm of that oxide among the policies of the run's batches)
Thresholds = Mapping[str, tuple[str, Decimal]]
_STEP: Final = Decimal("1E-12")
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True)
class Told:
    """One QC item with what it says; `counts` is false where it says nothing at the level that matters."""

    line: Line
    judged: Judged
    counts: bool
    expected_ppm: Decimal | None = None
    sd_ppm: Decimal | None = None

    @property
    def vouches(self) -> bool:
        """Return whether it passed, at a level that matters."""
        return self.counts and self.judged.verdict in {QcVerdict.PASS, QcVerdict.WARN}


@dataclass(frozen=True, slots=True)
class Level:
    """The lowest threshold of the analyte: in the reported form, and in words as the policy has it."""

    ppm: Decimal
    words: str


def evaluate(evidence: Evidence, key: Key, thresholds: Thresholds) -> dict[str, Any]:
    """Return the fields of a `QcEvaluation` for one method, analyte and oxide."""
    lines = _once(evidence.lines[key])
    level = _level(key, thresholds)
    told = {
        id(one.line): one
        for one in (*_materials(evidence, key, lines, level), *_blanks(evidence, key, lines, level))
    }
    in_order = [told[id(line)] for line in lines if id(line) in told]
    lacking = _lacking(evidence, key, in_order, level)
    found = {one.judged.verdict for one in in_order} | ({QcVerdict.NONE} if lacking else {QcVerdict.PASS})
    if not lacking:
        # An item that says nothing does no harm beside others that do.
        found.discard(QcVerdict.NONE)
    verdict = next(one for one in WORST_FIRST if one in found)
    excesses = [one.judged.excess_ppm for one in in_order if one.judged.excess_ppm is not None]
    return {
        "method_code": next(one.method_code for one in lines),
        "analyte": key[1],
        "oxide": key[2],
        "verdict": verdict.value,
        "reason": _reason(evidence, in_order, lacking, verdict),
        "blank_excess_ppm": max(excesses).quantize(_STEP) if excesses else None,
        "threshold_ppm": level.ppm.quantize(_STEP) if level else None,
        "marks": [_mark(evidence, one) for one in in_order],
        "withheld": None if lacking else withheld(_rack(lines, told)),
    }


def _once(lines: Sequence[Line]) -> list[Line]:
    """Return the lines, each reading of an item once.

    A laboratory repeats its QC readings in a certificate of their own: read twice, one reading would be two in a row.
    """
    seen: set[tuple[UUID, str, Decimal | None]] = set()
    kept = []
    for line in lines:
        mark = (line.item, line.qualifier, line.number)
        if mark not in seen:
            kept.append(line)
        seen.add(mark)
    return kept


def _level(key: Key, thresholds: Thresholds) -> Level | None:
    if key[1] not in thresholds:
        return None
    oxide, ppm = thresholds[key[1]]
    return Level(in_form(ppm, oxide, key[2]), f"{text(ppm)} ppm {oxide}")


def text(ppm: Decimal) -> str:
    """Return a number of six figures at most, as people read it.

    >>> text(Decimal("21.782664439")), text(Decimal("0.05"))
    ('21.7827', '0.05')
    """
    return plain(Decimal(f"{ppm:.6g}")) or "0"


def _readings(lines: Sequence[Line], kind: str) -> list[tuple[Line, Read]]:
    numbers = ((one, one.number) for one in lines if one.kind == kind)
    return [(one, Read(number, one.qualifier)) for one, number in numbers if number is not None]


def _materials(evidence: Evidence, key: Key, lines: Sequence[Line], level: Level | None) -> list[Told]:
    """Return what the reference materials say; those without a certified value on the method's basis say nothing."""
    found: list[Told] = []
    read = _readings(lines, ItemKind.CRM)
    for material in dict.fromkeys(one.material for one, _ in read):
        mine = [(one, reading) for one, reading in read if one.material == material]
        known = evidence.certified_ppm(material, key)
        if known is None:
            found += [Told(one, Judged(QcVerdict.NONE), counts=False) for one, _ in mine]
            continue
        value, sd = known
        near = level is None or is_near(value, level.ppm)
        judged = judge_material([reading for _, reading in mine], value, sd)
        found += [
            Told(one, said, near and said.verdict != QcVerdict.NONE, value, sd)
            for (one, _), said in zip(mine, judged, strict=True)
        ]
    return found


def _blanks(evidence: Evidence, key: Key, lines: Sequence[Line], level: Level | None) -> list[Told]:
    """Return what the blanks say; a blank without a long-run level is measured against nothing at all."""
    lod = evidence.lod_ppm(key)
    found = []
    for one, reading in _readings(lines, ItemKind.BLANK):
        background, sd = evidence.certified_ppm(one.material, key) or (Decimal(0), Decimal(0))
        before = _before(lines, one)
        levels = BlankLevels(lod, background, sd, level.ppm if level else None, before)
        judged = judge_blank(reading, levels)
        found.append(Told(one, judged, judged.verdict != QcVerdict.NONE, background, sd))
    return found


def _before(lines: Sequence[Line], blank: Line) -> Decimal | None:
    """Return what was read of the sample before a blank in the rack; None where the order or the number is unknown."""
    if blank.position is None:
        return None
    ahead = [
        one
        for one in lines
        if one.kind not in QC_KINDS and one.position is not None and one.position < blank.position
    ]
    # What lies below a limit has nothing to carry over.
    return ahead[-1].number if ahead and ahead[-1].qualifier != "<" else None


def _lacking(evidence: Evidence, key: Key, told: Sequence[Told], level: Level | None) -> list[str]:
    """Return in words what the run lacks to be judged at all (METHODS.md section 3)."""
    materials = [one for one in told if one.line.kind == ItemKind.CRM]
    blanks = [one for one in told if one.line.kind == ItemKind.BLANK]
    lacking = []
    if key[0] not in evidence.methods:
        code = key[0].upper() or "an unnamed method"
        lacking.append(f"the basis of {code} is unknown: {evidence.laboratory} has no such method here")
    if not materials:
        lacking.append("no reference material")
    elif not any(one.counts for one in materials):
        certified = any(one.expected_ppm is not None for one in materials)
        lacking.append(
            f"no reference material near {level.words}"
            if certified and level is not None
            else f"no reference material certified for {key[2] or key[1]} on this basis"
        )
    if not blanks:
        lacking.append("no blank")
    elif not any(one.counts for one in blanks):
        lacking.append("no blank that could show a contamination that matters")
    return lacking


def _reason(evidence: Evidence, told: Sequence[Told], lacking: Sequence[str], verdict: QcVerdict) -> str:
    """Return in words why the verdict is what it is."""
    worst = [_words(evidence, one) for one in told if one.judged.verdict == verdict != QcVerdict.NONE]
    if verdict == QcVerdict.PASS:
        return "every reference material and blank passed"
    words = "; ".join([*lacking, *worst])
    return words if len(words) <= _LONGEST else words[: _LONGEST - 1] + "…"


def _words(evidence: Evidence, one: Told) -> str:
    line, judged = one.line, one.judged
    name = evidence.materials.get(line.material, "") if line.material else ""
    what = name if name.casefold() == line.label.casefold() else f"{name} ({line.label})"
    read = f"{what} read {_number(line)} ppm"
    if judged.z is not None and one.expected_ppm is not None and one.sd_ppm is not None:
        certified = f"{text(one.expected_ppm)} ± {text(one.sd_ppm)}"
        rules = f", {' and '.join(judged.rules)}" if judged.rules else ""
        return f"{read}, certified {certified} (z = {judged.z:+.2f}{rules})"
    if judged.excess_ppm is not None:
        carried = ", more than 2 % of the sample before it" if "blank-carry-over" in judged.rules else ""
        return f"{read}, {text(judged.excess_ppm)} ppm above its background{carried}"
    return f"{read}, which says nothing here"


def _number(line: Line) -> str:
    return f"{line.qualifier}{text(line.number)}" if line.number is not None else ""


def _mark(evidence: Evidence, one: Told) -> dict[str, Any]:
    """Return one QC item as the evaluation keeps it: plain data, numbers as text in ppm of the reported form."""
    judged = one.judged
    return {
        "item": str(one.line.item),
        "label": one.line.label,
        "kind": one.line.kind,
        "material": evidence.materials.get(one.line.material, "") if one.line.material else "",
        "position": one.line.position,
        "value": _number(one.line),
        "expected": text(one.expected_ppm) if one.expected_ppm is not None else None,
        "sd": text(one.sd_ppm) if one.sd_ppm is not None else None,
        "z": f"{judged.z:.3f}" if judged.z is not None else None,
        "excess": text(judged.excess_ppm) if judged.excess_ppm is not None else None,
        "rules": list(judged.rules),
        "verdict": judged.verdict.value,
        "counts": one.counts,
        "words": _words(evidence, one),
    }


def _rack(lines: Sequence[Line], told: Mapping[int, Told]) -> list[Place]:
    """Return the items in rack order, each as often as it was read."""
    rack = []
    for line in lines:
        one = told.get(id(line))
        placed = line.position is not None
        if one is not None:
            rack.append(Place(str(line.item), line.kind, one.judged.verdict, one.vouches, placed))
        elif line.kind not in QC_KINDS:
            rack.append(Place(str(line.item), placed=placed))
    return rack
