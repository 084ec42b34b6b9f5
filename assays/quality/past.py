"""Reading a file of QC results of the past, whatever its columns are called, and counting what it broke. Pure.

One row a result. Columns are found by their names (`NAMES`); results of an element or oxide may stand in a column
named after it, as in `Au_or_ppm` beside `Au_EV` and `Au_SD`.
"""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import groupby
from operator import attrgetter
from typing import Final

from assays.chemistry.units import ppm_factor
from assays.quality.control import Point, control_chart, rule_counts
from lims.errors import Invalid, Place, Problem, invalid

#: what is looked for → names of its column, compared without case, blanks, or underscores
NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "kind": ("generalcontrol", "kind", "qctype", "sampletype"),
    "code": ("controltype", "standard", "material", "crm", "controlname"),
    "label": ("sampleid", "sample", "label"),
    "batch": ("batchname", "batch", "job", "certificate"),
    "on": ("date", "measuredon", "analysed", "reported"),
    "method": ("method", "methodcode"),
    "laboratory": ("lab", "laboratory"),
    "analyte": ("element", "analyte"),
    "unit": ("unit",),
    "value": ("value", "result", "orppm", "or"),
    "certified": ("ev", "expected", "certified", "certifiedvalue"),
    "sd": ("sd", "stddev", "certifiedsd"),
}
_NEEDED: Final = ("code", "label", "on", "value", "certified", "sd")
#: words of the kind column that mean a reference material
_MATERIALS: Final = frozenset({"crm", "standard", "std", "rm", "referencematerial"})
MOST_ROWS: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Past:
    """One result of a reference material in the past, in ppm, with the row of the file where it stands (1-based)."""

    row: int
    code: str
    analyte: str
    method: str
    batch: str
    label: str
    on: date
    value_ppm: Decimal
    certified_ppm: Decimal
    sd_ppm: Decimal

    @property
    def point(self) -> Point:
        """Return it as a point of a control chart."""
        return Point(self.on, self.batch, self.label, self.value_ppm, self.certified_ppm, self.sd_ppm)


@dataclass(frozen=True, slots=True)
class PastFile:
    """What a file of history holds: results in time order, and the rows left out, each with why."""

    results: Sequence[Past]
    left_out: Sequence[tuple[int, str]]
    rows: int


def _plain(heading: str) -> str:
    return "".join(c for c in heading.casefold() if c.isalnum())


def _columns(headings: Sequence[str], analyte: str) -> dict[str, int]:
    """Return where each thing stands; columns of the analyte (`Au_EV`) come before general ones (`EV`)."""
    plain = [_plain(heading) for heading in headings]
    found: dict[str, int] = {}
    for what, names in NAMES.items():
        mine = [f"{_plain(analyte)}{name}" for name in names] if analyte else []
        at = next((plain.index(name) for name in (*mine, *names) if name in plain), None)
        if at is not None:
            found[what] = at
    lacking = [NAMES[what][0] for what in _NEEDED if what not in found]
    if lacking:
        raise invalid(
            "history-column-missing",
            f"The file has no column for {', '.join(lacking)}.",
            "Name its columns: material, sample, date, result, certified value, standard deviation.",
            field="file",
        )
    return found


def _table(content: bytes) -> list[list[str]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("latin-1")
    if "\x00" in text:
        raise invalid("not-a-text-file", "This is no text file.", "Save it as CSV.", field="file")
    rows = list(csv.reader(io.StringIO(text, newline="")))
    if len(rows) < 2:
        raise invalid(
            "file-empty", "The file holds no row.", "Choose the file with the results.", field="file"
        )
    if len(rows) > MOST_ROWS:
        raise invalid("file-too-long", f"More than {MOST_ROWS} rows.", "Split the file.", field="file")
    return rows


def read_past(content: bytes, analyte: str) -> PastFile:
    r"""Return the results of reference materials in a file, in the order of date, batch name and sample id.

    `analyte` is the element whose columns are read, as in "Au". Rows of blanks and duplicates are not of this
    history and are passed by; a row of a material that lacks a number is left out and named. Raises `Invalid`
    ("file-empty", "not-a-text-file", "history-column-missing", "history-nothing-read").

    >>> head = "Control_type,SampleID,Batchname,Date,Au_or_ppm,Au_EV,Au_SD"
    >>> file = read_past(f"{head}\nRM1,b,J1,2020-01-02,3.9,3.91,0.15\nRM1,a,J1,2020-01-02,,3.91,0.15".encode(), "Au")
    >>> [one.label for one in file.results], file.left_out
    (['b'], [(3, 'no result')])
    """
    table = _table(content)
    columns = _columns(table[0], analyte)
    results: list[Past] = []
    left_out: list[tuple[int, str]] = []
    for number, cells in enumerate(table[1:], 2):
        cell = {what: cells[at].strip() if at < len(cells) else "" for what, at in columns.items()}
        if not any(cell.values()) or not _is_material(cell):
            continue
        try:
            results.append(_result(number, cell, analyte))
        except Invalid as error:
            left_out.append((number, error.problems[0].message))
    if not results:
        raise invalid(
            "history-nothing-read",
            f"No row is a result of {analyte} in a reference material.",
            "Look at the columns, and at the element that was asked for.",
            field="file",
        )
    results.sort(key=lambda one: (one.on, one.batch, one.label, one.row))
    return PastFile(results, left_out, len(table) - 1)


def _is_material(cell: Mapping[str, str]) -> bool:
    """Return whether a row is of a reference material: by its kind, where the file says one."""
    return _plain(cell["kind"]) in _MATERIALS if cell.get("kind") else bool(cell["certified"])


def _refuse(words: str) -> Invalid:
    return Invalid(Problem("history-row", words, "Mend the row.", Place(field="file")))


def _number(text: str, what: str) -> Decimal:
    if not text:
        raise _refuse(f"no {what}")
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise _refuse(f"{what} “{text[:20]}” is no number") from None
    if not found.is_finite() or abs(found) >= Decimal("1e12"):
        raise _refuse(f"{what} “{text[:20]}” is no content")
    return found


def _result(number: int, cell: Mapping[str, str], analyte: str) -> Past:
    unit = cell.get("unit") or "ppm"
    try:
        factor = ppm_factor(unit)
    except Invalid:
        factor = None
    if factor is None:
        raise _refuse(f"unit “{unit[:12]}” is no mass fraction")
    value, certified = _number(cell["value"], "result"), _number(cell["certified"], "certified value")
    sd = _number(cell["sd"], "standard deviation")
    if sd <= 0 or value < 0 or certified < 0:
        raise _refuse("a number below nought, or no standard deviation")
    try:
        on = date.fromisoformat(cell["on"][:10])
    except ValueError:
        raise _refuse(f"date “{cell['on'][:20]}” is not written year-month-day") from None
    if not cell["code"] or not cell["label"]:
        raise _refuse("no material or no sample")
    return Past(
        number,
        cell["code"][:60],
        analyte,
        cell.get("method", "")[:40],
        cell.get("batch", "")[:100],
        cell["label"][:100],
        on,
        value * factor,
        certified * factor,
        sd * factor,
    )


@dataclass(frozen=True, slots=True)
class Counted:
    """How many results a material has, and how often each rule was broken."""

    code: str
    results: int
    rules: Mapping[str, int]


def counts(results: Iterable[Past]) -> list[Counted]:
    """Return for each material how many results there are and what they broke, in the order of codes.

    >>> day = date(2020, 1, 2)
    >>> past = [Past(n, "RM1", "Au", "", "J1", str(n), day, Decimal(x), Decimal(10), Decimal(1)) for n, x in enumerate((14, 13))]
    >>> found = counts(past)[0]
    >>> found.code, found.results, found.rules["1-3s"], found.rules["2-2s"]
    ('RM1', 2, 1, 1)
    """
    by_code = sorted(results, key=attrgetter("code"))
    found = []
    for code, group in groupby(by_code, key=attrgetter("code")):
        chart = control_chart([one.point for one in group])
        found.append(Counted(code, len(chart), rule_counts(chart)))
    return found
