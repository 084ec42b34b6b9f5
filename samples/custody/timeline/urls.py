"""Addresses of custody records; they lie in custody's own name space."""

from django.urls import path

from samples.custody.timeline import pages

urlpatterns = [
    path("samples/<uuid:pk>/custody/", pages.sample_record, name="sample_record"),
    path("samples/<uuid:pk>/custody.pdf", pages.sample_record_pdf, name="sample_record_pdf"),
    path("samples/<uuid:pk>/custody.json", pages.sample_record_json, name="sample_record_json"),
    path("consignments/<uuid:pk>/custody/", pages.consignment_record, name="consignment_record"),
    path("consignments/<uuid:pk>/custody.pdf", pages.consignment_record_pdf, name="consignment_record_pdf"),
    path(
        "consignments/<uuid:pk>/custody.json", pages.consignment_record_json, name="consignment_record_json"
    ),
]
