"""The decision's arithmetic: pure, and the same for a preview and for a decision (METHODS.md section 4)."""

from assays.grading.estimator.deciding import answer, evaluate
from assays.grading.estimator.reading import read_case

__all__ = ["answer", "evaluate", "read_case"]
