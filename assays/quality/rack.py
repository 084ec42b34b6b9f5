"""A run's rack as a strip: samples and QC items in their order, as QC judged them for one analyte."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from assays.quality.gate import Gate
from assays.quality.queries import QcLine, RunQc
from assays.quality.rules import VERDICT_LABELS, WORST_FIRST, QcVerdict
from assays.runs.models import Run, RunItem
from assays.runs.rules import ItemKind

SIGNS: Final[Mapping[str, str]] = {ItemKind.CRM: "R", ItemKind.BLANK: "B", ItemKind.DUPLICATE: "D"}
#: strips on a page, and cells in one: a longer rack is told in the table below it
MOST_STRIPS: Final = 4
MOST_CELLS: Final = 600


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a rack: what stands there, how it looks, and everything about it in words."""

    sign: str
    look: str
    words: str


@dataclass(frozen=True, slots=True)
class Strip:
    """The rack as QC judged it for one method and analyte."""

    line: QcLine
    cells: Sequence[Cell]
    #: QC items whose place in the rack is not known, as in a laboratory's separate QC certificate
    beside: Sequence[Cell]


def strips(run: Run, qc: RunQc, items: Sequence[RunItem], gate: Gate) -> list[Strip]:
    """Return a strip for each analyte with a criterion, at most four; none for a rack too long to draw."""
    if len(items) > MOST_CELLS:
        return []
    return [_strip(run, line, items, gate) for line in qc.lines if line.decides][:MOST_STRIPS]


def _strip(run: Run, line: QcLine, items: Sequence[RunItem], gate: Gate) -> Strip:
    marks: dict[str, list[Mapping[str, Any]]] = {}
    for mark in line.marks:
        marks.setdefault(str(mark["item"]), []).append(mark)
    said = gate.found.get((run.pk, line.method.casefold(), line.analyte, line.oxide))
    placed: list[Cell] = []
    beside: list[Cell] = []
    for item in items:
        found = marks.get(str(item.pk), [])
        is_qc = item.kind in {ItemKind.CRM, ItemKind.BLANK}
        held = not is_qc and (said is None or said.withholds(item.pk))
        cell = _judged(item, found) if is_qc else _sample(item, held=held)
        (placed if item.position is not None else beside).append(cell)
    return Strip(line, placed, [cell for cell in beside if cell.sign])


def _where(item: RunItem) -> str:
    return f"{item.label}, place {item.position}" if item.position is not None else item.label


def _sample(item: RunItem, *, held: bool) -> Cell:
    look = "rack-withheld" if held else "rack-sample"
    return Cell(SIGNS.get(item.kind, ""), look, f"{_where(item)}{': withheld' if held else ''}")


def _judged(item: RunItem, marks: Iterable[Mapping[str, Any]]) -> Cell:
    found = list(marks)
    if not found:
        return Cell(SIGNS[item.kind], "rack-none", f"{_where(item)}: nothing was read of this analyte")
    verdict = min((QcVerdict(mark["verdict"]) for mark in found), key=WORST_FIRST.index)
    words = "; ".join(str(mark["words"]) for mark in found)
    return Cell(
        SIGNS[item.kind],
        f"rack-{verdict.lower()}",
        f"{_where(item)}: {VERDICT_LABELS[verdict].lower()}, {words}",
    )
