"""One's own PIN and personal code over the API, for the browser's session only: no script may hold them."""

from collections.abc import Mapping
from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lims.accounts import handover
from lims.accounts.authentication import by_session, person
from lims.accounts.models import User
from lims.api.serializers import StrictSerializer
from lims.errors import not_permitted


class NewPin(StrictSerializer):
    """A PIN of 4 to 8 digits."""

    pin = serializers.CharField(max_length=8)


class HandOverCodeShape(serializers.Serializer[dict[str, bool]]):
    """Whether one has a PIN and a personal code; neither is ever shown again."""

    has_pin = serializers.BooleanField()
    has_code = serializers.BooleanField()


class NewCodeShape(serializers.Serializer[dict[str, str]]):
    """A personal code, shown this once: it is printed as QR."""

    code = serializers.CharField()


def _own(request: Request) -> User:
    """Return who calls. Raises `NotPermitted` ("code-by-token") for a token: only people confirm."""
    if not by_session(request):
        raise not_permitted(
            "code-by-token", "A token cannot set this.", "Sign in with a browser to set your PIN."
        )
    return person(request)


class HandOverCodes(APIView):
    """One's own PIN for confirming hand-overs."""

    access: ClassVar[Mapping[str, str]] = {"get": "signed-in", "put": "signed-in", "delete": "signed-in"}

    @extend_schema(responses=HandOverCodeShape)
    def get(self, request: Request) -> Response:
        """Say whether one has a PIN and a personal code."""
        return _state(person(request))

    @extend_schema(request=NewPin, responses=HandOverCodeShape)
    def put(self, request: Request) -> Response:
        """Set one's PIN."""
        sent = NewPin(data=request.data)
        sent.is_valid(raise_exception=True)
        user = _own(request)
        handover.set_pin(actor=user, pin=sent.validated_data["pin"])
        return _state(user)

    @extend_schema(responses={204: None})
    def delete(self, request: Request) -> Response:
        """End one's PIN and personal code."""
        handover.forget_codes(actor=_own(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


class HandOverCodeRenewal(APIView):
    """A new personal code."""

    access: ClassVar[Mapping[str, str]] = {"post": "signed-in"}

    @extend_schema(request=None, responses={201: NewCodeShape})
    def post(self, request: Request) -> Response:
        """Make oneself a new personal code; the older one ends."""
        return Response({"code": handover.renew_code(actor=_own(request))}, status=status.HTTP_201_CREATED)


def _state(user: User) -> Response:
    code = handover.code_of(user)
    return Response({"has_pin": bool(code and code.pin_hash), "has_code": bool(code and code.qr_sha256)})
