"""How a certificate comes into the record: items of its run, then its determinations by COPY over a staging table."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, cast

from django.db import connection
from django.utils import timezone

from assays.certificates.digests import digest_of_rows
from assays.certificates.models import Certificate, Determination, Upload, UploadRow
from assays.certificates.queries import good_rows, reissued, version_of
from assays.certificates.reading import Determination as Read
from assays.certificates.reading import Reading, limit_ppm
from assays.certificates.rules import UPLOAD_TRANSITIONS, Purpose, UploadState
from assays.runs.models import Run, RunItem
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
Tell = Callable[[int, int], None]
#: columns of a determination as they are copied; its digest is over the same, with the label instead of the item
COLUMNS: Final = (
    "certificate_id",
    "item_id",
    "sample_id",
    "analyte",
    "form",
    "oxide",
    "method_code",
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
#: determinations copied between two looks at the clock
CHUNK: Final = 5000


@verb
def record_certificate(*, actor: Actor, upload: Upload, reading: Reading, tell: Tell) -> Certificate:
    """Commit the chosen rows of an upload as one version of a certificate; what it supersedes stays.

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
    run = _run(held)
    before = batches_in(run)
    items = _items(run, rows, ordered=held.purpose == Purpose.RESULTS)
    default = held.method.code if held.method is not None else ""
    chosen = [one for one in reading.determinations if one.row in items]
    certificate = _certificate(held, run, reading, chosen, len(rows), actor, default)
    _copy(certificate, chosen, items, default, tell)
    _submit(run, actor, held)
    held.certificate, held.state = certificate, UploadState.COMMITTED
    held.save(update_fields=["certificate", "state"])
    request(EVALUATE, key=run.pk)
    for batch in sorted({*before, *batches_in(run)}):
        request(DECIDE, key=batch)
    return certificate


def _run(upload: Upload) -> Run:
    """Return the run that the certificate reports, locked; the first certificate of a job makes it."""
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
        known.setdefault(item.label, []).append(item)
    used: set[Any] = set()
    found: dict[int, RunItem] = {}
    fresh = []
    for place, row in enumerate(rows, 1):
        same = known.setdefault(row.label, [])
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
    chosen: Sequence[Read],
    rows: int,
    actor: User,
    default_method: str,
) -> Certificate:
    old = reissued(upload)
    if Certificate.objects.filter(run=run, sha256=upload.sha256).exists():
        raise conflict("certificate-file-once", "This file is recorded for this run.", "Look at the run.")
    labels = {row.number: row.sample for row in reading.rows}
    digest = digest_of_rows(
        (labels[one.row], *_values(one, default_method)) for one in sorted(chosen, key=_place)
    )
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
        determination_count=len(chosen),
        digest=digest,
        committed_by=actor,
    )


def _place(one: Read) -> tuple[int, int]:
    return one.place


def _values(one: Read, default_method: str) -> tuple[Any, ...]:
    """Return what is kept of a determination beside what it belongs to, in the order of `COLUMNS`."""
    return (
        one.analyte,
        one.form or "",
        one.oxide or "",
        one.method or default_method,
        one.raw,
        one.qualifier,
        one.value,
        one.limit,
        one.unit,
        one.ppm,
        limit_ppm(one),
        *one.place,
    )


def _lines(
    certificate: Certificate,
    chosen: Sequence[Read],
    items: Mapping[int, RunItem],
    default_method: str,
    tell: Tell,
) -> Iterator[tuple[Any, ...]]:
    for number, one in enumerate(chosen):
        if number % CHUNK == 0:
            tell(number, len(chosen))
        item = items[one.row]
        yield (certificate.pk, item.pk, item.sample_id, *_values(one, default_method))


def _copy(
    certificate: Certificate,
    chosen: Sequence[Read],
    items: Mapping[int, RunItem],
    default_method: str,
    tell: Tell,
) -> None:
    """Bring the determinations into a temporary table by COPY, then into theirs, all in this transaction."""
    table = Determination._meta.db_table
    names = ", ".join(f'"{name}"' for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMPORARY TABLE staged ON COMMIT DROP AS SELECT {names} FROM {table} WITH NO DATA"  # noqa: S608
        )
        raw = cast("Any", cursor).cursor  # psycopg's own, which can COPY
        with raw.copy(f"COPY staged ({names}) FROM STDIN") as copy:
            for line in _lines(certificate, chosen, items, default_method, tell):
                copy.write_row(line)
        cursor.execute(
            f'INSERT INTO {table} ({names}) SELECT {names} FROM staged ORDER BY "row", "column"'  # noqa: S608
        )
        # A second certificate in the same transaction would find the name taken.
        cursor.execute("DROP TABLE staged")


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
