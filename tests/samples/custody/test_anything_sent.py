"""Whatever a person or a device sends to custody, the answer is one of ours: never a 500, and nothing is half done."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from samples.custody.models import Incident
from samples.registry.rules import show_tag
from tests.samples.custody.conftest import LEFT
from tests.samples.registry.test_anything_sent import JSON, SHARED, TEXT, quiet, surely, undone

pytestmark = pytest.mark.django_db
#: so many acts, so many more examples
WIDER = settings(SHARED, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

HERE = ["id", "at", "latitude", "longitude", "accuracy_m", "note"]
#: act on a consignment → the fields that it takes
ACTS = {
    "bags": ["samples"],
    "papers": ["kind", "reference"],
    "dose-rate": ["instrument", "surface_usv_h", "at_1m_usv_h"],
    "dispatch": HERE,
    "events": [*HERE, "kind"],
    "hand-over": [*HERE, "to_person", "to_name", "to_document", "mass_g", "seals", "condition"],
    "receive": [*HERE, "tag", "mass_g", "seals", "condition"],
    "finish": HERE,
}
MADE = {
    "consignments": ["owner", "carrier", "destination", "planned_arrival"],
    "seals": [*HERE, "sample", "maker", "number", "mass_g"],
    "custody-events": [*HERE, "kind", "sample"],
    "incidents": ["kind", "detail", "sample", "consignment"],
}


@pytest.fixture
def callers(signed_in: Callable[[Any], Client], ground: Any, receptionist: Any) -> dict[str, Client]:
    """Return who may do something: the owner's manager, and the laboratory's receptionist."""
    return {"manager": quiet(signed_in(ground.manager)), "desk": quiet(signed_in(receptionist))}


def good(ground: Any, consignment: Any) -> dict[str, Any]:
    """Return for each field something that fits."""
    return {
        "at": LEFT.isoformat(),
        "kind": "CHECKPOINT",
        "reference": "17",
        "instrument": "RadEye",
        "surface_usv_h": "0.3",
        "at_1m_usv_h": "0.1",
        "to_name": "U Ba",
        "to_document": "NRC 1",
        "tag": show_tag(ground.tags[0]),
        "mass_g": "2150",
        "seals": [],
        "condition": "INTACT",
        "owner": str(ground.owner.pk),
        "carrier": str(consignment.carrier_id),
        "destination": str(consignment.destination_id),
        "maker": "Acme",
        "number": "Z-1",
        "detail": "x",
        "sample": str(consignment.items.order_by("pk")[0].sample_id),
        "consignment": str(consignment.pk),
    }


def sent(client: Client, address: str, body: Any) -> Any:
    return undone(lambda: client.post(address, json.dumps(body), content_type="application/json"))


@WIDER
@given(data=st.data(), act=st.sampled_from(sorted(ACTS)))
def test_a_consignment_takes_any_act(callers: Any, on_road: Any, ground: Any, data: Any, act: str) -> None:
    fitting = good(ground, on_road)
    body = {name: fitting[name] for name in ACTS[act] if name in fitting}
    body |= data.draw(st.dictionaries(st.sampled_from([*ACTS[act], "surprise"]), JSON, max_size=3))
    client = callers["desk" if act in {"receive", "finish"} else "manager"]
    answer = sent(client, f"/api/v1/consignments/{on_road.pk}/{act}/", body)
    assert answer.status_code in {200, 201, 400, 404, 409, 422}, (body, answer.content[:300])


@WIDER
@given(data=st.data(), path=st.sampled_from(sorted(MADE)))
def test_the_api_takes_any_body(callers: Any, on_road: Any, ground: Any, data: Any, path: str) -> None:
    fitting = good(ground, on_road)
    body = {name: fitting[name] for name in MADE[path] if name in fitting}
    body |= data.draw(st.dictionaries(st.sampled_from([*MADE[path], "surprise"]), JSON, max_size=3))
    answer = sent(callers["manager"], f"/api/v1/{path}/", body)
    assert answer.status_code in {201, 400, 403, 404, 409, 422}, (body, answer.content[:300])


@SHARED
@given(
    path=st.sampled_from(sorted(MADE)),
    query=st.dictionaries(
        st.sampled_from(["state", "kind", "sample", "consignment", "sort", "cursor", "size"]),
        TEXT,
        max_size=3,
    ),
)
@example(path="incidents", query={"sample": "\x00"})
def test_a_list_takes_any_query(callers: Any, on_road: Any, path: str, query: dict[str, str]) -> None:
    words = urlencode({key: surely(value) for key, value in query.items()})
    answer = undone(lambda: callers["manager"].get(f"/api/v1/{path}/?{words}"))
    assert answer.status_code in {200, 404, 422}


@SHARED
@given(data=st.data(), act=st.sampled_from(["explain", "clear", "uphold"]))
def test_an_incident_takes_any_words(callers: Any, on_road: Any, receive: Any, data: Any, act: str) -> None:
    if not Incident.objects.exists():
        receive(on_road, 1, seals=[])
    field = "explanation" if act == "explain" else "reason"
    body = data.draw(st.dictionaries(st.sampled_from([field, "surprise"]), JSON, max_size=2))
    answer = sent(callers["manager"], f"/api/v1/incidents/{Incident.objects.get().pk}/{act}/", body)
    assert answer.status_code in {200, 400, 403, 409, 422}, (body, answer.content[:300])


WHERE = ["at", "latitude", "longitude", "accuracy_m", "note"]
#: form of the pages → who fills it in, whether before dispatch, its fields
FORMS = {
    "pack": ("manager", True, ["tag", "maker", "number", "mass_g"]),
    "pack_chosen": ("manager", True, ["samples", "maker"]),
    "record_document": ("manager", True, ["kind", "reference"]),
    "record_dose": ("manager", True, ["instrument", "surface_usv_h", "at_1m_usv_h"]),
    "dispatch": ("manager", True, WHERE),
    "hand_over": (
        "manager",
        False,
        [*WHERE, "to_person", "to_name", "to_document", "mass_g", "seals", "condition"],
    ),
    "on_the_way": ("manager", False, [*WHERE, "kind"]),
    "report": ("manager", False, ["kind", "detail"]),
    "receive": ("desk", False, ["tag", "mass_g", "maker", "number", "condition"]),
    "finish": ("desk", False, WHERE),
}


@pytest.fixture
def both(ground: Any, on_road: Any) -> dict[bool, Any]:
    """Return a consignment that is being packed, and one on the road."""
    from samples.custody import services  # noqa: PLC0415  # models exist only once Django is set up

    begun = services.start_consignment(
        actor=ground.manager, owner=ground.owner, carrier=on_road.carrier, destination=on_road.destination
    )
    return {True: begun, False: on_road}


@WIDER
@given(data=st.data(), name=st.sampled_from(sorted(FORMS)))
def test_a_form_takes_any_words(callers: Any, both: Any, ground: Any, data: Any, name: str) -> None:
    who, before, fields = FORMS[name]
    fitting = good(ground, both[False]) | {"at": "2026-11-04T20:00", "kind": "CHECKPOINT", "seals": ""}
    words = {field: fitting[field] for field in fields if field in fitting}
    drawn = data.draw(st.dictionaries(st.sampled_from(fields), TEXT, max_size=3))
    words |= {field: surely(text) for field, text in drawn.items()}
    address = reverse(f"custody:{name}", args=[both[before].pk])
    answer = undone(lambda: callers[who].post(address, words))
    assert answer.status_code in {200, 302, 409, 422}, (words, answer.content[:300])


@SHARED
@given(
    name=st.sampled_from(["consignments", "incidents", "receiving", "start"]),
    query=st.dictionaries(
        st.sampled_from(["state", "consignment", "cursor", "sort", "size", "waiting"]), TEXT, max_size=3
    ),
)
def test_a_page_takes_any_query(callers: Any, on_road: Any, name: str, query: dict[str, str]) -> None:
    words = {key: surely(value) for key, value in query.items()}
    client = callers["desk" if name == "receiving" else "manager"]
    answer = undone(lambda: client.get(reverse(f"custody:{name}"), words))
    assert answer.status_code in {200, 404, 422}


@SHARED
@given(tag=TEXT)
def test_the_desk_takes_any_scan(callers: Any, on_road: Any, tag: str) -> None:
    address = reverse("custody:bag", args=[on_road.pk])
    answer = undone(lambda: callers["desk"].get(address, {"tag": surely(tag)}))
    assert answer.status_code in {200, 404, 422}
