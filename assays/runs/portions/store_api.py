"""Store places, retention rules and ignitions over the API: the same verbs as the pages."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from assays.runs.models import Ignition, RetentionRule, StorePlace
from assays.runs.portions import api_shapes as shapes
from assays.runs.portions import queries, services
from lims.accounts.authentication import person
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from lims.errors import NotFound, Problem
from lims.errors import Place as Where
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.queries import sample_for


def _laboratory(user: User, pk: UUID, *roles: Role) -> Organisation:
    """Return the person's laboratory with this id. Raises `NotFound` ("laboratory-unknown")."""
    found = queries.laboratories_of(user, *roles).filter(pk=pk).first()
    if found is None:
        message = "It is none of your laboratories."
        raise NotFound(Problem("laboratory-unknown", message, "Choose yours.", Where(field="laboratory")))
    return found


class Places(RegistryView):
    """Store places of one's laboratories."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "runs.bench",
        "create": "portions.handle",
        "retire": "portions.handle",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = shapes.StorePlaceSerializer
    queryset = StorePlace.objects.none()
    lookup_value_regex = UUID_FORM

    def list(self, request: Request) -> Response:
        """List the places with how many portions stand there."""
        return self.page(queries.places_for(person(request)), lambda _user, rows: rows)

    @extend_schema(request=shapes.NewStorePlace, responses={201: shapes.StorePlaceSerializer})
    def create(self, request: Request) -> Response:
        """Add a place."""
        user, given = person(request), self.given(shapes.NewStorePlace)
        where = _laboratory(user, given["laboratory"], Role.TECHNICIAN)
        inside = queries.place_for(user, given["inside"]) if given.get("inside") else None
        made = services.add_place(actor=user, laboratory=where, name=given["name"], inside=inside)
        shown = shapes.StorePlaceSerializer(queries.place_for(user, made.pk)).data
        return Response(shown, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=shapes.StorePlaceSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Let nothing be put into a place any more."""
        user = person(request)
        services.retire_place(actor=user, place=queries.place_for(user, pk))
        return Response(shapes.StorePlaceSerializer(queries.place_for(user, pk)).data)


class RetentionRules(RegistryView):
    """How long one's laboratories keep portions: every version, the newest first."""

    access: ClassVar[Mapping[str, str]] = {"list": "runs.bench", "create": "portions.keep"}
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = shapes.RetentionRuleSerializer
    queryset = RetentionRule.objects.none()

    def list(self, request: Request) -> Response:
        """List the rules."""
        mine = queries.laboratories_of(person(request), Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER)
        return self.page(RetentionRule.objects.filter(laboratory__in=mine), lambda _user, rows: rows)

    @extend_schema(request=shapes.NewRetentionRule, responses={201: shapes.RetentionRuleSerializer})
    def create(self, request: Request) -> Response:
        """Say how long portions of a kind are kept; it counts for what is there already."""
        given: dict[str, Any] = self.given(shapes.NewRetentionRule)
        where = _laboratory(person(request), given.pop("laboratory"), Role.MANAGER)
        made = services.set_retention_rule(actor=person(request), laboratory=where, **given)
        made.refresh_from_db()
        return Response(shapes.RetentionRuleSerializer(made).data, status=status.HTTP_201_CREATED)


class Ignitions(RegistryView):
    """What samples lost on ignition."""

    access: ClassVar[Mapping[str, str]] = {"create": "runs.weigh"}
    serializer_class = shapes.IgnitionSerializer
    queryset = Ignition.objects.none()

    @extend_schema(request=shapes.NewIgnition, responses={201: shapes.IgnitionSerializer})
    def create(self, request: Request) -> Response:
        """Record a sample's dry and ignited mass."""
        given = self.given(shapes.NewIgnition)
        sample = sample_for(person(request), given.pop("sample"))
        made = services.record_ignition(actor=person(request), sample=sample, **given)
        made.refresh_from_db()
        return Response(shapes.IgnitionSerializer(made).data, status=status.HTTP_201_CREATED)
