"""Looking into a failure of QC: what was seen, then the cause and what was done (ISO/IEC 17025:2017, 7.10)."""

from typing import Any

from django.utils import timezone

from assays.quality import permissions  # noqa: F401  # permissions register by name
from assays.quality.gate import BLOCKING
from assays.quality.models import Investigation, QcEvaluation
from assays.quality.rules import Action
from assays.runs.models import Run
from lims.accounts.models import User
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry.arguments import one_of, said


@verb
def open_investigation(
    *, actor: Actor, run: Run, analyte: str, oxide: str = "", method_code: str = "", finding: str
) -> Investigation:
    """Begin to look into what QC blocks: one content by one method, in words what was seen.

    Raises `Invalid` ("field-required", "nothing-failed") or `Conflict` ("investigation-open-once").
    """
    permit(actor, "quality.investigate", run)
    assert isinstance(actor, User)
    words = said(finding, field="finding", most=1000)
    held = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
    what = {"method_code__iexact": method_code, "analyte": analyte, "oxide": oxide}
    one = QcEvaluation.objects.filter(run=held, version=held.version, verdict__in=BLOCKING, **what).first()
    if one is None:
        raise invalid(
            "nothing-failed",
            f"QC does not block {oxide or analyte or 'this'} in {held}.",
            "Choose one of what it blocks.",
            field="analyte",
        )
    key: dict[str, Any] = {name: getattr(one, name) for name in ("method_code", "analyte", "oxide")}
    if Investigation.objects.filter(run=held, closed_at=None, **key).exists():
        raise conflict(
            "investigation-open-once", "This failure is being looked into already.", "Close that one first."
        )
    return Investigation.objects.create(run=held, version=held.version, opened_by=actor, finding=words, **key)


@verb
def close_investigation(
    *, actor: Actor, investigation: Investigation, cause: str, action: str
) -> Investigation:
    """Close it with the cause and what was done: analysed again, results allowed by two, samples left out, nothing.

    Closing changes no verdict: a re-run, an override or an exclusion is made where they are made.
    Raises `Invalid` ("field-required", "choice-unknown") or `Conflict` ("investigation-closed").
    """
    permit(actor, "quality.investigate", investigation.run)
    assert isinstance(actor, User)
    words = said(cause, field="cause", most=1000)
    done = one_of(Action, action, field="action")
    held = Investigation.objects.select_for_update(of=("self",), no_key=True).get(pk=investigation.pk)
    if held.closed_at is not None:
        raise conflict("investigation-closed", "It is closed already.", "Open another one if it came again.")
    told: dict[str, Any] = {"cause": words, "action": done, "closed_at": timezone.now(), "closed_by": actor}
    for name, value in told.items():
        setattr(held, name, value)
    held.save(update_fields=list(told))
    return held
