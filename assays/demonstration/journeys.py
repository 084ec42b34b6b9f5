"""The demonstration's batches on their way from the mine to the decision: one of every state that a person meets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils import timezone

from assays.certificates.models import Upload
from assays.demonstration import road
from assays.demonstration.analyses import Analysis, bring_in, certificate
from assays.demonstration.due import do_due
from assays.demonstration.equipment import Equipment
from assays.demonstration.pictures import sheet
from assays.quality import services as quality
from assays.runs import services as runs
from assays.runs.models import Run
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from samples.custody import incident_services
from samples.custody.attachments import attach_to_incident
from samples.custody.deviations import report_deviation
from samples.custody.models import Consignment, Incident
from samples.custody.routes.legs import note_overdue
from samples.registry.models import Batch, Sample
from samples.registry.rules import HoldKind, SampleState

People = Mapping[tuple[str, Role], User]
Organisations = Mapping[str, Organisation]


@dataclass(frozen=True, slots=True)
class Journey:
    """How far a batch has come, and what its analysis found."""

    #: one of: registered, sealed, on the road, received, reported, approved
    until: str
    days_ago: int
    job: Analysis | None = None
    light: Sequence[int] = ()
    missing: int = 0
    #: what the laboratory found when it looked again; replaces the first certificate
    again: Analysis | None = None
    #: whether the reviewer of the re-issue is through
    again_approved: bool = True
    #: samples asked for, if not all of them
    overridden: bool = False
    #: the bag about which the laboratory asks its owner before it tests it, and what it asks
    asked: tuple[int, str] | None = None


def _at_the_door(laboratory: str, people: People) -> User:
    """Return who receives bags: a small laboratory's technician does it too."""
    return people.get((laboratory, Role.RECEPTIONIST)) or people[laboratory, Role.TECHNICIAN]


def _hands(
    batch: Batch, laboratory: str, organisations: Organisations, people: People, equipment: Equipment
) -> road.Hands:
    code = batch.owner.code
    return road.Hands(
        coordinator=people[batch.owner.code, Role.FIELD_COORDINATOR],
        custodian=people["HILLROAD", Role.CUSTODIAN],
        receptionist=_at_the_door(laboratory, people),
        owner=batch.owner,
        carrier=organisations["HILLROAD"],
        laboratory=organisations[laboratory],
        route=equipment.routes[code, laboratory],
        field_scale=equipment.scales[code],
        door_scale=equipment.scales[laboratory],
        papers=equipment.papers[code],
        form=equipment.forms[code][0],
    )


def travel(
    number: int,
    batch: Batch,
    laboratory: str,
    journey: Journey,
    organisations: Organisations,
    people: People,
    equipment: Equipment,
) -> None:
    """Let a batch come as far as its journey says."""
    if journey.until == "registered":
        return
    rows = Sample.objects.filter(batch=batch, state=SampleState.REGISTERED).select_related("tag", "batch")
    # What is held for its radiation stays where it is.
    rows = rows.exclude(holds__kind=HoldKind.RADIOLOGICAL, holds__released_at=None)
    samples = list(rows.order_by("tag__code"))
    hands = _hands(batch, laboratory, organisations, people, equipment)
    started = timezone.now() - timedelta(days=journey.days_ago)
    if journey.until == "sealed":
        road.seal_all(samples, hands, number * 1000, started)
        road.packed(samples, hands, timezone.now() + timedelta(days=5))
        return
    on_the_road = journey.until == "on the road"
    consignment = road.sent(samples, hands, number * 1000, started, on_paper=on_the_road)
    if on_the_road:
        _late(consignment, hands.custodian, people[batch.owner.code, Role.MANAGER])
        return
    arrived = min(started + timedelta(days=4), timezone.now() - timedelta(hours=3))
    road.received(consignment, samples, hands, arrived, light=journey.light, missing=journey.missing)
    if journey.job is not None:
        here = samples[: len(samples) - journey.missing]
        if journey.asked is not None:
            asked = here.pop(journey.asked[0])
            report_deviation(
                actor=hands.receptionist, consignment=consignment, question=journey.asked[1], sample=asked
            )
        _analyse(batch, here, laboratory, journey, organisations, people)


def _late(consignment: Consignment, custodian: User, manager: User) -> None:
    """Notice the leg that is overdue, as a worker would within a minute, and ask the custodian about it."""
    for incident in note_overdue(actor=manager, consignment=consignment.pk):
        incident_services.assign_incident(actor=manager, incident=incident, to=custodian)


def _analyse(
    batch: Batch,
    samples: Sequence[Sample],
    laboratory: str,
    journey: Journey,
    organisations: Organisations,
    people: People,
) -> None:
    assert journey.job is not None
    technician, where = people[laboratory, Role.TECHNICIAN], organisations[laboratory]
    first = bring_in(technician, where, journey.job, certificate(samples, batch.material_type, journey.job))
    if journey.until == "reported":
        return
    _approve(first, people[laboratory, Role.REVIEWER])
    if journey.overridden:
        _override(first, people[laboratory, Role.REVIEWER], people[laboratory, Role.MANAGER])
    if journey.again is not None:
        job = replace(journey.again, number=journey.job.number)
        second = bring_in(technician, where, job, certificate(samples, batch.material_type, job))
        if journey.again_approved:
            _approve(second, people[laboratory, Role.REVIEWER])
    for incident in Incident.objects.filter(sample__batch=batch, state="OPEN"):
        door = _at_the_door(laboratory, people)
        slip = (("Bag", str(incident.sample)), ("On arrival, wet", "yes"), ("Dried", "2 h at the door"))
        attach_to_incident(
            actor=door,
            incident=incident,
            name="Weighing slip.jpg",
            content=sheet("Weighing slip (invented)", where.code, slip),
        )
        incident_services.explain_incident(
            actor=door,
            incident=incident,
            explanation="The outer bag was dried on arrival before it was weighed (invented).",
        )


def _run(upload: Upload) -> Run:
    assert upload.certificate is not None
    return Run.objects.get(pk=upload.certificate.run_id)


def _approve(upload: Upload, reviewer: User) -> None:
    run = _run(upload)
    runs.approve_run(actor=reviewer, run=run, version=run.version, note="Totals and patterns looked at.")
    do_due()


def _override(upload: Upload, reviewer: User, manager: User) -> None:
    proposed = quality.propose_override(
        actor=reviewer,
        run=_run(upload),
        reason="The blank bottle was mislabelled; repeated and clean (invented).",
    )
    quality.second_override(actor=manager, override=proposed, reason="Seen the repeat (invented).")
    do_due()
