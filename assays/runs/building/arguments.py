"""What the verbs of building make of their arguments: a run's number, portions that may be analysed, a rack as it stands."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from assays.catalogue.models import Equipment, Method
from assays.catalogue.rules import EquipmentKind
from assays.runs.building.queries import UNDER_WAY, ordered_items
from assays.runs.building.rules import rack_version
from assays.runs.models import Portion, Run, RunItem
from assays.runs.portions.arguments import check_equipment, check_there, locked
from assays.runs.rules import RunState
from lims.accounts.models import Organisation
from lims.errors import conflict, invalid
from samples.custody.deviations import testing_stopped
from samples.registry.arguments import said
from samples.registry.rules import SampleState


def free_number(laboratory: Organisation, wish: str, year: int) -> str:
    """Return the number of a new run: the wish, or the next of the year. Raises `Conflict` ("run-number-once").

    Who makes runs of one laboratory at the same moment waits here.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('assays.run.numbers'), hashtext(%s))", [str(laboratory.pk)]
        )
    taken = Run.objects.filter(laboratory=laboratory, kept_by=laboratory)
    if wish.strip():
        number = said(wish, field="number", most=40)
        if taken.filter(number__iexact=number).exists():
            message = f"The laboratory has a run {number} already."
            raise conflict("run-number-once", message, "Give another number.", field="number")
        return number
    head = f"R{year % 100:02d}-"
    used = taken.filter(number__istartswith=head).values_list("number", flat=True)
    counts = [int(tail) for number in used if (tail := number[len(head) :]).isdecimal()]
    return f"{head}{max(counts, default=0) + 1:04d}"


def check_method(method: Method, laboratory: Organisation) -> None:
    """Raise `Invalid` ("method-of-another-laboratory")."""
    if method.laboratory_id != laboratory.pk:
        message = f"{method} is no method of {laboratory}."
        raise invalid("method-of-another-laboratory", message, "Choose one of its own.", field="method")


def check_instrument(instrument: Equipment | None, laboratory: Organisation) -> None:
    """Raise `Invalid` ("equipment-elsewhere", "equipment-no-instrument") or `Conflict` ("equipment-retired")."""
    check_equipment(instrument, laboratory)
    if instrument is not None and instrument.kind != EquipmentKind.INSTRUMENT:
        message = f"{instrument} measures no samples."
        raise invalid("equipment-no-instrument", message, "Choose an instrument.", field="instrument")


def usable(
    portions: Sequence[Portion], laboratory: Organisation, method: Method, *, besides: UUID | None = None
) -> list[Portion]:
    """Return the portions, locked, in the order in which they were given, if all may be analysed now.

    Raises `Invalid` ("portions-none", "portion-twice", "portion-elsewhere") or `Conflict` ("portion-gone", "sample-withdrawn",
    "testing-stopped", "portion-in-run"). `besides` is the run that they may stand in already.
    """
    if not portions:
        raise invalid("portions-none", "No portion is chosen.", "Choose at least one.", field="portions")
    order = [portion.pk for portion in portions]
    if len(set(order)) != len(order):
        message = "A portion is chosen twice."
        raise invalid("portion-twice", message, "Choose each once.", field="portions")
    found = {portion.pk: portion for portion in locked(portions)}
    for portion in found.values():
        _check_portion(portion, laboratory)
    stopped = testing_stopped([portion.sample_id for portion in found.values()])
    for portion in found.values():
        if portion.sample_id in stopped:
            message = f"The laboratory asked the owner about {portion.sample}, who has not said to test it."
            raise conflict(
                "testing-stopped", message, "Wait for the answer on its incident.", field="portions"
            )
    elsewhere = RunItem.objects.filter(portion__in=order, run__method=method, run__state__in=UNDER_WAY)
    taken = elsewhere.exclude(run=besides).select_related("portion", "run").first()
    if taken is not None:
        message = f"{taken.portion} stands in run {taken.run} already."
        raise conflict("portion-in-run", message, "Take it out there first.", field="portions")
    return [found[pk] for pk in order]


def _check_portion(portion: Portion, laboratory: Organisation) -> None:
    if portion.laboratory_id != laboratory.pk:
        message = f"{portion} is in another laboratory."
        raise invalid("portion-elsewhere", message, "Choose portions of yours.", field="portions")
    check_there(portion)
    if portion.sample.state == SampleState.WITHDRAWN:
        message = f"{portion.sample} was withdrawn by its owner."
        raise conflict("sample-withdrawn", message, "Leave it out.", field="portions")


def planned(run: Run, version: str) -> tuple[Run, list[RunItem]]:
    """Return a run that is being built, locked, with the items of its rack, if that is still the one that was seen.

    Raises `Conflict` ("run-begun", "rack-changed").
    """
    held = Run.objects.select_for_update(of=("self",), no_key=True).select_related("laboratory", "method")
    found = held.get(pk=run.pk)
    if found.state != RunState.PLANNED:
        message = f"{found} has begun: its rack stands."
        raise conflict("run-begun", message, "Build another run for what is missing.")
    items = list(ordered_items(found))
    if rack_version(item.pk for item in items) != version:
        message = f"The rack of {found} changed while you looked at it."
        raise conflict(
            "rack-changed", message, "Look at it as it stands now, then change it.", field="version"
        )
    return found, items


def number_anew(items: Sequence[RunItem], order: Sequence[UUID]) -> None:
    """Give items the positions 1, 2, 3 … of an order, and keep those that changed."""
    by_id = {item.pk: item for item in items}
    changed = []
    for position, pk in enumerate(order, 1):
        item = by_id[pk]
        if item.position != position:
            item.position = position
            changed.append(item)
    RunItem.objects.bulk_update(changed, ["position"])
