"""The evidence of a decision as lines of tables: exclusions, QC, certificates, policy's standing, versions, seal."""

from collections.abc import Mapping
from typing import Any

from assays.catalogue.rules import BASIS_LABELS, Basis
from assays.chemistry.oxides import FACTORS_VERSION
from assays.grading.models import Decision
from assays.grading.queries import pinned
from assays.reports.content import Line, Seal
from lims.ledger.queries import seal_state
from samples.registry.rules import show_tag

#: verdict of QC → word and tone
_QC: Mapping[str, tuple[str, str]] = {
    "PASS": ("Passed", "good"),
    "WARN": ("Passed, with a warning", "warn"),
    "FAIL": ("Failed", "bad"),
    "NONE": ("No QC", "bad"),
}


def certificate_name(one: Mapping[str, Any]) -> str:
    """Return a certificate as it is named in print.

    >>> certificate_name({"number": "VA26048842", "version": 2})
    'VA26048842 (version 2)'
    """
    return f"{one['number']} (version {one['version']})" if one.get("version", 1) != 1 else str(one["number"])


def exclusions(decision: Decision) -> tuple[Line, ...]:
    """Return the samples that were left out, or are to be, each with when, why and its standing."""
    return tuple(
        Line(
            (
                show_tag(one["sample"]),
                "before its results were seen" if one["when"] == "before" else "after its results were seen",
                one["reason"],
                "left out" if one.get("counts", True) else "waits for a second person; it still counts",
            )
        )
        for one in decision.sources.get("exclusions", [])
    )


def qc(decision: Decision) -> tuple[Line, ...]:
    """Return what QC said of what was used: run, method, analyte, verdict, reason."""
    lines = []
    for one in decision.sources.get("qc", []):
        word, tone = _QC[one["verdict"]]
        if one.get("overridden"):
            word, tone = f"{word}, overridden by two persons", "warn"
        lines.append(Line((one["run"], one.get("method", ""), one["analyte"], word, one["reason"]), tone))
    return tuple(lines)


def certificates(decision: Decision) -> tuple[Line, ...]:
    """Return the certificates: name, laboratory, state, SHA-256 of the file."""
    return tuple(
        Line(
            (
                certificate_name(one),
                one["laboratory"]
                + (f", subcontracted by {one['subcontracted_by']}" if one.get("subcontracted_by") else ""),
                "preliminary" if one["preliminary"] else "final",
                one["sha256"],
            ),
            "warn" if one["preliminary"] else "neutral",
        )
        for one in decision.sources.get("certificates", [])
    )


def accreditation(decision: Decision) -> tuple[str, ...]:
    """Return for which of the values used their method was not accredited on their day, a sentence each."""
    return tuple(
        f"Certificate {certificate_name(one)}, {words}."
        for one in decision.sources.get("certificates", [])
        for words in one.get("standing", [])
    )


def agreed(decision: Decision) -> str:
    """Return how the policy came to judge this batch."""
    pin = pinned(decision.batch_id)
    if decision.retrospective:
        return "Retrospective: the policy came into force after the batch was received, and the owner has not agreed to it."
    if pin is None or pin.policy_id != decision.policy_id:
        return "The batch has been judged by another policy since."
    if pin.at_receipt:
        return "Agreed before the batch was received, and pinned then."
    return f"Agreed to after receipt: {pin.reason}"


def versions(decision: Decision) -> tuple[tuple[str, str], ...]:
    """Return what a decision was computed with."""
    basis = decision.case["policy"].get("basis")
    known = BASIS_LABELS[Basis(basis)] if basis in list(Basis) else "as the samples state"
    return (
        ("Basis", known),
        ("Oxide factors", decision.factors_version or FACTORS_VERSION),
        ("Computation", decision.code_version),
        ("Chondrite", "CI, McDonough and Sun (1995)"),
    )


def seal() -> Seal:
    """Return how far the record is sealed now."""
    state = seal_state()
    verified = state.verification
    return Seal(
        sealed_to=state.sealed_to,
        number=state.newest,
        verified_at=None if verified is None else verified.at,
        verified_well=None if verified is None else not verified.findings,
    )
