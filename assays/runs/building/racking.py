"""The verbs that change a rack while its run is being built, each bound to the rack that the person saw."""

from assays.catalogue.models import ReferenceMaterial
from assays.catalogue.rules import MaterialKind
from assays.runs.building.arguments import number_anew, planned, usable
from assays.runs.building.rules import MOST_ITEMS, moved
from assays.runs.models import Portion, Run, RunItem
from assays.runs.rules import ItemKind, Stage
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry.arguments import one_of


@verb
def move_item(*, actor: Actor, run: Run, version: str, item: RunItem, to: int) -> Run:
    """Move an item of a rack to a position, counted from 1; beyond an end it stands at that end.

    Raises `Invalid` ("item-elsewhere") or `Conflict` ("run-begun", "rack-changed": nothing was moved).
    """
    permit(actor, "runs.bench", run)
    held, items = planned(run, version)
    _check_in(item, items)
    number_anew(items, moved([one.pk for one in items], item.pk, to))
    return held


@verb
def remove_item(*, actor: Actor, run: Run, version: str, item: RunItem) -> Run:
    """Take an item out of a rack. Raises as `move_item`, and `Conflict` ("item-has-duplicate", "item-last")."""
    permit(actor, "runs.bench", run)
    held, items = planned(run, version)
    _check_in(item, items)
    rest = [one for one in items if one.pk != item.pk]
    if item.kind == ItemKind.SAMPLE:
        if any(one.sample_id == item.sample_id for one in rest):
            message = f"A duplicate of {item} stands in the rack."
            raise conflict("item-has-duplicate", message, "Take the duplicate out first.", field="item")
        if not any(one.kind == ItemKind.SAMPLE for one in rest):
            message = f"{item} is the last sample of the run."
            raise conflict("item-last", message, "Put another one in first.", field="item")
    RunItem.objects.filter(pk=item.pk).delete()
    number_anew(rest, [one.pk for one in rest])
    return held


@verb
def place_item(
    *,
    actor: Actor,
    run: Run,
    version: str,
    position: int,
    portion: Portion | None = None,
    material: ReferenceMaterial | None = None,
    stage: str = "",
) -> RunItem:
    """Put a sample, a duplicate of one (`stage`), a reference material or a blank into a rack, before what stands at a position.

    Raises as `move_item` and `arguments.usable`, and `Invalid` ("item-of-one-thing", "material-other-basis", "duplicate-without-sample",
    "rack-too-long", "choice-unknown") or `Conflict` ("sample-in-rack").
    """
    permit(actor, "runs.bench", run)
    held, items = planned(run, version)
    if (portion is None) == (material is None):
        message = "Choose a portion or a material, one of them."
        raise invalid("item-of-one-thing", message, "Choose one.", field="portion")
    if len(items) >= MOST_ITEMS:
        raise invalid("rack-too-long", "The rack is full.", "Build another run.", field="position")
    item = _material(held, material) if material is not None else _portion(held, items, portion, stage)
    item.run, item.position = held, len(items) + 1
    same = [one.occurrence for one in items if one.label.casefold() == item.label.casefold()]
    item.occurrence = max(same, default=0) + 1
    item.save()
    number_anew([*items, item], moved([*(one.pk for one in items), item.pk], item.pk, position))
    return item


def _check_in(item: RunItem, items: list[RunItem]) -> None:
    if item.pk not in {one.pk for one in items}:
        message = f"{item} is not in this rack."
        raise invalid("item-elsewhere", message, "Choose an item of this run.", field="item")


def _material(run: Run, material: ReferenceMaterial) -> RunItem:
    assert run.method is not None
    known = material.values.filter(basis=run.method.basis).exists()
    if material.kind != MaterialKind.BLANK and not known:
        message = f"Nothing is known of {material} on the basis of {run.method}."
        raise invalid("material-other-basis", message, "Choose another material.", field="material")
    kind = ItemKind.BLANK if material.kind == MaterialKind.BLANK else ItemKind.CRM
    return RunItem(kind=kind, material=material, label=material.code)


def _portion(run: Run, items: list[RunItem], portion: Portion | None, stage: str) -> RunItem:
    assert portion is not None
    assert run.method is not None
    found = usable([portion], run.laboratory, run.method, besides=run.pk)[0]
    there = any(one.kind == ItemKind.SAMPLE and one.sample_id == found.sample_id for one in items)
    item = RunItem(kind=ItemKind.SAMPLE, sample=found.sample, portion=found, label=found.label)
    if stage:
        item.kind, item.stage = ItemKind.DUPLICATE, one_of(Stage, stage, field="stage")
        if not there:
            message = f"{found.sample} itself is not in the rack."
            raise invalid("duplicate-without-sample", message, "Put it in first.", field="portion")
    elif there:
        message = f"{found.sample} stands in the rack already."
        raise conflict("sample-in-rack", message, "Say that this is a duplicate.", field="portion")
    return item
