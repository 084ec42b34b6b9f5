"""Reads of portions: who may see which, where they stand, what was measured of their sample."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum

from assays.catalogue.models import Equipment
from assays.runs.models import Ignition, Moisture, Portion, StorePlace
from assays.runs.portions.lineage import Node, lineage
from assays.runs.portions.retention import due_for_disposal, first_days, retention_rules
from assays.runs.portions.rules import corrected_g, loi_pct, moisture_pct
from assays.runs.rules import PortionState
from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from lims.errors import NotFound, Place, Problem, invalid
from samples.registry.models import Sample
from samples.registry.rules import show_tag
from samples.registry.tags.queries import look_up

__all__ = [
    "Measured",
    "Node",
    "due_for_disposal",
    "equipment_for",
    "equipment_of",
    "first_days",
    "laboratories_of",
    "lineage",
    "measured",
    "place_for",
    "places_for",
    "portion_for",
    "portions_for",
    "retention_rules",
    "sample_by_tag",
]


def laboratories_of(user: User, *roles: Role) -> QuerySet[Organisation]:
    """Return the laboratories in which the person has one of these roles, by name."""
    mine = [m.organisation_id for m in user.roles if m.role in roles]
    rows = Organisation.objects.filter(pk__in=mine, kind=OrganisationKind.LABORATORY)
    return rows.order_by("name", "id")


def portions_for(user: User) -> QuerySet[Portion]:
    """Return the portions that the person may see, with sample, place and laboratory."""
    rows = Portion.objects.visible_to(user)
    return rows.select_related("sample__tag", "sample__batch", "place", "laboratory")


def portion_for(user: User, pk: Any) -> Portion:
    """Return the portion, if the person may see it. Raises `NotFound` ("portion-unknown")."""
    found = portions_for(user).filter(pk=pk).first()
    if found is None:
        message = "There is no such portion."
        raise NotFound(Problem("portion-unknown", message, "Scan its label.", Place(field="portion")))
    return found


def sample_by_tag(user: User, text: str) -> Sample:
    """Return the sample whose bag carries a tag, however it was typed or scanned; also by a tag that was replaced.

    Raises `Invalid` ("tag-malformed", "tag-check-character", "tag-free") or `NotFound` ("tag-unknown").
    """
    found = look_up(user, text)
    if found.sample is None:
        message = f"{show_tag(found.code)} is on no bag."
        raise invalid("tag-free", message, "Scan the tag on the bag.", field="tag")
    return found.sample


def places_for(user: User) -> QuerySet[StorePlace]:
    """Return the store places of the person's laboratories, with how many portions stand there (`count`, `left_g`)."""
    held = Q(portions__state=PortionState.HELD)
    rows = StorePlace.objects.select_related("laboratory", "inside").annotate(
        count=Count("portions", filter=held), left_g=Sum("portions__left_g", filter=held)
    )
    if not user.oversees:
        rows = rows.filter(laboratory__in=[m.organisation_id for m in user.roles])
    return rows.order_by("laboratory__name", "name", "id")


def place_for(user: User, pk: Any) -> StorePlace:
    """Return the place, if it is in a laboratory of the person's. Raises `NotFound` ("place-unknown")."""
    found = places_for(user).filter(pk=pk).first()
    if found is None:
        message = "There is no such place."
        raise NotFound(Problem("place-unknown", message, "Look it up in the store.", Place(field="place")))
    return found


def equipment_of(laboratory: UUID | Organisation) -> QuerySet[Equipment]:
    """Return the equipment that a laboratory has in use, by code."""
    return Equipment.objects.filter(laboratory=laboratory, retired_on=None).order_by("code")


def equipment_for(laboratory: UUID | Organisation, pk: Any) -> Equipment:
    """Return a laboratory's equipment in use. Raises `NotFound` ("equipment-unknown")."""
    found = equipment_of(laboratory).filter(pk=pk).first()
    if found is None:
        message = "The laboratory has no such equipment in use."
        raise NotFound(Problem("equipment-unknown", message, "Choose another.", Place(field="equipment")))
    return found


@dataclass(frozen=True, slots=True)
class Measured:
    """What a sample lost on drying and on ignition, by the newest record of each; masses in g, shares in per cent."""

    moisture: Moisture | None
    ignition: Ignition | None

    @property
    def moisture_pct(self) -> Decimal | None:
        """Return the moisture in per cent of the wet mass."""
        return moisture_pct(self.moisture.wet_g, self.moisture.dry_g) if self.moisture else None

    @property
    def loi_pct(self) -> Decimal | None:
        """Return the loss on ignition in per cent of the dry mass."""
        return loi_pct(self.ignition.dry_g, self.ignition.ignited_g) if self.ignition else None

    def dry_g(self, wet_g: Decimal) -> Decimal | None:
        """Return a wet mass as it is dry; None without a record of moisture."""
        return corrected_g(wet_g, self.moisture.wet_g, self.moisture.dry_g) if self.moisture else None

    def ignited_g(self, wet_g: Decimal) -> Decimal | None:
        """Return a wet mass as it is ignited; None without records of both."""
        dry = self.dry_g(wet_g)
        if dry is None or self.ignition is None:
            return None
        return corrected_g(dry, self.ignition.dry_g, self.ignition.ignited_g)


def measured(sample: Sample | UUID) -> Measured:
    """Return what was measured of a sample's moisture and loss on ignition; the newest record of each counts."""
    drying = Moisture.objects.filter(sample=sample).select_related("recorded_by").order_by("-id").first()
    burning = Ignition.objects.filter(sample=sample).select_related("recorded_by").order_by("-id").first()
    return Measured(drying, burning)
