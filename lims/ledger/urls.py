"""Addresses of the record and its seals."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
