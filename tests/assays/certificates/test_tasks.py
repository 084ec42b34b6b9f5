"""Real workers read and commit uploads; killed in the middle of a commit, they leave nothing, and another one ends it."""

import contextlib
import os
from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from assays.certificates.models import Certificate, Determination, Upload, UploadRow
from assays.certificates.queries import version_of
from assays.certificates.services import COMMIT, return_upload
from assays.demonstration.due import do_due
from assays.runs.models import Run, RunItem
from lims.errors import Problem
from lims.ledger.models import Entry
from lims.work import claims, progress
from lims.work.models import Claim, Request
from lims.work.tasks import go_round
from tests.support.worker import until

pytestmark = pytest.mark.django_db(transaction=True)


def state_of(upload):
    return Upload.objects.get(pk=upload.pk).state


def becomes(upload, *states):
    """Return a condition: the upload is in one of these states; beat goes its rounds meanwhile."""

    def look():
        go_round()
        return state_of(upload) in states

    return look


def idle():
    go_round()
    return not Request.objects.exists() and not Claim.objects.exists()


def mixed(desk, crm, count=5):
    """Return a file with good rows, a reference material, a bad cell and a label that nobody knows."""
    samples = [desk.bench.sample() for _ in range(count)]
    rows = [("RM 20", ["20.1", "<0.01"]), ("J-UNKNOWN", ["1", "2"])]
    rows += [(sample.tag.code, [f"{n}.50", "NSS"]) for n, sample in enumerate(samples, 28)]
    rows[-1] = (rows[-1][0], ["x?", "1"])
    return desk.file(rows)


def the_end():
    """Return everything that a commit leaves, in terms that are the same for every run of it."""
    certificate = Certificate.objects.get()
    names = (
        "analyte",
        "form",
        "raw",
        "qualifier",
        "value",
        "limit",
        "unit",
        "ppm",
        "limit_ppm",
        "row",
        "column",
    )
    kept = Determination.objects.order_by("id")
    items = RunItem.objects.order_by("position")
    run = Run.objects.get()
    assert run.version == version_of(run)
    recorded = Entry.objects.filter(verb="record_certificate").values_list("table_name", flat=True)
    return {
        "certificate": (certificate.version, certificate.digest, certificate.sha256, certificate.determination_count),
        "determinations": list(kept.values_list("item__label", *names)),
        "items": list(items.values_list("label", "occurrence", "kind", "position")),
        "run": (run.state, run.version),
        "upload": state_of(certificate.upload),
        "rows": list(UploadRow.objects.order_by("number").values_list("number", "label", "match")),
        "recorded": sorted(recorded),
    }  # fmt: skip


def test_a_worker_reads_and_commits(desk, crm, worker):
    upload = desk.uploaded(mixed(desk, crm))
    until(becomes(upload, "READ"))
    upload.refresh_from_db()
    desk.described(upload)
    until(becomes(upload, "READ"))
    until(idle)
    assert [row.match for row in UploadRow.objects.order_by("number")[:3]] == ["CRM", "UNMATCHED", "SAMPLE"]
    desk.ordered(Upload.objects.get())
    until(becomes(upload, "COMMITTED"))
    until(idle, within_s=40)
    certificate = Certificate.objects.get()
    assert (certificate.rows, certificate.determination_count, certificate.committed_by) == (
        5,
        10,
        desk.technician,
    )
    told = progress.of(COMMIT, upload.pk)
    assert (told.done, told.total, told.doing) == (0, 10, "Committing values")


def test_a_worker_says_why_a_file_cannot_be_read(desk, worker):
    upload = desk.uploaded(b"%PDF-1.7 nothing for a laboratory", "certificate.csv")
    until(becomes(upload, "REFUSED"))
    problem = Upload.objects.get().problems[0]
    assert set(problem) >= {"code", "message", "remedy"}
    assert problem["remedy"]


@contextlib.contextmanager
def nobody_writes_determinations() -> Iterator[None]:
    """Hold a lock for which whoever copies determinations waits, when all before it is written."""
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as owner:
        owner.execute(f"LOCK TABLE {Determination._meta.db_table} IN SHARE MODE")
        yield
        owner.rollback()


def somebody_waits():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = %s::regclass",
            [Determination._meta.db_table],
        )
        return cursor.fetchone()[0] > 0


def killed_in_the_middle(upload, worker):
    with nobody_writes_determinations():
        until(somebody_waits, within_s=40)
        # The certificate and its items are written, in a transaction that nobody sees.
        assert state_of(upload) == "COMMITTING"
        worker.kill()
    # PostgreSQL finds out that nobody is there once it may go on; the transaction is gone with the worker.
    until(lambda: not somebody_waits())
    until(lambda: (COMMIT, str(upload.pk), False) in claims.due(most=9))
    assert not Certificate.objects.exists()
    assert not Determination.objects.exists()
    assert not Run.objects.exists()
    assert not RunItem.objects.exists()
    assert state_of(upload) == "COMMITTING"


@pytest.mark.parametrize("kills", [1, 2])
def test_a_worker_killed_in_the_middle_of_a_commit_changes_nothing_of_its_end(desk, crm, worker, kills):
    content = mixed(desk, crm)
    worker.kill()
    upload = desk.previewed(content)
    # First without a worker and undisturbed, in a transaction that is undone: the same upload, the same people.
    expected = undisturbed(desk, upload)
    assert not Certificate.objects.exists()
    worker.start()
    upload.refresh_from_db()
    desk.ordered(upload)
    for number in range(kills):
        if number:
            worker.start()
            go_round()
        killed_in_the_middle(upload, worker)
    worker.start()
    until(becomes(upload, "COMMITTED"), within_s=40)
    until(idle, within_s=40)
    found = the_end()
    assert found["certificate"] == expected["certificate"]
    assert found == expected
    assert len(found["determinations"]) == 10


def undisturbed(desk, upload):
    """Return what an undisturbed commit leaves, and undo it."""
    from django.db import transaction  # noqa: PLC0415  # only here

    with transaction.atomic():
        desk.commit(Upload.objects.get(pk=upload.pk))
        end = the_end()
        transaction.set_rollback(True)
    return end


def test_a_commit_that_is_refused_goes_back_to_the_preview_with_the_reason(desk):
    """Between the order and the work, somebody else's certificate of the same file came into the run."""
    upload = desk.ordered(desk.preview([(desk.bench.sample().tag.code, ["1", "2"])]))
    run = desk.bench.run()
    from lims.verbs import acting  # noqa: PLC0415  # only here

    with acting(desk.system, verb_name="record"):
        first = {
            "number": run.number,
            "version": 1,
            "preliminary": False,
            "layout": "als-csv",
            "file_name": "x.csv",
        }
        counted = {"rows": 1, "determination_count": 2, "digest": "0" * 64, "committed_by": desk.technician}
        Certificate.objects.create(run=run, purpose="QC", sha256=upload.sha256, **first, **counted)
    do_due()
    upload.refresh_from_db()
    assert (upload.state, upload.certificate) == ("READ", None)
    assert [problem["code"] for problem in upload.problems] == ["certificate-file-once"]
    assert not Determination.objects.exists()
    assert idle()


def test_work_that_comes_late_does_nothing(desk):
    """A preview that was discarded, an order that was taken back: the message finds nothing to do."""
    upload = desk.preview([(desk.bench.sample().tag.code, ["1", "2"])])
    desk.ordered(upload)
    return_upload(actor=desk.system, upload=upload, problems=[Problem("changed", "It changed.")])
    do_due()
    assert state_of(upload) == "READ"
    assert not Certificate.objects.exists()
    assert idle()
