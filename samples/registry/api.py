"""Mines, batches and tags over the API: the same verbs as the pages; samples and lists have modules of their own."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import person
from samples.registry import api_shapes as shapes
from samples.registry import queries, services
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.list_api import router as lists
from samples.registry.models import Batch, Mine, Tag, TagSeries
from samples.registry.photograph_api import router as photographs
from samples.registry.plans.api import urlpatterns as plans
from samples.registry.queries import batch_for
from samples.registry.sample_api import router as samples
from samples.registry.sight import EXACT
from samples.registry.tags.api import urlpatterns as tags


class Mines(RegistryView):
    """Sites, for those who may know where samples come from."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "registry.read",
        "retrieve": "registry.read",
        "create": "registry.manage",
        "partial_update": "registry.manage",
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
        # As it is kept, to the last decimal.
        return Response(
            self._shown(queries.mine_for(person(request), made.pk)), status=status.HTTP_201_CREATED
        )

    @extend_schema(request=shapes.MineChange, responses=shapes.MineSerializer, parameters=[PK])
    def partial_update(self, request: Request, pk: str) -> Response:
        """Change what is known of a mine's conditions; the record keeps who and when."""
        found, given = queries.mine_for(person(request), pk), self.given(shapes.MineChange)
        made = services.change_due_diligence(actor=person(request), mine=found, status=given["due_diligence"])
        return Response(self._shown(made))

    def _shown(self, mine: Mine) -> Any:
        return shapes.MineSerializer(queries.seen_mines(person(self.request), [mine])[0]).data


class Batches(RegistryView):
    """Samples of one campaign at one mine and of one material, judged together."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "registry.read",
        "retrieve": "registry.read",
        "create": "registry.manage",
        "close": "registry.manage",
        "reopen": "registry.manage",
        "parties": "registry.read",
        "add_party": "registry.manage",
        "remove_party": "registry.manage",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",), "code": ("code", "id")}
    serializer_class = shapes.BatchSerializer
    queryset = Batch.objects.none()
    filters = filterset_fields = ("state", "material_type", "code")
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

    @extend_schema(responses=shapes.PartySerializer(many=True), filters=False, parameters=[PK])
    @action(detail=True, pagination_class=None)
    def parties(self, request: Request, pk: str) -> Response:
        """List who holds or tests the batch, as far as one may know."""
        found = queries.parties_for(person(request), batch_for(person(request), pk))
        return Response(shapes.PartySerializer(found, many=True).data)

    @extend_schema(request=shapes.NewParty, responses={201: shapes.PartySerializer}, parameters=[PK])
    @parties.mapping.post
    def add_party(self, request: Request, pk: str) -> Response:
        """Let a carrier hold the batch or a laboratory test it."""
        batch = batch_for(person(request), pk)
        made = services.add_party(actor=person(request), batch=batch, **self.given(shapes.NewParty))
        return Response(shapes.PartySerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[
            PK,
            OpenApiParameter("organisation", OpenApiTypes.UUID, required=True),
            OpenApiParameter("part", str, required=True),
        ],
        responses={204: None},
    )
    @parties.mapping.delete
    def remove_party(self, request: Request, pk: str) -> Response:
        """End an organisation's part in the batch; it does not see it any more."""
        batch = batch_for(person(request), pk)
        shape = shapes.NewParty(data=request.query_params.dict())
        shape.is_valid(raise_exception=True)
        party = queries.party_for(batch, **shape.validated_data)
        services.remove_party(actor=person(request), party=party)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _shown(self, pk: Any) -> Any:
        user = person(self.request)
        return shapes.BatchSerializer(queries.seen_batches(user, [batch_for(user, pk)])[0]).data


class Tags(RegistryView):
    """Printed identifiers, and the letters with which an owner's begin."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "registry.manage",
        "create": "registry.manage",
        "letters": "registry.manage",
        "start": "registry.manage",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"code": ("code",), "newest": ("-id",)}
    serializer_class = shapes.TagSerializer
    queryset = Tag.objects.none()
    filters = ("free",)

    @extend_schema(parameters=[OpenApiParameter("free", str, enum=["yes"])])
    def list(self, request: Request) -> Response:
        """List the tags of the owners for whom one registers; `free=yes` for those on no bag."""
        user = person(request)
        free = self.chosen("free", ["yes"]) == "yes"
        return self.page(
            queries.free_tags(user) if free else Tag.objects.visible_to(user), lambda _user, rows: rows
        )

    @extend_schema(request=shapes.NewTags, responses={201: shapes.TagSerializer(many=True)})
    def create(self, request: Request) -> Response:
        """Issue the next tags of an owner."""
        made = services.issue_tags(actor=person(request), **self.given(shapes.NewTags))
        return Response(shapes.TagSerializer(made, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=shapes.LettersSerializer(many=True), filters=False)
    @action(detail=False, pagination_class=None)
    def letters(self, request: Request) -> Response:
        """List the letters of the owners for whom one registers, and the last number that was issued."""
        mine = TagSeries.objects.filter(owner__in=person(request).organisations_as(*EXACT)).order_by("prefix")
        return Response(shapes.LettersSerializer(mine, many=True).data)

    @extend_schema(request=shapes.NewLetters, responses={201: shapes.LettersSerializer})
    @letters.mapping.post
    def start(self, request: Request) -> Response:
        """Give an owner the two letters of their tags, once."""
        made = services.start_tags(actor=person(request), **self.given(shapes.NewLetters))
        return Response(shapes.LettersSerializer(made).data, status=status.HTTP_201_CREATED)


router = SimpleRouter()
router.register("mines", Mines, "api-mine")
router.register("batches", Batches, "api-batch")
router.register("tags", Tags, "api-tag")
# One tag by its code comes last: `tags/letters/` is no code.
urlpatterns = [*router.urls, *samples.urls, *lists.urls, *photographs.urls, *plans, *tags]
