"""Certificates over the API: upload, preview, commit; what stands in the record."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.catalogue.models import Method, Profile, ReferenceMaterial
from assays.certificates import answering, queries, services, template_api
from assays.certificates import api_shapes as shapes
from assays.certificates.models import Certificate, Upload
from assays.certificates.preview import api as preview_api
from assays.certificates.rules import UploadState
from assays.runs.queries import run_for
from lims.accounts.authentication import person
from lims.accounts.models import Organisation
from lims.api.parsers import BoundedJSONParser
from lims.errors import NotFound, Place, Problem
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.models import Sample


def _one(rows: Any, pk: Any, what: str) -> Any:
    """Return the row with this id, None for no id. Raises `NotFound`."""
    if pk is None:
        return None
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound(Problem("not-found", f"There is no such {what}.", "Look it up.", Place(field=what)))
    return found


class Uploads(RegistryView):
    """Certificates' files on their way to the record."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "certificates.watch",
        "retrieve": "certificates.watch",
        "rows": "certificates.watch",
        "create": "certificates.log",
        "describe": "certificates.log",
        "match": "certificates.log",
        "commit": "certificates.log",
        "discard": "certificates.log",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = shapes.UploadSerializer
    queryset = Upload.objects.none()
    lookup_value_regex = UUID_FORM
    parser_classes = (BoundedJSONParser, MultiPartParser)
    filters = ("state",)

    def _upload(self, pk: str) -> Upload:
        return queries.upload_for(person(self.request), pk)

    def list(self, request: Request) -> Response:
        """List the uploads of one's laboratory, the newest first."""
        rows = Upload.objects.visible_to(person(request))
        state = self.chosen("state", list(UploadState))
        return self.page(rows.filter(state=state) if state else rows, lambda _user, found: found)

    @extend_schema(responses=shapes.PreviewSerializer, parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one upload with its preview in numbers and one sentence."""
        return Response(self._shown(pk))

    @extend_schema(
        request={"multipart/form-data": shapes.NewUpload}, responses={201: shapes.UploadSerializer}
    )
    def create(self, request: Request) -> Response:
        """Upload a certificate; a worker reads it."""
        given = self.given(shapes.NewUpload)
        file = given["file"]
        made = services.upload_certificate(
            actor=person(request),
            kept_by=_one(Organisation.objects.visible_to(person(request)), given["kept_by"], "kept_by"),
            name=file.name,
            content=file.read(),
            profile=_one(Profile.objects, given.get("profile"), "profile"),
            method=_one(Method.objects, given.get("method"), "method"),
        )
        return Response(shapes.UploadSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.Description, responses=shapes.PreviewSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def describe(self, request: Request, pk: str) -> Response:
        """Say what the file itself does not: who issued it, its number, its purpose, profile and method."""
        given = self.given(shapes.Description)
        services.describe_upload(
            actor=person(request),
            upload=self._upload(pk),
            laboratory=_one(Organisation.objects, given["laboratory"], "laboratory"),
            number=given["number"],
            purpose=given["purpose"],
            profile=_one(Profile.objects, given.get("profile"), "profile"),
            method=_one(Method.objects, given.get("method"), "method"),
        )
        return Response(self._shown(pk))

    @extend_schema(request=shapes.RowMatch, responses=shapes.UploadRowSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def match(self, request: Request, pk: str) -> Response:
        """Say what a row is: a sample, a duplicate of one, a reference material, a blank, or nothing of ours."""
        given = self.given(shapes.RowMatch)
        row = answering.match_row(
            actor=person(request),
            upload=self._upload(pk),
            number=given["number"],
            match=given["match"],
            sample=_one(Sample.objects.visible_to(person(request)), given.get("sample"), "sample"),
            material=_one(ReferenceMaterial.objects, given.get("material"), "material"),
        )
        return Response(shapes.UploadRowSerializer(row).data)

    @extend_schema(request=shapes.UploadCommit, responses=shapes.UploadSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, pk: str) -> Response:
        """Commit the good rows; a worker does it, all of them or none."""
        made = services.commit_upload(
            actor=person(request), upload=self._upload(pk), **self.given(shapes.UploadCommit)
        )
        return Response(shapes.UploadSerializer(made).data)

    @extend_schema(request=None, responses=shapes.UploadSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Put an upload away; its file stays."""
        made = services.discard_upload(actor=person(request), upload=self._upload(pk))
        return Response(shapes.UploadSerializer(made).data)

    @extend_schema(responses=shapes.UploadRowSerializer(many=True), parameters=[PK])
    @action(detail=True)
    def rows(self, request: Request, pk: str) -> Response:
        """Return the file's rows as they were understood."""
        rows = self._upload(pk).rows.all()
        found = self.paginator.paginate_queryset(rows, request, _ByNumber())  # type: ignore[union-attr,arg-type]  # ours
        return self.get_paginated_response(shapes.UploadRowSerializer(found, many=True).data)

    def _shown(self, pk: str) -> Any:
        upload = self._upload(pk)
        seen = queries.preview(upload)
        names = (
            "rows",
            "samples",
            "duplicates",
            "qc",
            "unmatched",
            "rejected",
            "bad",
            "good",
            "values",
            "left",
        )
        shown = shapes.UploadSerializer(upload).data
        return shown | {"counts": {name: getattr(seen, name) for name in names}, "sentence": seen.sentence}


class _ByNumber:
    """The one order of rows: that of the file."""

    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"row": ("number",)}


class _ById:
    """The one order of determinations."""

    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"id": ("id",)}


class Certificates(RegistryView):
    """Certificates in the record: every version, and what each reported."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "certificates.read",
        "retrieve": "certificates.read",
        "determinations": "certificates.read",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = shapes.CertificateSerializer
    queryset = Certificate.objects.none()
    lookup_value_regex = UUID_FORM
    filters = ("run",)

    def list(self, request: Request) -> Response:
        """List the certificates that one may see, the newest first."""
        rows = Certificate.objects.visible_to(person(request))
        run = self.request.query_params.get("run")
        if run:
            rows = rows.filter(run=run_for(person(request), run))
        return self.page(rows, lambda _user, found: found)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one version of a certificate."""
        found = queries.certificate_for(person(request), pk)
        return Response(shapes.CertificateSerializer(found).data)

    @extend_schema(responses=shapes.DeterminationSerializer(many=True), parameters=[PK])
    @action(detail=True)
    def determinations(self, request: Request, pk: str) -> Response:
        """Return what a certificate reported of the samples that one may see, and of QC items."""
        found = queries.certificate_for(person(request), pk)
        rows = queries.reported(person(request), found)
        page = self.paginator.paginate_queryset(rows, request, _ById())  # type: ignore[union-attr,arg-type]  # ours
        return self.get_paginated_response(shapes.DeterminationSerializer(page, many=True).data)


router = SimpleRouter()
router.register("uploads", Uploads, "api-upload")
router.register("certificates", Certificates, "api-certificate")
urlpatterns = [*template_api.urlpatterns, *preview_api.urlpatterns, *router.urls]
