"""The rules on numbers: exact verdicts at and beside every bound, and what must hold for any numbers."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.quality.checks import (
    BlankLevels,
    Read,
    is_near,
    judge_blank,
    judge_material,
    westgard,
    z_score,
)
from assays.quality.rules import QcVerdict

PASS, WARN, FAIL, NONE = QcVerdict.PASS, QcVerdict.WARN, QcVerdict.FAIL, QcVerdict.NONE
C, S = Decimal(20), Decimal(1)
#: how bad a verdict is
BADNESS = {PASS: 0, WARN: 1, FAIL: 2}
Z = st.decimals(-6, 6, places=2)


def material(*numbers: str) -> list[tuple[QcVerdict, tuple[str, ...]]]:
    """Judge readings of a material with 20 ± 1 ppm, written as in a certificate."""
    reads = [Read(Decimal(n.lstrip("<>")), n[0] if n[0] in "<>" else "") for n in numbers]
    return [(one.verdict, one.rules) for one in judge_material(reads, C, S)]


@pytest.mark.parametrize(
    ("read", "verdict", "rules"),
    [
        ("20", PASS, ()),
        ("22", PASS, ()),
        ("22.001", WARN, ("1-2s",)),
        ("17.999", WARN, ("1-2s",)),
        ("23", WARN, ("1-2s",)),
        ("23.001", FAIL, ("1-3s",)),
        ("16.9", FAIL, ("1-3s",)),
    ],
)
def test_one_reading_of_a_material(read, verdict, rules):
    assert material(read) == [(verdict, rules)]


def test_two_in_a_row_beyond_two_s_on_one_side_fail_both():
    assert material("20", "22.5", "22.1", "20") == [
        (PASS, ()),
        (FAIL, ("1-2s", "2-2s")),
        (FAIL, ("1-2s", "2-2s")),
        (PASS, ()),
    ]


def test_two_beyond_two_s_on_both_sides_or_with_one_between_only_warn():
    assert [verdict for verdict, _ in material("22.5", "17.5")] == [WARN, WARN]
    assert material("22.5", "17.5")[1] == (WARN, ("1-2s", "R-4s"))
    assert [verdict for verdict, _ in material("22.5", "20", "22.5")] == [WARN, PASS, WARN]


def test_a_stable_bias_is_a_mark_and_no_failure():
    ten = [Decimal("1.2")] * 10
    assert westgard(ten) == [(at, "4-1s") for at in range(3, 10)] + [(9, "10x")]
    assert {one.verdict for one in judge_material([Read(C + z) for z in ten], C, S)} == {PASS}


@pytest.mark.parametrize(
    ("read", "verdict"),
    [
        # the nearest reading is already out: the true one is as well
        ("<16", FAIL),
        ("<17.5", WARN),
        (">24", FAIL),
        (">22.5", WARN),
        # the nearest reading would pass, the true one may not
        ("<19", NONE),
        ("<30", NONE),
        (">21", NONE),
        (">3", NONE),
    ],
)
def test_a_limit_in_place_of_a_reading(read, verdict):
    assert material(read)[0][0] == verdict


def test_what_says_nothing_does_not_come_between_two_readings():
    assert [verdict for verdict, _ in material("22.5", "<30", "22.5")] == [FAIL, NONE, FAIL]


def test_z_is_exact():
    assert z_score(Read(Decimal("5.46")), Decimal("4.45"), Decimal("0.319")).quantize(
        Decimal("0.001")
    ) == Decimal("3.166")


@pytest.mark.parametrize(
    ("certified", "near"), [("5", True), ("4.99", False), ("125", True), ("125.1", False), ("25", True)]
)
def test_near_is_a_fifth_to_five_times(certified, near):
    assert is_near(Decimal(certified), Decimal(25)) is near


@given(st.lists(Z, min_size=1, max_size=8), st.data())
def test_a_worse_reading_never_improves_any_verdict(zs, data):
    at = data.draw(st.integers(0, len(zs) - 1))
    more = data.draw(st.decimals(0, 6, places=2))
    worse = list(zs)
    worse[at] += more if zs[at] >= 0 else -more
    before = judge_material([Read(C + z) for z in zs], C, S)
    after = judge_material([Read(C + z) for z in worse], C, S)
    assert BADNESS[after[at].verdict] >= BADNESS[before[at].verdict]
    if any(one.verdict == FAIL for one in before) and abs(zs[at]) > 2:
        assert any(one.verdict == FAIL for one in after)


def blank(read: str, **levels: str | None) -> tuple[QcVerdict, tuple[str, ...], Decimal | None]:
    """Judge a blank: LOD 0.05 ppm and a threshold of 21.78 ppm unless told otherwise."""
    known: dict[str, str | None] = {"lod_ppm": "0.05", "threshold_ppm": "21.78"} | levels
    made = BlankLevels(**{name: Decimal(v) if v is not None else None for name, v in known.items()})
    one = judge_blank(Read(Decimal(read.lstrip("<>")), read[0] if read[0] in "<>" else ""), made)
    return one.verdict, one.rules, one.excess_ppm


def test_a_limestone_at_nineteen_detection_limits_passes_and_is_not_free():
    """19·LOD and 4.4 % of the threshold: a bare 10·LOD rule would have failed a usable job."""
    assert blank("0.96") == (WARN, ("blank-high",), Decimal("0.96"))


@pytest.mark.parametrize(
    ("read", "levels", "verdict", "rules"),
    [
        ("0.25", {}, PASS, ()),
        ("0.26", {}, WARN, ("blank-high",)),
        # both must be exceeded: 10·LOD, and 5 % of the threshold (1.089 ppm)
        ("1.089", {}, WARN, ("blank-high",)),
        ("1.09", {}, FAIL, ("blank-fail",)),
        ("1.09", {"lod_ppm": "0.109"}, WARN, ("blank-high",)),
        ("1.1", {"lod_ppm": "0.109"}, FAIL, ("blank-fail",)),
        # without a criterion nothing fails
        ("500", {"threshold_ppm": None}, WARN, ("blank-high",)),
        # its own background is not held against it
        ("1.2", {"background_ppm": "1", "background_sd_ppm": "0.1"}, PASS, ()),
        ("1.31", {"background_ppm": "1", "background_sd_ppm": "0.1"}, WARN, ("blank-high",)),
        ("2.089", {"background_ppm": "1", "background_sd_ppm": "0.1"}, WARN, ("blank-high",)),
        ("2.09", {"background_ppm": "1", "background_sd_ppm": "0.1"}, FAIL, ("blank-fail",)),
        # carry-over: more than 2 % of the sample before
        ("0.2", {"before_ppm": "10"}, PASS, ()),
        ("0.2", {"before_ppm": "9.9"}, WARN, ("blank-carry-over",)),
        # no detection limit is known: any number is looked at
        ("0.01", {"lod_ppm": "0"}, WARN, ("blank-high",)),
        # over range
        (">100", {}, FAIL, ("blank-fail",)),
        (">100", {"threshold_ppm": None}, WARN, ("blank-high",)),
    ],
)
def test_a_blank(read, levels, verdict, rules):
    assert blank(read, **levels)[:2] == (verdict, rules)


def test_the_excess_of_a_blank_is_never_below_nothing():
    assert blank("0.4", background_ppm="0.7")[2] == 0


@pytest.mark.parametrize(
    ("read", "verdict", "excess"),
    [
        # at the ordinary limit it is clean
        ("<0.05", PASS, Decimal(0)),
        # a raised limit hides up to itself
        ("<0.5", PASS, Decimal("0.5")),
        ("<1.089", PASS, Decimal("1.089")),
        # and where so much would fail, it says nothing at all
        ("<1.09", NONE, None),
    ],
)
def test_a_blank_below_a_limit(read, verdict, excess):
    assert blank(read) == (verdict, (), excess)


@given(
    st.decimals(0, 50, places=3),
    st.decimals(0, 50, places=3),
    st.decimals(0, 5, places=3),
    st.decimals(0, 5, places=3),
    st.none() | st.decimals("0.001", 100, places=3),
)
def test_a_dirtier_blank_is_never_judged_better(first, second, lod, background, threshold):
    levels = BlankLevels(lod, background, threshold_ppm=threshold)
    low, high = (judge_blank(Read(x), levels) for x in sorted((first, second)))
    assert BADNESS[low.verdict] <= BADNESS[high.verdict]
    assert low.excess_ppm <= high.excess_ppm
