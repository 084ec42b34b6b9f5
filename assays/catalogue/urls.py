"""Addresses of the catalogue."""

from django.urls import URLPattern, URLResolver, include, path

from assays.catalogue import pages
from assays.catalogue.library import pages as library

catalogue = (
    [
        path("methods/", pages.methods, name="methods"),
        path("methods/add/", pages.add_method, name="add_method"),
        path("methods/<uuid:pk>/", pages.method, name="method"),
        path("methods/<uuid:pk>/analytes/", pages.method_analyte, name="method_analyte"),
        path("reference-materials/", pages.materials, name="materials"),
        path("reference-materials/add/", pages.add_material, name="add_material"),
        path("reference-materials/<uuid:pk>/", pages.material, name="material"),
        path("reference-materials/values/", library.values, name="values"),
        path("reference-materials/values/keep/", library.keep_values, name="keep_values"),
        path("reference-materials/values/template.csv", library.values_template, name="values_template"),
        path("reference-materials/<uuid:pk>/values/", pages.certify, name="certify"),
        path("reference-materials/<uuid:pk>/retire/", library.retire, name="retire"),
        path("reference-materials/<uuid:pk>/certificate/", library.certificate, name="certificate"),
        path(
            "reference-materials/<uuid:pk>/certificate/keep/",
            library.keep_certificate,
            name="keep_certificate",
        ),
    ],
    "catalogue",
)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(catalogue))]
