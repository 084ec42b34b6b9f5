"""A profile's conventions in words, and what of them may be said. Pure."""

from collections.abc import Sequence
from typing import Any, Final

from assays.chemistry.cells import Conventions
from lims.errors import invalid

MOST_TEXTS, LONGEST_TEXT = 40, 60
_NOTHING: Final = (
    "Nothing beyond what every file may say: a minus is a minus, a zero a zero, a point the decimal sign."
)


def _quoted(texts: frozenset[str]) -> str:
    return ", ".join(f"“{text}”" for text in sorted(texts))


def in_words(conventions: Conventions) -> Sequence[str]:
    """Return what a profile says of cells, a sentence each.

    >>> in_words(Conventions(below=frozenset({"x"}), decimal_comma=True))
    ['“x” means below the detection limit.', 'The comma is the decimal sign: 1,25 is 1.25.']
    """
    said = []
    if conventions.leading_minus_below:
        said.append("A leading minus means below the detection limit: -0.05 is <0.05.")
    if conventions.zero_below:
        said.append("A zero means below the detection limit.")
    if conventions.below:
        one = "means" if len(conventions.below) == 1 else "mean"
        said.append(f"{_quoted(conventions.below)} {one} below the detection limit.")
    if conventions.not_analysed:
        one = "means" if len(conventions.not_analysed) == 1 else "mean"
        said.append(f"{_quoted(conventions.not_analysed)} {one} not analysed.")
    if conventions.decimal_comma:
        said.append("The comma is the decimal sign: 1,25 is 1.25.")
    return said or [_NOTHING]


def checked(data: dict[str, Any]) -> Conventions:
    """Return the conventions that somebody says.

    Raises `Invalid` ("convention-unknown", "convention-malformed", "convention-twice": a text cannot mean both,
    "text-too-long", "text-unreadable").

    >>> checked({"below": ["BDL"], "leading_minus_below": True}).below
    frozenset({'bdl'})
    """
    found = Conventions.from_dict(data)
    for name in ("below", "not_analysed"):
        texts = getattr(found, name)
        if len(texts) > MOST_TEXTS or any(len(text) > LONGEST_TEXT for text in texts):
            remedy = f"At most {MOST_TEXTS} texts of {LONGEST_TEXT} characters."
            raise invalid("text-too-long", "These are too many texts, or too long ones.", remedy, field=name)
        if any(not text or not text.isprintable() for text in texts):
            raise invalid(
                "text-unreadable", "One of the texts cannot be seen.", "Type them anew.", field=name
            )
    both = found.below & found.not_analysed
    if both:
        message = f"{_quoted(both)} cannot mean both below the limit and not analysed."
        raise invalid("convention-twice", message, "Say it once.", field="not_analysed")
    return found
