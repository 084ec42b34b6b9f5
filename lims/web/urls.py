"""Addresses of the shell."""

from django.urls import URLPattern, URLResolver, include, path

from lims.web import pages, styleguide

shell = (
    [
        path("", pages.home, name="home"),
        path("search/", pages.search, name="search"),
        path("notices/", pages.notices, name="notices"),
        path("notices/read/", pages.notices_all_read, name="notices_all_read"),
        path("notices/<uuid:pk>/read/", pages.notice_read, name="notice_read"),
        path("styleguide/", styleguide.styleguide, name="styleguide"),
        path("styleguide/progress/", styleguide.progress, name="styleguide_progress"),
    ],
    "web",
)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(shell))]
