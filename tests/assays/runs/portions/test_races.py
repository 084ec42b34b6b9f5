"""Two at once: one split of a portion, one disposal, one version of a rule, one place."""

from datetime import timedelta
from decimal import Decimal

import pytest

from assays.runs.models import Portion, PortionEvent, RetentionRule, Split, StorePlace
from assays.runs.portions import services
from tests.assays.runs.portions.conftest import TAKEN
from tests.samples.registry.test_races import at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_people_split_a_portion_and_one_wins(store, person):
    bag, other = store.bag("2000"), person("technician", "nfc", nick="second")
    answers = at_once(
        *(
            lambda who=who: store.split(bag, "COARSE 1500", "PULP 500", actor=who)
            for who in (store.technician, other) * 2
        )
    )
    assert answers.count("portion-gone") == 3
    assert (Split.objects.count(), Portion.objects.count()) == (1, 3)
    bag.refresh_from_db()
    assert (bag.left_g, bag.state) == (0, "USED_UP")


def test_who_split_from_what_they_saw_is_told_that_it_changed(store):
    bag = store.bag("2000")
    answers = at_once(
        *(lambda: store.split(bag, "PULP 500", rest_g=Decimal(1500), seen_g=Decimal(2000)) for _ in range(4))
    )
    assert answers.count("portion-changed") == 3
    assert Portion.objects.filter(parent=bag).count() == 1


def test_parts_taken_at_once_carry_different_labels(store):
    bag = store.bag("2000")
    at_once(
        lambda: store.split(bag, "PULP 500", rest_g=Decimal(1500)),
        lambda: store.split(bag, "PULP 500", rest_g=Decimal(1000)),
    )
    labels = Portion.objects.filter(parent=bag).values_list("label", flat=True)
    assert set(labels) <= {f"{bag.label}-P1", f"{bag.label}-P2"}
    bag.refresh_from_db()
    made = sum(Portion.objects.filter(parent=bag).values_list("made_g", flat=True))
    assert made + bag.left_g == 2000


def test_no_more_is_used_than_there_is(store):
    pulp = store.split(store.bag("1"), "PULP 1").portions.get()

    def use():
        return services.use_portion(
            actor=store.technician, portion=pulp, mass_g=Decimal("0.4"), reason="Fusion"
        )

    answers = at_once(*[use] * 4)
    assert answers.count("portion-too-small") == 2
    pulp.refresh_from_db()
    assert pulp.left_g == Decimal("0.2")


def test_one_bag_is_taken_up_once(store):
    sample = store.bench.sample()
    answers = at_once(*[lambda: store.bag(sample=sample)] * 4)
    assert answers.count("portion-of-bag-once") == 3
    assert Portion.objects.count() == 1


def test_a_portion_is_thrown_away_once_and_not_split_afterwards(store):
    store.rule("BAG", 0)
    bag = store.bag("2000")

    def throw():
        return services.dispose_portion(actor=store.technician, portion=bag, reason="Old")

    answers = at_once(throw, lambda: store.split(bag, "PULP 2000"), throw)
    assert answers.count("portion-gone") == 2
    assert PortionEvent.objects.filter(kind="DISPOSED").count() + Split.objects.count() == 1


def test_rules_are_numbered_one_after_the_other(store):
    answers = at_once(*[lambda: store.rule("PULP", 30)] * 3)
    refused = [one for one in answers if isinstance(one, str)]
    assert set(refused) <= {"retention-rule-version-once"}
    versions = sorted(RetentionRule.objects.values_list("version", flat=True))
    assert versions == list(range(1, 4 - len(refused)))


def test_nothing_is_put_into_a_place_while_it_is_retired(store):
    bag, place = store.bag(), store.place()
    answers = at_once(
        lambda: services.store_portion(
            actor=store.technician, portion=bag, place=place, at=TAKEN + timedelta(hours=1)
        ),
        lambda: services.retire_place(actor=store.technician, place=place),
    )
    bag.refresh_from_db()
    retired = StorePlace.objects.get().retired_at is not None
    assert (bag.place == place) != retired
    assert {"place-retired", "place-not-empty"} & {one for one in answers if isinstance(one, str)}
