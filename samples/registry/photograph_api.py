"""Photographs over the API: added as a file, listed by bag, served by permission."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims import files
from lims.accounts.authentication import person
from lims.api.serializers import StrictSerializer
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.models import Photograph
from samples.registry.photographs import keep_photograph, photograph_for, visible_photographs
from samples.registry.queries import sample_for


class NewPhotograph(StrictSerializer):
    """A picture of a bag; `id` is a UUIDv7 that the client made, if it did."""

    sample = serializers.UUIDField()
    photograph = serializers.FileField(help_text="JPEG or PNG, at most 20 MB.")
    taken_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    id = serializers.UUIDField(required=False)


class PhotographSerializer(serializers.ModelSerializer[Photograph]):
    """A picture as it is kept: SHA-256 of its bytes, width and height in px, size in bytes."""

    class Meta:
        model = Photograph
        fields = ("id", "sample", "sha256", "media_type", "width", "height", "size", "taken_at", "added_at")
        read_only_fields = fields


class Photographs(RegistryView):
    """Pictures of bags: within 1600 px and 400 kB, without a place inside."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "registry.read",
        "retrieve": "registry.read",
        "create": "registry.photograph",
        "content": "registry.read",
    }
    filters = ("sample",)
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = PhotographSerializer
    queryset = Photograph.objects.none()
    lookup_value_regex = UUID_FORM
    parser_classes = (MultiPartParser,)

    @extend_schema(
        parameters=[OpenApiParameter("sample", OpenApiTypes.UUID, description="Only of this bag.")]
    )
    def list(self, request: Request) -> Response:
        """List the photographs that one may see."""
        rows = visible_photographs(person(request))
        wanted = request.query_params.get("sample")
        if wanted:
            field = serializers.UUIDField()
            rows = rows.filter(sample=field.run_validation(wanted))
        return self.page(rows, lambda _user, found: found)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return what is known of one photograph."""
        return Response(PhotographSerializer(photograph_for(person(request), UUID(pk))).data)

    @extend_schema(request={"multipart/form-data": NewPhotograph}, responses={201: PhotographSerializer})
    def create(self, request: Request) -> Response:
        """Keep a picture of a bag."""
        given = self.given(NewPhotograph)
        user = person(request)
        sample = sample_for(user, given["sample"])
        facts: dict[str, Any] = {"taken_at": given["taken_at"], "photograph_id": given.get("id")}
        content = given["photograph"].read()
        made = keep_photograph(actor=user, owner=sample.batch.owner, sample=sample, content=content, **facts)
        return Response(PhotographSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[PK], responses={(200, "image/jpeg"): OpenApiTypes.BINARY})
    @action(detail=True)
    def content(self, request: Request, pk: str) -> HttpResponse:
        """Give a photograph's bytes."""
        found = photograph_for(person(request), UUID(pk))
        return HttpResponse(files.get(found.sha256), content_type=found.media_type)


router = SimpleRouter()
router.register("photographs", Photographs, "api-photograph")
