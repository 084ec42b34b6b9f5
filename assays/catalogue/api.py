"""Methods and reference materials over the API."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.catalogue import queries, services
from assays.catalogue.library.services import import_values, retire_lot
from assays.catalogue.library.values import read_values
from assays.catalogue.models import Method, ReferenceMaterial
from lims.accounts.authentication import person
from lims.api.serializers import StrictSerializer
from lims.errors import NotFound, Place, Problem
from samples.registry.api_view import PK, UUID_FORM, RegistryView


class MethodAnalyteSerializer(serializers.Serializer[Any]):
    analyte = serializers.CharField()
    form = serializers.CharField()
    oxide = serializers.CharField()
    unit = serializers.CharField()
    lower_limit = serializers.DecimalField(20, 8, allow_null=True, help_text="In the unit of this row.")
    upper_limit = serializers.DecimalField(20, 8, allow_null=True)


class MethodSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    laboratory_id = serializers.UUIDField()
    laboratory = serializers.CharField(source="laboratory.name")
    code = serializers.CharField()
    name = serializers.CharField()
    technique = serializers.CharField()
    digestion = serializers.CharField()
    basis = serializers.CharField()
    conditions = serializers.CharField()
    rank = serializers.IntegerField(help_text="The smaller is preferred.")
    bias_relative = serializers.DecimalField(7, 5, allow_null=True)
    bias_df = serializers.IntegerField()
    bias_evidence = serializers.CharField()


class NewMethod(StrictSerializer):
    laboratory = serializers.UUIDField()
    code = serializers.CharField()
    name = serializers.CharField()
    technique = serializers.CharField()
    digestion = serializers.CharField()
    basis = serializers.CharField(help_text="total-fusion, total-four-acid, total-INAA or leachable.")
    conditions = serializers.CharField(required=False, allow_blank=True)
    rank = serializers.IntegerField(required=False, min_value=0, max_value=32000)
    bias_relative = serializers.DecimalField(7, 5, required=False, min_value=0, max_value=1)
    bias_df = serializers.IntegerField(required=False, min_value=1, max_value=10_000)
    bias_evidence = serializers.CharField(required=False)


class NewMethodAnalyte(StrictSerializer):
    analyte = serializers.CharField()
    oxide = serializers.CharField(required=False, allow_blank=True)
    unit = serializers.CharField()
    lower_limit = serializers.DecimalField(20, 8, required=False, allow_null=True)
    upper_limit = serializers.DecimalField(20, 8, required=False, allow_null=True)


class MaterialSerializer(serializers.Serializer[Any]):
    id = serializers.UUIDField()
    code = serializers.CharField()
    kind = serializers.CharField()
    lot = serializers.CharField()
    description = serializers.CharField()
    maker = serializers.CharField()
    expires_on = serializers.DateField(allow_null=True)
    retired_on = serializers.DateField(allow_null=True)
    retired_reason = serializers.CharField()
    certificate = serializers.CharField(help_text="Number of the maker's certificate.")
    file_sha256 = serializers.CharField(help_text="Of the maker's certificate; empty: not kept.")


class NewMaterial(StrictSerializer):
    code = serializers.CharField()
    kind = serializers.CharField(help_text="CRM or BLANK.")
    description = serializers.CharField()
    maker = serializers.CharField()
    lot = serializers.CharField(required=False, allow_blank=True)
    expires_on = serializers.DateField(required=False)
    also = serializers.ListField(
        child=serializers.CharField(), required=False, help_text="What else certificates call it."
    )


class CertifiedValueSerializer(serializers.Serializer[Any]):
    analyte = serializers.CharField()
    oxide = serializers.CharField()
    basis = serializers.CharField()
    value_ppm = serializers.DecimalField(20, 8)
    sd_ppm = serializers.DecimalField(20, 8)
    u95_ppm = serializers.DecimalField(20, 8, allow_null=True)


class NewRetirement(StrictSerializer):
    on = serializers.DateField(help_text="The first day on which it is no longer used.")
    reason = serializers.CharField()


class NewValues(StrictSerializer):
    csv = serializers.CharField(max_length=5_000_000, help_text="As the template has it, one value a row.")
    commit = serializers.BooleanField(default=False)


class ValuesReadSerializer(serializers.Serializer[Any]):
    read = serializers.IntegerField(help_text="Rows of the file.")
    good = serializers.IntegerField(help_text="Rows that can be kept.")
    lots = serializers.IntegerField(help_text="New lots that were added.")
    values = serializers.IntegerField(help_text="Values that were kept.")
    problems = serializers.JSONField(help_text="Each with code, message, remedy, row and column.")


class NewCertifiedValue(StrictSerializer):
    analyte = serializers.CharField()
    oxide = serializers.CharField(required=False, allow_blank=True)
    basis = serializers.CharField()
    value_ppm = serializers.DecimalField(20, 8, min_value=0)
    sd_ppm = serializers.DecimalField(20, 8, min_value=0)
    u95_ppm = serializers.DecimalField(20, 8, required=False, min_value=0)


def _missing(what: str) -> NotFound:
    return NotFound(Problem("not-found", f"There is no such {what}.", "Look it up.", Place(field="id")))


class Methods(RegistryView):
    """Laboratories' methods: technique, digestion, basis, bias."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "catalogue.read",
        "retrieve": "catalogue.read",
        "create": "catalogue.manage",
        "analytes": "catalogue.read",
        "set_analyte": "catalogue.manage",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"code": ("code", "id")}
    serializer_class = MethodSerializer
    queryset = Method.objects.none()
    lookup_value_regex = UUID_FORM

    def _method(self, pk: str) -> Method:
        found = queries.methods().filter(pk=pk).first()
        if found is None:
            raise _missing("method")
        return found

    def list(self, request: Request) -> Response:
        """List the methods of every laboratory."""
        return self.page(queries.methods(), lambda _user, rows: rows)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one method."""
        return Response(MethodSerializer(self._method(pk)).data)

    @extend_schema(request=NewMethod, responses={201: MethodSerializer})
    def create(self, request: Request) -> Response:
        """Add a laboratory's method."""
        given = self.given(NewMethod)
        laboratory = queries.laboratories().filter(pk=given.pop("laboratory")).first()
        if laboratory is None:
            raise _missing("laboratory")
        made = services.add_method(actor=person(request), laboratory=laboratory, **given)
        return Response(MethodSerializer(self._method(str(made.pk))).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=MethodAnalyteSerializer(many=True), parameters=[PK])
    @action(detail=True, pagination_class=None)
    def analytes(self, request: Request, pk: str) -> Response:
        """List what a method reports, with its limits."""
        found = self._method(pk).analytes.order_by("analyte", "oxide")
        return Response(MethodAnalyteSerializer(found, many=True).data)

    @extend_schema(request=NewMethodAnalyte, responses={201: MethodAnalyteSerializer}, parameters=[PK])
    @analytes.mapping.post
    def set_analyte(self, request: Request, pk: str) -> Response:
        """Say what a method reports of an analyte; said again, it is changed."""
        made = services.set_method_analyte(
            actor=person(request), method=self._method(pk), **self.given(NewMethodAnalyte)
        )
        made.refresh_from_db()
        return Response(MethodAnalyteSerializer(made).data, status=status.HTTP_201_CREATED)


class Materials(RegistryView):
    """Certified reference materials and blanks."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "catalogue.read",
        "retrieve": "catalogue.read",
        "create": "catalogue.manage",
        "values": "catalogue.read",
        "certify": "catalogue.manage",
        "retire": "catalogue.manage",
        "import_values": "catalogue.manage",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"code": ("code", "id")}
    serializer_class = MaterialSerializer
    queryset = ReferenceMaterial.objects.none()
    lookup_value_regex = UUID_FORM

    def _material(self, pk: str) -> ReferenceMaterial:
        found = ReferenceMaterial.objects.filter(pk=pk).first()
        if found is None:
            raise _missing("reference material")
        return found

    def list(self, request: Request) -> Response:
        """List the reference materials."""
        return self.page(ReferenceMaterial.objects.all(), lambda _user, rows: rows)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one reference material."""
        return Response(MaterialSerializer(self._material(pk)).data)

    @extend_schema(request=NewMaterial, responses={201: MaterialSerializer})
    def create(self, request: Request) -> Response:
        """Add one lot of a reference material or a blank."""
        made = services.add_material(actor=person(request), **self.given(NewMaterial))
        return Response(MaterialSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(responses=CertifiedValueSerializer(many=True), parameters=[PK])
    @action(detail=True, pagination_class=None)
    def values(self, request: Request, pk: str) -> Response:
        """List what a material holds, in ppm."""
        found = self._material(pk).values.order_by("analyte", "oxide", "basis")
        return Response(CertifiedValueSerializer(found, many=True).data)

    @extend_schema(request=NewCertifiedValue, responses={201: CertifiedValueSerializer}, parameters=[PK])
    @values.mapping.post
    def certify(self, request: Request, pk: str) -> Response:
        """Say what a material holds of an analyte on one basis, in ppm."""
        made = services.certify(
            actor=person(request), material=self._material(pk), **self.given(NewCertifiedValue)
        )
        made.refresh_from_db()
        return Response(CertifiedValueSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=NewRetirement, responses=MaterialSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def retire(self, request: Request, pk: str) -> Response:
        """End the use of a lot from a day on."""
        made = retire_lot(actor=person(request), material=self._material(pk), **self.given(NewRetirement))
        return Response(MaterialSerializer(made).data)

    @extend_schema(request=NewValues, responses=ValuesReadSerializer)
    @action(detail=False, methods=["post"], url_path="import-values", pagination_class=None)
    def import_values(self, request: Request) -> Response:
        """Read certified values from CSV text; with `commit` the good rows are kept, without it nothing is."""
        given = self.given(NewValues)
        found = read_values(given["csv"].encode(), "csv")
        told: dict[str, Any] = {"read": found.read, "good": len(found.rows), "lots": 0, "values": 0}
        problems = [*found.problems]
        if given["commit"]:
            made = import_values(actor=person(request), rows=found.rows)
            told |= {"lots": made.lots, "values": made.values}
            problems += made.problems
        return Response(told | {"problems": [one.as_dict() for one in problems]})


router = SimpleRouter()
router.register("methods", Methods, "api-method")
router.register("reference-materials", Materials, "api-material")
urlpatterns = router.urls
