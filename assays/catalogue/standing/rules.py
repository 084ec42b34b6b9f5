"""Words of what a laboratory stands on. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class Lapse(StrEnum):
    """How a result stands to its method's accreditation on the day of analysis (ISO/IEC 17011)."""

    IN_SCOPE = "IN_SCOPE"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    LAPSED = "LAPSED"
    NONE = "NONE"


LAPSE_LABELS: Final[Mapping[Lapse, str]] = {
    Lapse.IN_SCOPE: "accredited",
    Lapse.OUT_OF_RANGE: "outside the accredited range",
    Lapse.LAPSED: "accreditation had lapsed",
    Lapse.NONE: "not accredited",
}
#: days before a calibration, a review or an accreditation ends in which it is due soon (D)
SOON_DAYS: Final = 30
