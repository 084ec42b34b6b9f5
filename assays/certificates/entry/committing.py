"""How typed results become a certificate: a file made of them, kept and recorded as any other, with its digest."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from django.utils import timezone

from assays.certificates.entry.holding import open_held
from assays.certificates.entry.queries import State, conventions_of, method_of, whole_state
from assays.certificates.entry.rules import LABELS, LAYOUT, as_csv
from assays.certificates.models import Certificate, Grid, Upload, UploadRow
from assays.certificates.queries import seen_before
from assays.certificates.reading import Finding, Reading, read
from assays.certificates.recording import record_certificate
from assays.certificates.rows import understood
from assays.certificates.rules import Purpose, UploadState
from assays.runs.models import RunItem
from lims import files
from lims.accounts.models import User
from lims.errors import Invalid, Place, Problem, conflict
from lims.permits import permit
from lims.verbs import Actor, verb

#: cells that a refusal names, at most
MOST_NAMED: Final = 20


@verb
def submit_grid(*, actor: Actor, grid: Grid, version: int) -> Certificate:
    """Commit typed results as the next version of the run's certificate: a file is made of them, and the run waits for review.

    Items without any value are not in it, nor are columns without one. `version` is that of the grid as it was read.
    Raises `Conflict` ("grid-closed", "grid-changed", "certificate-file-once", "transition-refused", "grid-another-run",
    "grid-not-readable") or `Invalid`
    ("grid-empty", or what is wrong with each cell).
    """
    permit(actor, "certificates.log", grid.run)
    assert isinstance(actor, User)
    held = open_held(grid)
    if held.version != version:
        message = f"Somebody has typed in {held.run} since you looked."
        raise conflict("grid-changed", message, "Look at what stands now, then submit that.", field="version")
    state = whole_state(held)
    _refuse_errors(state)
    items, reading, content = _read_back(state, actor)
    upload = _upload(state, actor, reading, content)
    UploadRow.objects.bulk_create(_rows(upload, items, reading), batch_size=1000)
    # By their labels alone, two bottles of one name could change places.
    known = {row.number: item for row, item in zip(reading.rows, items, strict=True)}
    certificate = record_certificate(
        actor=actor, upload=upload, reading=reading, tell=lambda _done, _total: None, items=known
    )
    if certificate.run_id != held.run_id:
        message = f"Items of {held.run} are labelled as codes of {certificate.run}."
        raise conflict("grid-another-run", message, "Bring these results in as a file.")
    held.upload = upload
    held.save(update_fields=["upload"])
    return certificate


def _refuse_errors(state: State) -> None:
    """Raise `Invalid` with what is wrong in each cell, the first twenty."""
    labels = {line.item.pk: (number, line.item.label) for number, line in enumerate(state.rows, 1)}
    problems = []
    for one in state.cells:
        number, label = labels[one.cell.item_id]
        symbol = state.columns[one.cell.column].symbol
        for note in one.look.notes:
            if note.severity == "error":
                place = Place(row=number, column=symbol)
                message = f"{label}, {symbol}: {note.message}"
                problems.append(Problem(note.code, message, note.remedy, place))
    if problems:
        raise Invalid(*problems[:MOST_NAMED])


def _read_back(state: State, actor: User) -> tuple[list[RunItem], Reading, bytes]:
    """Return the items that have values, what their file says, and the file: it is read as any other, and must say the same."""
    texts = {(one.cell.item_id, one.cell.column): one.cell.raw for one in state.cells if one.cell.raw}
    columns = sorted({column for _, column in texts})
    filled = {item for item, _ in texts}
    items = [line.item for line in state.rows if line.item.pk in filled]
    if not items:
        message = "Nothing is typed yet."
        raise Invalid(Problem("grid-empty", message, "Type the results first.", Place(field="cells")))
    method = method_of(state.grid)
    default = method.code if method is not None else ""
    heads = [LABELS, *(state.columns[at].heading(default) for at in columns)]
    rows = [[item.label, *(texts.get((item.pk, at), "") for at in columns)] for item in items]
    content = as_csv(_preamble(state, actor, default), heads, rows)
    reading = read(content, name=_name(state.grid), profile=conventions_of(state.profile))
    said = [(c.analyte, c.oxide or "", c.unit, c.method) for c in reading.columns]
    meant = [
        (c.analyte, c.oxide, c.unit, "" if c.method.casefold() == default.casefold() else c.method)
        for c in (state.columns[at] for at in columns)
    ]
    if said != meant or [list(row.cells) for row in reading.rows] != rows:
        message = "The file made of these results does not say the same as the grid."
        remedy = "Look at how the method's analytes and units are written in the catalogue."
        raise conflict("grid-not-readable", message, remedy)
    _refuse(one for one in reading.findings if one.code != "duplicate-id")
    reading.layout = LAYOUT
    reading.why = f"Typed at the bench; {actor.name} submitted it."
    reading.certificate, reading.finalized_on = state.grid.run.number, timezone.localdate()
    return items, reading, content


def _refuse(findings: Iterable[Finding]) -> None:
    """Raise `Invalid` with what the reader of the file holds for wrong; the grid's own checks have found it before."""
    wrong = [Problem(one.code, one.message, one.remedy) for one in findings if one.severity == "error"]
    if wrong:
        raise Invalid(*wrong[:MOST_NAMED])


def _name(grid: Grid) -> str:
    return f"{grid.run.number} typed at the bench {grid.version}.csv"


def _preamble(state: State, actor: User, method: str) -> list[tuple[str, str]]:
    grid = state.grid
    typists = sorted({one.cell.changed_by.name for one in state.cells if one.cell.raw})
    told = [
        ("Job", grid.run.number),
        ("Laboratory", grid.run.laboratory.name),
        ("Method", method),
        ("Typed at the bench by", "; ".join(typists)),
        ("Submitted by", actor.name),
        ("Grid", f"{grid.pk} version {grid.version}"),
    ]
    return [(what, text) for what, text in told if text]


def _upload(state: State, actor: User, reading: Reading, content: bytes) -> Upload:
    grid = state.grid
    sha256 = files.put(content)
    if seen_before(grid.run.kept_by, sha256) is not None:
        message = "The very same results were submitted before."
        raise conflict("certificate-file-once", message, "Look at the run.")
    method = method_of(grid)
    return Upload.objects.create(
        kept_by=grid.run.kept_by,
        file_name=_name(grid)[:200],
        sha256=sha256,
        state=UploadState.COMMITTING,
        purpose=Purpose.RESULTS,
        laboratory=grid.run.laboratory,
        number=grid.run.number,
        method=method,
        profile=state.profile,
        understood=understood(reading, method) | {"left_out": [], "accepted": True},
        findings=[_finding(one) for one in reading.findings if one.severity != "error"],
        uploaded_by=actor,
        committed_by=actor,
    )


def _finding(one: Any) -> dict[str, Any]:
    return {name: getattr(one, name) for name in ("severity", "code", "row", "column", "message", "remedy")}


def _rows(upload: Upload, items: Sequence[RunItem], reading: Reading) -> Iterator[UploadRow]:
    """Yield the rows of the file: nobody has to say what each is, the rack knows."""
    marks: dict[int, dict[int, str]] = defaultdict(dict)
    for one in reading.determinations:
        marks[one.row][one.column] = one.qualifier
    for item, row in zip(items, reading.rows, strict=True):
        yield UploadRow(
            upload=upload,
            number=row.number,
            label=row.sample,
            cells=list(row.cells),
            marks=[marks[row.number].get(at, "") for at in range(1, len(row.cells) + 1)],
            match=item.kind,
            sample=item.sample,
            material=item.material,
            mapped=True,
        )
