"""The lock under which typed results are changed: one save after the other, none after they are closed."""

from assays.certificates.models import Grid
from lims.errors import conflict


def open_held(grid: Grid) -> Grid:
    """Return the grid, locked. Raises `Conflict` ("grid-closed") when it was submitted or put away meanwhile."""
    rows = Grid.objects.select_for_update(of=("self",), no_key=True)
    held = rows.select_related("run__laboratory", "run__kept_by", "run__method").get(pk=grid.pk)
    if held.upload_id is not None or held.discarded_at is not None:
        done = "submitted" if held.upload_id is not None else "put away"
        message = f"These typed results of {held.run} were {done} meanwhile."
        raise conflict("grid-closed", message, "Look at the run; begin anew to correct it.", field="grid")
    return held
