"""Addresses of the record and its seals."""

from django.urls import path

from lims.ledger import pages

app_name = "ledger"
urlpatterns = [
    path("", pages.record, name="record"),
    path("verify/", pages.verify, name="verify"),
]
