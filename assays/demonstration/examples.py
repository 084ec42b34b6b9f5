"""Files to try the product with: written by the demonstration, never a laboratory's own."""

import random
from datetime import timedelta

from django.utils import timezone

from assays.certificates.writing import WrittenColumn, als_csv
from assays.demonstration import rocks
from assays.demonstration.catalogue import contents_of

#: job of the public certificate for which a QC certificate is offered
JOB = "VA26048842"


def qc_certificate(number: str) -> bytes:
    """Return a laboratory's own QC certificate of a job, in ALS's layout: reference materials and blanks, all in order.

    >>> qc_certificate("VA26048842").splitlines()[0]
    b'QC_VA26048842 - Finalized'
    """
    dice = random.Random(number)  # noqa: S311  # invented numbers, no secret
    rows = []
    for _ in range(4):
        for material in ("RE-101", "LIME-1"):
            cells = rocks.row(contents_of(material), dice, noise=0.006)
            rows.append((material, cells))
    day = timezone.now().date()
    columns = [
        WrittenColumn(one.method, one.symbol, one.unit)
        for one in rocks.columns("ME-MS81", "ME-ICP06", "OA-GRA05")
    ]
    return als_csv(
        number=f"QC_{number}",
        client="Invented Client",
        columns=columns,
        rows=rows,
        received_on=day - timedelta(days=9),
        finalized_on=day - timedelta(days=2),
        comments="The laboratory's own quality control of this job (invented)",
    )
