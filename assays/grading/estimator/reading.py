"""From the JSON of `grade_preview` to a case; every problem is named with its place."""

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from assays.chemistry.aggregates import members
from assays.chemistry.oxides import ATOMIC_WEIGHTS, OXIDES, element_of, factor
from assays.chemistry.units import Quantity, read_quantity
from assays.grading.estimator.model import Bias, Case, Criterion, Prior, Reading, Rule, Sample
from assays.grading.estimator.shapes import Reader
from lims.errors import DomainError, Problem

POLICY: Final = (
    "criteria", "alpha", "alpha_reject", "weighting", "bias", "prior", "repeatability", "basis",
)  # fmt: skip
SAMPLE: Final = (
    "id", "site", "mass_kg", "basis", "values", "excluded", "duplicates", "incident",
)  # fmt: skip
CASE: Final = ("policy", "samples", "qc", "blank_excess", "look", "preliminary", "awaited")
ELEMENTS: Final = frozenset(ATOMIC_WEIGHTS) - {"O", "H"}
#: everything there is, in ppm
ALL: Final = Decimal(1_000_000)
DEFAULT_DF: Final = 20.0


def read_case(data: Any) -> Case:
    """Return the case that the JSON of METHODS.md section 4 describes.

    Beside that: `basis` of a policy; `duplicates` and `incident` of a sample; `awaited`; `bias` by analyte; an oxide
    as a key of `blank_excess`. Raises `Invalid` with every problem, each with its place.
    """
    reader = Reader()
    found = reader.mapping(data, "", known=CASE, needed=("policy", "samples"))
    rule = _rule(reader, found.get("policy", {}))
    samples = [
        _sample(reader, one, f"samples[{number}]")
        for number, one in enumerate(reader.sequence(found.get("samples", []), "samples"))
    ]
    _once(reader, samples)
    case = Case(
        rule=rule,
        samples=samples,
        qc=_qc(reader, found.get("qc", {})),
        blank_excess=_excess(reader, found.get("blank_excess", {})),
        look=None if found.get("look") is None else reader.whole(found["look"], "look", least=1),
        preliminary=reader.flag(found.get("preliminary", False), "preliminary"),
        awaited=reader.whole(found.get("awaited", 0), "awaited", least=0),
    )
    reader.finish()
    return case


def _once(reader: Reader, samples: list[Sample]) -> None:
    seen: set[str] = set()
    for number, sample in enumerate(samples):
        if sample.id and sample.id in seen:
            message = f"There are two samples “{sample.id}”."
            reader.wrong(f"samples[{number}].id", "duplicate-id", message, "Give each its own id.")
        seen.add(sample.id)


# --- The policy --------------------------------------------------------------------------------------


def _rule(reader: Reader, data: Any) -> Rule:
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
        prior=None if prior is None else Prior(*_relative(reader, prior, "policy.prior", above=0)),
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
    most = 100.0 if metric == "share" else float(ALL)
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


def _relative(reader: Reader, data: Any, place: str, *, above: float | None = None) -> tuple[float, float]:
    found = reader.mapping(data, place, known=("relative", "df"), needed=("relative",))
    least = None if above is not None else 0.0
    relative = reader.number(
        found.get("relative", 0.1), f"{place}.relative", above=above, least=least, below=10
    )
    return relative, reader.number(found.get("df", DEFAULT_DF), f"{place}.df", above=0)


def _biases(reader: Reader, data: Any) -> dict[str, Bias]:
    """Return the bias uncertainty, one for all ("") or by analyte."""
    if data is None:
        return {}
    found = reader.mapping(data, "policy.bias")
    if "relative" in found or not found:
        return {"": Bias(*_relative(reader, data, "policy.bias"))}
    for name in found:
        if name not in ELEMENTS and name not in OXIDES and not members(name):
            reader.wrong(f"policy.bias.{name}", "analyte-unknown", f"“{name}” is no analyte known here.")
    return {name: Bias(*_relative(reader, one, f"policy.bias.{name}")) for name, one in found.items()}


# --- QC ----------------------------------------------------------------------------------------------


def _qc(reader: Reader, data: Any) -> dict[str, str]:
    found = reader.mapping(data, "qc")
    for name in found:
        if name not in ELEMENTS and not members(name):
            reader.wrong(f"qc.{name}", "analyte-unknown", f"“{name}” is no analyte known here.")
    choices = ("pass", "warn", "fail", "none")
    return {name: reader.choice(one, f"qc.{name}", choices) for name, one in found.items()}


def _excess(reader: Reader, data: Any) -> dict[str, float]:
    """Return the blank excess by element, in ppm of the element."""
    excess: dict[str, float] = {}
    for name, text in reader.mapping(data, "blank_excess").items():
        place = f"blank_excess.{name}"
        element, divisor = _form(reader, name, place)
        read = _quantity(reader, text, place)
        if read is None or element is None:
            continue
        try:
            ppm = read.ppm
        except DomainError as error:
            reader.wrong(place, error.problems[0].code, error.problems[0].message, error.problems[0].remedy)
            continue
        if ppm is None or read.qualifier:
            reader.wrong(place, "quantity-malformed", f"“{text}” is no mass fraction.", "As in 0.4 ppm.")
        elif element in excess:
            reader.wrong(place, "analyte-twice", f"{element} is given twice.", "Give it once.")
        else:
            excess[element] = float(ppm) / divisor
    return excess


# --- Samples -----------------------------------------------------------------------------------------


def _form(reader: Reader, name: str, place: str) -> tuple[str | None, float]:
    """Return the element that a name of a value counts, and what to divide by to get the element."""
    if name in ELEMENTS:
        return name, 1.0
    if name in OXIDES:
        return element_of(name), factor(name)
    reader.wrong(
        place, "analyte-unknown", f"“{name[:20]}” is no element or oxide known here.", "As in Dy or Dy2O3."
    )
    return None, 1.0


def _quantity(reader: Reader, text: Any, place: str) -> Quantity | None:
    if not isinstance(text, str):
        reader.wrong(
            place, "text-expected", f"“{place}” is no text.", "Write it with its unit, as in “28.4 ppm”."
        )
        return None
    try:
        read = read_quantity(text)
    except DomainError as error:
        problem: Problem = error.problems[0]
        reader.wrong(place, problem.code, problem.message, problem.remedy)
        return None
    return read


def _sample(reader: Reader, data: Any, place: str) -> Sample:
    found = reader.mapping(data, place, known=SAMPLE, needed=("id", "values"))
    values, unreadable = _values(reader, found, place)
    given = {name: found[name] for name in SAMPLE if found.get(name) is not None}
    texts = {
        name: reader.text(given[name], f"{place}.{name}")
        for name in ("site", "basis", "incident")
        if name in given
    }
    return Sample(
        id=reader.text(found.get("id", "?"), f"{place}.id"),
        values=values,
        site=texts.get("site"),
        mass_kg=reader.number(given["mass_kg"], f"{place}.mass_kg", above=0) if "mass_kg" in given else None,
        basis=texts.get("basis"),
        excluded=reader.choice(given["excluded"], f"{place}.excluded", ("before", "after"))
        if "excluded" in given
        else None,
        incident=texts.get("incident", "").rstrip("."),
        unreadable=unreadable,
    )


def _values(reader: Reader, data: Mapping[str, Any], place: str) -> tuple[dict[str, Reading], dict[str, str]]:
    """Return readings by element, and what is wrong with units; duplicates are averaged with their value."""
    values: dict[str, Reading] = {}
    unreadable: dict[str, str] = {}
    names: dict[str, str] = {}
    twins = reader.mapping(data.get("duplicates", {}), f"{place}.duplicates")
    sent = reader.mapping(data.get("values", {}), f"{place}.values")
    for name in twins:
        if name not in sent:
            message = f"There is no value of {name} to average it with."
            reader.wrong(f"{place}.duplicates.{name}", "duplicate-without-value", message)
    for name, text in sent.items():
        here = f"{place}.values.{name}"
        element, divisor = _form(reader, name, here)
        if element is None:
            continue
        if element in names:
            message = f"{element} is given twice, as {names[element]} and as {name}."
            reader.wrong(here, "analyte-twice", message, "Give the one that counts.")
            continue
        names[element] = name
        more = reader.sequence(twins.get(name, []), f"{place}.duplicates.{name}")
        texts = [(text, here), *((one, f"{place}.duplicates.{name}[{n}]") for n, one in enumerate(more))]
        reads = [_reading(reader, one, at, divisor) for one, at in texts]
        if any(isinstance(one, str) for one in reads):
            unreadable[element] = next(one for one in reads if isinstance(one, str))
            continue
        whole = [one for one in reads if isinstance(one, Reading)]
        if len(whole) == len(reads):
            values[element] = averaged(whole)
    return values, unreadable


def _reading(reader: Reader, text: Any, place: str, divisor: float) -> Reading | str | None:
    """Return a reading in ppm of the element; words when its unit is of no use; None for an input error."""
    read = _quantity(reader, text, place)
    if read is None:
        return None
    try:
        ppm = read.ppm if read.unit else None
    except DomainError as error:
        return error.problems[0].message
    if ppm is None:
        return f"“{text}” is no mass fraction." if read.unit else f"“{text}” has no unit."
    if ppm > ALL:
        reader.wrong(
            place, "number-impossible", f"“{text}” is more than everything.", "Check value and unit."
        )
        return None
    amount = float(ppm) / divisor
    below = read.qualifier == "<"
    return Reading(0.0 if below else amount, amount, below=below, over=read.qualifier == ">")


def averaged(reads: list[Reading]) -> Reading:
    """Return the mean of a value and its planned duplicates: a censored one enters as 0 read low, as L read high.

    >>> averaged([Reading(2.0, 2.0), Reading(0.0, 1.0, below=True)])
    Reading(low=1.0, high=1.5, below=True, over=False)
    """
    n = len(reads)
    return Reading(
        sum(one.low for one in reads) / n,
        sum(one.high for one in reads) / n,
        any(one.below for one in reads),
        any(one.over for one in reads),
    )
