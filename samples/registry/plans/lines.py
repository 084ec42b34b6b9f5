"""Sites as they are typed or pasted from a spreadsheet: a line for each, and back. Pure."""

import re
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Final

from lims.errors import Invalid, Place, Problem
from samples.registry.plans.rules import SiteDraft

#: name, number, latitude, longitude, note
_PARTS: Final = 5
_NUMBER: Final = re.compile(r"[0-9]{1,5}")


def read_sites(text: str) -> list[SiteDraft]:
    r"""Return the sites of a text: name, number, and if known latitude, longitude (degrees) and a note, in each line.

    Parts stand between tabs, else semicolons, else commas. Raises `Invalid` with a problem for each line that is not
    understood ("site-line", row = the line).

    >>> [(site.name, site.planned_number, site.latitude) for site in read_sites("Pit 1\t5\nHeap; 3; 26.05; 98.35; wet")]
    [('Pit 1', 5, None), ('Heap', 3, Decimal('26.05'))]
    """
    made: list[SiteDraft] = []
    problems: list[Problem] = []
    for row, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        site = _site(line)
        if isinstance(site, str):
            remedy = "Write it as: Pit 1; 5; 26.0498; 98.3512; upper bench. The place and the note may be left out."
            problems.append(
                Problem("site-line", f"Line {row}: {site}", remedy, Place(row=row, field="sites"))
            )
        else:
            made.append(site)
    if problems:
        raise Invalid(*problems)
    return made


def _site(line: str) -> SiteDraft | str:
    """Return the site of one line, or what is wrong with it."""
    between = next((sign for sign in ("\t", ";", ",") if sign in line), ";")
    parts = [part.strip() for part in line.split(between, _PARTS - 1)]
    name, number, latitude, longitude, note = (*parts, *[""] * (_PARTS - len(parts)))
    if not name:
        return "the site has no name."
    if not _NUMBER.fullmatch(number) or not number.isascii():
        return f"“{number[:20]}” is no number of samples."
    try:
        north, east = _degrees(latitude), _degrees(longitude)
    except InvalidOperation:
        return f"“{latitude[:20]}”, “{longitude[:20]}” is no place."
    return SiteDraft(name, int(number), north, east, note)


def _degrees(text: str) -> Decimal | None:
    """Return the degrees of a text; None when it is empty. Raises `InvalidOperation`."""
    if not text:
        return None
    found = Decimal(text)
    if not found.is_finite():
        raise InvalidOperation
    return found


def write_sites(sites: Iterable[SiteDraft]) -> str:
    r"""Return sites as lines that `read_sites` reads.

    >>> write_sites([SiteDraft("Pit 1", 5), SiteDraft("Heap", 3, Decimal("26.05"), Decimal("98.35"), "wet")])
    'Pit 1; 5\nHeap; 3; 26.05; 98.35; wet'
    """
    return "\n".join(_line(site) for site in sites)


def _line(site: SiteDraft) -> str:
    place = [] if site.latitude is None or site.longitude is None else [site.latitude, site.longitude]
    blank = ["", ""] if site.note and not place else []
    parts = [site.name, str(site.planned_number), *(format(part.normalize(), "f") for part in place), *blank]
    return "; ".join([*parts, site.note] if site.note else parts)
