"""Rules of portions: sums that are exact, labels that are given once, words that say what is not known."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.runs.portions.rules import (
    LETTERS,
    PARTS_OF,
    STEPS_OF,
    balance,
    corrected_g,
    fineness_warning,
    loi_pct,
    moisture_pct,
    next_labels,
    percent,
    sound_mass,
    tolerance_g,
)
from assays.runs.rules import PortionKind, Step
from lims.errors import Invalid

masses = st.decimals("0.0001", "100000", places=4)


@given(masses, st.lists(masses, min_size=1, max_size=16), st.decimals("0", "1000", places=4))
def test_a_balance_never_makes_mass(went_in, parts, loss):
    found = balance(went_in, parts, loss)
    assert found.parts_g + found.loss_g == went_in
    assert found.holds == (abs(went_in - sum(parts) - loss) <= max(went_in / 200, Decimal("0.1")))
    if found.holds:
        assert found.loss_g >= -found.tolerance_g
        assert sum(parts) <= went_in + found.tolerance_g


@pytest.mark.parametrize(
    ("went_in", "parts", "holds"),
    [
        ("1000", ["995"], True),
        ("1000", ["994.9999"], False),
        ("1000", ["1005"], True),
        ("1000", ["1005.0001"], False),
        ("2", ["1.9"], True),
        ("2", ["1.8999"], False),
        ("20", ["19.9"], True),
        ("20.0002", ["19.9"], False),
    ],
)
def test_weighings_agree_within_half_a_per_cent_or_a_tenth_of_a_gram(went_in, parts, holds):
    assert balance(Decimal(went_in), map(Decimal, parts), Decimal(0)).holds is holds


def test_the_tolerance_changes_at_20_g():
    assert [tolerance_g(Decimal(mass)) for mass in ("19.9", "20", "20.2")] == [
        Decimal("0.1"),
        Decimal("0.1"),
        Decimal("0.101"),
    ]


@given(
    st.lists(st.sampled_from(sorted(LETTERS)), max_size=16),
    st.lists(st.sampled_from(sorted(LETTERS)), max_size=16),
)
def test_labels_are_given_once(first, second):
    before = next_labels("KC000123J", first, [])
    after = next_labels("KC000123J", second, before)
    assert len(set(before + after)) == len(first) + len(second)
    assert all(label.startswith("KC000123J-") for label in before + after)


def test_labels_of_others_do_not_count():
    taken = ["KC1-P9-P4", "KC2-P7", "KC1-Px", "KC1-P²", "KC1-P02", "KC1-", ""]
    assert next_labels("KC1", [PortionKind.PULP], taken) == ["KC1-P3"]


def test_nothing_grows_coarser():
    order = [PortionKind.BAG, PortionKind.COARSE, PortionKind.PULP, PortionKind.ALIQUOT]
    for place, kind in enumerate(order):
        assert PARTS_OF[kind] == set(order[max(place, 1) :])
        assert STEPS_OF[kind] <= STEPS_OF[order[max(place - 1, 0)]]


@pytest.mark.parametrize(
    ("step", "sieve", "passing", "words"),
    [
        ("PULVERISE", 75, "85", ""),
        ("PULVERISE", 53, "85.0", ""),
        ("PULVERISE", 75, "84.99", "84.99 % passed 75 µm: less than 85 %."),
        ("PULVERISE", 53, "70", "70 % passed 53 µm: whether 85 % passes 75 µm is not known."),
        ("PULVERISE", 106, "99", "Sieved at 106 µm: whether 85 % passes 75 µm is not known."),
        ("PULVERISE", None, None, "Nobody sieved it: whether 85 % passes 75 µm is not known."),
        ("CRUSH", 2000, "10", ""),
        ("DRY", None, None, ""),
    ],
)
def test_a_coarse_pulp_is_warned_of(step, sieve, passing, words):
    told = fineness_warning(Step(step), sieve, None if passing is None else Decimal(passing))
    assert told.startswith(words) if words else told == ""


def test_losses_on_drying_and_ignition():
    assert moisture_pct(Decimal("100.00"), Decimal("86.20")) == Decimal("13.80")
    assert loi_pct(Decimal("1.0000"), Decimal("0.6543")) == Decimal("34.57")
    assert loi_pct(Decimal("1.0000"), Decimal("1.0123")) == Decimal("-1.23")
    assert percent(Decimal(1), Decimal(0)) == 0


@given(masses, st.decimals("1", "1000", places=2), st.decimals("0.01", "1", places=2))
def test_a_corrected_mass_is_the_mass_less_its_share(mass, before, share):
    after = before * share
    assert abs(corrected_g(mass, before, after) - mass * share) <= Decimal("0.00005")


@pytest.mark.parametrize(
    ("mass", "code"),
    [
        ("0", "mass-not-positive"),
        ("-1", "mass-not-positive"),
        ("NaN", "mass-not-positive"),
        ("Infinity", "mass-not-positive"),
        ("100000.0001", "mass-too-large"),
        ("0.00001", "mass-too-fine"),
    ],
)
def test_a_mass_that_no_balance_shows_is_refused(mass, code):
    with pytest.raises(Invalid) as told:
        sound_mass(Decimal(mass), field="mass_g", row=2)
    assert (told.value.problems[0].code, told.value.problems[0].place.row) == (code, 2)


def test_a_loss_may_be_nothing():
    sound_mass(Decimal(0), field="loss_g", zero=True)
    sound_mass(Decimal("1E+2"), field="mass_g")
