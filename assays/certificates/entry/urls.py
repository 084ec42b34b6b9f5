"""Addresses of typed results."""

from django.urls import URLPattern, URLResolver, include, path

from assays.certificates.entry import pages, panel  # noqa: F401  # the panel registers itself

entry = (
    [
        path("<uuid:pk>/typed/", pages.typed, name="typed"),
        path("<uuid:pk>/typed/begin/", pages.begin, name="begin"),
        path("<uuid:pk>/typed/save/", pages.save, name="save"),
        path("<uuid:pk>/typed/submit/", pages.submit, name="submit"),
        path("<uuid:pk>/typed/discard/", pages.discard, name="discard"),
    ],
    "entry",
)

urlpatterns: list[URLPattern | URLResolver] = [path("runs/", include(entry))]
