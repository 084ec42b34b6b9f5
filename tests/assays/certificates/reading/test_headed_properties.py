"""Whatever table is written with rows of headings: what is read is what was written, and no damage breaks the reader."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assays.certificates.reading import read
from lims.errors import Invalid
from tests.assays.certificates.reading.test_properties import (
    ENCODINGS,
    expected,
    formats,
    rendered,
    tables,
)

METHOD = "FUS-MS"


def as_sgs(columns, rows):
    return [
        ["COA", "HL26-1"],
        ["CLIENT", "Hill Road"],
        ["# OF SAMPLES", str(len(rows))],
        ["METHOD", *(METHOD for _ in columns)],
        ["SAMPLE", *(symbol for symbol, _ in columns)],
        ["DESCRIPTION", *(unit for _, unit in columns)],
        ["LD", *("0.0001" for _ in columns)],
        *([label, *texts] for label, texts in rows),
    ]


def as_job_a(columns, rows):
    return [
        ["LabjobNo", "LJ-1"],
        ["DespatchNo", "D1"],
        ["No of Samples", str(len(rows))],
        ["METHOD", *(METHOD for _ in columns)],
        ["SAMPLE", *(symbol for symbol, _ in columns)],
        ["DESCRIPTION", *(unit for _, unit in columns)],
        ["MIN DETECTION", *("0.0001" for _ in columns)],
        ["MAX DETECTION", *("" for _ in columns)],
        *([label, *texts] for label, texts in rows),
    ]


def as_job_b(columns, rows):
    return [
        ["Job Number", "B1"],
        ["No of Samples", str(len(rows))],
        ["ELEMENT", *(symbol for symbol, _ in columns)],
        ["Method", *(METHOD for _ in columns)],
        ["Units", *(unit for _, unit in columns)],
        ["Det. Lim", *("0.0001" for _ in columns)],
        ["Upper Lim", *("" for _ in columns)],
        *([label, *texts] for label, texts in rows),
    ]


def as_actlabs(columns, rows):
    return [
        ["Report Number: A26-1"],
        ["Report Date: 2026-02-15"],
        ["Number of Samples:", str(len(rows))],
        ["Analyte Symbol", *(symbol for symbol, _ in columns)],
        ["Unit Symbol", *(unit for _, unit in columns)],
        ["Detection Limit", *("0.0001" for _ in columns)],
        ["Analysis Method", *(METHOD for _ in columns)],
        *([label, *texts] for label, texts in rows),
    ]


#: how each is written, the number that it is given, and the row of its first sample
WRITERS = {
    "sgs": (as_sgs, "HL26-1", 8),
    "job-a": (as_job_a, "LJ-1", 9),
    "job-b": (as_job_b, "B1", 8),
    "actlabs": (as_actlabs, "A26-1", 8),
}


@pytest.mark.parametrize("layout", list(WRITERS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables(), **formats)
def test_a_table_is_read_as_written(layout, table, encoding, delimiter, end):
    write, number, first = WRITERS[layout]
    columns, rows = table
    reading = read(rendered(write(columns, rows), delimiter, end).encode(encoding))
    assert (reading.layout, reading.certificate, reading.status) == (layout, number, "final")
    assert (reading.encoding, reading.delimiter) == (ENCODINGS[encoding], delimiter)
    assert reading.stated_samples == len(reading.rows) == len(rows)
    assert reading.determinations == expected(columns, rows, method=METHOD, first_row=first)
    assert {finding.severity for finding in reading.findings} <= {"note", "warning"}


@pytest.mark.parametrize("layout", list(WRITERS))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables(), data=st.data())
def test_a_damaged_file_never_breaks_the_reader(layout, table, data):
    write, _, _ = WRITERS[layout]
    content = bytearray(rendered(write(*table), ",", "\n").encode())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(1, len(content)))
    try:
        reading = read(bytes(content[:cut]), name="a.csv")
    except Invalid as refusal:
        assert refusal.problems[0].place.file == "a.csv"
    else:
        assert reading.rows
        assert reading.columns
