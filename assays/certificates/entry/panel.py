"""What typed results show on a run's page: how far they are, and the way to them."""

import rules
from django.http import HttpRequest

from assays.certificates.entry.queries import laboratories_of, open_grid_of, standing_results
from assays.certificates.models import GridCell
from assays.runs.models import Run
from assays.runs.rules import RunState
from lims.accounts.authentication import person
from samples.registry.panels import Shown, register_panel


def typed_panel(request: HttpRequest, run: Run) -> Shown:
    """Return the way to the typed results of a run; nothing to whoever does not type, while nobody types."""
    user = person(request)
    if run.kept_by_id not in laboratories_of(user):
        return None
    grid = open_grid_of(run)
    may_log = rules.has_perm("certificates.log", user, run) and run.state != RunState.PLANNED
    if grid is None and not may_log:
        return None
    cells = (
        GridCell.objects.filter(grid=grid).exclude(raw="") if grid is not None else GridCell.objects.none()
    )
    context = {
        "run": run,
        "grid": grid,
        "may_log": may_log,
        "filled": cells.count(),
        "total": run.items.count() * len(grid.columns) if grid is not None else 0,
        "last": cells.select_related("changed_by").order_by("-changed_at").first(),
        "standing": standing_results(run) if grid is None else None,
    }
    return "certificates/entry/_panel.html", context


register_panel("run", typed_panel, order=25, aside=True)
