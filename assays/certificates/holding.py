"""Uploads held for a change: two people in one preview wait for each other."""

from assays.certificates.models import Upload
from assays.certificates.rules import UploadState
from lims.errors import conflict


def held_upload(upload: Upload) -> Upload:
    """Return an upload as it stands now, held until the end of the transaction."""
    rows = Upload.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("kept_by", "laboratory", "profile", "method", "committed_by").get(pk=upload.pk)


def held_preview(upload: Upload) -> Upload:
    """Return an upload held in its preview. Raises `Conflict` ("transition-refused")."""
    held = held_upload(upload)
    if held.state != UploadState.READ:
        raise conflict("transition-refused", f"{held} is no longer a preview.", "Look at what became of it.")
    return held
