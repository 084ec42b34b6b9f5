"""Every table of the bench: shape, not behaviour."""

from assays.runs.plan_models import InsertionRule
from assays.runs.portion_models import (
    Portion,
    PortionEvent,
    Preparation,
    RetentionRule,
    Split,
    StorePlace,
)
from assays.runs.request_models import AnalysisRequest, Ignition, Moisture, RequestedSample, Retest
from assays.runs.run_models import Review, Run, RunItem

__all__ = [
    "AnalysisRequest",
    "Ignition",
    "InsertionRule",
    "Moisture",
    "Portion",
    "PortionEvent",
    "Preparation",
    "RequestedSample",
    "RetentionRule",
    "Retest",
    "Review",
    "Run",
    "RunItem",
    "Split",
    "StorePlace",
]
