"""Building runs over the API: the same verbs as the pages."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.runs.building import api_shapes as shapes
from assays.runs.building import queries, services
from assays.runs.building.rates import SHARES, Rates
from assays.runs.building.sheet import codes_of, run_sheet
from assays.runs.models import InsertionRule, Portion, Run
from assays.runs.portions.queries import laboratories_of, portion_for, portions_for
from lims.accounts.authentication import person
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from lims.errors import NotFound, Place, Problem
from samples.registry.api_view import PK, UUID_FORM, RegistryView


def _portions(user: User, ids: Sequence[UUID]) -> list[Portion]:
    """Return the portions in the order of their ids. Raises `NotFound` ("portion-unknown")."""
    found = {one.pk: one for one in portions_for(user).filter(pk__in=ids)}
    if len(found) != len(set(ids)):
        message = "Not every portion is known."
        raise NotFound(Problem("portion-unknown", message, "Look them up.", Place(field="portions")))
    return [found[pk] for pk in ids]


class BuiltRuns(RegistryView):
    """Runs that are built here: portions and QC items in a rack."""

    access: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("create", "rack", "move", "remove", "place", "begin", "codes", "sheet"), "runs.bench"
    )
    serializer_class = shapes.RackSerializer
    queryset = Run.objects.none()
    lookup_value_regex = UUID_FORM

    @extend_schema(request=shapes.NewBuiltRun, responses={201: shapes.RackSerializer})
    def create(self, request: Request) -> Response:
        """Build a run of portions, QC placed among them by the laboratory's rule."""
        user, given = person(request), self.given(shapes.NewBuiltRun)
        method = queries.method_for(user, given["method"])
        given |= {"method": method, "portions": _portions(user, given["portions"])}
        if highest := given.pop("highest", None):
            given["highest"] = portion_for(user, highest)
        if rerun_of := given.pop("rerun_of", None):
            given["rerun_of"] = queries.run_to_repeat(user, rerun_of)
        given |= self._instrument(given, method.laboratory)
        made = services.build_run(actor=user, laboratory=method.laboratory, **given)
        return Response(self._shown(made.pk), status=status.HTTP_201_CREATED)

    @extend_schema(parameters=[PK])
    @action(detail=True)
    def rack(self, request: Request, pk: str) -> Response:
        """Return what stands in the rack, and what the QC rule misses."""
        return Response(self._shown(pk))

    @extend_schema(request=shapes.Move, parameters=[PK])
    @action(detail=True, methods=["post"])
    def move(self, request: Request, pk: str) -> Response:
        """Move an item to a position."""
        run, given = self._run(pk), self.given(shapes.Move)
        item = queries.item_in(run, given.pop("item"))
        services.move_item(actor=person(request), run=run, item=item, **given)
        return Response(self._shown(pk))

    @extend_schema(request=shapes.Removal, parameters=[PK])
    @action(detail=True, methods=["post"])
    def remove(self, request: Request, pk: str) -> Response:
        """Take an item out."""
        run, given = self._run(pk), self.given(shapes.Removal)
        item = queries.item_in(run, given.pop("item"))
        services.remove_item(actor=person(request), run=run, item=item, **given)
        return Response(self._shown(pk))

    @extend_schema(request=shapes.Placing, parameters=[PK])
    @action(detail=True, methods=["post"])
    def place(self, request: Request, pk: str) -> Response:
        """Put a sample, a duplicate, a reference material or a blank in."""
        run, given = self._run(pk), self.given(shapes.Placing)
        if given.get("portion"):
            given["portion"] = portion_for(person(request), given["portion"])
        if given.get("material"):
            given["material"] = queries.material_for(given["material"])
        services.place_item(actor=person(request), run=run, **given)
        return Response(self._shown(pk))

    @extend_schema(request=shapes.Beginning, parameters=[PK])
    @action(detail=True, methods=["post"])
    def begin(self, request: Request, pk: str) -> Response:
        """Begin the run: its rack stands, and every position gets its code."""
        run, given = self._run(pk), self.given(shapes.Beginning)
        given |= self._instrument(given, run.laboratory)
        services.begin_run(actor=person(request), run=run, **given)
        return Response(self._shown(pk))

    @extend_schema(responses=shapes.CodeSerializer(many=True), parameters=[PK])
    @action(detail=True, pagination_class=None)
    def codes(self, request: Request, pk: str) -> Response:
        """List the codes in the order of the rack, for the instrument: they do not say what stands there."""
        found = [{"position": at, "sample": code} for at, code in codes_of(self._run(pk))]
        return Response(shapes.CodeSerializer(found, many=True).data)

    @extend_schema(
        responses={(200, "application/pdf"): OpenApiResponse(OpenApiTypes.BINARY)}, parameters=[PK]
    )
    @action(detail=True)
    def sheet(self, request: Request, pk: str) -> HttpResponse:
        """Return the run sheet as PDF, with a QR code of each code."""
        return HttpResponse(run_sheet(self._run(pk)), content_type="application/pdf")

    def _run(self, pk: Any) -> Run:
        return queries.built_run_for(person(self.request), pk)

    def _shown(self, pk: Any) -> Any:
        run = self._run(pk)
        return shapes.RackSerializer({"run": run, "rack": queries.rack_of(run)}).data

    def _instrument(self, given: dict[str, Any], laboratory: Organisation) -> dict[str, Any]:
        """Return the instrument for its id, if one is named. Raises `NotFound` ("equipment-unknown")."""
        named = given.pop("instrument", None)
        return {"instrument": queries.instrument_for(laboratory, named)} if named else {}


class InsertionRules(RegistryView):
    """How much QC one's laboratories place: every version, the newest first."""

    access: ClassVar[Mapping[str, str]] = {"list": "runs.bench", "create": "runs.set_rates"}
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = shapes.InsertionRuleSerializer
    queryset = InsertionRule.objects.none()

    def list(self, request: Request) -> Response:
        """List the rules."""
        mine = laboratories_of(person(request), Role.TECHNICIAN, Role.REVIEWER, Role.MANAGER)
        return self.page(InsertionRule.objects.filter(laboratory__in=mine), lambda _user, rows: rows)

    @extend_schema(request=shapes.NewInsertionRule, responses={201: shapes.InsertionRuleSerializer})
    def create(self, request: Request) -> Response:
        """Set how much QC is placed in runs that are built from now on."""
        user, given = person(request), self.given(shapes.NewInsertionRule)
        rates = Rates(**{name: given.pop(name) for name in SHARES})
        laboratory = laboratories_of(user, Role.MANAGER).filter(pk=given.pop("laboratory")).first()
        if laboratory is None:
            message = "You manage no such laboratory."
            raise NotFound(Problem("laboratory-unknown", message, "Choose yours.", Place(field="laboratory")))
        if method := given.pop("method", None):
            given["method"] = queries.method_for(user, method)
        made = services.set_insertion_rule(actor=user, laboratory=laboratory, rates=rates, **given)
        made.refresh_from_db()
        return Response(shapes.InsertionRuleSerializer(made).data, status=status.HTTP_201_CREATED)


router = SimpleRouter()
router.register("built-runs", BuiltRuns, "api-built-run")
router.register("insertion-rules", InsertionRules, "api-insertion-rule")
urlpatterns = router.urls
