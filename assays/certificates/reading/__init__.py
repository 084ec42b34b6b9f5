"""Reading certificates: bytes in, understanding out; no database, no Django."""

from assays.certificates.reading.model import (
    Column,
    Determination,
    Finding,
    Meaning,
    Profile,
    Reading,
    Row,
    Values,
)
from assays.certificates.reading.recognising import read

__all__ = ["Column", "Determination", "Finding", "Meaning", "Profile", "Reading", "Row", "Values", "read"]
