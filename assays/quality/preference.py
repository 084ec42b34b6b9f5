"""Which of several determinations of a sample counts, by rule and with its reason in words; constant queries."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from assays.catalogue.models import Method
from assays.certificates.digests import plain
from assays.certificates.models import Certificate, Determination
from assays.certificates.rules import Purpose
from assays.quality.gate import Gate, Said
from assays.quality.rules import QcVerdict
from assays.runs.models import Run
from assays.runs.rules import ItemKind, RunState
from samples.registry.models import Sample

#: qualifiers that carry a number: a value, or the limit that it lies below or above
NUMBERS: Final = frozenset({"", "<", ">"})
#: where a method that the catalogue does not know ranks: after all that it knows
UNRANKED: Final = 1 << 16
#: among methods of one rank: what dissolves all comes first, and a portable XRF last (L8); an unknown one in between
BASES: Final = ("total-fusion", "total-INAA", "total-four-acid")
TECHNIQUES: Final = (("icp-ms", 0), ("icpms", 0), ("pxrf", 2), ("portable", 2), ("handheld", 2))


@dataclass(frozen=True, slots=True)
class Preferred:
    """The determination that counts for one analyte of one sample, where it comes from, and what QC says of it."""

    determination: Determination
    method: Method | None
    #: empty where the catalogue does not know the method
    basis: str
    certificate: Certificate
    run: Run
    #: after overrides: what two persons let count has a WARN in place of FAIL or NONE
    verdict: QcVerdict
    qc_reason: str
    withheld: bool
    overridden: bool
    #: determinations of its planned duplicates in the same run, by the same method and in the same form
    duplicates: tuple[Determination, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One determination with what it is chosen by."""

    determination: Determination
    method: Method | None
    said: Said
    withheld: bool
    fits: bool

    @property
    def has_number(self) -> bool:
        one = self.determination
        return one.qualifier in NUMBERS and (one.ppm is not None or one.limit_ppm is not None)

    @property
    def rank(self) -> int:
        return self.method.rank if self.method is not None else UNRANKED

    @property
    def is_value(self) -> bool:
        """Return whether a value was read, and not a limit that it lies below or above."""
        return self.determination.qualifier == "" and self.determination.ppm is not None

    @property
    def place(self) -> tuple[int, int, int]:
        """Return where the method stands: its rank, then its digestion, then its technique; smaller is better."""
        return self.rank, *family(self.method)

    @property
    def merit(self) -> tuple[bool, bool, bool, tuple[int, int, int]]:
        """Return what decides before the date: basis, a number at all, QC, the method's place; smaller is better."""
        return not self.fits, not self.has_number, self.withheld, self.place


def family(method: Method | None) -> tuple[int, int]:
    """Return how a method's digestion and technique stand among others of its rank; smaller is preferred.

    Fusion stands above four-acid, which leaves zircon and monazite behind, and ICP-MS above portable XRF (L8).
    """
    if method is None:
        return len(BASES), 1
    told = f"{method.technique} {method.code} {method.name}".casefold()
    digestion = BASES.index(method.basis) if method.basis in BASES else len(BASES)
    return digestion, next((place for word, place in TECHNIQUES if word in told), 1)


def preferred(samples: Iterable[Sample], *, basis: str | None = None) -> dict[UUID, dict[str, Preferred]]:
    """Return by sample id and analyte (element) the determination that counts; four queries for any number of samples.

    Only results count that stand in approved runs. With a `basis` those of another one count only where there is none
    of it. Then: what QC accepts before what it withholds, the method's rank, its family, the newest certificate; where
    that one says only that it is over range, the best that read a value. Element or oxide stays as it was reported.
    """
    rows = list(_standing(samples))
    runs = {row.certificate.run_id: row.certificate.run for row in rows}
    gate = Gate(runs.values(), owners=True)
    methods = _methods(runs.values())
    grouped: dict[UUID, dict[str, list[_Candidate]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        assert row.sample_id is not None
        method = methods.get((row.certificate.run.laboratory_id, row.method_code.casefold()))
        said = gate.said(row.certificate.run, row)
        fits = basis is None or (method is not None and method.basis == basis)
        candidate = _Candidate(row, method, said, said.withholds(row.item_id), fits)
        grouped[row.sample_id][row.analyte].append(candidate)
    chosen: dict[UUID, dict[str, Preferred]] = {}
    for sample, by_analyte in grouped.items():
        counted = {analyte: _choose(found) for analyte, found in by_analyte.items()}
        chosen[sample] = {analyte: one for analyte, one in counted.items() if one is not None}
    return chosen


def _standing(samples: Iterable[Sample]) -> Iterable[Determination]:
    """Return the determinations of the samples that stand in approved runs, the newest certificate first."""
    return (
        Determination.objects.filter(
            sample__in=[sample.pk for sample in samples],
            certificate__successor=None,
            certificate__purpose=Purpose.RESULTS,
            certificate__run__state=RunState.APPROVED,
        )
        # LOI and totals have no form: they are no analytes of a decision.
        .exclude(form="")
        .select_related("certificate__run__laboratory", "certificate__run__kept_by", "item")
        .order_by("-certificate__committed_at", "-certificate", "row", "column")
    )


def _methods(runs: Iterable[Run]) -> dict[tuple[UUID, str], Method]:
    """Return the methods of the runs' laboratories by laboratory and code in lower case."""
    found = Method.objects.filter(laboratory__in={run.laboratory_id for run in runs})
    return {(method.laboratory_id, method.code.casefold()): method for method in found}


def _choose(found: Sequence[_Candidate]) -> Preferred | None:
    """Return the best of one sample's candidates for one analyte; a duplicate alone stands for nothing."""
    own = [one for one in found if one.determination.item.kind == ItemKind.SAMPLE]
    if not own:
        return None
    # The rows come with the newest certificate first, and min keeps the first of equals.
    best = min(own, key=lambda one: one.merit)
    first = best
    if best.determination.qualifier == ">":
        best = min(filter(partial(_reads_what, best), own), key=lambda one: one.merit, default=best)
    row, said = best.determination, best.said
    return Preferred(
        determination=row,
        method=best.method,
        basis=best.method.basis if best.method is not None else "",
        certificate=row.certificate,
        run=row.certificate.run,
        verdict=said.verdict,
        qc_reason=said.reason,
        withheld=best.withheld,
        overridden=said.overridden,
        duplicates=tuple(one.determination for one in found if _is_twin(one, best)),
        reason=f"{_why(best, own, first)}; {_qc_words(best)}",
    )


def _reads_what(over: _Candidate, one: _Candidate) -> bool:
    """Return whether one read a value where another was over range, and stands as well by basis and QC."""
    return one.is_value and (one.fits, one.withheld) == (over.fits, over.withheld)


def _is_twin(one: _Candidate, best: _Candidate) -> bool:
    """Return whether one is a planned duplicate of the best that may be averaged with it."""
    row, parent = one.determination, best.determination
    same = (row.certificate_id, row.method_code.casefold(), row.oxide) == (
        parent.certificate_id,
        parent.method_code.casefold(),
        parent.oxide,
    )
    # Where only the duplicate is withheld, its value must not come in through the mean.
    return same and row.item.kind == ItemKind.DUPLICATE and one.has_number and one.withheld <= best.withheld


def _why(best: _Candidate, own: Sequence[_Candidate], first: _Candidate) -> str:
    """Return in words why this one and not another."""
    name = best.determination.method_code or "The method without a name"
    methods = {one.determination.method_code.casefold() for one in own}
    if first is not best:
        limit = plain(first.determination.limit) or ""
        other = f"{first.determination.method_code or 'the first method'} says > {limit}".rstrip()
        return f"{name} read a value where {other} {first.determination.unit}".rstrip()
    ahead = [one for one in own if one is not best and one.place <= best.place]
    passed_over = {
        "is the only result": len(own) == 1,
        "is the best there is, on another basis than was asked for": not best.fits,
        "is of the basis asked for": any(not one.fits for one in ahead),
        "gave a number where another did not": any(one.has_number < best.has_number for one in ahead),
        "is not withheld by QC, as another is": any(one.withheld > best.withheld for one in ahead),
        f"ranks first among {len(methods)} methods": len(methods) > 1,
        f"was reported {len(own)} times, and the newest counts": True,
    }
    return f"{name} {next(words for words, applies in passed_over.items() if applies)}"


def _qc_words(best: _Candidate) -> str:
    """Return in words what QC says of it."""
    verdict, said = best.said.verdict, best.said
    if said.overridden:
        return "QC overridden by two persons"
    if best.withheld:
        return "withheld by QC" if verdict == QcVerdict.FAIL else "no QC"
    words: Mapping[QcVerdict, str] = {
        QcVerdict.PASS: "QC passed",
        QcVerdict.WARN: "QC passed with warnings",
        QcVerdict.FAIL: "QC failed elsewhere in the run",
    }
    return words.get(verdict, "no QC")
