"""Plans: made, changed, frozen; what has come of them; the owner's blind items; who may see which."""

import threading
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from lims.errors import Conflict, DomainError, Invalid, NotPermitted
from samples.registry import sample_services, services
from samples.registry.models import BlindItem, PlannedSite, SamplingPlan
from samples.registry.plans.lines import read_sites, write_sites
from samples.registry.plans.queries import outside_plan, progress_of
from samples.registry.plans.rules import SiteDraft, outside
from samples.registry.plans.services import change_plan, freeze_plan, make_plan, register_blind_item
from tests.support.people import organisation

pytestmark = pytest.mark.django_db
SITES = [SiteDraft("Pit 1", 2, Decimal("26.05"), Decimal("98.35")), SiteDraft("Heap", 1, note="the grey one")]


@pytest.fixture
def plan(ground):
    return make_plan(
        actor=ground.manager,
        batch=ground.batch,
        sites=SITES,
        method="Channel",
        planned_blanks=1,
        planned_crms=1,
    )


def codes(caught):
    return [problem.code for problem in caught.value.problems]


def test_the_number_of_a_plan_is_the_sum_of_its_sites_and_the_batchs_own(ground, plan):
    ground.batch.refresh_from_db()
    assert (plan.planned_number, ground.batch.planned_count) == (3, 3)
    assert [(site.position, site.name, site.planned_number) for site in plan.sites.order_by("position")] == [
        (1, "Pit 1", 2),
        (2, "Heap", 1),
    ]


def test_a_plan_is_made_once_and_changed_whole_until_it_is_frozen(ground, plan):
    with pytest.raises(Conflict) as caught:
        make_plan(actor=ground.manager, batch=ground.batch, planned_number=5)
    assert codes(caught) == ["plan-there"]
    changed = change_plan(actor=ground.coordinator, plan=plan, planned_number=8, interval="Every 2 m")
    assert (changed.planned_number, changed.interval, changed.method) == (8, "Every 2 m", "")
    assert not PlannedSite.objects.exists()
    frozen = freeze_plan(actor=ground.manager, plan=changed)
    assert frozen.frozen_by == ground.manager
    for again in (
        lambda: freeze_plan(actor=ground.manager, plan=frozen),
        lambda: change_plan(actor=ground.manager, plan=frozen, planned_number=9),
    ):
        with pytest.raises(Conflict) as caught:
            again()
        assert codes(caught) == ["plan-frozen"]
    assert SamplingPlan.objects.get().planned_number == 8


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "plan-empty"),
        ({"sites": SITES, "planned_number": 4}, "plan-sum"),
        ({"sites": [SiteDraft("Pit 1", 0)]}, "count-out-of-range"),
        ({"sites": [SiteDraft("Pit 1", 1), SiteDraft("pit  1", 2)]}, "site-twice"),
        ({"sites": [SiteDraft("Pit 1", 1, Decimal("28.6"), Decimal("77.2"))]}, "place-outside-region"),
        ({"sites": [SiteDraft("Pit 1", 1, Decimal("26.0"))]}, "place-half-given"),
        ({"sites": [SiteDraft("", 1)]}, "field-required"),
        ({"planned_number": 10_001}, "count-out-of-range"),
        ({"planned_number": 5, "planned_blanks": -1}, "count-out-of-range"),
        ({"planned_number": 5, "method": "x" * 201}, "text-too-long"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_and_nothing_is_kept(ground, given, code):
    with pytest.raises(DomainError) as caught:
        make_plan(actor=ground.manager, batch=ground.batch, **given)
    assert codes(caught) == [code]
    assert not SamplingPlan.objects.exists()


def test_nobody_else_plans(ground, plan, person):
    for stranger in (
        person("manager", "midwest"),
        person("custodian", "hillroad"),
        person("auditor", "irel"),
    ):
        with pytest.raises(NotPermitted):
            freeze_plan(actor=stranger, plan=plan)


def test_what_is_beyond_the_plan_is_outside_and_blind_items_are_no_samples(ground, plan, register):
    first, second = register(0, site="pit 1"), register(1, site="Pit 1 ")
    third, fourth = register(2, site="PIT 1"), register(3, site="Gully")
    blank, gone = register(4, site="Pit 1"), register(5, site="Heap")
    register_blind_item(actor=ground.coordinator, sample=blank, kind="BLANK", material="Quartz sand")
    sample_services.withdraw_sample(actor=ground.manager, sample=gone, reason="The bag burst.")
    found = progress_of(ground.batch)
    assert found.outside == {third.pk, fourth.pk} == outside_plan(ground.batch)
    assert {first.pk, second.pk}.isdisjoint(found.outside)
    assert [(site.name, site.planned, site.registered, site.left) for site in found.sites] == [
        ("Pit 1", 2, 3, 0),
        ("Heap", 1, 0, 1),
    ]
    assert (found.registered, found.blanks, found.crms, found.percent) == (4, 1, 0, 66)


def test_progress_asks_a_constant_number_of_questions(ground, plan, register):
    register(0, site="Pit 1")
    with CaptureQueriesContext(
        connection,
    ) as one:
        progress_of(ground.batch)
    register(1, site="Pit 1")
    register(2, site="Heap")
    with CaptureQueriesContext(connection) as three:
        progress_of(ground.batch)
    assert len(one) == len(three) == 4


def test_a_bag_is_a_blind_item_once(ground, register):
    bag = register(0)
    register_blind_item(actor=ground.coordinator, sample=bag, kind="CRM", material="OREAS 460")
    with pytest.raises(Conflict) as caught:
        register_blind_item(actor=ground.coordinator, sample=bag, kind="BLANK", material="Sand")
    assert codes(caught) == ["blind-item-there"]
    with pytest.raises(Invalid) as caught:
        register_blind_item(actor=ground.coordinator, sample=register(1), kind="GOLD", material="Sand")
    assert codes(caught) == ["choice-unknown"]


@pytest.mark.django_db(transaction=True)
def test_a_plan_is_frozen_by_one_of_two(ground, plan):
    answers = []

    def freeze():
        try:
            freeze_plan(actor=ground.manager, plan=plan)
            answers.append("frozen")
        except Conflict as error:
            answers.append(error.problems[0].code)
        finally:
            connection.close()

    threads = [threading.Thread(target=freeze) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["frozen", "plan-frozen"]


def test_planned_on_the_page_and_shown_on_the_batch(ground, signed_in, register):
    client = signed_in(ground.coordinator)
    address = f"/batches/{ground.batch.pk}/plan/"
    answer = client.post(address, {"sites": "Pit 1; five"})
    assert answer.status_code == 422
    assert "Line 1: “five” is no number of samples." in answer.content.decode()
    answer = client.post(address, {"sites": "Pit 1\t2\t26.05\t98.35\nHeap\t1", "planned_crms": "1"})
    assert answer.status_code == 302
    outside_bag = register(0, site="Gully")
    shown = client.get(f"/batches/{ground.batch.pk}/").content.decode()
    assert "1 of 3 samples registered" in shown
    assert "Outside the plan" in shown
    assert "26.050000, 98.350000" in shown
    assert "Outside the plan" in client.get(f"/samples/{outside_bag.pk}/").content.decode()
    assert "Pit 1; 2; 26.05; 98.35" in client.get(address).content.decode()
    assert client.post(f"{address}freeze/").status_code == 302
    assert "frozen" in client.get(f"/batches/{ground.batch.pk}/").content.decode()
    assert client.post(address, {"planned_number": "9"}).status_code == 422


def test_over_the_api(ground, signed_in, register):
    client = signed_in(ground.manager)
    address = f"/api/v1/batches/{ground.batch.pk}/plan/"
    assert client.get(address).json()["code"] == "plan-unknown"
    body = {"sites": [{"name": "Pit 1", "planned_number": 2}], "method": "Auger"}
    answer = client.put(address, body, content_type="application/json")
    assert (answer.status_code, answer.json()["planned_number"]) == (200, 2)
    bag = register(0, site="Gully")
    assert client.get(address).json()["outside"] == [str(bag.pk)]
    assert client.post(f"{address}freeze/").json()["frozen_by"] == ground.manager.name
    answer = client.put(address, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "plan-frozen")
    blind = {"kind": "BLANK", "material": "Quartz sand"}
    answer = client.post(f"/api/v1/samples/{bag.pk}/blind-item/", blind, content_type="application/json")
    assert answer.status_code == 201
    assert BlindItem.objects.get().sample == bag


def test_a_laboratory_and_a_carrier_are_not_told_of_blind_items(ground, plan, register, person, signed_in):
    bag = register(0, site="Pit 1")
    register_blind_item(actor=ground.coordinator, sample=bag, kind="CRM", material="ZQX-BLINDSTANDARD")
    for code, part in (("nfc", "TESTER"), ("hillroad", "HOLDER")):
        services.add_party(
            actor=ground.manager, batch=ground.batch, organisation=organisation(code), part=part
        )
    addresses = [
        f"/samples/{bag.pk}/",
        f"/batches/{ground.batch.pk}/",
        "/samples/",
        "/samples/export.csv",
        f"/api/v1/samples/{bag.pk}/",
        "/api/v1/samples/",
        f"/api/v1/batches/{ground.batch.pk}/",
        f"/search/?q={bag.tag}",
    ]
    readers = (person("technician", "nfc"), person("receptionist", "nfc"), person("custodian", "hillroad"))
    for reader in readers:
        client = signed_in(reader)
        for address in addresses:
            text = b"".join(client.get(address, follow=True)).decode().casefold()
            assert "blindstandard" not in text, (reader, address)
            assert "slipped in" not in text, (reader, address)
            assert "reference material" not in text, (reader, address)
    assert signed_in(readers[0]).get(f"/api/v1/batches/{ground.batch.pk}/plan/").status_code == 403
    assert "Sampling plan" not in signed_in(readers[0]).get(f"/batches/{ground.batch.pk}/").content.decode()
    owner = signed_in(ground.coordinator)
    assert "ZQX-BLINDSTANDARD" in owner.get(f"/samples/{bag.pk}/").content.decode()
    assert "1 of 1" in owner.get(f"/batches/{ground.batch.pk}/").content.decode()


NAMES = (
    st.text("abc XYZ123-", min_size=1, max_size=20).filter(str.strip).map(lambda name: " ".join(name.split()))
)
PLACES = st.none() | st.tuples(
    st.decimals("20", "28", places=4, allow_nan=False), st.decimals("93", "99", places=4, allow_nan=False)
)


@given(st.lists(st.tuples(NAMES, st.integers(1, 9999), PLACES, st.just("") | NAMES), max_size=8))
def test_what_is_written_is_read_again(drafts):
    sites = [SiteDraft(name, number, *(place or (None, None)), note) for name, number, place, note in drafts]
    assert read_sites(write_sites(sites)) == sites


@given(st.text(max_size=200))
def test_whatever_is_pasted_is_understood_or_named_by_its_line(text):
    try:
        assert all(site.name and site.planned_number >= 0 for site in read_sites(text))
    except Invalid as error:
        assert {problem.code for problem in error.problems} == {"site-line"}


@given(
    st.lists(st.sampled_from(["pit 1", "Pit 1", "heap", ""]), max_size=12),
    st.integers(0, 3),
    st.integers(0, 3),
)
def test_no_site_keeps_more_samples_inside_than_it_asks_for(names, pits, heaps):
    wanted = {"pit 1": pits, "heap": heaps}
    found = outside(list(enumerate(names)), wanted, pits + heaps)
    for site, number in wanted.items():
        inside = [key for key, name in enumerate(names) if name.casefold() == site and key not in found]
        assert len(inside) == min(number, sum(name.casefold() == site for name in names))
    assert all(key in found for key, name in enumerate(names) if not name)
