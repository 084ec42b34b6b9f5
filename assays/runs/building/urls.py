"""Addresses of building runs."""

from django.urls import path

from assays.runs.building import pages

building = (
    [
        path("new/", pages.new, name="new"),
        path("qc-rule/", pages.rule, name="rule"),
        path("<uuid:pk>/rack/", pages.rack, name="rack"),
        path("<uuid:pk>/rack/move/", pages.move, name="move"),
        path("<uuid:pk>/rack/remove/", pages.remove, name="remove"),
        path("<uuid:pk>/rack/place/", pages.place, name="place"),
        path("<uuid:pk>/begin/", pages.begin, name="begin"),
        path("<uuid:pk>/sheet.pdf", pages.sheet, name="sheet"),
        path("<uuid:pk>/instrument.csv", pages.listing, name="listing"),
    ],
    "building",
)
