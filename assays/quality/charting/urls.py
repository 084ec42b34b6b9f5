"""Addresses of quality control over time."""

from django.urls import path

from assays.quality.charting import pages

charting = [
    path("qc/", pages.index, name="charts"),
    path("qc/chart/", pages.chart, name="chart"),
    path("qc/duplicates/", pages.duplicates, name="duplicates"),
    path("qc/blanks/", pages.blanks, name="blanks"),
    path("qc/rates/", pages.rates, name="rates"),
    path("qc/umpire/", pages.umpire, name="umpire"),
    path("qc/laboratories/", pages.laboratories, name="laboratories"),
]
