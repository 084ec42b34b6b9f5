"""A reading as JSON, as `read_certificate` prints it (METHODS.md section 4, at its end)."""

from decimal import Decimal
from typing import Any

from assays.certificates.reading.model import Determination, Reading


def plain(number: Decimal | None) -> str | None:
    """Return a number as a plain decimal, as exact as it was read.

    >>> plain(Decimal("1.2E+3")), plain(Decimal("36.50")), plain(None)
    ('1200', '36.50', None)
    """
    return None if number is None else format(number, "f")


def _one(one: Determination) -> dict[str, Any]:
    return {
        "sample": one.sample,
        "analyte": one.analyte,
        "form": one.form,
        "oxide": one.oxide,
        "method": one.method,
        "raw": one.raw,
        "qualifier": one.qualifier,
        "value": plain(one.value),
        "limit": plain(one.limit),
        "unit": one.unit,
        "ppm": _ppm(one.ppm),
        "row": one.place[0],
        "column": one.place[1],
    }


def _ppm(number: Decimal | None) -> str | None:
    """Return ppm without the zeros that a change of unit brings: 1.51 % is 15100 ppm, not 15100.00."""
    if number is None:
        return None
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def as_json(reading: Reading) -> dict[str, Any]:
    """Return how a file is understood, as plain data."""
    return {
        "layout": reading.layout,
        "laboratory": reading.laboratory,
        "certificate": reading.certificate,
        "status": reading.status,
        "version_note": reading.version_note,
        "stated_samples": reading.stated_samples,
        "rows": len(reading.rows),
        "determinations": [_one(one) for one in reading.determinations],
        "findings": [
            {
                "severity": one.severity,
                "code": one.code,
                "row": one.place[0],
                "column": one.place[1],
                "message": f"{one.message} {one.remedy}".strip(),
            }
            for one in reading.findings
        ],
    }
