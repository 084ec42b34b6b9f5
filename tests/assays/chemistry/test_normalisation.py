"""Patterns and what a row must look like, at and beside each bound."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.chemistry.normalisation import (
    CI_CHONDRITE,
    cerium_anomaly,
    europium_anomaly,
    normalised,
    slips,
    total_off,
)

ROW = {"La": 30.0, "Ce": 60.0, "Pr": 7.0, "Nd": 26.0, "Sm": 5.0, "Eu": 1.0, "Gd": 4.5, "Y": 22.0, "Ho": 0.8}


def test_chondrite_itself_is_flat():
    assert normalised(CI_CHONDRITE) == dict.fromkeys(CI_CHONDRITE, 1.0)
    assert europium_anomaly(CI_CHONDRITE) == pytest.approx(1.0)
    assert cerium_anomaly(CI_CHONDRITE) == pytest.approx(1.0)


def test_anomalies_by_hand():
    eu = (1.0 / 0.0563) / math.sqrt((5.0 / 0.148) * (4.5 / 0.199))
    ce = (60.0 / 0.613) / math.sqrt((30.0 / 0.237) * (7.0 / 0.0928))
    assert europium_anomaly(ROW) == pytest.approx(eu)
    assert cerium_anomaly(ROW) == pytest.approx(ce)
    assert round(eu, 4) == 0.6426


def test_what_is_missing_or_nought_is_not_drawn():
    assert normalised({"La": 0.0, "Dy": 0.246, "Au": 3.0}) == {"Dy": 1.0}
    assert europium_anomaly({**ROW, "Gd": 0.0}) is None
    assert cerium_anomaly({"La": 1.0, "Ce": 1.0}) is None


def test_a_row_of_a_rock_has_no_slips():
    assert slips(ROW) == []
    assert slips({}) == []


@pytest.mark.parametrize(
    ("ratio", "found"), [(0.1999, 1), (0.2001, 0), (1.0, 0), (4.999, 0), (5.001, 1), (1000.0, 1)]
)
def test_neodymium_against_praseodymium(ratio, found):
    row = {"Pr": CI_CHONDRITE["Pr"], "Nd": CI_CHONDRITE["Nd"] * ratio}
    assert len(slips(row)) == found


def test_a_thousandfold_slip_is_called_one():
    assert "1000 times?" in slips({"Pr": 7.0, "Nd": 26_000.0})[0]
    assert "1000 times?" not in slips({"Pr": 7.0, "Nd": 260.0})[0]


@pytest.mark.parametrize(("ratio", "found"), [(19.99, 1), (20.0, 0), (28.0, 0), (60.0, 0), (60.01, 1)])
def test_yttrium_against_holmium(ratio, found):
    assert len(slips({"Y": ratio, "Ho": 1.0})) == found


@pytest.mark.parametrize(
    ("total", "off"), [(98.49, True), (98.5, False), (100.0, False), (101.5, False), (101.51, True)]
)
def test_totals(total, off):
    assert bool(total_off(total)) is off


@given(st.dictionaries(st.sampled_from(sorted(CI_CHONDRITE)), st.floats(1e-6, 1e5)), st.floats(0.01, 100))
def test_patterns_scale_and_anomalies_do_not(row, times):
    more = {element: ppm * times for element, ppm in row.items()}
    for element, one in normalised(row).items():
        assert normalised(more)[element] == pytest.approx(one * times)
    for anomaly in (europium_anomaly, cerium_anomaly):
        assert anomaly(more) == (None if anomaly(row) is None else pytest.approx(anomaly(row)))
