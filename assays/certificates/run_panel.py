"""What certificates show on a run's page and in lists of runs: the versions, which of them stand, what changed."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from assays.certificates.changes import changes_of
from assays.certificates.models import Certificate
from assays.certificates.queries import accreditation_marks, certificates_of, methods_in
from assays.certificates.rules import Purpose
from assays.runs.models import Run
from assays.runs.parts import register_methods, register_recorded, register_summary
from lims.accounts.authentication import person
from lims.accounts.models import User
from samples.registry.models import Sample
from samples.registry.panels import Shown, register_panel


@dataclass(frozen=True, slots=True)
class Standing:
    """The certificates that stand for a run in a few words, and whether one of them is preliminary."""

    words: str
    preliminary: bool


def summaries(runs: Sequence[Run]) -> dict[UUID, Standing]:
    """Return what stands for each of these runs; those without a certificate are not there; one query."""
    rows = Certificate.objects.standing().filter(run__in=[run.pk for run in runs]).order_by("-purpose")
    found: dict[UUID, list[Certificate]] = defaultdict(list)
    for one in rows:
        found[one.run_id].append(one)
    return {
        run: Standing(" and ".join(map(_short, certificates)), any(one.preliminary for one in certificates))
        for run, certificates in found.items()
    }


def _short(one: Certificate) -> str:
    what = "results" if one.purpose == Purpose.RESULTS else "own QC"
    return what if one.version == 1 else f"{what}, version {one.version}"


def sees_all_samples(user: User, run: Run) -> bool:
    """Return whether the person may see every sample of a run: only then is its file for them; one query."""
    seen = Sample.objects.visible_to(user)
    return not run.items.filter(sample__isnull=False).exclude(sample__in=seen.values("pk")).exists()


def run_panel(request: HttpRequest, run: Run) -> Shown:
    """Return every version of a run's certificates, the newest first; nothing before the first."""
    rows = list(certificates_of(run))
    if not rows:
        return None
    user = person(request)
    found = [changes_of(user, one) for one in rows if not hasattr(one, "successor")]
    context = {
        "certificates": rows,
        "marks": accreditation_marks(run),
        "subcontracted": run.laboratory_id != run.kept_by_id,
        "run": run,
        "whole": sees_all_samples(user, run),
        "changes": [changes for changes in found if changes is not None],
    }
    return "certificates/_run_panel.html", context


register_summary("certificates", summaries)
register_recorded(certificates_of)
register_methods(methods_in)
register_panel("run", run_panel, order=30)
