"""Whatever a person or a device sends, the answer has a name; none of it is our fault (a 500)."""

import json
from urllib.parse import quote

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from samples.registry.models import Sample

pytestmark = pytest.mark.django_db

NASTY = (
    "\x00", "a\x00b", "%", "'", "\\", "\ud7ff", "١٢٣", "𝟙", "=cmd|' /C calc'!A0", "<script>", "1e999999", "-0", "NaN", "Infinity",
    "0x10", "1_000", "٫", "９９", "x" * 5000, " ", "\u202e", "{{ 7 }}", "../..", "null", "-1", "1" * 400, "0001-01-01T00:00",
    "9999-12-31T23:59", "0001-01-01T02:00:00+05:30", "9999-12-31T23:59:59-12:00", "2026-02-30T10:00", "2026-11-03T25:00",
)  # fmt: skip
FIELDS = (
    "tag", "mass_g", "collected_at", "batch", "latitude", "longitude", "accuracy_m", "depth_m", "collector", "field_number", "note",
)  # fmt: skip
GOOD = {
    "mass_g": "2150",
    "collected_at": "2026-11-03T14:20",
    "latitude": "26.05",
    "longitude": "98.35",
    "accuracy_m": "4",
    "depth_m": "1",
}


@pytest.mark.parametrize("field", FIELDS)
def test_no_value_of_a_form_is_our_fault(field, signed_in, ground):
    client = signed_in(ground.coordinator)
    sheet = {"tag": ground.tags[0], "batch": str(ground.batch.pk), **GOOD}
    for value in NASTY:
        answer = client.post(reverse("registry:register"), sheet | {field: value})
        assert answer.status_code in {302, 422}, (field, value)


@pytest.mark.parametrize("field", [*FIELDS, "id"])
def test_no_value_of_a_call_is_our_fault(field, signed_in, ground):
    client = signed_in(ground.coordinator)
    sheet = {"tag": ground.tags[0], "batch": str(ground.batch.pk), **GOOD}
    for value in (*NASTY, None, True, -1, 0, 10**40, 1.5, [], {}, [[]], {"a": 1}):
        body = json.dumps(sheet | {field: value})
        answer = client.post("/api/v1/samples/", body, content_type="application/json")
        assert answer.status_code in {201, 404, 409, 422}, (field, value, answer.content)
        if answer.status_code != 201:
            assert all(problem["code"] for problem in answer.json()["problems"])


@pytest.mark.parametrize(
    "address",
    [
        "/samples/?text={}",
        "/samples/?batch={}&mine={}&state={}&held={}&sort={}",
        "/samples/export.csv?text={}&mine={}",
        "/samples/?cursor={}",
        "/batches/?state={}",
        "/batches/?cursor={}",
        "/mines/?cursor={}",
        "/tags/?only={}&cursor={}",
        "/samples/register/?batch={}",
        "/batches/add/?mine={}",
        "/search/?q={}",
        "/api/v1/samples/?text={}&batch={}&mine={}&state={}&held={}",
        "/api/v1/samples/?sort={}",
        "/api/v1/samples/?size={}",
        "/api/v1/samples/?cursor={}",
        "/api/v1/batches/?state={}&material_type={}&code={}",
        "/api/v1/mines/?cursor={}",
        "/api/v1/tags/?free={}&owner={}",
        "/api/v1/samples/{}/",
    ],
)
def test_no_address_is_our_fault(address, signed_in, ground, register):
    register(0)
    client = signed_in(ground.coordinator)
    for value in NASTY:
        if "{}/" in address and ("/" in value or value.startswith("..")):
            continue
        answer = client.get(address.replace("{}", quote(value[:1500])))
        assert answer.status_code in {200, 302, 404, 409, 422}, value
        if answer.streaming:
            assert b"".join(answer)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from([*FIELDS, "id", "what"]), inner, max_size=6)
        ),
        max_leaves=8,
    )
)
def test_no_body_is_our_fault(body, signed_in, ground):
    client = signed_in(ground.coordinator)
    answer = client.post("/api/v1/samples/", json.dumps(body), content_type="application/json")
    assert answer.status_code in {400, 422}
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    assert Sample.objects.count() == 0
