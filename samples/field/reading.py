"""An operation as it came from a device, read and checked against its signature: an operation or a refusal. No database."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NoReturn
from uuid import UUID

from lims.errors import DomainError, Invalid, Problem, invalid
from samples.field.bodies import clean, missing, moment_of, uuid_of
from samples.field.envelopes import signed_by

#: one act of a person is no larger; photographs travel by themselves
LONGEST_PAYLOAD: Final = 65_536
_LAST_SEQUENCE: Final = 2**63 - 1
_FIELDS: Final = frozenset({"id", "device", "sequence", "kind", "made_at", "body", "replaces"})


@dataclass(frozen=True, slots=True)
class Sent:
    """One act that a device signed: what it says of itself, its body, and the text exactly as it was signed."""

    id: UUID
    device: UUID
    sequence: int
    kind: str
    made_at: datetime
    body: Mapping[str, Any]
    payload: str
    signature: str


@dataclass(frozen=True, slots=True)
class Unread:
    """What cannot be taken as an operation: why, and what it says of itself as far as that can be read."""

    id: UUID | None
    sequence: int | None
    payload: str
    problem: Problem


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def parsed(text: str) -> Any:
    """Return the JSON in `text` with exact numbers. Raises `Invalid` ("json-unreadable").

    >>> parsed('{"mass_g": 2150.10}')
    {'mass_g': Decimal('2150.10')}
    """
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError, InvalidOperation) as error:
        raise invalid(
            "json-unreadable", "This is no JSON that can be read.", "Send it again.", field="payload"
        ) from error


def kept_text(text: Any) -> str:
    """Return a text as PostgreSQL can keep it, cut to the length of a payload: evidence of what could not be read.

    >>> kept_text("a" + chr(0) + chr(0xD800))
    'a�?'
    """
    words = text if isinstance(text, str) else repr(text)[:LONGEST_PAYLOAD]
    return words[:LONGEST_PAYLOAD].replace("\x00", "\ufffd").encode("utf-8", "replace").decode()


def read(item: Any, *, device: UUID, public_key: str) -> Sent | Unread:
    """Return the operation in `item` ({payload, signature}) if this device signed it, else why it is none.

    Codes: "operation-malformed", "operation-too-large", "payload-unreadable", "json-unreadable", "signature-wrong",
    "device-another", "field-required", "field-invalid", "field-unknown".
    """
    payload = item.get("payload") if isinstance(item, Mapping) else None
    told: Any = None
    try:
        text = _text(item)
        told = parsed(text)
        if not signed_by(public_key, item.get("signature"), text.encode()):
            raise invalid(
                "signature-wrong",
                "The signature is not that of this phone.",
                "Sign in on the phone again, then send it again.",
                field="signature",
            )
        return _sent(told, text, item["signature"], device)
    except DomainError as error:
        known = told if isinstance(told, Mapping) else {}
        kept = kept_text(payload if payload is not None else item)
        return Unread(_id(known), _sequence(known), kept, error.problems[0])


def _text(item: Any) -> str:
    text = item.get("payload") if isinstance(item, Mapping) else None
    if not isinstance(text, str):
        raise invalid(
            "operation-malformed",
            "An operation is a payload and its signature.",
            "Update the application on the phone.",
            field="operations",
        )
    if len(text) > LONGEST_PAYLOAD:
        raise invalid(
            "operation-too-large",
            f"{len(text)} characters.",
            f"At most {LONGEST_PAYLOAD}: shorten the note.",
            field="payload",
        )
    if not clean(text):
        raise invalid(
            "payload-unreadable",
            "There are characters in it that no text has.",
            "Type the text anew and send it again.",
            field="payload",
        )
    return text


def _sent(told: Any, text: str, signature: str, device: UUID) -> Sent:
    if not isinstance(told, Mapping):
        raise invalid("operation-malformed", "A payload is an object.", "Send it again.", field="payload")
    for name in sorted(_FIELDS - {"replaces"}):
        if told.get(name) is None:
            raise missing(name)
    unknown = sorted(set(told) - _FIELDS)
    if unknown:
        raise invalid(
            "field-unknown",
            "There is a field in the payload that nobody knows.",
            "Update the application on the phone, then send it again.",
            field="payload",
        )
    sequence, kind = _sequence(told), told["kind"]
    if (
        sequence is None
        or not isinstance(kind, str)
        or not clean(kind)
        or not isinstance(told["body"], Mapping)
    ):
        raise invalid(
            "operation-malformed",
            "Sequence, kind or body is not as it must be.",
            "Send it again.",
            field="payload",
        )
    if uuid_of(told["device"], field="device") != device:
        raise invalid(
            "device-another",
            "Another phone signed this.",
            "Send it from that phone, or by a file.",
            field="device",
        )
    if told.get("replaces") is not None:
        uuid_of(told["replaces"], field="replaces")
    return Sent(
        id=uuid_of(told["id"], field="id"),
        device=device,
        sequence=sequence,
        kind=kind[:40],
        made_at=moment_of(told["made_at"], field="made_at"),
        body=told["body"],
        payload=text,
        signature=signature,
    )


def _id(told: Mapping[str, Any]) -> UUID | None:
    try:
        return uuid_of(told.get("id"), field="id")
    except Invalid:
        return None


def _sequence(told: Mapping[str, Any]) -> int | None:
    value = told.get("sequence")
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 <= value <= _LAST_SEQUENCE else None
