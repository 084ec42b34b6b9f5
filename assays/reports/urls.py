"""Addresses of the dashboard, decisions with their reports, and policies."""

from django.urls import URLPattern, URLResolver, include, path

from assays.reports import changes_pages, pages, panels, policy_pages, uncertainty_pages, what_if_pages  # noqa: F401  # panels register themselves

reports = (
    [
        path("dashboard/", pages.dashboard, name="dashboard"),
        path("dashboard/<slug:stage>/", pages.stage, name="stage"),
        path("decisions/", pages.decisions, name="decisions"),
        path("decisions/<uuid:pk>/", pages.decision, name="decision"),
        path("decisions/<uuid:pk>/report.pdf", pages.pdf, name="pdf"),
        path("decisions/<uuid:pk>/report/", pages.make_pdf, name="make_pdf"),
        path("decisions/<uuid:pk>/progress/", pages.pdf_progress, name="pdf_progress"),
        path("decisions/<uuid:pk>/changes/", changes_pages.changes, name="changes"),
        path("reports/<slug:code>/", pages.by_code, name="by_code"),
        path("policies/", policy_pages.policies, name="policies"),
        path("policies/add/", policy_pages.make_policy, name="make_policy"),
        path("policies/<uuid:pk>/", policy_pages.policy, name="policy"),
        path("policies/<uuid:pk>/what-if/", what_if_pages.what_if, name="what_if"),
        path("policies/<uuid:pk>/what-if/ask/", what_if_pages.ask_what_if, name="ask_what_if"),
        path("policies/<uuid:pk>/uncertainty/", uncertainty_pages.uncertainty, name="uncertainty"),
        path("policies/<uuid:pk>/force/", policy_pages.put_in_force, name="put_in_force"),
        path("policies/<uuid:pk>/retire/", policy_pages.retire_policy, name="retire_policy"),
    ],
    "reports",
)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(reports))]
