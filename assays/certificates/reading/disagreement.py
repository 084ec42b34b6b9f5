"""The same element in the same form by two methods, so far apart in one row that a unit has slipped."""

from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from assays.certificates.reading.model import Finding, Values

#: a residue that an acid does not dissolve costs a few times; a hundred times is a unit (1000 for ppm and ppb)
APART: Final = Decimal(100)


def methods_disagree(values: Values) -> Iterator[Finding]:
    """Yield a warning for each value that is a hundred times more or less than the first method's, in ppm."""
    same: dict[tuple[str, str | None], list[int]] = defaultdict(list)
    for at, column in enumerate(values.columns):
        if column.form is not None:
            same[column.analyte, column.oxide].append(at)
    for first, *others in same.values():
        for other in others:
            yield from _pair(values, first, other)


def _pair(values: Values, first: int, other: int) -> Iterator[Finding]:
    column, another = values.columns[first], values.columns[other]
    for place, (a, b) in enumerate(zip(values.meanings[first], values.meanings[other], strict=True)):
        if a is None or b is None or a.ppm is None or b.ppm is None or a.ppm <= 0 or b.ppm <= 0:
            continue
        if not a.ppm < APART * b.ppm < APART * APART * a.ppm:
            by = [
                f"{one.raw} {one.unit} by {of.method or of.heading}"
                for one, of in ((a, column), (b, another))
            ]
            message = f"{column.oxide or column.analyte} is {by[0]}, and {by[1]}."
            remedy = "Is one of the units right? Compare with the laboratory."
            yield values.at(Finding("warning", "methods-disagree", None, None, message, remedy), place, other)
