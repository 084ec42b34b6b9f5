"""Verbs of the preview: accept what is sure at once, teach a layout once."""

from assays.catalogue.models import ReferenceMaterial
from assays.certificates import permissions  # noqa: F401  # permissions register by name
from assays.certificates.answering import match_row
from assays.certificates.holding import held_preview, held_upload
from assays.certificates.models import Upload
from assays.certificates.preview.queries import sure_rows
from assays.certificates.profiles.services import add_profile
from assays.certificates.reading.mapping import Mapping
from assays.certificates.reading.sheet import read_sheet
from assays.certificates.reading.taught import fitting
from assays.certificates.rules import UPLOAD_TRANSITIONS, Match, UploadState
from assays.certificates.services import READ
from lims import files
from lims.accounts.models import User
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from lims.work.services import request
from samples.registry.models import Sample


@verb
def accept_sure(*, actor: Actor, upload: Upload) -> int:
    """Accept every suggestion that is sure (`rules.sure`); return how many rows were settled.

    Raises `Conflict` ("transition-refused": it is no longer a preview; "nothing-sure").
    """
    permit(actor, "certificates.log", upload)
    held = held_preview(upload)
    known = Sample.objects.visible_to(actor) if isinstance(actor, User) else Sample.objects.all()
    found = sure_rows(held)
    samples = known.in_bulk([one["id"] for _, one in found if one["kind"] == Match.SAMPLE])
    materials = ReferenceMaterial.objects.in_bulk(
        [one["id"] for _, one in found if one["kind"] != Match.SAMPLE]
    )
    here = {str(pk): sample for pk, sample in samples.items()}
    there = {str(pk): material for pk, material in materials.items()}
    settled = 0
    for row, one in found:
        sample, material = here.get(one["id"]), there.get(one["id"])
        if sample is not None or material is not None:
            match_row(
                actor=actor,
                upload=held,
                number=row.number,
                match=one["kind"],
                sample=sample,
                material=material,
            )
            settled += 1
    if not settled:
        raise conflict("nothing-sure", "No suggestion is sure.", "Say of each row what it is.")
    return settled


@verb
def teach_layout(*, actor: Actor, upload: Upload, name: str, mapping: Mapping) -> Upload:
    """Keep how a plain layout is read as a profile of the laboratory that brings it in, and read the file by it.

    The next file with the same headings is read at once. A name that is known gets a further version. Raises `Invalid`
    ("headings-differ": it was said of another file) or `Conflict` ("transition-refused", "profile-same").
    """
    permit(actor, "certificates.log", upload)
    held = held_upload(upload)
    check_transition(UPLOAD_TRANSITIONS, UploadState(held.state), UploadState.WAITING)
    if fitting(read_sheet(files.get(held.sha256), name=held.file_name), [mapping]) is None:
        raise invalid("headings-differ", "These are not the headings of this file.", "Teach it again.")
    held.profile = add_profile(
        actor=actor,
        laboratory=held.kept_by,
        name=name,
        conventions=held.profile.conventions if held.profile is not None else {},
        rationale=f"Taught on {held.file_name}"[:200],
        mapping=mapping,
    )
    held.problems, held.state = [], UploadState.WAITING
    held.save(update_fields=["profile", "problems", "state"])
    request(READ, key=held.pk)
    return held
