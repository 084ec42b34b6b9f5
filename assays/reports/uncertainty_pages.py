"""What our own data say of the methods' bias and of a deposit's spread, and its adoption into a policy's next version."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from assays.grading.adopting import adopt_evidence
from assays.grading.proposals import BiasProposal, bias_proposals, prior_proposals
from assays.grading.uncertainty import LEAST_PRIOR_DF, LEAST_RUNS
from assays.reports.policy_pages import policy_for
from lims.accounts.authentication import person
from lims.web.access import page
from samples.registry.forms import done

#: how long what is adopted holds before somebody looks at it again (D)
REVIEW_AFTER = timedelta(days=365)


class AdoptForm(forms.Form):
    """Until when the next version takes what was chosen for granted, and why; the choice itself is beside it."""

    review_on = forms.DateField(
        label="Look at it again on",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="From that day the policy's page asks for a new look.",
    )
    rationale = forms.CharField(label="Why these", max_length=2000, widget=forms.Textarea(attrs={"rows": 2}))


def _percent(fraction: float) -> str:
    return f"{100 * fraction:.2f}".replace("-", "\u2212")


def _made_of(one: BiasProposal) -> list[str]:
    """Return the parts of b and b itself, in per cent."""
    parts = one.made_of
    return [
        _percent(part)
        for part in (parts.bias, parts.u_reference, parts.s_run, parts.s_within, parts.relative())
    ]


@require_http_methods(["GET", "HEAD", "POST"])
@page("grading.manage")
def uncertainty(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show what is proposed for a policy, and make its next version with what a person chose."""
    user = person(request)
    policy = policy_for(user, pk)
    biases, priors = bias_proposals(user, policy), prior_proposals(policy)
    form = AdoptForm(request.POST or None, initial={"review_on": timezone.localdate() + REVIEW_AFTER})
    chosen = {one.key for one in biases if one.suggested} | {str(one.mine) for one in priors}
    if request.method == "POST":
        chosen = {*request.POST.getlist("biases"), *request.POST.getlist("priors")}
        given = {name: request.POST.getlist(name) for name in ("biases", "priors")}
        made: Any = done(form, adopt_evidence, actor=user, policy=policy, **given)
        if made is not None:
            messages.success(request, f"{made} is a draft with what was chosen; it decides nothing yet.")
            return redirect("reports:policy", pk=made.pk)
    context = {
        "policy": policy,
        "form": form,
        "biases": [(one, _made_of(one), one.key in chosen) for one in biases],
        "priors": [(one, _percent(one.relative), str(one.mine) in chosen) for one in priors],
        "least_runs": LEAST_RUNS,
        "least_df": LEAST_PRIOR_DF,
    }
    return render(request, "reports/uncertainty.html", context, status=422 if form.is_bound else 200)
