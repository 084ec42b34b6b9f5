"""What quality control shows on a run's page: its verdicts with the rack, the results, and overrides."""

from typing import Any, Final

import rules
from django.http import HttpRequest

from assays.quality.forms import ProposeForm, SecondForm
from assays.quality.gate import BLOCKING, Gate
from assays.quality.models import QcOverride
from assays.quality.queries import QcLine, RunQc, insertion_rates, overrides_of, row_sanity, run_qc
from assays.quality.rack import strips
from assays.quality.results import chosen, columns_of, formula, items_in_order, table
from assays.quality.rules import VERDICT_LABELS, OverrideState, QcVerdict
from assays.quality.summary import TONES, named, summaries
from assays.runs.models import Run
from assays.runs.parts import kept_form, register_recorded, register_summary
from assays.runs.rules import ITEM_LABELS
from lims.accounts.authentication import person
from samples.registry.panels import Shown, register_panel

_MARK_TONES: Final = {**TONES, QcVerdict.NONE: "neutral"}


def _line(line: QcLine) -> dict[str, Any]:
    """Return a line as the table shows it: with its tone, and its QC items in words."""
    tone = "warn" if line.override is not None else TONES[line.verdict]
    marks = [
        {
            **mark,
            "kind_label": ITEM_LABELS.get(mark["kind"], mark["kind"]),
            "tone": _MARK_TONES[QcVerdict(mark["verdict"])],
            "verdict_label": "Says nothing here"
            if mark["verdict"] == QcVerdict.NONE
            else VERDICT_LABELS[QcVerdict(mark["verdict"])],
        }
        for mark in line.marks
    ]
    return {"line": line, "name": formula(line.oxide or line.analyte), "tone": tone, "marks": marks}


def qc_panel(request: HttpRequest, run: Run) -> Shown:
    """Return what QC says of a run, analyte by analyte, with the rack as a strip; nothing before it has results."""
    if not run.version:
        return None
    items = list(items_in_order(person(request), run))
    mine = {item.pk for item in items}
    qc = run_qc(run)
    lines = [_line(line) for line in qc.lines]
    deciding = [line for line in lines if line["line"].decides] or lines
    context = {
        "qc": qc,
        "deciding": deciding,
        "others": [line for line in lines if line not in deciding],
        "strips": [
            {"strip": strip, "name": formula(strip.line.oxide or strip.line.analyte)}
            for strip in strips(run, qc, items, Gate([run]))
        ],
        "rates": [
            {"rate": rate, "label": ITEM_LABELS[rate.kind], "percent": rate.share * 100}
            for rate in insertion_rates(run)
        ],
        # A run may hold samples of others, too.
        "odd": [odd for odd in row_sanity(run) if odd.item in mine],
    }
    return "quality/_qc_panel.html", context


def results_panel(request: HttpRequest, run: Run) -> Shown:
    """Return the results of a run: those with a criterion, or all of them; nothing before there are any."""
    if not run.version:
        return None
    everything = request.GET.get("analytes") == "all"
    columns = columns_of(run)
    decides = [line.analyte for line in run_qc(run).lines if line.decides]
    shown = columns if everything else chosen(columns, decides)
    start = request.GET.get("row", "")
    items = list(items_in_order(person(request), run))
    at = int(start) if start.isascii() and start.isdigit() and len(start) < 8 else 0
    found = table(run, items, shown, len(columns), Gate([run]), start=at)
    return "quality/_results_panel.html", {"table": found, "everything": everything, "run": run}


def override_panel(request: HttpRequest, run: Run) -> Shown:
    """Return the overrides of a run, and the forms for whoever may propose one or decide as the second person."""
    user = person(request)
    may = rules.has_perm("quality.override", user, run)
    qc = run_qc(run)
    blocked = blocked_analytes(qc)
    overrides = overrides_of(run)
    rows = [_override(request, one, run, may=may) for one in overrides]
    if not rows and not (may and blocked):
        return None
    kept = kept_form(request, "propose")
    asked = any(_asks_for_all(one, run) for one in overrides)
    context = {
        "run": run,
        "rows": rows,
        "blocked": named(blocked_analytes(qc, deciding=True)) or f"{len(blocked)} without a criterion",
        "propose": (kept or ProposeForm(blocked, auto_id="id_propose_%s"))
        if may and blocked and not asked
        else None,
    }
    return "quality/_override_panel.html", context


def _asks_for_all(one: QcOverride, run: Run) -> bool:
    """Return whether an override that waits would let everything count: then there is nothing more to propose."""
    return one.state == OverrideState.PROPOSED and not one.analyte and one.version == run.version


def blocked_analytes(qc: RunQc, *, deciding: bool = False) -> list[str]:
    """Return the elements of which QC keeps values out of decisions now, those with a criterion first, or only those."""
    blocked = [line for line in qc.lines if line.after in BLOCKING and (line.decides or not deciding)]
    return list(dict.fromkeys(line.analyte for line in blocked))


def _override(request: HttpRequest, one: QcOverride, run: Run, *, may: bool) -> dict[str, Any]:
    stands = one.version == run.version
    open_ = may and stands and one.state == OverrideState.PROPOSED
    own = one.proposed_by_id == person(request).pk
    kept = kept_form(request, f"second-{one.pk}")
    form = kept or SecondForm(auto_id=f"id_second_{one.pk}_%s")
    return {
        "override": one,
        "stands": stands,
        "own": open_ and own,
        "form": form if open_ and not own else None,
    }


register_summary("qc", summaries)
register_recorded(overrides_of)
register_panel("run", qc_panel, order=10)
register_panel("run", results_panel, order=20)
register_panel("run", override_panel, order=20, aside=True)
