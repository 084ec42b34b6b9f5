"""Due work of certificates: reading uploads and committing them."""

from assays.certificates.models import Upload
from assays.certificates.preview.layouts import fitting_profile, issuers_profile, read_by
from assays.certificates.reading import Reading
from assays.certificates.recording import record_certificate
from assays.certificates.rules import UploadState
from assays.certificates.services import COMMIT, READ, keep_reading, refuse_upload, return_upload
from lims import files
from lims.errors import DomainError
from lims.work import progress
from lims.work.handlers import Held, handler


def _waiting(claim: Held, state: UploadState) -> Upload | None:
    """Return the upload of this claim, if it still waits for this work."""
    known = Upload.objects.select_related("kept_by", "laboratory", "profile", "method", "committed_by")
    return known.filter(pk=claim.key, state=state).first()


def _read(upload: Upload) -> Reading:
    # By the profile that the preview was read by: what is taught meanwhile changes nothing that was looked at.
    return read_by(upload.profile, files.get(upload.sha256), upload.file_name)


@handler(READ, queue="import", lease_s=120)
def read_upload(claim: Held) -> None:
    """Read a certificate's file and show it as a preview, or say why it cannot be read."""
    found = _waiting(claim, UploadState.WAITING)
    if found is None:
        return
    progress.tell(READ, claim.key, done=0, total=1, doing="Reading the file")
    try:
        content = files.get(found.sha256)
        profile = found.profile or fitting_profile(found, content)
        reading = read_by(profile, content, found.file_name)
        if profile is None and found.laboratory is None:
            # Only now is it known whose file it is; somebody who has said whose has said by what to read it, too.
            profile = issuers_profile(found, reading)
            reading = read_by(profile, content, found.file_name) if profile is not None else reading
    except DomainError as error:
        with claim.last_transaction():
            refuse_upload(actor=claim.actor, upload=found, problems=error.problems)
        return
    rows = len(reading.rows)
    progress.tell(READ, claim.key, done=rows, total=rows, doing="Comparing with the record")
    with claim.last_transaction():
        keep_reading(actor=claim.actor, upload=found, reading=reading, profile=profile)


@handler(COMMIT, queue="import", lease_s=600)
def commit_upload(claim: Held) -> None:
    """Commit the chosen rows in the name of whoever ordered it, or go back to the preview with what is wrong."""
    found = _waiting(claim, UploadState.COMMITTING)
    if found is None or found.committed_by is None:
        return

    def tell(done: int, total: int) -> None:
        progress.tell(COMMIT, claim.key, done=done, total=total, doing="Committing values")

    try:
        with claim.last_transaction():
            record_certificate(actor=found.committed_by, upload=found, reading=_read(found), tell=tell)
    except DomainError as error:
        # Nothing of it stands: the transaction above was rolled back, and the claim is still ours.
        with claim.last_transaction():
            return_upload(actor=claim.actor, upload=found, problems=error.problems)
