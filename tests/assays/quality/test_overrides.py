"""Overrides: two persons, a reason each, one version of the results; and every pair of states."""

import pytest
from django.db import IntegrityError, transaction

from assays.quality import services
from assays.quality.models import QcEvaluation, QcOverride
from assays.quality.queries import insertion_rates, overrides_of, row_sanity, run_qc
from assays.quality.rules import OVERRIDE_TRANSITIONS, OverrideState
from lims.errors import Conflict, Invalid, NotPermitted
from lims.verbs import SystemActor, acting
from lims.work.models import Request

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(bench, crm, blank):
    """Return an evaluated run whose only reference material failed."""
    made, sample = bench.run(), bench.sample()
    rows = [("RM 20", crm, {"Dy": "24"}), ("BLK", blank, {"Dy": "<0.05"}), ("S1", sample, {"Dy": "28.4"})]
    bench.report(made, rows)
    bench.evaluate(made)
    return made


def propose(bench, run, **given):
    """Propose an override as the reviewer."""
    known = {"actor": bench.reviewer, "run": run, "analyte": "Dy", "reason": "Bottle mixed up"}
    return services.propose_override(**known | given)


def code_of(caught):
    """Return the code of the first problem."""
    return caught.value.problems[0].code


def test_two_persons_put_an_override_in_force(bench, run):
    before = Request.objects.filter(kind="assays.decide_batch").count()
    made = propose(bench, run, reason="  Bottle   mixed up ")
    assert (made.state, made.version, made.reason, made.proposed_by) == (
        "PROPOSED",
        run.version,
        "Bottle mixed up",
        bench.reviewer,
    )
    assert Request.objects.filter(kind="assays.decide_batch").count() == before
    kept = services.second_override(actor=bench.manager, override=made, reason="Seen in the log")
    kept.refresh_from_db()
    assert (kept.state, kept.second_by, kept.second_reason) == ("IN_FORCE", bench.manager, "Seen in the log")
    assert kept.second_at is not None
    assert Request.objects.filter(kind="assays.decide_batch").count() == before + 1


@pytest.mark.parametrize("judge", [services.second_override, services.refuse_override])
def test_nobody_judges_their_own(bench, run, judge):
    made = propose(bench, run)
    with pytest.raises(NotPermitted) as caught:
        judge(actor=bench.reviewer, override=made, reason="I am sure")
    assert code_of(caught) == "second-person"
    assert QcOverride.objects.get().state == "PROPOSED"


@pytest.mark.parametrize(
    ("role", "where"), [("technician", "nfc"), ("manager", "irel"), ("auditor", "mines")]
)
def test_others_may_neither_propose_nor_agree(bench, run, role, where):
    made = propose(bench, run)
    somebody = bench.people(role, where)
    with pytest.raises(NotPermitted):
        propose(bench, run, actor=somebody, analyte="")
    for judge in (services.second_override, services.refuse_override):
        with pytest.raises(NotPermitted):
            judge(actor=somebody, override=made, reason="x")
    assert [one.state for one in QcOverride.objects.all()] == ["PROPOSED"]


def test_an_override_of_what_is_not_judged_is_refused(bench, run):
    with pytest.raises(Invalid) as caught:
        propose(bench, run, analyte="Xx")
    assert (code_of(caught), caught.value.problems[0].place.field) == ("analyte-not-judged", "analyte")


@pytest.mark.parametrize("reason", ["", "  "])
def test_without_a_reason_nothing_is_overridden(bench, run, reason):
    with pytest.raises(Invalid) as caught:
        propose(bench, run, reason=reason)
    assert code_of(caught) == "field-required"
    made = propose(bench, run)
    with pytest.raises(Invalid):
        services.second_override(actor=bench.manager, override=made, reason=reason)
    assert QcOverride.objects.get().state == "PROPOSED"


def test_a_run_without_results_has_nothing_to_override(bench):
    with pytest.raises(Conflict) as caught:
        propose(bench, bench.run("R9"), analyte="")
    assert code_of(caught) == "run-without-results"


def test_an_override_is_proposed_once_and_again_after_a_refusal(bench, run):
    first = propose(bench, run)
    with pytest.raises(Conflict) as caught, transaction.atomic():
        propose(bench, run, reason="Once more")
    assert code_of(caught) == "override-once"
    services.refuse_override(actor=bench.manager, override=first, reason="It was no mix-up")
    again = propose(bench, run, reason="Here is the log")
    assert again.state == "PROPOSED"
    with pytest.raises(Conflict) as caught:
        services.second_override(actor=bench.manager, override=first, reason="Changed my mind")
    assert code_of(caught) == "transition-refused"


def test_an_override_of_results_that_have_changed_is_not_put_in_force(bench, run, crm, blank):
    made = propose(bench, run)
    bench.report(run, [("RM 20", crm, {"Dy": "24"}), ("S1", bench.samples[0], {"Dy": "30"})])
    with pytest.raises(Conflict) as caught:
        services.second_override(actor=bench.manager, override=made, reason="Seen")
    assert code_of(caught) == "run-changed"
    assert services.refuse_override(actor=bench.manager, override=made, reason="Old").state == "REFUSED"


PAIRS = [(a, b) for a in OverrideState for b in OverrideState if a != b]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_every_pair_of_states_in_the_database_itself(bench, run, before, after):
    second = {"second_by": bench.manager, "second_at": run.submitted_at}
    with acting(SystemActor("tests"), verb_name="insert"):
        made = QcOverride.objects.create(
            run=run,
            version=run.version,
            state=before,
            reason="x",
            proposed_by=bench.reviewer,
            **({} if before == OverrideState.PROPOSED else second),
        )
    change = {"state": after} | ({"second_by": None, "second_at": None} if after == "PROPOSED" else second)

    def move():
        with acting(SystemActor("tests"), verb_name="move"):
            QcOverride.objects.filter(pk=made.pk).update(**change)

    if after in OVERRIDE_TRANSITIONS[before]:
        move()
        assert QcOverride.objects.get(pk=made.pk).state == after
    else:
        with pytest.raises(IntegrityError), transaction.atomic():
            move()


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [
        ({"reason": ""}, "override_reason_given"),
        ({"state": "IN_FORCE"}, "override_second_person"),
    ],
)
def test_constraints_refuse_past_the_verbs(bench, run, changed, constraint):
    given = {"run": run, "version": run.version, "reason": "x", "proposed_by": bench.reviewer}
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        acting(SystemActor("tests"), verb_name="insert"),
    ):
        QcOverride.objects.create(**given | changed)


def test_an_unknown_state_is_refused_past_the_verbs(bench, run):
    judged = {"second_by": bench.manager, "second_at": run.submitted_at, "proposed_by": bench.reviewer}
    with (
        pytest.raises(IntegrityError, match="override_state_known"),
        transaction.atomic(),
        acting(SystemActor("tests"), verb_name="insert"),
    ):
        QcOverride.objects.create(run=run, version="v", state="MAYBE", reason="x", **judged)


@pytest.mark.parametrize(
    ("changed", "constraint"),
    [({"verdict": "GOOD"}, "qc_verdict_known"), ({"verdict": "PASS"}, "qc_once")],
)
def test_an_evaluation_is_of_a_known_verdict_and_kept_once(bench, run, changed, constraint):
    given = {"run": run, "version": run.version, "method_code": "ME-MS81", "analyte": "Dy"}
    with (
        pytest.raises(IntegrityError, match=constraint),
        transaction.atomic(),
        acting(SystemActor("tests"), verb_name="insert"),
    ):
        QcEvaluation.objects.create(**given | changed)


def test_one_person_cannot_be_both_in_the_database_either(bench, run):
    twice = {"proposed_by": bench.reviewer, "second_by": bench.reviewer, "second_at": run.submitted_at}
    with (
        pytest.raises(IntegrityError, match="override_second_person"),
        transaction.atomic(),
        acting(SystemActor("tests"), verb_name="insert"),
    ):
        QcOverride.objects.create(run=run, version="v", state="IN_FORCE", reason="x", **twice)


def test_the_review_page_reads_a_run(bench, run):
    found = run_qc(run)
    assert (found.evaluated, found.verdict, found.items, list(found.overrides)) == (True, "FAIL", 1, [])
    (line,) = found.lines
    assert (line.method, line.analyte, line.verdict, line.after, line.withheld, line.label) == (
        "ME-MS81",
        "Dy",
        "FAIL",
        "FAIL",
        1,
        "Failed",
    )
    assert line.decides
    assert [mark["label"] for mark in line.marks] == ["RM 20", "BLK"]
    made = propose(bench, run)
    services.second_override(actor=bench.manager, override=made, reason="Seen")
    (line,) = run_qc(run).lines
    assert (line.verdict, line.after, line.withheld, line.label, line.override) == (
        "FAIL",
        "WARN",
        0,
        "Overridden",
        made,
    )
    assert [one.pk for one in overrides_of(run)] == [made.pk]


def test_a_run_that_nobody_evaluated_has_no_verdict(bench):
    found = run_qc(bench.run("R9"))
    assert (found.evaluated, found.verdict, list(found.lines)) == (False, "NONE", [])


def test_insertion_rates_are_shares_of_the_samples(bench, run):
    assert [(one.kind, one.count, one.samples, one.enough) for one in insertion_rates(run)] == [
        ("CRM", 1, 1, True),
        ("BLANK", 1, 1, True),
        ("DUPLICATE", 0, 1, False),
    ]
    assert [one.share for one in insertion_rates(bench.run("R9"))] == [0, 0, 0]


def test_rows_that_make_no_sense_are_named(bench, crm):
    run = bench.run("R9")
    rows = [
        ("S1", bench.sample(), {"Pr": "6", "Nd": "26.2", "Y": "28", "Ho": "1", "Total": "99.9"}),
        ("S2", bench.sample(), {"Pr": "6", "Nd": "26200", "Total": "96"}),
        ("RM", crm, {"Pr": "6", "Nd": "26200"}),
    ]
    bench.report(run, rows)
    assert [(odd.label, odd.words.split(":")[0]) for odd in row_sanity(run)] == [
        ("S2", "Nd against Pr is 887 times what rocks have"),
        ("S2", "The total is 96.00 %, outside 98.5 to 101.5 %."),
    ]
