"""Routes and limits over the API: the same verbs as the pages."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import person
from lims.accounts.models import Organisation
from lims.api.serializers import StrictSerializer
from samples.custody.checks import LIMIT_WORDS
from samples.custody.limits import limits_of, set_limit
from samples.custody.models import Route
from samples.custody.routes import services
from samples.custody.routes.forms import managed
from samples.custody.routes.queries import drafts_of, route_for, routes_for
from samples.custody.routes.rules import LegDraft
from samples.custody.rules import Mode
from samples.registry.api_view import PK, UUID_FORM, RegistryView


class PointShape(serializers.ListField):
    """A place as [latitude, longitude], in degrees (WGS 84)."""

    def __init__(self, **kwargs: Any) -> None:
        child = serializers.DecimalField(max_digits=9, decimal_places=6, min_value=-180, max_value=180)
        super().__init__(child=child, min_length=2, max_length=2, **kwargs)


class LegShape(StrictSerializer):
    """A leg: hours and grace in hours, places in degrees."""

    from_name = serializers.CharField(max_length=100)
    to_name = serializers.CharField(max_length=100)
    mode = serializers.ChoiceField(choices=[(mode.value, mode.value) for mode in Mode])
    hours = serializers.DecimalField(max_digits=6, decimal_places=2)
    grace_hours = serializers.DecimalField(max_digits=6, decimal_places=2, required=False)
    start = PointShape(required=False, allow_null=True)
    end = PointShape(required=False, allow_null=True)
    via = serializers.ListField(child=PointShape(), required=False)


class NewRoute(StrictSerializer):
    """A route to plan."""

    owner = serializers.PrimaryKeyRelatedField(queryset=Organisation.objects.all())
    name = serializers.CharField(max_length=100)
    legs = LegShape(many=True)


class RouteSerializer(serializers.ModelSerializer[Route]):
    """A route with its legs."""

    legs = serializers.SerializerMethodField()

    class Meta:
        model = Route
        fields = ("id", "name", "owner", "retired_at", "legs")
        read_only_fields = fields

    def get_legs(self, route: Route) -> list[dict[str, Any]]:
        """Return the legs in their order."""
        return [dict(LegShape(leg).data) for leg in drafts_of(route)]


def _draft(leg: Mapping[str, Any]) -> LegDraft:
    def pair(point: Any) -> tuple[Decimal, Decimal] | None:
        return (point[0], point[1]) if point else None

    via = tuple((one[0], one[1]) for one in leg.get("via", []))
    grace = leg.get("grace_hours", Decimal(0))
    ends = pair(leg.get("start")), pair(leg.get("end"))
    return LegDraft(leg["from_name"], leg["to_name"], leg["mode"], leg["hours"], grace, *ends, via)


class Routes(RegistryView):
    """Planned ways of consignments."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "custody.documents",
        "retrieve": "custody.documents",
        "create": "custody.judge",
        "retire": "custody.judge",
    }
    sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {"newest": ("-id",)}
    serializer_class = RouteSerializer
    queryset = Route.objects.none()
    lookup_value_regex = UUID_FORM

    def list(self, request: Request) -> Response:
        """List the routes that one may see."""
        return self.page(routes_for(person(request)).prefetch_related("legs"), lambda _user, rows: rows)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one route."""
        return Response(RouteSerializer(route_for(person(request), pk)).data)

    @extend_schema(request=NewRoute, responses={201: RouteSerializer})
    def create(self, request: Request) -> Response:
        """Plan a route."""
        given = self.given(NewRoute)
        legs = [_draft(leg) for leg in given["legs"]]
        made = services.add_route(actor=person(request), owner=given["owner"], name=given["name"], legs=legs)
        return Response(RouteSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=RouteSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Let no more consignments take a route."""
        user = person(request)
        made = services.retire_route(actor=user, route=route_for(user, pk))
        return Response(RouteSerializer(made).data)


class NewLimit(StrictSerializer):
    """Another limit, and why; the unit is in its name."""

    owner = serializers.PrimaryKeyRelatedField(queryset=Organisation.objects.all())
    name = serializers.ChoiceField(choices=[(name, name) for name in LIMIT_WORDS])
    value = serializers.DecimalField(max_digits=12, decimal_places=4)
    rationale = serializers.CharField(max_length=1000)


class LimitSerializer(serializers.Serializer[Any]):
    """A limit as it holds for an owner."""

    owner = serializers.UUIDField()
    name = serializers.CharField()
    value = serializers.DecimalField(max_digits=12, decimal_places=4)


class CustodyLimits(RegistryView):
    """Limits of the custody checks for the owners that one manages."""

    access: ClassVar[Mapping[str, str]] = {"list": "custody.judge", "create": "custody.judge"}
    serializer_class = LimitSerializer
    queryset = Route.objects.none()
    pagination_class = None

    def list(self, request: Request) -> Response:
        """List the limits that hold now."""
        rows = [
            {"owner": owner, "name": name, "value": getattr(limits_of(owner), name)}
            for owner in sorted(set(managed(person(request))))
            for name in LIMIT_WORDS
        ]
        return Response(LimitSerializer(rows, many=True).data)

    @extend_schema(request=NewLimit, responses={201: LimitSerializer})
    def create(self, request: Request) -> Response:
        """Let another limit hold from now on."""
        made = set_limit(actor=person(request), **self.given(NewLimit))
        shown = {"owner": made.owner_id, "name": made.name, "value": made.value}
        return Response(LimitSerializer(shown).data, status=status.HTTP_201_CREATED)


router = SimpleRouter()
router.register("routes", Routes, "api-route")
router.register("custody-limits", CustodyLimits, "api-custody-limit")
