"""Typed results over the API: the same verbs as the page."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from assays.catalogue.models import Method
from assays.certificates.api_shapes import CertificateSerializer
from assays.certificates.entry import api_shapes as shapes
from assays.certificates.entry import queries, services
from assays.certificates.entry.committing import submit_grid
from assays.certificates.entry.rules import Typed
from assays.certificates.models import Grid
from assays.runs.queries import run_for
from lims.accounts.authentication import person
from lims.errors import NotFound, Place, Problem, invalid
from samples.registry.api_view import PK, UUID_FORM, RegistryView

SINCE = OpenApiParameter("since", OpenApiTypes.INT, description="The version of the grid that is known.")


class Grids(RegistryView):
    """Results typed at the bench, until they are submitted."""

    access: ClassVar[Mapping[str, str]] = {
        **dict.fromkeys(("retrieve", "changes"), "certificates.watch"),
        **dict.fromkeys(("create", "cells", "submit", "discard"), "certificates.log"),
    }
    serializer_class = shapes.GridSerializer
    queryset = Grid.objects.none()
    lookup_value_regex = UUID_FORM

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return a grid: its columns, its rows, and every cell with how it was read."""
        return Response(shapes.grid(queries.state_of(person(request), self._grid(pk))))

    @extend_schema(request=shapes.NewGrid, responses={201: shapes.GridSerializer})
    def create(self, request: Request) -> Response:
        """Begin to type a run's results, or go on with what was begun."""
        given, user = self.given(shapes.NewGrid), person(request)
        run = run_for(user, given["run"])
        made = services.open_grid(actor=user, run=run, method=_method(given["method"]))
        return Response(
            shapes.grid(queries.state_of(user, self._grid(made.pk))), status=status.HTTP_201_CREATED
        )

    @extend_schema(request=shapes.TypedCells, responses={200: shapes.GridChangesSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def cells(self, request: Request, pk: str) -> Response:
        """Keep cells; those that somebody else changed meanwhile come back as clashes and stay as they are."""
        given, user = self.given(shapes.TypedCells), person(request)
        typed = [Typed(**one) for one in given["cells"]]
        saved = services.save_cells(actor=user, grid=self._grid(pk), cells=typed)
        changed = queries.changed_since(user, saved.grid, given["since"])
        return Response(shapes.changes(saved.grid.version, *changed, saved.clashes))

    @extend_schema(responses=shapes.GridChangesSerializer, parameters=[PK, SINCE])
    @action(detail=True, pagination_class=None)
    def changes(self, request: Request, pk: str) -> Response:
        """Return what was typed since a version."""
        found = self._grid(pk)
        changed = queries.changed_since(person(request), found, _since(request))
        return Response(shapes.changes(found.version, *changed))

    @extend_schema(request=shapes.Submission, responses={201: CertificateSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, pk: str) -> Response:
        """Commit what was typed as the next version of the run's certificate."""
        given = self.given(shapes.Submission)
        made = submit_grid(actor=person(request), grid=self._grid(pk), **given)
        made.refresh_from_db()
        return Response(CertificateSerializer(made).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=None, responses={204: None}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Put away what was typed."""
        services.discard_grid(actor=person(request), grid=self._grid(pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _grid(self, pk: Any) -> Grid:
        return queries.grid_for(person(self.request), pk)


def _method(pk: Any) -> Method | None:
    """Return the method with this id, None for no id. Raises `NotFound` ("method-unknown")."""
    if pk is None:
        return None
    found = Method.objects.select_related("laboratory").filter(pk=pk).first()
    if found is None:
        raise NotFound(
            Problem("method-unknown", "There is no such method.", "Look it up.", Place(field="method"))
        )
    return found


def _since(request: Request) -> int:
    """Return the version that the caller knows, 0 without one. Raises `Invalid` ("number-malformed")."""
    text: Sequence[str] = request.query_params.get("since", "0")
    number = str(text)
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise invalid("number-malformed", f"“{number[:20]}” is no version.", "Give a number.", field="since")
    return int(number)


router = SimpleRouter()
router.register("grids", Grids, "api-grid")
urlpatterns = router.urls
