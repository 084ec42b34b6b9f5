"""What was recorded of a thing, as far as one person may know it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from django.db.models import Model

from lims.ledger.changes import Change
from lims.ledger.queries import history_of
from samples.registry.models import Batch
from samples.registry.sight import HIDDEN_FROM_BLIND, Sight

#: besides what tells the place: free words of the owner's people, and who they are
_WORDS: Final = frozenset(
    {"mine_id", "campaign", "withdrawn_reason", "reason", "release_reason", "set_by_id", "released_by_id"}
)


def history_for(sight: Sight, batch: Batch, things: Sequence[Model]) -> list[Change]:
    """Return the recorded changes of these things of one batch, newest first.

    Whoever is blind reads neither the owner's words nor names: "from the Pangwa checkpoint" tells a mine.
    """
    if sight > Sight.BLIND:
        return history_of(*things)
    changes = history_of(*things, hide=HIDDEN_FROM_BLIND | _WORDS)
    return [replace(change, actor=batch.owner.name, actor_key="") for change in changes]
