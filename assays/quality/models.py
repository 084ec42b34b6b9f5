"""Every table of quality control: shape, not behaviour."""

from assays.quality.gate_models import QcEvaluation, QcOverride
from assays.quality.history_models import Investigation, QcHistory, QcHistoryResult

__all__ = ["Investigation", "QcEvaluation", "QcHistory", "QcHistoryResult", "QcOverride"]
