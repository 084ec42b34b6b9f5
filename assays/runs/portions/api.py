"""Portions over the API: the same verbs as the pages."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.runs.models import Portion
from assays.runs.portions import api_shapes as shapes
from assays.runs.portions import queries, services
from assays.runs.portions.rules import fineness_warning
from assays.runs.portions.store_api import Ignitions, Places, RetentionRules
from assays.runs.rules import PortionKind, PortionState, Step
from lims.accounts.authentication import person
from lims.errors import NotFound, Place, Problem
from samples.registry.api_view import PK, UUID_FORM, RegistryView
from samples.registry.queries import sample_for


class Portions(RegistryView):
    """Portions of one's laboratories, and of samples of batches that one owns."""

    access: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("list", "retrieve", "lineage"), "runs.read"),
        **dict.fromkeys(
            ("create", "split", "prepare", "use", "put_away", "give_back", "dispose", "dispose_chosen"),
            "portions.handle",
        ),
    }
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = shapes.PortionSerializer
    queryset = Portion.objects.none()
    lookup_value_regex = UUID_FORM
    filters = ("kind", "state")

    def list(self, request: Request) -> Response:
        """List the portions that one may see, the newest first."""
        chosen = {
            "kind": self.chosen("kind", list(PortionKind)),
            "state": self.chosen("state", list(PortionState)),
        }
        rows = queries.portions_for(person(request))
        return self.page(rows.filter(**{k: v for k, v in chosen.items() if v}), lambda _user, found: found)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one portion."""
        return Response(shapes.PortionSerializer(self._portion(pk)).data)

    @extend_schema(responses=shapes.PortionNodeSerializer(many=True), parameters=[PK])
    @action(detail=True, pagination_class=None)
    def lineage(self, request: Request, pk: str) -> Response:
        """List every portion of the same bag, each before its parts, with where every gram of it went."""
        trees = queries.lineage(self._portion(pk).sample, user=person(request))
        nodes = [node for tree in trees for node in tree.walk()]
        return Response(shapes.PortionNodeSerializer(nodes, many=True).data)

    @extend_schema(request=shapes.TakeUp, responses={201: shapes.PortionSerializer})
    def create(self, request: Request) -> Response:
        """Take a bag up as the first portion of its sample."""
        given = self.given(shapes.TakeUp)
        sample = sample_for(person(request), given.pop("sample"))
        made = services.take_up_bag(actor=person(request), sample=sample, **self._when(self._placed(given)))
        return Response(shapes.PortionSerializer(self._portion(made.pk)).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        request=shapes.NewPortionSplit, responses={201: shapes.PortionSplitSerializer}, parameters=[PK]
    )
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str) -> Response:
        """Split a portion into labelled parts."""
        given = self.given(shapes.NewPortionSplit)
        parts = [services.Part(**self._placed(dict(part))) for part in given.pop("parts")]
        made = services.split_portion(
            actor=person(request), portion=self._portion(pk), parts=parts, **self._when(given)
        )
        made.refresh_from_db()
        return Response(shapes.PortionSplitSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(
        request=shapes.NewPreparation, responses={201: shapes.PreparationSerializer}, parameters=[PK]
    )
    @action(detail=True, methods=["post"])
    def prepare(self, request: Request, pk: str) -> Response:
        """Record one step of preparing a portion."""
        given, portion = self.given(shapes.NewPreparation), self._portion(pk)
        if equipment := given.pop("equipment", None):
            given["equipment"] = queries.equipment_for(portion.laboratory_id, equipment)
        made: Any = services.prepare_portion(actor=person(request), portion=portion, **self._when(given))
        made.refresh_from_db()
        made.warning = fineness_warning(Step(made.step), made.sieve_um, made.passing_pct)
        return Response(shapes.PreparationSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.NewUse, responses={201: shapes.PortionEventSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def use(self, request: Request, pk: str) -> Response:
        """Take something from a portion for good."""
        return self._event(services.use_portion, pk, self.given(shapes.NewUse))

    @extend_schema(request=shapes.NewStoring, responses={201: shapes.PortionEventSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"], url_path="store")
    def put_away(self, request: Request, pk: str) -> Response:
        """Put a portion away."""
        return self._event(services.store_portion, pk, self._placed(self.given(shapes.NewStoring)))

    @extend_schema(request=shapes.NewLeaving, responses={201: shapes.PortionEventSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"], url_path="return")
    def give_back(self, request: Request, pk: str) -> Response:
        """Return a portion to its owner."""
        return self._event(services.return_portion, pk, self.given(shapes.NewLeaving))

    @extend_schema(request=shapes.NewLeaving, responses={201: shapes.PortionEventSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def dispose(self, request: Request, pk: str) -> Response:
        """Throw a portion away, once its retention is over."""
        return self._event(services.dispose_portion, pk, self.given(shapes.NewLeaving))

    @extend_schema(request=shapes.NewDisposal, responses={201: shapes.PortionEventSerializer(many=True)})
    @action(detail=False, methods=["post"], url_path="dispose-chosen", pagination_class=None)
    def dispose_chosen(self, request: Request) -> Response:
        """Throw portions away, all or none."""
        given = self.given(shapes.NewDisposal)
        ids = set(given.pop("portions"))
        found = list(queries.portions_for(person(request)).filter(pk__in=ids))
        if len(found) != len(ids):
            message = "Not every portion is known."
            raise NotFound(Problem("portion-unknown", message, "Look them up.", Place(field="portions")))
        events = services.dispose_portions(actor=person(request), portions=found, **given)
        return Response(shapes.PortionEventSerializer(events, many=True).data, status=status.HTTP_201_CREATED)

    def _portion(self, pk: str | UUID) -> Portion:
        return queries.portion_for(person(self.request), pk)

    def _placed(self, given: dict[str, Any]) -> dict[str, Any]:
        """Return what was given, with the place for its id. Raises `NotFound` ("place-unknown")."""
        place = given.get("place")
        return given if place is None else given | {"place": queries.place_for(person(self.request), place)}

    def _when(self, given: dict[str, Any]) -> dict[str, Any]:
        return {"at": timezone.now()} | given

    def _event(self, verb: Any, pk: str, given: dict[str, Any]) -> Response:
        made = verb(actor=person(self.request), portion=self._portion(pk), **given)
        made.refresh_from_db()
        return Response(shapes.PortionEventSerializer(made).data, status=status.HTTP_201_CREATED)


router = SimpleRouter()
router.register("portions", Portions, "api-portion")
router.register("store-places", Places, "api-store-place")
router.register("retention-rules", RetentionRules, "api-retention-rule")
router.register("ignitions", Ignitions, "api-ignition")
urlpatterns = router.urls
