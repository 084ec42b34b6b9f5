"""Addresses of the mines, batches, samples, tags and lists."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
