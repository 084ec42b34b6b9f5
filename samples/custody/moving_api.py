"""Consignments that change their way, over the API: split, turned back, given up, sent to their owner."""

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from lims.accounts.authentication import person
from lims.errors import invalid
from samples.custody import api_shapes as shapes
from samples.custody import queries, returning, services, splitting
from samples.custody.confirming import Confirmation
from samples.custody.models import Consignment
from samples.custody.queries import consignment_for
from samples.registry.api_view import PK, RegistryView


def confirmation_of(sent: Mapping[str, Any] | None) -> Confirmation | None:
    """Return the confirmation that was sent. Raises `Invalid` ("signature-unreadable")."""
    if sent is None:
        return None
    try:
        signature = base64.b64decode(sent.get("signature", ""), validate=True)
    except (binascii.Error, ValueError) as error:
        raise invalid(
            "signature-unreadable", "The signature is no base64.", "Send a PNG in base64.", field="signature"
        ) from error
    return Confirmation(sent["how"], sent.get("secret", ""), signature)


class MovingView(RegistryView):
    """What is done with whole consignments when they do not go as they were planned."""

    moving: ClassVar[Mapping[str, str]] = {
        "split": "custody.carry",
        "turn_back": "custody.carry",
        "cancel": "custody.pack",
        "send_back": "custody.desk",
    }

    @extend_schema(request=shapes.NewSplit, responses={201: shapes.ConsignmentSerializer}, parameters=[PK])
    @action(detail=True, methods=["post"])
    def split(self, request: Request, pk: str) -> Response:
        """Let some bags of a consignment on the road travel on as a consignment of their own."""
        user, found = person(request), self._found(pk)
        given = self.given(shapes.NewSplit)
        given["samples"] = queries.bags_named(user, given["samples"])
        made = splitting.split_consignment(
            actor=user, consignment=found, here=shapes.take_here(given), **given
        )
        return Response(self._shown(made.pk), status=status.HTTP_201_CREATED)

    @extend_schema(request=shapes.NewTurn, responses=shapes.ConsignmentSerializer, parameters=[PK])
    @action(detail=True, methods=["post"], url_path="turn-back")
    def turn_back(self, request: Request, pk: str) -> Response:
        """Turn a consignment round on the road: it travels to its owner."""
        found, given = self._found(pk), self.given(shapes.NewTurn)
        here = shapes.take_here(given)
        returning.turn_back(actor=person(request), consignment=found, here=here, **given)
        return Response(self._shown(pk))

    @extend_schema(request=shapes.NewReason, responses=shapes.ConsignmentSerializer, parameters=[PK])
    @action(detail=True, methods=["post"])
    def cancel(self, request: Request, pk: str) -> Response:
        """Give a consignment up that has not left; its bags are free again."""
        found, given = self._found(pk), self.given(shapes.NewReason)
        services.cancel_consignment(actor=person(request), consignment=found, **given)
        return Response(self._shown(pk))

    @extend_schema(request=shapes.NewSendingBack, responses={201: shapes.ReturnShape})
    @action(detail=False, methods=["post"], url_path="send-back")
    def send_back(self, request: Request) -> Response:
        """Send bags of one's laboratory to their owner, as a consignment that leaves at once."""
        user, given = person(request), self.given(shapes.NewSendingBack)
        bags: Sequence[Any] = queries.bags_named(user, given.pop("samples"))
        here = shapes.take_here(given)
        made = returning.send_back(actor=user, samples=bags, here=here, **given)
        return Response(shapes.ReturnShape(made).data, status=status.HTTP_201_CREATED)

    def _found(self, pk: str) -> Consignment:
        return consignment_for(person(self.request), pk)

    def _shown(self, pk: Any) -> Any:
        return shapes.ConsignmentSerializer(self._found(pk)).data
