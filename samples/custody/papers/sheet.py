"""Custody forms on paper: A4, numbered, with a code, to be filled in by hand."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lims.typesetting import pdf, qr_svg
from samples.custody.models import PaperForm

TEMPLATE: Final = Path(__file__).resolve().parent / "form.typ"


def sheets(forms: Sequence[PaperForm]) -> bytes:
    """Return forms as PDF (PDF/UA-1), a page each."""
    return pdf(
        TEMPLATE,
        {
            "forms": [
                {"number": form.number, "owner": form.owner.name, "qr": qr_svg(form.number)} for form in forms
            ]
        },
    )
