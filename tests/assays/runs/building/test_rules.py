"""Placing QC: the rates are met, every sample stands once in its order, one seed gives one rack."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from assays.runs.building.rates import DEFAULT_RATES, SHARES, Rates
from assays.runs.building.rules import Place, place_qc, short_of, wanted
from assays.runs.rules import ItemKind, Stage

RATES = st.builds(
    Rates, **{name: st.decimals(0, 20, places=2, allow_nan=False, allow_infinity=False) for name in SHARES}
)
COUNTS = st.integers(1, 150)


@given(COUNTS, RATES, st.integers(0, 2**31 - 1), st.data())
def test_rates_are_met_and_every_sample_stands_once(count, rates, seed, data):
    highest = data.draw(st.none() | st.integers(0, count - 1))
    coarse = data.draw(st.lists(st.integers(0, count - 1), unique=True))
    placed = place_qc(count, rates, ["A", "B"], ["Q"], seed=seed, coarse=coarse, highest=highest)
    again = place_qc(count, rates, ["A", "B"], ["Q"], seed=seed, coarse=coarse, highest=highest)
    assert placed == again
    assert [one.routine for one in placed if one.kind == ItemKind.SAMPLE] == list(range(count))
    found = Counter((one.kind, one.stage) for one in placed)
    need = wanted(count, rates)
    assert found[ItemKind.CRM, ""] == need.crm >= 1
    assert found[ItemKind.BLANK, ""] >= need.blank >= 1
    assert found[ItemKind.DUPLICATE, Stage.PULP] == min(need.pulp, count)
    assert found[ItemKind.DUPLICATE, Stage.COARSE] == min(need.coarse, len(coarse))
    assert Decimal(found[ItemKind.CRM, ""]) * 100 >= rates.crm_pct * count
    assert {one.routine for one in placed if one.stage == Stage.COARSE} <= set(coarse)


@given(COUNTS, st.integers(0, 2**31 - 1), st.data())
def test_a_blank_comes_first_and_after_the_highest_and_qc_never_touches(count, seed, data):
    highest = data.draw(st.none() | st.integers(0, count - 1))
    placed = place_qc(count, DEFAULT_RATES, ["A"], ["Q"], seed=seed, highest=highest)
    blank = Place(ItemKind.BLANK, material="Q")
    assert placed[0] == blank
    if highest is not None and count > 1:
        at = placed.index(Place(ItemKind.SAMPLE, highest))
        assert placed[at + 1] == blank
    extra = len(placed) - count
    if extra <= count + 1:
        qc = [one.kind != ItemKind.SAMPLE for one in placed]
        assert not any(a and b for a, b in pairwise(qc))


def test_reference_materials_are_spread_over_the_rack():
    placed = place_qc(60, DEFAULT_RATES, ["A"], ["Q"], seed=7)
    at = [index for index, one in enumerate(placed) if one.kind == ItemKind.CRM]
    assert len(at) == 3
    assert at[0] < 20 < at[1] < 45 < at[2]


def test_another_seed_draws_other_duplicates():
    racks = {
        tuple(one.routine for one in place_qc(60, DEFAULT_RATES, ["A"], ["Q"], seed=seed) if one.stage)
        for seed in range(8)
    }
    assert len(racks) > 1


def test_what_a_rack_lacks_is_said():
    kinds = [("SAMPLE", "")] * 40 + [("CRM", "")] * 2
    assert short_of(kinds, DEFAULT_RATES, near=False) == [
        "0 of 2 blanks",
        "0 of 1 coarse duplicate",
        "0 of 1 pulp duplicate",
        "no reference material near the threshold",
    ]
