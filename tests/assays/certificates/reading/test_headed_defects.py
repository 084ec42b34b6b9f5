"""What is wrong in a file with rows of headings is named with its place; everything else of it is still read."""

import pytest

from assays.certificates.reading import read
from lims.errors import Invalid
from tests.assays.certificates.reading.layouts import content, findings, values

SGS, JOB_A, JOB_B, COLUMNS, ACTLABS = "sgs/full", "job-a/full", "job-b/rows", "job-b/columns", "actlabs/full"
#: the rows of units, analytes and methods of each, and how many values it has
UNITS = {
    SGS: "DESCRIPTION,,ppm,ppm,%,%,%,ppm\n",
    JOB_A: "DESCRIPTION,PPM,PPM,PPM,PCT,PCT,PPB\n",
    JOB_B: "Units,ppm,ppm,ppm,%,%\n",
    ACTLABS: "Unit Symbol,%,%,ppm,ppm,ppm\n",
}
SYMBOLS = {
    SGS: "SAMPLE,Type,Dy,Tb,SiO2,Ti,LOI,Dy\n",
    JOB_A: "SAMPLE,Dy,Tb,Nd,SiO2,LOI,Dy\n",
    JOB_B: "ELEMENT,Dy,Dy,Tb,Dy2O3,LOI\n",
    ACTLABS: "Analyte Symbol,SiO2,LOI,Dy,Tb,Dy\n",
}
METHODS = {
    SGS: "METHOD,,MS90A,MS90A,XR75V,XR75V,GR02,MS40Q\n",
    JOB_A: "METHOD,MS62,MS62,MS62,XF78,TGA02,FB6\n",
    JOB_B: "Method,4A/MS,FP6/MS,FP6/MS,FP6/OE,/TGA\n",
    ACTLABS: "Analysis Method,FUS-ICP,GRAV,FUS-MS,FUS-MS,INAA\n",
}
COUNT = {SGS: 42, JOB_A: 18, JOB_B: 15, ACTLABS: 15}
FIRST = {SGS: 3, JOB_A: 2, JOB_B: 2, ACTLABS: 2}
#: what stands in the whole files already: no defects
GIVEN = {"comment", "duplicate-column", "re-issue", "thousands-separator", "unit-in-cell"}
HEADED = pytest.mark.parametrize("name", list(UNITS))


def text(name, *changes):
    """Return a whole file with texts replaced, each of which is there."""
    changed = content(f"{name}.csv").decode()
    for old, new in changes:
        assert old in changed
        changed = changed.replace(old, new, 1)
    return changed


def wrong(found):
    return [one for one in findings(found) if one[1] not in GIVEN]


def defects(name, *changes):
    return wrong(read(text(name, *changes).encode()))


@HEADED
def test_without_its_row_of_units_every_column_says_so(name):
    found = read(text(name, (UNITS[name], "")).encode())
    columns = range(FIRST[name], FIRST[name] + len(found.columns))
    assert (found.layout, len(found.determinations)) == (name.split("/")[0], COUNT[name])
    assert wrong(found) == [("error", "unit-missing", None, column) for column in columns]
    assert {one.ppm for one in found.determinations if not one.unit} == {None}


@HEADED
@pytest.mark.parametrize(("unit", "code"), [("ppx", "unit-unknown"), ("mg/L", "unit-of-liquid")])
def test_a_unit_that_is_not_known_or_of_a_liquid(name, unit, code):
    row = UNITS[name]
    at = row.rstrip("\n").split(",").index("PPM" if "PPM" in row else "ppm")
    changed = row.replace("PPM" if "PPM" in row else "ppm", unit, 1)
    found = read(text(name, (row, changed)).encode())
    assert wrong(found) == [("error", code, None, at + 1)]
    assert {one.ppm for one in found.determinations if one.column == at + 1} == {None}


@HEADED
def test_without_its_row_of_methods_values_are_read_without_one(name):
    found = read(text(name, (METHODS[name], "")).encode())
    assert (found.layout, len(found.determinations)) == (name.split("/")[0], COUNT[name])
    assert {one.method for one in found.determinations} == {""}
    twice = [one[:2] for one in findings(found) if one[1] == "duplicate-column"]
    assert twice == [("warning", "duplicate-column")]


@HEADED
def test_without_its_row_of_analytes_it_is_refused(name):
    with pytest.raises(Invalid) as refusal:
        read(text(name, (SYMBOLS[name], "")).encode(), name="a.csv")
    assert [one.code for one in refusal.value.problems] == ["not-a-certificate"]
    assert refusal.value.problems[0].place.file == "a.csv"


@pytest.mark.parametrize(
    ("name", "end", "expected", "lost"),
    [
        (SGS, ",12.5\n", [("error", "cells-too-few", 19, 7)], 1),
        (SGS, ",6.02,12.5\n", [("error", "cells-too-few", 19, 6)], 2),
        (JOB_A, ",19900\n", [("error", "cells-too-few", 17, 6)], 1),
        (JOB_B, ",Interference\n", [("error", "cells-too-few", 15, 5)], 1),
        (ACTLABS, ",1204.1\n", [("error", "cells-too-few", 14, 5)], 1),
    ],
)
def test_a_file_cut_within_a_row(name, end, expected, lost):
    cut = text(name).removesuffix(end)
    assert len(cut) < len(text(name))
    found = read(cut.encode())
    assert wrong(found) == expected
    assert len(found.determinations) == COUNT[name] - lost


@HEADED
@pytest.mark.parametrize("lost", [1, 2])
def test_a_file_cut_between_rows_is_known_by_its_count(name, lost):
    lines = text(name).splitlines(keepends=True)
    found = read("".join(lines[:-lost]).encode())
    assert wrong(found) == [("error", "sample-count", None, None)]
    assert found.determinations == read(text(name).encode()).determinations[: -lost * len(found.columns)]


@HEADED
def test_a_file_cut_after_its_headings_is_refused(name):
    whole = text(name)
    first = {SGS: "HR-101,", JOB_A: "K0001,", JOB_B: "K 1,", ACTLABS: "N-1,"}[name]
    with pytest.raises(Invalid) as refusal:
        read(whole[: whole.index(first)].encode(), name="a.csv")
    assert [one.code for one in refusal.value.problems] == ["not-a-certificate"]


@pytest.mark.parametrize(
    ("name", "changes", "expected"),
    [
        (SGS, [("# OF SAMPLES,4", "# OF SAMPLES,5")], [("error", "sample-count", None, None)]),
        (JOB_A, [("No of Samples,3", "No of Samples,30")], [("error", "sample-count", None, None)]),
        (JOB_B, [("NO OF SAMPLES,3", "NO OF SAMPLES,2")], [("error", "sample-count", None, None)]),
        (COLUMNS, [("No of Samples,3", "No of Samples,4")], [("error", "sample-count", None, None)]),
        (ACTLABS, [("Samples: 3", "Samples: 4")], [("error", "sample-count", None, None)]),
    ],
)
def test_a_wrong_count(name, changes, expected):
    assert defects(name, *changes) == expected


def test_a_count_may_be_that_of_all_rows_too():
    assert defects(SGS, ("# OF SAMPLES,4", "# OF SAMPLES,7")) == []


@pytest.mark.parametrize(
    ("name", "change"),
    [
        (SGS, ("2026-02-09", "2026-01-09")),
        (JOB_A, ("09-Feb-2026", "09-Jan-2026")),
        (JOB_B, ("2026-02-09", "2025-02-09")),
        (COLUMNS, ("2026-02-09", "2026-01-31")),
        (ACTLABS, ("15/2/2026", "15/1/2026")),
    ],
)
def test_dates_that_are_reversed(name, change):
    assert defects(name, change) == [("warning", "dates-reversed", None, None)]


@pytest.mark.parametrize(
    ("name", "change", "place"),
    [
        (SGS, ("HR-103,", "hr-101,"), (18, 1)),
        (JOB_A, ("K0002,", "K0001,"), (16, 1)),
        (JOB_B, ("K 2,", "k 1,"), (14, 1)),
        (COLUMNS, ("K 2", "K 1"), (7, 7)),
        (ACTLABS, ("N-2,", "N-1,"), (13, 1)),
    ],
)
def test_an_id_that_stands_twice(name, change, place):
    assert defects(name, change) == [("error", "duplicate-id", *place)]


def test_a_duplicate_a_standard_and_a_blank_may_have_ids_that_stand_elsewhere():
    assert defects(SGS, ("Rock 7", "HR-101"), ("Blank A", "HR-101")) == []


def test_a_row_without_an_id():
    assert defects(JOB_A, ("K0003,", ",")) == [("error", "sample-id-missing", 17, 1)]


def test_a_type_that_nobody_knows():
    found = read(text(SGS, ("HR-101,SMP", "HR-101,XYZ")).encode())
    assert wrong(found) == [("warning", "kind-unknown", 13, 2)]
    assert found.rows[0].kind == ""


@pytest.mark.parametrize(
    ("name", "change", "places"),
    [
        (JOB_A, (UNITS[JOB_A], UNITS[JOB_A].replace("PPB", "PPM")), [(15, 7), (17, 7)]),
        (ACTLABS, (UNITS[ACTLABS], UNITS[ACTLABS].replace("ppm,ppm,ppm", "ppm,ppm,ppb")), [(12, 6)]),
        (SGS, ("-0.02,30.12", "-0.02,30120"), [(13, 8)]),
        (COLUMNS, ("FP6/MS,ppm,0.1,5000,36.5,<0.1,1204.1", "FP6/MS,ppm,0.1,,36500,<0.1,"), [(9, 6)]),
    ],
)
def test_two_methods_a_thousand_times_apart(name, change, places):
    found = [one for one in defects(name, change) if one[1] != "forms-disagree"]
    assert found == [("warning", "methods-disagree", *place) for place in places]


@pytest.mark.parametrize(
    ("name", "change", "place"),
    [
        (JOB_B, ("0.138", "1.38"), (15, 5)),
        (COLUMNS, ("0.138", "1.38"), (11, 8)),
        (JOB_B, ("0.138", "0.0138"), (15, 5)),
    ],
)
def test_an_element_and_its_oxide_that_do_not_agree(name, change, place):
    assert defects(name, change) == [("warning", "forms-disagree", *place)]


def test_a_column_of_an_oxide_that_is_headed_as_one_agrees_with_the_element():
    # 36.5 ppm of Dy are 41.9 ppm of Dy2O3: kept as what the heading says
    found = read(text(SGS, ("LOI,Dy\n", "LOI,Dy2O3\n"), ("-0.02,30.12", "-0.02,41.9")).encode())
    assert wrong(found) == []
    assert [one.oxide for one in found.columns] == [None, None, "SiO2", None, None, "Dy2O3"]


@pytest.mark.parametrize(
    ("name", "change", "place"),
    [
        (SGS, ("HR-101,SMP,36.5", "HR-101,SMP,0.0365"), (13, 3)),
        (JOB_A, ("K0001,36.5,6.02", "K0001,36.5,6020"), (15, 3)),
        (JOB_B, ("33.12", "33120"), (13, 2)),
        (COLUMNS, ("33.12", "33120"), (8, 6)),
        (ACTLABS, ("188.4", "0.001884"), (14, 5)),
    ],
)
def test_a_value_beyond_the_limits_of_its_column(name, change, place):
    found = defects(name, change)
    assert found[0] == ("warning", "beyond-limits", *place)
    assert {one[1] for one in found} <= {"beyond-limits", "methods-disagree"}


def test_nd_a_thousand_times_too_high_is_seen_against_pr():
    changes = [
        ("SAMPLE,Dy,Tb,Nd", "SAMPLE,Dy,Pr,Nd"),
        (",26.2,", ",26200,"),
        (",1000,100,1000,", ",1000,100,,"),
    ]
    assert defects(JOB_A, *changes) == [("warning", "pattern-not-smooth", 15, None)]


@pytest.mark.parametrize("limit", ["five", "0.05 ppb", "-0.05", "0"])
def test_a_limit_that_is_none(limit):
    found = read(text(SGS, ("LD,,0.05", f"LD,,{limit}")).encode())
    assert wrong(found) == [("warning", "limit-unreadable", 12, 3)]
    assert (found.columns[0].lower, str(found.columns[1].lower)) == (None, "0.05")


@pytest.mark.parametrize(
    ("name", "change", "expected"),
    [
        (ACTLABS, ("36.1", "36.1,44"), ("error", "cells-too-many", 12, 7)),
        (ACTLABS, ("Tb,Dy\n", "Zz,Dy\n"), ("warning", "column-unknown", 8, 5)),
        (ACTLABS, ("Tb,Dy\n", "Total RE Oxides,Dy\n"), ("note", "column-unknown", 8, 5)),
        (JOB_B, ("K 1,33.12", "K 1,BDL"), ("error", "qualifier-needs-profile", 13, 2)),
        (JOB_A, ("36.5", '"36,5"'), ("error", "decimal-comma", 15, 2)),
        (JOB_A, ("20.1", "20.1?"), ("error", "cell-unreadable", 17, 2)),
        (SGS, ("51.02", "151.02"), ("error", "more-than-whole", 17, 5)),
        (
            SGS,
            (METHODS[SGS], METHODS[SGS].replace("XR75V", "X" * 41, 1)),
            ("error", "method-too-long", 10, 5),
        ),
    ],
)
def test_what_else_is_wrong(name, change, expected):
    assert defects(name, change) == [expected]


def test_a_quotation_mark_left_open_is_found():
    found = read(text(JOB_A, ("K0002", '"K0002')).encode())
    assert ("error", "cells-too-few", 16, 1) in findings(found)
    assert ("error", "cell-over-lines", 16, 1) in findings(found)
    assert [one[0] for one in values(found)] == ["K0001"] * 6
