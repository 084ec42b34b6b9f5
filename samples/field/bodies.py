"""What an operation says, read value by value: whatever a device sends is a value or a refusal, never a crash. Pure."""

from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from uuid import UUID

from lims.errors import Invalid, invalid

#: beyond these no number of ours lies, and arithmetic might overflow
_LARGEST: Final = Decimal(10) ** 12
_SMALLEST_STEP: Final = Decimal("0.000001")
#: so many bags or seals are named at once
MOST: Final = 500
#: a phone whose clock was never set begins in 1970
_FIRST_YEAR, _LAST_YEAR = 1970, 2200


def _malformed(field: str, what: str) -> Invalid:
    return invalid(
        "field-invalid", f"This is no {what}.", "Correct the record and send it again.", field=field
    )


def missing(field: str) -> Invalid:
    """Return the refusal of a record that lacks `field`."""
    return invalid("field-required", "This is missing.", "Correct the record and send it again.", field=field)


def clean(text: str) -> bool:
    """Return whether a text can be kept: no NUL, and no half of a character.

    >>> clean("မြစ်ကြီးနား"), clean("a" + chr(0)), clean(chr(0xD800))
    (True, False, False)
    """
    return "\x00" not in text and not any("\ud800" <= sign <= "\udfff" for sign in text)


def uuid_of(value: Any, *, field: str) -> UUID:
    """Return a UUID written as text. Raises `Invalid` ("field-invalid")."""
    if not isinstance(value, str) or len(value) != 36:
        raise _malformed(field, "UUID")
    try:
        return UUID(value)
    except ValueError as error:
        raise _malformed(field, "UUID") from error


def is_uuid(value: Any) -> bool:
    """Return whether this is a UUID written as text.

    >>> is_uuid("01a208d6-985d-7054-8e20-0ac97ca1a980"), is_uuid(7)
    (True, False)
    """
    try:
        uuid_of(value, field="id")
    except Invalid:
        return False
    return True


def moment_of(value: Any, *, field: str) -> datetime:
    """Return a time written in ISO 8601 with its zone. Raises `Invalid` ("field-invalid").

    >>> moment_of("2026-11-03T08:50:00Z", field="at")
    datetime.datetime(2026, 11, 3, 8, 50, tzinfo=datetime.timezone.utc)
    """
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) and len(value) <= 40 else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not _FIRST_YEAR <= at.year <= _LAST_YEAR:
        raise _malformed(field, "time with its zone")
    return at.astimezone(UTC)


def number_of(value: Any, *, field: str) -> Decimal:
    """Return a number, written as text or as a number, with at most six decimals. Raises `Invalid` ("field-invalid").

    >>> number_of("2150.5", field="mass_g")
    Decimal('2150.5')
    """
    written = isinstance(value, str) and len(value) <= 40 and value.isascii() and "_" not in value
    counted = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not written and not counted:
        raise _malformed(field, "number")
    try:
        number = Decimal(value)
    except InvalidOperation as error:
        raise _malformed(field, "number") from error
    if not number.is_finite() or abs(number) >= _LARGEST:
        raise _malformed(field, "number")
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)  # it is finite
    return number.quantize(_SMALLEST_STEP) if exponent < -6 else number


class Body:
    """The object that an operation carries; each value is asked for by name, and `finish` refuses what nobody asked for.

    >>> body = Body({"mass_g": "2150", "note": "wet"})
    >>> body.number("mass_g"), body.text("note"), body.text("site")
    (Decimal('2150'), 'wet', '')
    >>> body.finish()
    """

    def __init__(self, given: Any, *, field: str = "body") -> None:
        if not isinstance(given, Mapping):
            raise _malformed(field, "object")
        self._given: Mapping[str, Any] = given
        self._field = field
        self._asked: set[str] = set()

    def _value(self, name: str) -> Any:
        self._asked.add(name)
        return self._given.get(name)

    def _place(self, name: str) -> str:
        return name if self._field == "body" else f"{self._field}.{name}"

    def has(self, name: str) -> bool:
        """Return whether `name` is there and not null."""
        return self._value(name) is not None

    def raw(self, name: str) -> Any:
        """Return the value as it came; whoever takes it reads it with care."""
        return self._value(name)

    def text(self, name: str, *, most: int = 4000) -> str:
        """Return a text, "" when there is none. Raises `Invalid` ("field-invalid", "text-too-long", "text-unreadable")."""
        value = self._value(name)
        if value is None:
            return ""
        place = self._place(name)
        if not isinstance(value, str):
            raise _malformed(place, "text")
        if len(value) > most:
            raise invalid("text-too-long", f"{len(value)} characters.", f"At most {most}.", field=place)
        if not clean(value):
            raise invalid(
                "text-unreadable",
                "There are characters in it that no text has.",
                "Type it anew.",
                field=place,
            )
        return value

    def id(self, name: str) -> UUID:
        """Return an id that must be there. Raises `Invalid` ("field-required", "field-invalid")."""
        found = self.maybe_id(name)
        if found is None:
            raise missing(self._place(name))
        return found

    def maybe_id(self, name: str) -> UUID | None:
        """Return an id, None when there is none."""
        value = self._value(name)
        return None if value is None else uuid_of(value, field=self._place(name))

    def ids(self, name: str) -> list[UUID]:
        """Return ids, each once, in their order. Raises `Invalid` ("field-required", "field-invalid", "too-many")."""
        found = [uuid_of(value, field=self._place(name)) for value in self._list(name)]
        return list(dict.fromkeys(found))

    def number(self, name: str) -> Decimal:
        """Return a number that must be there. Raises `Invalid` ("field-required", "field-invalid")."""
        found = self.maybe_number(name)
        if found is None:
            raise missing(self._place(name))
        return found

    def maybe_number(self, name: str) -> Decimal | None:
        """Return a number, None when there is none."""
        value = self._value(name)
        return None if value is None or value == "" else number_of(value, field=self._place(name))

    def moment(self, name: str) -> datetime:
        """Return a time that must be there. Raises `Invalid` ("field-required", "field-invalid")."""
        found = self.maybe_moment(name)
        if found is None:
            raise missing(self._place(name))
        return found

    def maybe_moment(self, name: str) -> datetime | None:
        """Return a time, None when there is none."""
        value = self._value(name)
        return None if value is None else moment_of(value, field=self._place(name))

    def pairs(self, name: str) -> list[tuple[str, str]]:
        """Return pairs of texts (maker and number of seals). Raises `Invalid` ("field-invalid", "too-many")."""
        place = self._place(name)
        found = []
        for value in self._list(name):
            if not isinstance(value, list | tuple) or len(value) != 2:
                raise _malformed(place, "pair of maker and number")
            pair = Body({"maker": value[0], "number": value[1]}, field=place)
            found.append((pair.text("maker", most=60), pair.text("number", most=60)))
        return found

    def inner(self, name: str) -> "Body | None":
        """Return the object under `name`, None when there is none. Raises `Invalid` ("field-invalid")."""
        value = self._value(name)
        return None if value is None else Body(value, field=self._place(name))

    def objects(self, name: str) -> list["Body"]:
        """Return the objects in the list under `name`. Raises `Invalid` ("field-required", "field-invalid", "too-many")."""
        return [Body(value, field=self._place(name)) for value in self._list(name)]

    def _list(self, name: str) -> list[Any]:
        value = self._value(name)
        place = self._place(name)
        if value is None:
            raise missing(place)
        if not isinstance(value, list):
            raise _malformed(place, "list")
        if len(value) > MOST:
            raise invalid("too-many", f"{len(value)} at once.", f"At most {MOST}.", field=place)
        return value

    def finish(self) -> None:
        """Raise `Invalid` ("field-unknown") when something was sent that nobody asked for: a slip must not lose a value."""
        unknown = sorted(str(name) for name in self._given if name not in self._asked)
        if unknown:
            raise invalid(
                "field-unknown",
                f"There is no field “{unknown[0][:40]}” here.",
                "Update the application on the phone, then send it again.",
                field=self._place(unknown[0][:40]) if clean(unknown[0]) else self._field,
            )
