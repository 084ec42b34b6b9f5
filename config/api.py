"""Addresses of the API: version 1, its description, and a page to browse it."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from lims.web.access import page

urlpatterns = [
    # Phones ask most often, one act at a time: their addresses are looked for first.
    path("v1/", include("samples.field.api")),
    path("schema/", page("anyone")(SpectacularAPIView.as_view()), name="api-schema"),
    path("", page("anyone")(SpectacularSwaggerSplitView.as_view(url_name="api-schema")), name="api-browse"),
    path("v1/", include("lims.accounts.api")),
    path("v1/", include("samples.registry.api")),
    path("v1/", include("samples.custody.api")),
    path("v1/", include("assays.catalogue.api")),
    path("v1/", include("assays.catalogue.standing.api")),
    path("v1/", include("assays.runs.portions.api")),
    path("v1/", include("assays.certificates.entry.api")),
    path("v1/", include("assays.runs.api")),
    path("v1/", include("assays.certificates.api")),
    path("v1/", include("assays.certificates.profiles.api")),
    path("v1/", include("assays.quality.api")),
    path("v1/", include("assays.grading.api")),
]
