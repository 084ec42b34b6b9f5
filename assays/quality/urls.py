"""Addresses of quality control: charts over time, and overrides; the rest stands on the run's page."""

from django.urls import URLPattern, URLResolver, include, path

from assays.quality import looking_into, pages, panels  # noqa: F401  # panels register themselves
from assays.quality.charting.urls import charting
from assays.quality.comparing import panels as comparing  # noqa: F401  # registers its panels

quality = (
    [
        *charting,
        path("runs/<uuid:pk>/overrides/", pages.propose, name="propose"),
        path("runs/<uuid:pk>/investigations/", pages.investigate, name="investigate"),
        path("investigations/<uuid:pk>/close/", pages.close_investigation, name="close_investigation"),
        path("overrides/<uuid:pk>/agree/", pages.second, name="second"),
        path("overrides/<uuid:pk>/refuse/", pages.refuse, name="refuse"),
    ],
    "quality",
)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(quality))]
