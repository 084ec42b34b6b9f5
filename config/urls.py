"""The root of all addresses; each feature brings its own."""

from django.urls import include, path

from config import health

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("api/", include("config.api")),
    path("", include("lims.web.urls")),
    path("account/", include("lims.accounts.urls")),
    path("", include("lims.accounts.urls_people")),
    path("record/", include("lims.ledger.urls")),
    path("work/", include("lims.work.urls")),
    path("", include("samples.registry.urls")),
    path("", include("samples.custody.urls")),
    path("", include("samples.field.urls")),
    path("", include("assays.certificates.urls")),
    path("", include("assays.runs.portions.urls")),
    path("", include("assays.certificates.entry.urls")),
    path("", include("assays.runs.urls")),
    path("", include("assays.quality.urls")),
    path("", include("assays.catalogue.urls")),
    path("", include("assays.catalogue.standing.urls")),
    path("", include("assays.reports.urls")),
    path("", include("assays.demonstration.pages")),
]

handler400 = "lims.web.pages.bad_request"
handler403 = "lims.web.pages.permission_denied"
handler404 = "config.unknown.not_found"
handler500 = "lims.web.pages.server_error"
