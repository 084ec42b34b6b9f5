"""The models of this feature, from the modules that define them."""

from assays.certificates.certificate_models import Certificate, Determination
from assays.certificates.grid_models import Grid, GridCell
from assays.certificates.upload_models import LabelMapping, Upload, UploadRow

__all__ = ["Certificate", "Determination", "Grid", "GridCell", "LabelMapping", "Upload", "UploadRow"]
