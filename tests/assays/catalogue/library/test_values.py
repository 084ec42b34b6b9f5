"""Certified values from a file: what is rendered at random reads back equal; everything wrong is named with its place."""

import csv
import io
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.catalogue.library.values import COLUMNS, NEEDED, read_values, template
from assays.catalogue.rules import Basis, Form
from assays.chemistry.oxides import OXIDES, element_of
from lims.errors import Invalid

HEAD = "code,lot,kind,maker,description,expires_on,certificate,analyte,oxide,basis,value,sd,u95,unit"
GOOD = "RM 1,A,CRM,Somebody,Clay,2027-12-31,C-1,Dy,Dy2O3,total-fusion,27.5,0.6,0.3,ppm"
WORDS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "Zs")), min_size=1, max_size=20).map(
    lambda text: " ".join(text.split())
).filter(lambda text: text and not text.startswith("#"))  # fmt: skip
NUMBERS = st.decimals(min_value="0.001", max_value="99999", places=4)
CONTENTS = st.sampled_from(
    [(element_of(oxide), oxide) for oxide in sorted(OXIDES)] + [("Dy", ""), ("Tb", "")]
)


@st.composite
def lines(draw):
    """One row of a file, as text and as it should be read."""
    analyte, oxide = draw(CONTENTS)
    return {
        "code": draw(WORDS),
        "lot": draw(st.sampled_from(["", "A", "2026-1"])),
        "kind": draw(st.sampled_from(["CRM", "BLANK"])),
        "maker": draw(WORDS),
        "description": draw(WORDS),
        "expires_on": draw(st.dates(date(2020, 1, 1), date(2040, 1, 1)).map(date.isoformat) | st.just("")),
        "certificate": draw(st.sampled_from(["", "C-1"])),
        "analyte": analyte,
        "oxide": oxide,
        "basis": draw(st.sampled_from(list(Basis))),
        "value": draw(NUMBERS),
        "sd": draw(NUMBERS),
        "u95": draw(NUMBERS | st.just("")),
        "unit": "ppm",
    }


def key_of(line):
    return (line["code"].casefold(), line["lot"].casefold(), line["analyte"], line["oxide"], line["basis"])


@given(
    st.lists(lines(), min_size=1, max_size=8, unique_by=key_of),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_is_written_reads_back_equal(rows, mark, codec, end):
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, list(COLUMNS), delimiter=mark, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    found = read_values(out.getvalue().encode(codec))
    assert [one.message for one in found.problems] == []
    for row, line in zip(found.rows, rows, strict=True):
        assert (row.code, row.lot, row.kind, row.maker) == (
            line["code"],
            line["lot"],
            line["kind"],
            line["maker"],
        )
        assert (row.analyte, row.oxide, row.basis) == (line["analyte"], line["oxide"], line["basis"])
        assert row.form == (Form.OXIDE if line["oxide"] else Form.ELEMENT)
        assert (row.value_ppm, row.sd_ppm) == (line["value"], line["sd"])
        assert row.u95_ppm == (line["u95"] or None)
        assert (row.expires_on.isoformat() if row.expires_on else "") == line["expires_on"]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_by_name(content):
    try:
        read_values(content)
    except Invalid as refused:
        assert refused.problems[0].code


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"code": ""}, "code-missing", "code"),
        ({"code": "x" * 61}, "text-too-long", "code"),
        ({"kind": "SAMPLE"}, "kind-unknown", "kind"),
        ({"analyte": "Dx"}, "analyte-unknown", "analyte"),
        ({"oxide": "Dy3O4"}, "oxide-unknown", "oxide"),
        ({"oxide": "Tb4O7"}, "oxide-of-another", "oxide"),
        ({"basis": "fusion"}, "basis-unknown", "basis"),
        ({"value": ""}, "value-missing", "value"),
        ({"value": "about 27"}, "number-unreadable", "value"),
        ({"value": "27,5"}, "number-unreadable", "value"),
        ({"value": "-1"}, "number-not-positive", "value"),
        ({"value": "1e9"}, "more-than-everything", "value"),
        ({"value": "1e-12"}, "number-too-small", "value"),
        ({"sd": ""}, "sd-missing", "sd"),
        ({"sd": "0"}, "number-not-positive", "sd"),
        ({"u95": "NaN"}, "number-unreadable", "u95"),
        ({"unit": "ppx"}, "unit-unknown", "unit"),
        ({"unit": "mg/L"}, "unit-of-liquid", "unit"),
        ({"unit": "kg"}, "unit-no-mass-fraction", "unit"),
        ({"expires_on": "31.12.2027"}, "date-unreadable", "expires_on"),
    ],
)
def test_what_is_wrong_with_a_row_is_named_with_its_place(change, code, column):
    cells = dict(zip(COLUMNS, GOOD.split(","), strict=True)) | change
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells.values())
    found = read_values(f"{HEAD}\n{GOOD}\n{out.getvalue()}".encode())
    assert [(one.code, one.place.row, one.place.column) for one in found.problems] == [(code, 3, column)]
    assert (len(found.rows), found.bad_rows, found.read) == (1, 1, 2)


def test_the_same_value_twice_names_both_rows():
    found = read_values(f"{HEAD}\n{GOOD}\n{GOOD.lower().replace('dy,dy2o3', 'Dy,Dy2O3')}".encode())
    assert [one.code for one in found.problems] == ["value-twice"]
    assert "stands in row 2, too" in found.problems[0].message


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"  ", "file-empty"),
        (b"%PDF-1.7\x00", "not-what-its-name-says"),
        (b"code,analyte,basis,value,unit\n", "column-missing"),
        (b"code,code,analyte,basis,value,sd,unit\n", "column-twice"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_by_name(content, code):
    with pytest.raises(Invalid) as refused:
        read_values(content)
    assert refused.value.problems[0].code == code


def test_units_become_ppm():
    found = read_values(f"{HEAD}\n{GOOD.replace(',ppm', ',%')}".encode())
    assert (found.rows[0].value_ppm, found.rows[0].sd_ppm) == (Decimal(275000), Decimal(6000))


def test_the_template_itself_reads_as_an_empty_file():
    found = read_values(template())
    assert (found.read, found.rows, found.problems) == (0, [], [])
    assert set(NEEDED) < set(COLUMNS)
