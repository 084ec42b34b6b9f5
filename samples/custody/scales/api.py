"""Scales over the API: the same verbs as the pages."""

from collections.abc import Mapping
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import person
from lims.accounts.models import Organisation
from lims.api.serializers import StrictSerializer
from samples.custody.models import Scale, ScaleCheck
from samples.custody.scales import services
from samples.custody.scales.queries import scale_for, scales_for, seen_scales
from samples.registry.api_shapes import Mass, Moment
from samples.registry.api_view import PK, UUID_FORM, RegistryView


class NewScale(StrictSerializer):
    """A scale: division and capacity in g."""

    owner = serializers.PrimaryKeyRelatedField(queryset=Organisation.objects.all())
    name = serializers.CharField(max_length=60)
    division_g = Mass()
    capacity_g = Mass(required=False, allow_null=True)


class NewCheck(StrictSerializer):
    """What a scale showed under a check weight, in g; now, unless a time is given."""

    nominal_g = Mass()
    read_g = Mass()
    at = Moment(required=False)
    id = serializers.UUIDField(required=False)


class ScaleSerializer(serializers.Serializer[Any]):
    """A scale with its last check; `unfit` says why it should not be used now."""

    id = serializers.UUIDField()
    name = serializers.CharField()
    owner = serializers.CharField()
    division_g = Mass()
    capacity_g = Mass(allow_null=True)
    retired = serializers.BooleanField()
    checked_at = serializers.DateTimeField(allow_null=True)
    passed = serializers.BooleanField(allow_null=True)
    unfit = serializers.CharField()


class CheckSerializer(serializers.ModelSerializer[ScaleCheck]):
    """A check of a scale: masses in g."""

    class Meta:
        model = ScaleCheck
        fields = ("id", "nominal_g", "read_g", "passed", "at", "recorded_at")
        read_only_fields = fields


class Scales(RegistryView):
    """Scales of the organisations that one works for."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "custody.weigh",
        "retrieve": "custody.weigh",
        "create": "custody.weigh",
        "retire": "custody.weigh",
        "check": "custody.weigh",
    }
    sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {"newest": ("-id",)}
    serializer_class = ScaleSerializer
    queryset = Scale.objects.none()
    lookup_value_regex = UUID_FORM

    def list(self, request: Request) -> Response:
        """List the scales that one may see."""
        return self.page(scales_for(person(request)), lambda _user, rows: _seen(rows))

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one scale."""
        return Response(self._shown(request, pk))

    @extend_schema(request=NewScale, responses={201: ScaleSerializer})
    def create(self, request: Request) -> Response:
        """Add a scale."""
        made = services.add_scale(actor=person(request), **self.given(NewScale))
        return Response(self._shown(request, str(made.pk)), status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=ScaleSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """Let nobody choose a scale any more."""
        services.retire_scale(actor=person(request), scale=scale_for(person(request), UUID(pk)))
        return Response(self._shown(request, pk))

    @extend_schema(request=NewCheck, responses={201: CheckSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"], url_path="checks")
    def check(self, request: Request, pk: str) -> Response:
        """Record what a scale showed under a check weight."""
        scale, given = scale_for(person(request), UUID(pk)), self.given(NewCheck)
        made = services.record_scale_check(
            actor=person(request),
            scale=scale,
            at=given.pop("at", None) or timezone.now(),
            check_id=given.pop("id", None),
            **given,
        )
        return Response(CheckSerializer(made).data, status=status.HTTP_201_CREATED)

    def _shown(self, request: Request, pk: str) -> Any:
        scale = scale_for(person(request), UUID(pk))
        return ScaleSerializer(_seen([scale])[0]).data


def _seen(rows: Any) -> list[Any]:
    """Return scales as they are shown, in the order of `rows`."""
    ids = [row.pk for row in rows]
    seen = {one.id: one for one in seen_scales(Scale.objects.filter(pk__in=ids).select_related("owner"))}
    return [seen[pk] for pk in ids]


router = SimpleRouter()
router.register("scales", Scales, "api-scale")
