"""A phone as the tests hold it: its key, its sequence, what it signs and seals."""

import base64
import hashlib
import json
import uuid
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from lims.ids import uuid7

COLLECTED = "2026-11-03T08:50:00Z"


def plain(value: Any) -> str:
    """Return what JSON has no word for as text."""
    return str(value)


class Phone:
    """An enrolled phone: `sign` makes operations as the application does."""

    def __init__(self, person: Any, *, name: str = "Pixel of the coordinator", enrol: bool = True) -> None:
        from samples.field.envelopes import encoded  # noqa: PLC0415  # settings are known by now
        from samples.field.services import enrol_device  # noqa: PLC0415

        self.person, self.id = person, uuid7()
        self.key = Ed25519PrivateKey.generate()
        raw = self.key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self.public_key = encoded(raw)
        self.sequence = 0
        if enrol:
            self.device, self.token = enrol_device(
                actor=person, device_id=self.id, name=name, public_key=self.public_key, app_version="1"
            )

    def sign(self, payload: str) -> str:
        """Return the signature of a text."""
        from samples.field.envelopes import encoded  # noqa: PLC0415

        return encoded(self.key.sign(payload.encode()))

    def op(self, kind: str, body: dict[str, Any], **changed: Any) -> dict[str, str]:
        """Return the next operation, signed; `changed` replaces parts of the payload."""
        self.sequence += 1
        told = {
            "id": str(uuid7()),
            "device": str(self.id),
            "sequence": self.sequence,
            "kind": kind,
            "made_at": datetime.now(UTC).isoformat(),
            "body": body,
        } | changed
        payload = json.dumps(told, default=plain, ensure_ascii=False)
        return {"payload": payload, "signature": self.sign(payload)}

    def registers(self, batch: Any, tag: str, **changed: Any) -> dict[str, str]:
        """Return an operation that registers a sample with this tag."""
        here = {"at": COLLECTED, "latitude": "26.05", "longitude": "98.35", "accuracy_m": "6"}
        body = {
            "sample_id": str(uuid7()),
            "batch": str(batch.pk),
            "tag": tag,
            "mass_g": "2150",
            "site": "Pit 1",
            "depth_m": "1.5",
            "note": "",
            "collector": "U Ba",
            "here": here,
        } | changed
        return self.op("register_sample", {name: value for name, value in body.items() if value is not None})

    def take(self, *operations: Any, **how: Any) -> list[dict[str, Any]]:
        """Send operations past HTTP and return the answers."""
        from samples.field.models import Device  # noqa: PLC0415
        from samples.field.syncing import Delivery, take  # noqa: PLC0415

        device = Device.objects.select_related("person").get(pk=self.id)
        return take(Delivery(device, **how), list(operations))

    def outbox(self, *operations: Any, photographs: list[bytes] | None = None, **changed: Any) -> bytes:
        """Return the file that the application exports."""
        from samples.field.envelopes import OUTBOX, decoded, encoded, seal  # noqa: PLC0415
        from samples.field.keys import server_key  # noqa: PLC0415

        pictures = changed.pop("pictures", None) or [
            {"sha256": hashlib.sha256(one).hexdigest(), "base64": base64.b64encode(one).decode()}
            for one in photographs or []
        ]
        inside = {
            "device": str(self.id),
            "made_at": datetime.now(UTC).isoformat(),
            "operations": list(operations),
            "photographs": pictures,
        } | changed
        file = seal(server_key(), OUTBOX, json.dumps(inside).encode())
        digest = hashlib.sha256(decoded(file["ciphertext"], field="ciphertext")).digest()
        signed = {"format": OUTBOX, "device": str(self.id), "signature": encoded(self.key.sign(digest))}
        return json.dumps(file | signed).encode()


def body_of(operation: dict[str, str]) -> dict[str, Any]:
    """Return the body of an operation."""
    body: dict[str, Any] = json.loads(operation["payload"])["body"]
    return body


def quarantined() -> dict[str, Any]:
    """Return a locked phone of IREL's coordinator and one record of it in quarantine, for the matrix of access."""
    from samples.field.models import Operation  # noqa: PLC0415
    from samples.field.services import revoke_device  # noqa: PLC0415
    from tests.support.people import person  # noqa: PLC0415

    phone = Phone(person("field_coordinator", "irel"))
    revoke_device(actor=phone.person, device=phone.device, reason="Lost at the river")
    operation = phone.op("report_lost", {"event_id": str(uuid.uuid4())})
    phone.take(operation)
    return {"device": phone.device, "operation": Operation.objects.get(device=phone.id)}
