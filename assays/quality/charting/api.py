"""Quality control over time, over the API: what the pages of charts show, in numbers."""

from collections.abc import Mapping
from typing import Any, ClassVar, Final
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import GenericViewSet

from assays.quality.charting import api_shapes as shapes
from assays.quality.charting import queries
from assays.quality.charting.insertion import insertion_report
from assays.quality.charting.rules import SeriesKey, blank_of, pair_of
from assays.quality.charting.scorecard import scorecard
from assays.quality.charting.umpires import umpire_lines
from assays.quality.duplicates import spread
from assays.runs.models import RunItem
from assays.runs.rules import ItemKind
from lims.accounts.authentication import person
from lims.errors import NotFound, Problem, invalid

_PARTS: Final = ("method", "analyte", "oxide", "material")
KEY: Final = [
    OpenApiParameter("laboratory", OpenApiTypes.UUID, required=True, description="Who measured."),
    OpenApiParameter("method", description="Code of the method; empty where none was named."),
    OpenApiParameter("analyte", required=True, description="The element, as in Dy."),
    OpenApiParameter("oxide", description="Empty: reported as the element."),
]
MATERIAL: Final = OpenApiParameter("material", required=True, description="Code of the reference material.")


class QcCharts(GenericViewSet[Any]):
    """Quality control over time: control charts, duplicates, blanks, rates, umpires, laboratories."""

    access: ClassVar[Mapping[str, str]] = dict.fromkeys(
        ("list", "points", "duplicates", "pairs", "blanks", "readings", "rates", "umpire", "laboratories"),
        "runs.read",
    )
    pagination_class = None
    serializer_class = shapes.ChartLineSerializer
    queryset = RunItem.objects.none()

    def _only(self, *names: str) -> None:
        """Refuse what nobody knows: a typing slip would show another chart. Raises `Invalid` ("filter-unknown")."""
        for name in sorted(set(self.request.query_params) - set(names)):
            known = f"Known: {', '.join(names)}." if names else "None is known here."
            raise invalid("filter-unknown", f"There is no filter “{name}”.", known, field=name)

    def _key(self, *parts: str) -> SeriesKey:
        """Return what the address asks for. Raises `Invalid` ("chart-key-missing"), `NotFound` ("chart-unknown")."""
        self._only("laboratory", *parts)
        asked = self.request.query_params
        for name in ("laboratory", "analyte", *(("material",) if "material" in parts else ())):
            if not asked.get(name):
                raise invalid(
                    "chart-key-missing", f"Which {name}? Its filter is missing.", f"Add {name}=….", field=name
                )
        try:
            laboratory = UUID(asked["laboratory"])
        except ValueError:
            raise _unknown() from None
        found = [asked.get(name, "")[:60] for name in _PARTS]
        if any("\x00" in part for part in found):
            raise _unknown()
        return SeriesKey(laboratory, *found)

    def list(self, request: Request) -> Response:
        """List the control charts that one may see, with what they broke and their bias."""
        self._only()
        return Response([_line(one) for one in queries.charts_for(person(request))])

    @extend_schema(parameters=[*KEY, MATERIAL], responses=shapes.ChartSerializer)
    @action(detail=False)
    def points(self, request: Request) -> Response:
        """Return one control chart: every point in time order, with its score and the rules that it broke."""
        found = queries.chart_for(person(request), self._key(*_PARTS))
        if found is None:
            raise _unknown()
        return Response(shapes.ChartSerializer(found).data)

    @extend_schema(responses=shapes.CountedSerializer(many=True))
    @action(detail=False)
    def duplicates(self, request: Request) -> Response:
        """List the methods and contents that have duplicates, with how many."""
        return self._counted(request, ItemKind.DUPLICATE)

    @extend_schema(responses=shapes.CountedSerializer(many=True))
    @action(detail=False)
    def blanks(self, request: Request) -> Response:
        """List the methods and contents that have blanks, with how many."""
        return self._counted(request, ItemKind.BLANK)

    def _counted(self, request: Request, kind: ItemKind) -> Response:
        self._only()
        found = [
            {"key": key, "laboratory": laboratory, "count": count}
            for key, laboratory, count in queries.method_contents(person(request), kind)
        ]
        return Response(shapes.CountedSerializer(found, many=True).data)

    @extend_schema(parameters=KEY, responses=shapes.PairsSerializer)
    @action(detail=False)
    def pairs(self, request: Request) -> Response:
        """Return the duplicates of a method and content in time order, and how far they lie apart together."""
        key = self._key("method", "analyte", "oxide")
        found = [pair_of(one) for one in queries.of_key(person(request), ItemKind.DUPLICATE, key)]
        if not found:
            raise _unknown()
        told = spread([((one.first_ppm, one.second_ppm), one.stage.lower()) for one in found])
        return Response(shapes.PairsSerializer({"spread": told, "pairs": found}).data)

    @extend_schema(parameters=KEY, responses=shapes.BlankSerializer(many=True))
    @action(detail=False)
    def readings(self, request: Request) -> Response:
        """Return the readings of blanks of a method and content in time order, with what they may have carried over."""
        key = self._key("method", "analyte", "oxide")
        found = [blank_of(one) for one in queries.of_key(person(request), ItemKind.BLANK, key)]
        if not found:
            raise _unknown()
        return Response(shapes.BlankSerializer(found, many=True).data)

    @extend_schema(responses=shapes.RateLineSerializer(many=True))
    @action(detail=False)
    def rates(self, request: Request) -> Response:
        """Return how much QC laboratories place beside what their rule asks for."""
        self._only()
        return Response(shapes.RateLineSerializer(insertion_report(person(request)), many=True).data)

    @extend_schema(responses=shapes.UmpireSerializer(many=True))
    @action(detail=False)
    def umpire(self, request: Request) -> Response:
        """Return how laboratories agree on the same samples."""
        self._only()
        return Response(shapes.UmpireSerializer(umpire_lines(person(request)), many=True).data)

    @extend_schema(responses=shapes.ScoreSerializer(many=True))
    @action(detail=False)
    def laboratories(self, request: Request) -> Response:
        """Return the scorecard: laboratories side by side, in numbers."""
        self._only()
        return Response(shapes.ScoreSerializer(scorecard(person(request)), many=True).data)


def _line(one: queries.SeriesLine) -> Any:
    chart = one.chart
    told = {"results": len(chart.points), "last": one.last}
    return shapes.ChartLineSerializer(
        {name: getattr(chart, name) for name in ("key", "laboratory", "rules", "bias")} | told
    ).data


def _unknown() -> NotFound:
    return NotFound(Problem("chart-unknown", "There is no such chart.", "Choose one from the list."))


router = SimpleRouter()
router.register("qc-charts", QcCharts, "api-qc-chart")
urlpatterns = router.urls
