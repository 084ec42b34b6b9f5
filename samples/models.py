"""Every model of this app, for Django, which looks nowhere else."""

from samples.custody.models import (
    Consignment,
    ConsignmentItem,
    CustodyEvent,
    DocumentCheck,
    Incident,
    Outsider,
    Seal,
)
from samples.registry.models import (
    Batch,
    BatchParty,
    Correction,
    ExternalNumber,
    Hold,
    ListRow,
    Mine,
    Sample,
    SampleList,
    Tag,
    TagSeries,
)

__all__ = [
    "Batch",
    "BatchParty",
    "Consignment",
    "ConsignmentItem",
    "Correction",
    "CustodyEvent",
    "DocumentCheck",
    "ExternalNumber",
    "Hold",
    "Incident",
    "ListRow",
    "Mine",
    "Outsider",
    "Sample",
    "SampleList",
    "Seal",
    "Tag",
    "TagSeries",
]
