"""The API's description: complete, valid, and what the API does."""

import pytest
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema


@pytest.fixture(scope="module")
def description() -> dict:
    with GENERATOR_STATS.silence():
        described = SchemaGenerator().get_schema(request=None, public=True)
    assert dict(GENERATOR_STATS._warn_cache) == {}
    return described


def operations(description: dict):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield f"{method.upper()} {path}", method, operation


def test_the_description_is_valid_openapi(description):
    validate_schema(description)


def test_every_operation_says_what_it_does_and_how_it_refuses(description):
    for name, _, operation in operations(description):
        assert operation.get("description"), name
        assert "application/problem+json" in operation["responses"]["default"]["content"], name


def test_every_unsafe_operation_takes_a_key(description):
    for name, method, operation in operations(description):
        takes = "Idempotency-Key" in {parameter["name"] for parameter in operation.get("parameters", [])}
        unsafe = method in {"post", "put", "patch", "delete"}
        assert takes == (unsafe and operation.get("x-idempotency-key", True)), name


@pytest.mark.django_db
def test_it_is_served_and_can_be_browsed(client):
    served = client.get("/api/schema/")
    assert (served.status_code, b"openapi: 3" in served.content) == (200, True)
    page = client.get("/api/")
    assert page.status_code == 200
    assert b"<script>" not in page.content
    assert b"https://" not in page.content.replace(b"https://www.w3.org", b"")
