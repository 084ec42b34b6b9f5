"""Addresses of custody."""

from django.urls import path

from samples.custody import (
    bag_pages,
    consignment_pages,
    incident_pages,
    moving_pages,
    packing_pages,
    pages,  # noqa: F401  # tells the shell its places, finders and panels
    pictures,  # noqa: F401  # lets photographs of events be seen
    receiving_pages,
    replacing_pages,
    road_pages,
)
from samples.custody.papers import form_pages as paper_form_pages
from samples.custody.papers import pages as paper_pages
from samples.custody.routes import pages as route_pages
from samples.custody.scales import pages as scale_pages
from samples.custody.timeline.urls import urlpatterns as timeline_urls

app_name = "custody"
urlpatterns = [
    path("consignments/", consignment_pages.consignments, name="consignments"),
    path("consignments/new/", consignment_pages.start, name="start"),
    path("consignments/<uuid:pk>/", consignment_pages.consignment, name="consignment"),
    path("consignments/<uuid:pk>/papers/", consignment_pages.record_document, name="record_document"),
    path("consignments/<uuid:pk>/dose-rate/", consignment_pages.record_dose, name="record_dose"),
    path("consignments/<uuid:pk>/report/", consignment_pages.report, name="report"),
    path("consignments/<uuid:pk>/dispatch/", consignment_pages.dispatch, name="dispatch"),
    path("consignments/<uuid:pk>/hand-over/", road_pages.hand_over, name="hand_over"),
    path("consignments/<uuid:pk>/on-the-way/", road_pages.on_the_way, name="on_the_way"),
    path("consignments/<uuid:pk>/split/", moving_pages.split, name="split"),
    path("consignments/<uuid:pk>/turn-back/", moving_pages.turn_back, name="turn_back"),
    path("consignments/<uuid:pk>/cancel/", moving_pages.cancel, name="cancel"),
    path("sending-back/", moving_pages.send_back, name="send_back"),
    path("bags/<uuid:pk>/open/", bag_pages.open_bag, name="open_bag"),
    path("bags/<uuid:pk>/seal-anew/", bag_pages.reseal_bag, name="reseal_bag"),
    path("bags/<uuid:pk>/store/", bag_pages.store_bag, name="store_bag"),
    path("bags/<uuid:pk>/lost/", bag_pages.report_lost, name="report_lost"),
    path("bags/<uuid:pk>/dispose/", bag_pages.dispose_bag, name="dispose_bag"),
    path("bags/<uuid:pk>/another-tag/", replacing_pages.replace_tag, name="replace_tag"),
    path("consignments/<uuid:pk>/pack/", packing_pages.pack, name="pack"),
    path("consignments/<uuid:pk>/pack/chosen/", packing_pages.pack_chosen, name="pack_chosen"),
    path("consignments/<uuid:pk>/pack/<uuid:item>/out/", packing_pages.unpack, name="unpack"),
    path("receiving/", receiving_pages.awaited, name="receiving"),
    path("receiving/<uuid:pk>/", receiving_pages.receive, name="receive"),
    path("receiving/<uuid:pk>/bag/", receiving_pages.bag, name="bag"),
    path("receiving/<uuid:pk>/finish/", receiving_pages.finish, name="finish"),
    path("documents/", paper_pages.documents, name="documents"),
    path("documents/add/", paper_pages.add_document, name="add_document"),
    path("documents/<uuid:pk>/", paper_pages.document, name="document"),
    path("documents/<uuid:pk>/scan/", paper_pages.scan, name="document_scan"),
    path("paper-forms/", paper_form_pages.paper_forms, name="paper_forms"),
    path("paper-forms/sheet.pdf", paper_form_pages.sheet, name="form_sheet"),
    path("paper-forms/<uuid:pk>/", paper_form_pages.paper_form, name="paper_form"),
    path("paper-forms/<uuid:pk>/spoil/", paper_form_pages.spoil, name="spoil_form"),
    path("routes/", route_pages.routes, name="routes"),
    path("routes/<uuid:pk>/", route_pages.route, name="route"),
    path("routes/<uuid:pk>/retire/", route_pages.retire, name="retire_route"),
    path("limits/", route_pages.limits, name="limits"),
    path("limits/<uuid:pk>/<str:name>/", route_pages.limit, name="limit"),
    path("scales/", scale_pages.scales, name="scales"),
    path("scales/<uuid:pk>/", scale_pages.scale, name="scale"),
    path("scales/<uuid:pk>/retire/", scale_pages.retire, name="retire_scale"),
    path("incidents/", incident_pages.incidents, name="incidents"),
    path("incidents/<uuid:pk>/", incident_pages.incident, name="incident"),
    path("incidents/<uuid:pk>/explain/", incident_pages.explain, name="explain"),
    path("incidents/<uuid:pk>/clear/", incident_pages.clear, name="clear"),
    path("incidents/<uuid:pk>/uphold/", incident_pages.uphold, name="uphold"),
    path("incidents/<uuid:pk>/assign/", incident_pages.assign, name="assign"),
    path("incidents/<uuid:pk>/files/", incident_pages.attach, name="attach"),
    path("incidents/<uuid:pk>/files/<uuid:file>/", incident_pages.attachment, name="attachment"),
    path("receiving/<uuid:pk>/deviation/", incident_pages.deviation, name="deviation"),
    *timeline_urls,
]
