"""The small picture of rare earths and its table: what is faint, what is strong, exactly."""

from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from assays.chemistry.normalisation import CI_CHONDRITE
from assays.quality.comparing.patterns import FAINT, STRONG, Pattern, drawn, pattern_of, strong, table

#: ten times chondrite, and the same with Nd a thousand times too high
FLAT = {name: 10 * ppm for name, ppm in CI_CHONDRITE.items()}
SLIP = FLAT | {"Nd": 1000 * FLAT["Nd"]}
SVG = "{http://www.w3.org/2000/svg}"


def paths(found, look):
    return [one for one in ET.fromstring(drawn(found)).iter("path") if one.get("class") == look]  # noqa: S314  # our own


def pattern(label, ppm):
    made = pattern_of(label, ppm)
    assert made is not None
    return made


def test_a_slip_is_odd_and_says_why():
    assert pattern("A", FLAT).odd == ""
    assert pattern("A", SLIP).odd.startswith("Nd against Pr is 1e+03 times what rocks have: a slip of unit")


def test_fewer_than_three_elements_are_no_pattern():
    assert pattern_of("A", {"Dy": 4.0, "Tb": 1.0, "Cu": 9.0}) is None
    assert drawn([]) == ""


def test_the_table_gives_range_and_median_and_the_odd_ones():
    rows = {row.name: row for row in table([pattern("A", FLAT), pattern("B", FLAT), pattern("C", SLIP)])}
    assert list(rows) == list(CI_CHONDRITE)
    nd = rows["Nd"]
    assert [round(x, 6) for x in (nd.low, nd.middle, nd.high)] == [10.0, 10.0, 10000.0]
    assert [round(x or 0, 6) for x in nd.odd] == [10000.0]


def test_all_are_faint_and_the_odd_strong_with_a_number():
    found = [pattern("A", FLAT), pattern("B", FLAT), pattern("C", SLIP)]
    (faint,) = paths(found, "pattern-faint")
    assert (faint.get("d") or "").count("M") == 2
    (odd,) = paths(found, "pattern-odd")
    assert (odd.get("d") or "").count("L") == len(CI_CHONDRITE) - 1
    title = odd.find("title")
    assert title is not None
    assert (title.text or "").startswith("C: Nd against Pr")
    names = [one.text for one in ET.fromstring(drawn(found)).iter("text")]  # noqa: S314  # our own
    assert names[-1] == "1"


def test_many_are_thinned_out_and_few_are_named():
    found = [pattern(f"S{at}", FLAT) for at in range(FAINT * 3)] + [
        pattern(f"X{at}", SLIP) for at in range(9)
    ]
    (faint,) = paths(found, "pattern-faint")
    assert (faint.get("d") or "").count("M") == FAINT
    assert [one.label for one in strong(found)] == ["X0", "X1", "X2", "X3"]
    assert len(paths(found, "pattern-odd")) == STRONG


def test_labels_are_never_markup():
    assert "<b>" not in drawn([pattern("<b>&", SLIP)])


numbers = st.floats(1e-6, 1e6)


@given(
    st.lists(
        st.dictionaries(st.sampled_from(list(CI_CHONDRITE)), numbers, min_size=3), min_size=1, max_size=4
    )
)
def test_any_contents_are_drawn_inside_the_frame(contents):
    picture = drawn([Pattern("A", one) for one in contents])
    if not picture:
        return
    for element in ET.fromstring(picture).iter("path"):  # noqa: S314  # our own
        for pair in (element.get("d") or "").replace("L", "M").split("M")[1:]:
            if "H" not in pair:
                x, y = map(float, pair.split())
                assert 58 <= x <= 620
                assert 13.9 <= y <= 220.1
