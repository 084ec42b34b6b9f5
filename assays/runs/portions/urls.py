"""Addresses of portions."""

from django.urls import URLPattern, URLResolver, include, path

from assays.runs.portions import bag_pages, pages, portion_pages, split_pages, store_pages

portions = (
    [
        path("", pages.portions, name="portions"),
        path("take-up/", pages.take_up, name="take_up"),
        path("labels.pdf", pages.print_labels, name="labels"),
        path("due/", store_pages.due, name="due"),
        path("due/dispose/", store_pages.dispose_chosen, name="dispose_chosen"),
        path("retention/", store_pages.set_rule, name="set_rule"),
        path("store/", store_pages.store, name="store"),
        path("store/add/", store_pages.add_place, name="add_place"),
        path("store/<uuid:pk>/retire/", store_pages.retire_place, name="retire_place"),
        path("of/<uuid:pk>/", bag_pages.bag, name="bag"),
        path("of/<uuid:pk>/drying/", bag_pages.dry, name="dry"),
        path("of/<uuid:pk>/ignition/", bag_pages.ignite, name="ignite"),
        path("<uuid:pk>/", portion_pages.portion, name="portion"),
        path("<uuid:pk>/split/", split_pages.split, name="split"),
        path("<uuid:pk>/split/balance/", split_pages.running_balance, name="running_balance"),
        path("<uuid:pk>/prepare/", portion_pages.prepare, name="prepare"),
        path("<uuid:pk>/use/", portion_pages.use, name="use"),
        path("<uuid:pk>/store/", portion_pages.put_away, name="put_away"),
        path("<uuid:pk>/return/", portion_pages.give_back, name="give_back"),
        path("<uuid:pk>/dispose/", portion_pages.dispose, name="dispose"),
    ],
    "portions",
)

urlpatterns: list[URLPattern | URLResolver] = [path("portions/", include(portions))]
