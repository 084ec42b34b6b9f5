"""The same by many routes at once, over real PostgreSQL: its effect is there once, and all are answered alike."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections

from lims.errors import DomainError
from samples.field.carrying import carry
from samples.field.models import Operation, OutboxFile
from samples.field.services import release_operation, revoke_device
from samples.registry.models import Photograph, Sample
from samples.registry.services import issue_tags
from tests.samples.field.test_uploads import PICTURE, SHA256

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*acts):
    """Do all of it at the same moment, each over a connection of its own, and return what each returned or was told."""
    start = Barrier(len(acts))

    def one(act):
        try:
            start.wait(timeout=30)
            return act()
        except DomainError as error:
            return error.problems[0].code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(one, acts))


def test_one_operation_eight_times_at_once_is_applied_once(ground, phone):
    sent = phone.registers(ground.batch, ground.tags[0])
    told = [answers[0] for answers in at_once(*[lambda: phone.take(sent)] * 8)]
    assert sorted(one["answer"] for one in told) == ["applied"] + ["duplicate"] * 7
    assert len({one["result"]["sample_id"] for one in told}) == 1
    assert (Sample.objects.count(), Operation.objects.count()) == (1, 1)


def test_one_outbox_eight_times_at_once_in_any_order_is_applied_once(ground, phone):
    sents = [phone.registers(ground.batch, tag) for tag in ground.tags]
    routes = [list(reversed(sents)) if n % 2 else sents for n in range(8)]
    told = at_once(*(lambda route=route: phone.take(*route) for route in routes))
    given = [one["answer"] for answers in told for one in answers]
    assert (given.count("applied"), given.count("duplicate")) == (10, 70)
    assert (Sample.objects.count(), Operation.objects.count()) == (10, 10)


def test_one_outbox_by_file_and_by_network_at_once_is_applied_once(ground, phone, custodian):
    sents = [phone.registers(ground.batch, tag) for tag in ground.tags[:6]]
    for sent in list(sents):
        of = {"sample": sent["payload"].split('"sample_id": "')[1][:36]}
        body = {"photograph_id": sent["payload"].split('"id": "')[1][:36], "sha256": SHA256, "of": of}
        sents.append(phone.op("add_photograph", body))
    file = phone.outbox(*sents, photographs=[PICTURE])
    told = at_once(
        lambda: carry(file, by=custodian).answers,
        lambda: phone.take(*sents),
        lambda: carry(file, by=ground.manager).answers,
        lambda: phone.take(*sents),
    )
    phone.take(*sents)  # what waited for its photograph comes again by itself
    assert Sample.objects.count() == Photograph.objects.count() == 6
    assert Operation.objects.filter(state="APPLIED").count() == 12
    registered = [answers[n]["answer"] for answers in told for n in range(6)]
    assert (registered.count("applied"), registered.count("duplicate")) == (6, 18)
    assert OutboxFile.objects.count() == 2


def test_two_phones_claim_one_tag_at_once(ground, phone, phone_of):
    phones = [phone, phone_of(ground.manager), phone_of(ground.coordinator), phone_of(ground.manager)]
    claims = [one.registers(ground.batch, ground.tags[0]) for one in phones]
    acts = [
        lambda one=one, claim=claim: one.take(claim)[0] for one, claim in zip(phones, claims, strict=True)
    ]
    told = at_once(*acts)
    assert sorted(one["answer"] for one in told) == ["applied"] + ["conflict"] * 3
    assert {one["code"] for one in told if one["answer"] == "conflict"} == {"tag-used"}
    assert Sample.objects.count() == 1
    assert Operation.objects.filter(state="CONFLICT").count() == 3


def test_many_phones_in_one_batch_hinder_nobody(ground, phone_of):
    tags = [tag.code for tag in issue_tags(actor=ground.manager, owner=ground.owner, count=40)]
    phones = [phone_of(ground.coordinator) for _ in range(4)]
    outboxes = [[one.registers(ground.batch, tag) for tag in tags[n::4]] for n, one in enumerate(phones)]
    told = at_once(
        *(lambda one=one, sents=sents: one.take(*sents) for one, sents in zip(phones, outboxes, strict=True))
    )
    assert {one["answer"] for answers in told for one in answers} == {"applied"}
    assert Sample.objects.count() == 40


def test_two_managers_release_one_record(ground, phone, person):
    sent = phone.registers(ground.batch, ground.tags[0])
    revoke_device(actor=ground.manager, device=phone.device, reason="Lost")
    phone.take(sent)
    held = Operation.objects.get()
    second = person("manager", "irel", nick="second")
    told = at_once(
        *(
            lambda who=who: release_operation(actor=who, operation=held, reason="Bag seen").state
            for who in (ground.manager, second, ground.manager)
        )
    )
    assert sorted(told) == ["RELEASED", "transition-refused", "transition-refused"]
    assert Sample.objects.count() == 1
