"""Addresses of the operator's page of due work."""

from django.urls import include, path

from lims.work import pages

work = ([path("", pages.show, name="overview"), path("retry/", pages.retry, name="retry")], "work")
urlpatterns = [path("", include(work))]
