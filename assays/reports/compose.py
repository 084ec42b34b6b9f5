"""A grade report from a decision: everything from the decision itself, and from what can never change after it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.urls import reverse

from assays.grading.estimator import read_case
from assays.grading.estimator.model import Case, Criterion, Reading
from assays.grading.models import Decision
from assays.reports import evidence, queries, words
from assays.reports.content import CriterionView, Report, SampleLine
from assays.reports.custody import steps_of
from assays.reports.figures import Figure, shown
from assays.reports.readings import cell, points_of, treo
from assays.reports.rules import OUTCOMES, formula, report_code
from lims.web.display import kilograms
from samples.registry.rules import show_tag


def compose(decision: Decision) -> Report:
    """Return the report of a decision; constant queries.

    The decision comes with `batch__owner`, `batch__mine` and `policy` selected.
    """
    case = read_case(decision.case)
    pattern = queries.rare_earths_of(decision)
    criteria = tuple(
        _criterion(row, criterion, case)
        for row, criterion in zip(decision.criteria, case.rule.criteria, strict=True)
    )
    earlier = queries.before(decision)
    word, sign, colour = OUTCOMES[decision.outcome]
    kept = [sample for sample in case.samples if sample.excluded is None]
    material = decision.batch.get_material_type_display()
    return Report(
        code=report_code(decision.digest, decision.number),
        address=address_of(report_code(decision.digest, decision.number)),
        batch=decision.batch.code,
        batch_id=str(decision.batch_id),
        owner=decision.batch.owner.name,
        material=material,
        mine=decision.batch.mine.name,
        campaign=decision.batch.campaign,
        number=decision.number,
        decided_at=decision.decided_at,
        outcome=decision.outcome,
        word=word,
        sign=sign,
        colour=colour,
        provisional=decision.provisional,
        retrospective=decision.retrospective,
        answer=words.answer_in_words(decision.outcome, provisional=decision.provisional),
        sentence=formula_in(decision.sentence, case),
        confidence=words.percent(1 - _alpha(case)),
        samples=len(kept),
        units=max((one.n for one in criteria), default=0),
        mass_kg=_mass(decision, {sample.id for sample in kept}),
        changed=words.what_changed(facts_of(earlier), facts_of(decision) or {}),
        criteria=criteria,
        settles=tuple(one.settles for one in criteria if one.settles),
        exclusions=evidence.exclusions(decision),
        warnings=(
            *(formula_in(one, case) for one in decision.warnings),
            *evidence.accreditation(decision),
        ),
        columns=tuple(dict.fromkeys((*(one.title for one in criteria), "TREO, ppm"))),
        lines=_lines(case, pattern),
        definitions=tuple(words.definitions(decision.case["policy"]["criteria"], "TREO")),
        qc=evidence.qc(decision),
        certificates=evidence.certificates(decision),
        custody=steps_of(decision.batch, decision.decided_at),
        incidents=tuple(
            f"{show_tag(sample.id)}: {sample.incident}" for sample in case.samples if sample.incident
        ),
        policy=str(decision.policy),
        policy_words=tuple(words.policy_in_words(decision.case["policy"], material=material)),
        policy_rationale=decision.policy.rationale,
        policy_agreed=evidence.agreed(decision),
        versions=evidence.versions(decision),
        digest=decision.digest,
        seal=evidence.seal(),
        pattern={tag: dict(found) for tag, found in pattern.items()},
        left_out=frozenset(sample.id for sample in case.samples if sample.excluded),
    )


def address_of(code: str) -> str:
    """Return the whole address under which a report's code is looked up."""
    return f"{settings.SITE_ADDRESS}{reverse('reports:by_code', kwargs={'code': code})}"


def formula_in(text: str, case: Case) -> str:
    """Return a sentence with its oxides as they are printed.

    The sentence is part of the decision and stays as it is there; this is how it is shown.
    """
    for name in {criterion.oxide for criterion in case.rule.criteria}:
        text = text.replace(name, formula(name))
    return text


def facts_of(decision: Decision | None) -> dict[str, Any] | None:
    """Return what `words.what_changed` compares of a decision; None for none."""
    if decision is None:
        return None
    sources = decision.sources
    return {
        "outcome": decision.outcome,
        "provisional": decision.provisional,
        "policy": str(decision.policy),
        "reported": sources.get("reported", []),
        "certificates": [evidence.certificate_name(one) for one in sources.get("certificates", [])],
        "qc": decision.case.get("qc", {}),
        "excluded": [one["sample"] for one in sources.get("exclusions", []) if one.get("counts", True)],
        "incidents": sources.get("incidents", {}),
    }


def _alpha(case: Case) -> float:
    return case.rule.alpha if case.look is None else case.rule.alpha / 2**case.look


def _criterion(row: Mapping[str, Any], criterion: Criterion, case: Case) -> CriterionView:
    name, u = formula(criterion.name), row["u"]
    why = "cannot be computed: see the reason"
    return CriterionView(
        name=name,
        unit=criterion.unit,
        outcome=row["outcome"],
        word=words.outcome_word(row["outcome"]),
        n=row["n"],
        n_eff=row["n_eff"],
        df=row["df"],
        mean=row["mean"],
        lower=row["lower"],
        upper=row["upper"],
        threshold=float(criterion.threshold),
        shown_mean=shown(row["mean"], u, why=why),
        shown_lower=shown(row["lower"], u, why=why),
        shown_upper=shown(row["upper"], u, why=why),
        shown_threshold=Figure(
            f"{criterion.threshold:,g}".replace(",", "\u202f"), f"{criterion.threshold:g}"
        ),
        shown_u=shown(u, u, why=why),
        censored=row["censored"],
        reason=formula_in(row["reason"], case),
        settles=words.settles(row, name),
        points=tuple(points_of(case, criterion)),
    )


def _mass(decision: Decision, kept: set[str]) -> str:
    """Return the registered mass of the samples that count, in kg."""
    found = queries.masses_g(decision)
    return kilograms(sum((mass for tag, mass in found.items() if tag in kept), Decimal(0)))


def _lines(case: Case, pattern: Mapping[str, Mapping[str, Reading]]) -> tuple[SampleLine, ...]:
    with_treo = all(criterion.name != "TREO" for criterion in case.rule.criteria)
    lines = []
    for sample in case.samples:
        cells = [cell(criterion, sample) for criterion in case.rule.criteria]
        if with_treo:
            cells.append(treo(pattern.get(sample.id, {})))
        note = ""
        if sample.excluded:
            note = f"left out, {sample.excluded} its results were seen"
        elif sample.incident:
            note = "an incident is open"
        lines.append(SampleLine(show_tag(sample.id), sample.site or "", tuple(cells), note))
    return tuple(lines)
