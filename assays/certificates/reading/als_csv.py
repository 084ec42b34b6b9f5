"""The layout of ALS's CSV files: a preamble of any length, then rows of methods, analytes and units, then samples."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from assays.certificates.reading.model import Column, Finding, Profile, Reading, Row
from assays.certificates.reading.sanity import sane
from assays.certificates.reading.sheet import Sheet
from assays.certificates.reading.values import (
    determinations_of,
    duplicate_columns,
    duplicate_ids,
    odd_rows,
    too_long,
)
from assays.chemistry.headings import analyte_of

NAME: Final = "als-csv"
_FIRST: Final = re.compile(
    r"\W*(?P<number>[A-Z0-9][A-Z0-9_./-]{2,39}?)\s*-\s*(?P<status>Finali[sz]ed|Preliminary)\b", re.IGNORECASE
)
_COUNT: Final = re.compile(r"#\s*of\s*SAMPLES\s*:\s*(?P<count>[0-9]{1,7})(?![0-9])", re.IGNORECASE)
_DATES: Final = {
    "received_on": re.compile(r"DATE\s+RECEIVED\s*:\s*(?P<day>[0-9A-Za-z/. -]+?)(?=\s{2,}|\s+DATE|\s*[,;\"]|$)", re.IGNORECASE),
    "finalized_on": re.compile(r"DATE\s+FINALI[SZ]ED\s*:\s*(?P<day>[0-9A-Za-z/. -]+?)(?=\s{2,}|\s*[,;\"]|$)", re.IGNORECASE),
}  # fmt: skip
_COMMENTS: Final = re.compile(r"(?:CERTIFICATE\s+)?COMMENTS?\s*:\s*(?P<text>.*)", re.IGNORECASE | re.DOTALL)
_NEXT: Final = re.compile(
    r"(?:PO\s+NUMBER|PROJECT|CLIENT|#\s*of\s*SAMPLES|DATE\s+RECEIVED)\s*:", re.IGNORECASE
)
_REISSUE: Final = re.compile(
    # "corrected for interference" is chemistry, not a re-issue
    r"correct(?!ed\s+for\b|ion\s+for\b)|re-?issue|supersede|amend|replace|revis",
    re.IGNORECASE,
)
_FORMATS: Final = ("%Y-%m-%d", "%d-%b-%Y", "%d %b %Y", "%d-%B-%Y", "%Y/%m/%d", "%d-%b-%y")
#: rows of preamble, at most
PREAMBLE: Final = 200


def _first(sheet: Sheet) -> re.Match[str] | None:
    for row in sheet.rows[:PREAMBLE]:
        if any(cell.strip() for cell in row):
            return _FIRST.match(",".join(row))
    return None


def _heads(sheet: Sheet) -> int | None:
    """Return the index of the row of analytes: SAMPLE, between a row of methods and one of units."""
    for index, row in enumerate(sheet.rows[: PREAMBLE + 1]):
        if row and row[0].strip().upper() == "SAMPLE" and 0 < index < len(sheet.rows) - 1:
            after = sheet.rows[index + 1]
            if (
                after
                and after[0].strip().upper() == "DESCRIPTION"
                and not (sheet.rows[index - 1] or [""])[0].strip()
            ):
                return index
    return None


def recognise(sheet: Sheet) -> str | None:
    """Return why this is ALS's layout; None when it is not."""
    found = _first(sheet)
    if found is None or _heads(sheet) is None:
        return None
    return f"It begins with “{found['number']} - {found['status']}”, and has rows SAMPLE and DESCRIPTION."


def read(sheet: Sheet, profile: Profile) -> Reading:
    """Return what the file says. `recognise` must have said that it is of this layout."""
    first, head = _first(sheet), _heads(sheet)
    assert first is not None
    assert head is not None
    preamble = [",".join(row).rstrip(",").strip() for row in sheet.rows[: head - 1]]
    findings: list[Finding] = []
    columns = _columns(sheet, head, findings)
    rows = _rows(sheet, head)
    comments = _comments(preamble)
    reading = Reading(
        NAME,
        recognise(sheet) or "",
        laboratory="ALS",
        certificate=first["number"],
        status="preliminary" if first["status"].lower().startswith("prelim") else "final",
        version_note=comments if _REISSUE.search(comments) else "",
        stated_samples=next((int(m["count"]) for line in preamble if (m := _COUNT.search(line))), None),
        received_on=_day(preamble, "received_on", findings),
        finalized_on=_day(preamble, "finalized_on", findings),
        encoding=sheet.encoding,
        delimiter=sheet.delimiter,
        columns=columns,
        rows=rows,
    )
    reading.determinations, unread = determinations_of(rows, columns, profile, {})
    reading.findings = [
        *_counted(reading),
        *_said(reading, comments),
        *_dated(reading),
        *findings,
        *odd_rows(rows, len(sheet.rows[head])),
        *duplicate_ids(rows),
        *duplicate_columns(columns),
        *unread,
        *sane(reading.determinations),
    ]
    return reading


def _columns(sheet: Sheet, head: int, findings: list[Finding]) -> list[Column]:
    methods, symbols, units = sheet.rows[head - 1], sheet.rows[head], sheet.rows[head + 1]
    columns = []
    for index, symbol in enumerate(symbols):
        heading = symbol.strip()
        if index == 0 or not heading:
            continue
        counted = analyte_of(heading)
        if counted is None:
            message = f"“{heading}” is no element or oxide known here: the column is left."
            findings.append(Finding("warning", "column-unknown", head + 1, index + 1, message))
            continue
        column = Column(
            index + 1,
            heading,
            counted.analyte,
            counted.form,
            counted.oxide,
            methods[index].strip() if index < len(methods) else "",
            units[index].strip() if index < len(units) else "",
        )
        wrong = too_long(column, head + 1)
        if wrong is None:
            columns.append(column)
        else:
            findings.append(wrong)
    return columns


def _rows(sheet: Sheet, head: int) -> list[Row]:
    return [
        Row(number, cells[0].strip(), tuple(cells))
        for number, cells in enumerate(sheet.rows[head + 2 :], head + 3)
        if any(cell.strip() for cell in cells)
    ]


def _comments(preamble: Sequence[str]) -> str:
    """Return the comments, which may run over several lines, without their quotation marks."""
    for index, line in enumerate(preamble):
        found = _COMMENTS.match(line.lstrip('"'))
        if found is None:
            continue
        parts = [found["text"]]
        for more in preamble[index + 1 :]:
            if _NEXT.match(more.lstrip('"')):
                break
            parts.append(more)
        return " ".join(" ".join(parts).replace('"', " ").split())
    return ""


def _day(preamble: Sequence[str], which: str, findings: list[Finding]) -> date | None:
    for number, line in enumerate(preamble, 1):
        found = _DATES[which].search(line)
        if found is None:
            continue
        text = found["day"].strip()
        for form in _FORMATS:
            try:
                return datetime.strptime(text, form).date()  # noqa: DTZ007  # a date has no zone
            except ValueError:
                continue
        message = f"“{text}” is no date that can be told."
        remedy = "The year comes first, as in 2026-11-03, or the month in letters."
        findings.append(Finding("warning", "date-unreadable", number, None, message, remedy))
    return None


def _counted(reading: Reading) -> list[Finding]:
    stated, read_ = reading.stated_samples, len(reading.rows)
    if stated is None or stated == read_:
        return []
    message = f"The file says that it has {stated} samples, and {read_} were read."
    return [Finding("error", "sample-count", None, None, message, "Is the file whole? Ask for it again.")]


def _dated(reading: Reading) -> list[Finding]:
    received, finalized = reading.received_on, reading.finalized_on
    if received is None or finalized is None or received <= finalized:
        return []
    message = f"Finalized on {finalized.isoformat()}, before it was received on {received.isoformat()}."
    return [Finding("warning", "dates-reversed", None, None, message, "Ask the laboratory which is right.")]


def _said(reading: Reading, comments: str) -> list[Finding]:
    if reading.version_note:
        return [Finding("note", "re-issue", None, None, f"A re-issue: {reading.version_note}")]
    return [Finding("note", "comment", None, None, f"The laboratory says: {comments}")] if comments else []
