"""Pages of the bench: runs, one run on one page, what waits for a review, and the review itself."""

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, Final
from uuid import UUID

import rules
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from assays.runs import queries, retests, services
from assays.runs.expected import asked_of, batches_of, expected_of
from assays.runs.forms import ApproveForm, RetestForm, ReturnForm, ReviewForm
from assays.runs.models import Run
from assays.runs.parts import keep_form, kept_form, recorded_of, summaries_of
from assays.runs.rules import RUN_LABELS, RunState
from lims.accounts.authentication import person
from lims.accounts.models import User
from lims.api.pagination import keyset_page
from lims.errors import DomainError
from lims.ledger.queries import history_of
from lims.web.access import page
from lims.web.forms import add_problems
from lims.web.navigation import Place, register
from lims.web.problems import status_of
from samples.registry.panels import panels_for

register(Place("Review", "runs:review_queue", "checklist", "runs.review", order=11, letter="v"))
register(Place("Bench", "runs:runs", "flask", "runs.bench", order=12, letter="r"))

#: state → tone of its badge, and who has to do something
TONES: Final = {
    RunState.PLANNED: "neutral",
    RunState.OPEN: "neutral",
    RunState.REPORTED: "info",
    RunState.APPROVED: "good",
    RunState.RETURNED: "warn",
}
WAITS: Final = {
    RunState.PLANNED: "the bench",
    RunState.OPEN: "the certificate",
    RunState.REPORTED: "a reviewer",
    RunState.APPROVED: "",
    RunState.RETURNED: "a technician: correct it and bring it in again",
}
#: runs on one page of the review queue: the oldest; whoever has more begins with these
ON_QUEUE: Final = 100


def rows_of(user: User, found: Sequence[Run]) -> list[dict[str, Any]]:
    """Return what a list says of each run: counts, state, what higher floors add, and who has to act."""
    today = timezone.localdate()
    expected, told, batches = expected_of(found), summaries_of(found), batches_of(user, found)
    return [
        {
            "run": run,
            "tone": TONES[RunState(run.state)],
            "expected": expected.get(run.pk),
            "waits": WAITS[RunState(run.state)],
            "batches": batches.get(run.pk, []),
            "overdue": run.due_on is not None and run.due_on < today and run.state != RunState.APPROVED,
            **told[run.pk],
        }
        for run in found
    ]


@require_safe
@page("runs.read")
def runs(request: HttpRequest) -> HttpResponse:
    """List the runs that one may see, the newest first, and what was asked for and is not there yet."""
    user, state = person(request), request.GET.get("state", "")
    state = state if state in list(RunState) else ""
    found = keyset_page(
        queries.runs_for(user, state=state), order=("-id",), cursor=request.GET.get("cursor"), size=50
    )
    first = not state and not request.GET.get("cursor")
    context = {
        "page": found,
        "rows": rows_of(user, found.rows),
        "state": state,
        "states": [(one.value, label) for one, label in RUN_LABELS.items()],
        "asked": list(asked_of(user)[:20]) if first else [],
        "overdue": rows_of(user, queries.overdue_for(user)) if first else [],
        "today": timezone.localdate(),
        "may_log": rules.has_perm("certificates.log", user),
        "laboratory": rules.has_perm("runs.bench", user),
    }
    return render(request, "runs/runs.html", context)


@require_safe
@page("runs.review")
def review_queue(request: HttpRequest) -> HttpResponse:
    """List what waits for a review in one's laboratories: the oldest first, or what is at risk first."""
    user, by_risk = person(request), request.GET.get("sort") == "risk"
    found = list(queries.review_queue(user).order_by("submitted_at", "id")[: ON_QUEUE + 1])
    rows = [row | {"own": row["run"].submitted_by_id == user.pk} for row in rows_of(user, found[:ON_QUEUE])]
    if by_risk:
        rows.sort(key=lambda row: (_risk(row), row["run"].submitted_at))
    context = {"rows": rows, "more": len(found) > ON_QUEUE, "laboratory": True, "by_risk": by_risk}
    return render(request, "runs/review_queue.html", context)


def _risk(row: dict[str, Any]) -> int:
    """Return how soon somebody should look at a run, 0 first: QC failed or says nothing, then warnings and what is preliminary."""
    qc, certificates = row.get("qc"), row.get("certificates")
    if qc is None or qc.tone == "bad":
        return 0
    return 1 if qc.tone == "warn" or (certificates is not None and certificates.preliminary) else 2


@require_safe
@page("runs.read")
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show one run on one page: what QC says, the results, the certificates, the review."""
    return shown(request, queries.run_for(person(request), pk))


def shown(request: HttpRequest, found: Run, *, status: int = HTTPStatus.OK) -> HttpResponse:
    """Return a run's page; forms that were refused in this request stand in it as they were typed."""
    user, state = person(request), RunState(found.state)
    may_review = rules.has_perm("runs.review", user, found)
    context: dict[str, Any] = {
        "row": rows_of(user, [found])[0],
        "run": found,
        "reviews": found.reviews.select_related("reviewer").order_by("-id"),
        "may_review": may_review,
        "laboratory": rules.has_perm("runs.bench", user, found),
        "own": found.submitted_by_id == user.pk,
        "may_approve": state == RunState.REPORTED,
        "may_return": state in {RunState.REPORTED, RunState.APPROVED},
        "approve": kept_form(request, "approve") or _fresh(ApproveForm, found),
        "send_back": kept_form(request, "send_back") or _fresh(ReturnForm, found),
        "retests": list(retests.retests_of(user, found)),
        "retest": kept_form(request, "retest") or RetestForm(auto_id="id_retest_%s"),
        "changed": request.META.get("assays.runs.changed", False),
        "changes": history_of(*recorded_of(found)),
        **panels_for(request, "run", found),
    }
    return render(request, "runs/run.html", context, status=status)


def _fresh(form: type[ReviewForm], found: Run) -> ReviewForm:
    return form(initial={"version": found.version}, auto_id=f"id_{form.__name__.lower()}_%s")


@require_POST
@page("runs.review")
def approve(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let the results count as they were shown."""
    return _review(request, pk, "approve", ApproveForm, services.approve_run)


@require_POST
@page("runs.review")
def send_back(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Send the results back with a reason."""
    return _review(request, pk, "send_back", ReturnForm, services.return_run)


def _review(
    request: HttpRequest, pk: UUID, name: str, kind: type[ReviewForm], verb: Callable[..., Any]
) -> HttpResponse:
    user = person(request)
    found = queries.run_for(user, pk)
    form = _bound(kind, request.POST)
    status = HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            verb(actor=user, run=found, **form.cleaned_data)
        except DomainError as error:
            status = status_of(error)
            found = queries.run_for(user, pk)
            form = _refused(request, form, error, found)
        else:
            words = "approved: they count from now on." if name == "approve" else "returned."
            messages.success(request, f"The results of {found} are {words}")
            return redirect("runs:review_queue") if name == "approve" else redirect("runs:run", pk=found.pk)
    keep_form(request, name, form)
    return shown(request, found, status=status)


@require_POST
@page("runs.review")
def retest(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask for an item to be analysed again."""
    user = person(request)
    found = queries.run_for(user, pk)
    form, status = RetestForm(request.POST, auto_id="id_retest_%s"), HTTPStatus.UNPROCESSABLE_ENTITY
    if form.is_valid():
        try:
            item = queries.item_called(user, found, form.cleaned_data["item"])
            told = {name: form.cleaned_data[name] for name in ("analyte", "reason")}
            retests.ask_retest(actor=user, run=found, item=item, **told)
        except DomainError as error:
            status = status_of(error)
            add_problems(form, error)
        else:
            messages.success(request, f"{item} is to be analysed again.")
            return redirect("runs:run", pk=found.pk)
    keep_form(request, "retest", form)
    return shown(request, found, status=status)


def _bound(kind: type[ReviewForm], typed: QueryDict) -> ReviewForm:
    return kind(typed, auto_id=f"id_{kind.__name__.lower()}_%s")


def _refused(request: HttpRequest, form: ReviewForm, error: DomainError, found: Run) -> ReviewForm:
    """Return the form with why it was refused; a stale one bound to what stands now, as the page says what changed."""
    if error.problems[0].code != "run-changed":
        add_problems(form, error)
        return form
    request.META["assays.runs.changed"] = True
    typed = request.POST.copy()
    typed["version"] = found.version
    return _bound(type(form), typed)
