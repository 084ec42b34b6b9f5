"""The template of a certificate for a method of a laboratory, as XLSX with drop-downs and as CSV; read back exactly."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import xlsxwriter

from assays.catalogue import queries
from assays.catalogue.models import Method
from assays.certificates.reading.template_layout import MARKER
from lims.errors import NotFound, Problem
from samples.registry.writers import safe

VERSION: Final = 1
#: rows for samples that have drop-downs; more may be written below them
ROWS: Final = 500
UNITS: Final = ("ppm", "ppb", "%", "mg/kg", "g/t")
TYPES: Final = ("sample", "standard", "duplicate", "blank")
STATUSES: Final = ("final", "preliminary")
#: what the laboratory says of the certificate → how it is written
PREAMBLE: Final = {
    "Laboratory": "Your name, as on your certificates.",
    "Certificate": "The number of the certificate.",
    "Status": "final, or preliminary where values may still change.",
    "Number of samples": "How many samples are in it, without standards, duplicates and blanks: checked when it is read.",
    "Date received": "Year first, as 2026-11-03.",
    "Date finalized": "Year first, as 2026-11-17.",
    "Comments": "Anything to know; “Corrected copy” where it replaces an earlier one.",
}
#: rows of headings → how they are written
HEADINGS: Final = {
    "Method": "The method of each column, by its code.",
    "Unit": "The unit of each column. Contents of liquids (mg/L) cannot be read.",
    "Lower limit": "The limit of detection in the column's unit. Write values below it as <0.05.",
    "Upper limit": "The upper limit in the column's unit. Write values above it as >1000.",
    "Sample": "Each sample by the number on its tag, one in a row; what it is; and its values. NSS: insufficient sample. "
    "LNR: not requested. The headings are elements (Dy) or oxides (Dy2O3); columns may be added or left out.",
}


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column: symbol of element or oxide, method, unit, and limits in that unit."""

    symbol: str
    method: str
    unit: str
    lower: Decimal | None = None
    upper: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Template:
    """What a template is made of: whose it is, the codes to choose a method from, and its columns."""

    laboratory: str
    methods: tuple[str, ...]
    columns: tuple[TemplateColumn, ...]


def template_of(method: Method) -> Template:
    """Return the template of a method: a column for everything that it reports. Three queries."""
    codes = (
        Method.objects.filter(laboratory=method.laboratory_id).order_by("code").values_list("code", flat=True)
    )
    columns = tuple(
        TemplateColumn(one.oxide or one.analyte, method.code, one.unit, one.lower_limit, one.upper_limit)
        for one in method.analytes.order_by("id")
    )
    return Template(method.laboratory.name, tuple(codes), columns)


def template_file(pk: UUID, form: str) -> tuple[str, bytes]:
    """Return the template of the method with this id as "csv" or "xlsx": its file name and its content.

    Raises `NotFound` ("not-found").
    """
    method = queries.methods().filter(pk=pk).first()
    if method is None:
        raise NotFound(Problem("not-found", "There is no such method.", "Choose one of the list."))
    template = template_of(method)
    content = csv_template(template) if form == "csv" else xlsx_template(template)
    name = "".join(
        sign if sign.isascii() and (sign.isalnum() or sign in "._-") else "_" for sign in method.code
    )
    return f"{name}-template.{form}", content


def lines_of(template: Template) -> list[list[str]]:
    """Return the rows of a template that nobody has filled in yet.

    >>> lines_of(Template("NFC", ("M1",), (TemplateColumn("Dy", "M1", "ppm", Decimal("0.0500")),)))[-5:]
    [['Method', '', 'M1'], ['Unit', '', 'ppm'], ['Lower limit', '', '0.05'], ['Upper limit', '', ''], ['Sample', 'Type', 'Dy']]
    """
    given = {"Laboratory": template.laboratory, "Status": STATUSES[0]}
    columns = template.columns
    return [
        [f"{MARKER} {VERSION}"],
        *([name, given.get(name, "")] for name in PREAMBLE),
        [],
        ["Method", "", *(one.method for one in columns)],
        ["Unit", "", *(one.unit for one in columns)],
        ["Lower limit", "", *(_limit(one.lower) for one in columns)],
        ["Upper limit", "", *(_limit(one.upper) for one in columns)],
        ["Sample", "Type", *(one.symbol for one in columns)],
    ]


def _limit(number: Decimal | None) -> str:
    return "" if number is None else format(number.normalize(), "f")


def csv_template(template: Template) -> bytes:
    """Return the template as CSV: UTF-8 with a byte order mark, so that spreadsheet programs see it."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows([safe(cell) for cell in line] for line in lines_of(template))
    return text.getvalue().encode("utf-8-sig")


def xlsx_template(template: Template) -> bytes:
    """Return the template as XLSX, with drop-downs for status, method, unit and type, and a sheet that explains it.

    Nothing in it is a formula. Limits are numbers, labels are text: a sample called 007 stays so.
    """
    file = io.BytesIO()
    with xlsxwriter.Workbook(file, {"in_memory": True}) as book:
        sheet, words, lists = (
            book.add_worksheet(name) for name in ("Certificate", "How to fill it in", "Lists")
        )
        lists.hide()
        _write(book, sheet, lines_of(template))
        _choices(sheet, lists, template)
        _explain(book, words)
    return file.getvalue()


def _write(book: Any, sheet: Any, lines: Sequence[Sequence[str]]) -> None:
    bold, text, number = (
        book.add_format({"bold": True}),
        book.add_format({"num_format": "@"}),
        book.add_format(),
    )
    sheet.set_column(0, 0, 20, text)
    sheet.set_column(1, 1, 18, text)
    sheet.set_column(2, max(len(lines[-1]) - 1, 2), 11, number)
    for row, cells in enumerate(lines):
        for column, cell in enumerate(cells):
            if column > 1 and cells[0] in {"Lower limit", "Upper limit"} and cell:
                sheet.write_number(row, column, float(cell))
            elif cell:
                heads = column == 0 or row == len(lines) - 1
                sheet.write_string(row, column, cell, bold if heads else text)
    sheet.freeze_panes(len(lines), 1)


def _choices(sheet: Any, lists: Any, template: Template) -> None:
    """Put the drop-downs where they belong; other methods and units may be typed, since a list is never whole."""
    lines = lines_of(template)
    at = {cells[0]: row for row, cells in enumerate(lines) if cells}
    last = max(len(lines[-1]) + 9, 11)
    places = {
        STATUSES: (at["Status"], 1, at["Status"], 1),
        template.methods: (at["Method"], 2, at["Method"], last),
        tuple(dict.fromkeys((*UNITS, *(one.unit for one in template.columns)))): (
            at["Unit"],
            2,
            at["Unit"],
            last,
        ),
        TYPES: (len(lines), 1, len(lines) + ROWS - 1, 1),
    }
    strict = {STATUSES, TYPES}
    for column, (choices, place) in enumerate(places.items()):
        for row, choice in enumerate(choices):
            lists.write_string(row, column, choice)
        if choices:
            letter = "ABCD"[column]
            source = f"=Lists!${letter}$1:${letter}${len(choices)}"
            kind = "stop" if choices in strict else "warning"
            sheet.data_validation(*place, {"validate": "list", "source": source, "error_type": kind})


def _explain(book: Any, words: Any) -> None:
    bold, wrapped = book.add_format({"bold": True, "valign": "top"}), book.add_format({"text_wrap": True})
    words.set_column(0, 0, 20)
    words.set_column(1, 1, 90)
    types = {"Type": "sample, standard, duplicate or blank; empty: a sample."}
    for row, (name, meaning) in enumerate({**PREAMBLE, **HEADINGS, **types}.items()):
        words.write_string(row, 0, name, bold)
        words.write_string(row, 1, meaning, wrapped)
