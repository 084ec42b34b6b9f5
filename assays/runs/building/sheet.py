"""What goes to the instrument: codes only, as a sheet with QR codes and as CSV."""

import csv
import io
from pathlib import Path
from typing import Any, Final

from assays.runs.building.queries import ordered_items
from assays.runs.models import Run
from assays.runs.rules import RunState
from lims.errors import conflict
from lims.typesetting import pdf, qr_svg

TEMPLATE: Final = Path(__file__).resolve().parent / "sheet.typ"


def codes_of(run: Run) -> list[tuple[int, str]]:
    """Return (position, code) of a begun run. Raises `Conflict` ("run-not-begun"): codes are given when it begins."""
    if run.state == RunState.PLANNED:
        message = f"{run} is still being built."
        raise conflict("run-not-begun", message, "Begin it: its codes are given then.")
    return [(item.position or 0, item.label) for item in ordered_items(run)]


def sheet_data(run: Run) -> dict[str, Any]:
    """Return what the template is set with; nothing in it says what a position holds."""
    assert run.method is not None
    codes = codes_of(run)
    return {
        "number": run.number,
        "method": run.method.code,
        "technique": run.method.technique,
        "instrument": str(run.instrument or ""),
        "laboratory": run.laboratory.name,
        "due": f"{run.due_on:%-d %b %Y}" if run.due_on else "",
        "lines": [{"position": at, "code": code, "qr": qr_svg(code)} for at, code in codes],
    }


def run_sheet(run: Run) -> bytes:
    """Return the run sheet as PDF (PDF/UA-1): position, code, QR code, and room for mass and volume."""
    return pdf(TEMPLATE, sheet_data(run))


def instrument_csv(run: Run) -> str:
    """Return the instrument's list as CSV: run, method, position, code."""
    assert run.method is not None
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["run", "method", "position", "sample"])
    rows.writerows([run.number, run.method.code, at, code] for at, code in codes_of(run))
    return out.getvalue()
