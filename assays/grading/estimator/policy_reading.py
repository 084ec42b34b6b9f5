"""The policy's part of a case: criteria, error rates, weighting, and what is known of spread and bias."""

import math
from typing import Any, Final

from assays.chemistry.aggregates import members
from assays.chemistry.oxides import ATOMIC_WEIGHTS, OXIDES, element_of
from assays.grading.estimator.model import Bias, Criterion, Prior, Rule
from assays.grading.estimator.shapes import Reader

POLICY: Final = (
    "criteria", "alpha", "alpha_reject", "weighting", "bias", "prior", "repeatability", "basis",
)  # fmt: skip
ELEMENTS: Final = frozenset(ATOMIC_WEIGHTS) - {"O", "H"}
#: everything there is, in ppm
EVERYTHING_PPM: Final = 1_000_000.0
DEFAULT_DF: Final = 20.0


def read_rule(reader: Reader, data: Any) -> Rule:
    """Return a policy; problems are noted in the reader."""
    found = reader.mapping(data, "policy", known=POLICY, needed=("criteria", "alpha", "alpha_reject"))
    given = reader.sequence(found.get("criteria", []), "policy.criteria")
    if "criteria" in found and not given:
        reader.wrong("policy.criteria", "criteria-none", "A policy has at least one criterion.")
    prior = found.get("prior")
    return Rule(
        criteria=[_criterion(reader, one, f"policy.criteria[{n}]") for n, one in enumerate(given)],
        alpha=reader.number(found.get("alpha", 0.05), "policy.alpha", above=0, below=0.5),
        alpha_reject=reader.number(
            found.get("alpha_reject", 0.01), "policy.alpha_reject", above=0, below=0.5
        ),
        weighting=reader.choice(found.get("weighting", "equal"), "policy.weighting", ("equal", "mass")),
        basis=reader.text(found["basis"], "policy.basis") if found.get("basis") is not None else None,
        bias=_biases(reader, found.get("bias")),
        prior=None if prior is None else _prior(reader, prior),
        repeatability=None
        if found.get("repeatability") is None
        else reader.number(found["repeatability"], "policy.repeatability", least=0, below=10),
    )


def _criterion(reader: Reader, data: Any, place: str) -> Criterion:
    names = ("analyte", "metric", "oxide", "of", "threshold_ppm", "threshold_pct")
    found = reader.mapping(data, place, known=names, needed=("analyte", "metric", "oxide"))
    analyte = reader.text(found.get("analyte", "Dy"), f"{place}.analyte")
    metric = reader.choice(found.get("metric", "grade"), f"{place}.metric", ("grade", "share"))
    oxide = reader.text(found.get("oxide", "Dy2O3"), f"{place}.oxide")
    _check_oxide(reader, analyte, oxide, place)
    unit, other = ("pct", "ppm") if metric == "share" else ("ppm", "pct")
    name = f"threshold_{unit}"
    if f"threshold_{other}" in found:
        message = f"A {metric} has no threshold_{other}."
        reader.wrong(f"{place}.threshold_{other}", "field-unknown", message, f"Use {name}.")
    if name not in found:
        reader.wrong(f"{place}.{name}", "field-required", f"“{place}.{name}” is missing.")
    most = 100.0 if metric == "share" else EVERYTHING_PPM
    threshold = reader.number(
        found.get(name, 1.0), f"{place}.{name}", above=0, below=math.nextafter(most, math.inf)
    )
    of = ""
    if metric == "share":
        of = reader.text(found.get("of", ""), f"{place}.of")
        if of and (not members(of) or members(analyte)):
            reader.wrong(f"{place}.of", "share-malformed", f"{analyte} has no share of “{of}” here.",
                         "A share is an element's, of TREO, HREO, LREO or MREO.")  # fmt: skip
    elif "of" in found:
        reader.wrong(f"{place}.of", "field-unknown", "A grade is of nothing.", "Leave “of” out.")
    return Criterion(analyte, metric, oxide, threshold, of)


def _check_oxide(reader: Reader, analyte: str, oxide: str, place: str) -> None:
    if members(analyte):
        if oxide != analyte:
            reader.wrong(f"{place}.oxide", "oxide-of-another", f"{analyte} is counted as {analyte}.")
    elif analyte not in ELEMENTS:
        reader.wrong(f"{place}.analyte", "analyte-unknown", f"“{analyte}” is no element or sum known here.")
    elif oxide not in OXIDES or element_of(oxide) != analyte:
        reader.wrong(f"{place}.oxide", "oxide-of-another", f"“{oxide}” is no oxide of {analyte} known here.")


def _prior(reader: Reader, data: Any) -> Prior:
    found = reader.mapping(data, "policy.prior", known=("relative", "df"), needed=("relative", "df"))
    return Prior(
        reader.number(found.get("relative", 0.1), "policy.prior.relative", above=0, below=10),
        reader.number(found.get("df", DEFAULT_DF), "policy.prior.df", above=0),
    )


def _bias(reader: Reader, data: Any, place: str) -> Bias:
    found = reader.mapping(data, place, known=("relative", "df"), needed=("relative",))
    return Bias(
        reader.number(found.get("relative", 0.1), f"{place}.relative", least=0, below=10),
        reader.number(found.get("df", DEFAULT_DF), f"{place}.df", above=0),
    )


def _biases(reader: Reader, data: Any) -> dict[str, Bias]:
    """Return the bias uncertainty, one for all ("") or by analyte."""
    if data is None:
        return {}
    found = reader.mapping(data, "policy.bias")
    if not found or {"relative", "df"} & set(found):
        return {"": _bias(reader, data, "policy.bias")}
    for name in found:
        if name not in ELEMENTS and name not in OXIDES and not members(name):
            reader.wrong(f"policy.bias.{name}", "analyte-unknown", f"“{name}” is no analyte known here.")
    return {name: _bias(reader, one, f"policy.bias.{name}") for name, one in found.items()}
