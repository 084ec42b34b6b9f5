"""Addresses of profiles, within those of certificates."""

from django.urls import path

from assays.certificates.profiles import pages

profiles = [
    path("certificates/profiles/", pages.profiles, name="profiles"),
    path("certificates/profiles/add/", pages.add_profile, name="add_profile"),
    path("certificates/profiles/<uuid:pk>/", pages.profile, name="profile"),
]
