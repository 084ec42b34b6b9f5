"""Phones of the demonstration: one at work with records unsent, and one that was lost and sends too late."""

import json
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils import timezone

from lims.accounts.models import User
from lims.accounts.rules import Role
from lims.ids import uuid7
from samples.field import services
from samples.field.envelopes import encoded
from samples.field.models import Device
from samples.field.syncing import Delivery, take
from samples.registry.models import Batch, Tag

People = Mapping[tuple[str, Role], User]
VERSION = "1.4.0"


def add_phones(people: People, batch: Batch) -> None:
    """Enrol the coordinators' phones; lock one that was lost: what it sends afterwards of `batch` is in quarantine."""
    coordinator = people["MIDWEST", Role.FIELD_COORDINATOR]
    here, _ = _enrolled(coordinator, "Phone of Maran Brang")
    services.note_contact(
        actor=coordinator, device=here, offset=timedelta(seconds=-4), unsent=0, app_version=VERSION
    )
    owner = people["IREL", Role.FIELD_COORDINATOR]
    new, _ = _enrolled(owner, "Galaxy XCover 2")
    services.note_contact(
        actor=owner, device=new, offset=timedelta(seconds=11), unsent=3, app_version=VERSION
    )
    lost, key = _enrolled(owner, "Galaxy XCover 1")
    services.revoke_device(
        actor=people["IREL", Role.MANAGER],
        device=lost,
        reason="Left in the lorry at the ferry; found by the driver two days later.",
    )
    device = Device.objects.select_related("person").get(pk=lost.pk)
    answers = take(Delivery(device), [_registration(device, key, batch, owner)])
    if answers[0]["answer"] != "quarantined":
        raise RuntimeError(f"The lost phone was answered {answers}")


def _enrolled(person: User, name: str) -> tuple[Device, Ed25519PrivateKey]:
    key = Ed25519PrivateKey.generate()
    public = encoded(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))
    device, _ = services.enrol_device(
        actor=person, device_id=uuid7(), name=name, public_key=public, app_version=VERSION
    )
    return device, key


def _registration(device: Device, key: Ed25519PrivateKey, batch: Batch, person: User) -> dict[str, str]:
    """Return what the phone's first record says: a sample of `batch`, signed by it."""
    at = timezone.now() - timedelta(days=2)
    tag = Tag.objects.filter(owner=batch.owner, block=None, sample=None).order_by("-code").first()
    assert tag is not None
    body = {
        "sample_id": str(uuid7()),
        "batch": str(batch.pk),
        "tag": tag.code,
        "mass_g": "4180",
        "site": "Face 3",
        "collector": person.name,
        "here": {
            "at": at.isoformat(),
            "latitude": str(batch.mine.latitude + Decimal("0.0004")),
            "longitude": str(batch.mine.longitude),
            "accuracy_m": "7",
        },
    }
    told = {"id": str(uuid7()), "device": str(device.pk), "sequence": 1, "kind": "register_sample"}
    payload = json.dumps(told | {"made_at": at.isoformat(), "body": body}, ensure_ascii=False)
    return {"payload": payload, "signature": encoded(key.sign(payload.encode()))}
