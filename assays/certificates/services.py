"""Verbs of uploads: a certificate's file from the moment it is dropped, over its preview, to the order to commit it."""

from collections.abc import Sequence
from pathlib import PurePath

from django.utils import timezone

from assays.catalogue.models import Method, Profile
from assays.catalogue.queries import laboratory_called, profile_for
from assays.certificates import permissions  # noqa: F401  # permissions register by name
from assays.certificates.holding import held_upload
from assays.certificates.models import Upload, UploadRow
from assays.certificates.queries import good_rows, left_out, preview, seen_before
from assays.certificates.reading import Reading
from assays.certificates.rows import rows_of, understood
from assays.certificates.rules import (
    LARGEST_BYTES,
    UPLOAD_TRANSITIONS,
    Match,
    Purpose,
    UploadState,
)
from lims import files
from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind
from lims.errors import Conflict, Place, Problem, conflict, invalid
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from lims.work.services import request
from samples.registry.arguments import one_of, said

READ, COMMIT = "assays.read_upload", "assays.commit_upload"


@verb
def upload_certificate(
    *,
    actor: Actor,
    kept_by: Organisation,
    name: str,
    content: bytes,
    profile: Profile | None = None,
    method: Method | None = None,
) -> Upload:
    """Keep a certificate's file and have a worker read it; nothing of it counts before it is committed.

    Raises `Invalid` ("file-empty", "file-too-large") or `Conflict` ("upload-file-once": the same file before; the
    problem's `upload` is the id of the first).
    """
    permit(actor, "certificates.log", kept_by)
    assert isinstance(actor, User)
    if not content:
        raise invalid("file-empty", "The file is empty.", "Save it again and upload that.", field="file")
    if len(content) > LARGEST_BYTES:
        raise invalid("file-too-large", "The file is over 25 MB.", "Split it.", field="file")
    sha256 = files.put(content)
    twin = seen_before(kept_by, sha256)
    if twin is not None:
        raise Conflict(
            Problem(
                "upload-file-once",
                f"This file was uploaded before, as {twin.file_name}.",
                "Look at that one.",
                Place(field="file"),
                {"upload": str(twin.pk)},
            )
        )
    made = Upload.objects.create(
        kept_by=kept_by,
        file_name=PurePath(name).name[:200] or "certificate",
        sha256=sha256,
        profile=profile,
        method=method,
        uploaded_by=actor,
    )
    request(READ, key=made.pk)
    return made


def _move(held: Upload, after: UploadState, *fields: str) -> None:
    check_transition(UPLOAD_TRANSITIONS, UploadState(held.state), after)
    held.state = after
    held.save(update_fields=["state", *fields])


@verb
def keep_reading(*, actor: Actor, upload: Upload, reading: Reading, profile: Profile | None = None) -> Upload:
    """Keep what was understood of an upload's file (by `profile`): what each row was found to be, what is wrong with it."""
    permit(actor, "certificates.log", upload)
    held = held_upload(upload)
    held.profile = profile or held.profile
    held.understood = understood(reading, held.method)
    if held.laboratory is None:
        held.laboratory = laboratory_called(reading.laboratory)
    number = reading.certificate.strip()
    if not held.number:
        of_qc = number.upper().startswith("QC")
        held.purpose = Purpose.QC if of_qc else held.purpose
        held.number = (number[2:].lstrip(" _-") if of_qc else number)[:60]
    UploadRow.objects.filter(upload=held).delete()
    rows, findings = rows_of(held, reading)
    UploadRow.objects.bulk_create(rows, batch_size=1000)
    held.findings = findings
    found = {row.match for row in rows}
    if found & {Match.CRM, Match.BLANK} and not found & {Match.SAMPLE, Match.UNMATCHED}:
        held.purpose = Purpose.QC
    _move(held, UploadState.READ, "understood", "laboratory", "number", "purpose", "findings", "profile")
    return held


@verb
def refuse_upload(*, actor: Actor, upload: Upload, problems: Sequence[Problem]) -> Upload:
    """Say why an upload's file cannot be read; the file stays, and may be read again with another profile."""
    permit(actor, "certificates.log", upload)
    held = held_upload(upload)
    held.problems = [problem.as_dict() for problem in problems]
    _move(held, UploadState.REFUSED, "problems")
    return held


@verb
def describe_upload(
    *,
    actor: Actor,
    upload: Upload,
    laboratory: Organisation | None,
    number: str,
    purpose: str,
    profile: Profile | None = None,
    method: Method | None = None,
) -> Upload:
    """Say what the file itself does not: who issued it, its number, what it is for, profile, method.

    Another laboratory, profile or method reads the file again. Raises `Invalid` ("not-a-laboratory", "choice-unknown", …) or
    `Conflict` ("transition-refused").
    """
    permit(actor, "certificates.log", upload)
    held = held_upload(upload)
    if laboratory is not None and laboratory.kind != OrganisationKind.LABORATORY:
        raise invalid(
            "not-a-laboratory", f"{laboratory} is no laboratory.", "Choose one.", field="laboratory"
        )
    said_before = (held.laboratory_id, held.profile_id, held.method_id)
    if profile is None and held.laboratory is None and laboratory is not None:
        # Nobody could choose among its profiles before it was known whose file it is.
        profile = profile_for(laboratory, timezone.localdate(held.uploaded_at), method)
    held.laboratory, held.profile, held.method = laboratory, profile, method
    held.number = said(number, field="number", most=60)
    held.purpose = one_of(Purpose, purpose, field="purpose")
    told = ["laboratory", "profile", "method", "number", "purpose"]
    # Another laboratory has other methods; another profile means other things by a cell.
    again = said_before != (held.laboratory_id, held.profile_id, held.method_id)
    if again or held.state == UploadState.REFUSED:
        held.problems = []
        _move(held, UploadState.WAITING, *told, "problems")
        request(READ, key=held.pk)
        return held
    if held.state != UploadState.READ:
        raise conflict(
            "transition-refused",
            f"{held} is {held.state.lower()}.",
            "Only a file in preview can be described.",
            field="state",
        )
    held.save(update_fields=told)
    return held


@verb
def commit_upload(
    *, actor: Actor, upload: Upload, leave_out: Sequence[int] = (), accept: bool = False
) -> Upload:
    """Have a worker commit the good rows of an upload, except those numbered in `leave_out`: all of them or none.

    `accept` says that what is wrong with the file as a whole was read and is accepted. Raises `Invalid`
    ("laboratory-unknown", "number-missing") or `Conflict` ("upload-nothing-good", "upload-has-errors", …).
    """
    permit(actor, "certificates.log", upload)
    assert isinstance(actor, User)
    held = held_upload(upload)
    check_transition(UPLOAD_TRANSITIONS, UploadState(held.state), UploadState.COMMITTING)
    if held.laboratory is None:
        raise invalid("laboratory-unknown", "Who issued it?", "Choose the laboratory.", field="laboratory")
    if not held.number:
        raise invalid("number-missing", "It has no number.", "Say the job's number.", field="number")
    held.understood = held.understood | {
        "left_out": sorted({*left_out(held), *leave_out}),
        "accepted": accept,
    }
    seen = preview(held)
    if not good_rows(held).exists():
        raise conflict(
            "upload-nothing-good", "No row of this file can be committed.", "Match or correct its rows first."
        )
    if seen.errors and not accept:
        raise conflict(
            "upload-has-errors",
            " ".join(str(error["message"]) for error in seen.errors),
            "Read them; commit with “accept” if the rows are right all the same.",
            field="accept",
        )
    held.committed_by = actor
    held.problems = []
    _move(held, UploadState.COMMITTING, "committed_by", "understood", "problems")
    request(COMMIT, key=held.pk)
    return held


@verb
def return_upload(*, actor: Actor, upload: Upload, problems: Sequence[Problem]) -> Upload:
    """Bring an upload back to its preview when it could not be committed, with what was wrong."""
    permit(actor, "certificates.log", upload)
    held = held_upload(upload)
    held.problems = [problem.as_dict() for problem in problems]
    _move(held, UploadState.READ, "problems")
    return held


@verb
def discard_upload(*, actor: Actor, upload: Upload) -> Upload:
    """Put an upload away; its file stays. Raises `Conflict` ("transition-refused")."""
    permit(actor, "certificates.log", upload)
    held = held_upload(upload)
    _move(held, UploadState.DISCARDED)
    return held
