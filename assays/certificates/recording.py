"""How a certificate comes into the record: items of its run, then its determinations by COPY."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django.db import connection
from django.utils import timezone

from assays.certificates.copying import Line, Tell, copy_lines, digest_of_lines, lines_of
from assays.certificates.matching import built_run_of
from assays.certificates.models import Certificate, Upload, UploadRow
from assays.certificates.queries import good_rows, reissued, version_of
from assays.certificates.reading import Reading
from assays.certificates.rules import UPLOAD_TRANSITIONS, Purpose, UploadState
from assays.runs.models import Retest, Run, RunItem
from assays.runs.queries import batches_in
from assays.runs.rules import RUN_TRANSITIONS, RunState
from lims.accounts.models import User
from lims.errors import conflict
from lims.ids import uuid7
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from lims.work.services import request

EVALUATE, DECIDE = "assays.evaluate_run", "assays.decide_batch"


@verb
def record_certificate(
    *,
    actor: Actor,
    upload: Upload,
    reading: Reading,
    tell: Tell,
    items: Mapping[int, RunItem] | None = None,
) -> Certificate:
    """Commit the chosen rows of an upload as one version of a certificate; what it supersedes stays.

    `items` says which item of the run each row is, by the row's number, where that is known; otherwise labels say it.

    The run waits for a review again, its QC is evaluated, and the batches that stood on it are decided again.
    Raises `Conflict` ("certificate-file-once", "transition-refused", "upload-nothing-good").
    """
    permit(actor, "certificates.log", upload)
    assert isinstance(actor, User)
    held = Upload.objects.select_for_update(of=("self",), no_key=True).get(pk=upload.pk)
    check_transition(UPLOAD_TRANSITIONS, UploadState(held.state), UploadState.COMMITTED)
    rows = list(good_rows(held))
    if not rows:
        raise conflict("upload-nothing-good", "No row can be committed any more.", "Match its rows again.")
    run = _locked(next(iter(items.values())).run_id) if items else _run(held, rows)
    before = batches_in(run)
    found = dict(items) if items is not None else _items(run, rows, ordered=held.purpose == Purpose.RESULTS)
    lines = lines_of(reading.determinations, found, held.method.code if held.method is not None else "")
    certificate = _certificate(held, run, reading, lines, len(rows), actor)
    copy_lines(certificate.pk, lines, {row: (item.pk, item.sample_id) for row, item in found.items()}, tell)
    _close_retests(run, found.values())
    _submit(run, actor, held)
    held.certificate, held.state = certificate, UploadState.COMMITTED
    held.save(update_fields=["certificate", "state"])
    request(EVALUATE, key=run.pk)
    for batch in sorted({*before, *batches_in(run)}):
        request(DECIDE, key=batch)
    return certificate


def _locked(run: UUID) -> Run:
    return Run.objects.select_for_update(of=("self",), no_key=True).get(pk=run)


def _run(upload: Upload, rows: Sequence[UploadRow]) -> Run:
    """Return the run that the certificate reports, locked: one built here whose codes it names, or the job of its number.

    The first certificate of a job that was not built here makes it.
    """
    built = built_run_of(upload, [row.label for row in rows])
    if built is not None:
        return _locked(built.pk)
    named = {"laboratory_id": upload.laboratory_id, "kept_by_id": upload.kept_by_id}
    # The same number in another case is the same job; whoever makes it first is found by the second after the lock.
    with connection.cursor() as cursor:
        key = f"{upload.laboratory_id} {upload.kept_by_id} {upload.number.casefold()}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('assays.run'), hashtext(%s))", [key])
    found = Run.objects.select_for_update(no_key=True).filter(number__iexact=upload.number, **named).first()
    return found or Run.objects.create(number=upload.number, **named)


def _items(run: Run, rows: Sequence[UploadRow], *, ordered: bool) -> dict[int, RunItem]:
    """Return the item of each row, by the row's number: those that the run has already, and new ones.

    A label may come back: as the same thing (a re-issue), as another one of the same name (three bottles of one
    reference material), or as something else after a correction.
    """
    known: dict[str, list[RunItem]] = {}
    for item in RunItem.objects.filter(run=run).order_by("label", "occurrence"):
        known.setdefault(item.label.casefold(), []).append(item)
    # In a rack that was built here, what a certificate adds has no known place.
    ordered = ordered and run.built_by_id is None
    used: set[Any] = set()
    found: dict[int, RunItem] = {}
    fresh = []
    for place, row in enumerate(rows, 1):
        same = known.setdefault(row.label.casefold(), [])
        what = (row.match, row.sample_id, row.material_id)
        free = [
            item
            for item in same
            if item.pk not in used and (item.kind, item.sample_id, item.material_id) == what
        ]
        if free:
            item = free[0]
        else:
            item = RunItem(
                id=uuid7(),
                run=run,
                label=row.label,
                occurrence=len(same) + 1,
                kind=row.match,
                sample_id=row.sample_id,
                material_id=row.material_id,
                position=place if ordered else None,
            )
            same.append(item)
            fresh.append(item)
        used.add(item.pk)
        found[row.number] = item
    _copy_items(fresh)
    return found


def _close_retests(run: Run, items: Iterable[RunItem]) -> None:
    """Say of the retests that this run was built for that it has done them, as far as it reports their things."""
    if run.rerun_of_id is None:
        return
    things = {(item.sample_id, item.material_id) for item in items}
    asked = Retest.objects.select_for_update(of=("self",)).select_related("item")
    done = [
        one.pk
        for one in asked.filter(run=run.rerun_of_id, done_in=None)
        if (one.item.sample_id, one.item.material_id) in things
    ]
    Retest.objects.filter(pk__in=done).update(done_in=run)


def _copy_items(items: Sequence[RunItem]) -> None:
    """Bring new items into their table by COPY: a certificate has thousands."""
    names = ("id", "run_id", "label", "occurrence", "kind", "sample_id", "material_id", "position", "stage")
    listed = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        raw = cast("Any", cursor).cursor  # psycopg's own, which can COPY
        with raw.copy(f"COPY {RunItem._meta.db_table} ({listed}) FROM STDIN") as copy:
            for item in items:
                copy.write_row([getattr(item, name) for name in names])


def _certificate(
    upload: Upload,
    run: Run,
    reading: Reading,
    lines: Sequence[Line],
    rows: int,
    actor: User,
) -> Certificate:
    old = reissued(upload)
    if Certificate.objects.filter(run=run, sha256=upload.sha256).exists():
        raise conflict("certificate-file-once", "This file is recorded for this run.", "Look at the run.")
    return Certificate.objects.create(
        run=run,
        purpose=upload.purpose,
        number=upload.number,
        version=old.version + 1 if old else 1,
        supersedes=old,
        preliminary=reading.status == "preliminary",
        version_note=reading.version_note[:500],
        layout=reading.layout,
        profile_id=upload.profile_id,
        received_on=reading.received_on,
        finalized_on=reading.finalized_on,
        file_name=upload.file_name,
        sha256=upload.sha256,
        stated_samples=reading.stated_samples,
        rows=rows,
        determination_count=len(lines),
        digest=digest_of_lines(lines, {row.number: row.sample for row in reading.rows}),
        committed_by=actor,
    )


def _submit(run: Run, actor: User, upload: Upload) -> None:
    """Let the run wait for a review of what stands now.

    The laboratory's own QC beside results that are approved already leaves the approval: the results are the same, and
    what QC says of them is judged anew.
    """
    run.version = version_of(run)
    if upload.purpose == Purpose.QC and run.state == RunState.APPROVED:
        run.save(update_fields=["version"])
        return
    if run.state != RunState.REPORTED:
        check_transition(RUN_TRANSITIONS, RunState(run.state), RunState.REPORTED)
    run.state = RunState.REPORTED
    run.submitted_by, run.submitted_at = actor, timezone.now()
    run.save(update_fields=["state", "version", "submitted_by", "submitted_at"])
