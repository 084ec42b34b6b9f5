"""The API against its own description: whatever the description allows is answered by name, never with a 5xx.

Every operation in the hands of a manager, a technician and an administrator; what is sent is made by schemathesis from
the description, goes to things that are there, and is undone again.
"""

import json
import os
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import Resolver404, resolve, reverse
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings

from tests.support.matrix import ARGUMENTS
from tests.support.world import client_of, make_world

pytestmark = pytest.mark.django_db

#: requests made for each operation and person; more of them in a long run
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "4"))
PERSONAS = ("irel.manager", "nfc.technician", "irel.administrator")


@cache
def operations() -> dict[str, Any]:
    """Return every operation of the description, by its method and address."""
    with GENERATOR_STATS.silence():
        found = schemathesis.openapi.from_dict(SchemaGenerator().get_schema(request=None, public=True))
    return {one.ok().label: one.ok() for one in found.get_all_operations()}


def addressed(case: Any, world: dict[str, str]) -> str:
    """Return the case's address, with things of the world in it where there are any."""
    try:
        match = resolve(case.formatted_path)
    except Resolver404:
        return str(case.formatted_path)
    things = ARGUMENTS.get(match.view_name, {})
    return reverse(
        match.view_name, kwargs={name: world[thing] for name, thing in things.items()} or match.kwargs
    )


def body_of(case: Any) -> dict[str, Any]:
    """Return the case's body as Django's client sends it."""
    if case.method.upper() in {"GET", "HEAD"} or case.media_type is None:
        return {}
    if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
        parts = {
            name: str(value) for name, value in case.body.items() if name.isascii() and name.isprintable()
        }
        if "file" in case.body:
            parts["file"] = SimpleUploadedFile("a.csv", os.urandom(40))
        return {"data": encode_multipart(BOUNDARY, parts), "content_type": MULTIPART_CONTENT}
    try:
        return {"data": json.dumps(case.body), "content_type": "application/json"}
    except (TypeError, ValueError):  # schemathesis marks a body that is not there by an object of its own
        return {"data": b"", "content_type": "application/json"}


def undone(client: Client, case: Any, address: str) -> Any:
    """Send a case as a browser's session would, and take back what came of it."""
    query = {name: value for name, value in (case.query or {}).items() if isinstance(value, str | int)}
    with transaction.atomic():
        answer = client.generic(case.method.upper(), address, query_params=query, **body_of(case))
        transaction.set_rollback(True)
    return answer


@pytest.mark.parametrize("persona", PERSONAS)
def test_what_the_description_allows_is_answered_by_name(persona: str) -> None:
    world, client = make_world(), client_of(persona)
    statuses = set[int]()
    for label, operation in sorted(operations().items()):
        statuses |= _answers(client, world, label, operation)
    assert {200, 422} <= statuses, "some of it goes through, some is refused"


def _answers(client: Client, world: dict[str, str], label: str, operation: Any) -> set[int]:
    """Return the statuses with which one operation answered; fail on any that breaks its promise."""
    statuses = set()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy())
    def keeps_its_promise(case: Any) -> None:
        address = addressed(case, world)
        answer = undone(client, case, address)
        statuses.add(answer.status_code)
        assert answer.status_code < 500, (label, address, case.query, case.body)
        if answer.status_code >= 400:
            assert answer["Content-Type"] == "application/problem+json", (label, answer.content[:300])
            assert answer.json()["code"], label

    keeps_its_promise()
    return statuses


def test_every_operation_is_among_them() -> None:
    assert len(operations()) > 100
