"""Addresses of the mines, batches, samples, tags and lists."""

from django.urls import URLPattern, URLResolver, include, path

from samples.registry import batch_pages, mine_pages, pages, photograph_pages, register_pages, sample_pages
from samples.registry.list_pages import list_urlpatterns
from samples.registry.plans import pages as plan_pages
from samples.registry.tags import pages as tag_pages

registry = (
    [
        path("today/", pages.home, name="home"),
        path("samples/", sample_pages.samples, name="samples"),
        path("samples/export.csv", sample_pages.export, name="export"),
        path("samples/register/", register_pages.register, name="register"),
        path("samples/<uuid:pk>/", sample_pages.sample, name="sample"),
        path("samples/<uuid:pk>/correct/", register_pages.correct, name="correct"),
        path("samples/<uuid:pk>/withdraw/", sample_pages.withdraw, name="withdraw"),
        path("samples/<uuid:pk>/numbers/", sample_pages.add_number, name="add_number"),
        path("samples/<uuid:pk>/holds/", sample_pages.hold, name="hold"),
        path("samples/<uuid:pk>/holds/<uuid:hold>/release/", sample_pages.release, name="release"),
        path("samples/<uuid:pk>/photographs/add/", photograph_pages.add_photograph, name="add_photograph"),
        path("photographs/<uuid:pk>/", photograph_pages.photograph, name="photograph"),
        path("batches/", batch_pages.batches, name="batches"),
        path("batches/add/", batch_pages.open_batch, name="open_batch"),
        path("batches/<uuid:pk>/", batch_pages.batch, name="batch"),
        path("batches/<uuid:pk>/plan/", plan_pages.plan, name="plan"),
        path("batches/<uuid:pk>/plan/freeze/", plan_pages.freeze, name="freeze_plan"),
        path("samples/<uuid:pk>/blind-item/", plan_pages.blind_item, name="blind_item"),
        path("batches/<uuid:pk>/close/", batch_pages.close, name="close_batch"),
        path("batches/<uuid:pk>/reopen/", batch_pages.reopen, name="reopen_batch"),
        path("batches/<uuid:pk>/parties/", batch_pages.add_party, name="add_party"),
        path("batches/<uuid:pk>/parties/<uuid:party>/remove/", batch_pages.remove_party, name="remove_party"),
        path("mines/", mine_pages.mines, name="mines"),
        path("mines/add/", mine_pages.add_mine, name="add_mine"),
        path("mines/<uuid:pk>/", mine_pages.mine, name="mine"),
        path("mines/<uuid:pk>/due-diligence/", mine_pages.due_diligence, name="due_diligence"),
        path("tags/", tag_pages.tags, name="tags"),
        path("tags/issue/", tag_pages.issue, name="issue_tags"),
        path("tags/letters/", tag_pages.letters, name="tag_letters"),
        path("tags/free.csv", tag_pages.free_tags, name="free_tags"),
        path("tags/reserve/", tag_pages.reserve, name="reserve_tags"),
        path("tags/blocks/<uuid:pk>/release/", tag_pages.release, name="release_block"),
        path("tags/labels/", tag_pages.labels, name="labels"),
        path("tags/labels.pdf", tag_pages.label_sheets, name="label_sheets"),
        path("tags/labels.zpl", tag_pages.label_zpl, name="label_zpl"),
        # On every label: short, and as it was printed once, for good.
        path("t/<str:tag>", tag_pages.by_tag, name="by_tag"),
        *list_urlpatterns,
    ],
    "registry",
)

urlpatterns: list[URLPattern | URLResolver] = [path("", include(registry))]
