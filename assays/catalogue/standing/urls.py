"""Addresses of what a laboratory stands on."""

from django.urls import URLPattern, URLResolver, include, path

from assays.catalogue.standing import pages

standing = (
    [
        path("laboratory-standing/", pages.standing, name="standing"),
        path("laboratory-standing/equipment/", pages.add_equipment, name="add_equipment"),
        path("laboratory-standing/calibrations/", pages.calibrate, name="calibrate"),
        path("laboratory-standing/validations/", pages.validate, name="validate"),
        path("laboratory-standing/accreditations/", pages.accredit, name="accredit"),
        path("laboratory-standing/competences/", pages.grant, name="grant"),
        path("laboratory-standing/competences/<uuid:pk>/withdraw/", pages.withdraw, name="withdraw"),
    ],
    "standing",
)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(standing))]
