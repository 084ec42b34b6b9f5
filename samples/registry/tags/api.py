"""Blocks, labels and tags over the API: the same verbs as the pages."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.idempotency import Idempotent
from lims.api.serializers import StrictSerializer
from lims.errors import invalid
from samples.registry.api_shapes import Owner
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.models import TagBlock
from samples.registry.rules import show_tag
from samples.registry.tags import services
from samples.registry.tags.queries import block_for, blocks_for, look_up, seen_blocks, tags_to_print
from samples.registry.tags.rules import LAYOUTS, LabelSize
from samples.registry.tags.sheets import address_of, sheets, zpl


class NewBlock(StrictSerializer):
    """Tags to reserve: the owner's next `count`, for one coordinator."""

    owner = Owner()
    coordinator = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True))
    count = serializers.IntegerField()
    note = serializers.CharField(max_length=200, required=False, allow_blank=True)


class BlockSerializer(serializers.Serializer[Any]):
    """A block of tags: `used` are, or were, on a bag."""

    id = serializers.UUIDField()
    owner = serializers.CharField()
    first = serializers.CharField()
    last = serializers.CharField()
    count = serializers.IntegerField()
    used = serializers.IntegerField()
    unused = serializers.IntegerField()
    coordinator = serializers.CharField()
    note = serializers.CharField()
    reserved_at = serializers.DateTimeField()
    reserved_by = serializers.CharField()
    released_at = serializers.DateTimeField(allow_null=True)
    released_by = serializers.CharField()


class Blocks(RegistryView):
    """Blocks of tags that are reserved for coordinators."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "registry.manage",
        "retrieve": "registry.manage",
        "create": "registry.manage",
        "release": "registry.manage",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = BlockSerializer
    queryset = TagBlock.objects.none()
    lookup_value_regex = UUID_FORM

    def list(self, request: Request) -> Response:
        """List the blocks of the owners for whom one registers."""
        return self.page(blocks_for(person(request)), seen_blocks)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one block."""
        return Response(self._shown(request, pk))

    @extend_schema(request=NewBlock, responses={201: BlockSerializer})
    def create(self, request: Request) -> Response:
        """Issue tags for one coordinator."""
        made = services.reserve_tags(actor=person(request), **self.given(NewBlock))
        return Response(self._shown(request, made.pk), status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses=BlockSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Let everybody of the owner's use the rest of a block."""
        services.release_block(actor=person(request), block=block_for(person(request), pk))
        return Response(self._shown(request, pk))

    def _shown(self, request: Request, pk: Any) -> Any:
        user = person(request)
        return BlockSerializer(seen_blocks(user, [block_for(user, pk)])[0]).data


class Chosen(StrictSerializer):
    """Labels to print: those of a block, or from one tag to another (one only, without `last`)."""

    block = serializers.UUIDField(required=False)
    first = serializers.CharField(max_length=200, required=False)
    last = serializers.CharField(max_length=200, required=False)
    form = serializers.ChoiceField(["pdf", "zpl"], default="pdf", help_text="zpl: 70 × 37 mm at 203 dpi.")
    size = serializers.ChoiceField([size.value for size in LabelSize], default=LabelSize.SMALL.value)
    skip = serializers.IntegerField(
        min_value=0, default=0, help_text="Labels that are gone from the first sheet."
    )
    inside = serializers.BooleanField(default=False, help_text="A second label for the inside of each bag.")
    marks = serializers.BooleanField(default=False, help_text="Cut marks, for plain paper.")


class Labels(Idempotent):
    """Labels to print."""

    access: ClassVar[Mapping[str, str]] = {"get": "registry.manage"}

    @extend_schema(
        parameters=[Chosen],
        responses={
            (200, "application/pdf"): OpenApiTypes.BINARY,
            (200, "text/plain"): OpenApiTypes.STR,
        },
    )
    def get(self, request: Request) -> HttpResponse:
        """Give labels as A4 sheets (PDF), or for a label printer (ZPL)."""
        sent = Chosen(data=request.query_params.dict())
        sent.is_valid(raise_exception=True)
        given = dict(sent.validated_data)
        form, size = given.pop("form"), LabelSize(given.pop("size"))
        if given["skip"] >= LAYOUTS[size].places:
            message = f"A sheet has {LAYOUTS[size].places} labels."
            raise invalid("count-out-of-range", message, "Say how many of them are gone.", field="skip")
        chosen = {name: given.pop(name) for name in ("block", "first", "last") if name in given}
        found = tags_to_print(person(request), **chosen)
        if form == "zpl":
            return HttpResponse(zpl(found, inside=given["inside"]), content_type="text/plain; charset=utf-8")
        return HttpResponse(sheets(found, size=size, **given), content_type="application/pdf")


class TagOnBagSerializer(serializers.Serializer[Any]):
    """What a tag is on: `sample` null when on no bag yet; `replaced` when the bag has another tag now."""

    tag = serializers.CharField()
    address = serializers.CharField(help_text="What its QR code holds.")
    sample = serializers.UUIDField(allow_null=True)
    sample_tag = serializers.CharField(allow_null=True)
    replaced = serializers.BooleanField()


class TagView(Idempotent):
    """One tag, by its code in any spelling."""

    access: ClassVar[Mapping[str, str]] = {"get": "registry.read"}

    @extend_schema(
        responses=TagOnBagSerializer, parameters=[OpenApiParameter("tag", str, OpenApiParameter.PATH)]
    )
    def get(self, request: Request, tag: str) -> Response:
        """Return what a tag is on."""
        found = look_up(person(request), tag)
        sample = found.sample
        answer = {
            "tag": show_tag(found.code),
            "address": address_of(found.code),
            "sample": sample.pk if sample else None,
            "sample_tag": str(sample) if sample else None,
            "replaced": found.formerly,
        }
        return Response(TagOnBagSerializer(answer).data)


router = SimpleRouter()
router.register("tag-blocks", Blocks, "api-tag-block")
urlpatterns = [
    *router.urls,
    path("tag-labels/", Labels.as_view(), name="api-tag-labels"),
    path("tags/<str:tag>/", TagView.as_view(), name="api-tag-on-bag"),
]
