"""What higher floors tell of runs: they register it here, this floor does not know them.

Beside this, a run's page shows the panels of kind "run" (`samples.registry.panels`).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from django.db.models import Model, QuerySet
from django.forms import Form
from django.http import HttpRequest

from assays.catalogue.models import Method
from assays.runs.models import Run

#: for several runs at once, by id: with a constant number of queries
Summarise = Callable[[Sequence[Run]], Mapping[UUID, Any]]
Recorded = Callable[[Run], Iterable[Model]]
MethodsOf = Callable[[Run], QuerySet[Method]]

_SUMMARIES: Final[dict[str, Summarise]] = {}
_RECORDED: Final[list[Recorded]] = []
_METHODS: Final[list[MethodsOf]] = []
_KEPT: Final = "assays.runs.kept_forms"


def register_summary(name: str, summarise: Summarise) -> None:
    """Let lists of runs say `name` of each run; whoever comes later replaces who came before."""
    _SUMMARIES[name] = summarise


def summaries_of(runs: Sequence[Run]) -> dict[UUID, dict[str, Any]]:
    """Return for each run, by id, what is said of it: name → what was registered, None where it says nothing."""
    told = {name: summarise(runs) for name, summarise in _SUMMARIES.items()} if runs else {}
    return {run.pk: {name: found.get(run.pk) for name, found in told.items()} for run in runs}


def register_recorded(things: Recorded) -> None:
    """Let the record on a run's page tell of these rows as well."""
    if things not in _RECORDED:
        _RECORDED.append(things)


def recorded_of(run: Run) -> list[Model]:
    """Return the rows of which the record on a run's page tells, the run itself first."""
    return [run, *(row for things in _RECORDED for row in things(run))]


def register_methods(methods: MethodsOf) -> None:
    """Let approvals know by which methods a run's results were measured; whoever comes later replaces who came before."""
    _METHODS[:] = [methods]


def methods_of(run: Run) -> QuerySet[Method]:
    """Return the methods of a run: its own, and those by which its results say that they were measured."""
    own = Method.objects.filter(pk__in=[run.method_id] if run.method_id else [])
    return own | _METHODS[0](run) if _METHODS else own


def keep_form(request: HttpRequest, name: str, form: Form) -> None:
    """Keep a refused form for the panel that shows it again: nothing that was typed is lost."""
    request.META.setdefault(_KEPT, {})[name] = form


def kept_form(request: HttpRequest, name: str) -> Form | None:
    """Return the form of this name that was refused in this request, if one was."""
    found: Mapping[str, Form] = request.META.get(_KEPT, {})
    return found.get(name)
