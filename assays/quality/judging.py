"""What each QC item of a run says of one analyte by one method, from the evidence. No writes."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from assays.quality.checks import BlankLevels, Judged, Read, is_near, judge_blank, judge_material
from assays.quality.duplicates import Pair, hard, is_poor, worth_comparing
from assays.quality.evidence import QC_KINDS, Evidence, Key, Line
from assays.quality.rules import QcVerdict
from assays.runs.rules import ItemKind


@dataclass(frozen=True, slots=True)
class Told:
    """One QC item with what it says; `counts` is false where it says nothing at the level that matters."""

    line: Line
    judged: Judged
    counts: bool
    expected_ppm: Decimal | None = None
    sd_ppm: Decimal | None = None
    #: of a blank: the detection limit, 0 where unknown, and the sample before it in the rack
    lod_ppm: Decimal | None = None
    before_ppm: Decimal | None = None

    @property
    def vouches(self) -> bool:
        """Return whether it passed, at a level that matters."""
        return self.counts and self.judged.verdict in {QcVerdict.PASS, QcVerdict.WARN}


@dataclass(frozen=True, slots=True)
class Level:
    """The lowest threshold of the analyte: in the reported form, and in words as the policy has it."""

    ppm: Decimal
    words: str


@dataclass(frozen=True, slots=True)
class Twin:
    """A duplicate beside the sample that it was split from, both in ppm of the reported form."""

    line: Line
    pair: Pair
    poor: bool

    @property
    def hard(self) -> Decimal:
        """Return half the absolute relative difference."""
        return hard(self.pair)


def once(lines: Sequence[Line]) -> list[Line]:
    """Return the lines, each reading of an item once.

    A laboratory repeats its QC readings in a certificate of their own: read twice, one reading would be two in a row.
    """
    seen: set[tuple[UUID, str, Decimal | None]] = set()
    kept = []
    for line in lines:
        mark = (line.what.item, line.qualifier, line.number)
        if mark not in seen:
            kept.append(line)
        seen.add(mark)
    return kept


def _readings(lines: Sequence[Line], kind: str) -> list[tuple[Line, Read]]:
    numbers = ((one, one.number) for one in lines if one.what.kind == kind)
    return [(one, Read(number, one.qualifier)) for one, number in numbers if number is not None]


def materials(evidence: Evidence, key: Key, lines: Sequence[Line], level: Level | None) -> list[Told]:
    """Return what the reference materials say; those without a certified value on the method's basis say nothing."""
    found: list[Told] = []
    read = _readings(lines, ItemKind.CRM)
    for material in dict.fromkeys(one.what.material for one, _ in read):
        mine = [(one, reading) for one, reading in read if one.what.material == material]
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


def blanks(evidence: Evidence, key: Key, lines: Sequence[Line], level: Level | None) -> list[Told]:
    """Return what the blanks say; a blank without a level of its own is measured against nothing at all."""
    read = _readings(lines, ItemKind.BLANK)
    if not read:
        return []
    lod = evidence.lod_ppm(key)
    samples = [one for one in lines if one.what.kind not in QC_KINDS and one.what.position is not None]
    places = [one.what.position or 0 for one in samples]
    found = []
    for one, reading in read:
        background, sd = evidence.background_ppm(one.what.material, key)
        before = _before(samples, places, one)
        levels = BlankLevels(lod, background, sd, level.ppm if level else None, before)
        judged = judge_blank(reading, levels)
        told = judged.verdict != QcVerdict.NONE
        found.append(Told(one, judged, told, background, sd, lod, before))
    return found


def _before(samples: Sequence[Line], places: Sequence[int], blank: Line) -> Decimal | None:
    """Return what was read of the sample before a blank in the rack; None where the order or the number is unknown."""
    if blank.what.position is None:
        return None
    at = bisect_left(places, blank.what.position) - 1
    # What lies below a limit has nothing to carry over.
    return samples[at].number if at >= 0 and samples[at].qualifier != "<" else None


def twins(evidence: Evidence, key: Key, lines: Sequence[Line]) -> list[Twin]:
    """Return the duplicates of the run whose pair's mean reaches 10·LOD, each with what its sample read."""
    pairs = [one for one in lines if one.what.kind == ItemKind.DUPLICATE and _is_number(one)]
    if not pairs:
        return []
    parents: dict[UUID | None, Decimal] = {}
    for one in lines:
        if one.what.kind == ItemKind.SAMPLE and _is_number(one) and one.ppm is not None:
            parents.setdefault(one.what.sample, one.ppm)
    lod = evidence.lod_ppm(key)
    found = []
    for one in pairs:
        parent = parents.get(one.what.sample)
        if parent is not None and one.ppm is not None and worth_comparing((parent, one.ppm), lod):
            pair = (parent, one.ppm)
            found.append(Twin(one, pair, is_poor(pair, one.what.stage.lower())))
    return found


def _is_number(line: Line) -> bool:
    """Return whether a line holds a number that a difference can be taken of."""
    return line.qualifier == "" and line.ppm is not None and line.ppm >= 0
