"""What a run's page shows for whoever reads its results with care: patterns, and what was found before."""

from collections import defaultdict
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest

from assays.catalogue.rules import BASIS_LABELS, Basis
from assays.certificates.queries import determinations_of
from assays.quality.comparing.before import Compared, Range, compared
from assays.quality.comparing.patterns import FAINT, Pattern, drawn, pattern_of, strong, table
from assays.quality.evidence import in_form
from assays.quality.queries import run_qc
from assays.quality.results import WANTED, formula
from assays.runs.models import Run
from assays.runs.queries import items_for
from assays.runs.rules import ItemKind
from lims.accounts.authentication import person
from lims.accounts.models import User
from samples.registry.panels import Shown, register_panel

#: names of samples that a cell tells; the others are counted
TOLD: Final = 5


def patterns_of(user: User, run: Run) -> list[Pattern]:
    """Return the patterns of a run's samples and duplicates that the person may see, in rack order; two queries.

    Where a content was reported twice, that of the method that comes first in the certificate is drawn.
    """
    items = items_for(user, run).filter(kind__in=(ItemKind.SAMPLE, ItemKind.DUPLICATE))
    labels = dict(items.order_by("position", "label").values_list("pk", "label"))
    rows = determinations_of(run).filter(item__in=list(labels), qualifier="", ppm__gt=0).exclude(form="")
    contents: dict[UUID, dict[str, float]] = defaultdict(dict)
    for item, analyte, oxide, ppm in rows.values_list("item_id", "analyte", "oxide", "ppm"):
        if ppm is not None and analyte not in contents[item]:
            contents[item][analyte] = float(in_form(ppm, oxide, ""))
    found = (pattern_of(label, contents[item]) for item, label in labels.items() if item in contents)
    return [one for one in found if one is not None]


def pattern_panel(request: HttpRequest, run: Run) -> Shown:
    """Return the rare earths of a run's samples over CI chondrite; nothing where too few were analysed for."""
    found = patterns_of(person(request), run) if run.version else []
    picture = drawn(found)
    if not picture:
        return None
    context = {
        "picture": picture,
        "rows": table(found),
        "named": strong(found),
        "odd": sum(bool(one.odd) for one in found),
        "count": len(found),
        "faint": FAINT if len(found) > FAINT else 0,
    }
    return "quality/_pattern_panel.html", context


def before_panel(request: HttpRequest, run: Run) -> Shown:
    """Return what earlier samples held, beside this run's; nothing before a run has results."""
    if not run.version:
        return None
    decides = {line.analyte for line in run_qc(run).lines if line.decides}
    found = compared(person(request), run, decides or WANTED)
    context = {"rows": [_row(one) for one in found.rows], "of_mine": found.of_mine}
    return "quality/_before_panel.html", context


def _row(one: Compared) -> dict[str, Any]:
    rest = len(one.outside) - TOLD
    return {
        "name": formula(one.oxide or one.analyte),
        "basis": BASIS_LABELS[Basis(one.basis)],
        "here": _words(one.here),
        "before": _words(one.before),
        "outside": one.outside[:TOLD],
        "rest": max(rest, 0),
    }


def _words(one: Range) -> dict[str, Any]:
    return {
        "count": one.count,
        "middle": f"{one.middle_ppm:.4g}",
        "span": f"{one.low_ppm:.4g} – {one.high_ppm:.4g}",
    }


register_panel("run", pattern_panel, order=22)
register_panel("run", before_panel, order=24)
