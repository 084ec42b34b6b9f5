"""Files to try: one of every layout, each read as that layout, each with just what it is said to show."""

from datetime import date

import pytest

from assays.certificates.reading import read
from assays.certificates.reading.recognising import LAYOUTS
from assays.demonstration.rocks import LIMITS
from assays.demonstration.teaching import screening
from assays.demonstration.trying import headed, ours, plain
from assays.demonstration.trying.job import Job, again, material_cells, sample_cells
from lims.errors import DomainError

LABELS = [f"KC00{n:04d}X" for n in range(198, 208)]
JOB = Job("DAL26-0999", LABELS, date(2026, 11, 24))
#: maker, ending → layout, rows, and severity, code and row in the file of what is found in it
SHOWN = {
    headed.sgs: ("csv", "sgs", 14, []),
    headed.job_a: ("csv", "job-a", 12, []),
    headed.job_b: ("csv", "job-b", 10, [("note", "duplicate-column", 18), ("warning", "methods-disagree", 18)]),
    headed.actlabs: ("csv", "actlabs", 10, []),
    plain.wide: ("csv", "plain-wide", 10, [("note", "column-unknown", 1), ("warning", "pattern-not-smooth", 5)]),
    plain.long: ("csv", "long", 10, [("note", "duplicate-column", 12), ("warning", "forms-disagree", 34)]),
    plain.transposed: ("csv", "transposed", 10, [("error", "duplicate-id", 3)]),
    ours.template_csv: ("csv", "template", 12, [("error", "sample-count", None)]),
    ours.template_xlsx: ("xlsx", "template", 12, [("error", "sample-count", None)]),
    ours.instrument: (
        "csv",
        "instrument",
        13,
        [("error", "row-rejected", 8), ("warning", "dilution-applied", None), ("error", "dilution-missing", 10)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("make", SHOWN, ids=lambda make: make.__name__)
def test_each_file_is_read_as_its_layout_and_shows_what_it_is_there_for(make):
    ending, layout, rows, found = SHOWN[make]
    reading = read(make(JOB), name=f"a.{ending}")
    assert (reading.layout, len(reading.rows)) == (layout, rows)
    assert [(one.severity, one.code, one.place[0]) for one in reading.findings] == found


def test_every_layout_has_a_file_to_try():
    made = {layout for _, layout, _, _ in SHOWN.values()} | {"als-csv"}
    assert made == {layout.name for layout in LAYOUTS}


def test_a_layout_nobody_knows_is_refused_until_it_is_taught():
    with pytest.raises(DomainError):
        read(screening(LABELS, "second day"), name="a.csv")


def test_one_sample_reads_the_same_in_every_file():
    told = {}
    for make, (ending, *_) in SHOWN.items():
        for one in read(make(JOB), name=f"a.{ending}").determinations:
            if one.sample == LABELS[5] and (one.analyte, one.oxide) == ("Pr", None) and one.ppm is not None:
                told[make.__name__] = float(one.ppm)
    assert set(told) == {make.__name__ for make in SHOWN}
    assert len(set(told.values())) == 1


def test_what_an_interim_report_leaves_open_is_said():
    reading = read(headed.job_a(JOB), name="a.csv")
    assert reading.status == "preliminary"
    over = [one for one in reading.determinations if one.qualifier == ">"]
    assert [(one.sample, one.analyte, str(one.limit)) for one in over] == [(LABELS[1], "Dy", "100")]


def test_cells_that_are_no_numbers_stay_what_they_are():
    reading = read(headed.actlabs(JOB), name="a.csv")
    odd = {(one.sample, one.analyte): one.qualifier for one in reading.determinations if one.qualifier}
    assert odd == {
        (LABELS[0], "Th"): "blank",
        (LABELS[1], "Sm"): "insufficient-sample",
        (LABELS[1], "Gd"): "insufficient-sample",
        (LABELS[2], "Tb"): "interference",
        (LABELS[3], "Y"): "not-requested",
        (LABELS[3], "Th"): "<",
    }


def test_a_reference_material_that_is_to_fail_reads_twelve_per_cent_too_high():
    good, high = (material_cells("RE-101", times=times, seed="a") for times in (1.0, headed.TOO_HIGH))
    assert float(high["Dy"]) / float(good["Dy"]) == pytest.approx(1.12, abs=0.003)
    assert {name for name in LIMITS if good[name] != high[name]} == {"Dy", "Tb"}


def test_a_duplicate_lies_near_its_parent():
    cells = sample_cells(LABELS[0])
    twin = again(cells, "twin")
    assert twin.keys() == cells.keys()
    apart = [abs(float(twin[name]) / float(cells[name]) - 1) for name in ("La", "Nd", "Dy", "Y")]
    assert 0 < max(apart) < 0.05
