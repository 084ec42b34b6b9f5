"""Incidents over the API: reported, explained by one person, decided on by another."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from django.http import HttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims import files as stored
from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.serializers import StrictSerializer
from lims.errors import NotFound, Problem
from samples.custody import api_shapes as shapes
from samples.custody import incident_services as services
from samples.custody.attachments import attach_to_incident, attachments_for
from samples.custody.deviations import report_deviation
from samples.custody.event_api import CONSIGNMENT, SAMPLE, named
from samples.custody.models import Incident, IncidentAttachment
from samples.custody.queries import consignment_for, incident_for, incidents_for
from samples.custody.rules import IncidentState
from samples.custody.seen import seen_incident, seen_incidents
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.queries import sample_for


class Assignment(StrictSerializer):
    """Who is asked to explain."""

    to = serializers.PrimaryKeyRelatedField(queryset=User.objects.filter(is_active=True))


class NewAttachment(StrictSerializer):
    """A file that says more."""

    file = serializers.FileField()


class AttachmentSerializer(serializers.ModelSerializer[IncidentAttachment]):
    """A file of an incident: its name, type and size in bytes."""

    class Meta:
        model = IncidentAttachment
        fields = ("id", "name", "media_type", "size", "sha256", "added_at")
        read_only_fields = fields


class Question(StrictSerializer):
    """What a laboratory asks the owner, of a bag or of all of a consignment."""

    consignment = serializers.UUIDField()
    sample = serializers.UUIDField(required=False, allow_null=True)
    question = serializers.CharField(max_length=500)


class Incidents(RegistryView):
    """What a person must explain, and another one decide on."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "custody.read",
        "retrieve": "custody.read",
        "create": "custody.explain",
        "explain": "custody.explain",
        "clear": "custody.judge",
        "uphold": "custody.judge",
        "assign": "custody.explain",
        "files": "custody.read",
        "add_file": "custody.explain",
        "file": "custody.read",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = shapes.IncidentSerializer
    queryset = Incident.objects.none()
    lookup_value_regex = UUID_FORM
    filters = ("state", "sample", "consignment")
    parser_classes = (*RegistryView.parser_classes, MultiPartParser)

    @extend_schema(
        parameters=[SAMPLE, CONSIGNMENT, OpenApiParameter("state", str, enum=[str(s) for s in IncidentState])]
    )
    def list(self, request: Request) -> Response:
        """List the incidents of bags and consignments that one may see, the newest first."""
        user = person(request)
        rows = incidents_for(user)
        state = self.chosen("state", list(IncidentState))
        if state:
            rows = rows.filter(state=state)
        if "sample" in request.query_params:
            rows = rows.filter(sample=sample_for(user, named(request, "sample")))
        if "consignment" in request.query_params:
            rows = rows.filter(consignment=consignment_for(user, named(request, "consignment")))
        return self.page(rows, seen_incidents)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one incident."""
        return Response(self._shown(pk))

    @extend_schema(request=shapes.NewIncident, responses={201: shapes.IncidentSerializer})
    def create(self, request: Request) -> Response:
        """Report what one noticed of a bag or of a consignment."""
        user, given = person(request), self.given(shapes.NewIncident)
        sample, consignment = given.pop("sample", None), given.pop("consignment", None)
        made = services.report_incident(
            actor=user,
            sample=None if sample is None else sample_for(user, sample),
            consignment=None if consignment is None else consignment_for(user, consignment),
            **given,
        )
        return Response(self._shown(made.pk), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.Explanation, responses=shapes.IncidentSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def explain(self, request: Request, pk: str) -> Response:
        """Say how an incident came about."""
        found = incident_for(person(request), pk)
        services.explain_incident(actor=person(request), incident=found, **self.given(shapes.Explanation))
        return Response(self._shown(pk))

    @extend_schema(request=shapes.Judgement, responses=shapes.IncidentSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def clear(self, request: Request, pk: str) -> Response:
        """Accept the explanation: the samples count again. Never by the one who explained it."""
        return self._judged(pk, services.clear_incident)

    @extend_schema(request=shapes.Judgement, responses=shapes.IncidentSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def uphold(self, request: Request, pk: str) -> Response:
        """Refuse the explanation: the samples stay out of decisions."""
        return self._judged(pk, services.uphold_incident)

    @extend_schema(request=Assignment, responses=shapes.IncidentSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def assign(self, request: Request, pk: str) -> Response:
        """Ask a person to explain an incident; they are told."""
        found, to = incident_for(person(request), pk), self.given(Assignment)["to"]
        services.assign_incident(actor=person(request), incident=found, to=to)
        return Response(self._shown(pk))

    @extend_schema(responses=AttachmentSerializer(many=True), parameters=[PK], filters=False)
    @action(detail=True, pagination_class=None)
    def files(self, request: Request, pk: str) -> Response:
        """List the files of an incident that one may see."""
        user = person(request)
        rows = attachments_for(user, incident_for(user, pk))
        return Response(AttachmentSerializer(rows, many=True).data)

    @extend_schema(
        request={"multipart/form-data": NewAttachment}, responses={201: AttachmentSerializer}, parameters=[PK]
    )
    @files.mapping.post
    def add_file(self, request: Request, pk: str) -> Response:
        """Lay a file beside an incident: PDF, JPEG or PNG, at most 10 MB."""
        user = person(request)
        found, upload = incident_for(user, pk), self.given(NewAttachment)["file"]
        made = attach_to_incident(actor=user, incident=found, name=upload.name, content=upload.read())
        return Response(AttachmentSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[PK, OpenApiParameter("file", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    @action(detail=True, url_path=f"files/(?P<file>{UUID_FORM})")
    def file(self, request: Request, pk: str, file: str) -> HttpResponse:
        """Give a file's bytes."""
        user = person(request)
        found = attachments_for(user, incident_for(user, pk)).filter(pk=file).first()
        if found is None:
            raise NotFound(Problem("file-missing", "There is no such file.", "List them again."))
        answer = HttpResponse(stored.get(found.sha256), content_type=found.media_type)
        answer["Content-Disposition"] = (
            content_disposition_header(as_attachment=True, filename=found.name) or ""
        )
        return answer

    def _judged(self, pk: str, verb: Callable[..., Incident]) -> Response:
        user = person(self.request)
        verb(actor=user, incident=incident_for(user, pk), **self.given(shapes.Judgement))
        return Response(self._shown(pk))

    def _shown(self, pk: Any) -> Any:
        user = person(self.request)
        return shapes.IncidentSerializer(seen_incident(user, incident_for(user, pk))).data


class Deviations(RegistryView):
    """Questions of a laboratory to the owner; testing waits for the answer (ISO/IEC 17025:2017, 7.4.3)."""

    access: ClassVar[Mapping[str, str]] = {"create": "custody.receive"}
    serializer_class = shapes.IncidentSerializer
    queryset = Incident.objects.none()

    @extend_schema(request=Question, responses={201: shapes.IncidentSerializer})
    def create(self, request: Request) -> Response:
        """Ask the owner about a bag, or about all of a consignment."""
        user, given = person(request), self.given(Question)
        bag = given.get("sample")
        made = report_deviation(
            actor=user,
            consignment=consignment_for(user, given["consignment"]),
            sample=None if bag is None else sample_for(user, bag),
            question=given["question"],
        )
        shown = seen_incident(user, incident_for(user, made.pk))
        return Response(shapes.IncidentSerializer(shown).data, status=status.HTTP_201_CREATED)


router = SimpleRouter()
router.register("incidents", Incidents, "api-incident")
router.register("deviations", Deviations, "api-deviation")
