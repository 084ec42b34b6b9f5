"""Words, limits and codes of the registry: pure, and the same for form, list and API."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Final

from stdnum.iso7064 import mod_37_36

from lims.errors import invalid


class MaterialType(StrEnum):
    """What a batch is made of; a batch has one, and is judged as one."""

    ION_ADSORPTION_CLAY = "ION_ADSORPTION_CLAY"
    WEATHERED_GRANITE = "WEATHERED_GRANITE"
    HARD_ROCK = "HARD_ROCK"
    LEACH_PRECIPITATE = "LEACH_PRECIPITATE"
    MIXED_CONCENTRATE = "MIXED_CONCENTRATE"


class DueDiligence(StrEnum):
    """What we know of a mine's conditions."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"
    UNKNOWN = "UNKNOWN"


class BatchState(StrEnum):
    """Whether samples may still be added to a batch."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class SampleState(StrEnum):
    """A registered sample counts; a withdrawn one stays, with its reason, and does not."""

    REGISTERED = "REGISTERED"
    WITHDRAWN = "WITHDRAWN"


class Part(StrEnum):
    """What an organisation that does not own a batch does with it."""

    HOLDER = "HOLDER"
    TESTER = "TESTER"


class NumberKind(StrEnum):
    """Whose number an external number is."""

    FIELD = "FIELD"
    LABORATORY = "LABORATORY"


class BlindKind(StrEnum):
    """What the owner put into a bag instead of a sample, unknown to the laboratory."""

    BLANK = "BLANK"
    CRM = "CRM"


class HoldKind(StrEnum):
    """Why a sample must wait."""

    RADIOLOGICAL = "RADIOLOGICAL"
    CUSTODY = "CUSTODY"
    ADMINISTRATIVE = "ADMINISTRATIVE"


class ListState(StrEnum):
    """Where a list of samples is on its way from a file to the record."""

    WAITING = "WAITING"
    READ = "READ"
    REFUSED = "REFUSED"
    COMMITTING = "COMMITTING"
    COMMITTED = "COMMITTED"
    DISCARDED = "DISCARDED"


MATERIAL_LABELS: Final[Mapping[MaterialType, str]] = {
    MaterialType.ION_ADSORPTION_CLAY: "Ion-adsorption clay",
    MaterialType.WEATHERED_GRANITE: "Weathered granite",
    MaterialType.HARD_ROCK: "Hard rock",
    MaterialType.LEACH_PRECIPITATE: "Leach precipitate (carbonate)",
    MaterialType.MIXED_CONCENTRATE: "Mixed rare-earth concentrate",
}
NUMBER_LABELS: Final[Mapping[NumberKind, str]] = {
    NumberKind.FIELD: "Field number",
    NumberKind.LABORATORY: "Laboratory number",
}
BLIND_LABELS: Final[Mapping[BlindKind, str]] = {
    BlindKind.BLANK: "Blank",
    BlindKind.CRM: "Reference material",
}
HOLD_LABELS: Final[Mapping[HoldKind, str]] = {
    HoldKind.RADIOLOGICAL: "Radiological hold",
    HoldKind.CUSTODY: "Custody hold",
    HoldKind.ADMINISTRATIVE: "Administrative hold",
}
BATCH_TRANSITIONS: Final[Mapping[BatchState, frozenset[BatchState]]] = {
    BatchState.OPEN: frozenset({BatchState.CLOSED}),
    BatchState.CLOSED: frozenset({BatchState.OPEN}),
}
SAMPLE_TRANSITIONS: Final[Mapping[SampleState, frozenset[SampleState]]] = {
    SampleState.REGISTERED: frozenset({SampleState.WITHDRAWN}),
    SampleState.WITHDRAWN: frozenset(),
}
LIST_TRANSITIONS: Final[Mapping[ListState, frozenset[ListState]]] = {
    ListState.WAITING: frozenset({ListState.READ, ListState.REFUSED, ListState.DISCARDED}),
    ListState.READ: frozenset({ListState.COMMITTING, ListState.DISCARDED}),
    # A commit that meets what has changed meanwhile goes back to the preview, with the rows as they are now.
    ListState.COMMITTING: frozenset({ListState.COMMITTED, ListState.READ}),
    ListState.REFUSED: frozenset({ListState.DISCARDED}),
    ListState.COMMITTED: frozenset(),
    ListState.DISCARDED: frozenset(),
}

# --- Tags -----------------------------------------------------------------------------------------

_TAG: Final = re.compile(r"[A-Z]{2}[0-9]{6}[0-9A-Z]")
#: what a label's QR code holds: the address at which a phone's ordinary camera opens the bag's page
_ADDRESS: Final = re.compile(r"https?://[^\s/?#]+(?:/[^\s/?#]+)*?/t/([^\s/?#]+)/?", re.IGNORECASE)
#: tags of one owner are numbered up to here
LAST_TAG_NUMBER: Final = 999_999
MOST_TAGS_AT_ONCE: Final = 1000


def read_prefix(text: str) -> str:
    """Return the two letters on an owner's tags. Raises `Invalid` ("tag-prefix-form").

    >>> read_prefix(" kc")
    'KC'
    """
    letters = text.strip().upper()
    if not re.fullmatch("[A-Z]{2}", letters):
        raise invalid(
            "tag-prefix-form", "Tags begin with two letters, A to Z.", "For example KC.", field="prefix"
        )
    return letters


def make_tag(prefix: str, number: int) -> str:
    """Return the tag code of an owner's two letters and a running number, with its check character.

    The check character is ISO/IEC 7064:2003 MOD 37,36: it finds every single wrong character and every swap of neighbours.

    >>> make_tag("KC", 123)
    'KC000123J'
    """
    stem = f"{prefix}{number:06d}"
    return stem + mod_37_36.calc_check_digit(stem)


def tag_address(site: str, code: str) -> str:
    """Return what the QR code of a tag holds: the address of its bag's page at a site.

    >>> tag_address("https://lims.example/", "KC000123J")
    'https://lims.example/t/KC000123J'
    """
    return f"{site.rstrip('/')}/t/{code}"


def show_tag(code: str) -> str:
    """Return a tag code as people read it.

    >>> show_tag("KC000123J")
    'KC-000123-J'
    """
    return f"{code[:2]}-{code[2:8]}-{code[8:]}"


def read_tag(text: str) -> str:
    """Return the tag code that was scanned or typed, in whatever case and with whatever spaces and hyphens.

    The address in a label's QR code stands for the tag at its end, whatever site printed it.
    Raises `Invalid` ("tag-malformed", "tag-check-character").

    >>> read_tag(" kc-000123-j "), read_tag("https://lims.example/t/KC000123J")
    ('KC000123J', 'KC000123J')
    """
    address = _ADDRESS.fullmatch(text.strip())
    code = re.sub(r"[\s‐-―-]+", "", address[1] if address else text).upper()
    if not _TAG.fullmatch(code):
        raise invalid(
            "tag-malformed",
            f"“{text.strip()[:40]}” is not a tag.",
            "A tag looks like KC-000123-J. Scan it again.",
            field="tag",
        )
    if not mod_37_36.is_valid(code):
        raise invalid(
            "tag-check-character",
            f"{show_tag(code)} does not fit its check character: a character was misread.",
            "Scan or type the tag again.",
            field="tag",
        )
    return code


# --- Limits ---------------------------------------------------------------------------------------

#: Kachin State lies within 23.9 to 28.6° N and 95.9 to 98.8° E (Natural Earth 5.1, admin 1, 2022); a margin of 0.3°
REGION: Final = {
    "latitude": (Decimal("23.6"), Decimal("28.9")),
    "longitude": (Decimal("95.6"), Decimal("99.1")),
}
LARGEST_MASS_G: Final = Decimal(100_000)
EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
CLOCK_SKEW: Final = timedelta(minutes=5)


def _within(latitude: Decimal, longitude: Decimal) -> bool:
    south, north = REGION["latitude"]
    west, east = REGION["longitude"]
    return south <= latitude <= north and west <= longitude <= east


def check_place(latitude: Decimal, longitude: Decimal) -> None:
    """Raise `Invalid` ("place-outside-region") for a place (WGS 84, degrees) that is not in or near Kachin State.

    >>> check_place(Decimal("26.1"), Decimal("98.4"))
    """
    if _within(latitude, longitude):
        return
    swapped = _within(longitude, latitude)
    raise invalid(
        "place-outside-region",
        f"{latitude}, {longitude} is not in Kachin State.",
        "Latitude and longitude look swapped."
        if swapped
        else "Latitude is about 26, longitude about 98, in degrees.",
        field="latitude",
    )


def check_mass(mass_g: Decimal) -> None:
    """Raise `Invalid` ("mass-not-positive", "mass-too-large") for a mass in grams that no bag has.

    >>> check_mass(Decimal("2150"))
    """
    if mass_g <= 0:
        raise invalid("mass-not-positive", f"The mass is {mass_g} g.", "Weigh the bag again.", field="mass_g")
    if mass_g > LARGEST_MASS_G:
        raise invalid(
            "mass-too-large",
            f"The mass is {mass_g} g, over 100 kg.",
            "Was it entered in grams instead of kilograms?",
            field="mass_g",
        )


def check_collected(at: datetime, *, now: datetime) -> None:
    """Raise `Invalid` ("date-in-future", "date-too-old") for a time at which nothing of ours was collected.

    >>> check_collected(datetime(2026, 11, 3, tzinfo=UTC), now=datetime(2026, 11, 4, tzinfo=UTC))
    """
    if at > now + CLOCK_SKEW:
        raise invalid(
            "date-in-future",
            f"{at:%Y-%m-%d %H:%M} has not come yet.",
            "Check the year and the clock.",
            field="collected_at",
        )
    if at < EARLIEST:
        raise invalid(
            "date-too-old", f"{at:%Y-%m-%d} is before 2000.", "Check the year.", field="collected_at"
        )


def rounded(degrees: Decimal) -> Decimal:
    """Return a coordinate as those see it who may not know the exact place: to 0.1°, about 11 km.

    >>> rounded(Decimal("26.149999"))
    Decimal('26.1')
    """
    return degrees.quantize(Decimal("0.1"), ROUND_HALF_EVEN)


#: photographs as they come from the phone (PRODUCT: at most 1600 px and 400 kB)
PHOTOGRAPH_TYPES: Final = ("image/jpeg", "image/png")
LARGEST_PHOTOGRAPH_PX: Final = 1600
LARGEST_PHOTOGRAPH_BYTES: Final = 400_000
