"""Files with rows of headings in every encoding, line end, delimiter and spreadsheet: what is read is the same."""

import csv
import io
from datetime import date

import pytest

from assays.certificates.reading import Profile, read
from tests.assays.certificates.reading.layouts import content, findings, reading, values
from tests.assays.certificates.reading.old_formats import ods, xls
from tests.assays.certificates.reading.test_spreadsheets import workbook

FILES = pytest.mark.parametrize(
    "name", ["sgs/full", "job-a/full", "job-b/rows", "job-b/columns", "actlabs/full", "actlabs/unnamed"]
)


def lines(name):
    return list(csv.reader(io.StringIO(content(f"{name}.csv").decode(), newline="")))


def written(name, delimiter=",", end="\n"):
    out = io.StringIO(newline="")
    cells = [[cell.replace("\n", end) for cell in line] for line in lines(name)]
    csv.writer(out, delimiter=delimiter, lineterminator=end).writerows(cells)
    return out.getvalue()


@FILES
@pytest.mark.parametrize(
    ("encoding", "told"),
    [("utf-8-sig", "utf-8"), ("utf-16", "utf-16"), ("utf-16-le", "utf-16"), ("latin-1", "latin-1")],
)
def test_encodings(name, encoding, told):
    text = f"Site,Hügel\n{content(f'{name}.csv').decode()}"
    found = read(text.encode(encoding))
    assert found.encoding == told
    assert values(found) == [(*one[:9], one[9] + 1, one[10]) for one in values(reading(f"{name}.csv"))]


@FILES
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends(name, delimiter, end):
    found, plain = read(written(name, delimiter, end).encode()), reading(f"{name}.csv")
    assert found.delimiter == delimiter
    assert (found.layout, found.certificate, found.stated_samples) == (
        plain.layout,
        plain.certificate,
        plain.stated_samples,
    )
    assert values(found) == values(plain)
    assert findings(found) == findings(plain)


def test_decimal_commas_between_semicolons_are_read_with_the_profile_of_the_laboratory():
    text = written("job-a/full", ";").replace(".", ",")
    found = read(text.encode(), profile=Profile(decimal_comma=True))
    plain = reading("job-a/full.csv")
    assert [one.ppm for one in found.determinations] == [one.ppm for one in plain.determinations]
    assert [(one.lower, one.upper) for one in found.columns] == [
        (one.lower, one.upper) for one in plain.columns
    ]
    codes = {one.code for one in read(text.encode()).findings if one.severity == "error"}
    assert codes == {"decimal-comma"}


@FILES
@pytest.mark.parametrize("made", [workbook, xls, ods], ids=["xlsx", "xls", "ods"])
def test_spreadsheets(name, made):
    cells = [[cell.replace("\n", " ") for cell in line] or [""] for line in lines(name)]
    found, plain = read(made(cells), name="certificate"), reading(f"{name}.csv")
    assert (found.layout, found.certificate, found.status) == (plain.layout, plain.certificate, plain.status)
    assert (found.received_on, found.finalized_on) == (plain.received_on, plain.finalized_on)
    assert values(found) == values(plain)
    assert findings(found) == findings(plain)


def test_numbers_and_dates_that_a_spreadsheet_holds_as_such():
    cells = [
        ["Report Number:", "A26-00418"],
        ["Report Date:", "2026-02-15 00:00:00"],
        [],
        ["Analyte Symbol", "Dy", "Tb"],
        ["Unit Symbol", "ppm", "ppm"],
        ["Detection Limit", 0.1, 0.05],
        ["Analysis Method", "FUS-MS", "FUS-MS"],
        ["N-1", 36.5, 6.02],
        ["N-2", "< 0.1", 0.06],
    ]
    found = read(workbook(cells))
    assert [str(one.lower) for one in found.columns] == ["0.1", "0.05"]
    assert [one[3:7] for one in values(found)] == [
        ("36.5", "", "36.5", ""),
        ("6.02", "", "6.02", ""),
        ("< 0.1", "<", "", "0.1"),
        ("0.06", "", "0.06", ""),
    ]
    assert found.finalized_on == date(2026, 2, 15)
