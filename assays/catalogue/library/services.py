"""Verbs of the library: a lot is retired, its maker's certificate kept, certified values brought in from a file."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from assays.catalogue import permissions  # noqa: F401  # permissions register by name
from assays.catalogue.library.values import ValueRow
from assays.catalogue.models import CertifiedValue, ReferenceMaterial
from assays.catalogue.services import add_material
from lims import files
from lims.errors import DomainError, Place, Problem, conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody.papers.rules import LARGEST_SCAN_BYTES, scan_type
from samples.registry.arguments import bounded, said


@verb
def retire_lot(*, actor: Actor, material: ReferenceMaterial, on: date, reason: str) -> ReferenceMaterial:
    """End the use of a lot from a day on, with the reason; what was measured with it stays as it is.

    Raises `Conflict` ("lot-retired").
    """
    permit(actor, "catalogue.manage")
    held = ReferenceMaterial.objects.select_for_update().get(pk=material.pk)
    if held.retired_on is not None:
        raise conflict("lot-retired", f"This lot was retired on {held.retired_on}.", "Look at its reason.")
    held.retired_on, held.retired_reason = on, said(reason, field="reason", most=500)
    held.save(update_fields=["retired_on", "retired_reason"])
    return held


@verb
def keep_certificate(
    *, actor: Actor, material: ReferenceMaterial, name: str, content: bytes, certificate: str = ""
) -> ReferenceMaterial:
    """Keep the maker's certificate of a lot: PDF, JPEG or PNG by its content, at most 10 MB; a later one takes its place.

    The record keeps the SHA-256 of every one, and the store its file. Raises `Invalid` ("file-empty",
    "file-too-large", "file-unreadable").
    """
    permit(actor, "catalogue.manage")
    if not content:
        raise invalid("file-empty", "The file is empty.", "Choose another.", field="file")
    if len(content) > LARGEST_SCAN_BYTES:
        raise invalid("file-too-large", "The file is over 10 MB.", "Make it smaller.", field="file")
    if scan_type(content) is None:
        raise invalid("file-unreadable", "This is no PDF, JPEG or PNG.", "Send one of these.", field="file")
    held = ReferenceMaterial.objects.select_for_update().get(pk=material.pk)
    plain = "".join(sign for sign in name if sign.isprintable() and sign not in '/\\:*?"<>|')
    held.file_sha256, held.file_name = files.put(content), said(plain or "file", field="file", most=200)
    held.certificate = bounded(certificate.strip(), field="certificate", most=100) or held.certificate
    held.save(update_fields=["file_sha256", "file_name", "certificate"])
    return held


@dataclass(frozen=True, slots=True)
class Imported:
    """What a file brought in: lots that are new, values kept, and the rows that could not be kept, each with why."""

    lots: int
    values: int
    problems: tuple[Problem, ...]


@verb
def import_values(*, actor: Actor, rows: Iterable[ValueRow]) -> Imported:
    """Keep certified values from a file, with the lots that are new; rows that cannot be kept are named, not kept.

    A value that is there already with the same numbers is left as it is. Problems: "lot-unknown" (a new lot without
    maker and description), "value-differs" (certified before with other numbers), "material-kind-differs", and what
    `add_material` refuses.
    """
    permit(actor, "catalogue.manage")
    known = {
        (one.code.casefold(), one.lot.casefold()): one for one in ReferenceMaterial.objects.order_by("pk")
    }
    standing = {
        (one.material_id, one.analyte, one.oxide, one.basis): one for one in CertifiedValue.objects.all()
    }
    problems: list[Problem] = []
    fresh: list[CertifiedValue] = []
    lots = 0
    for row in rows:
        material = known.get(row.of_lot)
        if material is None:
            made = _new_lot(actor, row)
            if isinstance(made, Problem):
                problems.append(made)
                continue
            material = known[row.of_lot] = made
            lots += 1
        problem = _differs(row, material, standing.get((material.pk, row.analyte, row.oxide, row.basis)))
        if problem is not None:
            problems.append(problem)
        elif (material.pk, row.analyte, row.oxide, row.basis) not in standing:
            fresh.append(_value(row, material))
    CertifiedValue.objects.bulk_create(fresh)
    return Imported(lots, len(fresh), tuple(problems))


def _new_lot(actor: Actor, row: ValueRow) -> ReferenceMaterial | Problem:
    if not row.maker or not row.description:
        lot = f", lot {row.lot}" if row.lot else ""
        return Problem(
            "lot-unknown",
            f"{row.code}{lot} is not in the library.",
            "Write its maker and description, and it is added.",
            Place(row=row.row, column="code"),
        )
    try:
        made = add_material(
            actor=actor,
            code=row.code,
            kind=row.kind,
            description=row.description,
            maker=row.maker,
            lot=row.lot,
            expires_on=row.expires_on,
        )
    except DomainError as error:
        problem = error.problems[0]
        return replace(problem, place=Place(row=row.row, column="code"))
    if row.certificate:
        made.certificate = bounded(row.certificate, field="certificate", most=100)
        made.save(update_fields=["certificate"])
    return made


def _differs(row: ValueRow, material: ReferenceMaterial, kept: CertifiedValue | None) -> Problem | None:
    """Return why a row contradicts what is kept; None when it does not."""
    if material.kind != row.kind:
        return Problem(
            "material-kind-differs",
            f"{material} is a {material.get_kind_display().lower()} here.",
            "Give it another code, or correct the row.",
            Place(row=row.row, column="kind"),
        )
    numbers = (row.value_ppm, row.sd_ppm, row.u95_ppm)
    if kept is not None and (kept.value_ppm, kept.sd_ppm, kept.u95_ppm) != numbers:
        return Problem(
            "value-differs",
            f"{kept} is certified with {kept.value_ppm.normalize():f} ppm here, not {row.value_ppm.normalize():f}.",
            "A corrected certificate is a new lot: what was measured by the old one stands on its numbers.",
            Place(row=row.row, column="value"),
        )
    return None


def _value(row: ValueRow, material: ReferenceMaterial) -> CertifiedValue:
    return CertifiedValue(
        material=material,
        analyte=row.analyte,
        form=row.form,
        oxide=row.oxide,
        basis=row.basis,
        value_ppm=row.value_ppm,
        sd_ppm=row.sd_ppm,
        u95_ppm=row.u95_ppm,
    )
