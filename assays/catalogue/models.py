"""Every table of the catalogue: shape, not behaviour."""

from assays.catalogue.material_models import CertifiedValue, ReferenceMaterial
from assays.catalogue.method_models import Method, MethodAnalyte, Profile
from assays.catalogue.standing_models import (
    Accreditation,
    Calibration,
    Competence,
    Equipment,
    Validation,
)

__all__ = [
    "Accreditation",
    "Calibration",
    "CertifiedValue",
    "Competence",
    "Equipment",
    "Method",
    "MethodAnalyte",
    "Profile",
    "ReferenceMaterial",
    "Validation",
]
