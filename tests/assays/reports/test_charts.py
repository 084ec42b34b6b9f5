"""Charts: what they show, on which axis, and what is hollow."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assays.chemistry.normalisation import CI_CHONDRITE
from assays.grading.estimator.model import Reading
from assays.reports import charts
from assays.reports.content import CriterionView
from assays.reports.figures import Figure, shown
from assays.reports.readings import Point, pattern_mean
from assays.reports.rules import OUTCOMES
from assays.reports.sparkline import sparkline


def view(**changed):
    given = {
        "name": "Dy₂O₃", "unit": "ppm", "outcome": "FLAGGED", "word": "Flagged", "n": 8, "n_eff": 8.0, "df": 20.0,
        "mean": 33.2, "lower": 30.6, "upper": 37.5, "threshold": 25.0, "shown_mean": shown(33.2, 1.5),
        "shown_lower": shown(30.6, 1.5), "shown_upper": shown(37.5, 1.5), "shown_threshold": Figure("25"),
        "shown_u": shown(1.5, 1.5), "censored": 0, "reason": "", "settles": "",
        "points": (Point("KC000001A", "pit 1", 30.0, "", "counts"), Point("KC000002B", "", 0.06, "<", "counts")),
    }  # fmt: skip
    return CriterionView(**(given | changed))


def rows_of(spec):
    return (
        [row for data in spec["datasets"].values() for row in data]
        if "datasets" in spec
        else [row for layer in spec["layer"] for row in layer.get("data", {}).get("values", [])]
    )


def marks_of(spec):
    return [
        layer["mark"] if isinstance(layer["mark"], str) else layer["mark"]["type"] for layer in spec["layer"]
    ]


def test_an_interval_shows_bounds_mean_and_threshold_with_its_word():
    text = json.dumps(charts.interval(view()), ensure_ascii=False)
    for said in ("30.6", "37.5", "33.2", "#009e73", "▲ Flagged", "threshold 25 ppm", "Dy₂O₃, ppm"):
        assert said in text


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_has_its_colour_and_word(outcome):
    word, sign, colour = OUTCOMES[outcome]
    text = json.dumps(charts.interval(view(outcome=outcome)), ensure_ascii=False)
    assert f"{sign} {word}" in text
    assert colour in text


def test_open_bounds_run_to_the_edge_without_an_end():
    closed, opened = charts.interval(view()), charts.interval(view(upper=None, lower=None))
    assert marks_of(closed).count("tick") == 2
    assert marks_of(opened).count("tick") == 0


def test_nothing_to_draw_is_no_chart():
    assert charts.interval(view(mean=None, lower=None, upper=None)) is None
    assert charts.strip(view(points=())) is None
    assert charts.pattern({}, frozenset()) is None


def test_a_strip_says_what_a_hollow_dot_is():
    points = (
        Point("A", "", 30.0, "", "left out"),
        Point("B", "", 9.0, "<", "counts"),
        Point("C", "", 31.0, "", "counts"),
    )
    found = {row["tag"]: row["state"] for row in rows_of(charts.strip(view(points=points))) if "tag" in row}
    assert found == {"A": "left out", "B": "counts, below limit", "C": "counts"}


def test_a_wide_span_is_logarithmic():
    axes = json.dumps(charts.strip(view()))
    assert '"type": "log"' in axes
    near = (Point("A", "", 30.0, "", "counts"),)
    assert '"type": "log"' not in json.dumps(charts.strip(view(points=near)))


def test_a_pattern_has_y_beside_ho_and_leaves_out_who_is_out():
    values = {element: Reading(10 * c, 10 * c) for element, c in CI_CHONDRITE.items()}
    spec = charts.pattern({"A": values, "B": values}, frozenset({"B"}))
    text = json.dumps(spec)
    assert '"Dy", "Y", "Ho"' in text
    assert '"tag": "A"' in text
    assert '"tag": "B"' not in text


def test_below_detection_counts_half_in_the_picture_of_the_mean_only():
    mean = pattern_mean([{"Tm": Reading(0.0, 1.0, below=True)}, {"Tm": Reading(2.0, 2.0)}])
    assert mean == {"Tm": 1.25}


@given(st.lists(st.floats(1e-6, 1e6), min_size=1, max_size=8))
def test_an_axis_holds_everything_it_shows(numbers):
    low, high, logarithmic = charts.domain_of(numbers)
    assert low <= min(numbers) <= max(numbers) <= high
    assert low < high
    assert low > 0 or not logarithmic


def test_a_sparkline_is_a_picture_with_a_name_and_escapes_it():
    drawn = sparkline(lower=30, mean=33, upper=None, threshold=25, outcome="FLAGGED", said="Dy <b>")
    assert 'role="img" aria-label="Dy &lt;b&gt;"' in drawn
    assert 'fill="#009e73"' in drawn
    assert "style=" not in drawn
