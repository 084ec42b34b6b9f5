"""Addresses of the bench: runs and their review."""

from django.urls import URLPattern, URLResolver, include, path

from assays.runs import pages
from assays.runs.asking import pages as asking
from assays.runs.building.urls import building

runs = (
    [
        path("runs/", pages.runs, name="runs"),
        path("runs/<uuid:pk>/", pages.run, name="run"),
        path("runs/<uuid:pk>/approve/", pages.approve, name="approve"),
        path("runs/<uuid:pk>/return/", pages.send_back, name="send_back"),
        path("runs/<uuid:pk>/retest/", pages.retest, name="retest"),
        path("batches/<uuid:pk>/ask/", asking.ask, name="ask"),
        path("review/", pages.review_queue, name="review_queue"),
    ],
    "runs",
)

urlpatterns: list[URLPattern | URLResolver] = [path("runs/", include(building)), path("", include(runs))]
