"""Which values a failed QC item keeps out of decisions (METHODS.md section 3). Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from assays.quality.rules import QcVerdict


@dataclass(frozen=True, slots=True)
class Place:
    """One item of a rack: a sample (`type` empty) or a QC item of a type, with its verdict.

    `vouches`: it passed at a level that matters, so that it may end what another one withholds.
    """

    id: str
    type: str = ""
    verdict: QcVerdict | None = None
    vouches: bool = False
    placed: bool = True


def withheld(rack: Sequence[Place]) -> list[str] | None:
    """Return the ids of the samples withheld, in rack order; None for all, when a failed item has no known place.

    From the last QC item of the same type that vouches before each failed one, to the first after it. A sample whose
    own place is unknown is withheld as soon as anything failed.

    >>> good, bad = QcVerdict.PASS, QcVerdict.FAIL
    >>> withheld([
    ...     Place("c1", "CRM", good, vouches=True), Place("s1"), Place("b1", "BLANK", good, vouches=True), Place("s2"),
    ...     Place("c2", "CRM", bad), Place("s3"), Place("c3", "CRM", good, vouches=True), Place("s4"),
    ... ])
    ['s1', 's2', 's3']
    """
    failed = [at for at, one in enumerate(rack) if one.verdict == QcVerdict.FAIL]
    if not failed:
        return []
    if any(not rack[at].placed for at in failed):
        return None
    reach: set[int] = {at for at, one in enumerate(rack) if not one.placed}
    for at in failed:
        reach |= set(range(_first(rack, at), _last(rack, at) + 1))
    return list(dict.fromkeys(one.id for at, one in enumerate(rack) if at in reach and not one.type))


def _bounds(one: Place, failed: Place) -> bool:
    return one.placed and one.type == failed.type and one.vouches and one.verdict != QcVerdict.FAIL


def _first(rack: Sequence[Place], at: int) -> int:
    return next((i + 1 for i in range(at - 1, -1, -1) if _bounds(rack[i], rack[at])), 0)


def _last(rack: Sequence[Place], at: int) -> int:
    return next((i - 1 for i in range(at + 1, len(rack)) if _bounds(rack[i], rack[at])), len(rack) - 1)
