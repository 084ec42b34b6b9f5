"""Verbs of plans: made, changed until they are frozen, frozen once; and the owner's blind QC items."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils import timezone

from lims.errors import Conflict, Invalid, Place, Problem, conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry import permissions, rules  # noqa: F401  # permissions register by name
from samples.registry.arguments import bounded, one_of, person_of, said
from samples.registry.models import Batch, BlindItem, PlannedSite, Sample, SamplingPlan
from samples.registry.plans.rules import MOST_PLANNED, MOST_SITES, SiteDraft, site_key
from samples.registry.rules import BlindKind, SampleState


@verb
def make_plan(
    *,
    actor: Actor,
    batch: Batch,
    sites: Sequence[SiteDraft] = (),
    planned_number: int | None = None,
    interval: str = "",
    method: str = "",
    sampler: str = "",
    planned_blanks: int = 0,
    planned_crms: int = 0,
) -> SamplingPlan:
    """Plan a batch's samples: by site, or a number alone; the batch's planned number is the plan's from now on.

    Raises `Invalid` ("plan-empty", "plan-sum", "count-out-of-range", "site-twice", "place-outside-region") or
    `Conflict` ("plan-there").
    """
    permit(actor, "registry.manage", batch)
    held = _held(batch)
    if SamplingPlan.objects.filter(batch=held).exists():
        raise conflict("plan-there", f"{held} has a plan already.", "Change it, as long as it is not frozen.")
    plan = SamplingPlan(batch=held, created_by=person_of(actor))
    _fill(plan, sites, planned_number, interval, method, sampler, planned_blanks, planned_crms)
    plan.save(force_insert=True)
    _lay(plan, sites, held)
    return plan


@verb
def change_plan(
    *,
    actor: Actor,
    plan: SamplingPlan,
    sites: Sequence[SiteDraft] = (),
    planned_number: int | None = None,
    interval: str = "",
    method: str = "",
    sampler: str = "",
    planned_blanks: int = 0,
    planned_crms: int = 0,
) -> SamplingPlan:
    """Plan it otherwise, whole, as long as it is not frozen. Raises as `make_plan`, and `Conflict` ("plan-frozen")."""
    permit(actor, "registry.manage", plan.batch)
    batch = _held(plan.batch)
    held = _open(plan)
    _fill(held, sites, planned_number, interval, method, sampler, planned_blanks, planned_crms)
    fields = ("interval", "method", "sampler", "planned_number", "planned_blanks", "planned_crms")
    held.save(update_fields=fields)
    held.sites.all().delete()
    _lay(held, sites, batch)
    return held


@verb
def freeze_plan(*, actor: Actor, plan: SamplingPlan) -> SamplingPlan:
    """Let nobody change a plan any more: the decision's error rates rest on it. Raises `Conflict` ("plan-frozen")."""
    permit(actor, "registry.manage", plan.batch)
    _held(plan.batch)
    held = _open(plan)
    held.frozen_at, held.frozen_by = timezone.now(), person_of(actor)
    held.save(update_fields=["frozen_at", "frozen_by"])
    return held


@verb
def register_blind_item(*, actor: Actor, sample: Sample, kind: str, material: str) -> BlindItem:
    """Say that a bag holds the owner's blank or reference material; nobody in the laboratory is told.

    Raises `Invalid` ("choice-unknown", "field-required") or `Conflict` ("blind-item-there", "sample-withdrawn").
    """
    permit(actor, "registry.register", sample)
    what = one_of(BlindKind, kind, field="kind")
    name = said(material, field="material", most=100)
    held = Sample.objects.select_for_update(of=("self",), no_key=True).select_related("tag").get(pk=sample.pk)
    if held.state == SampleState.WITHDRAWN:
        raise conflict("sample-withdrawn", f"{held} was withdrawn.", "Take another bag.", field="sample")
    if BlindItem.objects.filter(sample=held).exists():
        raise conflict("blind-item-there", f"{held} is registered as one already.", "Look at it again.")
    return BlindItem.objects.create(sample=held, kind=what, material=name, registered_by=person_of(actor))


def _held(batch: Batch) -> Batch:
    rows = Batch.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("owner", "mine").get(pk=batch.pk)


def _open(plan: SamplingPlan) -> SamplingPlan:
    """Return the plan, locked by its batch, if it may still be changed. Raises `Conflict` ("plan-frozen")."""
    held = SamplingPlan.objects.select_related("batch__owner", "frozen_by").get(pk=plan.pk)
    if held.frozen_at is not None:
        who = held.frozen_by.name if held.frozen_by else "the system"
        raise conflict(
            "plan-frozen",
            f"The plan was frozen on {held.frozen_at:%Y-%m-%d} by {who}.",
            "Samples beyond it are marked; for another plan open another batch.",
        )
    return held


def _fill(
    plan: SamplingPlan,
    sites: Sequence[SiteDraft],
    planned_number: int | None,
    interval: str,
    method: str,
    sampler: str,
    planned_blanks: int,
    planned_crms: int,
) -> None:
    """Put into a plan what is asked for, checked."""
    plan.planned_number = _number(sites, planned_number)
    for field, count in (("planned_blanks", planned_blanks), ("planned_crms", planned_crms)):
        if not 0 <= count <= MOST_PLANNED:
            raise _out_of_range(count, field)
        setattr(plan, field, count)
    for field, text in (("interval", interval), ("method", method), ("sampler", sampler)):
        setattr(plan, field, bounded(" ".join(text.split()), field=field))


def _number(sites: Sequence[SiteDraft], given: int | None) -> int:
    """Return how many samples a plan asks for: the sum of its sites, if it has any."""
    if len(sites) > MOST_SITES:
        message = f"{len(sites)} sites; at most {MOST_SITES}."
        raise invalid("count-out-of-range", message, "Open several batches.", field="sites")
    for site in sites:
        if not 1 <= site.planned_number <= MOST_PLANNED:
            raise _out_of_range(site.planned_number, "sites")
    total = sum(site.planned_number for site in sites)
    number = total if given is None else given
    if number == 0:
        raise invalid(
            "plan-empty",
            "The plan asks for no sample.",
            "Name the sites, or a number.",
            field="planned_number",
        )
    if sites and number != total:
        message = f"The sites ask for {total} samples, the plan for {number}."
        raise invalid(
            "plan-sum", message, "Leave the number out, or make it the sum.", field="planned_number"
        )
    if not 1 <= number <= MOST_PLANNED:
        raise _out_of_range(number, "planned_number")
    return number


def _out_of_range(count: int, field: str) -> Invalid:
    return invalid("count-out-of-range", f"{count} cannot be.", f"At most {MOST_PLANNED}.", field=field)


def _lay(plan: SamplingPlan, sites: Sequence[SiteDraft], batch: Batch) -> None:
    """Keep the sites of a plan, and its number with the batch."""
    names = [site_key(site.name) for site in sites]
    twice = sorted({site.name for site, name in zip(sites, names, strict=True) if names.count(name) > 1})
    if twice:
        message = f"Twice in the plan: {', '.join(twice)}."
        raise Conflict(Problem("site-twice", message, "Name each site once.", Place(field="sites")))
    for site in sites:
        _check_place(site)
    PlannedSite.objects.bulk_create(
        PlannedSite(
            plan=plan,
            position=position,
            name=said(site.name, field="sites", most=60),
            planned_number=site.planned_number,
            latitude=site.latitude,
            longitude=site.longitude,
            note=bounded(" ".join(site.note.split()), field="sites", most=500),
        )
        for position, site in enumerate(sites, 1)
    )
    batch.planned_count = plan.planned_number
    batch.save(update_fields=["planned_count"])


def _check_place(site: SiteDraft) -> None:
    """Raise `Invalid` ("place-half-given", "place-outside-region") for a site that cannot be there."""
    if (site.latitude is None) != (site.longitude is None):
        message = f"Half of the place of {site.name} is missing."
        raise invalid("place-half-given", message, "Give both or none.", field="sites")
    if site.latitude is None or site.longitude is None:
        return
    try:
        rules.check_place(site.latitude, site.longitude)
    except Invalid as error:
        raise Invalid(
            *(replace(problem, place=Place(field="sites")) for problem in error.problems)
        ) from error
