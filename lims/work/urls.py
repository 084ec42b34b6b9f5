"""Addresses of the operator's pages of due work."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
