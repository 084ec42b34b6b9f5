"""Addresses of the catalogue."""

from django.urls import URLPattern, URLResolver, include, path

from assays.catalogue import pages

catalogue = (
    [
        path("methods/", pages.methods, name="methods"),
        path("methods/add/", pages.add_method, name="add_method"),
        path("methods/<uuid:pk>/", pages.method, name="method"),
        path("methods/<uuid:pk>/analytes/", pages.method_analyte, name="method_analyte"),
        path("reference-materials/", pages.materials, name="materials"),
        path("reference-materials/add/", pages.add_material, name="add_material"),
        path("reference-materials/<uuid:pk>/", pages.material, name="material"),
        path("reference-materials/<uuid:pk>/values/", pages.certify, name="certify"),
    ],
    "catalogue",
)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(catalogue))]
