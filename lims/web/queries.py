"""Reading notices."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from lims.web.models import Notice

PAGE_SIZE: Final = 30


@dataclass(frozen=True, slots=True)
class NoticePage:
    """Notices, newest first, and the cursor of those before them; there is no way back but to the first page."""

    rows: list[Notice]
    next: str | None
    previous: None = None


def notices_of(user: Any) -> QuerySet[Notice]:
    """Return the notices of `user`; in no order."""
    return Notice.objects.filter(user_id=user.pk)


def notices_before(user: Any, cursor: UUID | None, size: int = PAGE_SIZE) -> NoticePage:
    """Return the notices of `user` older than `cursor` (from the newest without one). Costs one query."""
    found = notices_of(user).order_by("-id")
    rows = list((found.filter(pk__lt=cursor) if cursor else found)[: size + 1])
    more = len(rows) > size
    return NoticePage(rows[:size], str(rows[size - 1].pk) if more else None)


def unread_count(user: Any) -> int:
    """Return how many notices `user` has not read. Costs one query, answered by a partial index."""
    return notices_of(user).filter(read_at=None).count()
