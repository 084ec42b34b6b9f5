"""Every table of the registry: shape, not behaviour."""

from samples.registry.batch_models import Batch, BatchParty, Mine, Tag, TagSeries
from samples.registry.list_models import ListRow, SampleList
from samples.registry.sample_models import Correction, ExternalNumber, Hold, Sample

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
