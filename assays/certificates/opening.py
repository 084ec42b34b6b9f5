"""Rows of an upload about which a person is asked: what each may be, and what was said of it already."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from assays.certificates.models import Upload, UploadRow
from assays.certificates.rules import MATCH_LABELS, Match

#: rows asked about on one page
PAGE: Final = 25
_TWICE: Final = Q(problems__contains=[{"code": "duplicate-id"}])
#: a question that nobody has answered, and those that somebody has: they stay in sight, to be answered otherwise
_OPEN: Final = Q(match=Match.UNMATCHED) | _TWICE
_ASKED: Final = _OPEN | Q(mapped=True)


@dataclass(frozen=True, slots=True)
class Option:
    """Something that a row may be: what to send, how it is called and why, and whether it was said."""

    match: Match
    #: name of the field that carries `id`: "sample", "material", or "" where there is none
    field: str
    id: str
    label: str
    why: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class OpenRow:
    """A row about which a person is asked, with what it may be."""

    row: UploadRow
    options: Sequence[Option]

    @property
    def settled(self) -> bool:
        """Return whether somebody has said what it is."""
        return self.row.match != Match.UNMATCHED and not any(
            problem["code"] == "duplicate-id" for problem in self.row.problems
        )


def waiting(upload: Upload) -> int:
    """Return how many rows wait for somebody to say what they are; one query."""
    return upload.rows.filter(_OPEN).count()


def open_rows(upload: Upload, start: int = 0) -> tuple[list[OpenRow], int | None]:
    """Return the questions from row `start` on, and where the next page of them starts; two queries."""
    found = list(_known(upload).filter(_ASKED, number__gte=start).order_by("number")[: PAGE + 1])
    twins = _twins(upload, found)
    return [_asked(row, twins) for row in found[:PAGE]], found[PAGE].number if len(found) > PAGE else None


def open_row_of(upload: Upload, number: int) -> OpenRow | None:
    """Return the question about one row; None where there is none; two queries."""
    row = _known(upload).filter(_ASKED, number=number).first()
    return _asked(row, _twins(upload, [row])) if row is not None else None


def _known(upload: Upload) -> QuerySet[UploadRow]:
    return upload.rows.select_related("sample__tag", "material")


def _twins(upload: Upload, rows: Sequence[UploadRow]) -> Mapping[str, UploadRow]:
    """Return the first rows of samples with the same labels: later ones may be duplicates of these."""
    labels = {row.label for row in rows}
    known = _known(upload).filter(label__in=labels, match=Match.SAMPLE, sample__isnull=False)
    # A row may be a duplicate of an earlier one, never of itself: the first of a label is the sample.
    return {row.label: row for row in known.order_by("-number")}


def _asked(row: UploadRow, twins: Mapping[str, UploadRow]) -> OpenRow:
    options = [
        _option(row, Match(one["kind"]), one["id"], one["label"], one["why"]) for one in row.suggestions
    ]
    twin = twins.get(row.label)
    if twin is not None and twin.number < row.number:
        options.append(
            _option(
                row, Match.DUPLICATE, str(twin.sample_id), f"A duplicate of {twin.sample}", "the same label"
            )
        )
    if row.mapped and not any(option.chosen for option in options) and row.match != Match.REJECTED:
        thing = row.sample or row.material
        label = f"A duplicate of {thing}" if row.match == Match.DUPLICATE else str(thing)
        options.append(_option(row, Match(row.match), str(thing.pk) if thing else "", label, "as you said"))
    options.append(_option(row, Match.REJECTED, "", MATCH_LABELS[Match.REJECTED], ""))
    return OpenRow(row, options)


def _option(row: UploadRow, match: Match, pk: str, label: str, why: str) -> Option:
    field = {Match.SAMPLE: "sample", Match.DUPLICATE: "sample", Match.REJECTED: ""}.get(match, "material")
    now = str(row.sample_id or row.material_id or "")
    return Option(match, field, pk, label, why, chosen=row.mapped and row.match == match and now == pk)
