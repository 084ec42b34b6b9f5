"""No layout is taken for another one: all of them look at every file, and the right one alone reads it."""

import csv
import io
from datetime import date

import pytest

from assays.certificates.reading import read
from assays.certificates.reading.recognising import LAYOUTS
from assays.certificates.reading.sheet import read_sheet
from assays.certificates.writing import WrittenColumn, als_csv
from tests.assays.certificates.reading.layouts import FILES

CERTIFICATES = sorted(FILES.glob("*/*.csv"))
#: layouts with anchors of their own: none may say that it knows a file of another one
ANCHORED = ("als-csv", "sgs", "job-a", "job-b", "actlabs", "template", "instrument")


def of_als():
    columns = [WrittenColumn("ME-MS81", "Dy", "ppm"), WrittenColumn("ME-MS81", "Tb", "ppm")]
    return als_csv(
        number="XX26000001",
        client="Hill Road, Ltd.",
        columns=columns,
        rows=[("A", ["36.5", "<0.05"]), ("B", ["20.1", "3.3"])],
        received_on=date(2026, 2, 1),
        finalized_on=date(2026, 2, 9),
    )


PLAIN = b"Sample,Dy_ppm,Tb_ppm\nA,36.5,<0.05\nB,20.1,3.3\n"
KNOWN = [
    *((f"{path.parent.name}/{path.name}", path.parent.name, path.read_bytes()) for path in CERTIFICATES),
    ("als", "als-csv", of_als()),
    ("plain", "plain-wide", PLAIN),
]


def test_there_is_a_file_of_every_layout():
    assert {layout for _, layout, _ in KNOWN} == {layout.name for layout in LAYOUTS}


@pytest.mark.parametrize(("layout", "content"), [one[1:] for one in KNOWN], ids=[one[0] for one in KNOWN])
def test_a_file_is_read_as_what_it_is(layout, content):
    assert read(content).layout == layout


@pytest.mark.parametrize(("layout", "content"), [one[1:] for one in KNOWN], ids=[one[0] for one in KNOWN])
def test_no_layout_with_anchors_knows_a_file_of_another(layout, content):
    sheet = read_sheet(content)
    by = [one.name for one in LAYOUTS if one.name in ANCHORED and one.recognise(sheet) is not None]
    assert by == ([layout] if layout in ANCHORED else [])


@pytest.mark.parametrize(("layout", "content"), [one[1:] for one in KNOWN], ids=[one[0] for one in KNOWN])
@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_the_delimiter_makes_no_difference(layout, content, delimiter):
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(read_sheet(content).rows)
    assert read(out.getvalue().encode()).layout == layout


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        # no number above: the rows alone say what it is
        ("METHOD,M,M\nSAMPLE,Dy,Tb\nDESCRIPTION,ppm,ppm\nLD,0.1,0.1\nA,1,2\n", "sgs"),
        ("METHOD,M,M\nSAMPLE,Dy,Tb\nDESCRIPTION,ppm,ppm\nMIN DETECTION,0.1,0.1\nA,1,2\n", "job-a"),
        ("Element,Dy,Tb\nMethod,M,M\nUnits,ppm,ppm\nDet. Lim,0.1,0.1\nA,1,2\n", "job-b"),
        ("Analyte Symbol,Dy,Tb\nUnit Symbol,ppm,ppm\nA,1,2\n", "actlabs"),
        # the number decides where rows are alike
        ("COA,X1\nSAMPLE,Dy,Tb\nDESCRIPTION,ppm,ppm\nA,1,2\n", "sgs"),
        ("LabjobNo,X1\nSAMPLE,Dy,Tb\nDESCRIPTION,ppm,ppm\nA,1,2\n", "job-a"),
        (
            "Report Number,X1\nReport Date,2026-02-01\nElement,Dy,Tb\nUnits,ppm,ppm\nDet. Lim,1,1\nMethod,M,M\nA,1,2\n",
            "actlabs",
        ),
        # samples beside each other without the columns of job type B
        ("Element,Unit,A,B\nDy,ppm,1,2\nTb,ppm,3,4\n", "transposed"),
        ("Element,Method,Units,Det. Lim,A,B\nDy,M,ppm,0.1,1,2\nTb,M,ppm,0.1,3,4\n", "transposed"),
        ("Element,Method,Units,Det. Lim,Upper Lim,A,B\nDy,M,ppm,0.1,9,1,2\nTb,M,ppm,0.1,9,3,4\n", "job-b"),
    ],
)
def test_what_decides_between_layouts_that_are_alike(text, layout):
    found = read(text.encode())
    assert found.layout == layout
    assert [(one.sample, one.analyte, one.raw) for one in found.determinations][:1] == [("A", "Dy", "1")]
