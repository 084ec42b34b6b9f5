"""Addresses of overrides; what quality control shows stands on the run's page."""

from django.urls import URLPattern, URLResolver, include, path

from assays.quality import pages, panels  # noqa: F401  # panels register themselves

quality = (
    [
        path("runs/<uuid:pk>/overrides/", pages.propose, name="propose"),
        path("overrides/<uuid:pk>/agree/", pages.second, name="second"),
        path("overrides/<uuid:pk>/refuse/", pages.refuse, name="refuse"),
    ],
    "quality",
)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(quality))]
