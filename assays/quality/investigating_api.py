"""Investigations of failures, and QC of the past, over the API."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.quality.histories import import_history
from assays.quality.investigating import close_investigation, open_investigation
from assays.quality.models import Investigation, QcHistory
from assays.quality.past import PastFile, counts
from assays.quality.rules import Action
from assays.runs.models import Run
from assays.runs.queries import run_for
from lims.accounts.authentication import person
from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind
from lims.api.serializers import StrictSerializer
from lims.errors import NotFound, Place, Problem
from samples.registry.api_view import PK, UUID_FORM, RegistryView


class InvestigationSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    run_id = serializers.UUIDField()
    version = serializers.CharField()
    method = serializers.CharField(source="method_code")
    analyte = serializers.CharField()
    oxide = serializers.CharField()
    finding = serializers.CharField()
    opened_by_id = serializers.UUIDField()
    opened_at = serializers.DateTimeField()
    cause = serializers.CharField(help_text="Empty while it is open.")
    action = serializers.CharField(help_text="Empty while it is open.")
    closed_by_id = serializers.UUIDField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)


class NewInvestigation(StrictSerializer):
    run = serializers.UUIDField()
    method = serializers.CharField(source="method_code", required=False, allow_blank=True, max_length=40)
    analyte = serializers.CharField(max_length=8)
    oxide = serializers.CharField(required=False, allow_blank=True, max_length=8)
    finding = serializers.CharField(help_text="What was seen.")


class Closing(StrictSerializer):
    cause = serializers.CharField()
    action = serializers.ChoiceField(list(Action))


class HistorySerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    kept_by_id = serializers.UUIDField()
    laboratory_id = serializers.UUIDField()
    file_name = serializers.CharField()
    rows = serializers.IntegerField(help_text="Results kept.")
    imported_at = serializers.DateTimeField()
    imported_by_id = serializers.UUIDField(allow_null=True)


class LeftOutSerializer(serializers.Serializer[Any]):
    row = serializers.IntegerField(help_text="Row of the file, from 1.")
    why = serializers.CharField()


class CountedMaterialSerializer(serializers.Serializer[Any]):
    code = serializers.CharField()
    results = serializers.IntegerField()
    rules = serializers.DictField(
        child=serializers.IntegerField(), help_text="Rule → how often it was broken."
    )


class ImportedSerializer(HistorySerializer):
    left_out = LeftOutSerializer(many=True)
    materials = CountedMaterialSerializer(many=True)


class NewHistory(StrictSerializer):
    kept_by = serializers.UUIDField(help_text="The laboratory for which one keeps it.")
    laboratory = serializers.UUIDField(help_text="The laboratory that measured.")
    analyte = serializers.CharField(max_length=8, help_text="Element whose columns are read, as in Au.")
    file = serializers.FileField(help_text="CSV, one result a row.")


class Investigations(RegistryView):
    """What was found out about failures of QC, and what was done."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "runs.read",
        "create": "quality.investigate",
        "close": "quality.investigate",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = InvestigationSerializer
    queryset = Investigation.objects.none()
    lookup_value_regex = UUID_FORM
    filters = ("run",)

    def list(self, request: Request) -> Response:
        """List the investigations of the runs that one may see, the newest first."""
        rows = Investigation.objects.filter(run__in=Run.objects.visible_to(person(request)).values("pk"))
        run = request.query_params.get("run")
        if run:
            rows = rows.filter(run=run_for(person(request), run))
        return self.page(rows, lambda _user, found: found)

    @extend_schema(request=NewInvestigation, responses={201: InvestigationSerializer})
    def create(self, request: Request) -> Response:
        """Begin to look into what QC blocks: one content by one method."""
        given = self.given(NewInvestigation)
        run = run_for(person(request), given.pop("run"))
        made = open_investigation(actor=person(request), run=run, **given)
        made.refresh_from_db()
        return Response(InvestigationSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=Closing, responses=InvestigationSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def close(self, request: Request, pk: str) -> Response:
        """Close it with the cause and what was done; it changes no verdict."""
        rows = Investigation.objects.filter(run__in=Run.objects.visible_to(person(request)).values("pk"))
        one = rows.filter(pk=pk).select_related("run").first()
        if one is None:
            raise _missing("investigation", "id")
        made = close_investigation(actor=person(request), investigation=one, **self.given(Closing))
        return Response(InvestigationSerializer(made).data)


class Histories(RegistryView):
    """QC results of the past, kept for charts and bias; they decide about no run."""

    access: ClassVar[Mapping[str, str]] = {"list": "runs.read", "create": "quality.keep_history"}
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = HistorySerializer
    queryset = QcHistory.objects.none()
    parser_classes = (MultiPartParser,)

    def list(self, request: Request) -> Response:
        """List the histories that one's organisations keep, the newest first."""
        return self.page(QcHistory.objects.visible_to(person(request)), lambda _user, found: found)

    @extend_schema(request={"multipart/form-data": NewHistory}, responses={201: ImportedSerializer})
    def create(self, request: Request) -> Response:
        """Keep the results of a file; says which rows were left out, and what the others broke by material."""
        given = self.given(NewHistory)
        laboratories = Organisation.objects.filter(kind=OrganisationKind.LABORATORY)
        mine = laboratories.filter(pk__in=Organisation.objects.visible_to(person(request)).values("pk"))
        kept_by = mine.filter(pk=given["kept_by"]).first()
        laboratory = laboratories.filter(pk=given["laboratory"]).first()
        if kept_by is None or laboratory is None:
            raise _missing("laboratory", "kept_by" if kept_by is None else "laboratory")
        made, found = import_history(
            actor=person(request),
            kept_by=kept_by,
            laboratory=laboratory,
            file_name=given["file"].name,
            content=given["file"].read(),
            analyte=given["analyte"],
        )
        made.refresh_from_db()
        return Response(_imported(made, found), status=status.HTTP_201_CREATED)


def _imported(history: QcHistory, found: PastFile) -> dict[str, Any]:
    left = [{"row": row, "why": why} for row, why in found.left_out]
    return {
        **HistorySerializer(history).data,
        "left_out": LeftOutSerializer(left, many=True).data,
        "materials": CountedMaterialSerializer(counts(found.results), many=True).data,
    }


def _missing(what: str, field: str) -> NotFound:
    return NotFound(Problem("not-found", f"There is no such {what}.", "Look it up.", Place(field=field)))


router = SimpleRouter()
router.register("qc-investigations", Investigations, "api-qc-investigation")
router.register("qc-histories", Histories, "api-qc-history")
urlpatterns = router.urls
