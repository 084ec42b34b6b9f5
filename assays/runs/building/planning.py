"""The verbs that begin a plan: a laboratory's QC rule, and a run built by it."""

import secrets
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from django.db.models import Max
from django.utils import timezone

from assays.catalogue.models import Equipment, Method, ReferenceMaterial
from assays.catalogue.rules import MaterialKind
from assays.runs.building import permissions  # noqa: F401  # permissions register by name
from assays.runs.building.arguments import check_instrument, check_method, free_number, usable
from assays.runs.building.days import due_day
from assays.runs.building.queries import crms_for, materials_for, rates_for
from assays.runs.building.rates import SHARES, Rates
from assays.runs.building.rules import MOST_ITEMS, Place, place_qc
from assays.runs.models import InsertionRule, Portion, RequestedSample, Run, RunItem
from assays.runs.rules import ItemKind, PortionKind, PortionState, RunState, Stage
from lims.accounts.models import Organisation
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry.arguments import person_of, said


@verb
def set_insertion_rule(
    *, actor: Actor, laboratory: Organisation, rates: Rates, rationale: str, method: Method | None = None
) -> InsertionRule:
    """Set how much QC a laboratory places in its runs (of one method, or of all), as a new version.

    Raises `Invalid` ("share-out-of-range", "method-of-another-laboratory", "field-required").
    """
    permit(actor, "runs.set_rates", laboratory)
    if method is not None:
        check_method(method, laboratory)
    shares = {name: getattr(rates, name) for name in SHARES}
    for name, share in shares.items():
        if not share.is_finite() or not 0 <= share <= 100:
            message = "A share lies between 0 and 100 %."
            raise invalid("share-out-of-range", message, "Correct it.", field=name)
    # Who sets a rule of the same laboratory meanwhile waits: versions follow one another.
    Organisation.objects.select_for_update(no_key=True).get(pk=laboratory.pk)
    known = InsertionRule.objects.filter(laboratory=laboratory, method=method)
    last = known.aggregate(last=Max("version"))["last"] or 0
    return InsertionRule.objects.create(
        laboratory=laboratory,
        method=method,
        version=last + 1,
        rationale=said(rationale, field="rationale", most=500),
        made_by=person_of(actor),
        **{name: share.quantize(Decimal("0.01")) for name, share in shares.items()},
    )


@verb
def build_run(
    *,
    actor: Actor,
    laboratory: Organisation,
    method: Method,
    portions: Sequence[Portion],
    number: str = "",
    due_on: date | None = None,
    instrument: Equipment | None = None,
    umpire: bool = False,
    seed: int | None = None,
    highest: Portion | None = None,
    rerun_of: Run | None = None,
) -> Run:
    """Build a run of portions that a laboratory holds, in their order, with QC placed by its rule; its rack may be changed after.

    `highest` is the portion expected to be the richest: a blank follows it. `seed` draws the duplicates. Without `due_on` it is due when the
    first of its requests is, or after the method's turnaround. Raises what `arguments` raise, `Invalid` ("due-in-past", "rack-too-long",
    "rerun-elsewhere") or `Conflict` ("run-number-once", "run-without-results").
    """
    permit(actor, "runs.bench", laboratory)
    check_method(method, laboratory)
    check_instrument(instrument, laboratory)
    _check_rerun(rerun_of, laboratory)
    found, today = usable(portions, laboratory, method), timezone.localdate()
    if due_on is not None and due_on < today:
        raise invalid("due-in-past", f"{due_on:%Y-%m-%d} is over.", "Choose a day to come.", field="due_on")
    drawn = secrets.randbelow(2**31) if seed is None else seed
    at = next(
        (index for index, one in enumerate(found) if highest is not None and one.pk == highest.pk), None
    )
    items = _rack(method, found, seed=drawn, highest=at, on=today)
    made = Run.objects.create(
        laboratory=laboratory,
        kept_by=laboratory,
        number=free_number(laboratory, number, today.year),
        state=RunState.PLANNED,
        method=method,
        instrument=instrument,
        umpire=umpire,
        due_on=due_on or _due(method, found, today),
        built_by=person_of(actor),
        rerun_of=rerun_of,
    )
    for item in items:
        item.run = made
    RunItem.objects.bulk_create(items)
    return made


def _check_rerun(run: Run | None, laboratory: Organisation) -> None:
    if run is None:
        return
    if run.kept_by_id != laboratory.pk:
        raise invalid("rerun-elsewhere", f"{run} is another laboratory's.", "Choose yours.", field="rerun_of")
    # Its results do not go away again: no lock is needed.
    if Run.objects.get(pk=run.pk).state in {RunState.PLANNED, RunState.OPEN}:
        message = f"{run} has no results yet."
        raise conflict("run-without-results", message, "Wait for its certificate.", field="rerun_of")


def _due(method: Method, portions: Sequence[Portion], today: date) -> date | None:
    """Return the day by which the first of the samples was asked for, or the one that the method's turnaround gives."""
    wanted = RequestedSample.objects.filter(
        request__method=method, sample__in=[one.sample_id for one in portions]
    ).order_by("request__due_on")
    first = wanted.exclude(request__due_on=None).values_list("request__due_on", flat=True).first()
    return first or due_day(today, method.turnaround_days)


def _rack(
    method: Method, portions: Sequence[Portion], *, seed: int, highest: int | None, on: date
) -> list[RunItem]:
    """Return the items of a new rack, in order."""
    samples = [portion.sample_id for portion in portions]
    materials = {str(one.pk): one for one in crms_for(method, samples, on)}
    crms = list(materials)
    blanks = {str(one.pk): one for one in materials_for(method, MaterialKind.BLANK, on)}
    rejects = _rejects(portions)
    places = place_qc(
        len(portions),
        rates_for(method.laboratory_id, method),
        crms,
        list(blanks),
        seed=seed,
        coarse=[index for index, one in enumerate(portions) if one.sample_id in rejects],
        highest=highest,
    )
    if len(places) > MOST_ITEMS:
        message = f"{len(places)} positions are more than {MOST_ITEMS}."
        raise invalid("rack-too-long", message, "Build two runs.", field="portions")
    names: Counter[str] = Counter()
    return [
        _item(place, position, portions, materials | blanks, rejects, names)
        for position, place in enumerate(places, 1)
    ]


def _rejects(portions: Sequence[Portion]) -> dict[object, Portion]:
    """Return a coarse reject of each sample that has one beside the portion itself."""
    rows = Portion.objects.filter(
        sample__in=[one.sample_id for one in portions],
        laboratory__in={one.laboratory_id for one in portions},
        kind=PortionKind.COARSE,
        state=PortionState.HELD,
    ).exclude(pk__in=[one.pk for one in portions])
    return {row.sample_id: row for row in rows.order_by("id")}


def _item(
    place: Place,
    position: int,
    portions: Sequence[Portion],
    materials: Mapping[str, ReferenceMaterial],
    rejects: Mapping[object, Portion],
    names: Counter[str],
) -> RunItem:
    item = RunItem(kind=place.kind, position=position, stage=place.stage)
    if place.routine is None:
        item.material = materials[place.material]
    else:
        portion = portions[place.routine]
        if place.stage == Stage.COARSE:
            portion = rejects[portion.sample_id]
        item.portion, item.sample_id = portion, portion.sample_id
    return named(item, names)


def named(item: RunItem, names: Counter[str]) -> RunItem:
    """Give an item the name that it has until the run begins: its portion's, or its material's."""
    item.label = str(item.material if item.kind in {ItemKind.CRM, ItemKind.BLANK} else item.portion)
    names[item.label] += 1
    item.occurrence = names[item.label]
    return item
