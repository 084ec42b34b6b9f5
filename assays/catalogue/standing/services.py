"""Verbs of what a laboratory stands on. Each is kept by the laboratory's managers, and nothing recorded is changed later."""

from datetime import date
from decimal import Decimal

from django.utils import timezone

from assays.catalogue import permissions  # noqa: F401  # permissions register by name
from assays.catalogue.models import (
    Accreditation,
    Calibration,
    Competence,
    Equipment,
    Method,
    Validation,
)
from assays.catalogue.rules import CompetentTo, EquipmentKind
from assays.catalogue.standing.arguments import checked_analyte, works_in
from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry.arguments import bounded, one_of, person_of, said


@verb
def add_equipment(
    *,
    actor: Actor,
    laboratory: Organisation,
    code: str,
    name: str,
    kind: str,
    serial: str = "",
    needs_calibration: bool = True,
) -> Equipment:
    """Add a balance, an instrument, an oven or a mill of a laboratory.

    Raises `Invalid` ("not-a-laboratory", "choice-unknown") or `Conflict` ("equipment-code-once").
    """
    permit(actor, "catalogue.manage", laboratory)
    if laboratory.kind != OrganisationKind.LABORATORY:
        raise invalid("not-a-laboratory", f"{laboratory} is none.", "Choose one.", field="laboratory")
    return Equipment.objects.create(
        laboratory=laboratory,
        code=said(code, field="code", most=40),
        name=said(name, field="name"),
        kind=one_of(EquipmentKind, kind, field="kind"),
        serial=bounded(serial.strip(), field="serial", most=60),
        needs_calibration=needs_calibration,
    )


@verb
def record_calibration(
    *,
    actor: Actor,
    equipment: Equipment,
    calibrated_on: date,
    valid_until: date,
    done_by: str,
    reference: str = "",
    passed: bool = True,
) -> Calibration:
    """Record a calibration: by whom, under which certificate's number, until when it holds.

    Raises `Invalid` ("calibration-in-future", "calibration-days-in-order").
    """
    permit(actor, "catalogue.manage", equipment.laboratory)
    if calibrated_on > timezone.localdate():
        raise invalid(
            "calibration-in-future", "That day is still to come.", "Give the day.", field="calibrated_on"
        )
    return Calibration.objects.create(
        equipment=equipment,
        calibrated_on=calibrated_on,
        valid_until=valid_until,
        passed=passed,
        done_by=said(done_by, field="done_by"),
        reference=bounded(reference.strip(), field="reference", most=100),
        recorded_by=person_of(actor),
    )


@verb
def record_validation(
    *,
    actor: Actor,
    method: Method,
    analyte: str,
    lod_ppm: Decimal,
    loq_ppm: Decimal,
    range_low_ppm: Decimal,
    range_high_ppm: Decimal,
    recovery_pct: Decimal,
    u_relative: Decimal,
    evidence: str,
    validated_on: date,
    review_on: date,
    oxide: str = "",
) -> Validation:
    """Record what a method was shown to do for an analyte: limits and range in ppm of the form, recovery, uncertainty.

    `u_relative` is the relative standard uncertainty at the middle of the range (0.03 is 3 %). Raises `Invalid`
    ("analyte-unknown", "oxide-of-another", "validation-limits-in-order", "validation-numbers-sensible", …).
    """
    permit(actor, "catalogue.manage", method.laboratory)
    name, named = checked_analyte(analyte, oxide)
    return Validation.objects.create(
        method=method,
        analyte=name,
        oxide=named,
        lod_ppm=lod_ppm,
        loq_ppm=loq_ppm,
        range_low_ppm=range_low_ppm,
        range_high_ppm=range_high_ppm,
        recovery_pct=recovery_pct,
        u_relative=u_relative,
        evidence=said(evidence, field="evidence", most=500),
        validated_on=validated_on,
        review_on=review_on,
        recorded_by=person_of(actor),
    )


@verb
def record_accreditation(
    *,
    actor: Actor,
    method: Method,
    body: str,
    number: str,
    valid_from: date,
    valid_to: date,
    analyte: str = "",
    range_low_ppm: Decimal | None = None,
    range_high_ppm: Decimal | None = None,
) -> Accreditation:
    """Record a method's accreditation: for one analyte or (empty) for all, in a range in ppm, from when until when.

    Raises `Invalid` ("analyte-unknown", "accreditation-days-in-order", "accreditation-range-in-order").
    """
    permit(actor, "catalogue.manage", method.laboratory)
    return Accreditation.objects.create(
        method=method,
        analyte=checked_analyte(analyte, "")[0] if analyte.strip() else "",
        range_low_ppm=range_low_ppm,
        range_high_ppm=range_high_ppm,
        body=said(body, field="body", most=100),
        number=said(number, field="number", most=60),
        valid_from=valid_from,
        valid_to=valid_to,
        recorded_by=person_of(actor),
    )


@verb
def grant_competence(
    *,
    actor: Actor,
    method: Method,
    person: User,
    able_to: str,
    valid_from: date,
    valid_to: date,
    evidence: str,
) -> Competence:
    """Find a person able to analyse by a method, or to approve its results; the first record begins the gate.

    Raises `Invalid` ("competence-of-oneself", "person-not-of-laboratory", "competence-days-in-order").
    """
    permit(actor, "catalogue.manage", method.laboratory)
    if person == actor:
        message, remedy = "Nobody finds themselves able.", "Let another manager do it."
        raise invalid("competence-of-oneself", message, remedy, field="person")
    works_in(person, method.laboratory)
    return Competence.objects.create(
        method=method,
        person=person,
        able_to=one_of(CompetentTo, able_to, field="able_to"),
        valid_from=valid_from,
        valid_to=valid_to,
        evidence=said(evidence, field="evidence", most=500),
        granted_by=person_of(actor),
    )


@verb
def withdraw_competence(*, actor: Actor, competence: Competence, reason: str) -> Competence:
    """Withdraw a competence with its reason; what was done under it stays. Raises `Conflict` ("competence-withdrawn")."""
    held = Competence.objects.select_for_update(of=("self",)).select_related("method__laboratory")
    found = held.get(pk=competence.pk)
    permit(actor, "catalogue.manage", found.method.laboratory)
    if found.withdrawn_at is not None:
        raise conflict("competence-withdrawn", "It is withdrawn already.", "Look at the list.", field="id")
    found.withdrawn_at, found.withdrawn_by = timezone.now(), person_of(actor)
    found.withdrawn_reason = said(reason, field="reason", most=500)
    found.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    return found
