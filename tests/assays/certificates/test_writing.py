"""A certificate that is written here is one that a laboratory could have sent."""

from datetime import date

import pytest

from assays.certificates.reading import read
from assays.certificates.writing import WrittenColumn, als_csv

DYSPROSIUM = WrittenColumn("ME-MS81", "Dy", "ppm")


def written(**changed):
    what = {
        "number": "XX26000003",
        "client": "Hill Road",
        "columns": [DYSPROSIUM],
        "rows": [("A", ["36.5"]), ("B", ["<0.05"])],
        "received_on": date(2026, 2, 1),
        "finalized_on": date(2026, 2, 9),
    }
    return als_csv(**{**what, **changed})


def test_the_layout_line_by_line():
    assert written(comments="Look").decode().split("\r\n") == [
        "XX26000003 - Finalized",
        'CLIENT : "Hill Road"',
        "# of SAMPLES : 2",
        "DATE RECEIVED : 2026-02-01  DATE FINALIZED : 2026-02-09",
        'PROJECT : "Rare earth elements"',
        'CERTIFICATE COMMENTS : "Look"',
        'PO NUMBER : " "',
        ",ME-MS81",
        "SAMPLE,Dy",
        "DESCRIPTION,ppm",
        "A,36.5",
        "B,<0.05",
        "",
    ]


def test_a_preliminary_one_says_so():
    assert read(written(preliminary=True)).status == "preliminary"
    assert read(written()).status == "final"


@pytest.mark.parametrize("comments", ["", "Corrected copy: A was B", "Two lines\nwith a, comma"])
def test_comments_come_back(comments):
    reading = read(written(comments=comments))
    said = " ".join(comments.split())
    assert [one.message.partition(": ")[2] for one in reading.findings] == ([said] if said else [])
    assert len(reading.determinations) == 2


@pytest.mark.parametrize("text", ["1,234.5", 'A "b", c', " padded "])
def test_cells_and_labels_with_commas_and_quotes_come_back(text):
    reading = read(written(rows=[(text, ["1"]), ("B", [text])]))
    assert reading.rows[0].sample == text.strip()
    assert reading.rows[1].cells[1] == text
