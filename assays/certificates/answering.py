"""Verbs about one row of an upload: what it is, and whether it is committed."""

from assays.catalogue.models import ReferenceMaterial
from assays.certificates import permissions  # noqa: F401  # permissions register by name
from assays.certificates.holding import held_preview
from assays.certificates.models import LabelMapping, Upload, UploadRow
from assays.certificates.queries import left_out
from assays.certificates.rules import Match
from lims.accounts.models import User
from lims.errors import NotFound, Place, Problem, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry.arguments import one_of
from samples.registry.models import Sample


@verb
def match_row(
    *,
    actor: Actor,
    upload: Upload,
    number: int,
    match: str,
    sample: Sample | None = None,
    material: ReferenceMaterial | None = None,
) -> UploadRow:
    """Say what a row of an upload is: a sample, a duplicate of one, a reference material, a blank, or nothing of ours.

    Raises `NotFound` ("row-unknown"), `Invalid` ("match-incomplete", "sample-not-tested") or `Conflict`.
    """
    permit(actor, "certificates.log", upload)
    held = held_preview(upload)
    row = UploadRow.objects.select_for_update().filter(upload=held, number=number).first()
    if row is None:
        raise NotFound(
            Problem("row-unknown", f"There is no row {number}.", "Look again.", Place(field="row"))
        )
    what = one_of(Match, match, field="match")
    _check_match(actor, what, sample, material)
    row.match, row.sample, row.material, row.mapped = what, sample, material, True
    answered = {"id-unmatched", "id-ambiguous", "duplicate-id"}
    row.problems = [problem for problem in row.problems if problem["code"] not in answered]
    row.save(update_fields=["match", "sample", "material", "mapped", "problems"])
    if material is not None or sample is not None:
        LabelMapping.objects.update_or_create(
            kept_by=held.kept_by,
            label=row.label,
            defaults={"match": what, "material": material, "sample": sample},
        )
    return row


def _check_match(
    actor: Actor, what: Match, sample: Sample | None, material: ReferenceMaterial | None
) -> None:
    needs_sample, needs_material = what in {Match.SAMPLE, Match.DUPLICATE}, what in {Match.CRM, Match.BLANK}
    fits = (sample is not None) == needs_sample and (material is not None) == needs_material
    if not fits or what == Match.UNMATCHED or (material is not None and material.kind != what):
        raise invalid(
            "match-incomplete",
            "It is not said which one it is.",
            "Name the sample, or the reference material of that kind.",
            field="match",
        )
    known = Sample.objects.visible_to(actor) if isinstance(actor, User) else Sample.objects
    if sample is not None and not known.filter(pk=sample.pk).exists():
        raise invalid("sample-not-tested", "This laboratory does not test that sample.", field="sample")


@verb
def leave_row(*, actor: Actor, upload: Upload, number: int, leave: bool) -> Upload:
    """Leave a good row out of the commit, or take it in again; the file and its preview stay as they are.

    Raises `NotFound` ("row-unknown") or `Conflict` ("transition-refused").
    """
    permit(actor, "certificates.log", upload)
    held = held_preview(upload)
    if not UploadRow.objects.filter(upload=held, number=number).exists():
        raise NotFound(
            Problem("row-unknown", f"There is no row {number}.", "Look again.", Place(field="row"))
        )
    left = set(left_out(held)) - {number} | ({number} if leave else set())
    held.understood = held.understood | {"left_out": sorted(left)}
    held.save(update_fields=["understood"])
    return held
