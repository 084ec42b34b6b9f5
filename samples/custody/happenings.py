"""What a verb says of a happening: when, where, in which condition; and the events and incidents that come of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.utils import timezone

from lims.errors import Invalid, Place, invalid
from lims.ids import uuid7
from lims.work.services import request
from samples.custody.checks import Fix
from samples.custody.models import Consignment, CustodyEvent, Incident, PaperForm
from samples.custody.rules import INCIDENT_LABELS, NOT_BLOCKING, EventKind, IncidentKind
from samples.registry.models import Batch, Sample
from samples.registry.rules import check_collected

DECIDE: Final = "assays.decide_batch"
#: an accuracy beyond this tells no place (a mobile network's cell reaches 35 km)
WORST_FIX_M: Final = 100_000


@dataclass(frozen=True, slots=True)
class Here:
    """When and where something happened: the device's time, degrees (WGS 84), metres; `id` a client-made UUIDv7."""

    at: datetime
    latitude: Decimal | None = None
    longitude: Decimal | None = None
    accuracy_m: Decimal | None = None
    note: str = ""
    id: UUID | None = None
    #: the phone that tells of it, and its own time if its clock was off
    device: UUID | None = None
    device_at: datetime | None = None
    place: str = ""
    paper_form: PaperForm | None = None

    def fix(self) -> Fix | None:
        """Return the place, if there is one."""
        if self.latitude is None or self.longitude is None:
            return None
        return Fix(float(self.latitude), float(self.longitude), float(self.accuracy_m or 0), self.at)


def check_here(here: Here) -> None:
    """Raise `Invalid` ("date-in-future", "date-too-old", "place-half-given", "place-impossible", "accuracy-impossible")."""
    try:
        check_collected(here.at, now=timezone.now())
    except Invalid as error:
        raise Invalid(*(replace(problem, place=Place(field="at")) for problem in error.problems)) from error
    if (here.latitude is None) != (here.longitude is None):
        raise invalid(
            "place-half-given", "Half of the place is missing.", "Give both or none.", field="latitude"
        )
    latitude, longitude = here.latitude or Decimal(0), here.longitude or Decimal(0)
    if abs(latitude) > 90 or abs(longitude) > 180:
        raise invalid("place-impossible", f"{here.latitude}, {here.longitude} is no place.", field="latitude")
    if here.accuracy_m is None:
        return
    if here.latitude is None or not 0 < here.accuracy_m <= WORST_FIX_M:
        raise invalid(
            "accuracy-impossible",
            f"{here.accuracy_m} m is no accuracy of this place.",
            f"Over 0 and at most {WORST_FIX_M} m, beside a place; or leave it out.",
            field="accuracy_m",
        )


def happened(kind: EventKind, here: Here, **facts: Any) -> CustodyEvent:
    """Record one fact of custody; the caller has checked it."""
    return CustodyEvent.objects.create(
        id=here.id or uuid7(),
        kind=kind,
        at=here.at,
        latitude=here.latitude,
        longitude=here.longitude,
        accuracy_m=here.accuracy_m,
        note=here.note.strip()[:4000],
        device=here.device,
        device_at=here.device_at,
        place=" ".join(here.place.split())[:100],
        paper_form=here.paper_form,
        **facts,
    )


def open_incident(
    kind: IncidentKind,
    detail: str,
    *,
    sample: Sample | None = None,
    consignment: Consignment | None = None,
    event: CustodyEvent | None = None,
    batch: Batch | None = None,
    facts: Mapping[str, Any] | None = None,
    incident_id: UUID | None = None,
) -> Incident:
    """Open an incident with the numbers that tripped it; one that leaves a sample in doubt has its batch decided again.

    `facts` are numbers as text and words, each with its unit in its name; `batch` is for what concerns neither one bag
    nor one consignment; `incident_id` is a UUIDv7 that a phone made.
    """
    made = Incident.objects.create(
        id=incident_id or uuid7(),
        kind=kind,
        sample=sample,
        consignment=consignment,
        batch=batch,
        event=event,
        blocking=kind not in NOT_BLOCKING,
        detail=(detail or INCIDENT_LABELS[kind])[:500],
        facts=dict(facts or {}),
    )
    decide_again(made)
    return made


def decide_again(incident: Incident) -> None:
    """Have the batches decided again that an incident concerns."""
    for batch in batches_of(incident):
        request(DECIDE, key=batch)


def batches_of(incident: Incident) -> list[UUID]:
    """Return the ids of the batches that an incident concerns: its sample's, or all of its consignment's."""
    if incident.sample is not None:
        return [incident.sample.batch_id]
    if incident.consignment_id is None and incident.batch_id is not None:
        return [incident.batch_id]
    found = Sample.objects.filter(consignment_items__consignment=incident.consignment_id)
    return sorted(set(found.values_list("batch", flat=True)))


def last_event(consignment: Consignment) -> CustodyEvent | None:
    """Return what happened last to a consignment as a whole, as we were told; its bags have lines of their own."""
    rows = CustodyEvent.objects.filter(consignment=consignment, sample=None)
    return rows.order_by("-recorded_at", "-id").first()
