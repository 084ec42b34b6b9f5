"""Every page and endpoint in the hands of everybody who is not the owner: none says a word of a blind item."""

import logging
from collections.abc import Iterator

import pytest

from samples.registry.models import BlindItem, Sample
from samples.registry.plans.services import register_blind_item
from tests.support import matrix
from tests.support.people import person
from tests.support.world import client_of, make_world

pytestmark = pytest.mark.django_db
MATERIAL = "ZQX-Blindstandard"
#: what only a page that knows of blind items says
WORDS = ("blindstandard", "blind item", "blind_item", "slipped in")


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Leave out the two log lines of each of thousands of requests."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


def blinded() -> dict[str, str]:
    """Return the world in which the owner has called one of its bags a reference material."""
    world = dict(make_world())
    manager = person("manager", "irel")
    sample = Sample.objects.select_related("batch__owner", "tag").get(pk=world["sample"])
    register_blind_item(actor=manager, sample=sample, kind="CRM", material=MATERIAL)
    return world


def told(persona: str, world: dict[str, str]) -> dict[str, list[str]]:
    """Return word → addresses at which a persona reads it."""
    client, found = client_of(persona), dict[str, list[str]]()
    for route in matrix.routes():
        # What is not in the table of arguments fails in test_access_matrix.
        if route.method != "get" or (route.arguments and route.name not in matrix.ARGUMENTS):
            continue
        answer = client.get(route.address(world), follow=True)
        content = b"".join(answer.streaming_content) if answer.streaming else answer.content
        text = content.decode(errors="replace").casefold()
        for word in WORDS:
            # The description of the API and its browser name what there is for owners.
            if word in text and route.name not in {"api-schema", "api-browse"}:
                found.setdefault(word, []).append(str(route))
    return found


@pytest.mark.parametrize("persona", sorted(matrix.those("nfc", "hillroad", "midwest")))
def test_nobody_but_the_owner_reads_a_word_of_it(persona):
    assert told(persona, blinded()) == {}


def test_the_owner_does_and_the_bag_counts_neither_in_number_nor_in_mass(client):
    world = blinded()
    assert "blindstandard" in told("irel.manager", world)
    sample = Sample.objects.select_related("batch").get(pk=world["sample"])
    address = f"/api/v1/batches/{sample.batch_id}/"
    counted = []
    for who in (("manager", "irel"), ("technician", "nfc")):
        client.force_login(person(*who))
        counted.append(client.get(address).json())
    owner, laboratory = counted
    assert laboratory["count"] == owner["count"] + 1
    assert float(laboratory["mass_g"]) == pytest.approx(float(owner["mass_g"]) + float(sample.mass_g))
    assert BlindItem.objects.get().material == MATERIAL
