"""Custody events and seals over the API: what happened to which bag, as far as one may know it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, ClassVar
from uuid import UUID

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
from samples.custody import bag_services, queries, services
from samples.custody.models import CustodyEvent, Seal
from samples.custody.queries import consignment_for
from samples.custody.rules import EventKind
from samples.custody.scales.queries import scale_for
from samples.custody.seen import seen_events, sight_on
from samples.registry.api_view import RegistryView
from samples.registry.queries import sample_for
from samples.registry.sight import sights_of

SAMPLE = OpenApiParameter("sample", OpenApiTypes.UUID)
CONSIGNMENT = OpenApiParameter("consignment", OpenApiTypes.UUID)


def named(request: Request, name: str) -> UUID:
    """Return the id that the address gives for `name`. Raises `Invalid` ("id-malformed")."""
    text = request.query_params[name]
    try:
        return UUID(text)
    except ValueError as error:
        raise invalid("id-malformed", f"“{text[:40]}” is no id.", "Send a UUID.", field=name) from error


def with_scale(user: User, given: dict[str, Any]) -> dict[str, Any]:
    """Return what was sent with the scale itself for its id. Raises `NotFound` ("scale-unknown")."""
    pk = given.get("scale")
    return given if pk is None else given | {"scale": scale_for(user, pk)}


def shown_events(user: User, events: Iterable[CustodyEvent]) -> Any:
    """Return events as the person may see them: of a bag as its batch, of a consignment as its way."""
    events = list(events)
    sights = sights_of(
        user, {e.sample.batch_id: e.sample.batch for e in events if e.sample is not None}.values()
    )
    shown = []
    for event in events:
        if event.sample is not None:
            sight = sights[event.sample.batch_id]
        else:
            assert event.consignment is not None
            sight = sight_on(user, event.consignment)
        seen = seen_events([event], sight)[0]
        facts = asdict(seen)
        shown.append(
            facts
            | {
                "consignment_id": event.consignment_id,
                "sample_id": event.sample_id,
                "condition": event.condition,
            }
        )
    return shapes.EventSerializer(shown, many=True).data


class CustodyEvents(RegistryView):
    """Append-only facts: what happened to bags and consignments."""

    access: ClassVar[Mapping[str, str]] = {"list": "custody.read", "create": "custody.explain"}
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-recorded_at", "-id"), "time": ("at", "id")}
    serializer_class = shapes.EventSerializer
    queryset = CustodyEvent.objects.none()
    filters = ("sample", "consignment", "kind")

    @extend_schema(
        parameters=[
            SAMPLE,
            CONSIGNMENT,
            OpenApiParameter("kind", str, enum=[str(kind) for kind in EventKind]),
        ]
    )
    def list(self, request: Request) -> Response:
        """List what happened to bags and consignments that one may see, the last first."""
        user = person(request)
        rows = queries.happenings_for(user)
        kind = self.chosen("kind", list(EventKind))
        if kind:
            rows = rows.filter(kind=kind)
        if "sample" in request.query_params:
            rows = rows.filter(sample=sample_for(user, named(request, "sample")))
        if "consignment" in request.query_params:
            rows = rows.filter(consignment=consignment_for(user, named(request, "consignment")))
        return self.page(rows, shown_events)

    @extend_schema(request=shapes.NewBagEvent, responses={201: shapes.EventSerializer})
    def create(self, request: Request) -> Response:
        """Say that a bag was opened (its seal is taken off), is lost, is stored (`place`) or disposed of (`reason`)."""
        user, given = person(request), self.given(shapes.NewBagEvent)
        told = {"actor": user, "sample": sample_for(user, given["sample"]), "here": shapes.take_here(given)}
        made = _done(given["kind"], given.get("reason", ""), told)
        answer = shown_events(user, queries.happenings_for(user).filter(pk=made.pk))[0]
        return Response(answer, status=status.HTTP_201_CREATED)


def _done(kind: str, reason: str, told: dict[str, Any]) -> CustodyEvent:
    """Do with a bag what was sent."""
    if kind == EventKind.STORED:
        return bag_services.store_bag(place=told["here"].place, **told)
    if kind == EventKind.DISPOSED:
        return bag_services.dispose_bag(reason=reason, **told)
    return (bag_services.open_bag if kind == EventKind.OPENED else bag_services.report_lost)(**told)


class Seals(RegistryView):
    """Numbered tamper-evident seals: applied once, never used again."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "custody.read",
        "create": "custody.pack",
        "anew": "custody.explain",
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = shapes.SealSerializer
    queryset = Seal.objects.none()
    filters = ("sample",)

    @extend_schema(parameters=[SAMPLE])
    def list(self, request: Request) -> Response:
        """List the seals of bags that one may see, the newest first."""
        user = person(request)
        rows = queries.seals_for(user)
        if "sample" in request.query_params:
            rows = rows.filter(sample=sample_for(user, named(request, "sample")))
        return self.page(rows, lambda _user, found: found)

    @extend_schema(request=shapes.NewFirstSeal, responses={201: shapes.SealSerializer})
    def create(self, request: Request) -> Response:
        """Put a seal on a bag, with its gross mass."""
        return self._sealed(services.seal_sample, self.given(shapes.NewFirstSeal))

    @extend_schema(request=shapes.NewSeal, responses={201: shapes.SealSerializer})
    @action(detail=False, methods=["post"])
    def anew(self, request: Request) -> Response:
        """Put a new seal on a bag that was opened, with its gross mass; one that is still on it is taken off first."""
        return self._sealed(bag_services.reseal_bag, self.given(shapes.NewSeal))

    def _sealed(self, verb: Callable[..., Seal], given: dict[str, Any]) -> Response:
        user, here = person(self.request), shapes.take_here(given)
        sample = sample_for(user, given.pop("sample"))
        made = verb(actor=user, sample=sample, here=here, **with_scale(user, given))
        kept = queries.seals_for(user).get(pk=made.pk)
        return Response(shapes.SealSerializer(kept).data, status=status.HTTP_201_CREATED)


router = SimpleRouter()
router.register("custody-events", CustodyEvents, "api-custody-event")
router.register("seals", Seals, "api-seal")
