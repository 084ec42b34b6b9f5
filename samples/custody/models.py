"""Every table of custody: shape, not behaviour."""

from samples.custody.attachment_models import EventPhotograph, IncidentAttachment, TagReplacement
from samples.custody.consignment_models import Consignment, ConsignmentItem, DocumentCheck, Seal
from samples.custody.event_models import CustodyEvent, Incident, Outsider
from samples.custody.limit_models import CustodyLimit
from samples.custody.paper_models import Document, PaperForm
from samples.custody.route_models import ConsignmentLeg, Route, RouteLeg
from samples.custody.scale_models import Scale, ScaleCheck

__all__ = [
    "Consignment",
    "ConsignmentItem",
    "ConsignmentLeg",
    "CustodyEvent",
    "CustodyLimit",
    "Document",
    "DocumentCheck",
    "EventPhotograph",
    "Incident",
    "IncidentAttachment",
    "Outsider",
    "PaperForm",
    "Route",
    "RouteLeg",
    "Scale",
    "ScaleCheck",
    "Seal",
    "TagReplacement",
]
