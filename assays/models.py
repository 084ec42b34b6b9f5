"""Every model of this app, for Django, which looks nowhere else."""

from assays.catalogue.models import CertifiedValue, Method, MethodAnalyte, Profile, ReferenceMaterial
from assays.certificates.models import Certificate, Determination, LabelMapping, Upload, UploadRow
from assays.grading.models import Decision, Exclusion, PinnedPolicy, Policy, RadiologicalScreen
from assays.quality.models import QcEvaluation, QcOverride
from assays.reports.models import GradeReport
from assays.runs.models import AnalysisRequest, Moisture, RequestedSample, Review, Run, RunItem

__all__ = [
    "AnalysisRequest",
    "Certificate",
    "CertifiedValue",
    "Decision",
    "Determination",
    "Exclusion",
    "GradeReport",
    "LabelMapping",
    "Method",
    "MethodAnalyte",
    "Moisture",
    "PinnedPolicy",
    "Policy",
    "Profile",
    "QcEvaluation",
    "QcOverride",
    "RadiologicalScreen",
    "ReferenceMaterial",
    "RequestedSample",
    "Review",
    "Run",
    "RunItem",
    "Upload",
    "UploadRow",
]
