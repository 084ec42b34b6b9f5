"""Stored decisions derived anew from their stored inputs: the same numbers and words, or what differs."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from django.db.models import QuerySet

from assays.chemistry.oxides import FACTORS_VERSION
from assays.grading.deciding import CODE_VERSION, digest_of
from assays.grading.estimator import answer, evaluate, read_case
from assays.grading.models import Decision
from lims.errors import DomainError

#: what a decision stores beside what the arithmetic answers
_ANSWERED: Final = {
    "outcome": "decision",
    "provisional": "provisional",
    "sentence": "sentence",
    "criteria": "criteria",
    "warnings": "warnings",
}
#: decisions that are read at a time: their cases may be large
_AT_A_TIME: Final = 200


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about a stored decision that its stored inputs do not give again."""

    batch: str
    number: int
    code: str
    #: the field, for criteria with the criterion's place and name
    field: str
    stored: Any
    derived: Any

    def as_dict(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    def __str__(self) -> str:
        said = f"{self.batch} no. {self.number}: {self.field} is stored as {self.stored!r}"
        return f"{said}, derived anew as {self.derived!r} ({self.code})"


@dataclass(slots=True)
class Rederived:
    """How many decisions were derived anew, and what differed."""

    checked: int
    #: made by an earlier version of the arithmetic or of the factors: digest and inputs are checked all the same
    earlier_versions: int
    differences: list[Difference]


def differences_of(decision: Decision) -> Iterator[Difference]:
    """Yield where a stored decision differs from what its stored case, sources and policy give today.

    Three codes: "digest-differs" (inputs, policy or versions are not those that were decided on), "answer-differs"
    (the same inputs give another answer) and "case-unreadable". What an earlier version of the arithmetic answered
    is compared too: a difference there is real, and names that version.
    """

    def differs(code: str, field: str, stored: object, derived: object) -> Difference:
        return Difference(decision.batch.code, decision.number, code, field, stored, derived)

    digest = digest_of(
        decision.policy,
        decision.case,
        decision.sources,
        factors=decision.factors_version,
        code=decision.code_version,
    )
    if digest != decision.digest:
        yield differs("digest-differs", "digest", decision.digest, digest)
    try:
        said = answer(evaluate(read_case(decision.case)))
    except DomainError as error:
        yield differs("case-unreadable", "case", decision.sentence, error.problems[0].message)
        return
    for field, name in _ANSWERED.items():
        stored, derived = getattr(decision, field), said[name]
        if stored == derived:
            continue
        if field != "criteria" or len(stored) != len(derived):
            yield differs("answer-differs", field, stored, derived)
            continue
        for place, (old, new) in enumerate(zip(stored, derived, strict=True)):
            for key in sorted({*old, *new}):
                if old.get(key) != new.get(key):
                    named = f"criteria[{place}].{key} ({new['analyte']})"
                    yield differs("answer-differs", named, old.get(key), new.get(key))


def rederive(decisions: QuerySet[Decision]) -> Rederived:
    """Derive decisions anew and return what differs; reads them a few hundred at a time and writes nothing."""
    found = Rederived(0, 0, [])
    rows = decisions.select_related("batch", "policy").order_by("pk")
    for decision in rows.iterator(chunk_size=_AT_A_TIME):
        found.checked += 1
        now = (FACTORS_VERSION, CODE_VERSION)
        found.earlier_versions += (decision.factors_version, decision.code_version) != now
        found.differences.extend(differences_of(decision))
    return found
