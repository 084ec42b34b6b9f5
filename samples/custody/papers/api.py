"""Documents and paper forms over the API: the same verbs as the pages."""

from collections.abc import Mapping
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import person
from lims.accounts.models import Organisation
from lims.api.serializers import StrictSerializer
from samples.custody.models import Document, PaperForm
from samples.custody.papers import form_services, services
from samples.custody.papers.queries import (
    SeenDocument,
    document_for,
    documents_for,
    form_for,
    forms_for,
    seen_documents,
)
from samples.custody.rules import DocumentKind
from samples.registry.api_view import PK, UUID_FORM, RegistryView

KINDS = [(kind.value, kind.value) for kind in DocumentKind]


class NewDocument(StrictSerializer):
    """A document of an authority; `scan` is a PDF, JPEG or PNG of at most 10 MB."""

    owner = serializers.PrimaryKeyRelatedField(queryset=Organisation.objects.all())
    kind = serializers.ChoiceField(choices=KINDS)
    authority = serializers.CharField(max_length=200)
    number = serializers.CharField(max_length=100)
    issued_on = serializers.DateField(required=False, allow_null=True)
    expires_on = serializers.DateField(required=False, allow_null=True)
    quantity_kg = serializers.DecimalField(12, 3, required=False, allow_null=True)
    most_bags = serializers.IntegerField(required=False, allow_null=True)
    scan = serializers.FileField(required=False)


class DocumentSerializer(serializers.Serializer[Any]):
    """A document with what is left of it, in kg and bags; null where it sets no bound."""

    id = serializers.UUIDField(source="document.pk")
    owner = serializers.CharField(source="document.owner.name")
    kind = serializers.CharField(source="document.kind")
    authority = serializers.CharField(source="document.authority")
    number = serializers.CharField(source="document.number")
    issued_on = serializers.DateField(source="document.issued_on", allow_null=True)
    expires_on = serializers.DateField(source="document.expires_on", allow_null=True)
    quantity_kg = serializers.DecimalField(12, 3, source="document.quantity_kg", allow_null=True)
    most_bags = serializers.IntegerField(source="document.most_bags", allow_null=True)
    scan_sha256 = serializers.CharField(source="document.sha256")
    left_kg = serializers.DecimalField(15, 6, source="left.kg", allow_null=True)
    left_bags = serializers.IntegerField(source="left.bags", allow_null=True)
    expired = serializers.BooleanField(source="left.expired")


class Documents(RegistryView):
    """Papers of authorities: drawn down by what leaves under them."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "custody.documents",
        "retrieve": "custody.documents",
        "create": "custody.pack",
    }
    sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {"newest": ("-id",)}
    serializer_class = DocumentSerializer
    queryset = Document.objects.none()
    lookup_value_regex = UUID_FORM
    parser_classes = (*RegistryView.parser_classes, MultiPartParser)

    def list(self, request: Request) -> Response:
        """List the documents of the owners for whom one packs."""
        return self.page(documents_for(person(request)), lambda _user, rows: seen_documents(rows))

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one document."""
        return Response(_shown(document_for(person(request), pk)))

    @extend_schema(request=NewDocument, responses={201: DocumentSerializer})
    def create(self, request: Request) -> Response:
        """Record a document; with a scan as multipart, without one as JSON."""
        given = self.given(NewDocument)
        scan = given.pop("scan", None)
        content = scan.read() if scan is not None else b""
        made = services.add_document(actor=person(request), scan=content, **given)
        return Response(_shown(made), status=status.HTTP_201_CREATED)


def _shown(document: Document) -> Any:
    seen: SeenDocument = seen_documents([Document.objects.select_related("owner").get(pk=document.pk)])[0]
    return DocumentSerializer(seen).data


class NewForms(StrictSerializer):
    """How many forms, and for whom."""

    owner = serializers.PrimaryKeyRelatedField(queryset=Organisation.objects.all())
    count = serializers.IntegerField()


class Spoiling(StrictSerializer):
    """Why a form is spoilt."""

    reason = serializers.CharField(max_length=500)


class FormSerializer(serializers.ModelSerializer[PaperForm]):
    """A paper form and what became of it."""

    class Meta:
        model = PaperForm
        fields = (
            "id",
            "number",
            "owner",
            "printed_at",
            "entered_at",
            "spoilt_at",
            "spoilt_reason",
            "photograph",
        )
        read_only_fields = fields


class PaperForms(RegistryView):
    """Pre-numbered custody forms. They are keyed in on their page, beside the photograph."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "custody.documents",
        "retrieve": "custody.documents",
        "create": "custody.pack",
        "spoil": "custody.pack",
    }
    sorts: ClassVar[Mapping[str, tuple[str, ...]]] = {"number": ("-number", "-id")}
    serializer_class = FormSerializer
    queryset = PaperForm.objects.none()
    lookup_value_regex = UUID_FORM

    def list(self, request: Request) -> Response:
        """List the forms of the owners for whom one packs."""
        return self.page(forms_for(person(request)), lambda _user, rows: rows)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one form."""
        return Response(FormSerializer(form_for(person(request), pk)).data)

    @extend_schema(request=NewForms, responses={201: FormSerializer(many=True)})
    def create(self, request: Request) -> Response:
        """Number forms to be printed."""
        made = form_services.print_forms(actor=person(request), **self.given(NewForms))
        found = PaperForm.objects.filter(pk__in=[one.pk for one in made]).order_by("number")
        return Response(FormSerializer(found, many=True).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=Spoiling, responses=FormSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def spoil(self, request: Request, pk: str) -> Response:
        """Say that a form is spoilt."""
        found = form_for(person(request), pk)
        made = form_services.spoil_form(actor=person(request), paper=found, **self.given(Spoiling))
        return Response(FormSerializer(made).data)


router = SimpleRouter()
router.register("documents", Documents, "api-document")
router.register("paper-forms", PaperForms, "api-paper-form")
