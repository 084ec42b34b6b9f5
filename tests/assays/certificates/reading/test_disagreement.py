"""One element by two methods: a hundred times apart is a slip of the unit, and a few times is chemistry."""

import pytest

from assays.certificates.reading import read

FORM = """\
COA,HL26-1
METHOD,FUS-MS,4A-MS,4A-MS
SAMPLE,Dy,{symbol},LOI
DESCRIPTION,ppm,{unit},%
A,{first},{second},1
B,20,20000,1
"""


def found(first, second, *, symbol="Dy", unit="ppm"):
    text = FORM.format(first=first, second=second, symbol=symbol, unit=unit)
    return [
        (one.code, one.place, one.message)
        for one in read(text.encode()).findings
        if one.code.endswith("disagree")
    ]


@pytest.mark.parametrize(
    ("first", "second", "apart"),
    [
        ("36.5", "36.5", False),
        ("36.5", "12.1", False),
        ("36.5", "3649.9", False),
        ("36.5", "3650", True),
        ("36.5", "0.366", False),
        ("36.5", "0.365", True),
        ("36.5", "0", False),
        ("-36.5", "0.01", False),
        ("36.5", "<0.01", False),
        ("NSS", "3650", False),
        ("36.5", "0.00365 %", False),
    ],
)
def test_a_hundred_times_apart_in_ppm(first, second, apart):
    rows = [place[0] for _, place, _ in found(first, second)]
    assert rows == ([5, 6] if apart else [6])


def test_it_says_both_values_with_their_units():
    assert found("20", "20") == [
        ("methods-disagree", (6, 3), "Dy is 20 ppm by FUS-MS, and 20000 ppm by 4A-MS.")
    ]


def test_other_units_and_forms_are_not_compared_as_they_stand():
    assert found("36.5", "36500", unit="ppb") == []
    assert {code for code, _, _ in found("36.5", "36500", symbol="Dy2O3")} == {"forms-disagree"}
    assert found("36.5", "36500", symbol="Tb") == []
