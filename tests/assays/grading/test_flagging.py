"""The flagging by real workers: from an approval, a re-issue, a QC change, an incident or a policy to the decision."""

import time
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from assays.certificates import services as certificates
from assays.certificates.models import Certificate, Determination, Upload
from assays.grading import services as grading
from assays.grading.models import Decision, PinnedPolicy, RadiologicalScreen
from assays.quality import services as quality
from assays.runs import services as runs
from assays.runs.models import Run
from lims.web.models import Notice
from lims.work.models import Claim, Request
from lims.work.tasks import go_round
from samples.custody import incident_services
from samples.custody.models import Incident
from samples.registry.models import Hold
from tests.assays.grading.ground import GOOD_QC, POOR, RICH, Ground, make_ground
from tests.support.worker import Worker, until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ground() -> Ground:
    return make_ground()


def settled(within_s: float = 40) -> None:
    """Play beat until nothing is due any more, and nothing has failed."""

    def round_and_look() -> bool:
        go_round()
        return not Request.objects.exists() and not Claim.objects.exists()

    until(round_and_look, within_s=within_s, every_s=0.2)


def outcomes(ground: Ground) -> list[str]:
    return list(
        Decision.objects.filter(batch=ground.batch).order_by("number").values_list("outcome", flat=True)
    )


def approve(ground: Ground, run: Run) -> None:
    run.refresh_from_db()
    runs.approve_run(actor=ground.reviewer, run=run, version=run.version)


def committed(ground: Ground, number: str, content: bytes, purpose: str = "RESULTS") -> Run:
    """Bring a certificate in and commit it as a technician would, all by the worker."""
    upload = ground.upload(content, f"{number}.csv")
    settled()
    described = {"laboratory": ground.laboratory, "number": number, "purpose": purpose}
    certificates.describe_upload(actor=ground.technician, upload=upload, **described)
    settled()
    certificates.commit_upload(actor=ground.technician, upload=upload)
    settled()
    upload.refresh_from_db()
    assert upload.certificate is not None, upload.problems
    return upload.certificate.run


def test_an_approved_run_flags_the_batch_and_the_managers_hear_of_it(worker: Worker, ground: Ground) -> None:
    run = committed(ground, "NFC-1", ground.written("NFC-1", RICH, GOOD_QC))
    assert outcomes(ground) == []
    assert PinnedPolicy.objects.get(batch=ground.batch).policy == ground.policy
    began = time.monotonic()
    approve(ground, run)
    until(lambda: outcomes(ground) == ["FLAGGED"])
    assert time.monotonic() - began < 20
    settled()
    decision = Decision.objects.get()
    dy, tb = decision.criteria
    assert (dy["n"], round(dy["mean"], 4), tb["outcome"]) == (8, 33.4406, "FLAGGED")
    assert (decision.provisional, decision.retrospective) == (False, False)
    told = Notice.objects.order_by("user__email").values_list("user__email", "title")
    title = f"{ground.batch.code} is flagged"
    assert list(told) == [("manager@irel.test", title), ("second@irel.test", title)]
    assert worker.said().count("Subject: " + title) == 2
    assert decision.report.sha256


def test_nothing_changed_nothing_is_decided_again_and_a_change_back_brings_a_new_decision(
    worker: Worker, ground: Ground
) -> None:
    run = committed(ground, "NFC-1", ground.written("NFC-1", RICH, GOOD_QC))
    approve(ground, run)
    settled()
    first = Decision.objects.get()
    grading.put_in_force(actor=ground.manager, policy=_next_version(ground))
    settled()
    assert outcomes(ground) == ["FLAGGED"], "the policy pinned at receipt stays"
    incident = incident_services.report_incident(
        actor=ground.manager, kind="SEAL_BROKEN", detail="Found open", sample=ground.samples[0]
    )
    settled()
    assert outcomes(ground) == ["FLAGGED", "BLOCKED_DATA"]
    incident_services.explain_incident(actor=ground.technician, incident=incident, explanation="Opened by us")
    incident_services.clear_incident(actor=ground.manager, incident=incident, reason="Seen on the video")
    settled()
    assert outcomes(ground) == ["FLAGGED", "BLOCKED_DATA", "FLAGGED"]
    last = Decision.objects.order_by("-number").first()
    assert last is not None
    assert (last.digest, last.pk != first.pk) == (first.digest, True)
    assert Incident.objects.get().state == "CLEARED"


def _next_version(ground: Ground) -> Any:
    return grading.make_policy(
        actor=ground.manager,
        owner=ground.owner,
        name="Clay for magnets",
        material_type="ION_ADSORPTION_CLAY",
        basis="total-fusion",
        criteria=[{"analyte": "Dy", "metric": "grade", "oxide": "Dy2O3", "threshold_ppm": 60}],
        rationale="Prices fell",
    )


def test_another_policy_counts_once_the_owner_agrees_to_it(worker: Worker, ground: Ground) -> None:
    approve(ground, committed(ground, "NFC-1", ground.written("NFC-1", RICH, GOOD_QC)))
    settled()
    policy = grading.put_in_force(actor=ground.manager, policy=_next_version(ground))
    grading.agree_policy(actor=ground.manager, batch=ground.batch, policy=policy, reason="Agreed on 3 March")
    settled()
    assert outcomes(ground) == ["FLAGGED", "NOT_FLAGGED"]
    assert Notice.objects.filter(title=f"{ground.batch.code} is no longer flagged").count() == 2


def test_a_reissue_withdraws_the_flag_until_it_is_approved(worker: Worker, ground: Ground) -> None:
    run = committed(ground, "NFC-1", ground.written("NFC-1", RICH, GOOD_QC))
    approve(ground, run)
    settled()
    again = committed(ground, "NFC-1", ground.written("NFC-1", POOR, GOOD_QC, comments="Corrected copy"))
    assert again == run
    run.refresh_from_db()
    assert run.state == "REPORTED"
    assert outcomes(ground) == ["FLAGGED", "INCONCLUSIVE"]
    approve(ground, run)
    settled()
    assert outcomes(ground) == ["FLAGGED", "INCONCLUSIVE", "NOT_FLAGGED"]
    old, new = Certificate.objects.filter(run=run).order_by("version")
    assert (old.version, new.version, new.supersedes, new.version_note) == (1, 2, old, "Corrected copy")
    assert Determination.objects.filter(certificate=old).count() == 44, "the old one stays"


def test_without_a_reference_material_it_is_blocked_until_the_laboratorys_own_qc_is_there(
    worker: Worker, ground: Ground
) -> None:
    run = committed(ground, "NFC-1", ground.written("NFC-1", RICH, []))
    approve(ground, run)
    settled()
    assert outcomes(ground) == ["BLOCKED_QC"]
    assert "no reference material" in str(Decision.objects.get().sources["qc"])
    own = ground.written("QC_NFC-1", [], GOOD_QC)
    assert committed(ground, "NFC-1", own, purpose="QC") == run
    run.refresh_from_db()
    assert run.state == "APPROVED", "the results are the same"
    assert outcomes(ground) == ["BLOCKED_QC", "FLAGGED"]


def test_two_persons_override_qc_with_a_reason(worker: Worker, ground: Ground) -> None:
    run = committed(ground, "NFC-1", ground.written("NFC-1", RICH, [("CRM-7", "30.0", "4.0"), *GOOD_QC[1:2]]))
    approve(ground, run)
    settled()
    assert outcomes(ground) == ["BLOCKED_QC"]
    override = quality.propose_override(actor=ground.reviewer, run=run, reason="The bottle was not shaken")
    settled()
    assert outcomes(ground) == ["BLOCKED_QC"]
    quality.second_override(actor=ground.head, override=override, reason="Repeated, and in order")
    settled()
    assert outcomes(ground) == ["BLOCKED_QC", "FLAGGED"]


def test_thorium_holds_samples_whatever_their_grade(worker: Worker, ground: Ground) -> None:
    approve(ground, committed(ground, "NFC-1", ground.written("NFC-1", POOR, GOOD_QC, th_u=("240", "20"))))
    settled()
    assert outcomes(ground) == ["NOT_FLAGGED"]
    assert set(RadiologicalScreen.objects.values_list("level", flat=True)) == {"RAD_HOLD"}
    assert Hold.objects.filter(kind="RADIOLOGICAL", released_at=None).count() == 8


def test_a_worker_killed_again_and_again_leaves_what_an_undisturbed_run_leaves(
    worker: Worker, ground: Ground
) -> None:
    """Import, evaluation, decision and notice under kill -9, twenty times; then in peace."""
    content = ground.written("NFC-1", RICH, GOOD_QC)
    upload = ground.upload(content)
    for _ in range(4):
        time.sleep(0.15)
        worker.kill()
        worker.start()
        go_round()
    until(lambda: (go_round(), Upload.objects.get().state == "READ")[1], within_s=60, every_s=0.5)
    described = {"laboratory": ground.laboratory, "number": "NFC-1", "purpose": "RESULTS"}
    certificates.describe_upload(actor=ground.technician, upload=upload, **described)
    settled(60)
    certificates.commit_upload(actor=ground.technician, upload=upload)
    for pause in (0.02, 0.05, 0.1, 0.2):
        time.sleep(pause)
        worker.kill()
        worker.start()
        go_round()
    settled(90)
    certificate = Certificate.objects.get()
    assert Determination.objects.count() == certificate.determination_count == 44
    run = Run.objects.get()
    approve(ground, run)
    for pause in (0.02, 0.05, 0.1, 0.2):
        time.sleep(pause)
        worker.kill()
        worker.start()
        go_round()
    settled(90)
    assert outcomes(ground) == ["FLAGGED"]
    assert Notice.objects.filter(kind="decision.flagged").count() == 2


def test_the_applications_role_cannot_change_a_decision(worker: Worker, ground: Ground) -> None:
    approve(ground, committed(ground, "NFC-1", ground.written("NFC-1", RICH, GOOD_QC)))
    settled()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT has_table_privilege(%s, 'assays_decision', 'UPDATE'), has_table_privilege(%s, 'assays_decision', 'DELETE')",
            [settings.DATABASES["default"]["USER"]] * 2,
        )
        assert cursor.fetchone() == (False, False)
