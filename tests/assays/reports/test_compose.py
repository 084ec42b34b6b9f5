"""A grade report says what its decision says: exactly, and with nothing from elsewhere."""

import pytest

from assays.reports.compose import compose, facts_of
from assays.reports.queries import readable
from assays.reports.words import what_changed
from samples.registry.models import Sample
from samples.registry.rules import show_tag
from tests.assays.reports import made
from tests.support.people import person

pytestmark = pytest.mark.django_db


def numbers(view):
    return [str(one) for one in (view.shown_mean, view.shown_lower, view.shown_upper, view.shown_threshold)]


def test_a_flagged_decision_in_words_and_figures():
    decision = made.decided()
    report = compose(decision)
    assert (report.outcome, report.word, report.sign, report.answer) == (
        "FLAGGED", "Flagged", "▲", "The batch holds enough",
    )  # fmt: skip
    assert (report.samples, report.units, report.mass_kg, report.confidence) == (6, 6, "12.900", "95 %")
    dy, tb = report.criteria
    # by hand for Dy: x̄ = 30.75 × 1.147683, s²q = 0.666, b x̄ = 1.059, u = 1.337, ν = 21.1; t = 1.720 below, 2.829 above
    assert (dy.title, numbers(dy)) == ("Dy₂O₃, ppm", ["35.3", "33.0", "39.1", "25"])
    assert (tb.title, numbers(tb)) == ("Tb₄O₇, ppm", ["6.20", "5.84", "6.80", "4"])
    assert dy.shown_mean.exact.startswith("35.29")
    assert report.sentence.startswith("Flagged at 95 % confidence: Dy₂O₃ is 35.29 ppm")
    assert report.settles == ()
    assert report.changed == "The first decision on this batch."


def test_the_table_of_samples_has_the_criteria_and_treo():
    report = compose(made.decided())
    assert report.columns == ("Dy₂O₃, ppm", "Tb₄O₇, ppm", "TREO, ppm")
    first = report.lines[0]
    # 30.1 × 1.147683, 5.31 × 1.176167; TREO of 40 × chondrite, Tm between nought and its limit
    assert [str(cell) for cell in first.cells[:2]] == ["34.55", "6.245"]
    assert str(first.cells[2]) == "196.7 to 197.8"
    assert first.cells[2].title == "something in it is below detection"
    assert (first.site, first.note) == ("pit 1", "")


def test_the_pattern_comes_from_the_certificates_that_the_decision_names():
    decision = made.decided()
    report = compose(decision)
    assert set(report.pattern) == {sample["id"] for sample in decision.case["samples"]}
    one = next(iter(report.pattern.values()))
    assert len(one) == 15
    assert one["La"].low == pytest.approx(40 * 0.237)
    assert (one["Tm"].below, one["Tm"].low) == (True, 0.0)


def test_a_certificate_that_the_decision_does_not_name_changes_nothing():
    decision = made.decided()
    before = compose(decision).pattern
    samples = list(Sample.objects.select_related("tag"))
    made.certificate(samples, "VA-LATER")
    assert compose(decision).pattern == before


def test_what_is_below_detection_is_hollow_at_its_limit():
    values = [*made.GOOD[:5], ("<0.05", "<0.01")]
    report = compose(made.decided(values))
    dy = report.criteria[0]
    assert (dy.points[5].sign, round(dy.points[5].value, 5)) == ("<", 0.05738)
    assert str(report.lines[5].cells[0]) == "< 0.05738"
    assert report.censored == ["Dy₂O₃: 1 of 6 below detection", "Tb₄O₇: 1 of 6 below detection"]


def test_exclusions_are_named_with_their_reason():
    batch = made.ground()
    made.policy(batch)
    samples = made.bags(batch, 6)
    case = made.case_of(samples, made.GOOD)
    case["samples"][5]["excluded"] = "before"
    out = {"sample": samples[5].tag.code, "when": "before", "reason": "The bag was torn", "counts": True}
    report = compose(made.decide(batch, case, made.sources_of(samples, None, exclusions=[out])))
    assert [line.parts for line in report.exclusions] == [
        (show_tag(samples[5].tag.code), "before its results were seen", "The bag was torn", "left out")
    ]
    assert (report.samples, report.units, report.mass_kg) == (5, 5, "10.750")
    assert report.criteria[0].points[5].state == "left out"
    assert report.lines[5].note == "left out, before its results were seen"


def test_a_blocked_decision_says_what_would_settle_it():
    report = compose(made.decided(qc={"Dy": "pass", "Tb": "none"}))
    assert (report.outcome, report.answer) == ("BLOCKED_QC", "The results cannot be relied on yet")
    assert report.settles == ("Tb₄O₇: QC that passes: a re-run, or an override that two persons sign.",)
    assert {point.state for point in report.criteria[1].points} == {"withheld"}
    assert {point.state for point in report.criteria[0].points} == {"counts"}


def test_a_provisional_decision_is_marked():
    report = compose(made.decided(preliminary=True))
    assert (report.provisional, report.answer) == (True, "The batch holds enough, so far")


def test_evidence_names_runs_certificates_and_the_policy_in_words():
    report = compose(made.decided())
    assert [line.parts for line in report.qc] == [
        ("VA26000001", "ME-MS81", "Dy", "Passed", "2 reference materials inside 2 s."),
        ("VA26000001", "ME-MS81", "Tb", "Passed", "2 reference materials inside 2 s."),
    ]
    assert [line.parts for line in report.certificates] == [
        ("VA-PW-2", "Hyderabad Assay Laboratory", "final", made.SHA)
    ]
    assert report.policy == "Clay, demonstration, version 1"
    assert report.policy_words[0] == (
        "Flag a batch of ion-adsorption clay when we are 95 % sure that the mean Dy₂O₃ is at least 25 ppm"
        " and the mean Tb₄O₇ is at least 4 ppm."
    )
    assert report.policy_agreed == "Agreed before the batch was received, and pinned then."
    assert dict(report.versions)["Oxide factors"] == "IUPAC 2021"
    assert [step.title for step in report.custody] == ["6 samples collected"]


def test_a_looked_at_plan_says_its_smaller_error():
    assert compose(made.decided(look=1)).confidence == "97.5 %"


def test_a_share_is_in_per_cent_and_treo_is_not_twice():
    criteria = [
        {"analyte": "Dy", "metric": "share", "oxide": "Dy2O3", "of": "TREO", "threshold_pct": 3},
        {"analyte": "TREO", "metric": "grade", "oxide": "TREO", "threshold_ppm": 100},
    ]
    batch = made.ground()
    made.policy(batch, criteria=criteria)
    samples = made.bags(batch, 4)
    case = made.case_of(samples, made.GOOD[:4])
    case["policy"]["criteria"] = criteria
    for sample in case["samples"]:
        sample["values"] = {name: f"{40 * chondrite} ppm" for name, chondrite in made.CI_CHONDRITE.items()}
    case["qc"] = dict.fromkeys(made.CI_CHONDRITE, "pass")
    report = compose(made.decide(batch, case, made.sources_of(samples, None)))
    assert report.columns == ("Dy₂O₃/TREO, %", "TREO, ppm")
    # 40 × 0.246 × 1.147683 of a TREO of 197.83
    assert round(report.criteria[0].mean, 3) == 5.708
    assert [len(line.cells) for line in report.lines] == [2, 2, 2, 2]
    assert any("TREO = La₂O₃ + CeO₂ + Pr₆O₁₁" in one for one in report.definitions)


def test_what_changed_names_the_outcome_and_the_samples():
    batch = made.ground()
    made.policy(batch)
    samples = made.bags(batch, 6)
    first = made.decide(batch, made.case_of(samples[:4], made.GOOD[:4]), made.sources_of(samples[:4], None))
    low = [
        ("18.1", "2.4"),
        ("19.0", "2.2"),
        ("18.4", "2.5"),
        ("17.9", "2.3"),
        ("18.8", "2.4"),
        ("18.2", "2.2"),
    ]
    second = made.decide(batch, made.case_of(samples, low), made.sources_of(samples, None))
    assert what_changed(facts_of(first), facts_of(second)) == (
        "From flagged to not flagged; 2 samples more with results."
    )
    assert compose(second).changed == what_changed(facts_of(first), facts_of(second))


@pytest.mark.parametrize("count", [3, 12])
def test_composing_asks_a_constant_number_of_questions(count, django_assert_num_queries):
    decision = made.decided((made.GOOD * 2)[:count])
    found = readable(person("manager", "irel")).get(pk=decision.pk)
    with django_assert_num_queries(10):
        compose(found)
