"""What each persona can read of a sample, wherever something of it could show: pages, API, search, export, record."""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from django.urls import reverse

from samples.registry import services
from samples.registry.models import BatchParty, Sample
from samples.registry.rules import show_tag
from tests.support import matrix
from tests.support.world import SECRETS, client_of, make_world, somebody

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Leave out the two log lines of each of thousands of requests."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


BLIND = matrix.those("nfc")
EXACT = frozenset({"irel.field_coordinator", "irel.manager"})
ROUNDED = matrix.KNOWN_TO["sample"] - BLIND - EXACT


def shown_to(persona: str, world: Mapping[str, str]) -> dict[str, str]:
    """Return address → what a persona reads there, wherever something of the batch could show."""
    client = client_of(persona)
    sample = Sample.objects.select_related("batch", "tag").get(pk=world["sample"])
    addresses = [
        *(reverse(f"registry:{name}") for name in ("samples", "export", "batches", "mines", "home")),
        *(reverse(f"registry:{name}", args=[world[name]]) for name in ("sample", "batch", "mine")),
        reverse("registry:correct", args=[world["sample"]]),
        *(f"/api/v1/{name}/" for name in ("samples", "batches", "mines", "lists", "tags")),
        *(f"/api/v1/{name}/{world[thing]}/" for name, thing in API_THINGS.items()),
        *(f"/search/?q={text}" for text in (sample.tag.code[:4], sample.tag.code, sample.batch.code[:3])),
        *(f"/record/?row={world[thing]}" for thing in ("sample", "batch", "mine")),
        "/notices/",
    ]
    if persona in BLIND:
        asks = ("/search/?q=", "/samples/?text=", "/api/v1/samples/?text=")
        addresses += [ask + text for ask in asks for text in GUESSES]
        addresses += [
            f"{list_}?mine={world['mine']}" for list_ in ("/samples/export.csv", "/api/v1/samples/")
        ]
    return {address: text_of(client.get(address, follow=True)) for address in addresses}


#: how whoever half knows would ask; in small letters, so that an echo of the question is not taken for an answer
GUESSES = ("zarwan", "zqx-77", "monsoon", "fieldno-4471", "banyan")
API_THINGS = {"samples": "sample", "batches": "batch", "mines": "mine", "lists": "list"}


def text_of(answer: Any) -> str:
    assert answer.status_code < 500, answer.request["PATH_INFO"]
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode())


def told(shown: Mapping[str, str], secrets: tuple[str, ...]) -> list[str]:
    """Return where which secret can be read; a word of the question is no answer."""
    return [
        f"{secret} at {address}"
        for address, text in shown.items()
        for secret in secrets
        if secret in text and secret not in address
    ]


def places(shown: Mapping[str, str]) -> set[str]:
    """Return the coordinates that can be read, as far as they are finer than 0.1° (a time's seconds are none)."""
    return {found for text in shown.values() for found in re.findall(r"(?<![\d:.])(?:26|98)\.\d{2,6}", text)}


@pytest.mark.parametrize("persona", sorted(BLIND))
def test_a_laboratory_sees_the_sample_but_not_where_it_comes_from(persona):
    world = make_world()
    shown = shown_to(persona, world)
    tag = show_tag(Sample.objects.get(pk=world["sample"]).tag.code)
    sample_page = reverse("registry:sample", args=[world["sample"]])
    for address in ("/samples/", "/samples/export.csv", sample_page, f"/api/v1{sample_page}"):
        assert tag in shown[address], address
    assert told(shown, (*SECRETS, world["mine"])) == []
    assert places(shown) == set()
    for text in GUESSES:
        for address in (f"/search/?q={text}", f"/samples/?text={text}", f"/api/v1/samples/?text={text}"):
            assert (tag in shown[address], world["sample"] in shown[address]) == (False, False), address


@pytest.mark.parametrize("persona", sorted(ROUNDED))
def test_whoever_may_not_know_the_exact_place_sees_it_to_a_tenth_of_a_degree(persona):
    world = make_world()
    shown = shown_to(persona, world)
    assert places(shown) == set()
    sample, mine = (json.loads(shown[f"/api/v1/{name}/{world[name[:-1]]}/"]) for name in ("samples", "mines"))
    assert (sample["latitude"], sample["longitude"], sample["accuracy_m"]) == ("26.0", "98.4", None)
    assert (mine["latitude"], mine["longitude"], mine["exact"]) == ("26.2", "98.3", False)
    # They know the mine: what is hidden from the laboratory is not hidden by chance.
    assert "Zarwanthang" in shown[f"/samples/{world['sample']}/"]


@pytest.mark.parametrize("persona", sorted(EXACT))
def test_the_owners_coordinators_and_managers_see_everything(persona):
    shown = shown_to(persona, make_world())
    assert places(shown) == {"26.049812", "98.351234", "26.153377", "98.262991"}
    assert {line.split(" at ")[0] for line in told(shown, SECRETS)} == set(SECRETS)


def test_a_laboratory_whose_part_has_ended_knows_nothing_any_more():
    world, manager = make_world(), somebody("irel.manager")
    for party in BatchParty.objects.filter(batch=world["batch"]):
        services.remove_party(actor=manager, party=party)
    for persona in ("nfc.technician", "hillroad.custodian"):
        client = client_of(persona)
        for name, thing in API_THINGS.items():
            expected = {403} if thing == "list" else {404}
            if name != "lists" and not (thing == "mine" and persona in BLIND):
                assert client.get(reverse(f"registry:{thing}", args=[world[thing]])).status_code == 404
            assert {client.get(f"/api/v1/{name}/{world[thing]}/").status_code} == expected
