"""Idempotency keys: what is sent twice happens once, and is answered twice alike.

The key's row is written first, in the same transaction as the work: a second request with the same key waits for the
first, then finds its answer; when the first was rolled back it finds nothing and does the work itself.
(After the IETF draft "The Idempotency-Key HTTP Header Field", 2025.)
"""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lims.api.models import IdempotencyKey
from lims.api.problems import CONTENT_TYPE
from lims.errors import conflict, invalid
from lims.verbs import SystemActor, verb

HEADER: Final = "Idempotency-Key"
KEPT_FOR: Final = timedelta(days=30)
#: answers that say nothing about the work itself: asked again, they may differ
_NOT_KEPT: Final = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.TOO_MANY_REQUESTS})


def _key_of(request: Request) -> str:
    key = request.headers.get(HEADER, "").strip().strip('"')
    if not (1 <= len(key) <= 200 and key.isascii() and key.isprintable()):
        raise invalid(
            "idempotency-key-malformed",
            f"{HEADER} has 1 to 200 printable ASCII characters.",
            "A UUID is a good key.",
            field=HEADER,
        )
    return key


def _digest(request: Request, body: bytes) -> str:
    """Return what identifies the request: method, address and body."""
    head = f"{request.method} {request.get_full_path()}\n{request.content_type}\n".encode()
    return hashlib.sha256(head + body).hexdigest()


class _NotKept(Exception):
    """Carries an answer past the rollback of its key."""

    def __init__(self, response: Response) -> None:
        self.response = response


class Idempotent(APIView):
    """A view whose unsafe methods obey `Idempotency-Key`. Put it first among the bases."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Let the caller in, then put the key around the method that is about to be called."""
        # The body must be read before anything parses it: its digest is over the bytes that were sent.
        keyed = request.method not in {"GET", "HEAD", "OPTIONS"} and HEADER in request.headers
        body = request._request.body if keyed else b""  # noqa: SLF001  # DRF's own stream would be used up
        super().initial(request, *args, **kwargs)
        method = (request.method or "").lower()
        handler = getattr(self, method, None)
        if keyed and handler is not None and request.user.is_authenticated:
            setattr(self, method, lambda *a, **k: self._once(body, handler, *a, **k))

    def _once(
        self, body: bytes, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        """Do the work once for this key; answer again what was answered before."""
        user_id = request.user.pk
        assert user_id is not None  # `initial` asked
        mine = IdempotencyKey(user_id=user_id, key=_key_of(request), request_sha256=_digest(request, body))
        try:
            with transaction.atomic():
                IdempotencyKey.objects.bulk_create([mine], ignore_conflicts=True)
                kept = IdempotencyKey.objects.get(user_id=user_id, key=mine.key)
                if kept.pk != mine.pk:
                    return _again(kept, mine.request_sha256)
                response = self._answered(handler, request, *args, **kwargs)
                _keep(mine, response)
                return response
        except _NotKept as passing:
            return passing.response

    def _answered(
        self, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any
    ) -> Response:
        """Return the answer, a refusal included; what a refused handler wrote is undone."""
        try:
            with transaction.atomic():
                response = handler(request, *args, **kwargs)
        except Exception as error:  # noqa: BLE001  # DRF decides: it raises again what no caller can cause
            response = self.handle_exception(error)
        if response.status_code in _NOT_KEPT or response.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _NotKept(response)
        return response


def _again(kept: IdempotencyKey, digest: str) -> Response:
    if kept.request_sha256 != digest:
        raise conflict(
            "idempotency-key-reused",
            f"This {HEADER} came with another request before.",
            "Use a new key for new work; send the same body to repeat the old.",
            field=HEADER,
        )
    status = kept.status or HTTPStatus.OK
    response = Response(kept.answer, status=status)
    if status >= HTTPStatus.BAD_REQUEST:
        response.content_type = CONTENT_TYPE
    if kept.location:
        response["Location"] = kept.location
    response["Idempotency-Replayed"] = "true"
    return response


def _keep(mine: IdempotencyKey, response: Response) -> None:
    mine.status = response.status_code
    mine.answer = json.loads(JSONRenderer().render(response.data) or b"null")
    mine.location = response.get("Location", "")
    mine.save(update_fields=["status", "answer", "location"])


@verb
def purge_old_keys(*, actor: SystemActor) -> int:  # noqa: ARG001  # the verb records who
    """Delete keys older than 30 days and return how many."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return deleted
