"""Pages of reports: what they say, to whom, and with how many questions to the database."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assays.grading.models import Decision, Policy
from assays.reports.models import GradeReport
from assays.reports.rules import report_code
from assays.reports.services import MAKE
from lims.verbs import SystemActor, acting
from lims.work.models import Request
from lims.work.runner import look
from samples.registry import services
from samples.registry.rules import show_tag
from tests.assays.reports import made
from tests.support.people import organisation

pytestmark = pytest.mark.django_db

LABORATORY = ["receptionist", "technician", "reviewer", "manager"]


@pytest.fixture
def manager(signed_in, person):
    return signed_in(person("manager", "irel"))


def url(name, *args):
    return reverse(f"reports:{name}", args=args)


def text_of(answer):
    return " ".join(answer.content.decode().split())


def queries(client, address):
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


# --- The grade report -------------------------------------------------------------------------------


def test_the_report_answers_first_and_shows_its_evidence(manager):
    decision = made.decided()
    text = text_of(manager.get(url("decision", decision.pk)))
    for said in (
        "The batch holds enough.", "Flagged", "Dy₂O₃, ppm", "35.3", "25", "pit 6", "ME-MS81", made.SHA,
        "Flag a batch of ion-adsorption clay when we are 95 % sure", "The first decision on this batch.",
        report_code(decision.digest, decision.number), "no laboratory's statement", 'data-chart="interval-0"', 'data-chart="pattern"',
    ):  # fmt: skip
        assert said in text, said
    assert (
        text.index("The batch holds enough.") < text.index("Determinations") < text.index("Quality control")
    )


def test_an_earlier_decision_points_to_the_one_that_stands(manager):
    first = made.decided()
    second = made.decide(first.batch, first.case, first.sources)
    assert "A later decision stands" in text_of(manager.get(url("decision", first.pk)))
    assert "A later decision stands" not in text_of(manager.get(url("decision", second.pk)))


@pytest.mark.parametrize("role", LABORATORY)
def test_nobody_of_a_laboratory_sees_a_report(role, signed_in, person):
    decision = made.decided()
    services.add_party(
        actor=person("manager", "irel"),
        batch=decision.batch,
        organisation=person(role, "nfc").roles[0].organisation,
        part="TESTER",
    )
    client = signed_in(person(role, "nfc"))
    for address in (
        url("decision", decision.pk),
        url("pdf", decision.pk),
        url("decisions"),
        url("dashboard"),
        url("policies"),
    ):
        assert client.get(address).status_code == 403
    batch = text_of(client.get(reverse("registry:batch", args=[decision.batch_id])))
    assert "Flagged" not in batch
    assert "Against the thresholds" not in batch


def test_another_sponsor_does_not_know_of_it(signed_in, person):
    decision = made.decided()
    client = signed_in(person("manager", "midwest"))
    for name in ("decision", "pdf", "pdf_progress"):
        assert client.get(url(name, decision.pk)).status_code == 404
    assert client.post(url("make_pdf", decision.pk)).status_code == 404
    assert not Request.objects.exists()
    assert decision.batch.code not in text_of(client.get(url("decisions")))
    assert decision.batch.code not in text_of(client.get(url("dashboard")))


def test_an_auditor_of_the_ministry_reads_everything(signed_in, person):
    decision = made.decided()
    client = signed_in(person("auditor", "mines"))
    assert client.get(url("decision", decision.pk)).status_code == 200
    assert "1 batch flagged" in text_of(client.get(url("dashboard")))


def test_the_pdf_is_asked_for_waited_for_and_given(manager):
    decision = made.decided()
    page = url("decision", decision.pk)
    assert "Make the PDF" in text_of(manager.get(page))
    assert manager.get(url("pdf", decision.pk)).status_code == 404
    assert manager.post(url("make_pdf", decision.pk))["Location"] == page
    waiting = text_of(manager.get(page))
    assert "Waiting for a worker" in waiting
    assert "Make the PDF" not in waiting
    assert "Waiting for a worker" in text_of(
        manager.get(url("pdf_progress", decision.pk), headers={"HX-Request": "true"})
    )
    assert look(MAKE, str(decision.pk)) == 1
    over = manager.get(url("pdf_progress", decision.pk), headers={"HX-Request": "true"})
    assert over["HX-Refresh"] == "true"
    assert "Report, PDF" in text_of(manager.get(page))
    given = manager.get(url("pdf", decision.pk))
    assert given["Content-Disposition"] == f'attachment; filename="grade-report-{decision.batch.code}-1.pdf"'
    assert given.content.startswith(b"%PDF")


def test_the_code_on_paper_leads_to_the_decision(manager, signed_in, person):
    decision = made.decided()
    assert manager.get(url("by_code", "GR-0000-0000-0")).status_code == 404
    with acting(SystemActor("tests"), verb_name="keep"):
        code = GradeReport.objects.create(
            decision=decision, code=report_code(decision.digest, decision.number), sha256="e" * 64
        ).code
    assert manager.get(url("by_code", code.lower().replace("-", "")))["Location"] == url(
        "decision", decision.pk
    )
    found = manager.get(reverse("web:search"), {"q": code})
    assert found["Location"] == url("decision", decision.pk)
    assert signed_in(person("manager", "midwest")).get(url("by_code", code)).status_code == 404


def test_a_decision_of_nothing_known_is_not_there(manager):
    assert manager.get(url("decision", "0197a1a1-0000-7000-8000-000000000000")).status_code == 404


def test_a_report_asks_a_constant_number_of_questions(manager):
    few = made.decided(made.GOOD[:3], code="PW-3")
    many = made.decided(made.GOOD * 3, code="PW-4")
    assert queries(manager, url("decision", few.pk)) == queries(manager, url("decision", many.pk))


# --- The dashboard ----------------------------------------------------------------------------------


def test_managers_and_auditors_land_on_the_dashboard_and_coordinators_in_the_field(signed_in, person):
    for role, code, home in (
        ("manager", "irel", url("dashboard")),
        ("auditor", "irel", url("dashboard")),
        ("field_coordinator", "irel", reverse("registry:home")),
    ):
        assert signed_in(person(role, code)).get("/")["Location"] == home


def test_the_dashboard_says_what_is_flagged_and_where_everything_is(manager):
    decision = made.decided()
    waiting = made.ground("PW-9")
    made.bags(waiting, 2)
    text = text_of(manager.get(url("dashboard")))
    assert "1 batch flagged; nothing is on the road." in text
    assert f'href="{url("decision", decision.pk)}"' in text
    assert 'class="interval-line"' in text
    assert "Nothing is stuck" in text
    # six decided, two registered
    for stage, count in (("registered", 2), ("in-transit", 0), ("analysed", 0), ("decided", 6)):
        start = text.index(f'href="{url("stage", stage)}"')
        assert f'pipeline-count">{count}<' in text[start : start + 300]


def test_each_number_opens_the_list_behind_it(manager):
    decision = made.decided()
    waiting = made.ground("PW-9")
    bag = made.bags(waiting, 1)[0]
    decided = text_of(manager.get(url("stage", "decided")))
    for sample in decision.case["samples"]:
        assert show_tag(sample["id"]) in decided
    assert show_tag(bag.tag.code) not in decided
    assert show_tag(bag.tag.code) in text_of(manager.get(url("stage", "registered")))
    assert "No sample here" in text_of(manager.get(url("stage", "reviewed")))
    assert manager.get(url("stage", "lost")).status_code == 404


def test_a_batch_that_lost_its_flag_is_counted_as_withdrawn(manager):
    first = made.decided()
    case = {**first.case, "qc": {"Dy": "pass", "Tb": "fail"}}
    made.decide(first.batch, case, first.sources)
    text = text_of(manager.get(url("dashboard")))
    assert "No batch is flagged, 1 withdrawn in the last 7 days, 1 blocked" in text
    assert "was flagged" in text


def test_old_news_is_no_news(manager):
    first = made.decided([("1.1", "0.2")] * 3)
    assert first.outcome == "NOT_FLAGGED"
    late = made.decided([("1.1", "0.2")] * 3, code="PW-8")
    with acting(SystemActor("tests"), verb_name="decide_batch"):
        Decision.objects.bulk_create(
            [_copy(late, number=2, digest="c" * 64, decided_at=timezone.now() - timedelta(days=30))]
        )
    text = text_of(manager.get(url("dashboard")))
    assert f'href="{url("decision", first.pk)}"' in text
    assert late.batch.code not in text
    assert late.batch.code in text_of(manager.get(url("decisions")))


def _copy(decision, **changed):
    names = ("batch", "policy", "outcome", "provisional", "retrospective", "sentence", "criteria", "warnings", "case", "sources", "factors_version", "code_version")  # fmt: skip
    return Decision(**({name: getattr(decision, name) for name in names} | changed))


@pytest.mark.parametrize("name", ["dashboard", "decisions"])
def test_lists_ask_a_constant_number_of_questions(manager, name):
    made.decided(code="PW-1")
    one = queries(manager, url(name))
    made.decided(code="PW-2")
    made.decided(code="PW-3")
    assert queries(manager, url(name)) == one


def test_the_list_of_decisions_is_narrowed_by_outcome(manager):
    flagged = made.decided(code="PW-1")
    low = made.decided([("1.1", "0.2")] * 3, code="PW-2")
    text = text_of(manager.get(url("decisions"), {"outcome": "NOT_FLAGGED"}))
    assert low.batch.code in text
    assert flagged.batch.code not in text
    assert flagged.batch.code in text_of(manager.get(url("decisions"), {"outcome": "nonsense\x00"}))


# --- A batch's page ---------------------------------------------------------------------------------


def test_a_batch_shows_its_decision_and_what_changed(manager):
    first = made.decided()
    case = {**first.case, "qc": {"Dy": "pass", "Tb": "fail"}}
    made.decide(first.batch, case, first.sources)
    text = text_of(manager.get(reverse("registry:batch", args=[first.batch_id])))
    for said in (
        "The results cannot be relied on yet",
        "What would settle it",
        "From flagged to blocked: qc",
        "The first decision on this batch.",
    ):
        assert said in text, said


def test_a_batch_without_a_decision_says_what_it_waits_for(manager):
    batch = made.ground()
    address = reverse("registry:batch", args=[batch.pk])
    assert "pinned when the first bag is received" in text_of(manager.get(address))
    made.policy(batch)
    assert "It will be judged by" in text_of(manager.get(address))


# --- Policies ---------------------------------------------------------------------------------------


def sheet(**changed):
    return {
        "owner": str(organisation("irel").pk),
        "name": "Clay 2027",
        "material_type": "ION_ADSORPTION_CLAY",
        "basis": "total-fusion",
        "dy_grade": "25",
        "tb_grade": "4.0",
        "sure": "95",
        "sure_not": "99",
        "weighting": "equal",
        "rationale": "Agreed in October.",
    } | changed


def test_a_policy_is_made_read_and_put_in_force(manager):
    answer = manager.post(url("make_policy"), sheet())
    draft = Policy.objects.get()
    assert answer["Location"] == url("policy", draft.pk)
    assert draft.criteria == [
        {"analyte": "Dy", "metric": "grade", "oxide": "Dy2O3", "threshold_ppm": 25.0},
        {"analyte": "Tb", "metric": "grade", "oxide": "Tb4O7", "threshold_ppm": 4.0},
    ]
    assert (str(draft.alpha), str(draft.alpha_reject)) == ("0.0500", "0.0100")
    text = text_of(manager.get(url("policy", draft.pk)))
    assert (
        "when we are 95 % sure that the mean Dy₂O₃ is at least 25 ppm and the mean Tb₄O₇ is at least 4 ppm"
        in text
    )
    assert "Put version 1 in force" in text
    assert manager.post(url("put_in_force", draft.pk)).status_code == 302
    assert Policy.objects.get().state == "IN_FORCE"
    manager.post(url("make_policy"), sheet(dy_grade="30"))
    second = Policy.objects.get(version=2)
    text = text_of(manager.get(url("policy", second.pk)))
    assert "Clay 2027, version 1</a> retires" in text
    manager.post(url("put_in_force", second.pk))
    assert list(Policy.objects.order_by("version").values_list("state", flat=True)) == ["RETIRED", "IN_FORCE"]
    manager.post(url("retire_policy", second.pk))
    assert set(Policy.objects.values_list("state", flat=True)) == {"RETIRED"}
    assert "In force" in text_of(manager.get(url("policies")))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"dy_grade": "", "tb_grade": ""}, "Say what a batch must reach"),
        ({"dy_grade": "much"}, "Enter a number"),
        ({"dy_share": "3", "dy_grade": "", "tb_grade": ""}, "almost no rare earths"),
        ({"sure": "40"}, "greater than or equal to 51"),
        ({"rationale": ""}, "This field is required"),
        ({"basis": "wet"}, "Select a valid choice"),
    ],
)
def test_a_policy_that_makes_no_sense_is_refused_beside_its_field(manager, changed, said):
    answer = manager.post(url("make_policy"), sheet(**changed))
    assert answer.status_code == 422
    assert said in text_of(answer)
    assert not Policy.objects.exists()


def test_only_the_owners_managers_keep_policies(signed_in, person, manager):
    manager.post(url("make_policy"), sheet())
    draft = Policy.objects.get()
    for role, code, status in (
        ("field_coordinator", "irel", 403), ("auditor", "irel", 403), ("manager", "midwest", 404), ("reviewer", "nfc", 403),
    ):  # fmt: skip
        client = signed_in(person(role, code))
        assert client.post(url("put_in_force", draft.pk)).status_code == status
    assert Policy.objects.get().state == "DRAFT"
    assert "Put version 1 in force" not in text_of(
        signed_in(person("auditor", "irel")).get(url("policy", draft.pk))
    )


def test_policies_ask_a_constant_number_of_questions(manager):
    manager.post(url("make_policy"), sheet())
    one = queries(manager, url("policies"))
    manager.post(url("make_policy"), sheet())
    manager.post(url("make_policy"), sheet(name="Another"))
    assert queries(manager, url("policies")) == one
