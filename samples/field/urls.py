"""Addresses of the field application, and of pages about phones."""

from django.urls import path

from samples.field import app_pages, pages

app_name = "field"
urlpatterns = [
    path("field/", app_pages.app, name="app"),
    path("field/sw.js", app_pages.service_worker, name="service_worker"),
    path("field/text/<str:language>.json", app_pages.text, name="text"),
    path("phones/", pages.devices, name="devices"),
    path("phones/quarantine/", pages.quarantine, name="quarantine"),
    path("phones/quarantine/settle/", pages.settle, name="settle"),
    path("phones/conflicts/", pages.conflicts, name="conflicts"),
    path("phones/carry/", pages.carry_by_hand, name="carry"),
    path("phones/<uuid:pk>/", pages.device, name="device"),
    path("phones/<uuid:pk>/revoke/", pages.revoke, name="revoke"),
]
