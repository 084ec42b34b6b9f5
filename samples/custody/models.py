"""Every table of custody: shape, not behaviour."""

from samples.custody.consignment_models import Consignment, ConsignmentItem, DocumentCheck, Seal
from samples.custody.event_models import CustodyEvent, Incident, Outsider

__all__ = ["Consignment", "ConsignmentItem", "CustodyEvent", "DocumentCheck", "Incident", "Outsider", "Seal"]
