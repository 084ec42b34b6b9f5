"""What is odd in a certificate is found, with its row and column; nothing else of it is lost."""

from decimal import Decimal

import pytest

from assays.certificates.reading import Profile, read
from lims.errors import Invalid

PREAMBLE = [
    "XX26000002 - Finalized",
    'CLIENT : "Hill Road"',
    "# of SAMPLES : 2",
    "DATE RECEIVED : 2026-02-01  DATE FINALIZED : 2026-02-09",
    'PO NUMBER : " "',
]
HEADS = [",ME-MS81,OA-GRA05", "SAMPLE,Dy,LOI", "DESCRIPTION,ppm,%"]


def als(*rows, preamble=PREAMBLE, heads=HEADS, profile=None):
    return read("\n".join([*preamble, *heads, *rows, ""]).encode(), profile=profile)


def plain(*lines, profile=None):
    return read("\n".join([*lines, ""]).encode(), profile=profile)


def found(reading, *, but=()):
    return [(one.severity, one.code, one.row, one.column) for one in reading.findings if one.code not in but]


def values(reading):
    return [(one.sample, one.analyte, one.raw) for one in reading.determinations]


def test_a_row_that_is_cut_off_keeps_what_it_has_and_invents_no_blank():
    reading = als("A,36.5,-0.02", "B,30.1")
    assert values(reading) == [("A", "Dy", "36.5"), ("A", "LOI", "-0.02"), ("B", "Dy", "30.1")]
    assert found(reading) == [("error", "cells-too-few", 10, 2)]


def test_a_row_that_is_too_long_is_an_error_and_empty_cells_at_its_end_are_not():
    assert found(als("A,36.5,1,2", "B,30.1,1")) == [("error", "cells-too-many", 9, 4)]
    assert found(als("A,36.5,1,,", "B,30.1,1,,")) == []


def test_a_quotation_mark_left_open_is_found():
    reading = als("A,36.5,1", '"B,30.1,1', "C,2,1", 'D",5,1')
    assert ("error", "cell-over-lines", 10, 1) in found(reading)
    assert values(reading)[:2] == [("A", "Dy", "36.5"), ("A", "LOI", "1")]


def test_more_than_the_whole_sample_is_an_error():
    heads = [",M,M", "SAMPLE,Dy,SiO2", "DESCRIPTION,%,%"]
    reading = als("A,100.1,100", "B,1,45.3", heads=heads)
    assert found(reading) == [("error", "more-than-whole", 9, 2)]
    assert len(reading.determinations) == 4


def test_below_detection_without_a_limit_is_said():
    reading = als("A,X,1", "B,2,1", profile=Profile(below=frozenset({"X"})))
    assert found(reading) == [("warning", "limit-missing", 9, 2)]
    assert (reading.determinations[0].qualifier, reading.determinations[0].limit) == ("<", None)


def test_an_element_and_its_oxide_that_disagree_are_a_warning():
    heads = [",M1,M2", "SAMPLE,Dy,Dy2O3", "DESCRIPTION,ppm,ppm"]
    reading = als("A,100,114.8", "B,100,1148", heads=heads)
    assert found(reading, but={"duplicate-column"}) == [("warning", "forms-disagree", 10, 3)]


def test_rounding_of_a_small_oxide_is_no_disagreement():
    heads = [",M1,M2", "SAMPLE,Ba,BaO", "DESCRIPTION,ppm,%"]
    assert found(als("A,33,0.01", "B,5,0.01", heads=heads), but={"duplicate-column"}) == []


def test_the_same_form_by_the_same_method_twice_is_a_warning_and_by_another_a_note():
    heads = [",M1,M1,M2", "SAMPLE,Dy,Dy,Tb", "DESCRIPTION,ppm,ppm,ppm"]
    assert found(als("A,1,1,1", "B,1,1,1", heads=heads)) == [("warning", "duplicate-column", None, 3)]
    heads = [",M1,M2,M2", "SAMPLE,Dy,Dy,Tb", "DESCRIPTION,ppm,ppm,ppm"]
    reading = als("A,1,1,1", "B,1,1,1", heads=heads)
    assert found(reading) == [("note", "duplicate-column", None, 3)]
    assert [one.method for one in reading.determinations[:3]] == ["M1", "M2", "M2"]


def test_nd_a_thousand_times_too_high_is_seen_in_its_row():
    heads = [",M,M", "SAMPLE,Pr,Nd", "DESCRIPTION,ppm,ppm"]
    assert found(als("A,6.0,26.2", "B,6.0,26200", heads=heads)) == [
        ("warning", "pattern-not-smooth", 10, None)
    ]


@pytest.mark.parametrize(
    ("unit", "code"), [("mg/L", "unit-of-liquid"), ("ppx", "unit-unknown"), ("", "unit-missing")]
)
def test_a_unit_that_is_not_known_leaves_values_without_ppm(unit, code):
    reading = als("A,36.5,1", "B,30,1", heads=[",M,M", "SAMPLE,Dy,LOI", f"DESCRIPTION,{unit},%"])
    assert found(reading) == [("error", code, None, 2)]
    assert [(one.value, one.ppm, one.unit) for one in reading.determinations[::2]] == [
        (Decimal("36.5"), None, unit),
        (Decimal(30), None, unit),
    ]


@pytest.mark.parametrize(
    ("heads", "code"),
    [
        ([f",{'M' * 41},M", "SAMPLE,Dy,LOI", "DESCRIPTION,ppm,%"], "method-too-long"),
        ([",M,M", "SAMPLE,Dy,LOI", f"DESCRIPTION,{'p' * 25},%"], "unit-too-long"),
    ],
)
def test_a_head_longer_than_any_leaves_its_column(heads, code):
    reading = als("A,36.5,1", "B,30,1", heads=heads)
    assert found(reading) == [("error", code, 7, 2)]
    assert [one.analyte for one in reading.determinations] == ["LOI", "LOI"]


def test_ids_keep_their_brackets_and_are_told_apart_without_case():
    reading = als(" S 1 (a)[b] ,1,1", "s 1 (A)[B],1,1", ",1,1", f"{'L' * 101},1,1")
    assert [row.sample for row in reading.rows] == ["S 1 (a)[b]", "s 1 (A)[B]", "", "L" * 101]
    assert found(reading) == [
        ("error", "sample-count", None, None),
        ("error", "duplicate-id", 10, 1),
        ("error", "sample-id-missing", 11, 1),
        ("error", "sample-id-too-long", 12, 1),
    ]


def test_an_unreadable_cell_is_left_out_and_nothing_else():
    reading = als("A,36.5?,1", "B,30,1")
    assert values(reading) == [("A", "LOI", "1"), ("B", "Dy", "30"), ("B", "LOI", "1")]
    assert found(reading) == [("error", "cell-unreadable", 9, 2)]


def test_the_same_text_is_understood_the_same_in_every_cell():
    reading = als("A,BDL,BDL", "B,BDL,1")
    assert found(reading) == [
        ("error", "qualifier-needs-profile", 9, 2),
        ("error", "qualifier-needs-profile", 9, 3),
        ("error", "qualifier-needs-profile", 10, 2),
    ]


def test_a_unit_inside_a_cell_takes_the_place_of_its_columns():
    reading = als("A,0.02 %,1", "B,5 furlongs,1")
    first = reading.determinations[0]
    assert (first.raw, first.unit, first.ppm) == ("0.02 %", "%", Decimal(200))
    assert found(reading) == [("warning", "unit-in-cell", 9, 2), ("error", "unit-unknown", 10, 2)]


def test_a_change_of_unit_keeps_every_digit():
    digits = "1.2345678901234567890123456789012345"
    heads = [",M,M", "SAMPLE,Dy,LOI", "DESCRIPTION,%,%"]
    assert als(f"A,{digits},1", "B,1,1", heads=heads).determinations[0].ppm == Decimal(
        "12345.678901234567890123456789012345"
    )


# ---- the preamble


def with_line(number, line):
    return [*PREAMBLE[:number], line, *PREAMBLE[number + 1 :]]


ROWS = ("A,1,1", "B,1,1")


@pytest.mark.parametrize(
    ("line", "received", "finalized"),
    [
        ("DATE RECEIVED : 2026-02-01,DATE FINALIZED : 2026-02-09", "2026-02-01", "2026-02-09"),
        ('"DATE RECEIVED : 2026-02-01  DATE FINALIZED : 2026-02-09",,', "2026-02-01", "2026-02-09"),
        ("DATE RECEIVED : 01-FEB-2026  DATE FINALIZED : 9 Feb 2026", "2026-02-01", "2026-02-09"),
        ("DATE RECEIVED : 2026-02-01", "2026-02-01", None),
    ],
)
def test_both_dates_are_read_from_one_line(line, received, finalized):
    reading = als(*ROWS, preamble=with_line(3, line))
    dates = [day and day.isoformat() for day in (reading.received_on, reading.finalized_on)]
    assert dates == [received, finalized]
    assert found(reading) == []


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("DATE RECEIVED : 01/02/2026  DATE FINALIZED : 2026-02-09", ("warning", "date-unreadable", 4, None)),
        (
            "DATE RECEIVED : 2026-02-10  DATE FINALIZED : 2026-02-09",
            ("warning", "dates-reversed", None, None),
        ),
    ],
)
def test_a_date_that_cannot_be_told_or_right_is_a_warning(line, finding):
    assert found(als(*ROWS, preamble=with_line(3, line))) == [finding]


@pytest.mark.parametrize(
    "lines",
    [
        ['CERTIFICATE COMMENTS : "***Corrected copy:', 'S1 was S7*** "'],
        ['"CERTIFICATE COMMENTS : ""***Corrected copy:', 'S1 was S7*** """'],
        ['COMMENTS : "***Corrected copy: S1 was S7***"'],
    ],
)
def test_comments_run_over_several_lines_and_tell_a_reissue(lines):
    reading = als(*ROWS, preamble=[*PREAMBLE[:4], *lines, PREAMBLE[4]])
    assert reading.version_note == "***Corrected copy: S1 was S7***"
    assert [(one.severity, one.code) for one in reading.findings] == [("note", "re-issue")]


def test_a_correction_for_interference_is_no_reissue():
    line = 'CERTIFICATE COMMENTS : "Eu corrected for interference of Ba"'
    reading = als(*ROWS, preamble=[*PREAMBLE[:4], line])
    assert reading.version_note == ""
    assert [(one.severity, one.code) for one in reading.findings] == [("note", "comment")]


def test_a_count_of_samples_longer_than_any_number_is_left():
    assert als(*ROWS, preamble=with_line(2, f"# of SAMPLES : {'9' * 5000}")).stated_samples is None


# ---- plain tables


def test_a_coordinate_is_no_yttrium():
    reading = plain("X,Y,Sample,Y ppm", "98.1,25.7,A,366")
    assert values(reading) == [("A", "Y", "366")]
    assert found(reading) == [("note", "column-unknown", 1, 1), ("note", "column-unknown", 1, 2)]


def test_yttrium_without_a_unit_is_an_error():
    reading = plain("Sample,Y,Dy ppm", "A,366,5")
    assert found(reading) == [("error", "unit-missing", None, 2)]


def test_a_column_that_seems_to_count_something_is_a_warning():
    reading = plain("Sample,Dy ppm,Dy ppm LOD,Colour", "A,5,0.1,red")
    assert values(reading) == [("A", "Dy", "5")]
    assert found(reading) == [("warning", "heading-unclear", 1, 3), ("note", "column-unknown", 1, 4)]


def test_samples_are_found_by_the_likeliest_heading():
    reading = plain("Site ID,Sample No.,Dy ppm", "pit 3,A,5", "pit 3,B,5")
    assert [row.sample for row in reading.rows] == ["A", "B"]
    assert found(reading) == [("note", "column-unknown", 1, 1)]


def test_a_guessed_column_of_samples_is_said():
    reading = plain("Dy ppm,Bag,Tb ppm", "5,A,1")
    assert [row.sample for row in reading.rows] == ["A"]
    assert values(reading) == [("A", "Dy", "5"), ("A", "Tb", "1")]
    assert found(reading) == [("warning", "sample-column-guessed", 1, 2)]


def test_a_table_without_any_column_of_samples_is_refused():
    with pytest.raises(Invalid) as refusal:
        plain("Dy ppm,Tb ppm", "5,1")
    assert refusal.value.problems[0].code == "not-a-certificate"


def test_a_cut_row_of_a_plain_table_is_found():
    assert found(plain("Sample,Dy ppm,Tb ppm", "A,5,1", "B,5")) == [("error", "cells-too-few", 3, 2)]
