"""An outbox that somebody carried by hand: a file sealed to the server and signed by the phone, applied as if it had synced."""

import base64
import binascii
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.utils import timezone

from lims.accounts.models import User
from lims.errors import Invalid, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.field import permissions  # noqa: F401  # permissions register by name
from samples.field.bodies import moment_of, uuid_of
from samples.field.contacts import known_offset
from samples.field.envelopes import OUTBOX, decoded, opened, signed_by
from samples.field.keeping import KEEPER
from samples.field.keys import opening_key
from samples.field.models import Device, OutboxFile
from samples.field.reading import parsed
from samples.field.rules import LARGEST_FILE, MOST_IN_A_FILE, Answer, corrected_by
from samples.field.syncing import Delivery, take
from samples.field.uploads import keep_whole
from samples.registry.arguments import person_of

_PHOTOGRAPHS: Final = 2_000


@dataclass(frozen=True, slots=True)
class Outbox:
    """What a file holds: whose it is, when it was made by the phone's clock, operations and photographs."""

    device: Device
    made_at: datetime | None
    operations: Sequence[Any]
    photographs: Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Carried:
    """What became of a file: the device, the answers in the order of its operations, and how many photographs it had."""

    device: Device
    answers: list[dict[str, Any]]
    photographs: int

    def answers_for(self, user: User) -> list[dict[str, Any]]:
        """Return the answers as the uploader may read them: words and results are for the person of the device."""
        if user.pk == self.device.person_id:
            return self.answers
        hidden = {"message": "", "what_to_do": "", "field": None, "result": None}
        return [answer | hidden for answer in self.answers]

    def counts(self) -> dict[str, int]:
        """Return how many operations were answered how."""
        given = [answer["answer"] for answer in self.answers]
        return {str(answer): given.count(str(answer)) for answer in Answer}


def _unreadable(message: str) -> Invalid:
    return invalid(
        "outbox-unreadable", message, "Export it again on the phone and carry that file.", field="file"
    )


def open_file(content: bytes) -> Outbox:
    """Return what a file holds, checked against its device's signature.

    Raises `Invalid` ("outbox-too-large", "outbox-unreadable", "device-unknown", "signature-wrong", "envelope-unreadable").
    """
    if len(content) > LARGEST_FILE:
        raise invalid(
            "outbox-too-large",
            f"The file has {len(content) // 1024**2} MB.",
            f"At most {LARGEST_FILE // 1024**2} MB: export it in several files.",
            field="file",
        )
    file = _object(content)
    if file.get("format") != OUTBOX:
        raise _unreadable("This is no outbox of the field application.")
    device = _device(file.get("device"))
    ciphertext = decoded(file.get("ciphertext"), field="ciphertext")
    if not signed_by(device.public_key, file.get("signature"), hashlib.sha256(ciphertext).digest()):
        raise invalid(
            "signature-wrong",
            "The phone that this file names did not sign it, or it was altered on the way.",
            "Export it again on the phone and carry that file.",
            field="file",
        )
    inside = _object(opened(opening_key(), OUTBOX, file))
    operations, photographs = inside.get("operations", []), inside.get("photographs", [])
    if inside.get("device") != file.get("device") or not isinstance(operations, list):
        raise _unreadable("What is inside does not belong to what is outside.")
    if len(operations) > MOST_IN_A_FILE:
        raise _unreadable(f"It holds {len(operations)} records; at most {MOST_IN_A_FILE} travel together.")
    made_at = None if inside.get("made_at") is None else moment_of(inside["made_at"], field="made_at")
    return Outbox(device, made_at, operations, _pictures(photographs))


def _object(content: bytes) -> Mapping[str, Any]:
    try:
        found = parsed(content.decode())
    except UnicodeDecodeError as error:
        raise _unreadable("This is no outbox of the field application.") from error
    except Invalid as error:
        raise _unreadable("The file cannot be read to its end.") from error
    if not isinstance(found, Mapping):
        raise _unreadable("This is no outbox of the field application.")
    return found


def _device(named: Any) -> Device:
    found = Device.objects.select_related("person").filter(pk=uuid_of(named, field="device")).first()
    if found is None:
        raise invalid(
            "device-unknown",
            "The phone that this file names is not known here.",
            "Carry the file to the server at which the phone is enrolled.",
            field="file",
        )
    return found


def _pictures(told: Any) -> list[bytes]:
    """Return the photographs of a file; what is none is left out, and asked for again by its operation."""
    found = []
    for one in told[:_PHOTOGRAPHS] if isinstance(told, list) else []:
        text = one.get("base64") if isinstance(one, Mapping) else None
        try:
            found.append(base64.b64decode(text, validate=True) if isinstance(text, str) else b"")
        except (ValueError, binascii.Error):
            continue
    return [picture for picture in found if picture]


def carry(content: bytes, *, by: User) -> Carried:
    """Take an outbox that `by` brought: photographs first, then its operations, in the name of the phone's person.

    Raises as `open_file`. Whatever is in it twice, or came by the network as well, has its effect once.
    """
    outbox = open_file(content)
    kept = [keep_whole(actor=KEEPER, device=outbox.device, content=one) for one in outbox.photographs]
    delivery = Delivery(outbox.device, _offset(outbox), by_file=True, brought_by=by)
    answers = take(delivery, outbox.operations)
    keep_file(actor=by, device=outbox.device, sha256=hashlib.sha256(content).hexdigest(), answers=answers)
    return Carried(outbox.device, answers, sum(one is not None for one in kept))


def _offset(outbox: Outbox) -> timedelta:
    """Return by how much the phone's times are corrected: as at its last contact, or at least so that nothing is to come."""
    known = known_offset(outbox.device)
    ahead = outbox.made_at - timezone.now() if outbox.made_at else timedelta(0)
    return known or corrected_by(max(ahead, timedelta(0)))


@verb
def keep_file(
    *, actor: Actor, device: Device, sha256: str, answers: Sequence[Mapping[str, Any]]
) -> OutboxFile:
    """Write down who brought which outbox, and what was answered."""
    permit(actor, "field.carry")
    told = [{name: answer[name] for name in ("id", "sequence", "answer", "code")} for answer in answers]
    return OutboxFile.objects.create(
        sha256=sha256, device=device, uploaded_by=person_of(actor), operations=len(told), answers=told
    )
