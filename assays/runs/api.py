"""Runs and their review over the API, and what belongs to samples: requests for analysis, moisture."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.catalogue.models import Method
from assays.runs import queries, retests, services
from assays.runs.building import api as building_api
from assays.runs.models import AnalysisRequest, Moisture, Run
from assays.runs.queries import run_for
from assays.runs.rules import RunState
from lims.accounts.authentication import person
from lims.api.serializers import StrictSerializer
from lims.errors import NotFound, Place, Problem
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.models import Sample
from samples.registry.queries import batch_for, sample_for


class RunSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    number = serializers.CharField()
    laboratory = serializers.CharField(source="laboratory.name")
    kept_by = serializers.CharField(source="kept_by.name")
    state = serializers.CharField()
    version = serializers.CharField(help_text="What a review is bound to: send it back when reviewing.")
    submitted_by = serializers.CharField(source="submitted_by.name", allow_null=True, default=None)
    submitted_at = serializers.DateTimeField(allow_null=True)
    due_on = serializers.DateField(allow_null=True)
    sample_count = serializers.IntegerField()
    qc_count = serializers.IntegerField()


class ItemSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    label = serializers.CharField()  # type: ignore[assignment]  # a serializer has a label of its own
    occurrence = serializers.IntegerField()
    kind = serializers.CharField()
    sample_id = serializers.UUIDField(allow_null=True)
    material_id = serializers.UUIDField(allow_null=True)
    position = serializers.IntegerField(allow_null=True)


class ReviewSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    verdict = serializers.CharField()
    version = serializers.CharField()
    reason = serializers.CharField()
    reviewer = serializers.CharField(source="reviewer.name")
    reviewed_at = serializers.DateTimeField()
    signature = serializers.CharField(
        help_text="SHA-256 over reviewer, run, version, verdict and reason; empty: not signed."
    )


class Signed(StrictSerializer):
    version = serializers.CharField()
    password = serializers.CharField(
        trim_whitespace=False, max_length=200, help_text="The reviewer's own, as the signature."
    )


class NewApproval(Signed):
    note = serializers.CharField(required=False, allow_blank=True)


class NewReturn(Signed):
    reason = serializers.CharField()


class RetestSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    item = serializers.CharField(source="item.label")
    analyte = serializers.CharField(help_text="Empty: every element.")
    reason = serializers.CharField()
    asked_by = serializers.CharField(source="asked_by.name", allow_null=True, default=None)
    asked_at = serializers.DateTimeField()
    done_in = serializers.UUIDField(
        source="done_in_id", allow_null=True, help_text="The run that has done it."
    )


class NewRetest(StrictSerializer):
    item = serializers.CharField(max_length=100, help_text="As the certificate calls it.")
    analyte = serializers.CharField(required=False, allow_blank=True, max_length=8)
    reason = serializers.CharField()


class Runs(RegistryView):
    """Jobs: samples and QC items analysed together, by the laboratory's number."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "runs.read",
        "retrieve": "runs.read",
        "items": "runs.read",
        "reviews": "runs.read",
        "approve": "runs.review",
        "return_results": "runs.review",
        "retest": "runs.review",
        "retests": "runs.read",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = RunSerializer
    queryset = Run.objects.none()
    lookup_value_regex = UUID_FORM
    filters = ("state",)

    def list(self, request: Request) -> Response:
        """List the runs that one may see, the newest first."""
        rows = queries.runs_for(person(request), state=self.chosen("state", list(RunState)))
        return self.page(rows, lambda _user, found: found)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one run."""
        return Response(self._shown(pk))

    @extend_schema(responses=ItemSerializer(many=True), parameters=[PK])
    @action(detail=True)
    def items(self, request: Request, pk: str) -> Response:
        """List a run's items: those of samples that one may see, and its QC items."""
        rows = queries.items_for(person(request), run_for(person(request), pk))
        found = self.paginator.paginate_queryset(rows, request, _ById())  # type: ignore[union-attr,arg-type]  # ours
        return self.get_paginated_response(ItemSerializer(found, many=True).data)

    @extend_schema(responses=ReviewSerializer(many=True), parameters=[PK])
    @action(detail=True, pagination_class=None)
    def reviews(self, request: Request, pk: str) -> Response:
        """List what reviewers said, the last one first."""
        found = run_for(person(request), pk).reviews.select_related("reviewer").order_by("-id")
        return Response(ReviewSerializer(found, many=True).data)

    @extend_schema(request=NewApproval, responses=RunSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def approve(self, request: Request, pk: str) -> Response:
        """Let the results count, as they stood when one read them (`version`); never one's own."""
        services.approve_run(
            actor=person(request), run=run_for(person(request), pk), **self.given(NewApproval)
        )
        return Response(self._shown(pk))

    @extend_schema(request=NewReturn, responses=RunSerializer, parameters=[PK])
    @action(detail=True, methods=["post"], url_path="return")
    def return_results(self, request: Request, pk: str) -> Response:
        """Send the results back with a reason."""
        services.return_run(actor=person(request), run=run_for(person(request), pk), **self.given(NewReturn))
        return Response(self._shown(pk))

    @extend_schema(responses=RetestSerializer(many=True), parameters=[PK])
    @action(detail=True, pagination_class=None)
    def retests(self, request: Request, pk: str) -> Response:
        """List the retests that were asked for, the last one first."""
        found = retests.retests_of(person(request), run_for(person(request), pk))
        return Response(RetestSerializer(found, many=True).data)

    @extend_schema(request=NewRetest, responses={201: RetestSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def retest(self, request: Request, pk: str) -> Response:
        """Ask for an item to be analysed again, for one element or for all."""
        given, run = self.given(NewRetest), run_for(person(request), pk)
        item = queries.item_called(person(request), run, given.pop("item"))
        made = retests.ask_retest(actor=person(request), run=run, item=item, **given)
        made = retests.retests_of(person(request), run).get(pk=made.pk)
        return Response(RetestSerializer(made).data, status=status.HTTP_201_CREATED)

    def _shown(self, pk: Any) -> Any:
        return RunSerializer(run_for(person(self.request), pk)).data


class _ById:
    """The one order of items."""

    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"id": ("id",)}


class RequestSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    batch_id = serializers.UUIDField()
    method_id = serializers.UUIDField()
    requested_at = serializers.DateTimeField()
    expected = serializers.IntegerField(help_text="Samples asked for.")
    agreed_rule = serializers.CharField()
    due_on = serializers.DateField(allow_null=True)
    hold_until = serializers.DateField(allow_null=True)
    dispose_after = serializers.DateField(allow_null=True)


class NewRequest(StrictSerializer):
    batch = serializers.UUIDField()
    method = serializers.UUIDField()
    samples = serializers.ListField(child=serializers.UUIDField(), max_length=10_000)
    agreed_rule = serializers.CharField(
        required=False, allow_blank=True, max_length=1000, help_text="What was agreed with the laboratory."
    )
    due_on = serializers.DateField(required=False, help_text="Empty: by the method's turnaround.")
    hold_until = serializers.DateField(required=False, help_text="Until when what is left is kept.")
    dispose_after = serializers.DateField(required=False)


class Requests(RegistryView):
    """What an owner asked a laboratory to analyse."""

    access: ClassVar[Mapping[str, str]] = {"create": "runs.request"}
    serializer_class = RequestSerializer
    queryset = AnalysisRequest.objects.none()

    @extend_schema(request=NewRequest, responses={201: RequestSerializer})
    def create(self, request: Request) -> Response:
        """Ask for samples of one batch to be analysed by a method."""
        given = self.given(NewRequest)
        batch = batch_for(person(request), given["batch"])
        method = Method.objects.filter(pk=given["method"]).first()
        samples = list(Sample.objects.filter(batch=batch, pk__in=given["samples"]))
        if method is None or len(samples) != len(set(given["samples"])):
            field = "samples" if method else "method"
            raise NotFound(Problem("not-found", "Not every id is known.", "Look it up.", Place(field=field)))
        given |= {"batch": batch, "method": method, "samples": samples}
        made = services.request_analysis(actor=person(request), **given)
        made = queries.requests_of(batch).get(pk=made.pk)
        return Response(RequestSerializer(made).data, status=status.HTTP_201_CREATED)


class MoistureSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    sample_id = serializers.UUIDField()
    wet_g = serializers.DecimalField(12, 4)
    dry_g = serializers.DecimalField(12, 4)
    temperature_c = serializers.DecimalField(5, 1)
    measured_at = serializers.DateTimeField()


class NewMoisture(StrictSerializer):
    sample = serializers.UUIDField()
    wet_g = serializers.DecimalField(12, 4)
    dry_g = serializers.DecimalField(12, 4)
    temperature_c = serializers.DecimalField(5, 1)
    measured_at = serializers.DateTimeField()


class Moistures(RegistryView):
    """What samples lost on drying."""

    access: ClassVar[Mapping[str, str]] = {"create": "runs.weigh"}
    serializer_class = MoistureSerializer
    queryset = Moisture.objects.none()

    @extend_schema(request=NewMoisture, responses={201: MoistureSerializer})
    def create(self, request: Request) -> Response:
        """Record a sample's wet and dry mass."""
        given = self.given(NewMoisture)
        sample = sample_for(person(request), given.pop("sample"))
        made = services.record_moisture(actor=person(request), sample=sample, **given)
        made.refresh_from_db()
        return Response(MoistureSerializer(made).data, status=status.HTTP_201_CREATED)


router = SimpleRouter()
router.register("runs", Runs, "api-run")
router.register("analysis-requests", Requests, "api-analysis-request")
router.register("moistures", Moistures, "api-moisture")
urlpatterns = [*building_api.urlpatterns, *router.urls]
