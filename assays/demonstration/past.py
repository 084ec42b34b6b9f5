"""QC of the laboratory's past, invented: a year of a reference material, long enough for a chart on which something happened."""

import csv
import io
import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from assays.demonstration.catalogue import CERTIFIED_SD, OLD_SHARE, TRACE_CODE, contents_of
from assays.quality.histories import import_history
from lims.accounts.models import Organisation, User

MATERIAL: Final = "RE-101"
RESULTS, EVERY_DAYS, LAST_DAYS_AGO = 72, 5, 6
#: results by the lot before
OF_OLD_LOT: Final = 24
#: place of a result → how many standard deviations it lay off: one beyond three, later two in a row beyond two
HAPPENED: Final = {50: 3.4, 61: 2.3, 62: 2.2}
_CALM: Final = 1.6


def history_file(today: date) -> bytes:
    """Return a year of dysprosium and terbium in RE-101 as CSV, one reading a row, in ppm.

    >>> history_file(date(2026, 11, 24)).decode().splitlines()[0]
    'Control_type,SampleID,Batchname,Date,Method,Dy_or_ppm,Dy_EV,Dy_SD,Tb_or_ppm,Tb_EV,Tb_SD'
    """
    dice = random.Random(MATERIAL)  # noqa: S311  # invented numbers, no secret
    out = io.StringIO(newline="")
    write = csv.writer(out).writerow
    names = ("Dy", "Tb")
    heads = [f"{name}_{what}" for name in names for what in ("or_ppm", "EV", "SD")]
    write(["Control_type", "SampleID", "Batchname", "Date", "Method", *heads])
    for place in range(RESULTS):
        on = today - timedelta(days=LAST_DAYS_AGO + EVERY_DAYS * (RESULTS - 1 - place))
        numbers = []
        for name in names:
            certified = contents_of(MATERIAL)[name] * (OLD_SHARE if place < OF_OLD_LOT else 1)
            sd = certified * CERTIFIED_SD
            off = max(-_CALM, min(_CALM, dice.gauss(0.1, 0.8)))
            off = HAPPENED.get(place, off) if name == "Dy" else off
            numbers += [_figure(one) for one in (certified + off * sd, certified, sd)]
        job = f"DAL{on:%y}-{100 + place * 4:04d}"
        write([MATERIAL, f"{job}-QC1", job, on.isoformat(), TRACE_CODE, *numbers])
    return out.getvalue().encode()


def _figure(number: float) -> str:
    return f"{Decimal(f'{number:.4g}'):f}"


def bring_in_past(reviewer: User, laboratory: Organisation) -> None:
    """Let the reviewer bring in the year before the product was used, once for each element."""
    content = history_file(timezone.localdate())
    for name in ("Dy", "Tb"):
        import_history(
            actor=reviewer,
            kept_by=laboratory,
            laboratory=laboratory,
            file_name="RE-101, the last year.csv",
            content=content,
            analyte=name,
        )
