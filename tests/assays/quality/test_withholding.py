"""What a failed QC item keeps back: exact racks, and that it is always one stretch of the rack around each failure."""

from hypothesis import given
from hypothesis import strategies as st

from assays.quality.rules import QcVerdict
from assays.quality.withholding import Place, withheld

VERDICTS = {"+": QcVerdict.PASS, "w": QcVerdict.WARN, "-": QcVerdict.FAIL, "0": QcVerdict.NONE}


def rack(text: str, *, unplaced: tuple[int, ...] = ()) -> list[Place]:
    """Read a rack as in "C+ s B- s": C and B are QC items with a verdict, s samples, numbered as they come."""
    places = []
    for at, word in enumerate(text.split()):
        placed = at not in unplaced
        if word == "s":
            places.append(Place(str(at), placed=placed))
            continue
        verdict = VERDICTS[word[1]]
        places.append(Place(str(at), word[0], verdict, verdict in {"PASS", "WARN"}, placed))
    return places


def test_nothing_fails_nothing_is_withheld():
    assert withheld(rack("C+ s s Bw s C0 s")) == []


def test_between_the_last_passing_of_its_type_and_the_first():
    assert withheld(rack("s C+ s B+ s C- s B+ s Cw s")) == ["2", "4", "6", "8"]


def test_a_passing_item_of_another_type_bounds_nothing():
    assert withheld(rack("s C+ s B- s C+ s")) == ["0", "2", "4", "6"]


def test_an_item_that_says_nothing_bounds_nothing():
    assert withheld(rack("s C0 s C- s C0 s")) == ["0", "2", "4", "6"]


def test_a_passing_item_far_from_the_threshold_bounds_nothing():
    far = Place("far", "CRM", QcVerdict.PASS, vouches=False)
    failed = Place("near", "CRM", QcVerdict.FAIL)
    assert withheld([failed, far, Place("a"), far, Place("b")]) == ["a", "b"]


def test_two_failures_two_stretches():
    assert withheld(rack("C- s C+ s C+ s C- s")) == ["1", "5", "7"]


def test_a_failure_without_a_place_withholds_everything():
    assert withheld(rack("C+ s C+ s C-", unplaced=(4,))) is None


def test_a_sample_without_a_place_is_withheld_with_any_failure():
    assert withheld(rack("C- s C+ s s", unplaced=(4,))) == ["1", "4"]
    assert withheld(rack("C+ s C+ s s", unplaced=(4,))) == []


WORDS = st.lists(st.sampled_from(["s", "s", "C+", "B+", "Cw", "C0"]), max_size=12)


@given(WORDS, WORDS, st.sampled_from(["C-", "B-"]))
def test_one_failure_withholds_one_stretch_around_it(before, after, failed):
    places = rack(" ".join([*before, failed, *after]))
    found = withheld(places)
    assert found is not None
    samples = [int(one.id) for one in places if not one.type]
    inside = [int(one) for one in found]
    assert inside == [at for at in samples if inside and inside[0] <= at <= inside[-1]]
    nearest = {max((at for at in samples if at < len(before)), default=None)}
    bounded = any(one[0] == failed[0] and one[1] in "+w" for one in before)
    if not bounded and nearest != {None}:
        assert min(samples) in inside


@given(WORDS, WORDS)
def test_one_more_failure_never_frees_a_sample(before, after):
    calm = [*before, "C+", *after]
    worse = [*before, "C-", *after]
    first = set(withheld(rack(" ".join([*calm, "C-"]))) or [])
    second = set(withheld(rack(" ".join([*worse, "C-"]))) or [])
    assert first <= second
