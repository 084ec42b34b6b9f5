"""Every model of this app, for Django, which looks nowhere else."""

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
    "Correction",
    "ExternalNumber",
    "Hold",
    "ListRow",
    "Mine",
    "Sample",
    "SampleList",
    "Tag",
    "TagSeries",
]
