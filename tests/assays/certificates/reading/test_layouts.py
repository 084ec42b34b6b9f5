"""Whatever table is written in a layout: what is read is what was written, and no layout is taken for another."""

import csv
import io
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assays.certificates.reading import Determination, Profile, read
from assays.certificates.reading.recognising import LAYOUTS
from assays.certificates.reading.sheet import read_sheet
from assays.certificates.reading.taught import Mapping, Taught, headings_digest
from assays.certificates.template import Template, TemplateColumn, csv_template
from assays.chemistry.headings import analyte_of
from tests.assays.certificates.reading.layouts import FILES, content
from tests.assays.certificates.reading.test_properties import (
    ENCODINGS,
    UNITS,
    WORDS,
    as_als,
    as_plain,
    tables,
)

formats = {
    "encoding": st.sampled_from(sorted(ENCODINGS)),
    "delimiter": st.sampled_from(",;\t"),
    "end": st.sampled_from(["\r\n", "\n", "\r"]),
}
often = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
METHOD = "ME-MS81"


def written(lines, delimiter=",", end="\n"):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(lines)
    return out.getvalue()


def as_long(columns, rows):
    return [
        ["Sample", "Element", "Value", "Unit", "Method"],
        *(
            [label, symbol, text, unit, METHOD]
            for label, texts in rows
            for (symbol, unit), text in zip(columns, texts, strict=True)
        ),
    ]


def as_transposed(columns, rows):
    return [
        ["Element", "Unit", "Method", *(label for label, _ in rows)],
        *(
            [symbol, unit, METHOD, *(texts[at] for _, texts in rows)]
            for at, (symbol, unit) in enumerate(columns)
        ),
    ]


def as_template(columns, rows):
    made = Template("L", (), tuple(TemplateColumn(symbol, METHOD, unit) for symbol, unit in columns))
    head = list(csv.reader(io.StringIO(csv_template(made).decode("utf-8-sig"), newline="")))
    return [*head, *([label, "", *texts] for label, texts in rows)]


def as_sequence(columns, rows):
    """Write elements alone, in ppb of a solution of 0.1 g in 50 mL."""
    return [
        ["", "", "", *(cell for symbol, _ in columns for cell in (f"159  {symbol}  [ He ] ", ""))],
        ["Sample Name", "Weight [g]", "Volume [mL]", *(cell for _ in columns for cell in ("Conc. [ ppb ]", "Conc. RSD"))],
        *([label, "0.1", "50", *(cell for text in texts for cell in (text, "1.5"))] for label, texts in rows),
    ]  # fmt: skip


def as_taught(columns, rows):
    return [
        ["Tag", *(f"what {at} is" for at, _ in enumerate(columns))],
        *([label, *texts] for label, texts in rows),
    ]


def expected(columns, rows, *, place, source=None, method=METHOD, ppm=None):
    """Return what must be read; `place` and `source` tell row and column by the places (from 0) of row and column."""
    made = []
    for at_row, (label, texts) in enumerate(rows):
        for at, ((symbol, unit), text) in enumerate(zip(columns, texts, strict=True)):
            counted = analyte_of(symbol)
            sign = text[:1] if text[:1] in {"<", ">"} else ""
            number = None if text in WORDS else Decimal(text[len(sign) :])
            value = None if sign else number
            row, column = place(at_row, at)
            made.append(
                Determination(
                    label, counted.analyte, counted.form, counted.oxide, method, text, sign or WORDS.get(text, ""),
                    value, number if sign else None, "ug/L" if ppm else unit,
                    None if value is None else value * (ppm or UNITS[unit]), row, column,
                    source(at_row, at) if source else None,
                )
            )  # fmt: skip
    return made


def same(
    lines, layout, wanted, *, encoding, delimiter, end, notes=frozenset({"note", "warning"}), mappings=()
):
    found = read(written(lines, delimiter, end).encode(encoding), mappings=mappings)
    assert (found.layout, found.encoding, found.delimiter) == (layout, ENCODINGS[encoding], delimiter)
    assert found.determinations == wanted
    assert {finding.severity for finding in found.findings} <= notes


@often
@given(table=tables(), **formats)
def test_a_long_table_is_read_as_written(table, encoding, delimiter, end):
    columns, rows = table
    many = len(columns)
    wanted = expected(
        columns,
        rows,
        place=lambda row, at: (2 + row * many, at + 1),
        source=lambda row, at: (2 + row * many + at, 3),
    )
    same(as_long(columns, rows), "long", wanted, encoding=encoding, delimiter=delimiter, end=end)


@often
@given(table=tables(), data=st.data())
def test_the_order_of_a_long_table_changes_no_value(table, data):
    columns, rows = table
    head, *lines = as_long(columns, rows)
    shuffled = data.draw(st.permutations(lines))
    found = read(written([head, *shuffled]).encode())
    for one in found.determinations:
        row, column = one.place
        assert column == 3
        line = shuffled[row - 2]
        assert [one.sample, one.oxide or one.analyte, one.raw, one.unit, one.method] == line
    assert len(found.determinations) == len(lines)


@often
@given(table=tables(), **formats)
def test_a_transposed_table_is_read_as_written(table, encoding, delimiter, end):
    columns, rows = table
    wanted = expected(
        columns, rows, place=lambda row, at: (row + 4, at + 1), source=lambda row, at: (at + 2, row + 4)
    )
    same(as_transposed(columns, rows), "transposed", wanted, encoding=encoding, delimiter=delimiter, end=end)


@often
@given(table=tables(), **formats)
def test_a_template_is_read_as_written(table, encoding, delimiter, end):
    columns, rows = table
    wanted = expected(columns, rows, place=lambda row, at: (row + 15, at + 3))
    same(as_template(columns, rows), "template", wanted, encoding=encoding, delimiter=delimiter, end=end)


@often
@given(table=tables(), **formats)
def test_a_sequence_is_read_as_written(table, encoding, delimiter, end):
    columns, rows = table
    places = [at for at, (symbol, _) in enumerate(columns) if analyte_of(symbol).form == "element"] or [0]
    columns = [
        ("Dy" if analyte_of(columns[at][0]).form != "element" else columns[at][0], "ppb") for at in places
    ]
    rows = [(label, [texts[at] for at in places]) for label, texts in rows]
    wanted = expected(
        columns, rows, place=lambda row, at: (row + 3, 4 + 2 * at), method="", ppm=Decimal("0.5")
    )
    same(as_sequence(columns, rows), "instrument", wanted, encoding=encoding, delimiter=delimiter, end=end)


@often
@given(table=tables(), **formats)
def test_a_taught_table_is_read_as_written(table, encoding, delimiter, end):
    columns, rows = table
    lines = as_taught(columns, rows)
    sheet = read_sheet(written(lines, delimiter).encode())
    mapping = Mapping(
        1,
        1,
        tuple(Taught(at, symbol, unit, METHOD) for at, (symbol, unit) in enumerate(columns, 2)),
        headings_digest(sheet, 1),
    )
    wanted = expected(columns, rows, place=lambda row, at: (row + 2, at + 2))
    same(lines, "taught", wanted, encoding=encoding, delimiter=delimiter, end=end, mappings=[mapping])


def recognised(data):
    sheet = read_sheet(data)
    return [layout.name for layout in LAYOUTS if layout.recognise(sheet) is not None]


@often
@given(table=tables())
def test_no_table_is_taken_for_another_layout(table):
    columns, rows = table
    elements = [(symbol, "ppb") for symbol, _ in columns if analyte_of(symbol).form == "element"] or [
        ("Dy", "ppb")
    ]
    few = [(label, texts[: len(elements)]) for label, texts in rows]
    for layout, data in {
        "als-csv": as_als(columns, rows),
        "plain-wide": as_plain(columns, rows, ",", "\n"),
        "long": written(as_long(columns, rows)),
        "transposed": written(as_transposed(columns, rows)),
        "template": written(as_template(columns, rows)),
        "instrument": written(as_sequence(elements, few)),
    }.items():
        assert recognised(data.encode()) == [layout]


@pytest.mark.parametrize("file", sorted(str(one.relative_to(FILES)) for one in FILES.glob("*/*.csv")))
def test_no_file_is_taken_for_another_layout(file):
    folder = file.split("/", 1)[0].replace("_", "-")
    assert recognised(content(file))[0].startswith(folder)


@often
@given(table=tables(), data=st.data())
def test_a_damaged_file_never_breaks_a_reader(table, data):
    columns, rows = table
    make = data.draw(st.sampled_from([as_long, as_transposed, as_template, as_sequence]))
    text = bytearray(written(make(columns, rows)).encode())
    for _ in range(data.draw(st.integers(1, 8))):
        text[data.draw(st.integers(0, len(text) - 1))] = data.draw(st.sampled_from(b'A1,;"\n\t<. '))
    sheet = read_sheet(bytes(text) + b" .")
    for layout in LAYOUTS:
        if layout.recognise(sheet) is not None:
            found = layout.read(sheet, Profile())
            places = [one.place for one in found.determinations]
            assert len(places) == len(set(places))
            assert all(1 <= row <= len(sheet.rows) for row, _ in places)
