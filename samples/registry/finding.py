"""Finding samples: by what they are called, and by what a list is narrowed to."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Final
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from lims.accounts.models import User
from lims.errors import DomainError
from samples.registry.models import ExternalNumber, Hold, Sample
from samples.registry.queries import mines_for
from samples.registry.rules import NumberKind, read_tag


def matching(samples: QuerySet[Sample], user: User, **chosen: str) -> QuerySet[Sample]:
    """Narrow samples by batch code, mine, state, days of registration (both included), open hold, text (tag or number).

    A mine that the person may not know of matches nothing: filters must not tell what pages do not.
    """
    if any("\x00" in text for text in chosen.values()):
        return samples.none()  # PostgreSQL knows no such text
    if chosen.get("batch"):
        samples = samples.filter(batch__code__iexact=chosen["batch"])
    if chosen.get("mine"):
        samples = samples.filter(
            batch__mine__in=mines_for(user).filter(pk=_uuid(chosen["mine"])).values("pk")
        )
    if chosen.get("state"):
        samples = samples.filter(state=chosen["state"])
    if since := _day(chosen.get("since", "")):
        samples = samples.filter(registered_at__gte=since)
    if until := _day(chosen.get("until", "")):
        samples = samples.filter(registered_at__lt=until + timedelta(days=1))
    if chosen.get("held") == "yes":
        samples = samples.filter(Exists(Hold.objects.filter(sample=OuterRef("pk"), released_at=None)))
    if chosen.get("text"):
        samples = samples.filter(_named(chosen["text"], user))
    return samples


def _day(text: str) -> datetime | None:
    """Return the beginning of a day in the reader's zone; None for what is no day of ours."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return timezone.make_aware(datetime.combine(day, time())) if 1990 < day.year < 2200 else None


def _uuid(text: str) -> UUID:
    """Return the id in `text`; one that nothing has when it is none."""
    try:
        return UUID(text)
    except ValueError:
        return UUID(int=0)


#: conditions "had the tag with this code before" of higher floors, where tags are replaced
FORMERLY: Final[list[Callable[[str], Q]]] = []


def called(code: str) -> Q:
    """Return the condition "has, or had, the tag with this code" on samples."""
    return reduce(or_, [formerly(code) for formerly in FORMERLY], Q(tag__code=code))


def _named(text: str, user: User) -> Q:
    """Return the condition "is called `text`": its tag, or a number that the person may see."""
    try:
        return called(read_tag(text))
    except DomainError:
        stem = "".join(text.upper().replace("-", " ").split())
        numbers = ExternalNumber.objects.filter(number__iexact=text.strip()).filter(
            Q(kind=NumberKind.LABORATORY) | Q(batch__mine__in=mines_for(user).values("pk"))
        )
        return Q(tag__code__startswith=stem) | Q(pk__in=numbers.values("sample"))


def is_tag(text: str) -> bool:
    """Return whether the text is a whole tag, however it is spelled.

    >>> is_tag("kc-000123-j"), is_tag("KC-0001")
    (True, False)
    """
    try:
        return bool(read_tag(text))
    except DomainError:
        return False
