"""The custody record of a bag or a consignment as a person may read it; constant queries however long the road was."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q

from lims.accounts.models import User
from samples.custody.limits import limits_of
from samples.custody.line import TONES, holder_of
from samples.custody.models import (
    Consignment,
    CustodyEvent,
    EventPhotograph,
    Incident,
    PaperForm,
    Scale,
    ScaleCheck,
    TagReplacement,
)
from samples.custody.page_queries import applied_seal
from samples.custody.queries import (
    blocking_incidents,
    events_of,
    events_of_sample,
    incidents_for,
    receipt_of,
)
from samples.custody.routes.queries import legs_of
from samples.custody.rules import STANDING, IncidentState
from samples.custody.seen import seen_events, seen_incidents, sight_on
from samples.custody.timeline.beside import kin, papers, seal, travelled
from samples.custody.timeline.compose import SIGHTS, leg_views, ordered, step_of, way_of, weighings
from samples.custody.timeline.content import Bag, Picture, Step, Timeline, Weighing
from samples.registry.models import Photograph, Sample
from samples.registry.photographs import visible_photographs
from samples.registry.sight import Sight, sight_of


def timeline_of_sample(user: User, sample: Sample) -> Timeline:
    """Return a bag's record: from its collection to whoever has it now, as the person may see it."""
    sight = sight_of(user, sample.batch)
    events = _with_forms(events_of_sample(sample))
    # Those of a whole consignment that keep the bag out of decisions are its own too.
    standing = [one.pk for one in blocking_incidents(sample.batch).get(sample.pk, ())]
    mine = incidents_for(user).filter(Q(sample=sample) | Q(pk__in=standing))
    incidents = list(mine.order_by("opened_at", "id"))
    steps = [*_collected(sample, sight), *_steps(user, events, sight), *_replaced(user, sample, sight)]
    steps += _incident_steps(user, incidents)
    on_it = applied_seal(sample)
    return Timeline(
        kind="sample",
        id=sample.pk,
        name=str(sample),
        owner=sample.batch.owner.name,
        facts=(
            ("Batch", sample.batch.code),
            ("Owner", sample.batch.owner.name),
            ("Seal on it", str(on_it) if on_it else "none"),
        ),
        steps=ordered(steps),
        masses=_masses((event for event in events if event.sample_id == sample.pk), sample.batch.owner_id),
        legs=(),
        bags=(),
        way=(),
        papers=(),
        kin=travelled(user, sample),
        seal=seal(),
        blocked=any(one.blocking and one.state in STANDING for one in incidents),
        sight=SIGHTS[sight],
    )


def timeline_of_consignment(user: User, consignment: Consignment) -> Timeline:
    """Return a consignment's record: what happened to it as a whole, its bags, its legs, its incidents."""
    sight = sight_on(user, consignment)
    events = _with_forms(events_of(consignment))
    incidents = list(incidents_for(user).filter(consignment=consignment).order_by("opened_at", "id"))
    legs = legs_of(consignment)
    holder, _since = holder_of(consignment, seen_events(events, sight))
    return Timeline(
        kind="consignment",
        id=consignment.pk,
        name=consignment.code,
        owner=consignment.owner.name,
        facts=(
            ("Owner", consignment.owner.name),
            ("Carrier", consignment.carrier.name),
            ("Destination", consignment.destination.name),
            ("State", str(consignment.get_state_display())),
            ("Now with", holder),
            ("Manifest, SHA-256", consignment.manifest_sha256 or "not locked yet"),
        ),
        steps=ordered([*_steps(user, events, sight), *_incident_steps(user, incidents)]),
        masses=_masses(events, consignment.owner_id),
        # Where it was to stop tells a laboratory where it came from.
        legs=leg_views(legs, returning=consignment.returning) if sight > Sight.BLIND else (),
        bags=_bags(consignment),
        way=way_of(legs, sight),
        papers=papers(consignment) if sight > Sight.BLIND else (),
        kin=kin(user, consignment),
        seal=seal(),
        blocked=any(one.blocking and one.state in STANDING for one in incidents),
        sight=SIGHTS[sight],
    )


def _with_forms(events: list[CustodyEvent]) -> list[CustodyEvent]:
    """Return events with their paper forms, read at once."""
    forms = PaperForm.objects.in_bulk({one.paper_form_id for one in events if one.paper_form_id is not None})
    for event in events:
        if event.paper_form_id is not None:
            event.paper_form = forms[event.paper_form_id]
    return events


def _steps(user: User, events: Sequence[CustodyEvent], sight: Sight) -> list[Step]:
    pictures = pictures_of(user, (event.pk for event in events))
    return [
        step_of(
            event,
            seen,
            sight,
            pictures.get(event.pk, ()),
            event.consignment.code if event.consignment else "",
        )
        for event, seen in zip(events, seen_events(events, sight), strict=True)
    ]


def pictures_of(user: User, events: Iterable[UUID]) -> Mapping[UUID, list[Picture]]:
    """Return the photographs of events that the person may see, by event; one query."""
    seen = visible_photographs(user).values("pk")
    rows = EventPhotograph.objects.filter(event__in=list(events), photograph__in=seen)
    found: dict[UUID, list[Picture]] = {}
    for row in rows.select_related("photograph").order_by("pk"):
        found.setdefault(row.event_id, []).append(picture_of(row.photograph))
    return found


def picture_of(photograph: Photograph) -> Picture:
    """Return a photograph as a record shows it."""
    return Picture(photograph.pk, photograph.sha256, photograph.width, photograph.height)


def _collected(sample: Sample, sight: Sight) -> list[Step]:
    if sight <= Sight.BLIND or sample.collected_at is None:
        return []
    return [Step(sample.collected_at, "Collected", "mountain", "good", "COLLECTED")]


def _replaced(user: User, sample: Sample, sight: Sight) -> list[Step]:
    """Return when the bag's tag was replaced, with the picture of it."""
    rows = TagReplacement.objects.filter(sample=sample).select_related("old_tag", "new_tag", "photograph")
    replaced = list(rows.order_by("at"))
    if not replaced:
        return []
    shown = set(
        visible_photographs(user)
        .filter(pk__in=[one.photograph_id for one in replaced])
        .values_list("pk", flat=True)
    )
    return [
        Step(
            at=one.at,
            title=f"Tag {one.old_tag} replaced by {one.new_tag}",
            icon="tag",
            tone="warn",
            kind="TAG_REPLACED",
            note=one.reason if sight > Sight.BLIND else "",
            pictures=(picture_of(one.photograph),) if one.photograph_id in shown else (),
        )
        for one in replaced
    ]


def _incident_steps(user: User, incidents: Sequence[Incident]) -> list[Step]:
    return [_incident_step(seen) for seen in seen_incidents(user, incidents)]


def _incident_step(seen: Any) -> Step:
    incident: Incident = seen.record
    about = f"{incident.sample}: " if incident.sample is not None else ""
    words = [seen.detail]
    words += [f"Explained: {seen.explanation}"] if seen.explanation else []
    words += [f"Decided: {seen.judgement}"] if seen.judgement else []
    return Step(
        at=incident.opened_at,
        title=f"{about}{incident.get_kind_display()}",
        icon="alert-triangle",
        tone=TONES[IncidentState(incident.state)],
        kind="INCIDENT",
        note=" ".join(filter(None, words)),
        state=str(incident.get_state_display()),
        facts=seen.facts,
        incident=incident.pk,
        pin=incident.event.at if incident.event is not None else incident.opened_at,
    )


def _masses(events: Iterable[CustodyEvent], owner: UUID) -> tuple[Weighing, ...]:
    """Return the weighings among events, with what is said of their scales; three queries."""
    weighed = [event for event in events if event.gross_mass_g is not None]
    used = {event.scale_id for event in weighed if event.scale_id is not None}
    if not used:
        return weighings(weighed, {}, [], limits_of(owner))
    checks = ScaleCheck.objects.filter(scale__in=used).order_by("at", "id")
    return weighings(weighed, Scale.objects.in_bulk(used), list(checks), limits_of(owner))


def _bags(consignment: Consignment) -> tuple[Bag, ...]:
    rows = receipt_of(consignment).rows
    return tuple(
        Bag(
            tag=str(row.item.sample),
            seal=row.seals,
            state=str(row.item.get_state_display()),
            sealed_mass_g=row.item.sealed_mass_g,
            received_mass_g=row.item.received_mass_g,
            condition=str(row.item.get_condition_display()),
        )
        for row in sorted(rows, key=lambda row: str(row.item.sample))
    )
