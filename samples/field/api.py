"""The API of the field application for people: devices, and what waits for a manager; what phones call is in `sync_api`."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.urls import path
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from lims.accounts.authentication import by_session, person
from lims.accounts.models import User
from lims.api.idempotency import HEADER
from lims.errors import invalid, not_permitted
from samples.field import api_shapes as shapes
from samples.field import (
    queries,
    schema,  # noqa: F401  # tells the API's description of devices' tokens
    services,
    sync_api,
)
from samples.field.authentication import PEOPLE
from samples.field.keys import server_key
from samples.field.models import Device, Operation
from samples.field.rules import OperationState
from samples.registry.api_view import PK, UUID_FORM, RegistryView


class Devices(RegistryView):
    """The phones that one may see: one's own, and those of one's people."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "field.use",
        "every": "field.use",
        "create": "field.use",
        "retrieve": "field.use",
        "revoke": "field.revoke",
    }
    authentication_classes = PEOPLE
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = shapes.DeviceSerializer
    queryset = Device.objects.none()
    lookup_value_regex = UUID_FORM

    @extend_schema(responses=shapes.WelcomeSerializer, filters=False)
    def list(self, request: Request) -> Response:
        """Return who is signed in, and what a cached page needs to enrol a device."""
        user = person(request)
        http: HttpRequest = request._request  # noqa: SLF001  # Django's own view of it makes the token
        return Response({"csrf_token": get_token(http), "person": _named(user)})

    @extend_schema(responses=shapes.DeviceSerializer(many=True))
    @action(detail=False, url_path="all")
    def every(self, request: Request) -> Response:
        """List the devices that one may see, the newest first."""
        return self.page(queries.devices_for(person(request)), lambda _user, found: found)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one device."""
        return Response(shapes.DeviceSerializer(queries.device_for(person(request), pk)).data)

    @extend_schema(request=shapes.NewDevice, responses={201: shapes.EnrolledSerializer})
    def create(self, request: Request) -> Response:
        """Enrol a device, or let it in again: the same id and key renew its login. From a browser's session only.

        Takes no `Idempotency-Key`: the answer has a secret, which is not kept; sent again, it gives a new one.
        """
        if HEADER in request.headers:
            raise invalid(
                "idempotency-key-refused",
                "A device's token is shown once and not kept, so it cannot be answered again.",
                "Send no key: the same device may be enrolled again, and its old token ends.",
                field=HEADER,
            )
        if not by_session(request):
            raise not_permitted(
                "device-by-token", "A token enrols no device.", "Sign in with the device's browser."
            )
        user, given = person(request), self.given(shapes.NewDevice)
        key = server_key()
        _, token = services.enrol_device(actor=user, device_id=given.pop("id"), **given)
        answer = {
            "token": token,
            "person": _named(user),
            "organisations": _parts(user),
            "server_key": key,
            "offline_days": settings.FIELD_OFFLINE_DAYS,
            "server_time": timezone.now(),
        }
        return Response(answer, status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.DeviceReason, responses=shapes.DeviceSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        """Lock a device at its next contact."""
        user = person(request)
        device = queries.device_for(user, pk)
        made = services.revoke_device(actor=user, device=device, **self.given(shapes.DeviceReason))
        return Response(shapes.DeviceSerializer(made).data)


def _named(user: User) -> dict[str, Any]:
    return {"id": user.pk, "name": user.name}


def _parts(user: User) -> list[dict[str, Any]]:
    """Return the organisations that a person works for, each with the roles there."""
    found: dict[UUID, dict[str, Any]] = {}
    for membership in user.roles:
        one = membership.organisation
        entry = found.setdefault(one.pk, {"id": one.pk, "name": one.name, "kind": one.kind, "roles": []})
        entry["roles"].append(membership.role)
    return list(found.values())


class Operations(RegistryView):
    """What devices sent, and what of it waits for a manager."""

    access: ClassVar[Mapping[str, str]] = {
        "list": "field.use",
        "retrieve": "field.use",
        "release": "field.settle",
        "discard": "field.settle",
    }
    authentication_classes = PEOPLE
    sorts: ClassVar[Mapping[str, Sequence[str]]] = {"newest": ("-id",)}
    serializer_class = shapes.SettledSerializer
    queryset = Operation.objects.none()
    lookup_value_regex = UUID_FORM
    filters = ("state", "device")

    @extend_schema(
        parameters=[
            OpenApiParameter("state", str, enum=[str(state) for state in OperationState]),
            OpenApiParameter("device", OpenApiTypes.UUID),
        ]
    )
    def list(self, request: Request) -> Response:
        """List what the devices that one may see have sent."""
        rows = queries.operations_for(person(request))
        state = self.chosen("state", [str(one) for one in OperationState])
        if state:
            rows = rows.filter(state=state)
        device = request.query_params.get("device")
        if device:
            rows = rows.filter(device=serializers.UUIDField().run_validation(device))
        return self.page(rows, lambda _user, found: found)

    @extend_schema(parameters=[PK])
    def retrieve(self, request: Request, pk: str) -> Response:
        """Return one operation."""
        return Response(shapes.SettledSerializer(queries.operation_for(person(request), pk)).data)

    @extend_schema(request=shapes.DeviceReason, responses=shapes.SettledSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def release(self, request: Request, pk: str) -> Response:
        """Apply what is in quarantine."""
        user = person(request)
        found = queries.operation_for(user, pk)
        made = services.release_operation(actor=user, operation=found, **self.given(shapes.DeviceReason))
        return Response(shapes.SettledSerializer(made).data)

    @extend_schema(request=shapes.DeviceReason, responses=shapes.SettledSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def discard(self, request: Request, pk: str) -> Response:
        """Leave what is in quarantine, for good."""
        user = person(request)
        found = queries.operation_for(user, pk)
        made = services.discard_operation(actor=user, operation=found, **self.given(shapes.DeviceReason))
        return Response(shapes.SettledSerializer(made).data)


router = SimpleRouter()
router.register("field/devices", Devices, "api-device")
router.register("field/operations", Operations, "api-operation")
urlpatterns = [
    path("field/sync/", sync_api.Sync.as_view(), name="api-sync"),
    path("field/photographs/<str:sha256>/", sync_api.PhotographParts.as_view(), name="api-photograph-part"),
    path(
        "field/photographs/<str:sha256>/status/",
        sync_api.PhotographStatus.as_view(),
        name="api-photograph-status",
    ),
    path("field/outbox-files/", sync_api.OutboxFiles.as_view(), name="api-outbox-file"),
    *router.urls,
]
