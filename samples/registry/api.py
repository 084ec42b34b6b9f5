# what a view is about is in its name; its actions are documented
"""Mines, batches, samples, tags and lists over the API: the same verbs as the pages."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import person
from samples.registry import api_shapes as shapes
from samples.registry import queries, sample_services, services
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.list_api import router as lists
from samples.registry.models import Batch, Mine, Sample, Tag
from samples.registry.queries import batch_for, sample_for


class Mines(RegistryView):
    access: ClassVar[Mapping[str, str]] = {
        "list": "registry.read",
        "retrieve": "registry.read",
        "create": "registry.manage",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"name": ("name", "id")}
    serializer_class = shapes.MineSerializer
    queryset = Mine.objects.none()
    lookup_value_regex = UUID_FORM

    def list(self, request: Request) -> Response:
        """List the mines that one may know of."""
        return self.page(queries.mines_for(person(request)), queries.seen_mines)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one mine."""
        return Response(self._shown(queries.mine_for(person(request), pk)))

    @extend_schema(request=shapes.NewMine, responses={201: shapes.MineSerializer})
    def create(self, request: Request) -> Response:
        """Add a mine."""
        made = services.add_mine(actor=person(request), **self.given(shapes.NewMine))
        return Response(self._shown(made), status=status.HTTP_201_CREATED)

    def _shown(self, mine: Mine) -> Any:
        return shapes.MineSerializer(queries.seen_mines(person(self.request), [mine])[0]).data


class Batches(RegistryView):
    access: ClassVar[Mapping[str, str]] = {
        "list": "registry.read",
        "retrieve": "registry.read",
        "create": "registry.manage",
        "close": "registry.manage",
        "reopen": "registry.manage",
        "parties": "registry.manage",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",), "code": ("code", "id")}
    serializer_class = shapes.BatchSerializer
    queryset = Batch.objects.none()
    filterset_fields = ("state", "material_type", "code")
    lookup_value_regex = UUID_FORM

    def list(self, request: Request) -> Response:
        """List the batches that one may see."""
        return self.page(self.filter_queryset(queries.batches_for(person(request))), queries.seen_batches)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one batch."""
        return Response(self._shown(pk))

    @extend_schema(request=shapes.NewBatch, responses={201: shapes.BatchSerializer})
    def create(self, request: Request) -> Response:
        """Open a batch at a mine."""
        given = self.given(shapes.NewBatch)
        mine = queries.mine_for(person(request), given.pop("mine"))
        made = services.open_batch(actor=person(request), mine=mine, **given)
        return Response(self._shown(made.pk), status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=shapes.BatchSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Let no more samples in."""
        services.close_batch(actor=person(request), batch=batch_for(person(request), pk))
        return Response(self._shown(pk))

    @extend_schema(request=None, responses=shapes.BatchSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def reopen(self, request: Request, pk: str) -> Response:
        """Let samples into a closed batch again."""
        services.reopen_batch(actor=person(request), batch=batch_for(person(request), pk))
        return Response(self._shown(pk))

    @extend_schema(request=shapes.NewParty, responses={201: shapes.PartySerializer}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def parties(self, request: Request, pk: str) -> Response:
        """Let a carrier hold the batch or a laboratory test it."""
        batch = batch_for(person(request), pk)
        made = services.add_party(actor=person(request), batch=batch, **self.given(shapes.NewParty))
        return Response(shapes.PartySerializer(made).data, status=status.HTTP_201_CREATED)

    def _shown(self, pk: Any) -> Any:
        user = person(self.request)
        return shapes.BatchSerializer(queries.seen_batches(user, [batch_for(user, pk)])[0]).data


class Samples(RegistryView):
    access: ClassVar[Mapping[str, str]] = {
        "list": "registry.read",
        "retrieve": "registry.read",
        "create": "registry.register",
        "partial_update": "registry.correct",
        "numbers": "registry.register",
        "withdraw": "registry.withdraw",
        "holds": "registry.hold",
        "release": "registry.hold",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {
        "newest": ("-registered_at", "-id"),
        "tag": ("tag__code", "id"),
    }
    serializer_class = shapes.SampleSerializer
    queryset = Sample.objects.none()
    lookup_value_regex = UUID_FORM
    FILTERS: ClassVar[Sequence[str]] = ("batch", "mine", "state", "held", "text")

    @extend_schema(parameters=[OpenApiParameter(name, str) for name in FILTERS])
    def list(self, request: Request) -> Response:
        """List the samples that one may see, by batch code, mine id, state, held=yes, text (tag or number)."""
        user, chosen = person(request), {name: request.query_params.get(name, "") for name in self.FILTERS}
        return self.page(queries.matching(queries.samples_for(user), user, **chosen), queries.seen_samples)

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

    @extend_schema(request=shapes.NewNumber, responses={201: shapes.SampleSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def numbers(self, request: Request, pk: str) -> Response:
        """Add a field or laboratory number."""
        sample = sample_for(person(request), pk)
        sample_services.add_external_number(
            actor=person(request), sample=sample, **self.given(shapes.NewNumber)
        )
        return Response(self._shown(pk), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.Reason, responses=shapes.SampleSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, pk: str) -> Response:
        """Take a sample out of its batch's count, for good."""
        sample = sample_for(person(request), pk)
        sample_services.withdraw_sample(actor=person(request), sample=sample, **self.given(shapes.Reason))
        return Response(self._shown(pk))

    @extend_schema(request=shapes.NewHold, responses={201: shapes.HoldSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def holds(self, request: Request, pk: str) -> Response:
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


class Tags(RegistryView):
    access: ClassVar[Mapping[str, str]] = {"list": "registry.manage", "create": "registry.manage"}
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"code": ("code",), "newest": ("-id",)}
    serializer_class = shapes.TagSerializer
    queryset = Tag.objects.none()

    def list(self, request: Request) -> Response:
        """List the tags of the owners for whom one registers; `free=yes` for those on no bag."""
        tags = Tag.objects.visible_to(person(request))
        if request.query_params.get("free") == "yes":
            tags = tags.filter(sample=None)
        return self.page(tags, lambda _user, rows: rows)

    @extend_schema(request=shapes.NewTags, responses={201: shapes.TagSerializer(many=True)})
    def create(self, request: Request) -> Response:
        """Issue the next tags of an owner."""
        made = services.issue_tags(actor=person(request), **self.given(shapes.NewTags))
        return Response(shapes.TagSerializer(made, many=True).data, status=status.HTTP_201_CREATED)


router = SimpleRouter()
router.register("mines", Mines, "api-mine")
router.register("batches", Batches, "api-batch")
router.register("samples", Samples, "api-sample")
router.register("tags", Tags, "api-tag")
urlpatterns = [*router.urls, *lists.urls]
