"""Layouts with rows of headings: everything that a whole file of each says, to the last cell, limit and finding."""

from datetime import date
from decimal import Decimal

import pytest

from assays.certificates.reading import Profile, read
from assays.certificates.reading.output import as_json
from tests.assays.certificates.reading.layouts import content, findings, reading, rows, values

FILES = ["sgs/full", "job-a/full", "job-b/rows", "job-b/columns", "actlabs/full", "actlabs/unnamed"]


@pytest.mark.parametrize("name", FILES)
def test_every_cell_is_a_determination(name):
    # sample, what, method, raw, qualifier, value, limit, unit, ppm, row and column: compared with the file by eye
    lines = content(f"{name}.values.txt").decode().splitlines()
    assert ["\t".join(map(str, one)) for one in values(reading(f"{name}.csv"))] == lines


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sgs/full", ("sgs", "SGS", "HL26-00417", "final", "", 4)),
        ("job-a/full", ("job-a", "", "LJ-20417", "preliminary", "", 3)),
        ("job-b/rows", ("job-b", "", "B260417.1", "final", "", 3)),
        ("job-b/columns", ("job-b", "", "B260418.0", "final", "", 3)),
        (
            "actlabs/full",
            ("actlabs", "Actlabs", "A26-00417", "final", "Corrected copy. Tb was measured again.", 3),
        ),
        ("actlabs/unnamed", ("actlabs", "Actlabs", "A26-00418", "final", "", None)),
    ],
)
def test_what_stands_above_the_table(name, said):
    found = reading(f"{name}.csv")
    assert said == (
        found.layout,
        found.laboratory,
        found.certificate,
        found.status,
        found.version_note,
        found.stated_samples,
    )


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("sgs/full", "It has the number COA HL26-00417, and rows METHOD, SAMPLE, DESCRIPTION and LD."),
        (
            "job-a/full",
            "It has the LabjobNo LJ-20417, and rows METHOD, SAMPLE, DESCRIPTION, MIN DETECTION and MAX DETECTION.",
        ),
        ("job-b/rows", "It has rows ELEMENT, Method, Units, Det. Lim, Upper Lim and Sample No."),
        ("job-b/columns", "Row 7 heads columns ELEMENT, Method, Units, Det. Lim and Upper Lim."),
        (
            "actlabs/full",
            (
                "It has the Report Number A26-00417, and rows Analyte Symbol, Unit Symbol, Detection Limit "
                "and Analysis Method."
            ),
        ),
        (
            "actlabs/unnamed",
            "It has the Report Number A26-00418, and rows of symbols, of units, of detection limits and of methods.",
        ),
    ],
)
def test_why_it_is_that_layout(name, why):
    assert reading(f"{name}.csv").why == why


@pytest.mark.parametrize(
    ("name", "received", "finalized"),
    [
        ("sgs/full", date(2026, 2, 1), date(2026, 2, 9)),
        ("job-a/full", date(2026, 2, 1), date(2026, 2, 9)),
        ("job-b/rows", date(2026, 2, 1), date(2026, 2, 9)),
        ("job-b/columns", date(2026, 2, 1), date(2026, 2, 9)),
        ("actlabs/full", date(2026, 2, 1), date(2026, 2, 15)),
        ("actlabs/unnamed", None, date(2026, 2, 15)),
    ],
)
def test_dates(name, received, finalized):
    found = reading(f"{name}.csv")
    assert (found.received_on, found.finalized_on) == (received, finalized)


def limits(name):
    return [
        (one.oxide or one.analyte, one.method, one.unit, *map(str, (one.lower, one.upper)))
        for one in reading(f"{name}.csv").columns
    ]


def test_limits_that_the_files_state():
    assert limits("sgs/full") == [
        ("Dy", "MS90A", "ppm", "0.05", "None"),
        ("Tb", "MS90A", "ppm", "0.05", "None"),
        ("SiO2", "XR75V", "%", "0.01", "None"),
        ("Ti", "XR75V", "%", "0.01", "None"),
        ("LOI", "GR02", "%", "-10", "None"),
        ("Dy", "MS40Q", "ppm", "0.01", "None"),
    ]
    assert limits("job-a/full") == [
        ("Dy", "MS62", "PPM", "0.1", "1000"),
        ("Tb", "MS62", "PPM", "0.02", "100"),
        ("Nd", "MS62", "PPM", "0.1", "1000"),
        ("SiO2", "XF78", "PCT", "0.01", "100"),
        ("LOI", "TGA02", "PCT", "0.01", "100"),
        ("Dy", "FB6", "PPB", "50", "500000"),
    ]
    assert limits("job-b/rows") == [
        ("Dy", "4A/MS", "ppm", "0.01", "1000"),
        ("Dy", "FP6/MS", "ppm", "0.1", "5000"),
        ("Tb", "FP6/MS", "ppm", "0.05", "5000"),
        ("Dy2O3", "FP6/OE", "%", "0.001", "20"),
        ("LOI", "/TGA", "%", "0.01", "None"),
    ]
    assert limits("job-b/columns") == limits("job-b/rows")
    assert limits("actlabs/full") == [
        ("SiO2", "FUS-ICP", "%", "0.01", "None"),
        ("LOI", "GRAV", "%", "None", "None"),
        ("Dy", "FUS-MS", "ppm", "0.01", "None"),
        ("Tb", "FUS-MS", "ppm", "0.01", "None"),
        ("Dy", "INAA", "ppm", "0.1", "None"),
    ]


@pytest.mark.parametrize(
    ("name", "found"),
    [
        (
            "sgs/full",
            [
                ("note", "comment", None, None),
                ("note", "duplicate-column", None, 8),
                ("warning", "thousands-separator", 17, 4),
                ("warning", "unit-in-cell", 18, 7),
            ],
        ),
        ("job-a/full", [("note", "duplicate-column", None, 7)]),
        ("job-b/rows", [("note", "duplicate-column", None, 3)]),
        ("job-b/columns", [("note", "duplicate-column", 9, None)]),
        ("actlabs/full", [("note", "re-issue", None, None), ("note", "duplicate-column", None, 6)]),
        ("actlabs/unnamed", []),
    ],
)
def test_what_a_person_should_look_at(name, found):
    assert findings(reading(f"{name}.csv")) == found


def test_sgs_says_of_each_row_what_it_is():
    found = reading("sgs/full.csv")
    assert rows(found) == [
        (13, "HR-101", "sample"),
        (14, "HR-102", "sample"),
        (15, "HR-102", "duplicate"),
        (16, "Blank A", "blank"),
        (17, "Rock 7", "standard"),
        (18, "HR-103", "sample"),
        (19, "HR-104", "sample"),
    ]
    assert found.findings[0].message == (
        "The laboratory says: Fused with sodium peroxide. Rows stand in the order of receipt, "
        "and the laboratory's own standards among them."
    )


def test_the_json_is_that_of_every_layout():
    answer = as_json(reading("job-a/full.csv"))
    assert {name: answer[name] for name in list(answer)[:7]} == {
        "layout": "job-a",
        "laboratory": "",
        "certificate": "LJ-20417",
        "status": "preliminary",
        "version_note": "",
        "stated_samples": 3,
        "rows": 3,
    }
    assert answer["determinations"][5] == {
        "sample": "K0001",
        "analyte": "Dy",
        "form": "element",
        "oxide": None,
        "method": "FB6",
        "raw": "36400",
        "qualifier": "",
        "value": "36400",
        "limit": None,
        "unit": "PPB",
        "ppm": "36.4",
        "row": 15,
        "column": 7,
    }


def text(name):
    return content(f"{name}.csv").decode()


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("lines", [1, 7, 60])
def test_what_stands_above_may_be_of_any_length(name, lines):
    above = "".join(f"Line {number},of no matter\n" for number in range(lines))
    longer, plain = read((above + text(name)).encode()), reading(f"{name}.csv")
    assert (longer.layout, longer.certificate) == (plain.layout, plain.certificate)
    assert values(longer) == [(*one[:9], one[9] + lines, one[10]) for one in values(plain)]


def test_a_preamble_may_be_written_with_colons_and_two_names_on_a_line():
    old = "COA,HL26-00417\n"
    found = read(
        text("sgs/full")
        .replace(old, 'COA : "HL26-00417"\n')
        .replace(
            "DATE RECEIVED,2026-02-01\nDATE FINALIZED,2026-02-09\n",
            "DATE RECEIVED : 2026-02-03  DATE FINALIZED : 2026-02-10\n",
        )
        .encode()
    )
    assert (found.certificate, found.received_on, found.finalized_on) == (
        "HL26-00417",
        date(2026, 2, 3),
        date(2026, 2, 10),
    )


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("2026-02-15", date(2026, 2, 15)),
        ("2026-02-15 00:00:00", date(2026, 2, 15)),
        ("15/2/2026", date(2026, 2, 15)),
        ("2/15/2026", date(2026, 2, 15)),
        ("2/2/2026", date(2026, 2, 2)),
        ("15.02.2026", date(2026, 2, 15)),
        ("15-Feb-26", date(2026, 2, 15)),
        ("Feb 15, 2026", date(2026, 2, 15)),
        ("3/4/2026", None),
        ("30/2/2026", None),
        ("15/15/2026", None),
        ("1/1/0000", None),
    ],
)
def test_a_date_is_told_or_named_and_never_guessed(said, day):
    found = read(text("actlabs/unnamed").replace("2026-02-15", said).encode())
    assert found.finalized_on == day
    assert findings(found) == ([] if day else [("warning", "date-unreadable", 2, None)])


@pytest.mark.parametrize(
    ("line", "note"),
    [
        ("CORRECTED COPY", "CORRECTED COPY"),
        ("Re-issued on request,", "Re-issued on request"),
        ("Revision,2", "revision 2"),
        ("Version,2", "version 2"),
        ("Version,1", ""),
        ("Revision,0", ""),
        ("COMMENTS,Corrected for interference of Gd on Tb", ""),
    ],
)
def test_a_re_issue_is_known(line, note):
    assert read(f"{line}\n{text('job-b/rows')}".encode()).version_note == note


@pytest.mark.parametrize("said", ["Preliminary", "Interim report", "DRAFT", "Partial"])
def test_what_is_not_final_is_preliminary(said):
    assert read(f"Status,{said}\n{text('job-b/rows')}".encode()).status == "preliminary"


@pytest.mark.parametrize(
    ("said", "number", "status"),
    [
        ("HL26-00417", "HL26-00417", "final"),
        ("HL26-00417 - Preliminary", "HL26-00417", "preliminary"),
        ("HL26-00417 (Final)", "HL26-00417", "final"),
        ("HL26-00417-Finalised", "HL26-00417", "final"),
        ("HL26-F", "HL26-F", "final"),
        ("9" * 70, "9" * 60, "final"),
    ],
)
def test_a_number_may_have_its_status_behind_it(said, number, status):
    found = read(text("sgs/full").replace("HL26-00417", said).encode())
    assert (found.certificate, found.status) == (number, status)


def test_the_column_of_types_may_be_headed_in_any_row_of_headings():
    moved = text("sgs/full").replace("METHOD,,", "METHOD,TYPE,").replace("SAMPLE,Type,", "SAMPLE,,")
    assert rows(read(moved.encode())) == rows(reading("sgs/full.csv"))


def test_names_of_rows_that_mean_the_same():
    other = (
        text("job-b/rows")
        .replace("ELEMENT,", "ELEMENTS,")
        .replace("Units,", "UNITS,")
        .replace("Det. Lim,", "DETECTION,")
        .replace("Sample No\n", "SAMPLE NUMBERS\n")
    )
    found = read(other.encode())
    assert values(found) == values(reading("job-b/rows.csv"))
    assert [one.lower for one in found.columns] == [one.lower for one in reading("job-b/rows.csv").columns]


@pytest.mark.parametrize("name", FILES)
def test_empty_rows_and_cells_behind_change_nothing(name):
    padded = "".join(f"{line},,\n" if "," in line else f"{line}\n" for line in text(name).splitlines())
    assert values(read((padded + ",,\n\n").encode())) == values(reading(f"{name}.csv"))


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("sgs/full", "SAMPLE,"),
        ("job-a/full", "DESCRIPTION,"),
        ("job-b/rows", "Units,"),
        ("actlabs/full", "Unit "),
    ],
)
def test_empty_rows_between_the_headings_change_nothing(name, row):
    apart = read(text(name).replace(f"\n{row}", f"\n\n{row}").encode())
    assert values(apart) == [(*one[:9], one[9] + 1, one[10]) for one in values(reading(f"{name}.csv"))]


def test_what_a_profile_calls_below_has_the_limit_of_its_column():
    below = text("job-a/full").replace("<0.02", "BDL").replace("K0003,20.1", "K0003,X")
    found = read(below.encode(), profile=Profile(below=frozenset({"BDL", "X"})))
    said = [(one.raw, one.limit) for one in found.determinations if one.raw in {"BDL", "X"}]
    assert said == [("BDL", Decimal("0.02")), ("X", Decimal("0.1"))]
    assert findings(found) == [("note", "duplicate-column", None, 7)]


def test_a_sign_alone_is_below_the_limit_of_its_column_and_above_none():
    found = read(text("job-a/full").replace("<0.02", "<").replace(">1000", ">").encode())
    below = next(one for one in found.determinations if one.raw == "<")
    assert (below.qualifier, below.value, below.limit) == ("<", None, Decimal("0.02"))
    error = next(one for one in found.findings if one.severity == "error")
    assert (error.code, error.place) == ("cell-unreadable", (16, 4))
    assert error.message == "“>” is no number and no known word."
