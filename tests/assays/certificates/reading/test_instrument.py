"""A sequence of an ICP-MS: concentrations of the solution become ppm of the solid only by a dilution that is stated."""

from decimal import Decimal

import pytest

from assays.certificates.reading import Profile, read
from assays.certificates.reading.solutions import solution_unit
from lims.errors import Invalid
from tests.assays.certificates.reading.layouts import findings, reading, rows, values

# 0.1 g in 50 mL: 1 µg/L of solution is 0.5 µg/g of solid; 0.2 g in 50 mL 0.25; 0.1 g in 100 mL 1.
WEIGHED = [
    ("KC-01", "Tb", "", "2.5", "", "2.5", "", "ug/L", "1.25", 6, 9),
    ("KC-01", "Dy", "", "73", "", "73", "", "ug/L", "36.5", 6, 12),
    ("KC-01", "Lu", "", "0.0005", "", "0.0005", "", "mg/L", "0.25000", 6, 14),
    ("KC-02", "Tb", "", "<0.02", "<", "", "0.02", "ug/L", "", 7, 9),
    ("KC-02", "Dy", "", "<0.05", "<", "", "0.05", "ug/L", "", 7, 12),
    ("KC-02", "Lu", "", "LNR", "not-requested", "", "", "mg/L", "", 7, 14),
    ("OREAS 100a", "Tb", "", "3.8", "", "3.8", "", "ug/L", "3.8", 8, 9),
    ("OREAS 100a", "Dy", "", "23.2", "", "23.2", "", "ug/L", "23.2", 8, 12),
    ("OREAS 100a", "Lu", "", ">1", ">", "", "1", "mg/L", "", 8, 14),
    ("Prep blank", "Tb", "", "0.02", "", "0.02", "", "ug/L", "0.010", 9, 9),
    ("Prep blank", "Dy", "", "-0.01", "", "-0.01", "", "ug/L", "-0.005", 9, 12),
    ("Prep blank", "Lu", "", "", "blank", "", "", "mg/L", "", 9, 14),
]


def sequence(*lines, heads="Type,Sample Name,Total Dil.,Conc. [ ppb ],Conc. RSD"):
    blocks = "," * (heads.split("Conc.")[0].count(",")) + "163  Dy  [ He ] ,"
    return read("\n".join([blocks, heads, *lines, ""]).encode())


def ppm(found):
    return [None if one.ppm is None else str(one.ppm) for one in found.determinations]


def test_weight_and_volume_make_a_solution_the_solid():
    found = reading("instrument/weighed.csv")
    assert found.layout == "instrument"
    assert (
        found.why == "Row 2 has isotopes, and below them are columns such as “159 Tb [ He ] Conc. [ ppb ]”."
    )
    assert values(found) == WEIGHED
    assert rows(found) == [(6, "KC-01", "sample"), (7, "KC-02", "sample"), (8, "OREAS 100a", "standard"), (9, "Prep blank", "blank")]  # fmt: skip
    assert findings(found) == [
        ("note", "calibration-left", 4, None),
        ("note", "columns-left", 2, None),
        ("warning", "dilution-applied", None, None),
        ("warning", "negative-value", 9, 12),
    ]


def test_limits_of_detection_become_those_of_the_solid():
    found = reading("instrument/weighed.csv")
    limits = [one.limit_ppm for _, _, one, place in found.determinations.cells() if place[0] in {7, 8}]
    assert limits == [Decimal("0.005"), Decimal("0.0125"), None, None, None, Decimal(1000)]


def test_deviations_and_counts_are_no_values():
    found = reading("instrument/weighed.csv")
    assert [one.heading for one in found.columns] == [
        "159 Tb [ He ] Conc. [ ppb ]",
        "163 Dy [ He ] Conc. [ ppb ]",
        "175 -> 191 Lu [ O2 ] Conc. [ ppm ]",
    ]
    left = next(one for one in found.findings if one.code == "columns-left")
    assert left.message.endswith("103 Rh ( ISTD ) [ He ].")


def test_every_defect_is_named_at_its_place():
    found = reading("instrument/defects.csv")
    assert sorted(findings(found), key=lambda one: (one[2] or 0, one[3] or 0)) == [
        ("warning", "dilution-applied", None, None),
        ("error", "row-rejected", 3, 1),
        ("error", "duplicate-id", 4, 3),
        ("error", "qualifier-needs-profile", 4, 7),
        ("error", "dilution-missing", 5, None),
        ("error", "sample-id-missing", 6, 3),
        ("error", "qualifier-needs-profile", 6, 7),
        ("warning", "unit-in-cell", 7, 5),
        ("error", "decimal-comma", 7, 7),
        ("error", "cells-too-few", 8, 5),
    ]
    assert [(one[0], one[1], one[8]) for one in values(found)] == [
        ("KC-01", "Tb", "2.5"),
        ("KC-01", "Dy", "73"),
        ("KC-01", "Tb", "2.5"),
        ("KC-02", "Tb", ""),
        ("KC-02", "Dy", ""),
        ("", "Tb", "2.5"),
        ("KC-03", "Tb", "2.5"),
        ("KC-04", "Tb", "2.5"),
    ]


def test_without_a_dilution_nothing_is_said_of_the_solid():
    found = reading("instrument/no_dilution.csv")
    # as measured comes before what may have been multiplied already
    assert values(found) == [("KC-01", "Dy", "", "36.5", "", "36.5", "", "ug/L", "", 3, 5)]
    assert findings(found) == [("error", "dilution-missing", None, None)]


def test_a_total_dilution_is_litres_per_kilogram():
    found = sequence("Sample,A,1000,4.5,1", "Sample,B,2500,4,1", "Sample,C,1,4,1", "Sample,D,x,4,1")
    assert ppm(found) == ["4.5", "10.0", None, None]
    assert findings(found)[1:] == [
        ("error", "dilution-missing", 5, None),
        ("error", "dilution-missing", 6, None),
    ]


@pytest.mark.parametrize(
    ("heads", "cells", "content"),
    [
        ("Weight (g),Final Volume (mL)", "0.1,50", "36.5"),
        ("Sample Weight (mg),Volume mL", "100,50", "36.5"),
        ("Weight [g],Volume [mL],Dilution Factor", "0.1,50,10", "365"),
        ("Volume [mL],Weight [g],Total Dil.", "50,0.1,7", "36.5"),
        ("Dilution", "500", "36.5"),
        ("Weight [g],Volume [mL],Dilution", "0.1,50,", None),
        ("Weight [g],Volume [mL]", "0,50", None),
        ("Weight [g]", "0.1", None),
    ],
)
def test_dilutions_as_they_are_headed(heads, cells, content):
    found = sequence(f"Sample,A,{cells},73,1", heads=f"Type,Sample Name,{heads},Conc. [ ppb ],Conc. RSD")
    assert ppm(found) == [content]
    codes = {one.code for one in found.findings}
    assert ("dilution-missing" in codes) is (content is None)


def test_a_third_of_a_gram_gives_no_endless_number():
    found = sequence(
        "Sample,A,0.3,50,1,1", heads="Type,Sample Name,Weight [g],Volume [mL],Conc. [ ppb ],Conc. RSD"
    )
    assert ppm(found) == ["0.166666666667"]


def test_what_is_headed_per_mass_is_of_the_solid_already():
    found = sequence("Sample,A,1,4.5,1", heads="Type,Sample Name,Total Dil.,Conc. [ mg/kg ],Conc. RSD")
    assert values(found) == [("A", "Dy", "", "4.5", "", "4.5", "", "mg/kg", "4.5", 3, 4)]
    assert found.findings == []


@pytest.mark.parametrize(
    ("said", "unit"),
    [("ppb", "ug/L"), ("ug/l", "ug/L"), ("µg/L", "ug/L"), ("ppm", "mg/L"), ("ppt", "ng/L"), ("", ""), ("ug/g", "ug/g")],
)  # fmt: skip
def test_ppb_of_an_instrument_is_per_litre(said, unit):
    assert solution_unit(said) == unit


def test_decimal_commas_are_read_by_a_profile_that_says_so():
    text = ";;;163  Dy  [ He ] \nSample Name;Weight [g];Volume [mL];Conc. [ ppb ]\nA;0,1;50;7,3\n"
    found = read(text.encode(), profile=Profile(decimal_comma=True))
    assert values(found) == [("A", "Dy", "", "7,3", "", "7.3", "", "ug/L", "3.65", 3, 4)]


def test_a_sequence_of_calibrations_alone_is_no_certificate():
    with pytest.raises(Invalid) as refusal:
        sequence("CalStd,A,1,4.5,1")
    assert refusal.value.problems[0].code == "not-a-certificate"


def test_names_of_tubes_may_stand_beside_the_isotopes():
    text = "Sample Name,Total Dil.,163  Dy  [ He ] ,159  Tb  [ He ] \n,,Conc. [ ppb ],Conc. [ ppb ]\nA,1000,36.5,4.5\n"
    assert [one[:2] + one[8:] for one in values(read(text.encode()))] == [
        ("A", "Dy", "36.5", 3, 3),
        ("A", "Tb", "4.5", 3, 4),
    ]


def test_a_concentration_without_a_unit_is_not_guessed():
    found = sequence("Sample,A,1000,4.5,1", heads="Type,Sample Name,Total Dil.,Conc.,Conc. RSD")
    assert findings(found) == [("error", "unit-missing", None, 4)]
    assert ppm(found) == [None]
