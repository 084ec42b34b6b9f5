"""Lists of samples over the API: upload, preview, commit."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import person
from lims.api.parsers import BoundedJSONParser
from lims.api.serializers import StrictSerializer
from samples.registry import list_services, queries
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.models import ListRow, SampleList
from samples.registry.queries import batch_for


class ListSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    batch_id = serializers.UUIDField()
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    state = serializers.CharField()
    problems = serializers.JSONField()
    understood = serializers.JSONField()
    rows_read = serializers.IntegerField()
    rows_good = serializers.IntegerField()
    rows_committed = serializers.IntegerField()


class RowSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Row of the file, from 1.")
    raw = serializers.JSONField(help_text="The cells' text by heading.")
    values = serializers.JSONField(help_text="What was understood; empty when the row cannot be a sample.")
    problems = serializers.JSONField()
    warnings = serializers.JSONField()
    sample_id = serializers.UUIDField(allow_null=True)


class NewList(StrictSerializer):
    batch = serializers.UUIDField()
    file = serializers.FileField()


class Commit(StrictSerializer):
    leave_out = serializers.ListField(
        child=serializers.IntegerField(), required=False, help_text="Rows to leave out."
    )


class Lists(RegistryView):
    access: ClassVar[Mapping[str, str]] = {
        "list": "registry.register",
        "retrieve": "registry.register",
        "create": "registry.register",
        "rows": "registry.register",
        "commit": "registry.register",
        "discard": "registry.register",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = ListSerializer
    queryset = SampleList.objects.none()
    lookup_value_regex = UUID_FORM
    parser_classes = (BoundedJSONParser, MultiPartParser)

    def list(self, request: Request) -> Response:
        """List the uploaded lists of the owners for whom one registers."""
        return self.page(queries.lists_for(person(request)), lambda _user, rows: rows)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one list: its state, counts and problems."""
        return Response(ListSerializer(queries.list_for(person(request), pk)).data)

    @extend_schema(request={"multipart/form-data": NewList}, responses={201: ListSerializer})
    def create(self, request: Request) -> Response:
        """Upload a list (CSV or XLSX); a worker reads it."""
        given = self.given(NewList)
        batch, file = batch_for(person(request), given["batch"]), given["file"]
        made = list_services.upload_list(
            actor=person(request), batch=batch, name=file.name, content=file.read()
        )
        return Response(ListSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=Commit, responses=ListSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, pk: str) -> Response:
        """Register the good rows; a worker does it, all of them or none."""
        found = queries.list_for(person(request), pk)
        return Response(
            ListSerializer(
                list_services.commit_list(actor=person(request), sample_list=found, **self.given(Commit))
            ).data
        )

    @extend_schema(request=None, responses=ListSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Put a list away; its file stays."""
        found = queries.list_for(person(request), pk)
        return Response(
            ListSerializer(list_services.discard_list(actor=person(request), sample_list=found)).data
        )

    @extend_schema(responses=RowSerializer(many=True), parameters=[PK])
    @action(detail=True)
    def rows(self, request: Request, pk: str) -> Response:
        """Return a list's rows, each with what was understood and what is wrong; `bad=yes` for those with problems."""
        rows = ListRow.objects.filter(sample_list=queries.list_for(person(request), pk))
        if request.query_params.get("bad") == "yes":
            rows = rows.exclude(problems=[])
        found = self.paginator.paginate_queryset(rows, request, _ByNumber())  # type: ignore[union-attr,arg-type]  # ours
        return self.get_paginated_response(RowSerializer(found, many=True).data)


class _ByNumber:
    """The one order of rows: that of the file."""

    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"row": ("number",)}


router = SimpleRouter()
router.register("lists", Lists, "api-list")
