"""Plans and blind items over the API: the same verbs as the pages."""

from collections.abc import Mapping
from typing import Any, ClassVar

import rules
from django.core.exceptions import PermissionDenied
from django.urls import path
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from lims.accounts.authentication import person
from lims.api.idempotency import Idempotent
from lims.api.serializers import StrictSerializer
from lims.errors import NotFound, Problem
from samples.registry.models import Batch
from samples.registry.plans import services
from samples.registry.plans.queries import Progress, plan_of, progress_of
from samples.registry.plans.rules import SiteDraft
from samples.registry.queries import batch_for, sample_for
from samples.registry.rules import BlindKind
from samples.registry.sight import Sight, sight_of


class SiteShape(StrictSerializer):
    """A site of a plan: place in degrees (WGS 84)."""

    name = serializers.CharField(max_length=60)
    planned_number = serializers.IntegerField(min_value=1, max_value=10_000)
    latitude = serializers.DecimalField(max_digits=9, decimal_places=6, required=False, allow_null=True)
    longitude = serializers.DecimalField(max_digits=9, decimal_places=6, required=False, allow_null=True)
    note = serializers.CharField(max_length=500, required=False, allow_blank=True)


class PlanShape(StrictSerializer):
    """A plan as it is sent; `planned_number` may be left out where there are sites."""

    sites = SiteShape(many=True, required=False)
    planned_number = serializers.IntegerField(required=False, allow_null=True, min_value=1, max_value=10_000)
    method = serializers.CharField(max_length=200, required=False, allow_blank=True)
    interval = serializers.CharField(max_length=200, required=False, allow_blank=True)
    sampler = serializers.CharField(max_length=200, required=False, allow_blank=True)
    planned_blanks = serializers.IntegerField(required=False, min_value=0, max_value=10_000)
    planned_crms = serializers.IntegerField(required=False, min_value=0, max_value=10_000)


class SiteProgressShape(serializers.Serializer[Any]):
    name = serializers.CharField()
    planned = serializers.IntegerField()
    registered = serializers.IntegerField()
    left = serializers.IntegerField()


class ProgressShape(serializers.Serializer[Any]):
    """A plan and how far it is; `outside` are the ids of samples that it did not ask for."""

    planned_number = serializers.IntegerField()
    registered = serializers.IntegerField()
    percent = serializers.IntegerField()
    frozen_at = serializers.DateTimeField(allow_null=True)
    frozen_by = serializers.CharField()
    method = serializers.CharField()
    interval = serializers.CharField()
    sampler = serializers.CharField()
    sites = SiteProgressShape(many=True)
    outside = serializers.ListField(child=serializers.UUIDField())


class BlindShape(StrictSerializer):
    """A blind item: kind and material."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.value) for kind in BlindKind])
    material = serializers.CharField(max_length=100)


def shown(progress: Progress) -> dict[str, Any]:
    """Return a plan's progress as it is answered."""
    plan = progress.plan
    names = ("planned_number", "method", "interval", "sampler")
    answer = {
        **{name: getattr(plan, name) for name in names},
        **{
            name: getattr(progress, name)
            for name in ("registered", "percent", "frozen_at", "frozen_by", "sites")
        },
        "outside": sorted(progress.outside),
    }
    return dict(ProgressShape(answer).data)


def _progress(batch: Batch) -> Progress:
    found = progress_of(batch)
    if found is None:
        raise NotFound(Problem("plan-unknown", f"{batch} has no plan.", "Make one first."))
    return found


class PlanView(Idempotent):
    """A batch's sampling plan; a laboratory does not see it."""

    access: ClassVar[Mapping[str, str]] = {"get": "registry.see_mines", "put": "registry.manage"}

    @extend_schema(responses=ProgressShape)
    def get(self, request: Request, pk: str) -> Response:
        """Return the plan of a batch and how far it is."""
        batch = batch_for(person(request), pk)
        if sight_of(person(request), batch) <= Sight.BLIND:
            raise PermissionDenied
        return Response(shown(_progress(batch)))

    @extend_schema(request=PlanShape, responses=ProgressShape)
    def put(self, request: Request, pk: str) -> Response:
        """Plan a batch, or plan it otherwise, whole, until the plan is frozen."""
        user = person(request)
        batch = batch_for(user, pk)
        sent = PlanShape(data=request.data)
        sent.is_valid(raise_exception=True)
        given = dict(sent.validated_data)
        given["sites"] = [SiteDraft(**site) for site in given.get("sites", [])]
        found = plan_of(batch)
        if found is None:
            services.make_plan(actor=user, batch=batch, **given)
        else:
            services.change_plan(actor=user, plan=found, **given)
        return Response(shown(_progress(batch)))


class FreezeView(Idempotent):
    """The end of planning."""

    access: ClassVar[Mapping[str, str]] = {"post": "registry.manage"}

    @extend_schema(request=None, responses=ProgressShape)
    def post(self, request: Request, pk: str) -> Response:
        """Freeze a batch's plan."""
        batch = batch_for(person(request), pk)
        if not rules.has_perm("registry.manage", person(request), batch):
            raise PermissionDenied
        services.freeze_plan(actor=person(request), plan=_progress(batch).plan)
        return Response(shown(_progress(batch)))


class BlindView(Idempotent):
    """The owner's blind items."""

    access: ClassVar[Mapping[str, str]] = {"post": "registry.register"}

    @extend_schema(request=BlindShape, responses={201: BlindShape})
    def post(self, request: Request, pk: str) -> Response:
        """Say that a bag holds the owner's blank or reference material."""
        sample = sample_for(person(request), pk)
        sent = BlindShape(data=request.data)
        sent.is_valid(raise_exception=True)
        services.register_blind_item(actor=person(request), sample=sample, **sent.validated_data)
        return Response(dict(sent.validated_data), status=status.HTTP_201_CREATED)


urlpatterns = [
    path("batches/<uuid:pk>/plan/", PlanView.as_view(), name="api-plan"),
    path("batches/<uuid:pk>/plan/freeze/", FreezeView.as_view(), name="api-plan-freeze"),
    path("samples/<uuid:pk>/blind-item/", BlindView.as_view(), name="api-blind-item"),
]
