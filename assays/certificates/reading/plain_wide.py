"""The plain wide layout: one row of headings such as `Dy_ppm` or `Tb (ppm) ME-MS81`, then a row for each sample."""

from typing import Final

from assays.certificates.reading.model import Column, Finding, Profile, Reading, Row
from assays.certificates.reading.sanity import sane
from assays.certificates.reading.sheet import Sheet
from assays.certificates.reading.values import determinations_of, duplicate_columns, duplicate_ids
from assays.chemistry.headings import read_heading

NAME: Final = "plain-wide"
#: what the column of labels may be headed by, without case, spaces and signs
IDS: Final = frozenset(
    {"sample", "sampleid", "sampleno", "samplenumber", "samplename", "id", "tag", "labid", "labno", "fieldno",
     "fieldid", "sampletag", "ourref", "gsno", "siteid"}
)  # fmt: skip
#: rows above the headings, at most
PREAMBLE: Final = 30


def _key(text: str) -> str:
    return "".join(sign for sign in text.casefold() if sign.isalnum())


def _head(sheet: Sheet) -> int | None:
    """Return the index of the row of headings: at least one names an analyte with its unit, and one the samples."""
    for index, row in enumerate(sheet.rows[:PREAMBLE]):
        read = [read_heading(cell) for cell in row]
        with_unit = sum(one is not None and bool(one.unit) for one in read)
        if with_unit and (any(_key(cell) in IDS for cell in row) or with_unit > 1):
            return index
    return None


def recognise(sheet: Sheet) -> str | None:
    """Return why this is a plain wide table; None when it is not."""
    head = _head(sheet)
    if head is None:
        return None
    first = next(cell.strip() for cell in sheet.rows[head] if (one := read_heading(cell)) and one.unit)
    return f"Row {head + 1} has headings with units, such as “{first}”, and each row below is a sample."


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the table says. `recognise` must have said that it is of this layout."""
    head = _head(sheet)
    assert head is not None
    heads = sheet.rows[head]
    label = next((index for index, cell in enumerate(heads) if _key(cell) in IDS), 0)
    findings: list[Finding] = []
    columns = _columns(heads, label, head, findings)
    rows = [
        Row(index + 1, cells[label].strip() if label < len(cells) else "", tuple(cells))
        for index, cells in enumerate(sheet.rows[head + 1 :], head + 1)
        if any(cell.strip() for cell in cells)
    ]
    reading = Reading(
        NAME,
        recognise(sheet) or "",
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        columns=columns,
        rows=rows,
    )
    reading.determinations, unread = determinations_of(rows, columns, profile, {})
    reading.findings = [
        *findings,
        *duplicate_ids(rows),
        *duplicate_columns(columns),
        *unread,
        *sane(reading.determinations),
    ]
    return reading


def _columns(heads: object, label: int, head: int, findings: list[Finding]) -> list[Column]:
    columns = []
    assert isinstance(heads, list | tuple)
    for index, cell in enumerate(heads):
        found = read_heading(cell)
        if index == label or not cell.strip():
            continue
        if found is None:
            message = f"“{cell.strip()[:60]}” is no analyte: the column is left."
            findings.append(Finding("note", "column-unknown", head + 1, index + 1, message))
            continue
        counted = found.analyte
        columns.append(
            Column(
                index + 1,
                cell.strip(),
                counted.analyte,
                counted.form,
                counted.oxide,
                found.method,
                found.unit or ("%" if counted.form is None else ""),
            )
        )
    return columns
