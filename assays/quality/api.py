"""What QC says of runs, and overrides, over the API."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.quality import investigating_api, services
from assays.quality.charting import api as charting_api
from assays.quality.models import QcEvaluation, QcOverride
from assays.runs.models import Run
from assays.runs.queries import run_for
from lims.accounts.authentication import person
from lims.api.serializers import StrictSerializer
from lims.errors import NotFound, Place, Problem
from samples.registry.api_view import PK, UUID_FORM, RegistryView


class EvaluationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    run_id = serializers.UUIDField()
    version = serializers.CharField()
    method = serializers.CharField(source="method_code")
    analyte = serializers.CharField()
    oxide = serializers.CharField()
    verdict = serializers.CharField(help_text="PASS, WARN, FAIL or NONE; the last two withhold.")
    reason = serializers.CharField()
    blank_excess_ppm = serializers.DecimalField(30, 12, allow_null=True, normalize_output=True)
    threshold_ppm = serializers.DecimalField(30, 12, allow_null=True, normalize_output=True)
    marks = serializers.JSONField(help_text="One entry a QC item.")
    withheld = serializers.JSONField(help_text="Ids of the items whose values are withheld; null means all.")


class OverrideSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    run_id = serializers.UUIDField()
    version = serializers.CharField()
    analyte = serializers.CharField(help_text="Empty: every analyte of the run.")
    state = serializers.CharField()
    reason = serializers.CharField()
    proposed_by_id = serializers.UUIDField()
    proposed_at = serializers.DateTimeField()
    second_by_id = serializers.UUIDField(allow_null=True)
    second_at = serializers.DateTimeField(allow_null=True)
    second_reason = serializers.CharField()


class NewOverride(StrictSerializer):
    run = serializers.UUIDField()
    analyte = serializers.CharField(required=False, allow_blank=True, max_length=8)
    reason = serializers.CharField()


class OverrideReason(StrictSerializer):
    reason = serializers.CharField()


class Evaluations(RegistryView):
    """What the QC items of a run say, by method and analyte."""

    access: ClassVar[Mapping[str, str]] = {"list": "runs.read"}
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = EvaluationSerializer
    queryset = QcEvaluation.objects.none()
    filters = ("run",)

    def list(self, request: Request) -> Response:
        """List what QC says of the runs that one may see."""
        rows = QcEvaluation.objects.filter(run__in=Run.objects.visible_to(person(request)).values("pk"))
        run = request.query_params.get("run")
        if run:
            rows = rows.filter(run=run_for(person(request), run))
        return self.page(rows, lambda _user, found: found)


class Overrides(RegistryView):
    """Two persons' decision to let results count although QC says otherwise."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "runs.read",
        "create": "quality.override",
        "second": "quality.override",
        "refuse": "quality.override",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = OverrideSerializer
    queryset = QcOverride.objects.none()
    lookup_value_regex = UUID_FORM

    def _override(self, pk: str) -> QcOverride:
        runs = Run.objects.visible_to(person(self.request)).values("pk")
        found = QcOverride.objects.filter(run__in=runs, pk=pk).select_related("run").first()
        if found is None:
            raise NotFound(
                Problem("override-unknown", "There is no such override.", "Look it up.", Place(field="id"))
            )
        return found

    def list(self, request: Request) -> Response:
        """List the overrides of the runs that one may see, the newest first."""
        runs = Run.objects.visible_to(person(request)).values("pk")
        return self.page(QcOverride.objects.filter(run__in=runs), lambda _user, found: found)

    @extend_schema(request=NewOverride, responses={201: OverrideSerializer})
    def create(self, request: Request) -> Response:
        """Propose an override; it counts once a second person agrees."""
        given = self.given(NewOverride)
        run = run_for(person(request), given.pop("run"))
        made = services.propose_override(actor=person(request), run=run, **given)
        return Response(OverrideSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=OverrideReason, responses=OverrideSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def second(self, request: Request, pk: str) -> Response:
        """Agree to an override, as a second person, with a reason."""
        made = services.second_override(
            actor=person(request), override=self._override(pk), **self.given(OverrideReason)
        )
        return Response(OverrideSerializer(made).data)

    @extend_schema(request=OverrideReason, responses=OverrideSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def refuse(self, request: Request, pk: str) -> Response:
        """Refuse an override, as a second person, with a reason."""
        made = services.refuse_override(
            actor=person(request), override=self._override(pk), **self.given(OverrideReason)
        )
        return Response(OverrideSerializer(made).data)


router = SimpleRouter()
router.register("qc-evaluations", Evaluations, "api-qc-evaluation")
router.register("qc-overrides", Overrides, "api-qc-override")
urlpatterns = [*charting_api.urlpatterns, *investigating_api.urlpatterns, *router.urls]
