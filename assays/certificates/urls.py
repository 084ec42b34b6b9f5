"""Addresses of certificates."""

from django.urls import URLPattern, URLResolver, include, path

from assays.certificates import (
    file_pages,
    pages,
    preview_pages,
    run_panel,  # noqa: F401  # the panel registers itself
    template_pages,
)
from assays.certificates.preview.urls import preview
from assays.certificates.profiles.urls import profiles

certificates = (
    [
        path("certificates/", pages.uploads, name="uploads"),
        path("certificates/add/", pages.add, name="add"),
        path("certificates/<uuid:pk>/", preview_pages.upload, name="upload"),
        path("certificates/<uuid:pk>/progress/", preview_pages.watch, name="progress"),
        path("certificates/<uuid:pk>/describe/", preview_pages.describe, name="describe"),
        path("certificates/<uuid:pk>/rows/<int:number>/match/", preview_pages.match, name="match"),
        path("certificates/<uuid:pk>/rows/<int:number>/leave/", preview_pages.leave, name="leave"),
        path("certificates/<uuid:pk>/commit/", preview_pages.commit, name="commit"),
        path("certificates/<uuid:pk>/discard/", preview_pages.discard, name="discard"),
        path("certificates/templates/", template_pages.templates, name="templates"),
        path("certificates/templates/<uuid:pk>.xlsx", template_pages.xlsx, name="template_xlsx"),
        path("certificates/templates/<uuid:pk>.csv", template_pages.csv, name="template_csv"),
        *profiles,
        *preview,
        path("certificates/<uuid:pk>/problems.xlsx", file_pages.problems, name="problems"),
        path("certificates/<uuid:pk>/file", file_pages.original, name="original"),
        path("certificates/committed/<uuid:pk>/file", file_pages.file, name="file"),
    ],
    "certificates",
)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(certificates))]
