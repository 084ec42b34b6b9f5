"""Files of the house: our template filled in, an instrument's sequence, and the results of a run by its codes. Invented."""

import io
from collections.abc import Sequence
from typing import Final

import xlsxwriter

from assays.certificates.reading.template_layout import MARKER
from assays.demonstration.rocks import TRACES
from assays.demonstration.trying.job import (
    BLANK,
    FEW,
    MATERIAL,
    METHOD,
    Cells,
    Job,
    as_csv,
    limits,
    material_cells,
    of,
)

#: isotope that is measured of each element
ISOTOPES: Final = {"La": 139, "Ce": 140, "Pr": 141, "Nd": 146, "Sm": 147, "Gd": 157, "Tb": 159, "Dy": 163, "Y": 89, "Th": 232}  # fmt: skip
WEIGHT_G, VOLUME_ML = 0.1, 50.0


def _template(job: Job) -> list[list[str]]:
    rows = job.rows()
    return [
        [f"{MARKER} 1"],
        ["Laboratory", "Deccan Assay Laboratory"],
        ["Certificate", job.number],
        ["Status", "final"],
        ["Number of samples", str(len(rows) + 1)],
        ["Date received", job.received_on.isoformat()],
        ["Date finalized", job.today.isoformat()],
        ["Comments", ""],
        [],
        ["Method", "", *(METHOD for _ in FEW)],
        ["Unit", "", *("ppm" for _ in FEW)],
        ["Lower limit", "", *limits(FEW)],
        ["Upper limit", "", *("" for _ in FEW)],
        ["Sample", "Type", *FEW],
        *([label, "sample", *of(cells, FEW)] for label, cells in rows),
        [MATERIAL, "standard", *of(material_cells(MATERIAL), FEW)],
        [BLANK, "blank", *of(material_cells(BLANK), FEW)],
    ]


def template_csv(job: Job) -> bytes:
    """Return our template, filled in; it says that one sample more is in it than there is."""
    return as_csv(_template(job))


def template_xlsx(job: Job) -> bytes:
    """Return the same as a spreadsheet."""
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Certificate")
        for row, cells in enumerate(_template(job)):
            for column, text in enumerate(cells):
                if text:
                    sheet.write_string(row, column, text)
    return file.getvalue()


def instrument(job: Job) -> bytes:
    """Return the sequence of an ICP-MS, in ppb of solution; one tube was rejected, of one nobody noted the weight."""
    isotopes = ["Sample", *([""] * 6)]
    heads = ["", "Rjct", "Data File", "Type", "Sample Name", "Weight [g]", "Volume [mL]"]
    for name in FEW:
        isotopes += [f"{ISOTOPES[name]}  {name}  [ He ]", ""]
        heads += ["Conc. [ ppb ]", "Conc. RSD"]
    tubes: list[tuple[str, str, Cells]] = [
        (BLANK, "PrepBlk", material_cells(BLANK)),
        (MATERIAL, "QC1", material_cells(MATERIAL)),
        *((label, "Sample", cells) for label, cells in job.rows()),
        (MATERIAL, "QC1", material_cells(MATERIAL, seed="end")),
    ]
    lines = [[f"Batch: {job.number}.b"], isotopes, heads]
    for count, (label, kind, cells) in enumerate(tubes, 1):
        rejected, weight = ("TRUE" if count == 5 else "FALSE"), ("" if count == 7 else f"{WEIGHT_G:.4f}")
        begun = ["", rejected, f"{count:03d}SMPL.d", kind, label, weight, f"{VOLUME_ML:g}"]
        lines.append(begun + _read(of(cells, FEW)))
    return as_csv(lines)


def _read(texts: Sequence[str]) -> list[str]:
    """Return contents of a solid as the instrument reads them in solution, each with its relative deviation."""
    told = []
    for place, text in enumerate(texts):
        sign = "<" if text.startswith("<") else ""
        solution = float(text.removeprefix("<")) * WEIGHT_G * 1000 / VOLUME_ML
        told += [f"{sign}{solution:.4g}", "" if sign else f"{0.6 + place % 4 * 0.3:.1f}"]
    return told


def by_codes(run: str, rows: Sequence[tuple[str, Cells]], method: str = METHOD) -> bytes:
    """Return the results of a run that was built here, under the codes of its positions.

    >>> by_codes("R26-0001", [("R26-0001-01", material_cells("LIME-1"))]).splitlines()[2][:28]
    b'Sample,La ppm ICM-40,Ce ppm '
    """
    lines = [["Job", run], [], ["Sample", *(f"{name} ppm {method}" for name in TRACES)]]
    return as_csv([*lines, *([code, *of(cells)] for code, cells in rows)])
