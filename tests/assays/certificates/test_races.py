"""Two at once: one file, one order, one commit of an upload; two certificates of one job; a commit and a discard."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from assays.certificates import answering, services
from assays.certificates.models import Certificate, Determination, Upload, UploadRow
from assays.certificates.queries import version_of
from assays.runs.models import Run, RunItem
from assays.runs.services import approve_run
from lims.errors import DomainError
from lims.work.models import Request
from tests.assays.certificates.conftest import FIRST

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Call all of these at the same moment, each over a connection of its own; return results or problem codes."""
    gate = Barrier(len(calls))

    def one(call):
        gate.wait()
        try:
            return call()
        except DomainError as error:
            return error.problems[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def test_one_file_is_one_upload(desk):
    content = desk.file([("J1", ["1", "2"])])
    answers = at_once(*[lambda: desk.uploaded(content)] * 4)
    assert answers.count("upload-file-once") == 3
    assert Upload.objects.count() == 1


def test_an_upload_is_ordered_once(desk):
    upload = desk.preview([(desk.bench.sample().tag.code, ["1", "2"])])
    answers = at_once(*[lambda: desk.ordered(upload)] * 4)
    assert answers.count("transition-refused") == 3
    assert Request.objects.filter(kind="assays.commit_upload").count() == 1


def test_an_upload_is_committed_once(desk):
    """Two workers, of whom one was thought dead, are on the same upload."""
    upload = desk.ordered(
        desk.preview([(desk.bench.sample().tag.code, [str(n), "2"]) for n in range(5)], number="HY-7")
    )
    good = upload.rows.filter(problems=[]).count()
    answers = at_once(*[lambda: desk.recorded(upload)] * 3)
    assert answers.count("transition-refused") == 2
    assert Certificate.objects.count() == 1
    assert Determination.objects.count() == good * 2
    assert RunItem.objects.count() == good


def test_two_certificates_of_one_job_are_two_versions_of_one_run(desk):
    """Nobody had made the run before; the number is written in two ways."""
    for round_ in range(3):
        one, two = desk.bench.sample(), desk.bench.sample()
        orders = [
            desk.ordered(desk.preview([(one.tag.code, ["1", "2"])], number=f"HY-{round_}a")),
            desk.ordered(desk.preview([(two.tag.code, ["3", "4"])], number=f"HY-{round_}A")),
        ]
        made = at_once(*[lambda order=order: desk.recorded(order) for order in orders])
        run = Run.objects.get(number__iexact=f"HY-{round_}a")
        assert sorted(certificate.version for certificate in made) == [1, 2]
        assert {certificate.run for certificate in made} == {run}
        last = max(made, key=lambda certificate: certificate.version)
        assert list(Certificate.objects.standing().filter(run=run)) == [last]
        assert run.version == version_of(run)


def test_results_and_their_qc_at_once_both_stand(desk, crm):
    sample = desk.bench.sample()
    results = desk.ordered(desk.preview([(sample.tag.code, ["1", "2"])]))
    qc = desk.ordered(desk.preview([("RM 20", ["20", "1"])], number="QC-HY26000001"))
    made = at_once(lambda: desk.recorded(results), lambda: desk.recorded(qc))
    assert {(one.purpose, one.version) for one in made} == {("RESULTS", 1), ("QC", 1)}
    run = Run.objects.get()
    assert run.version == version_of(run)


def test_a_review_and_a_reissue_at_once_never_leave_an_unseen_version_approved(desk):
    for round_ in range(4):
        sample, number = desk.bench.sample(), f"HY-{round_}00"
        first = desk.commit(desk.preview([(sample.tag.code, ["1", "2"])], number=number))
        run = Run.objects.get(pk=first.run_id)
        again = desk.ordered(desk.preview([(sample.tag.code, ["3", "4"])], number=number))
        reviewed, _ = at_once(
            lambda run=run: approve_run(actor=desk.bench.reviewer, run=run, version=run.version),
            lambda again=again: desk.recorded(again),
        )
        after = Run.objects.get(pk=run.pk)
        assert after.version == version_of(after) != run.version
        assert after.state == "REPORTED"
        assert reviewed == "run-changed" or reviewed.version == run.version


def test_an_order_and_a_discard_at_once_agree(desk):
    for round_ in range(4):
        upload = desk.preview([(desk.bench.sample().tag.code, ["1", str(round_)])], number=f"HY-{round_}00")
        answers = at_once(
            lambda upload=upload: desk.ordered(upload),
            lambda upload=upload: services.discard_upload(actor=desk.technician, upload=upload),
        )
        assert answers.count("transition-refused") == 1
        done = next(answer for answer in answers if answer != "transition-refused")
        assert Upload.objects.get(pk=upload.pk).state == done.state


def test_an_answer_and_an_order_at_once_commit_what_the_order_saw(desk):
    sample = desk.bench.sample()
    upload = desk.preview([(sample.tag.code, ["1", "2"])])
    answers = at_once(
        lambda: desk.ordered(upload),
        lambda: answering.match_row(actor=desk.technician, upload=upload, number=FIRST, match="REJECTED"),
    )
    # Whoever comes second finds that the other was there.
    assert answers.count("transition-refused") + answers.count("upload-nothing-good") == 1
    row = UploadRow.objects.get(upload=upload)
    state = Upload.objects.get(pk=upload.pk).state
    assert (state, row.match) in {("COMMITTING", "SAMPLE"), ("READ", "REJECTED")}
