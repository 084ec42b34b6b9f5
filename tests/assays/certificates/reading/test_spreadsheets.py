"""Certificates in spreadsheets: what is read is what stands in the cells, in XLSX, XLS and ODS."""

import io

import pytest
import xlsxwriter

from assays.certificates.reading import read
from tests.assays.certificates.reading.old_formats import ods, xls


def workbook(lines):
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet()
        for row, line in enumerate(lines):
            sheet.write_row(row, 0, line)
    return out.getvalue()


def test_a_workbook_is_told_by_its_content_and_reads_as_its_text_does():
    content = workbook([["Sample", "Dy ppm", "Tb ppm"], ["0012", 36.5, "<0.05"], ["B", "", "NSS"]])
    reading = read(content, name="certificate.csv")
    assert reading.layout == "plain-wide"
    assert [(one.sample, one.raw, one.qualifier) for one in reading.determinations] == [
        ("0012", "36.5", ""),
        ("0012", "<0.05", "<"),
        ("B", "", "blank"),
        ("B", "NSS", "insufficient-sample"),
    ]


def test_a_certificate_that_was_saved_as_a_workbook_is_still_one():
    lines = [
        ["XX26000004 - Finalized"],
        ["# of SAMPLES : 1"],
        ["DATE RECEIVED : 2026-02-01  DATE FINALIZED : 2026-02-09"],
        ["", "ME-MS81", "OA-GRA05"],
        ["SAMPLE", "Dy", "LOI"],
        ["DESCRIPTION", "ppm", "%"],
        ["A", "36.5", "-0.02"],
    ]
    reading = read(workbook(lines), name="a.xlsx")
    assert (reading.layout, reading.certificate, reading.stated_samples) == ("als-csv", "XX26000004", 1)
    assert [(one.raw, one.row, one.column) for one in reading.determinations] == [
        ("36.5", 7, 2),
        ("-0.02", 7, 3),
    ]
    assert reading.findings == []


LINES = [["Sample", "Dy ppm"], ["A", "36.5"], ["B", "<0.05"]]


@pytest.mark.parametrize("made", [workbook, xls, ods], ids=["xlsx", "xls", "ods"])
def test_every_kind_of_spreadsheet_reads_the_same(made):
    reading = read(made(LINES), name="certificate.csv")
    assert (reading.encoding, reading.delimiter) == ("", "")
    assert [(one.sample, one.raw, one.qualifier, one.row, one.column) for one in reading.determinations] == [
        ("A", "36.5", "", 2, 2),
        ("B", "<0.05", "<", 3, 2),
    ]


@pytest.mark.parametrize("made", [workbook, xls], ids=["xlsx", "xls"])
def test_a_number_is_read_with_the_figures_that_were_typed(made):
    texts = [
        one.raw
        for one in read(made([["Sample", "Dy ppm"], ["A", 36.1], ["B", 2150.0], ["C", 0.1]])).determinations
    ]
    assert texts == ["36.1", "2150", "0.1"]
