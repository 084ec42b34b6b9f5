"""Consignments over the API: the same verbs as the pages; events, seals and incidents have modules of their own."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.errors import invalid
from samples.custody import api_shapes as shapes
from samples.custody import queries, receiving, road_services, services
from samples.custody.confirming import NotConfirmed
from samples.custody.event_api import router as events
from samples.custody.event_api import shown_events, with_scale
from samples.custody.incident_api import router as incidents
from samples.custody.models import Consignment
from samples.custody.moving_api import MovingView, confirmation_of
from samples.custody.page_queries import carriers_people, papers_of
from samples.custody.papers.api import router as papers
from samples.custody.papers.queries import document_for
from samples.custody.queries import ReceivedRow
from samples.custody.replacing_api import urlpatterns as replacements
from samples.custody.routes.api import router as routes
from samples.custody.rules import ConsignmentState
from samples.custody.scales.api import router as scales
from samples.custody.seen import sight_on
from samples.custody.timeline.api import router as records
from samples.registry.api_view import PK, UUID_FORM
from samples.registry.sight import Sight


class Consignments(MovingView):
    """Bags that travel together under a manifest, from packing to the last bag received."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "custody.read",
        "retrieve": "custody.read",
        "create": "custody.pack",
        "bags": "custody.read",
        "pack": "custody.pack",
        "unpack": "custody.pack",
        "papers": "custody.read",
        "add_paper": "custody.pack",
        "dose_rate": "custody.pack",
        "send_off": "custody.pack",
        "events": "custody.read",
        "add_event": "custody.carry",
        "hand_over": "custody.carry",
        "receipt": "custody.read",
        "receive": "custody.receive",
        "finish": "custody.receive",
        **MovingView.moving,
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",), "code": ("code", "id")}
    serializer_class = shapes.ConsignmentSerializer
    queryset = Consignment.objects.none()
    lookup_value_regex = UUID_FORM
    filters = ("state",)

    @extend_schema(
        parameters=[OpenApiParameter("state", str, enum=[str(state) for state in ConsignmentState])]
    )
    def list(self, request: Request) -> Response:
        """List the consignments that one may see, the newest first."""
        rows = queries.consignments_for(person(request))
        state = self.chosen("state", list(ConsignmentState))
        return self.page(rows.filter(state=state) if state else rows, lambda _user, found: found)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one consignment."""
        return Response(self._shown(pk))

    @extend_schema(request=shapes.NewConsignment, responses={201: shapes.ConsignmentSerializer})
    def create(self, request: Request) -> Response:
        """Begin to pack a consignment for a carrier and a laboratory."""
        made = services.start_consignment(actor=person(request), **self.given(shapes.NewConsignment))
        return Response(self._shown(made.pk), status=status.HTTP_201_CREATED)

    @extend_schema(responses=shapes.BagSerializer(many=True), filters=False, parameters=[PK])
    @action(detail=True, pagination_class=None)
    def bags(self, request: Request, pk: str) -> Response:
        """List the bags of a consignment, those with problems first."""
        return Response(_bags(queries.receipt_of(self._found(pk)).rows))

    @extend_schema(request=shapes.NewBags, responses={201: shapes.BagSerializer(many=True)}, parameters=[PK])
    @bags.mapping.post
    def pack(self, request: Request, pk: str) -> Response:
        """Put sealed bags into a consignment, all or none."""
        found = self._found(pk)
        bags = queries.bags_named(person(request), self.given(shapes.NewBags)["samples"])
        made = services.pack(actor=person(request), consignment=found, samples=bags)
        packed = {item.pk for item in made}
        rows = [row for row in queries.receipt_of(found).rows if row.item.pk in packed]
        return Response(_bags(rows), status=status.HTTP_201_CREATED)

    @extend_schema(
        parameters=[PK, OpenApiParameter("item", OpenApiTypes.UUID, OpenApiParameter.PATH)],
        responses={204: None},
    )
    @action(detail=True, methods=["delete"], url_path=f"bags/(?P<item>{UUID_FORM})")
    def unpack(self, request: Request, pk: str, item: str) -> Response:
        """Take a bag out of a consignment that is being packed."""
        services.unpack(actor=person(request), item=queries.item_for(self._found(pk), item))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(responses=shapes.PaperSerializer(many=True), filters=False, parameters=[PK])
    @action(detail=True, pagination_class=None)
    def papers(self, request: Request, pk: str) -> Response:
        """List every paper that must travel with a consignment, and whether it is there."""
        return Response(self._papers(self._found(pk)))

    @extend_schema(
        request=shapes.NewPaper, responses={201: shapes.PaperSerializer(many=True)}, parameters=[PK]
    )
    @papers.mapping.post
    def add_paper(self, request: Request, pk: str) -> Response:
        """Say that a paper is there, with its number."""
        found, given = self._found(pk), self.given(shapes.NewPaper)
        if given.get("document") is not None:
            given["document"] = document_for(person(request), given["document"])
        services.record_document(actor=person(request), consignment=found, **given)
        return Response(self._papers(found), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.NewDoseRate, responses=shapes.ConsignmentSerializer, parameters=[PK])
    @action(detail=True, methods=["post"], url_path="dose-rate")
    def dose_rate(self, request: Request, pk: str) -> Response:
        """Record the dose rate at the surface and at 1 m."""
        services.record_dose_rate(
            actor=person(request), consignment=self._found(pk), **self.given(shapes.NewDoseRate)
        )
        return Response(self._shown(pk))

    # `dispatch` is what a view is called by.
    @extend_schema(request=shapes.HereShape, responses=shapes.ConsignmentSerializer, parameters=[PK])
    @action(detail=True, methods=["post"], url_path="dispatch", url_name="dispatch")
    def send_off(self, request: Request, pk: str) -> Response:
        """Lock the manifest and hand the consignment to its carrier."""
        found, here = self._found(pk), shapes.take_here(self.given(shapes.HereShape))
        services.dispatch(actor=person(request), consignment=found, here=here)
        return Response(self._shown(pk))

    @extend_schema(responses=shapes.EventSerializer(many=True), filters=False, parameters=[PK])
    @action(detail=True, pagination_class=None)
    def events(self, request: Request, pk: str) -> Response:
        """List what happened to a consignment as a whole, in order."""
        return Response(shown_events(person(request), queries.events_of(self._found(pk))))

    @extend_schema(request=shapes.NewRoadEvent, responses={201: shapes.EventSerializer}, parameters=[PK])
    @events.mapping.post
    def add_event(self, request: Request, pk: str) -> Response:
        """Record a checkpoint, a border or the arrival."""
        found, given = self._found(pk), self.given(shapes.NewRoadEvent)
        here = shapes.take_here(given)
        made = road_services.record_event(actor=person(request), consignment=found, here=here, **given)
        return self._happened(made.pk)

    @extend_schema(request=shapes.NewHandOver, responses={201: shapes.EventSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"], url_path="hand-over")
    def hand_over(self, request: Request, pk: str) -> Response:
        """Hand a consignment on: to one of the carrier's people, or to an outsider with name and document number."""
        found, given = self._found(pk), self.given(shapes.NewHandOver)
        here, seals = shapes.take_here(given), given.pop("seals", None)
        given["to_person"] = self._taker(found, given.get("to_person"))
        given["seals"] = None if seals is None else _pairs(seals)
        given = with_scale(person(request), given)
        given["confirmation"] = confirmation_of(given.get("confirmation"))
        try:
            made = road_services.hand_over(actor=person(request), consignment=found, here=here, **given)
        except NotConfirmed as refusal:
            # Answered here, so that an idempotency key does not undo the counting of a wrong PIN.
            return self.handle_exception(refusal)
        return self._happened(made.pk)

    @extend_schema(responses=shapes.ReceiptSerializer, parameters=[PK])
    @action(detail=True)
    def receipt(self, request: Request, pk: str) -> Response:
        """Return how far a receipt is, in four numbers."""
        return Response(shapes.ReceiptSerializer(queries.receipt_of(self._found(pk))).data)

    @extend_schema(request=shapes.NewReceipt, responses={201: shapes.BagSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def receive(self, request: Request, pk: str) -> Response:
        """Receive one bag: gross mass, seals found, condition; what is not as it was opens incidents."""
        found, given = self._found(pk), self.given(shapes.NewReceipt)
        here = shapes.take_here(given)
        given["seals"] = _pairs(given["seals"])
        made = receiving.receive_bag(actor=person(request), consignment=found, here=here, **given)
        rows = [row for row in queries.receipt_of(found).rows if row.item.pk == made.pk]
        return Response(_bags(rows)[0], status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.HereShape, responses=shapes.ConsignmentSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def finish(self, request: Request, pk: str) -> Response:
        """End a receipt; bags that are missing may still be received later."""
        found, here = self._found(pk), shapes.take_here(self.given(shapes.HereShape))
        receiving.finish_receipt(actor=person(request), consignment=found, here=here)
        return Response(self._shown(pk))

    def _papers(self, consignment: Consignment) -> Any:
        told = sight_on(person(self.request), consignment) > Sight.BLIND
        rows = [
            {
                "kind": row["kind"],
                "given": row["paper"] is not None,
                "reference": row["paper"].reference if told and row["paper"] else "",
            }
            for row in papers_of(consignment)
        ]
        return shapes.PaperSerializer(rows, many=True).data

    def _happened(self, pk: Any) -> Response:
        user = person(self.request)
        made = queries.happenings_for(user).filter(pk=pk)
        return Response(shown_events(user, made)[0], status=status.HTTP_201_CREATED)

    def _taker(self, consignment: Consignment, pk: Any) -> User | None:
        """Return who takes over. Raises `Invalid` ("receiver-elsewhere") for whoever does not carry for the carrier."""
        if pk is None:
            return None
        found = carriers_people(consignment, besides=person(self.request)).filter(pk=pk).first()
        if found is None:
            raise invalid(
                "receiver-elsewhere",
                f"That is nobody else of {consignment.carrier}.",
                "Choose another of the carrier's people, or write name and document number.",
                field="to_person",
            )
        return found


def _bags(rows: Sequence[ReceivedRow]) -> Any:
    shown = [
        {"item": row.item, "seals": row.seals, "incidents": [one.pk for one in row.incidents]} for row in rows
    ]
    return shapes.BagSerializer(shown, many=True).data


def _pairs(seals: Sequence[Mapping[str, str]]) -> Sequence[tuple[str, str]]:
    return [(seal["maker"], seal["number"]) for seal in seals]


router = SimpleRouter()
router.register("consignments", Consignments, "api-consignment")
urlpatterns = [
    *router.urls,
    *events.urls,
    *incidents.urls,
    *papers.urls,
    *routes.urls,
    *scales.urls,
    *records.urls,
    *replacements,
]
