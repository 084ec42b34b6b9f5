"""Certificates over the API: upload, preview, commit; what stands in the record."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.catalogue.models import Method, Profile, ReferenceMaterial
from assays.certificates import queries, services
from assays.certificates.models import Certificate, Upload
from assays.certificates.rules import Match, Purpose, UploadState
from assays.runs.queries import run_for
from lims.accounts.authentication import person
from lims.accounts.models import Organisation
from lims.api.parsers import BoundedJSONParser
from lims.api.serializers import StrictSerializer
from lims.errors import NotFound, Place, Problem
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.models import Sample


class UploadSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kept_by_id = serializers.UUIDField()
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    state = serializers.CharField()
    purpose = serializers.CharField()
    laboratory_id = serializers.UUIDField(allow_null=True)
    number = serializers.CharField()
    profile_id = serializers.UUIDField(allow_null=True)
    method_id = serializers.UUIDField(allow_null=True)
    understood = serializers.JSONField(help_text="Layout and why, dates, columns, counts.")
    findings = serializers.JSONField(help_text="What the reader found, the worst first.")
    problems = serializers.JSONField(help_text="Why it was refused or came back, if it was.")
    certificate_id = serializers.UUIDField(allow_null=True)


class PreviewSerializer(UploadSerializer):
    counts = serializers.JSONField()
    sentence = serializers.CharField(help_text="What committing it would do.")


class UploadRowSerializer(serializers.Serializer[Any]):
    number = serializers.IntegerField(help_text="Row of the file, from 1.")
    label = serializers.CharField()  # type: ignore[assignment]  # a serializer has a label of its own
    cells = serializers.JSONField()
    marks = serializers.JSONField(help_text="How each cell was read.")
    match = serializers.CharField()
    sample_id = serializers.UUIDField(allow_null=True)
    material_id = serializers.UUIDField(allow_null=True)
    suggestions = serializers.JSONField()
    problems = serializers.JSONField()
    warnings = serializers.JSONField()


class NewUpload(StrictSerializer):
    kept_by = serializers.UUIDField(help_text="The laboratory for which one brings it in.")
    file = serializers.FileField()
    profile = serializers.UUIDField(required=False)
    method = serializers.UUIDField(required=False)


class Description(StrictSerializer):
    laboratory = serializers.UUIDField(help_text="Who issued it.")
    number = serializers.CharField(max_length=60)
    purpose = serializers.ChoiceField(list(Purpose))
    profile = serializers.UUIDField(required=False, allow_null=True)
    method = serializers.UUIDField(required=False, allow_null=True)


class RowMatch(StrictSerializer):
    number = serializers.IntegerField(min_value=1, max_value=10_000_000)
    match = serializers.ChoiceField([m for m in Match if m != Match.UNMATCHED])
    sample = serializers.UUIDField(required=False)
    material = serializers.UUIDField(required=False)


class UploadCommit(StrictSerializer):
    leave_out = serializers.ListField(
        child=serializers.IntegerField(min_value=1, max_value=10_000_000), required=False
    )
    accept = serializers.BooleanField(
        required=False, help_text="What is wrong with the file as a whole was read and is accepted."
    )


class CertificateSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    run_id = serializers.UUIDField()
    purpose = serializers.CharField()
    number = serializers.CharField()
    version = serializers.IntegerField()
    supersedes_id = serializers.UUIDField(allow_null=True)
    preliminary = serializers.BooleanField()
    version_note = serializers.CharField()
    layout = serializers.CharField()
    received_on = serializers.DateField(allow_null=True)
    finalized_on = serializers.DateField(allow_null=True)
    file_name = serializers.CharField()
    sha256 = serializers.CharField()
    rows = serializers.IntegerField()
    determination_count = serializers.IntegerField()
    digest = serializers.CharField(help_text="SHA-256 over its determinations.")
    committed_at = serializers.DateTimeField()


class DeterminationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    certificate_id = serializers.UUIDField()
    item = serializers.CharField(source="item.label")
    sample_id = serializers.UUIDField(allow_null=True)
    analyte = serializers.CharField()
    form = serializers.CharField()
    oxide = serializers.CharField()
    method = serializers.CharField(source="method_code")
    raw = serializers.CharField(help_text="The cell as it stands in the file.")
    qualifier = serializers.CharField()
    value = serializers.DecimalField(30, 12, allow_null=True, normalize_output=True)
    limit = serializers.DecimalField(30, 12, allow_null=True, normalize_output=True)
    unit = serializers.CharField()
    ppm = serializers.DecimalField(30, 12, allow_null=True, normalize_output=True)
    row = serializers.IntegerField()
    column = serializers.IntegerField()


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
    serializer_class = UploadSerializer
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

    @extend_schema(responses=PreviewSerializer, parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one upload with its preview in numbers and one sentence."""
        return Response(self._shown(pk))

    @extend_schema(request={"multipart/form-data": NewUpload}, responses={201: UploadSerializer})
    def create(self, request: Request) -> Response:
        """Upload a certificate; a worker reads it."""
        given = self.given(NewUpload)
        file = given["file"]
        made = services.upload_certificate(
            actor=person(request),
            kept_by=_one(Organisation.objects.visible_to(person(request)), given["kept_by"], "kept_by"),
            name=file.name,
            content=file.read(),
            profile=_one(Profile.objects, given.get("profile"), "profile"),
            method=_one(Method.objects, given.get("method"), "method"),
        )
        return Response(UploadSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=Description, responses=PreviewSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def describe(self, request: Request, pk: str) -> Response:
        """Say what the file itself does not: who issued it, its number, its purpose, profile and method."""
        given = self.given(Description)
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

    @extend_schema(request=RowMatch, responses=UploadRowSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def match(self, request: Request, pk: str) -> Response:
        """Say what a row is: a sample, a duplicate of one, a reference material, a blank, or nothing of ours."""
        given = self.given(RowMatch)
        row = services.match_row(
            actor=person(request),
            upload=self._upload(pk),
            number=given["number"],
            match=given["match"],
            sample=_one(Sample.objects.visible_to(person(request)), given.get("sample"), "sample"),
            material=_one(ReferenceMaterial.objects, given.get("material"), "material"),
        )
        return Response(UploadRowSerializer(row).data)

    @extend_schema(request=UploadCommit, responses=UploadSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def commit(self, request: Request, pk: str) -> Response:
        """Commit the good rows; a worker does it, all of them or none."""
        made = services.commit_upload(
            actor=person(request), upload=self._upload(pk), **self.given(UploadCommit)
        )
        return Response(UploadSerializer(made).data)

    @extend_schema(request=None, responses=UploadSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Put an upload away; its file stays."""
        made = services.discard_upload(actor=person(request), upload=self._upload(pk))
        return Response(UploadSerializer(made).data)

    @extend_schema(responses=UploadRowSerializer(many=True), parameters=[PK])
    @action(detail=True)
    def rows(self, request: Request, pk: str) -> Response:
        """Return the file's rows as they were understood."""
        rows = self._upload(pk).rows.all()
        found = self.paginator.paginate_queryset(rows, request, _ByNumber())  # type: ignore[union-attr,arg-type]  # ours
        return self.get_paginated_response(UploadRowSerializer(found, many=True).data)

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
        shown = UploadSerializer(upload).data
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
    serializer_class = CertificateSerializer
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
        return Response(CertificateSerializer(found).data)

    @extend_schema(responses=DeterminationSerializer(many=True), parameters=[PK])
    @action(detail=True)
    def determinations(self, request: Request, pk: str) -> Response:
        """Return what a certificate reported of the samples that one may see, and of QC items."""
        found = queries.certificate_for(person(request), pk)
        rows = queries.reported(person(request), found)
        page = self.paginator.paginate_queryset(rows, request, _ById())  # type: ignore[union-attr,arg-type]  # ours
        return self.get_paginated_response(DeterminationSerializer(page, many=True).data)


router = SimpleRouter()
router.register("uploads", Uploads, "api-upload")
router.register("certificates", Certificates, "api-certificate")
urlpatterns = router.urls
