"""Rows and columns to determinations, with a finding for everything that is not plainly a value."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from assays.certificates.reading.model import Column, Determination, Finding, Profile, Row
from assays.chemistry.cells import Cell, read_cell
from assays.chemistry.units import ppm_factor
from lims.errors import DomainError

Detections = Mapping[int, Decimal]


def factors_of(columns: Sequence[Column]) -> tuple[dict[int, Decimal | None], list[Finding]]:
    """Return ppm per unit of each column (None where it is no mass fraction), and what is wrong with units."""
    factors: dict[int, Decimal | None] = {}
    findings = []
    for column in columns:
        factors[column.number] = None
        if not column.unit:
            message = f"{column.heading or column.analyte} names no unit."
            findings.append(
                Finding("error", "unit-missing", None, column.number, message, "Add it to the heading.")
            )
            continue
        try:
            factors[column.number] = ppm_factor(column.unit)
        except DomainError as error:
            problem = error.problems[0]
            findings.append(
                Finding("error", problem.code, None, column.number, problem.message, problem.remedy)
            )
    return factors, findings


def determinations_of(
    rows: Sequence[Row], columns: Sequence[Column], profile: Profile, detections: Detections
) -> tuple[list[Determination], list[Finding]]:
    """Return every cell that is understood, and a finding for every other one: nothing is lost silently."""
    factors, findings = factors_of(columns)
    made: list[Determination] = []
    for row in rows:
        for column in columns:
            raw = row.cells[column.number - 1] if column.number <= len(row.cells) else ""
            try:
                cell = read_cell(raw, profile, detection=detections.get(column.number))
                made.append(_made(row, column, raw, cell, factors[column.number]))
            except DomainError as error:
                problem = error.problems[0]
                findings.append(
                    Finding("error", problem.code, row.number, column.number, problem.message, problem.remedy)
                )
                continue
            if cell.note:
                findings.append(_noted(cell, row, column, raw))
    return made, findings


def _made(row: Row, column: Column, raw: str, cell: Cell, factor: Decimal | None) -> Determination:
    """Return a determination; a unit inside the cell takes the place of the column's."""
    if cell.unit:
        factor = ppm_factor(cell.unit)
    counted = cell.value is not None and factor is not None and column.form is not None
    return Determination(
        sample=row.sample,
        analyte=column.analyte,
        form=column.form,
        oxide=column.oxide,
        method=column.method,
        raw=raw.strip(),
        qualifier=cell.qualifier,
        value=cell.value,
        limit=cell.limit,
        unit=cell.unit or column.unit,
        ppm=cell.value * factor if counted and cell.value is not None and factor is not None else None,
        row=row.number,
        column=column.number,
    )


def _noted(cell: Cell, row: Row, column: Column, raw: str) -> Finding:
    words = {
        "unit-in-cell": f"“{raw.strip()}” names its own unit, {cell.unit}.",
        "thousands-separator": f"“{raw.strip()}” was read with commas between thousands.",
    }
    return Finding(
        "warning", cell.note, row.number, column.number, words[cell.note], "Look whether that is meant."
    )


def duplicate_columns(columns: Sequence[Column]) -> list[Finding]:
    """Return a note for each analyte that several columns report: by another method, or as an oxide. All are kept."""
    same: dict[str, list[Column]] = defaultdict(list)
    for column in columns:
        same[column.analyte].append(column)
    return [
        Finding(
            "note",
            "duplicate-column",
            None,
            found[1].number,
            f"{analyte} is reported {len(found)} times: "
            + ", ".join(f"{one.heading} by {one.method or 'no named method'}" for one in found)
            + ". All are kept.",
        )
        for analyte, found in same.items()
        if len(found) > 1
    ]


def duplicate_ids(rows: Sequence[Row]) -> list[Finding]:
    """Return an error for each row whose label an earlier row has, and for each without one."""
    first: dict[str, int] = {}
    findings = []
    for row in rows:
        key = row.sample.casefold()
        if not key:
            findings.append(
                Finding(
                    "error", "sample-id-missing", row.number, 1, "The row names no sample.", "Add its id."
                )
            )
        elif key in first:
            message = f"“{row.sample}” stands in row {first[key]} already."
            findings.append(
                Finding("error", "duplicate-id", row.number, 1, message, "Is it a duplicate of it?")
            )
        else:
            first[key] = row.number
    return findings
