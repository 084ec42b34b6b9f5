"""Whatever a person or a device sends, the answer is one of ours: never a 500, and nothing is half done."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from samples.registry.models import Sample
from samples.registry.rules import show_tag

pytestmark = pytest.mark.django_db
#: the database is put back after each example, so a fixture may serve them all
SHARED = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

NASTY = st.sampled_from(
    [
        "", " ", "\x00", "a\x00b", "\u202e", "💎" * 50, "x" * 5000, "-0", "NaN", "Infinity", "1e400", "1e-400",
        "9" * 400, "0x10", "٣", "=1+1", "../..", "%00", "'; --", "<b>", "26.1", "2150", "2026-11-03T14:20",
        "2026-13-45", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00", "KC-000001-0", "\ud800", "yes", "[]",
    ]
)  # fmt: skip
TEXT = NASTY | st.text(max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


def quiet(client: Client) -> Client:
    """Return the client, answering 500 where it would raise: that is what is looked for."""
    client.raise_request_exception = False
    return client


@pytest.fixture
def manager(signed_in: Callable[[Any], Client], ground: Any) -> Client:
    return quiet(signed_in(ground.manager))


def undone(call: Callable[[], Any]) -> Any:
    """Return an answer after taking back what it did."""
    with transaction.atomic():
        answer = call()
        if answer.streaming:
            list(answer.streaming_content)
        transaction.set_rollback(True)
    return answer


def surely(text: str) -> str:
    """Return the text as it can travel at all."""
    return text.encode("utf-8", "replace").decode()


LISTS = ("samples", "export", "batches", "mines", "tags", "free_tags", "home", "register", "open_batch")
NAMES = ("text", "batch", "mine", "state", "held", "sort", "cursor", "only", "since", "until", "size", "q")


@SHARED
@given(name=st.sampled_from(LISTS), query=st.dictionaries(st.sampled_from(NAMES), TEXT, max_size=4))
@example(name="samples", query={"text": "\x00"})
@example(name="samples", query={"mine": "x" * 40})
@example(name="batches", query={"cursor": "W1siLWlkIl0sWyJ4Il0sZmFsc2Vd"})
def test_a_page_takes_any_query(manager: Client, name: str, query: dict[str, str]) -> None:
    words = {key: surely(value) for key, value in query.items()}
    answer = undone(lambda: manager.get(reverse(f"registry:{name}"), words))
    assert answer.status_code in {200, 404, 422}


@SHARED
@given(text=TEXT)
@example(text="\x00")
def test_the_search_takes_any_text(manager: Client, text: str) -> None:
    assert undone(lambda: manager.get("/search/", {"q": surely(text)})).status_code in {200, 302}


@SHARED
@given(
    path=st.sampled_from(["samples", "batches", "mines", "tags", "lists"]),
    query=st.dictionaries(st.sampled_from((*NAMES, "code", "free", "material_type")), TEXT, max_size=4),
)
@example(path="samples", query={"text": "\x00"})
def test_a_list_of_the_api_takes_any_query(manager: Client, path: str, query: dict[str, str]) -> None:
    words = urlencode({key: surely(value) for key, value in query.items()})
    answer = undone(lambda: manager.get(f"/api/v1/{path}/?{words}"))
    assert answer.status_code in {200, 422}


SHAPES = {
    "samples": ["id", "batch", "tag", "mass_g", "collected_at", "collector", "latitude", "longitude",
                "accuracy_m", "depth_m", "note", "field_number", "surprise"],
    "batches": ["mine", "material_type", "campaign", "planned_count"],
    "mines": ["owner", "code", "name", "latitude", "longitude", "controlling_body", "deposit_type", "township",
              "due_diligence"],
    "tags": ["owner", "count"],
    "tags/letters": ["owner", "prefix"],
}  # fmt: skip


@SHARED
@given(data=st.data(), path=st.sampled_from(sorted(SHAPES)))
def test_the_api_takes_any_body(manager: Client, ground: Any, data: st.DataObject, path: str) -> None:
    good = {
        "batch": str(ground.batch.pk),
        "mine": str(ground.mine.pk),
        "owner": str(ground.owner.pk),
        "tag": show_tag(ground.tags[0]),
        "mass_g": "2150",
        "collected_at": "2026-11-03T14:20Z",
        "code": "X",
        "name": "X",
        "controlling_body": "x",
        "deposit_type": "x",
        "material_type": "HARD_ROCK",
        "campaign": "x",
        "count": 1,
    }
    whole = {name: good[name] for name in SHAPES[path] if name in good}
    body = whole | data.draw(st.dictionaries(st.sampled_from(SHAPES[path]), JSON, max_size=3))
    answer = undone(
        lambda: manager.post(f"/api/v1/{path}/", json.dumps(body), content_type="application/json")
    )
    assert answer.status_code in {201, 400, 403, 404, 409, 422}, answer.content[:300]


@SHARED
@given(data=st.data())
def test_a_sample_of_the_api_takes_any_act(
    manager: Client, register: Any, data: st.DataObject, ground: Any
) -> None:
    sample = Sample.objects.first() or register(0)
    act = data.draw(st.sampled_from(["", "numbers/", "holds/", "withdraw/"]))
    fields = [
        "reason",
        "kind",
        "number",
        "mass_g",
        "collected_at",
        "latitude",
        "longitude",
        "note",
        "depth_m",
    ]
    body = {"reason": "x"} | data.draw(st.dictionaries(st.sampled_from(fields), JSON, max_size=4))
    send = manager.post if act else manager.patch
    address = f"/api/v1/samples/{sample.pk}/{act}"
    answer = undone(lambda: send(address, json.dumps(body), content_type="application/json"))
    assert answer.status_code in {200, 201, 400, 409, 422}, answer.content[:300]


@SHARED
@given(
    body=st.binary(max_size=60),
    kind=st.sampled_from(["application/json", "text/xml", "multipart/form-data", ""]),
)
@example(body=b"[" * 5000, kind="application/json")
@example(body=b'{"a":\xff}', kind="application/json")
@example(body=b"x", kind="multipart/form-data; boundary=x")
def test_the_api_takes_any_bytes(manager: Client, body: bytes, kind: str) -> None:
    for path in ("samples", "lists"):
        answer = undone(lambda path=path: manager.post(f"/api/v1/{path}/", body, content_type=kind))  # type: ignore[misc]  # a default binds it
        assert answer.status_code in {400, 415, 422}, answer.content[:300]


FORMS = {
    "register": ["tag", "mass_g", "collected_at", "batch", "latitude", "longitude", "accuracy_m", "depth_m",
                 "collector", "field_number", "note", "next"],
    "open_batch": ["mine", "material_type", "campaign", "planned_count"],
    "add_mine": ["owner", "name", "code", "township", "latitude", "longitude", "controlling_body", "deposit_type",
                 "due_diligence"],
    "issue_tags": ["owner", "count"],
    "tag_letters": ["owner", "prefix"],
}  # fmt: skip


@SHARED
@given(data=st.data(), name=st.sampled_from(sorted(FORMS)))
def test_a_form_takes_any_words(manager: Client, ground: Any, data: st.DataObject, name: str) -> None:
    good = {
        "tag": ground.tags[0],
        "mass_g": "2150",
        "collected_at": "2026-11-03T14:20",
        "batch": ground.batch.pk,
        "mine": ground.mine.pk,
        "owner": ground.owner.pk,
        "material_type": "HARD_ROCK",
        "campaign": "x",
        "count": "1",
        "name": "x",
        "code": "x",
        "latitude": "26.1",
        "longitude": "98.4",
        "controlling_body": "x",
        "deposit_type": "x",
        "due_diligence": "RED",
    }
    words = {field: good[field] for field in FORMS[name] if field in good}
    words |= {
        field: surely(text)
        for field, text in data.draw(st.dictionaries(st.sampled_from(FORMS[name]), TEXT, max_size=3)).items()
    }
    answer = undone(lambda: manager.post(reverse(f"registry:{name}"), words))
    assert answer.status_code in {302, 422}, (words, answer.content[:300])


ACTS = {
    "correct": ["reason", "mass_g", "collected_at", "collector", "latitude", "longitude", "accuracy_m", "depth_m",
                "note"],
    "add_number": ["kind", "number"],
    "hold": ["kind", "reason"],
    "withdraw": ["reason"],
}  # fmt: skip


@SHARED
@given(data=st.data(), name=st.sampled_from(sorted(ACTS)))
def test_an_act_on_a_sample_takes_any_words(
    manager: Client, register: Any, data: st.DataObject, name: str
) -> None:
    sample = Sample.objects.first() or register(0)
    good = {"reason": "x", "kind": "FIELD" if name == "add_number" else "CUSTODY", "number": "1"}
    good |= {"mass_g": "2100", "collected_at": "2026-11-03T14:20"}
    words = {field: good[field] for field in ACTS[name] if field in good}
    drawn = data.draw(st.dictionaries(st.sampled_from(ACTS[name]), TEXT, max_size=3))
    words |= {field: surely(text) for field, text in drawn.items()}
    answer = undone(lambda: manager.post(reverse(f"registry:{name}", args=[sample.pk]), words))
    assert answer.status_code in {302, 409, 422}, (words, answer.content[:300])
