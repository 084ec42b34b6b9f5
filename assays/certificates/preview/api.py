"""The preview over the API: problems, one line, sure suggestions, rows left out, layouts that are taught."""

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.certificates import queries
from assays.certificates.answering import leave_row
from assays.certificates.api_shapes import UploadSerializer
from assays.certificates.models import Upload
from assays.certificates.preview import api_shapes as shapes
from assays.certificates.preview import services
from assays.certificates.preview.layouts import said_mapping
from assays.certificates.preview.queries import line_of, problem_lines
from assays.certificates.reading.sheet import read_sheet
from lims import files
from lims.accounts.authentication import person
from samples.registry.api_view import PK, UUID_FORM, RegistryView

NUMBER = OpenApiParameter("number", OpenApiTypes.INT, OpenApiParameter.PATH, description="Row of the file.")


class Previews(RegistryView):
    """What is looked at and said before a file is committed."""

    access: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("problems", "line"), "certificates.watch"),
        **dict.fromkeys(("leave", "accept_sure", "teach"), "certificates.log"),
    }
    serializer_class = UploadSerializer
    queryset = Upload.objects.none()
    lookup_value_regex = UUID_FORM
    pagination_class = None

    def _upload(self, pk: str) -> Upload:
        return queries.upload_for(person(self.request), pk)

    @extend_schema(responses=shapes.ProblemLineSerializer(many=True), parameters=[PK])
    @action(detail=True)
    def problems(self, request: Request, pk: str) -> Response:  # the router gives it
        """Return everything wrong with a file: row, column, cell, what, what to do."""
        return Response(shapes.ProblemLineSerializer(problem_lines(self._upload(pk)), many=True).data)

    @extend_schema(responses=shapes.LineSerializer, parameters=[PK, NUMBER])
    @action(detail=True, url_path=r"lines/(?P<number>[0-9]{1,7})")
    def line(self, request: Request, pk: str, number: str) -> Response:  # as above
        """Return one row as it stands in the file, and its rare earths beside the file's median."""
        seen = line_of(self._upload(pk), int(number))
        told = {"number": seen.row.row.number, "label": seen.row.row.label, "around": seen.around}
        more = {"explained": seen.explained, "pattern": seen.pattern}
        return Response(shapes.LineSerializer({**told, **more}).data)

    @extend_schema(request=shapes.RowLeft, responses=UploadSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def leave(self, request: Request, pk: str) -> Response:
        """Leave a good row out of the commit, or take it in again."""
        given = self.given(shapes.RowLeft)
        held = leave_row(actor=person(request), upload=self._upload(pk), **given)
        return Response(UploadSerializer(held).data)

    @extend_schema(request=None, responses=shapes.AcceptedMatchesSerializer, parameters=[PK])
    @action(detail=True, methods=["post"], url_path="accept-sure")
    def accept_sure(self, request: Request, pk: str) -> Response:
        """Accept every suggestion that is sure."""
        settled = services.accept_sure(actor=person(request), upload=self._upload(pk))
        return Response({"settled": settled})

    @extend_schema(request=shapes.TaughtLayout, responses=UploadSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def teach(self, request: Request, pk: str) -> Response:
        """Say what the columns of a plain file hold; it is read by it, and so is the next one with its headings."""
        given = self.given(shapes.TaughtLayout)
        upload = self._upload(pk)
        sheet = read_sheet(files.get(upload.sha256), name=upload.file_name)
        mapping = said_mapping(sheet, given["mapping"])
        made = services.teach_layout(
            actor=person(request), upload=upload, name=given["name"], mapping=mapping
        )
        return Response(UploadSerializer(made).data)


router = SimpleRouter()
router.register("uploads", Previews, "api-upload")
urlpatterns = router.urls
