"""Rows of a list between file, table and record: what is kept of them, and what the record says against them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from lims.accounts.models import User
from lims.errors import Place, Problem
from lims.web.display import kilograms
from samples.registry.drafts import NUMBERS, Draft, number_problems, tag_problems
from samples.registry.models import Batch, ListRow, SampleList, Tag
from samples.registry.readers import ReadRow
from samples.registry.rules import show_tag
from samples.registry.sample_queries import kept_for_others, numbers_in, tags_by_code


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row for people: what was understood, or else the text as it stands in the file, so that they see what is wrong."""

    number: int
    tag: str
    sample_id: UUID | None
    mass: str
    collected: datetime | str
    problems: list[dict[str, Any]]
    warnings: list[dict[str, Any]]


def shown(row: ListRow, headings: Mapping[str, str]) -> ShownRow:
    """Return a kept row as people see it; `headings` says under which heading of the file something stands."""
    draft = draft_of(row.values, row.number) if row.values else None
    cell = {name: row.raw.get(heading, "") for name, heading in headings.items()}
    return ShownRow(
        number=row.number,
        tag=show_tag(draft.tag) if draft else cell.get("tag", ""),
        sample_id=row.sample_id,
        mass=kilograms(draft.mass_g) if draft else cell.get("mass", ""),
        collected=draft.collected_at if draft else cell.get("collected_at", ""),
        problems=row.problems,
        warnings=row.warnings,
    )


_NUMBERS = ("mass_g", "latitude", "longitude", "accuracy_m", "depth_m")


def values_of(draft: Draft) -> dict[str, Any]:
    """Return a draft as plain data that loses nothing.

    >>> from datetime import UTC
    >>> draft = Draft(tag="KC000123J", mass_g=Decimal("2150.0"), collected_at=datetime(2026, 11, 3, tzinfo=UTC))
    >>> draft_of(values_of(draft), None) == draft
    True
    """
    plain = {name: value for name, value in asdict(draft).items() if name not in {"id", "row"}}
    return {
        name: str(value) if isinstance(value, Decimal | datetime) else value for name, value in plain.items()
    }


def draft_of(values: Mapping[str, Any], row: int | None) -> Draft:
    """Return the draft that `values_of` wrote down."""
    read: dict[str, Any] = dict(values)
    for name in _NUMBERS:
        read[name] = None if read[name] is None else Decimal(read[name])
    read["collected_at"] = datetime.fromisoformat(read["collected_at"])
    return Draft(**read, row=row)


def row_of(sample_list: SampleList, read: ReadRow) -> ListRow:
    """Return the row to keep of one that was read."""
    return ListRow(
        sample_list=sample_list,
        number=read.number,
        raw=read.raw,
        values=values_of(read.draft) if read.draft else {},
        problems=[problem.as_dict() for problem in read.problems],
        warnings=[warning.as_dict() for warning in read.warnings],
    )


def record_problems(batch: Batch, rows: Sequence[ReadRow], by: User | None) -> None:
    """Add to each row what the record says against it: tags never issued, used or reserved, numbers of other samples.

    `by` is who means to register them. Two queries.
    """
    good = [row for row in rows if row.draft and not row.problems]
    drafts = [row.draft for row in good if row.draft]
    tags = tags_by_code(Tag.objects.all(), [draft.tag for draft in drafts])
    found = tag_problems(drafts, tags, batch.owner_id, kept_for_others(tags.values(), by, batch))
    numbers = [getattr(draft, field) for draft in drafts for field in NUMBERS]
    found += number_problems(drafts, numbers_in(batch, numbers))
    by_number: dict[int | None, ReadRow] = {row.number: row for row in good}
    for problem in found:
        row = by_number[problem.place.row]
        row.problems.append(
            replace(problem, place=Place(row=row.number, column=_heading(row, problem.place.field or "")))
        )


def _heading(row: ReadRow, field: str) -> str:
    """Return the heading, as written, of the column that holds a field; the field's name when none does."""
    plain = field.replace("_", "")
    return next(
        (
            heading
            for heading in row.raw
            if "".join(s for s in heading.lower() if s.isalnum()).startswith(plain)
        ),
        field,
    )


def problems_by_row(problems: Sequence[Problem]) -> dict[int | None, list[Problem]]:
    """Return problems by the row in which they are; None for those of the whole."""
    by_row: dict[int | None, list[Problem]] = {}
    for problem in problems:
        by_row.setdefault(problem.place.row, []).append(problem)
    return by_row
