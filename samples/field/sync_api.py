"""What phones call: sync, photographs in parts, outboxes that were carried."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final

import rules
from django.core.exceptions import RequestDataTooBig
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.parsers import BaseParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lims.accounts.authentication import person
from lims.api.access import DeclaredAccess
from lims.api.problems import response_of
from lims.errors import Conflict, invalid
from samples.field import api_shapes as shapes
from samples.field import services
from samples.field.authentication import DEVICES, device_in
from samples.field.bodies import Body
from samples.field.carrying import carry
from samples.field.changes import changes_since
from samples.field.contacts import is_news
from samples.field.keeping import KEEPER
from samples.field.models import Device, PartialPhotograph
from samples.field.rules import MOST_BYTES, MOST_OPERATIONS, corrected_by
from samples.field.syncing import Delivery, take
from samples.field.throttling import PerDevice
from samples.field.uploads import LARGEST_PHOTOGRAPH, keep_part, part_of, status_of

_MOST_UNSENT = 2_000_000
#: each operation and each part has its own key inside (its id, its SHA-256), so the header says nothing here
OWN_KEYS: Final = {"x-idempotency-key": False}
SHA256 = OpenApiParameter("sha256", OpenApiTypes.STR, OpenApiParameter.PATH)


class DeviceAccess(DeclaredAccess):
    """As declared; besides, an enrolled device always gets in: what it sends after it was locked goes into quarantine."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return whether the caller may call this action."""
        return isinstance(request.auth, Device) or super().has_permission(request, view)


class Sync(APIView):
    """What happened on a phone, and what changed here meanwhile."""

    access = "field.use"
    authentication_classes = DEVICES
    permission_classes = (DeviceAccess,)
    throttle_classes = (PerDevice,)

    @extend_schema(request=shapes.NewSync, responses=shapes.SyncedSerializer, extensions=OWN_KEYS)
    def post(self, request: Request) -> Response:
        """Apply operations, each once however often it comes, and tell what changed since the cursor."""
        device = device_in(request)
        told, operations = _told(request)
        now = timezone.now()
        offset = told.sent_at - now
        locked = _is_locked(device)
        answers = take(Delivery(device, corrected_by(offset)), operations)
        contact: dict[str, Any] = {"offset": offset, "unsent": told.unsent, "app_version": told.app_version}
        if is_news(device, **contact):
            services.note_contact(actor=_actor(device), device=device, **contact)
        body: dict[str, Any] = {
            "server_time": now,
            "device": "revoked" if locked else "active",
            "answers": answers,
            "cursor": "",
            "full": False,
            "changes": {},
        }
        if not locked:
            news = changes_since(device.person, told.cursor, busy=bool(answers))
            body |= {"cursor": news.cursor, "full": news.full, "changes": news.kinds}
        return Response(body)


@dataclass(frozen=True, slots=True)
class _Told:
    """What a device says around its operations."""

    sent_at: datetime
    app_version: str
    unsent: int | None
    cursor: str


def _told(request: Request) -> tuple[_Told, list[Any]]:
    """Return what was sent; each operation stands for itself and is read later.

    Raises `RequestDataTooBig` or `Invalid` ("field-required", "field-invalid", "field-unknown", "too-many").
    """
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        raise RequestDataTooBig
    body = Body(request.data)
    unsent = body.maybe_number("unsent")
    told = _Told(
        sent_at=body.moment("sent_at"),
        app_version=body.text("app_version", most=40),
        unsent=None if unsent is None else max(0, min(int(unsent), _MOST_UNSENT)),
        cursor=body.text("cursor", most=200),
    )
    operations = body.raw("operations") or []
    body.finish()
    if not isinstance(operations, list) or len(operations) > MOST_OPERATIONS:
        raise invalid(
            "too-many",
            "Operations are a list, and not so long.",
            f"At most {MOST_OPERATIONS} at once.",
            field="operations",
        )
    return told, operations


def _is_locked(device: Device) -> bool:
    """Return whether what the device sends goes into quarantine: it was revoked, or its person works here no more."""
    return device.revoked_at is not None or not rules.has_perm("field.use", device.person)


class _Bytes(BaseParser):
    """A part of a photograph as it comes."""

    media_type = "*/*"

    def parse(
        self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        """Return the bytes that were sent, one more than a photograph may have at most."""
        return stream.read(LARGEST_PHOTOGRAPH + 1)


class PhotographParts(APIView):
    """A photograph that comes in parts, by its SHA-256; it may be interrupted and taken up again."""

    access = "field.use"
    authentication_classes = DEVICES
    permission_classes = (DeviceAccess,)
    throttle_classes = (PerDevice,)
    parser_classes = (_Bytes,)

    @extend_schema(
        parameters=[SHA256, OpenApiParameter("Content-Range", str, OpenApiParameter.HEADER)],
        request={"application/octet-stream": OpenApiTypes.BINARY},
        responses=shapes.PhotographPartSerializer,
        extensions=OWN_KEYS,
    )
    def put(self, request: Request, sha256: str) -> Response:
        """Keep the next part; 409 with `received` when another one is next."""
        device = device_in(request)
        data: Any = request.data
        content = data if isinstance(data, bytes) else b""
        part = part_of(request.headers.get("Content-Range", ""), content)
        try:
            held = keep_part(actor=_actor(device), device=device, sha256=sha256, part=part, content=content)
        except Conflict as error:
            answer = response_of(
                HTTPStatus.CONFLICT, error.problems[0].code, error.title, list(error.problems)
            )
            answer.data |= {"received": error.problems[0].extra.get("received", 0), "finished": False}
            return answer
        if held.received == 0:
            raise invalid(
                "photograph-altered",
                "What came is not what the SHA-256 says.",
                "Send it again from the beginning.",
                field="sha256",
            )
        return Response(_status(held))


class PhotographStatus(APIView):
    """How much of a photograph is here."""

    access = "field.use"
    authentication_classes = DEVICES
    permission_classes = (DeviceAccess,)
    throttle_classes = (PerDevice,)

    @extend_schema(parameters=[SHA256], responses=shapes.PhotographPartSerializer)
    def get(self, request: Request, sha256: str) -> Response:
        """Return how many bytes of a photograph are here, and whether it is whole."""
        return Response(_status(status_of(device_in(request), sha256)))


def _actor(device: Device) -> Any:
    return KEEPER if _is_locked(device) else device.person


def _status(held: PartialPhotograph | None) -> dict[str, Any]:
    if held is None:
        return {"received": 0, "size": None, "finished": False}
    return {"received": held.received, "size": held.size, "finished": held.finished_at is not None}


class OutboxFiles(APIView):
    """Outboxes that somebody carried by hand."""

    access = "field.carry"
    authentication_classes = DEVICES
    permission_classes = (DeviceAccess,)
    throttle_classes = (PerDevice,)
    parser_classes = (MultiPartParser,)

    @extend_schema(
        request={"multipart/form-data": shapes.NewOutboxFile},
        responses={200: shapes.CarriedSerializer},
        extensions=OWN_KEYS,
    )
    def post(self, request: Request) -> Response:
        """Take a file that a phone exported: the same effect, and the same answers, as if it had synced."""
        sent = shapes.NewOutboxFile(data=request.data)
        sent.is_valid(raise_exception=True)
        carried = carry(sent.validated_data["file"].read(), by=person(request))
        return Response(
            {
                "server_time": timezone.now(),
                "device": "revoked" if _is_locked(carried.device) else "active",
                "answers": carried.answers_for(person(request)),
                "photographs": carried.photographs,
            }
        )
