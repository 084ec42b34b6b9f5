"""The layout of ALS, whole: its preamble, its three heads, and every kind of cell, to the last row and column."""

from datetime import date
from decimal import Decimal

import pytest

from assays.certificates.reading import Column, Determination, Row, read
from assays.certificates.reading.als_csv import recognise
from assays.certificates.reading.output import as_json
from assays.certificates.reading.sheet import read_sheet

CERTIFICATE = """\
XX26000006 - Finalized
CLIENT : "HILLRD - Hill Road, Ltd."
# of SAMPLES : 4
DATE RECEIVED : 2026-02-01  DATE FINALIZED : 2026-02-09
PROJECT : "Rare earth elements"
CERTIFICATE COMMENTS : "ME-MS81: fused with lithium borate.
Rows are in the order of receipt."
PO NUMBER : " "
,ME-MS81,ME-MS81,ME-ICP06,OA-GRA05,TOT-ICP06,WEI-21
SAMPLE,Dy,Ti,SiO2,LOI,Total,Recvd Wt.
DESCRIPTION,ppm,%,%,%,%,kg
K 1 (top) , 36.5, 1.51, 45.30, -0.02, 100.20, 2.15
K2,<0.05,>10,NSS,LNR,,0.80
K3,"1,234.5",0.5 %,45.3,Pending,99.1,Interference
K4,0.00,1.50,45.3,0.1,99.0,1.1
"""


def determination(sample, analyte, raw, qualifier="", value=None, limit=None, ppm=None, **place):
    forms = {"Dy": ("element", None), "Ti": ("element", None), "Si": ("oxide", "SiO2")}
    form, oxide = forms.get(analyte, (None, None))
    return Determination(
        sample=sample,
        analyte=analyte,
        form=form,
        oxide=oxide,
        raw=raw,
        qualifier=qualifier,
        value=None if value is None else Decimal(value),
        limit=None if limit is None else Decimal(limit),
        ppm=None if ppm is None else Decimal(ppm),
        **place,
    )


def test_everything_that_the_file_says():
    reading = read(CERTIFICATE.encode())
    assert (reading.layout, reading.laboratory, reading.certificate) == ("als-csv", "ALS", "XX26000006")
    assert (reading.status, reading.version_note, reading.stated_samples) == ("final", "", 4)
    assert (reading.received_on, reading.finalized_on) == (date(2026, 2, 1), date(2026, 2, 9))
    assert (reading.encoding, reading.delimiter) == ("utf-8", ",")
    assert reading.why == "It begins with “XX26000006 - Finalized”, and has rows SAMPLE and DESCRIPTION."
    assert reading.columns == [
        Column(2, "Dy", "Dy", "element", None, "ME-MS81", "ppm"),
        Column(3, "Ti", "Ti", "element", None, "ME-MS81", "%"),
        Column(4, "SiO2", "Si", "oxide", "SiO2", "ME-ICP06", "%"),
        Column(5, "LOI", "LOI", None, None, "OA-GRA05", "%"),
        Column(6, "Total", "Total", None, None, "TOT-ICP06", "%"),
        Column(7, "Recvd Wt.", "Weight", None, None, "WEI-21", "kg"),
    ]
    assert reading.rows[0] == Row(
        12, "K 1 (top)", ("K 1 (top) ", " 36.5", " 1.51", " 45.30", " -0.02", " 100.20", " 2.15")
    )
    assert [(row.number, row.sample) for row in reading.rows[1:]] == [(13, "K2"), (14, "K3"), (15, "K4")]


DY = {"method": "ME-MS81", "unit": "ppm", "column": 2}
TI = {"method": "ME-MS81", "unit": "%", "column": 3}
SI = {"method": "ME-ICP06", "unit": "%", "column": 4}
LOI = {"method": "OA-GRA05", "unit": "%", "column": 5}
TOTAL = {"method": "TOT-ICP06", "unit": "%", "column": 6}
WEIGHT = {"method": "WEI-21", "unit": "kg", "column": 7}


def test_every_cell_is_a_determination():
    made = read(CERTIFICATE.encode()).determinations
    assert made[:6] == [
        determination("K 1 (top)", "Dy", "36.5", value="36.5", ppm="36.5", row=12, **DY),
        determination("K 1 (top)", "Ti", "1.51", value="1.51", ppm="15100", row=12, **TI),
        determination("K 1 (top)", "Si", "45.30", value="45.30", ppm="453000", row=12, **SI),
        determination("K 1 (top)", "LOI", "-0.02", value="-0.02", row=12, **LOI),
        determination("K 1 (top)", "Total", "100.20", value="100.20", row=12, **TOTAL),
        determination("K 1 (top)", "Weight", "2.15", value="2.15", row=12, **WEIGHT),
    ]
    assert made[6:12] == [
        determination("K2", "Dy", "<0.05", "<", limit="0.05", row=13, **DY),
        determination("K2", "Ti", ">10", ">", limit="10", row=13, **TI),
        determination("K2", "Si", "NSS", "insufficient-sample", row=13, **SI),
        determination("K2", "LOI", "LNR", "not-requested", row=13, **LOI),
        determination("K2", "Total", "", "blank", row=13, **TOTAL),
        determination("K2", "Weight", "0.80", value="0.80", row=13, **WEIGHT),
    ]
    assert [(one.raw, one.qualifier, one.value, one.ppm) for one in made[12:18]] == [
        ("1,234.5", "", Decimal("1234.5"), Decimal("1234.5")),
        ("0.5 %", "", Decimal("0.5"), Decimal(5000)),
        ("45.3", "", Decimal("45.3"), Decimal(453000)),
        ("Pending", "pending", None, None),
        ("99.1", "", Decimal("99.1"), None),
        ("Interference", "interference", None, None),
    ]
    zero = made[18]
    assert (zero.raw, zero.qualifier, str(zero.value)) == ("0.00", "", "0.00")
    assert len(made) == 24


def test_what_a_person_should_look_at():
    findings = read(CERTIFICATE.encode()).findings
    assert [(one.severity, one.code, one.row, one.column) for one in findings] == [
        ("note", "comment", None, None),
        ("warning", "thousands-separator", 14, 2),
        ("warning", "unit-in-cell", 14, 3),
    ]
    assert findings[0].message == (
        "The laboratory says: ME-MS81: fused with lithium borate. Rows are in the order of receipt."
    )


def test_the_json_of_a_value_and_of_a_limit():
    answer = as_json(read(CERTIFICATE.encode()))
    assert {name: answer[name] for name in list(answer)[:7]} == {
        "layout": "als-csv",
        "laboratory": "ALS",
        "certificate": "XX26000006",
        "status": "final",
        "version_note": "",
        "stated_samples": 4,
        "rows": 4,
    }
    assert answer["determinations"][2] == {
        "sample": "K 1 (top)",
        "analyte": "Si",
        "form": "oxide",
        "oxide": "SiO2",
        "method": "ME-ICP06",
        "raw": "45.30",
        "qualifier": "",
        "value": "45.30",
        "limit": None,
        "unit": "%",
        "ppm": "453000",
        "row": 12,
        "column": 4,
    }
    below = answer["determinations"][6]
    assert (below["qualifier"], below["value"], below["limit"], below["ppm"]) == ("<", None, "0.05", None)
    assert list(answer["findings"][0]) == ["severity", "code", "row", "column", "message"]


@pytest.mark.parametrize(
    ("first", "number", "status"),
    [
        ("XX26000006 - Preliminary", "XX26000006", "preliminary"),
        ("XX26000006-Finalised", "XX26000006", "final"),
        ('"XX26000006 - Finalized",,,', "XX26000006", "final"),
        ("RE-2026/14.A - Finalized", "RE-2026/14.A", "final"),
    ],
)
def test_the_first_line_names_number_and_status(first, number, status):
    reading = read(CERTIFICATE.replace("XX26000006 - Finalized", first).encode())
    assert (reading.certificate, reading.status) == (number, status)


@pytest.mark.parametrize("above", ["", "\n\n", ",,,\n"])
def test_rows_are_counted_as_they_stand_in_the_file(above):
    reading = read((above + CERTIFICATE).encode())
    assert reading.determinations[0].row == 12 + above.count("\n")


def test_a_preamble_may_be_short_and_without_comments():
    short = "XX26000006 - Finalized\n,M\nSAMPLE,Dy\nDESCRIPTION,ppm\nA,5\n"
    reading = read(short.encode())
    assert (reading.stated_samples, reading.received_on, reading.finalized_on) == (None, None, None)
    assert [(one.raw, one.row) for one in reading.determinations] == [("5", 5)]
    assert reading.findings == []


def test_the_row_of_methods_may_have_a_name():
    named = read(CERTIFICATE.replace("\n,ME-MS81,", "\nMETHOD,ME-MS81,").encode())
    assert (named.layout, named.determinations) == ("als-csv", read(CERTIFICATE.encode()).determinations)


@pytest.mark.parametrize(
    "lacking",
    [
        "XX26000006 - Finalized",
        "SAMPLE,",
        "DESCRIPTION,",
        ",ME-MS81,ME-MS81,ME-ICP06,OA-GRA05,TOT-ICP06,WEI-21",
    ],
)
def test_without_one_of_its_anchors_it_is_another_layout(lacking):
    assert recognise(read_sheet(CERTIFICATE.replace(lacking, "X,").encode())) is None


def test_a_symbol_that_nobody_knows_leaves_its_column_and_says_so():
    reading = read(CERTIFICATE.replace("SAMPLE,Dy,Ti", "SAMPLE,Dy,Zz").encode())
    assert len(reading.determinations) == 20
    assert ("warning", "column-unknown", 10, 3) in [
        (one.severity, one.code, one.row, one.column) for one in reading.findings
    ]
