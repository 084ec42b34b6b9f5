"""Routes, their legs, and the legs of a consignment on its way: shape, not behaviour."""

from typing import Any, ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower, Now

from lims.accounts.models import Organisation, User
from lims.ids import uuid7
from lims.recording import Recording
from samples.custody.columns import by, known
from samples.custody.consignment_models import Consignment
from samples.custody.rules import MODE_LABELS, Mode

_PLACES: frozenset[str] = frozenset({"from_latitude", "from_longitude", "to_latitude", "to_longitude", "via"})


def _degrees() -> Any:
    return models.DecimalField(max_digits=9, decimal_places=6, null=True)


def _whole(end: str) -> Q:
    """Return the condition that a place is whole and on Earth, or not given."""
    latitude, longitude = f"{end}_latitude", f"{end}_longitude"
    given = {f"{latitude}__isnull": False, f"{longitude}__isnull": False}
    on_earth = {f"{latitude}__range": (-90, 90), f"{longitude}__range": (-180, 180)}
    return Q(**{latitude: None, longitude: None}) | Q(**given, **on_earth)


class RouteQuerySet(models.QuerySet["Route"]):
    """Routes, by who may see them."""

    def visible_to(self, user: User) -> Self:
        """Return the routes of one's own organisations, and those of consignments that one carries."""
        if user.oversees:
            return self
        mine = [m.organisation_id for m in user.roles]
        return self.filter(
            Q(owner__in=mine) | Q(pk__in=Consignment.objects.filter(carrier__in=mine).values("route"))
        )


class Route(models.Model):
    """A planned way of an owner's consignments, in legs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(Organisation, models.PROTECT, related_name="routes")
    name = models.CharField(max_length=100)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    created_by = by()
    retired_at = models.DateTimeField(null=True)

    objects = RouteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "owner",
                Lower("name"),
                condition=Q(retired_at=None),
                name="route_name_once",
                violation_error_message="Another route of this owner has this name.",
            ),
            models.CheckConstraint(name="route_named", condition=~Q(name="")),
        ]

    def __str__(self) -> str:
        return self.name


class Leg(models.Model):
    """Where a leg begins and ends, by which points, and how: the same for a route and for a consignment on it."""

    position = models.PositiveIntegerField()
    from_name = models.CharField(max_length=100)
    to_name = models.CharField(max_length=100)
    from_latitude = _degrees()
    from_longitude = _degrees()
    to_latitude = _degrees()
    to_longitude = _degrees()
    #: points between, as [latitude, longitude] in degrees (WGS 84)
    via = models.JSONField(default=list)
    mode = models.CharField(max_length=8, choices=[(m.value, label) for m, label in MODE_LABELS.items()])
    #: how late one may be before it is an incident, in hours
    grace_hours = models.DecimalField(max_digits=6, decimal_places=2)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.from_name} to {self.to_name}"


class RouteLeg(Leg):
    """One leg of a planned route, and how long it takes, in hours."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    route = models.ForeignKey(Route, models.PROTECT, related_name="legs")
    hours = models.DecimalField(max_digits=6, decimal_places=2)

    recording: ClassVar[Recording] = Recording(place=_PLACES)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["route", "position"], name="route_leg_once"),
            known("route_leg_mode_known", "mode", list(Mode)),
            models.CheckConstraint(name="route_leg_named", condition=~Q(from_name="") & ~Q(to_name="")),
            models.CheckConstraint(
                name="route_leg_takes_time", condition=Q(hours__gt=0) & Q(grace_hours__gte=0)
            ),
            models.CheckConstraint(
                name="route_leg_place_whole",
                condition=_whole("from") & _whole("to"),
            ),
        ]


class ConsignmentLeg(Leg):
    """One leg of a consignment: due when, done when, by which event; overdue since when it was noticed."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    consignment = models.ForeignKey(Consignment, models.PROTECT, related_name="legs")
    due_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    done_event = models.ForeignKey("samples.CustodyEvent", models.PROTECT, null=True, related_name="+")
    overdue_at = models.DateTimeField(null=True)

    recording: ClassVar[Recording] = Recording(place=_PLACES)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consignment", "position"], name="consignment_leg_once"),
            known("consignment_leg_mode_known", "mode", list(Mode)),
            models.CheckConstraint(name="consignment_leg_grace_positive", condition=Q(grace_hours__gte=0)),
            models.CheckConstraint(
                name="consignment_leg_done_whole",
                condition=Q(done_at=None, done_event=None) | Q(done_at__isnull=False),
            ),
        ]
        indexes = [models.Index(F("due_at"), name="leg_not_done", condition=Q(done_at=None, overdue_at=None))]
