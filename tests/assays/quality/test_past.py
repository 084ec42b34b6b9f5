"""Reading a file of QC of the past, and counting what it broke: on files written here."""

from datetime import date
from decimal import Decimal

import pytest

from assays.quality.past import counts, read_past
from lims.errors import Invalid

HEAD = "General_control,Control_type,SampleID,Batchname,Date,Dy_unit,Dy_EV,Dy_SD,Dy_or_ppm"


def row(sample, value, code="RM 20", on="2024-05-01", batch="J1", kind="CRM", certified="20", sd="1"):
    return f"{kind},{code},{sample},{batch},{on},ppm,{certified},{sd},{value}"


def file_of(*rows, head=HEAD, encoding="utf-8", line="\r\n"):
    return line.join([head, *rows]).encode(encoding)


def test_results_in_the_order_of_date_batch_and_sample():
    found = read_past(
        file_of(
            row("S3", "20", on="2024-05-02"),
            row("S1", "23.5", batch="J2"),
            row("S2", "22.1"),
            row("S1", "22.2"),
            row("B1", "0.1", code="BLK", kind="Blank", certified="", sd=""),
            row("D1", "30", code="PD", kind="Duplicate", certified="", sd=""),
        ),
        "Dy",
    )
    assert [(one.batch, one.label, one.row) for one in found.results] == [
        ("J1", "S1", 5),
        ("J1", "S2", 4),
        ("J2", "S1", 3),
        ("J1", "S3", 2),
    ]
    assert found.results[0].on == date(2024, 5, 1)
    assert (found.rows, found.left_out) == (6, [])
    counted = counts(found.results)
    assert [(one.code, one.results) for one in counted] == [("RM 20", 4)]
    assert (counted[0].rules["1-3s"], counted[0].rules["2-2s"]) == (1, 2)


def test_materials_apart():
    found = read_past(
        file_of(row("S1", "22.5"), row("S2", "50", code="RM 50", certified="40"), row("S3", "22.5")), "Dy"
    )
    told = {one.code: (one.results, one.rules["1-3s"], one.rules["2-2s"]) for one in counts(found.results)}
    assert told == {"RM 20": (2, 0, 1), "RM 50": (1, 1, 0)}


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (row("S1", ""), "no result"),
        (row("S1", "n/a"), "result “n/a” is no number"),
        (row("S1", "NaN"), "result “NaN” is no content"),
        (row("S1", "-1"), "a number below nought, or no standard deviation"),
        (row("S1", "20", sd="0"), "a number below nought, or no standard deviation"),
        (row("S1", "20", on="1/5/2024"), "date “1/5/2024” is not written year-month-day"),
        (row("", "20"), "no material or no sample"),
        (row("S1", "20").replace(",ppm,", ",mg/L,"), "unit “mg/L” is no mass fraction"),
    ],
)
def test_a_row_that_cannot_be_read_is_named_and_left_out(bad, why):
    found = read_past(file_of(bad, row("S9", "20")), "Dy")
    assert (len(found.results), found.left_out) == (1, [(2, why)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
@pytest.mark.parametrize("line", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(encoding, line):
    found = read_past(file_of(row("Sé", "20"), encoding=encoding, line=line), "Dy")
    assert found.results[0].label == "Sé"


def test_units_become_ppm():
    found = read_past(file_of(row("S1", "0.2").replace(",ppm,20,1", ",%,0.19,0.01")), "Dy")
    one = found.results[0]
    assert (one.value_ppm, one.certified_ppm, one.sd_ppm) == (Decimal(2000), Decimal(1900), Decimal(100))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "file-empty"),
        (HEAD.encode(), "file-empty"),
        (b"a\x00b\nc", "not-a-text-file"),
        (b"Control_type,Date\nRM,2024-01-01", "history-column-missing"),
        (file_of(row("S1", "1", kind="Blank")), "history-nothing-read"),
        (file_of(row("S1", "")), "history-nothing-read"),
    ],
)
def test_a_file_that_is_no_history_is_refused(content, code):
    with pytest.raises(Invalid) as caught:
        read_past(content, "Dy")
    assert caught.value.problems[0].code == code
