"""From the JSON of `grade_preview` to a case; every problem is named with its place."""

from collections.abc import Mapping
from typing import Any, Final

from assays.chemistry.aggregates import members
from assays.chemistry.oxides import OXIDES, element_of, factor
from assays.chemistry.units import Quantity, read_quantity
from assays.grading.estimator.model import Case, Reading, Sample
from assays.grading.estimator.policy_reading import ELEMENTS, EVERYTHING_PPM, read_rule
from assays.grading.estimator.shapes import Reader
from lims.errors import DomainError, Problem

SAMPLE: Final = (
    "id", "site", "mass_kg", "basis", "values", "excluded", "duplicates", "incident",
)  # fmt: skip
CASE: Final = ("policy", "samples", "qc", "blank_excess", "look", "preliminary", "awaited")
#: no heap is heavier, in kg
HEAVIEST_KG: Final = 1e12


def read_case(data: Any) -> Case:
    """Return the case that the JSON of METHODS.md section 4 describes.

    Beside that: `basis` of a policy; `duplicates` and `incident` of a sample; `awaited`; `bias` by analyte; an oxide
    as a key of `blank_excess`. Raises `Invalid` with every problem, each with its place.
    """
    reader = Reader()
    found = reader.mapping(data, "", known=CASE, needed=("policy", "samples"))
    rule = read_rule(reader, found.get("policy", {}))
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


# --- QC ----------------------------------------------------------------------------------------------


def _qc(reader: Reader, data: Any) -> dict[str, str]:
    found = reader.mapping(data, "qc")
    for name in found:
        if name not in ELEMENTS and not members(name):
            reader.wrong(f"qc.{name}", "analyte-unknown", f"“{name}” is no analyte known here.")
    choices = ("pass", "warn", "fail", "none")
    return {name: reader.choice(one, f"qc.{name}", choices) for name, one in found.items()}


def _excess(reader: Reader, data: Any) -> dict[str, float]:
    """Return the blank excess by element, in ppm of the element; of an aggregate in ppm of its oxides."""
    excess: dict[str, float] = {}
    for name, text in reader.mapping(data, "blank_excess").items():
        place = f"blank_excess.{name}"
        element, divisor = (name, 1.0) if members(name) else _form(reader, name, place)
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
        elif ppm > EVERYTHING_PPM:
            reader.wrong(
                place, "number-impossible", f"“{text}” is more than everything.", "Check value and unit."
            )
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
        name: reader.text(given[name], f"{place}.{name}") for name in ("site", "incident") if name in given
    }
    basis = given.get("basis", "")
    if not isinstance(basis, str):
        reader.wrong(f"{place}.basis", "text-expected", f"“{place}.basis” is no text.")
    return Sample(
        id=reader.text(found.get("id", "?"), f"{place}.id"),
        values=values,
        site=texts.get("site"),
        mass_kg=reader.number(given["mass_kg"], f"{place}.mass_kg", above=0, below=HEAVIEST_KG)
        if "mass_kg" in given
        else None,
        # An empty basis is a missing one: it blocks, and is no error of the input.
        basis=(basis.strip() or None) if isinstance(basis, str) else None,
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
    if ppm > EVERYTHING_PPM:
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
