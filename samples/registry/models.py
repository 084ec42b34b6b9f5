"""Every table of the registry: shape, not behaviour."""

from samples.registry.batch_models import Batch, BatchParty, Mine, Tag, TagSeries
from samples.registry.list_models import ListRow, SampleList
from samples.registry.photograph_models import Photograph
from samples.registry.plan_models import BlindItem, PlannedSite, SamplingPlan
from samples.registry.sample_models import Correction, ExternalNumber, Hold, Sample
from samples.registry.tag_models import TagBlock

__all__ = [
    "Batch",
    "BatchParty",
    "BlindItem",
    "Correction",
    "ExternalNumber",
    "Hold",
    "ListRow",
    "Mine",
    "Photograph",
    "PlannedSite",
    "Sample",
    "SampleList",
    "SamplingPlan",
    "Tag",
    "TagBlock",
    "TagSeries",
]
