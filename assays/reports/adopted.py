"""What a policy has adopted from our own data, as its page shows it: of what, how much, from which evidence, until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from assays.grading.models import Policy
from assays.reports.words import several


@dataclass(frozen=True, slots=True)
class Adopted:
    """One number that a policy has adopted, in per cent, with its evidence in words."""

    of: str
    percent: str
    df: int
    evidence: str
    review_on: date


def lines_of(policy: Policy) -> list[Adopted]:
    """Return what a policy has adopted: the bias of methods first, then the spread of deposits."""
    biases = [
        Adopted(
            of=f"b of {one['analyte']} by {one['code']}, {one['laboratory']}",
            percent=f"{100 * one['relative']:.2f}",
            df=one["df"],
            evidence=f"{several(one['results'], 'result')} of {one['material']} in {several(one['runs'], 'run')},"
            f" {one['from']} to {one['to']}",
            review_on=date.fromisoformat(one["review_on"]),
        )
        for one in policy.biases
    ]
    priors = [
        Adopted(
            of=f"spread between the sites of {one['name']}",
            percent=f"{100 * one['relative']:.2f}",
            df=one["df"],
            evidence=f"{one['analyte']} in {several(len(one['batches']), 'batch', 'batches')}"
            f" ({', '.join(one['batches'])}), {one['from']} to {one['to']}",
            review_on=date.fromisoformat(one["review_on"]),
        )
        for one in policy.priors
    ]
    return biases + priors


def review_due(lines: Sequence[Adopted]) -> list[str]:
    """Return in a sentence each what somebody should look at again by now."""
    today = timezone.localdate()
    return [
        f"The {one.of} was to be looked at again by {one.review_on}."
        for one in lines
        if one.review_on <= today
    ]
