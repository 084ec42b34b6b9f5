"""Whatever table is written, in whatever encoding, line end and delimiter: what is read is what was written."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from assays.certificates.reading import Determination, read
from assays.certificates.reading.output import as_json
from assays.certificates.writing import WrittenColumn, als_csv
from assays.chemistry.headings import analyte_of
from lims.errors import Invalid

ENCODINGS = {
    "utf-8": "utf-8",
    "utf-8-sig": "utf-8",
    "utf-16": "utf-16",
    "utf-16-le": "utf-16",
    "latin-1": "utf-8",
}
WORDS = {"": "blank", "LNR": "not-requested", "NSS": "insufficient-sample", "Interference": "interference"}
SYMBOLS = ["La", "Ce", "Nd", "Dy", "Tb", "Dy2O3", "Tb4O7", "SiO2", "TiO2", "Ti"]
UNITS = {"ppm": Decimal(1), "%": Decimal(10_000), "ppb": Decimal("0.001")}

labels = st.text("ABCdef012-_()#/. ", min_size=1, max_size=8).map(str.strip).filter(bool)
numbers = st.decimals(min_value=0, max_value=90, places=3, allow_nan=False).map(lambda number: f"{number:f}")
cells = st.one_of(
    numbers,
    st.tuples(st.sampled_from("<>"), numbers).map("".join),
    st.sampled_from(sorted(WORDS)),
)


@st.composite
def tables(draw):
    """Draw columns (symbol, unit) and rows (label, cells)."""
    symbols = draw(st.lists(st.sampled_from(SYMBOLS), min_size=2, max_size=6, unique=True))
    columns = [(symbol, draw(st.sampled_from(sorted(UNITS)))) for symbol in symbols]
    ids = draw(st.lists(labels, min_size=1, max_size=6, unique_by=str.casefold))
    return columns, [(label, [draw(cells) for _ in columns]) for label in ids]


def expected(columns, rows, *, method, first_row):
    """Return what must be read, said by the table itself and not by the reader."""
    made = []
    for number, (label, texts) in enumerate(rows, first_row):
        for place, ((symbol, unit), text) in enumerate(zip(columns, texts, strict=True), 2):
            counted = analyte_of(symbol)
            sign = text[:1] if text[:1] in {"<", ">"} else ""
            number_of = None if text in WORDS else Decimal(text[len(sign) :])
            value = number_of if not sign else None
            made.append(
                Determination(
                    sample=label,
                    analyte=counted.analyte,
                    form=counted.form,
                    oxide=counted.oxide,
                    method=method,
                    raw=text,
                    qualifier=sign or WORDS.get(text, ""),
                    value=value,
                    limit=number_of if sign else None,
                    unit=unit,
                    ppm=None if value is None else value * UNITS[unit],
                    row=number,
                    column=place,
                )
            )
    return made


def rendered(lines, delimiter, end):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(lines)
    return out.getvalue()


def as_als(columns, rows, delimiter=",", end="\r\n"):
    content = als_csv(
        number="XX26000001",
        client="Hill Road, Ltd.",
        columns=[WrittenColumn("ME-MS81", symbol, unit) for symbol, unit in columns],
        rows=rows,
        received_on=date(2026, 2, 1),
        finalized_on=date(2026, 2, 9),
    ).decode()
    lines = content.split("\r\n")
    table = list(csv.reader(lines[6:-1]))
    return "".join(f"{line}{end}" for line in lines[:6]) + rendered(table, delimiter, end)


def as_plain(columns, rows, delimiter, end):
    heads = ["Sample", *(f"{symbol}_{unit} ME-MS81" for symbol, unit in columns)]
    return rendered([heads, *([label, *texts] for label, texts in rows)], delimiter, end)


formats = {
    "encoding": st.sampled_from(sorted(ENCODINGS)),
    "delimiter": st.sampled_from(",;\t"),
    "end": st.sampled_from(["\r\n", "\n", "\r"]),
}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables(), **formats)
def test_a_certificate_in_als_layout_is_read_as_written(table, encoding, delimiter, end):
    columns, rows = table
    reading = read(as_als(columns, rows, delimiter, end).encode(encoding))
    assert (reading.layout, reading.certificate, reading.status) == ("als-csv", "XX26000001", "final")
    assert (reading.encoding, reading.delimiter) == (ENCODINGS[encoding], delimiter)
    assert (reading.stated_samples, len(reading.rows)) == (len(rows), len(rows))
    assert reading.received_on == date(2026, 2, 1)
    assert reading.determinations == expected(columns, rows, method="ME-MS81", first_row=10)
    assert {finding.severity for finding in reading.findings} <= {"note", "warning"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(table=tables(), **formats)
def test_a_plain_table_is_read_as_written(table, encoding, delimiter, end):
    columns, rows = table
    reading = read(as_plain(columns, rows, delimiter, end).encode(encoding))
    assert (reading.layout, reading.encoding, reading.delimiter) == (
        "plain-wide",
        ENCODINGS[encoding],
        delimiter,
    )
    assert reading.determinations == expected(columns, rows, method="ME-MS81", first_row=2)
    assert {finding.severity for finding in reading.findings} <= {"note", "warning"}


@settings(max_examples=100, deadline=None)
@given(table=tables())
def test_json_holds_every_number_as_a_plain_decimal(table):
    columns, rows = table
    answer = as_json(read(as_plain(columns, rows, ",", "\n").encode()))
    assert answer["rows"] == len(rows)
    assert len(answer["determinations"]) == len(rows) * len(columns)
    for one in answer["determinations"]:
        for number in (one["value"], one["limit"], one["ppm"]):
            assert number is None or set(number) <= set("0123456789.")
        if one["value"] is not None:
            assert one["raw"] == one["value"]
            assert Decimal(one["ppm"]) == Decimal(one["raw"]) * UNITS[one["unit"]]


@settings(max_examples=300, deadline=None)
@example(content=b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600)
@example(content=b"%PDF-1.7\n")
@given(
    content=st.binary(max_size=300)
    | st.text('AB1 - Finalized,;\t\r\n"SAMPLE DESCRIPTION Dy_ppm <>%.,xé\x00', max_size=300).map(str.encode)
)
def test_no_file_is_answered_but_by_a_reading_or_a_named_refusal(content):
    try:
        reading = read(content, name="a.csv")
    except Invalid as refusal:
        assert all(problem.code and problem.message for problem in refusal.problems)
        assert all(problem.place.file == "a.csv" for problem in refusal.problems)
    else:
        assert reading.rows


@settings(max_examples=200, deadline=None)
@given(table=tables(), data=st.data())
def test_a_damaged_certificate_never_breaks_the_reader(table, data):
    content = bytearray(as_als(*table).encode())
    for _ in range(data.draw(st.integers(1, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(1, 255))
    cut = data.draw(st.integers(1, len(content)))
    try:
        reading = read(bytes(content[:cut]), name="a.csv")
    except Invalid as refusal:
        assert refusal.problems[0].place.file == "a.csv"
    else:
        assert reading.rows


@pytest.mark.parametrize("lost", [1, 2, 3])
def test_a_file_cut_between_rows_is_known_by_its_count(lost):
    rows = [(f"S{number}", ["1.5"]) for number in range(5)]
    text = as_als([("Dy", "ppm")], rows)
    reading = read("".join(text.splitlines(keepends=True)[:-lost]).encode())
    assert len(reading.determinations) == 5 - lost
    assert [(one.severity, one.code) for one in reading.findings] == [("error", "sample-count")]
