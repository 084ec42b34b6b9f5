"""What a batch's decision rests on, gathered from the record into the case that `grade_preview` takes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from assays.certificates.digests import plain
from assays.certificates.models import Determination
from assays.chemistry.aggregates import members
from assays.grading.models import Decision, Exclusion, Policy
from assays.grading.reliability import biases, carried_over, verdicts
from assays.grading.sources import Values, sources_of, stands
from assays.grading.uncertainty import adopted_prior
from assays.quality.queries import Preferred, preferred
from assays.runs.queries import dry_fractions, requested
from assays.runs.rules import RunState
from samples.custody.queries import blocking_incidents
from samples.registry.models import Batch, BlindItem, Sample
from samples.registry.rules import SampleState

#: qualifiers that carry a number into a decision; the others mean that there is no value
COUNTED: Final = frozenset({"", "<", ">"})


@dataclass(frozen=True, slots=True)
class Gathered:
    """A case and what it was made from, both as plain data; and whether any result counts at all."""

    case: dict[str, Any]
    sources: dict[str, Any]
    reported: bool


def policy_case(policy: Policy, batch: Batch | None = None) -> dict[str, Any]:
    """Return a policy as a case has it; for a batch, with what the policy has adopted for its deposit."""
    case: dict[str, Any] = {
        "criteria": policy.criteria,
        "alpha": float(policy.alpha),
        "alpha_reject": float(policy.alpha_reject),
        "weighting": policy.weighting,
        "basis": policy.basis,
    }
    adopted = None if batch is None else adopted_prior(policy.priors, str(batch.mine_id), batch.code)
    if adopted is not None:
        case["prior"] = adopted
    elif policy.prior_relative is not None:
        case["prior"] = {"relative": float(policy.prior_relative), "df": policy.prior_df}
    if policy.repeatability is not None:
        case["repeatability"] = float(policy.repeatability)
    return case


def analytes_of(criteria: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """Return the elements that the criteria need: those of an aggregate as well.

    >>> sorted(analytes_of([{"analyte": "Dy", "metric": "grade", "oxide": "Dy2O3"}]))
    ['Dy']
    """
    found: set[str] = set()
    for one in criteria:
        names = (one["analyte"], one.get("of"))
        for name in names:
            if name:
                found |= set(members(name)) or {name}
    return frozenset(found)


def reported_samples(batch: UUID) -> set[UUID]:
    """Return the ids of a batch's samples for which results are visible to the owner: standing and approved."""
    rows = Determination.objects.filter(
        sample__batch=batch,
        certificate__successor=None,
        certificate__run__state=RunState.APPROVED,
    )
    return set(rows.values_list("sample", flat=True).distinct())


def counts(one: Determination) -> bool:
    """Return whether a determination carries a number into a decision: a value or a limit that is not below zero.

    No sample holds less than nothing: a negative one is named among those without a result, until a profile says
    what the laboratory means by it. The same with a "below" that names no limit.
    """
    number = one.limit if one.value is None else one.value
    return one.qualifier in COUNTED and number is not None and number >= 0


def text_of(one: Determination) -> str:
    """Return a determination as a case has it: value or limit with its unit."""
    number = one.limit if one.value is None else one.value
    sign = one.qualifier if one.value is None else ""
    return f"{sign}{plain(number)} {one.unit}"


def gather(batch: Batch, policy: Policy, earlier: Sequence[Decision]) -> Gathered:
    """Return the case of a batch under a policy, from what stands now; constant queries."""
    rows = Sample.objects.filter(batch=batch, state=SampleState.REGISTERED).exclude(
        pk__in=_blind_items(batch)
    )
    samples = list(rows.select_related("tag").order_by("tag__code"))
    needed = analytes_of(policy.criteria)
    chosen = preferred(samples, basis=policy.basis)
    values: Values = {
        sample.pk: {
            name: one
            for name, one in chosen.get(sample.pk, {}).items()
            if name in needed and counts(one.determination)
        }
        for sample in samples
    }
    left_out = {one.sample_id: one for one in Exclusion.objects.filter(sample__in=samples)}
    incidents = blocking_incidents(batch)
    dry = dry_fractions(sample.pk for sample in samples)
    used = [one for found in values.values() for one in found.values()]
    case: dict[str, Any] = {
        "policy": policy_case(policy, batch),
        "samples": [_sample(sample, values[sample.pk], left_out, incidents, dry) for sample in samples],
        "qc": verdicts(used, needed),
        "preliminary": any(one.certificate.preliminary for one in used),
    }
    if bias := biases(used, needed, policy.biases):
        case["policy"]["bias"] = bias
    if excess := carried_over(used, batch.owner_id):
        case["blank_excess"] = excess
    if awaited := _awaited(batch, samples, values, left_out):
        case["awaited"] = awaited
    reported = sorted(str(sample.tag.code) for sample in samples if values[sample.pk])
    if batch.planned_count is None:
        case["look"] = _look(earlier, policy, reported)
    return Gathered(case, sources_of(samples, values, left_out, incidents, dry, used, reported), bool(used))


def _blind_items(batch: Batch) -> QuerySet[BlindItem, UUID]:
    """Return the bags that hold the owner's blank or reference material: they travel with the samples and are none.

    One that was called so after its results had come stays a sample: leaving a sample out then takes an exclusion.
    """
    came = Determination.objects.filter(sample=OuterRef("sample")).order_by("certificate__committed_at")
    known = came.values("certificate__committed_at")[:1]
    items = BlindItem.objects.filter(sample__batch=batch).annotate(known_at=Subquery(known))
    before = Q(known_at=None) | Q(known_at__gt=F("registered_at"))
    return items.filter(before).values_list("sample", flat=True)


def _sample(
    sample: Sample,
    values: Mapping[str, Preferred],
    left_out: Mapping[UUID, Exclusion],
    incidents: Mapping[UUID, Sequence[Any]],
    dry: Mapping[UUID, tuple[UUID, Decimal]],
) -> dict[str, Any]:
    """Return one sample as a case has it."""
    one: dict[str, Any] = {"id": sample.tag.code}
    if sample.site:
        one["site"] = sample.site
    if sample.pk in dry:
        one["mass_kg"] = float(sample.mass_g * dry[sample.pk][1] / 1000)
    bases = sorted({found.basis for found in values.values()})
    if bases:
        one["basis"] = bases[0] if len(bases) == 1 else " and ".join(basis or "unknown" for basis in bases)
    one["values"] = {
        found.determination.oxide or name: text_of(found.determination)
        for name, found in sorted(values.items())
    }
    duplicates = {
        found.determination.oxide or name: [text_of(twin) for twin in found.duplicates]
        for name, found in sorted(values.items())
        if found.duplicates
    }
    if duplicates:
        one["duplicates"] = duplicates
    if sample.pk in left_out and stands(left_out[sample.pk]):
        one["excluded"] = left_out[sample.pk].when
    if incidents.get(sample.pk):
        one["incident"] = "; ".join(sorted(str(incident) for incident in incidents[sample.pk]))
    return one


def _awaited(
    batch: Batch, samples: Sequence[Sample], values: Values, left_out: Mapping[UUID, Exclusion]
) -> int:
    """Return how many samples are still to be reported: those asked for, or else all that are registered."""
    asked = {sample for sample, _, _ in requested(batch)}
    here = {sample.pk for sample in samples if sample.pk not in left_out}
    return sum(not values[pk] for pk in (asked & here if asked else here))


def _look(earlier: Sequence[Decision], policy: Policy, reported: list[str]) -> int:
    """Return the how manieth look at an open-ended plan this is: each distinct set of reported samples is one."""
    seen = {
        tuple(one.sources["reported"])
        for one in earlier
        if one.policy_id == policy.pk and one.sources["reported"]
    }
    return max(len(seen | {tuple(reported)}), 1)
