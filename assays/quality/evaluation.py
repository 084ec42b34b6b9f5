"""What the QC items of a run say of one analyte by one method, together: verdict, reason, what is withheld. No writes."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from assays.quality import judging
from assays.quality.control import looks_like
from assays.quality.duplicates import POOLED, Spread, spread, worth_comparing
from assays.quality.evidence import QC_KINDS, Evidence, Key, Line, in_form, swap_candidates
from assays.quality.judging import Level, Told, Twin
from assays.quality.marking import cut, mark, reason, spread_words, text, twin_mark
from assays.quality.rules import WORST_FIRST, QcVerdict
from assays.quality.withholding import Place, withheld
from assays.runs.rules import ItemKind

#: analyte → (oxide, lowest ppm of that oxide among the policies of the run's batches)
Thresholds = Mapping[str, tuple[str, Decimal]]
_STEP: Final = Decimal("1E-12")


def evaluate(evidence: Evidence, key: Key, thresholds: Thresholds) -> dict[str, Any]:
    """Return the fields of a `QcEvaluation` for one method, analyte and oxide."""
    lines = judging.once(evidence.lines[key])
    level = _level(key, thresholds)
    told = {
        id(one.line): one
        for one in (
            *judging.materials(evidence, key, lines, level),
            *judging.blanks(evidence, key, lines, level),
        )
    }
    in_order = [told[id(line)] for line in lines if id(line) in told]
    lacking = _lacking(evidence, key, in_order, level)
    found = {one.judged.verdict for one in in_order} | ({QcVerdict.NONE} if lacking else {QcVerdict.PASS})
    if not lacking:
        # An item that says nothing does no harm beside others that do.
        found.discard(QcVerdict.NONE)
    pairs = judging.twins(evidence, key, lines)
    apart = _pooled(evidence, key, pairs)
    far = apart is not None and apart.fails
    verdict = next(one for one in WORST_FIRST if one in found | ({QcVerdict.FAIL} if far else set()))
    why = [spread_words(apart)] if apart is not None and far else []
    excesses = [one.judged.excess_ppm for one in in_order if one.judged.excess_ppm is not None]
    return {
        "method_code": lines[0].method_code,
        "analyte": key[1],
        "oxide": key[2],
        "verdict": verdict.value,
        "reason": cut("; ".join(filter(None, [*why, reason(evidence, in_order, lacking, verdict)]))),
        "blank_excess_ppm": max(excesses).quantize(_STEP) if excesses else None,
        "threshold_ppm": level.ppm.quantize(_STEP) if level else None,
        "marks": _marks(evidence, key, in_order, pairs),
        "withheld": None if lacking or far else withheld(_rack(lines, told)),
    }


def _level(key: Key, thresholds: Thresholds) -> Level | None:
    if key[1] not in thresholds:
        return None
    oxide, ppm = thresholds[key[1]]
    return Level(in_form(ppm, oxide, key[2]), f"{text(ppm)} ppm {oxide}")


def _pooled(evidence: Evidence, key: Key, pairs: Sequence[Twin]) -> Spread | None:
    """Return the spread of the last pairs of the method, those of this run first; None where it brought none.

    One run has too few to judge: earlier ones are added until there are twenty.
    """
    if not pairs:
        return None
    pool = [(one.pair, one.line.what.stage.lower()) for one in pairs]
    lod = evidence.lod_ppm(key)
    earlier = [one for one in evidence.pairs.get(key, ()) if worth_comparing(one[0], lod)]
    return spread([*pool, *earlier[: max(POOLED - len(pool), 0)]])


def _lacking(evidence: Evidence, key: Key, told: Sequence[Told], level: Level | None) -> list[str]:
    """Return in words what the run lacks to be judged at all (METHODS.md section 3)."""
    materials = [one for one in told if one.line.what.kind == ItemKind.CRM]
    blanks = [one for one in told if one.line.what.kind == ItemKind.BLANK]
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


def _marks(evidence: Evidence, key: Key, told: Sequence[Told], pairs: Sequence[Twin]) -> list[dict[str, Any]]:
    failed = {
        one.line.what.item
        for one in told
        if one.line.what.kind == ItemKind.CRM and one.judged.verdict == QcVerdict.FAIL
    }
    swaps = _swaps(evidence, key[0], failed)
    found = [mark(evidence, one, swaps.get(one.line.what.item, "")) for one in told]
    return [*found, *(twin_mark(one) for one in pairs)]


def _swaps(evidence: Evidence, code: str, failed: set[UUID]) -> dict[UUID, str]:
    """Return by item which other material a failed one looks like, over all that the method read of it."""
    method = evidence.methods.get(code)
    if method is None or not failed:
        return {}
    read: dict[UUID, dict[str, Decimal]] = {item: {} for item in failed}
    own: dict[UUID, UUID | None] = {}
    for item in failed:
        for (_, analyte, oxide), one in evidence.of_materials.get((code, item), ()):
            if one.qualifier == "" and one.ppm is not None:
                read[item].setdefault(analyte, in_form(one.ppm, oxide, ""))
                own[item] = one.what.material
    known = swap_candidates(evidence, method)
    found = {}
    for item, numbers in read.items():
        others = {evidence.materials[pk]: values for pk, values in known.items() if pk != own.get(item)}
        like = looks_like(numbers, others)
        if like is not None:
            found[item] = f"{like[0]} on {like[1]} elements"
    return found


def _rack(lines: Sequence[Line], told: Mapping[int, Told]) -> list[Place]:
    """Return the items in rack order, each as often as it was read."""
    if not any(one.judged.verdict == QcVerdict.FAIL for one in told.values()):
        return []
    rack = []
    for line in lines:
        one, what = told.get(id(line)), line.what
        placed = what.position is not None
        if one is not None:
            rack.append(Place(str(what.item), what.kind, one.judged.verdict, one.vouches, placed))
        elif what.kind not in QC_KINDS:
            rack.append(Place(str(what.item), placed=placed))
    return rack
