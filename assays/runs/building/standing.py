"""Whether a laboratory's people and instruments may begin a run (ISO/IEC 17025:2017, 6.2 and 6.4)."""

from datetime import date

from assays.catalogue.models import Calibration, Competence, Equipment, Method
from assays.catalogue.rules import CompetentTo
from lims.accounts.models import User


def may_analyse(user: User, method: Method, on: date) -> bool:
    """Return whether the person was found able to analyse by the method on a day.

    Where nobody's competence was ever recorded for the method, nobody is kept out: gating begins with the first record (D).
    """
    known = Competence.objects.filter(method=method, able_to=CompetentTo.ANALYSE)
    if not known.exists():
        return True
    valid = known.filter(person=user, withdrawn_at=None, valid_from__lte=on, valid_to__gte=on)
    return valid.exists()


def calibration_words(equipment: Equipment, on: date) -> str:
    """Return why results of an instrument would be warned of on a day; empty when its calibration holds."""
    if not equipment.needs_calibration:
        return ""
    newest = Calibration.objects.filter(equipment=equipment, calibrated_on__lte=on)
    last = newest.order_by("-calibrated_on", "-id").first()
    if last is None:
        return f"{equipment} has no calibration on record."
    if not last.passed:
        return f"{equipment} failed its calibration of {last.calibrated_on:%Y-%m-%d}."
    if last.valid_until < on:
        return f"The calibration of {equipment} ran out on {last.valid_until:%Y-%m-%d}."
    return ""
