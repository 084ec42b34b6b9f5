"""Verbs of lists: a file with many samples, from upload over preview to the record, all or nothing."""

from collections.abc import Callable, Sequence
from pathlib import PurePath

from lims import files
from lims.accounts.models import User
from lims.errors import Conflict, Place, Problem, conflict, invalid
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from lims.work.services import request
from samples.registry.drafts import Draft
from samples.registry.list_rows import draft_of, problems_by_row, record_problems, row_of
from samples.registry.models import Batch, ListRow, SampleList
from samples.registry.readers import ReadRow
from samples.registry.rules import LIST_TRANSITIONS, BatchState, ListState
from samples.registry.sample_services import register_samples
from samples.registry.tables import LARGEST_BYTES, Table

READ, COMMIT = "samples.read_list", "samples.commit_list"
#: rows that are registered, and told about, at once
CHUNK = 500


@verb
def upload_list(*, actor: Actor, batch: Batch, name: str, content: bytes) -> SampleList:
    """Keep a file with samples of `batch` and have a worker read it.

    Raises `Invalid` ("file-empty", "file-too-large") or `Conflict` ("batch-closed", "list-file-once": the same file for
    the same batch; the problem's `list` is the id of the first).
    """
    permit(actor, "registry.register", batch)
    if not content:
        raise invalid("file-empty", "The file is empty.", "Save it again and upload that.", field="file")
    if len(content) > LARGEST_BYTES:
        raise invalid("file-too-large", "The file is over 10 MB.", "Split it.", field="file")
    if batch.state != BatchState.OPEN:
        raise conflict(
            "batch-closed", f"{batch} is closed.", "Open it again, or use another batch.", field="batch"
        )
    sha256 = files.put(content)
    twin = (
        SampleList.objects.filter(batch=batch, sha256=sha256)
        .exclude(state__in=[ListState.DISCARDED, ListState.REFUSED])
        .first()
    )
    if twin is not None:
        message = f"This file was uploaded for {batch} before, as {twin.file_name}."
        raise Conflict(
            Problem(
                "list-file-once", message, "Look at that one.", Place(field="file"), {"list": str(twin.pk)}
            )
        )
    made = SampleList.objects.create(
        batch=batch, file_name=PurePath(name).name[:200] or "list", sha256=sha256, uploaded_by=_user(actor)
    )
    request(READ, key=made.pk)
    return made


def _user(actor: Actor) -> User:
    assert isinstance(actor, User)
    return actor


def _held(sample_list: SampleList) -> SampleList:
    held = SampleList.objects.select_for_update(of=("self",))
    return held.select_related("batch__owner", "committed_by").get(pk=sample_list.pk)


def _move(held: SampleList, after: ListState, *fields: str) -> None:
    check_transition(LIST_TRANSITIONS, ListState(held.state), after)
    held.state = after
    held.save(update_fields=["state", *fields])


@verb
def keep_reading(
    *, actor: Actor, sample_list: SampleList, table: Table, rows: Sequence[ReadRow]
) -> SampleList:
    """Keep what was understood of a list's file, each row with what is wrong with it; nothing is registered yet."""
    permit(actor, "registry.register", sample_list.batch)
    held = _held(sample_list)
    record_problems(held.batch, rows, held.uploaded_by)
    ListRow.objects.bulk_create([row_of(held, row) for row in rows], batch_size=1000)
    held.rows_read, held.rows_good = len(rows), sum(not row.problems for row in rows)
    held.understood = {"headings": table.headings, "notes": table.notes}
    _move(held, ListState.READ, "rows_read", "rows_good", "understood")
    return held


@verb
def refuse_list(*, actor: Actor, sample_list: SampleList, problems: Sequence[Problem]) -> SampleList:
    """Say what is wrong with a list's file as a whole; the same file may be uploaded again."""
    permit(actor, "registry.register", sample_list.batch)
    held = _held(sample_list)
    held.problems = [problem.as_dict() for problem in problems]
    _move(held, ListState.REFUSED, "problems")
    return held


@verb
def commit_list(*, actor: Actor, sample_list: SampleList, leave_out: Sequence[int] = ()) -> SampleList:
    """Have a worker register the good rows of a list, except those numbered in `leave_out`: all of them or none.

    Raises `Conflict` ("transition-refused", "list-nothing-good").
    """
    permit(actor, "registry.register", sample_list.batch)
    held = _held(sample_list)
    good = ListRow.objects.filter(sample_list=held, problems=[]).exclude(number__in=leave_out).count()
    check_transition(LIST_TRANSITIONS, ListState(held.state), ListState.COMMITTING)
    if not good:
        raise conflict(
            "list-nothing-good",
            "No row of this list can be registered.",
            "Download the bad rows and correct them.",
        )
    held.committed_by = _user(actor)
    held.understood = held.understood | {"left_out": sorted(leave_out)}
    _move(held, ListState.COMMITTING, "committed_by", "understood")
    request(COMMIT, key=held.pk)
    return held


@verb
def register_list(*, actor: Actor, sample_list: SampleList, tell: Callable[[int, int], None]) -> SampleList:
    """Register the good rows of a list, all or none. Raises as `register_samples`, with the rows' numbers."""
    permit(actor, "registry.register", sample_list.batch)
    held = _held(sample_list)
    check_transition(LIST_TRANSITIONS, ListState(held.state), ListState.COMMITTED)
    good = ListRow.objects.filter(sample_list=held, problems=[]).exclude(
        number__in=held.understood.get("left_out", [])
    )
    rows = list(good.order_by("number"))
    for start in range(0, len(rows), CHUNK):
        tell(start, len(rows))
        chunk = rows[start : start + CHUNK]
        drafts: list[Draft] = [draft_of(row.values, row.number) for row in chunk]
        for row, sample in zip(
            chunk, register_samples(actor=actor, batch=held.batch, drafts=drafts), strict=True
        ):
            row.sample = sample
        ListRow.objects.bulk_update(chunk, ["sample"])
    held.rows_committed = len(rows)
    _move(held, ListState.COMMITTED, "rows_committed")
    return held


@verb
def return_list(*, actor: Actor, sample_list: SampleList, problems: Sequence[Problem]) -> SampleList:
    """Bring a list back to its preview when the record changed under it; the rows say what is wrong now."""
    permit(actor, "registry.register", sample_list.batch)
    held = _held(sample_list)
    by_row = problems_by_row(problems)
    rows = list(
        ListRow.objects.filter(
            sample_list=held, number__in=[number for number in by_row if number is not None]
        )
    )
    for row in rows:
        row.problems = [problem.as_dict() for problem in by_row[row.number]]
    ListRow.objects.bulk_update(rows, ["problems"])
    held.rows_good = ListRow.objects.filter(sample_list=held, problems=[]).count()
    held.problems = [problem.as_dict() for problem in by_row.get(None, [])]
    _move(held, ListState.READ, "rows_good", "problems")
    return held


@verb
def discard_list(*, actor: Actor, sample_list: SampleList) -> SampleList:
    """Put a list away; its file stays. Raises `Conflict` ("transition-refused")."""
    permit(actor, "registry.register", sample_list.batch)
    held = _held(sample_list)
    _move(held, ListState.DISCARDED)
    return held
