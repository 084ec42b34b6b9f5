"""Reads for building a run: portions to analyse, the QC rule, materials, the rack."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from assays.catalogue.models import CertifiedValue, Equipment, Method, ReferenceMaterial
from assays.catalogue.rules import EquipmentKind, MaterialKind
from assays.runs.building.aiming import near_ids
from assays.runs.building.rates import DEFAULT_RATES, SHARES, Rates
from assays.runs.building.rules import rack_version, short_of
from assays.runs.models import InsertionRule, Portion, RequestedSample, Run, RunItem
from assays.runs.portions.queries import laboratories_of
from assays.runs.rules import ItemKind, PortionKind, PortionState, RunState
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from lims.errors import NotFound, Place, Problem
from samples.registry.rules import SampleState

#: portions offered for one run, at most
MOST_OFFERED = 300
#: states in which a run holds its portions
UNDER_WAY = (RunState.PLANNED, RunState.OPEN)


def waiting_for(laboratory: Organisation, method: Method) -> QuerySet[Portion]:
    """Return the portions held in a laboratory that may go into a run of a method: those asked for first, the first due first.

    Annotated with `wanted` (its owner asked for this method and it is not in a run yet) and `due_on`. Left out are portions that stand in
    a run of the method already, and samples that were withdrawn.
    """
    asked = RequestedSample.objects.filter(sample=OuterRef("sample"), request__method=method)
    by_method = RunItem.objects.filter(run__method=method, run__laboratory=laboratory)
    rows = Portion.objects.filter(
        laboratory=laboratory, state=PortionState.HELD, sample__state=SampleState.REGISTERED, left_g__gt=0
    ).exclude(Exists(by_method.filter(portion=OuterRef("pk"), run__state__in=UNDER_WAY)))
    run_already = Exists(by_method.filter(sample=OuterRef("sample")))
    rows = rows.annotate(
        wanted=Exists(asked) & ~run_already, due_on=Subquery(asked.values("request__due_on")[:1])
    )
    # A bag as it came and a coarse reject are analysed only where nothing finer was made of them.
    finer = Portion.objects.filter(
        laboratory=laboratory, sample=OuterRef("sample"), state=PortionState.HELD, left_g__gt=0
    ).filter(kind__in=[PortionKind.PULP, PortionKind.ALIQUOT])
    rows = rows.filter(Q(kind__in=[PortionKind.PULP, PortionKind.ALIQUOT]) | ~Exists(finer))
    rows = rows.select_related("sample__tag", "sample__batch", "place")
    return rows.order_by("-wanted", F("due_on").asc(nulls_last=True), "label")


def rule_for(laboratory: Organisation | UUID, method: Method | None) -> InsertionRule | None:
    """Return the newest version of a laboratory's QC rule for a method, or of its rule for all methods; None: the defaults."""
    rows = InsertionRule.objects.filter(laboratory=laboratory).order_by("-version")
    own = rows.filter(method=method).first() if method is not None else None
    return own or rows.filter(method=None).first()


def rates_for(laboratory: Organisation | UUID, method: Method | None) -> Rates:
    """Return the shares that count for a laboratory's runs of a method."""
    return rates_by(rule_for(laboratory, method))


def rates_by(rule: InsertionRule | None) -> Rates:
    """Return the shares of a rule; the defaults where a laboratory has none."""
    return DEFAULT_RATES if rule is None else Rates(**{name: getattr(rule, name) for name in SHARES})


def rules_of(laboratory: Organisation) -> QuerySet[InsertionRule]:
    """Return every version of a laboratory's QC rules, the newest first."""
    return (
        InsertionRule.objects.filter(laboratory=laboratory)
        .select_related("method", "made_by")
        .order_by("-id")
    )


def materials_for(method: Method, kind: MaterialKind, on: date) -> QuerySet[ReferenceMaterial]:
    """Return the materials of a kind in use on a day, by code; of reference materials those certified on the method's basis."""
    said = CertifiedValue.objects.filter(material=OuterRef("pk"), basis=method.basis)
    rows = ReferenceMaterial.objects.filter(kind=kind)
    # What a blank holds need not be known: it is to hold nothing.
    rows = rows if kind == MaterialKind.BLANK else rows.filter(Exists(said))
    rows = rows.filter(Q(expires_on=None) | Q(expires_on__gte=on), Q(retired_on=None) | Q(retired_on__gt=on))
    return rows.order_by("code", "lot", "id")


def crms_for(method: Method, samples: list[UUID], on: date) -> list[ReferenceMaterial]:
    """Return the reference materials for samples by a method: those near their thresholds first."""
    found = list(materials_for(method, MaterialKind.CRM, on))
    near = near_ids(samples, found, method.basis)
    return sorted(found, key=lambda one: one.pk not in near)


def instruments_of(laboratory: Organisation) -> QuerySet[Equipment]:
    """Return the laboratory's instruments in use, by code."""
    rows = Equipment.objects.filter(laboratory=laboratory, kind=EquipmentKind.INSTRUMENT, retired_on=None)
    return rows.order_by("code")


@dataclass(frozen=True, slots=True)
class Rack:
    """A built run's items in their order, what a change is bound to, and what the QC rule misses in it."""

    items: list[RunItem]
    version: str
    short: list[str]

    @property
    def routine(self) -> int:
        """Return the number of routine samples."""
        return sum(item.kind == ItemKind.SAMPLE for item in self.items)

    @property
    def qc(self) -> int:
        """Return the number of QC items."""
        return len(self.items) - self.routine


def ordered_items(run: Run) -> QuerySet[RunItem]:
    """Return the items of a rack in their order."""
    rows = RunItem.objects.filter(run=run, position__isnull=False)
    return rows.select_related("sample__tag", "sample__batch", "material", "portion").order_by(
        "position", "id"
    )


def rack_of(run: Run) -> Rack:
    """Return the rack of a run that was built here."""
    items = list(ordered_items(run))
    assert run.method is not None
    samples = sorted({item.sample_id for item in items if item.sample_id is not None})
    crms = {item.material.pk: item.material for item in items if item.kind == ItemKind.CRM and item.material}
    near = bool(near_ids(samples, list(crms.values()), run.method.basis)) if crms else False
    rates = rates_for(run.laboratory_id, run.method)
    return Rack(
        items,
        rack_version(item.pk for item in items),
        short_of([(item.kind, item.stage) for item in items], rates, near=near),
    )


def built_run_for(user: User, pk: Any) -> Run:
    """Return the run, if it was built in a laboratory of the person's. Raises `NotFound` ("run-unknown")."""
    rows = Run.objects.visible_to(user).filter(built_by__isnull=False)
    mine = [m.organisation_id for m in user.roles]
    if not user.oversees:
        rows = rows.filter(kept_by__in=mine)
    found = (
        rows.select_related("laboratory", "method", "instrument", "built_by", "rerun_of")
        .filter(pk=pk)
        .first()
    )
    if found is None:
        message = "There is no such run that was built here."
        raise NotFound(Problem("run-unknown", message, "Look it up.", Place(field="run")))
    return found


def method_for(user: User, pk: Any) -> Method:
    """Return the method, if it is of a laboratory at whose bench the person works. Raises `NotFound` ("method-unknown")."""
    found = methods_for(user).filter(pk=pk).first()
    if found is None:
        message = "Your laboratory has no such method."
        raise NotFound(Problem("method-unknown", message, "Choose another.", Place(field="method")))
    return found


def methods_for(user: User) -> QuerySet[Method]:
    """Return the methods of the laboratories at whose bench the person works."""
    mine = laboratories_of(user, Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER)
    return Method.objects.filter(laboratory__in=mine).select_related("laboratory").order_by("code", "id")


def item_in(run: Run, pk: Any) -> RunItem:
    """Return an item of a rack. Raises `NotFound` ("item-unknown")."""
    found = ordered_items(run).filter(pk=pk).first()
    if found is None:
        message = "This item is no longer in the rack."
        raise NotFound(
            Problem("item-unknown", message, "Look at the rack as it stands.", Place(field="item"))
        )
    return found


def material_for(pk: Any) -> ReferenceMaterial:
    """Return a reference material or blank. Raises `NotFound` ("material-unknown")."""
    found = ReferenceMaterial.objects.filter(pk=pk).first()
    if found is None:
        message = "There is no such material."
        raise NotFound(Problem("material-unknown", message, "Choose another.", Place(field="material")))
    return found


def instrument_for(laboratory: Organisation, pk: Any) -> Equipment:
    """Return a laboratory's instrument in use. Raises `NotFound` ("equipment-unknown")."""
    found = instruments_of(laboratory).filter(pk=pk).first()
    if found is None:
        message = "The laboratory has no such instrument in use."
        raise NotFound(Problem("equipment-unknown", message, "Choose another.", Place(field="instrument")))
    return found


def run_to_repeat(user: User, pk: Any) -> Run:
    """Return the run whose results another is to replace, if the person may see it. Raises `NotFound` ("run-unknown")."""
    found = Run.objects.visible_to(user).filter(pk=pk).first()
    if found is None:
        message = "There is no such run."
        raise NotFound(Problem("run-unknown", message, "Look it up.", Place(field="rerun_of")))
    return found
