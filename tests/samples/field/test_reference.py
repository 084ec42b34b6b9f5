"""What a phone takes along: as far as its person may see, everything at first and then only what changed."""

from decimal import Decimal

import pytest
from django.utils import timezone

from lims.verbs import SystemActor, acting
from samples.custody import receiving
from samples.custody.happenings import Here
from samples.custody.incident_services import report_incident
from samples.field.changes import FRESH_S, changes_since
from samples.field.reference import KINDS
from samples.registry.models import Tag, TagBlock
from samples.registry.services import add_party, close_batch, reopen_batch
from tests.lims.ledger.conftest import wait_for_writers
from tests.samples.custody.conftest import CAME
from tests.support.people import organisation

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(user):
    """Return the person as the next request would read them."""
    return type(user).objects.get(pk=user.pk)


def since(user, cursor):
    # Cursors count transactions of the whole cluster, and tests in other databases write, too.
    wait_for_writers()
    return changes_since(fresh(user), cursor)


def by_id(rows):
    return {row["id"]: row for row in rows}


def test_at_first_everything_comes_and_then_nothing(ground, register):
    sample = register(0)
    told = since(ground.coordinator, "")
    assert told.full
    assert set(told.kinds) == set(KINDS)
    assert told.kinds["samples"] == [
        {
            "id": str(sample.pk),
            "batch": str(ground.batch.pk),
            "tag": ground.tags[0],
            "mass_g": "2150.000",
            "site": "",
            "seal": None,
            "sealed_mass_g": None,
            "state": "REGISTERED",
        }
    ]
    assert told.kinds["batches"][0]["campaign"] == "November 2026"
    assert told.kinds["mines"][0]["latitude"] == "26.049812"
    again = since(ground.coordinator, told.cursor)
    assert (again.full, again.kinds) == (False, {})


def test_only_what_changed_comes(ground, register, sealed):
    register(0)
    cursor = since(ground.coordinator, "").cursor
    sample = sealed(1)
    told = since(ground.coordinator, cursor)
    assert not told.full
    assert set(told.kinds) == {"samples", "batches"}
    (row,) = told.kinds["samples"]
    assert (row["id"], row["seal"], row["sealed_mass_g"]) == (str(sample.pk), ["Acme", "A-1"], "2150.000")
    assert since(ground.coordinator, told.cursor).kinds == {}


def test_what_ends_is_gone_and_what_was_never_seen_is_not_named(ground, on_road, receptionist, person):
    stranger = person("manager", "midwest")
    cursors = {who: since(who, "").cursor for who in (ground.coordinator, receptionist, stranger)}
    incident = report_incident(
        actor=ground.coordinator, kind="LOST", detail="Not on the lorry", consignment=on_road
    )
    for n in range(3):
        receiving.receive_bag(
            actor=receptionist,
            consignment=on_road,
            tag=ground.tags[n],
            mass_g=Decimal(2150),
            seals=[("Acme", f"A-{n}")],
            condition="INTACT",
            here=Here(CAME),
        )
    receiving.finish_receipt(actor=receptionist, consignment=on_road, here=Here(CAME))
    told = since(ground.coordinator, cursors[ground.coordinator])
    assert told.kinds["consignments"] == [{"id": str(on_road.pk), "gone": True}]
    assert by_id(told.kinds["incidents"])[str(incident.pk)]["detail"] == "Not on the lorry"
    seen = since(receptionist, cursors[receptionist])
    assert by_id(seen.kinds["incidents"])[str(incident.pk)]["detail"] == ""
    assert since(stranger, cursors[stranger]).kinds == {}


def test_a_laboratory_learns_no_mine(ground, on_road, receptionist):
    told = since(receptionist, "").kinds
    assert (told["mines"], told["samples"], told["documents"]) == ([], [], told["documents"])
    (batch,) = told["batches"]
    assert (batch["campaign"], batch["mine"]) == ("", None)
    (consignment,) = told["consignments"]
    assert [item["tag"] for item in consignment["items"]] == sorted(ground.tags[:3])
    assert consignment["items"][0]["seal"] == ["Acme", "A-0"]


def test_a_carrier_sees_the_mine_rounded(ground, on_road, custodian):
    (mine,) = since(custodian, "").kinds["mines"]
    assert (mine["latitude"], mine["longitude"]) == ("26.0", "98.4")


def test_contacts_are_the_carriers_people(ground, on_road, custodian):
    people = by_id(since(ground.coordinator, "").kinds["contacts"])
    assert people[str(custodian.pk)] == {
        "id": str(custodian.pk),
        "name": custodian.name,
        "organisation": str(organisation("hillroad").pk),
    }
    assert str(ground.manager.pk) not in people


def test_a_new_part_in_a_batch_means_everything_anew(ground, person):
    driver = person("custodian", "hillroad")
    told = since(driver, "")
    assert told.kinds["batches"] == []
    add_party(actor=ground.manager, batch=ground.batch, organisation=organisation("hillroad"), part="HOLDER")
    told = since(driver, told.cursor)
    assert told.full
    assert [batch["id"] for batch in told.kinds["batches"]] == [str(ground.batch.pk)]


def test_another_role_means_everything_anew(ground):
    cursor = since(ground.coordinator, "").cursor
    with acting(SystemActor("tests"), verb_name="grant"):
        ground.coordinator.memberships.create(organisation=ground.owner, role="AUDITOR")
    assert since(ground.coordinator, cursor).full


def test_a_closed_batch_goes_with_its_bags_and_comes_back(ground, register):
    register(0)
    cursor = since(ground.coordinator, "").cursor
    close_batch(actor=ground.manager, batch=ground.batch)
    told = since(ground.coordinator, cursor)
    assert (told.full, told.kinds["batches"], told.kinds["samples"]) == (True, [], [])
    reopen_batch(actor=ground.manager, batch=ground.batch)
    assert len(since(ground.coordinator, told.cursor).kinds["samples"]) == 1


def test_blocks_of_tags_tell_which_are_left(ground, register):
    with acting(SystemActor("tests"), verb_name="reserve"):
        block = TagBlock.objects.create(
            owner=ground.owner,
            coordinator=ground.coordinator,
            first=ground.tags[0],
            last=ground.tags[2],
            count=3,
        )
        Tag.objects.filter(code__in=ground.tags[:3]).update(block=block)
    told = since(ground.coordinator, "")
    assert told.kinds["tag_blocks"][0]["tags"] == ground.tags[:3]
    register(1)
    told = since(ground.coordinator, told.cursor)
    assert told.kinds["tag_blocks"][0]["tags"] == [ground.tags[0], ground.tags[2]]
    assert since(ground.manager, "").kinds["tag_blocks"] == []


def test_the_people_of_a_carrier_come_with_its_first_consignment(ground, custodian, packing):
    nobody_met = since(ground.coordinator, "")
    with acting(SystemActor("tests"), verb_name="tests"):
        cursor = nobody_met.cursor
        packing.planned_arrival = timezone.now()
        packing.save(update_fields=["planned_arrival"])
    told = since(ground.coordinator, cursor).kinds
    assert [one["id"] for one in told["consignments"]] == [str(packing.pk)]
    assert {one["id"]: one["organisation"] for one in told["contacts"]} == {
        str(custodian.pk): str(packing.carrier_id)
    }


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "1.1",
        "2.1.1.1.0123456789abcdef",
        "1.99.1.1.0123456789abcdef",
        "1.1.1.1.0123456789abcdeg",
        "\x00",
        "1." * 90,
    ],
)
def test_a_cursor_that_does_not_count_means_everything(ground, cursor):
    assert since(ground.coordinator, cursor).full


def test_while_it_sends_a_phone_is_not_told_news_for_a_minute(ground, register):
    cursor = since(ground.coordinator, "").cursor
    register(0)
    busy = changes_since(fresh(ground.coordinator), cursor, busy=True)
    assert (busy.cursor, busy.kinds, busy.full) == (cursor, {}, False)
    old = cursor.split(".")
    old[3] = str(int(old[3]) - FRESH_S)
    late = changes_since(fresh(ground.coordinator), ".".join(old), busy=True)
    assert set(late.kinds) == {"samples", "batches"}


@pytest.mark.parametrize("count", [1, 4])
def test_news_take_as_many_queries_for_one_as_for_many(ground, sealed, django_assert_max_num_queries, count):
    cursor = since(ground.coordinator, "").cursor
    for n in range(count):
        sealed(n)
    # Waiting for others asks as often as it takes; what is counted is the answer.
    wait_for_writers()
    with django_assert_max_num_queries(20):
        assert len(changes_since(fresh(ground.coordinator), cursor).kinds["samples"]) == count


def test_everything_takes_a_bounded_number_of_queries(ground, on_road, django_assert_max_num_queries):
    wait_for_writers()
    with django_assert_max_num_queries(40):
        changes_since(fresh(ground.coordinator), "")
