"""The models of this feature, from the modules that define them."""

from assays.certificates.certificate_models import Certificate, Determination
from assays.certificates.upload_models import LabelMapping, Upload, UploadRow

__all__ = ["Certificate", "Determination", "LabelMapping", "Upload", "UploadRow"]
