"""The radiological screen at and beside each level; what is missing is never "none"."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.chemistry.radiology import _level, screen
from assays.grading.rules import RadLevel
from lims.errors import Invalid

ORDER = ["NONE", "RAD_REVIEW", "RAD_HOLD", "RAD_STOP_TRANSPORT"]


@pytest.mark.parametrize(
    ("th", "u", "processed", "level", "f"),
    [
        ("26 ppm", "5.84 ppm", False, "NONE", 0.17797848),
        ("0 ppm", "40.49 ppm", False, "NONE", 0.49993003),
        ("0 ppm", "40.5 ppm", False, "RAD_REVIEW", 0.5000535),
        ("0 ppm", "80.9 ppm", False, "RAD_REVIEW", 0.9988723),
        ("0 ppm", "81 ppm", False, "RAD_HOLD", 1.000107),
        ("2455 ppm", "0 ppm", False, "RAD_HOLD", 9.99676),
        ("2456 ppm", "0 ppm", False, "RAD_STOP_TRANSPORT", 10.000832),
        ("0.2456 %", "0 ppb", False, "RAD_STOP_TRANSPORT", 10.000832),
        ("<0.05 ppm", "<0.05 ppm", False, "NONE", 0.00082095),
        ("<200 ppm", "5 ppm", False, "RAD_REVIEW", 0.876135),
        (">10 ppm", "5 ppm", False, "RAD_HOLD", 0.102455),
        (">1000 ppm", ">1000 ppm", False, "RAD_STOP_TRANSPORT", 16.419),
        ("26 ppm", "5.84 ppm", True, "RAD_REVIEW", 0.17797848),
        ("0 ppm", "81 ppm", True, "RAD_HOLD", 1.000107),
    ],
)
def test_levels(th, u, processed, level, f):
    found = screen(th, u, processed=processed)
    assert found.level == level
    assert found.f == pytest.approx(f, rel=1e-9)


@pytest.mark.parametrize(
    ("th", "u", "named"), [(None, "5 ppm", "Th is"), ("26 ppm", None, "U is"), (None, None, "Th and U are")]
)
def test_what_is_missing_is_not_assessed_never_none(th, u, named):
    found = screen(th, u, processed=False)
    assert (found.level, found.f) == ("NOT_ASSESSED", None)
    assert found.sentence == f"Not assessed: {named} not reported."
    reviewed = screen(th, u, processed=True)
    assert (reviewed.level, reviewed.f) == ("RAD_REVIEW", None)


def test_one_of_them_alone_can_hold_and_stop():
    held = screen("300 ppm", None, processed=False)
    assert (held.level, held.f) == ("RAD_HOLD", pytest.approx(1.2216))
    assert held.sentence.startswith("Th alone makes 1.22 of 1 Bq/g")
    assert screen(None, "900 ppm", processed=True).level == "RAD_STOP_TRANSPORT"
    assert screen(None, ">5 ppm", processed=False).level == "RAD_HOLD"


def test_over_range_says_that_a_stop_is_not_excluded():
    assert "a stop is not excluded" in screen(">10 ppm", "5 ppm", processed=False).sentence


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("26 kg", "unit-unknown"),
        ("26", "unit-unknown"),
        ("26 mg/L", "unit-of-liquid"),
        ("26 ppx", "unit-unknown"),
        ("much", "quantity-malformed"),
    ],
)
def test_what_is_no_mass_fraction_is_refused_not_counted_as_nothing(text, code):
    for pair in ((text, "1 ppm"), ("1 ppm", text)):
        with pytest.raises(Invalid) as refusal:
            screen(*pair, processed=False)
        assert refusal.value.problems[0].code == code


AMOUNTS = st.decimals(0, 100_000, places=3)


@given(AMOUNTS, AMOUNTS, AMOUNTS, st.booleans())
def test_more_is_never_less(th, u, more, processed):
    before = screen(f"{th} ppm", f"{u} ppm", processed=processed)
    for after in (
        screen(f"{th + more} ppm", f"{u} ppm", processed=processed),
        screen(f"{th} ppm", f"{u + more} ppm", processed=processed),
        screen(f">{th} ppm", f"{u} ppm", processed=processed),
        screen(f"{th} ppm", f"{u} ppm", processed=True),
    ):
        assert ORDER.index(after.level) >= ORDER.index(before.level)


@given(AMOUNTS, AMOUNTS, st.booleans())
def test_every_level_is_one_of_the_records(th, u, processed):
    assert screen(f"<{th} ppm", f"{u} ppm", processed=processed).level in set(RadLevel)


@pytest.mark.parametrize(
    ("f", "level"),
    [
        (0.5, "RAD_REVIEW"),
        (1.0, "RAD_HOLD"),
        (10.0, "RAD_HOLD"),
        (10.0000001, "RAD_STOP_TRANSPORT"),
        (0.4999999, "NONE"),
    ],
)
def test_a_level_begins_on_its_bound_and_a_stop_beyond_it(f, level):
    assert _level(f, over=False, processed=False) == level
