"""Incidents over the API: reported, explained by one person, decided on by another."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import person
from samples.custody import api_shapes as shapes
from samples.custody import incident_services as services
from samples.custody.event_api import CONSIGNMENT, SAMPLE, named
from samples.custody.models import Incident
from samples.custody.queries import consignment_for, incident_for, incidents_for
from samples.custody.rules import IncidentState
from samples.custody.seen import seen_incident, seen_incidents
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.queries import sample_for


class Incidents(RegistryView):
    """What a person must explain, and another one decide on."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "custody.read",
        "retrieve": "custody.read",
        "create": "custody.explain",
        "explain": "custody.explain",
        "clear": "custody.judge",
        "uphold": "custody.judge",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = shapes.IncidentSerializer
    queryset = Incident.objects.none()
    lookup_value_regex = UUID_FORM
    filters = ("state", "sample", "consignment")

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

    def _judged(self, pk: str, verb: Callable[..., Incident]) -> Response:
        user = person(self.request)
        verb(actor=user, incident=incident_for(user, pk), **self.given(shapes.Judgement))
        return Response(self._shown(pk))

    def _shown(self, pk: Any) -> Any:
        user = person(self.request)
        return shapes.IncidentSerializer(seen_incident(user, incident_for(user, pk))).data


router = SimpleRouter()
router.register("incidents", Incidents, "api-incident")
