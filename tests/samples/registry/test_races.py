"""Two at once: one tag on one bag, numbers given once, a batch that closes, an id sent twice."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection

from lims.errors import DomainError
from lims.ids import uuid7
from samples.registry import sample_services, services
from samples.registry.drafts import Draft
from samples.registry.models import Batch, Sample, Tag
from samples.registry.rules import make_tag
from tests.samples.registry.conftest import COLLECTED

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Call all of these at the same moment, each over a connection of its own; return results or problem codes."""
    gate = threading.Barrier(len(calls))

    def one(call):
        gate.wait()
        try:
            return call()
        except DomainError as error:
            return error.problems[0].code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(one, calls))


def registering(ground, batch, tag, **changed):
    given = {"tag_code": tag, "mass_g": Decimal(1), "collected_at": COLLECTED} | changed
    return lambda: sample_services.register_sample(actor=ground.coordinator, batch=batch, **given)


def test_one_tag_goes_on_one_bag_even_of_two_batches(ground):
    other = services.open_batch(
        actor=ground.manager, mine=ground.mine, material_type="HARD_ROCK", campaign="x"
    )
    for n in range(5):
        tag = ground.tags[n]
        answers = at_once(
            *(registering(ground, batch, tag) for batch in (ground.batch, other, ground.batch, other))
        )
        assert sorted(answers, key=str).count("tag-used") == 3
        assert Sample.objects.filter(tag__code=tag).count() == 1


def test_one_id_is_one_sample(ground):
    mine = uuid7()
    answers = at_once(*(registering(ground, ground.batch, ground.tags[n], sample_id=mine) for n in range(4)))
    assert answers.count("id-used") == 3
    assert Sample.objects.count() == 1


def test_tags_are_numbered_without_gap_or_twin(ground):
    def issue():
        return services.issue_tags(actor=ground.coordinator, owner=ground.owner, count=7)

    blocks = at_once(*[issue] * 6)
    codes = sorted(tag.code for block in blocks for tag in block)
    assert codes == [make_tag("KC", number) for number in range(11, 53)]
    assert Tag.objects.count() == 52
    for block in blocks:
        numbers = [int(tag.code[2:8]) for tag in block]
        assert numbers == list(range(numbers[0], numbers[0] + 7))


def test_batches_opened_at_once_get_numbers_of_their_own(ground):
    def opening():
        return services.open_batch(
            actor=ground.manager, mine=ground.mine, material_type="HARD_ROCK", campaign="x"
        )

    codes = sorted(batch.code for batch in at_once(*[opening] * 6))
    assert [int(code[-4:]) for code in codes] == [2, 3, 4, 5, 6, 7]


def test_nothing_goes_into_a_batch_that_closes(ground):
    """Whichever comes first: a closed batch never has a sample registered after its closing."""
    answers = at_once(
        lambda: services.close_batch(actor=ground.manager, batch=ground.batch),
        *(registering(ground, ground.batch, ground.tags[n]) for n in range(4)),
    )
    refused = answers[1:].count("batch-closed")
    assert Batch.objects.get(pk=ground.batch.pk).state == "CLOSED"
    assert Sample.objects.count() == 4 - refused


def test_two_lists_of_the_same_tags_in_opposite_order_do_not_wait_in_a_circle(ground):
    other = services.open_batch(
        actor=ground.manager, mine=ground.mine, material_type="HARD_ROCK", campaign="x"
    )

    def all_of(batch, tags):
        drafts = [
            Draft(tag=tag, mass_g=Decimal(1), collected_at=COLLECTED, row=n) for n, tag in enumerate(tags)
        ]
        return lambda: sample_services.register_samples(actor=ground.coordinator, batch=batch, drafts=drafts)

    answers = at_once(all_of(ground.batch, ground.tags), all_of(other, ground.tags[::-1]))
    assert sum(answer == "tag-used" for answer in answers) == 1
    assert Sample.objects.count() == 10
