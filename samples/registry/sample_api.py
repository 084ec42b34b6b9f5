"""Samples over the API: the same verbs as the pages, and the same sight."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.db.models import QuerySet
from django_filters.rest_framework import CharFilter, ChoiceFilter, DateFilter, FilterSet, UUIDFilter
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import person
from samples.registry import api_shapes as shapes
from samples.registry import finding, queries, sample_queries, sample_services
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.models import Sample
from samples.registry.queries import batch_for, sample_for
from samples.registry.rules import SampleState


class SampleFilters(FilterSet):  # type: ignore[misc]  # the library is not typed
    """What narrows the list of samples; the same as on the page."""

    batch = CharFilter(label="Code of the batch, in any case.")
    mine = UUIDFilter(label="Id of the mine; one that the caller may not know of matches nothing.")
    state = ChoiceFilter(choices=[(state.value, state.title()) for state in SampleState])
    held = ChoiceFilter(choices=[("yes", "On hold")], label="Only those with an open hold.")
    since = DateFilter(label="Registered on this day or later.")
    until = DateFilter(label="Registered on this day or earlier.")
    text = CharFilter(label="A tag or its beginning, or a number that the caller may see, whole.")

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the samples that match all that was chosen."""
        chosen = {name: str(value) for name, value in self.form.cleaned_data.items() if value}
        return finding.matching(queryset, person(self.request), **chosen)


class Samples(RegistryView):
    """Bagged, tagged increments, from registration on."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "registry.read",
        "retrieve": "registry.read",
        "create": "registry.register",
        "partial_update": "registry.correct",
        "numbers": "registry.read",
        "add_number": "registry.register",
        "withdraw": "registry.withdraw",
        "holds": "registry.read",
        "set_hold": "registry.hold",
        "release": "registry.hold",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {
        "newest": ("-registered_at", "-id"),
        "tag": ("tag__code", "id"),
    }
    serializer_class = shapes.SampleSerializer
    queryset = Sample.objects.none()
    lookup_value_regex = UUID_FORM
    filterset_class = SampleFilters
    filters = tuple(SampleFilters.base_filters)

    def list(self, request: Request) -> Response:
        """List the samples that one may see, the newest first."""
        return self.page(self.filter_queryset(queries.samples_for(person(request))), queries.seen_samples)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one sample."""
        return Response(self._shown(pk))

    @extend_schema(request=shapes.NewSample, responses={201: shapes.SampleSerializer})
    def create(self, request: Request) -> Response:
        """Register a sample."""
        given = self.given(shapes.NewSample)
        batch = batch_for(person(request), given.pop("batch"))
        names = {"tag": "tag_code", "id": "sample_id"}
        sent = {names.get(name, name): value for name, value in given.items()}
        made = sample_services.register_sample(actor=person(request), batch=batch, **sent)
        return Response(self._shown(made.pk), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.NewCorrection, responses=shapes.SampleSerializer, parameters=[PK])
    def partial_update(self, request: Request, pk: str) -> Response:
        """Correct what was registered; the record keeps what it was."""
        sample = sample_for(person(request), pk)
        given = self.given(shapes.NewCorrection)
        sample_services.correct_sample(
            actor=person(request), sample=sample, reason=given.pop("reason"), changes=given
        )
        return Response(self._shown(pk))

    @extend_schema(responses=shapes.NumberSerializer(many=True), filters=False, parameters=[PK])
    @action(detail=True, pagination_class=None)
    def numbers(self, request: Request, pk: str) -> Response:
        """List the numbers by which the sample goes, as far as one may know them."""
        found = sample_queries.numbers_for(person(request), sample_for(person(request), pk))
        return Response(shapes.NumberSerializer(found, many=True).data)

    @extend_schema(request=shapes.NewNumber, responses={201: shapes.NumberSerializer}, parameters=[PK])
    @numbers.mapping.post
    def add_number(self, request: Request, pk: str) -> Response:
        """Add a field or laboratory number."""
        sample = sample_for(person(request), pk)
        made = sample_services.add_external_number(
            actor=person(request), sample=sample, **self.given(shapes.NewNumber)
        )
        return Response(shapes.NumberSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.Reason, responses=shapes.SampleSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a sample out of its batch's count, for good."""
        sample = sample_for(person(request), pk)
        sample_services.withdraw_sample(actor=person(request), sample=sample, **self.given(shapes.Reason))
        return Response(self._shown(pk))

    @extend_schema(responses=shapes.HoldSerializer(many=True), filters=False, parameters=[PK])
    @action(detail=True, pagination_class=None)
    def holds(self, request: Request, pk: str) -> Response:
        """List the sample's holds, the last one first; why is for those who may know where it comes from."""
        found = sample_queries.holds_for(person(request), sample_for(person(request), pk))
        return Response(shapes.HoldSerializer(found, many=True).data)

    @extend_schema(request=shapes.NewHold, responses={201: shapes.HoldSerializer}, parameters=[PK])
    @holds.mapping.post
    def set_hold(self, request: Request, pk: str) -> Response:
        """Make a sample wait."""
        sample = sample_for(person(request), pk)
        made = sample_services.set_hold(actor=person(request), sample=sample, **self.given(shapes.NewHold))
        return Response(shapes.HoldSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.Reason, responses=shapes.HoldSerializer, parameters=[PK])
    @action(detail=True, methods=["post"], url_path=f"holds/(?P<hold>{UUID_FORM})/release")
    def release(self, request: Request, pk: str, hold: str) -> Response:
        """Let a sample go on."""
        held = queries.hold_for(sample_for(person(request), pk), hold)
        released = sample_services.release_hold(actor=person(request), hold=held, **self.given(shapes.Reason))
        return Response(shapes.HoldSerializer(released).data)

    def _shown(self, pk: Any) -> Any:
        user = person(self.request)
        return shapes.SampleSerializer(queries.seen_samples(user, [sample_for(user, pk)])[0]).data


router = SimpleRouter()
router.register("samples", Samples, "api-sample")
