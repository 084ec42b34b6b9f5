"""What a batch's page shows of its decisions, to those who may read them."""

from typing import Any

import rules
from django.http import HttpRequest

from assays.grading.models import Decision
from assays.grading.queries import decisions_of, latest_decision, pinned
from assays.reports.compose import compose
from assays.reports.pages import changes, charted
from samples.registry.models import Batch
from samples.registry.panels import register_panel


def decision_panel(request: HttpRequest, batch: Any) -> tuple[str, dict[str, Any]] | None:
    """Return the batch's standing decision with its charts and its history; None for whoever may not read it.

    A batch without a decision shows what it waits for.
    """
    found = Batch.objects.select_related("owner", "mine").filter(pk=_key(batch)).first()
    if found is None or not rules.has_perm("reports.read", request.user, found):
        return None
    latest = latest_decision(found)
    if latest is None:
        return "reports/_panel_waiting.html", {"pin": pinned(found), "batch": found}
    latest = Decision.objects.select_related("batch__owner", "batch__mine", "policy").get(pk=latest.pk)
    report = compose(latest)
    history = list(decisions_of(found))
    context = {
        "report": report,
        "decision": latest,
        "charts": charted(report),
        "history": changes(history)[:6],
        "earlier": max(len(history) - 6, 0),
    }
    return "reports/_panel.html", context


def _key(batch: Any) -> Any:
    """Return the id of a batch, whether it is the row or what a person sees of it."""
    return getattr(batch, "pk", None) or batch.id


register_panel("batch", decision_panel, order=10)
