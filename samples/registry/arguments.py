"""What the verbs of the registry make of their arguments before they look at the record."""

from enum import StrEnum
from typing import TypeVar

from lims.accounts.models import User
from lims.errors import invalid
from lims.verbs import Actor

Kind = TypeVar("Kind", bound=StrEnum)


def person_of(actor: Actor) -> User | None:
    """Return the person who acts; None for a part of the system."""
    return actor if isinstance(actor, User) else None


def said(text: str, *, field: str, most: int = 200) -> str:
    """Return a text with single spaces. Raises `Invalid` ("field-required", "text-too-long", "text-unreadable").

    >>> said("  wet   bag ", field="reason")
    'wet bag'
    """
    words = " ".join(text.split())
    if not words:
        raise invalid("field-required", "This is empty.", "Say it in a few words.", field=field)
    return bounded(words, field=field, most=most)


def bounded(words: str, *, field: str, most: int = 200) -> str:
    """Return the text, which may be empty. Raises `Invalid` ("text-too-long", "text-unreadable").

    >>> bounded("", field="township")
    ''
    """
    if len(words) > most:
        raise invalid("text-too-long", f"{len(words)} characters.", f"At most {most}.", field=field)
    if not all(sign.isprintable() for sign in words):
        raise invalid("text-unreadable", "There are control characters in it.", "Type it anew.", field=field)
    return words


def one_of(kinds: type[Kind], value: str, *, field: str) -> Kind:
    """Return the member of `kinds` that `value` names. Raises `Invalid` ("choice-unknown").

    >>> from samples.registry.rules import Part
    >>> one_of(Part, "HOLDER", field="part")
    <Part.HOLDER: 'HOLDER'>
    """
    if value not in list(kinds):
        raise invalid(
            "choice-unknown",
            f"“{value[:40]}” is none of the choices.",
            f"Choose one of: {', '.join(kinds)}.",
            field=field,
        )
    return kinds(value)
