"""What a reading becomes in the preview: the file in words, its rows with marks, matches and problems."""

from collections import defaultdict
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

import numpy as np
from django.utils import timezone

from assays.catalogue.models import Method
from assays.catalogue.queries import methods_by_code
from assays.certificates.matching import Found, Matcher
from assays.certificates.models import Upload, UploadRow
from assays.certificates.reading import Column, Finding, Meaning, Reading
from assays.certificates.reading.sanity import contents
from assays.certificates.rules import Match
from assays.chemistry.normalisation import CI_CHONDRITE

#: findings that are kept with an upload; a file with more has one reason for all of them
MOST_FINDINGS: Final = 500
#: what a column of the database holds: 18 digits before the point, 12 behind it
LARGEST: Final = Decimal(10) ** 18
SMALLEST_EXPONENT: Final = -12


def understood(reading: Reading, method: Method | None) -> dict[str, Any]:
    """Return the reader's understanding of a file as plain data, as the preview shows it."""
    default = method.code if method is not None else ""
    return {
        "layout": reading.layout,
        "why": reading.why,
        "laboratory": reading.laboratory,
        "certificate": reading.certificate,
        "status": reading.status,
        "version_note": reading.version_note,
        "stated_samples": reading.stated_samples,
        "received_on": reading.received_on and reading.received_on.isoformat(),
        "finalized_on": reading.finalized_on and reading.finalized_on.isoformat(),
        "encoding": reading.encoding,
        "delimiter": reading.delimiter,
        "columns": [_column(column, default) for column in reading.columns],
        "rows": len(reading.rows),
        "determinations": len(reading.determinations),
        "median": _median(reading),
    }


def _median(reading: Reading) -> dict[str, float]:
    """Return by rare earth the median of the file's rows, ppm of the element: what one row's pattern is held against."""
    known = contents(reading.determinations)
    found = {name: known[name] for name in CI_CHONDRITE if name in known}
    return {name: float(f"{np.nanmedian(ppm):.6g}") for name, ppm in found.items() if not np.isnan(ppm).all()}


def _column(column: Column, default: str) -> dict[str, Any]:
    return {
        "number": column.number,
        "heading": column.heading,
        "analyte": column.analyte,
        "form": column.form,
        "oxide": column.oxide,
        "method": column.method or default,
        "unit": column.unit,
    }


def day_of(upload: Upload, reading: Reading) -> date:
    """Return the day that a file is of: when it was finalised, when samples were received, or when it was brought in."""
    return reading.finalized_on or reading.received_on or timezone.localdate(upload.uploaded_at)


def rows_of(upload: Upload, reading: Reading) -> tuple[list[UploadRow], list[dict[str, Any]]]:
    """Return the rows of the preview, and the findings, the worst first (both not yet kept)."""
    findings = [*reading.findings, *_too_long(reading), *_unknown_methods(upload, reading)]
    at: dict[int | None, list[Finding]] = defaultdict(list)
    for finding in findings:
        at[finding.row].append(finding)
    marks: dict[int, dict[int, str]] = defaultdict(dict)
    for row, column, one, _ in reading.determinations.cells():
        marks[row.number][reading.columns[column].number] = one.qualifier
    on = day_of(upload, reading)
    matcher = Matcher(upload, [row.sample for row in reading.rows], on)
    measured = {column.number for column in reading.columns}
    rows = [
        UploadRow(
            upload=upload,
            number=row.number,
            label=row.sample[:200],
            cells=list(row.cells),
            marks=[
                marks[row.number].get(number, "!" if number in measured and cell.strip() else "")
                for number, cell in enumerate(row.cells, 1)
            ],
            **_matched(_by_kind(matcher.find(row.sample, row.number), row.kind), at[row.number]),
        )
        for row in reading.rows
    ]
    # A reference material stands in a file as often as it was read.
    qc = {row.number for row in rows if row.match in {Match.CRM, Match.BLANK}}
    findings = [one for one in findings if one.code != "duplicate-id" or one.row not in qc]
    order = {"error": 0, "warning": 1, "note": 2}
    kept = sorted(findings, key=lambda one: (order[one.severity], one.row or 0, one.column or 0))
    return rows, [_plain(finding) for finding in kept[:MOST_FINDINGS]]


def _plain(finding: Finding) -> dict[str, Any]:
    return {
        "severity": finding.severity,
        "code": finding.code,
        "row": finding.row,
        "column": finding.column,
        # the place in the file: another one where the file is no table (long, transposed)
        "at": list(finding.place),
        "message": finding.message,
        "remedy": finding.remedy,
    }


def _by_kind(found: Found, kind: str) -> Found:
    """Return what a row was found to be; a second row of a label that the file itself calls a duplicate is one."""
    twice = [problem for problem in found.problems if problem.code == "duplicate-id"]
    if kind == "duplicate" and found.match == Match.SAMPLE and twice:
        others = [problem for problem in found.problems if problem.code != "duplicate-id"]
        return replace(found, match=Match.DUPLICATE, problems=others)
    return found


def _matched(found: Found, findings: list[Finding]) -> dict[str, Any]:
    # The reader's own "duplicate-id" is the matcher's question, asked once.
    heard = [finding for finding in findings if finding.code != "duplicate-id"]
    return {
        "match": found.match,
        "sample": found.sample,
        "material": found.material,
        "suggestions": found.suggestions,
        "problems": [p.as_dict() for p in found.problems]
        + [_plain(finding) for finding in heard if finding.severity == "error"],
        "warnings": [p.as_dict() for p in found.warnings]
        + [_plain(finding) for finding in heard if finding.severity == "warning"],
    }


def _fits(number: Decimal | None) -> bool:
    if number is None:
        return True
    exponent = number.as_tuple().exponent
    return abs(number) < LARGEST and isinstance(exponent, int) and exponent >= SMALLEST_EXPONENT


def _too_long(reading: Reading) -> list[Finding]:
    """Return a finding for each number with more digits than the record keeps: nothing is rounded silently."""
    values = reading.determinations
    found = []
    for at, known in enumerate(values.distinct):
        long = {key: one for key, one in known.items() if one is not None and not _kept(one)}
        for place, one in enumerate(values.meanings[at] if long else ()):
            if id(one) in long:
                message = (
                    f"{long[id(one)].raw} has more digits than are kept (18 before the point, 12 behind it)."
                )
                remedy = "Correct it in the file."
                finding = Finding("error", "number-too-long", None, None, message, remedy)
                found.append(values.at(finding, place, at))
    return sorted(found, key=lambda one: (one.row or 0, one.column or 0))


def _kept(one: Meaning) -> bool:
    return len(one.raw) <= 200 and all(
        _fits(number) for number in (one.value, one.limit, one.ppm, one.limit_ppm)
    )


def _unknown_methods(upload: Upload, reading: Reading) -> list[Finding]:
    """Return a warning for each method that the catalogue does not know: its values have no basis."""
    known = methods_by_code(upload.laboratory) if upload.laboratory else {}
    default = upload.method.code if upload.method is not None else ""
    named = {(column.method or default): column.number for column in reversed(reading.columns)}
    return [
        Finding(
            "warning",
            "method-unknown" if code else "method-missing",
            None,
            number,
            f"The method {code} is not in the catalogue." if code else "A column names no method.",
            "Without its basis no decision can use its values: have it added, or choose a method for the file.",
        )
        for code, number in sorted(named.items())
        if code.casefold() not in known
    ]
