"""What a re-issue changed: the values of a certificate beside those of the version that it supersedes."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from assays.certificates.models import Certificate
from assays.certificates.queries import reported
from lims.accounts.models import User

#: values of one version, at most: a longer file is compared in its downloads, not on a page
MOST_COMPARED: Final = 50_000
#: changed values that are listed; the others are counted
MOST_LISTED: Final = 60


@dataclass(frozen=True, slots=True)
class Changed:
    """A value that is another one now: of which item, which content by which method, and the cells as they stood."""

    label: str
    content: str
    method: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What one version changed against the one before, as far as the person may see it."""

    certificate: Certificate
    #: None where a version is too long to compare here
    count: int | None
    values: Sequence[Changed] = ()
    fresh: Sequence[str] = ()
    gone: Sequence[str] = ()

    @property
    def more(self) -> int:
        """Return how many changed values are not listed."""
        return (self.count or 0) - len(self.values)

    @property
    def none(self) -> bool:
        """Return whether nothing that the person may see is different."""
        return self.count == 0 and not self.fresh and not self.gone


_Item = tuple[UUID, str]
_Key = tuple[str, str, str, str]


def _values(user: User, pk: Any) -> Mapping[_Item, Mapping[_Key, tuple[str, ...]]]:
    """Return the cells of a certificate as they stand in its file, by item and content; one query."""
    rows = reported(user, Certificate(pk=pk)).order_by("row", "column")
    found: dict[_Item, dict[_Key, list[str]]] = defaultdict(lambda: defaultdict(list))
    names = ("item", "item__label", "analyte", "oxide", "method_code", "unit", "raw")
    for item, label, analyte, oxide, method, unit, raw in rows.values_list(*names):
        found[item, label][analyte, oxide, method, unit].append(raw)
    return {item: {key: tuple(cells) for key, cells in told.items()} for item, told in found.items()}


def changes_of(user: User, certificate: Certificate) -> Changes | None:
    """Return what a certificate changed against the version that it supersedes; None for a first one; two queries.

    Cells are compared as they were written: 36.5 for 36.50 is a change, of digits.
    """
    if certificate.supersedes_id is None:
        return None
    if certificate.determination_count > MOST_COMPARED:
        return Changes(certificate, None)
    old, new = _values(user, certificate.supersedes_id), _values(user, certificate.pk)
    changed = [
        Changed(item[1], key[1] or key[0], key[2], _cells(old[item].get(key)), _cells(new[item].get(key)))
        for item in new
        if item in old
        for key in dict.fromkeys((*old[item], *new[item]))
        if old[item].get(key) != new[item].get(key)
    ]
    return Changes(
        certificate,
        len(changed),
        changed[:MOST_LISTED],
        [label for item, label in new if (item, label) not in old],
        [label for item, label in old if (item, label) not in new],
    )


def _cells(cells: Sequence[str] | None) -> str:
    """Return cells in words: an empty one, and one that is not in the file, are told apart."""
    if cells is None:
        return "not reported"
    return " / ".join(cell or "empty" for cell in cells)
