"""Whether a laboratory's people and instruments may begin a run (ISO/IEC 17025:2017, 6.2 and 6.4)."""

from datetime import date

from assays.catalogue.models import Equipment, Method
from assays.catalogue.rules import CompetentTo
from assays.catalogue.standing.queries import calibration_warning, competent
from lims.accounts.models import User


def may_analyse(user: User, method: Method, on: date) -> bool:
    """Return whether the person was found able to analyse by the method on a day."""
    return competent(user, method, CompetentTo.ANALYSE, on)


def calibration_words(equipment: Equipment, on: date) -> str:
    """Return why results of an instrument would be warned of on a day; empty when its calibration holds."""
    return calibration_warning(equipment, on)
