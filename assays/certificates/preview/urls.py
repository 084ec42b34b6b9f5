"""Addresses of the preview's own pages; they stand among those of certificates."""

from django.urls import path

from assays.certificates.preview import pages

preview = [
    path("certificates/<uuid:pk>/rows/<int:number>/", pages.line, name="line"),
    path("certificates/<uuid:pk>/accept/", pages.accept, name="accept"),
    path("certificates/<uuid:pk>/teach/", pages.teach, name="teach"),
]
