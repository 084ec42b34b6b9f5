"""Reading certificates: bytes in, understanding out; no database, no Django."""

from assays.certificates.reading.model import Column, Determination, Finding, Profile, Reading, Row
from assays.certificates.reading.recognising import read
from assays.certificates.reading.values import limit_ppm

__all__ = ["Column", "Determination", "Finding", "Profile", "Reading", "Row", "limit_ppm", "read"]
