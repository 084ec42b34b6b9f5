"""What a run's page shows beside its QC: investigations of failures, and an owner's own blind items."""

from typing import Any, Final
from uuid import UUID

import rules
from django.http import HttpRequest

from assays.quality.forms import CloseForm, OpenForm
from assays.quality.gate import BLOCKING
from assays.quality.models import Investigation, QcEvaluation
from assays.quality.results import formula
from assays.quality.rules import VERDICT_LABELS, QcVerdict
from assays.quality.summary import TONES
from assays.runs.models import Run
from assays.runs.parts import kept_form, register_recorded
from lims.accounts.authentication import person
from lims.accounts.models import User
from samples.registry.panels import Shown, register_panel

#: between the parts of what an investigation is of, in a form: in no code nor formula
SEPARATOR: Final = "|"


def investigations_of(run: Run) -> list[Investigation]:
    """Return the investigations of a run, the newest first, with the persons; one query."""
    rows = Investigation.objects.filter(run=run).select_related("opened_by", "closed_by", "run")
    return list(rows.order_by("-opened_at", "-id"))


def investigation_choices(run: Run, known: list[Investigation]) -> list[tuple[str, str]]:
    """Return what of a run QC blocks and nobody looks into yet, as choices of a form; one query."""
    open_ones = {(one.method_code, one.analyte, one.oxide) for one in known if one.closed_at is None}
    rows = QcEvaluation.objects.filter(run=run, version=run.version, verdict__in=BLOCKING)
    ordered = rows.order_by("threshold_ppm", "analyte", "oxide", "method_code")
    return [
        (SEPARATOR.join(key), f"{formula(key[2] or key[1])}{f' by {key[0]}' if key[0] else ''}")
        for key in ordered.values_list("method_code", "analyte", "oxide")
        if key not in open_ones
    ]


def investigation_panel(request: HttpRequest, run: Run) -> Shown:
    """Return a run's investigations, with the forms for whoever may look into failures."""
    known = investigations_of(run)
    may = rules.has_perm("quality.investigate", person(request), run)
    choices = investigation_choices(run, known) if may else []
    if not known and not choices:
        return None
    context = {
        "run": run,
        "rows": [
            {
                "one": one,
                "name": formula(one.oxide or one.analyte),
                "form": _close_form(request, one) if may and one.closed_at is None else None,
            }
            for one in known
        ],
        "form": (kept_form(request, "investigate") or OpenForm(choices, auto_id="id_investigate_%s"))
        if choices
        else None,
    }
    return "quality/_investigation_panel.html", context


def _close_form(request: HttpRequest, one: Investigation) -> Any:
    return kept_form(request, f"close-{one.pk}") or CloseForm(auto_id=f"id_close_{one.pk}_%s")


def own_views(user: User, views: dict[str, Any]) -> dict[str, Any]:
    """Return what an evaluation says with blind items, of the owners that the person is of; all for who oversees."""
    mine = {str(m.organisation_id) for m in user.roles}
    return {owner: view for owner, view in views.items() if user.oversees or owner in mine}


def blind_panel(request: HttpRequest, run: Run) -> Shown:
    """Return what an owner's blind items in a run say; nothing for everybody else, as if there were none."""
    user = person(request)
    rows = []
    found = QcEvaluation.objects.filter(run=run, version=run.version).exclude(owner_view={})
    names = ("method_code", "analyte", "oxide", "owner_view")
    for method, analyte, oxide, views in found.order_by("threshold_ppm", "analyte", "oxide").values_list(
        *names
    ):
        for view in own_views(user, views).values():
            rows += [_blind_row(method, oxide or analyte, view, mark) for mark in view["marks"]]
    return ("quality/_blind_panel.html", {"rows": rows}) if rows else None


def _blind_row(method: str, content: str, view: dict[str, Any], mark: dict[str, Any]) -> dict[str, Any]:
    all_say, says = QcVerdict(view["verdict"]), QcVerdict(mark["verdict"])
    return {
        "name": formula(content),
        "method": method,
        "mark": mark,
        "verdict": VERDICT_LABELS[all_say],
        "verdict_tone": TONES[all_say],
        "says": "Says nothing here" if says == QcVerdict.NONE else VERDICT_LABELS[says],
        "tone": "neutral" if says == QcVerdict.NONE else TONES[says],
    }


def investigation_for(user: User, pk: UUID) -> Investigation | None:
    """Return the investigation, if the person may see its run; None else."""
    rows = Investigation.objects.filter(run__in=Run.objects.visible_to(user).values("pk"))
    return rows.select_related("run").filter(pk=pk).first()


register_recorded(investigations_of)
register_panel("run", investigation_panel, order=25, aside=True)
register_panel("run", blind_panel, order=15)
