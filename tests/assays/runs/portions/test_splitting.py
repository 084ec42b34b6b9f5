"""Bags taken up and split: masses that balance, labels, a tree in which every gram is accounted for."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assays.runs.models import Portion, PortionEvent, Split
from assays.runs.portions import services
from assays.runs.portions.queries import lineage, portions_for
from lims.errors import DomainError
from samples.custody import services as custody
from samples.custody.bag_services import dispose_bag
from samples.custody.happenings import Here
from samples.custody.models import CustodyEvent
from samples.registry import sample_services
from tests.assays.runs.portions.conftest import TAKEN

pytestmark = pytest.mark.django_db


def test_a_bag_is_taken_up_once(store, refusal):
    sample, shelf = store.bench.sample(), store.place()
    bag = store.bag("2134.5", sample=sample, place=shelf)
    bag.refresh_from_db()
    assert (bag.label, bag.kind, bag.state) == (sample.tag.code, "BAG", "HELD")
    assert (bag.made_g, bag.left_g, bag.laboratory) == (
        Decimal("2134.5"),
        Decimal("2134.5"),
        store.laboratory,
    )
    assert [(event.kind, event.place) for event in bag.events.all()] == [("STORED", shelf)]
    assert refusal(store.bag, sample=sample) == "portion-of-bag-once"
    assert Portion.objects.count() == 1


def test_taking_a_bag_up_takes_its_seal_off(store):
    sample = store.bench.sample()
    custody.seal_sample(
        actor=store.bench.ground.coordinator,
        sample=sample,
        maker="Acme",
        number="A-1",
        mass_g=Decimal(2150),
        here=Here(TAKEN - timedelta(days=3)),
    )
    store.bag(sample=sample)
    assert [event.kind for event in CustodyEvent.objects.order_by("at")] == ["SEALED", "OPENED"]
    assert sample.seals.get().state == "REMOVED"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"mass_g": Decimal(0)}, "mass-not-positive"),
        ({"mass_g": Decimal(100_001)}, "mass-too-large"),
        ({"at": TAKEN + timedelta(days=9000)}, "date-in-future"),
        ({"at": TAKEN - timedelta(days=9999)}, "date-too-old"),
    ],
)
def test_a_bag_that_cannot_be_is_not_taken_up(store, refusal, changed, code):
    assert refusal(store.bag, **changed) == code
    assert not Portion.objects.exists()


def test_only_technicians_of_the_laboratory_take_up(store, refusal, person):
    for who in (store.manager, store.bench.reviewer, store.owner, person("manager", "hillroad")):
        assert refusal(store.bag, sample=store.bench.sample(), actor=who) == "not-permitted"
    assert not Portion.objects.exists()


def test_what_is_withdrawn_or_gone_is_not_taken_up(store, refusal):
    withdrawn, gone = store.bench.sample(), store.bench.sample()
    sample_services.withdraw_sample(actor=store.owner, sample=withdrawn, reason="Twice in the list")
    dispose_bag(actor=store.owner, sample=gone, reason="Burst", here=Here(TAKEN - timedelta(days=1)))
    assert refusal(store.bag, sample=withdrawn) == "sample-withdrawn"
    assert refusal(store.bag, sample=gone) == "bag-gone"


def test_a_split_balances_and_labels_its_parts(store):
    bag = store.bag("2000")
    split = store.split(
        bag, "COARSE 1480", "PULP 250", "PULP 255", loss_g="10", method="Riffle", note="two  cups"
    )
    parts = list(split.portions.order_by("label"))
    tag = bag.label
    assert [part.label for part in parts] == [f"{tag}-C1", f"{tag}-P1", f"{tag}-P2"]
    assert [part.left_g for part in parts] == [Decimal(1480), Decimal(250), Decimal(255)]
    # 5 g more than was said: within 0.5 % of 2000 g; on record it adds up exactly
    assert (split.mass_g, split.loss_g, split.method, split.note) == (2000, 15, "Riffle", "two cups")
    bag.refresh_from_db()
    assert (bag.left_g, bag.state) == (0, "USED_UP")


def test_parts_of_a_part_and_a_rest_that_stays(store):
    bag = store.bag("2000")
    store.split(bag, "PULP 500", rest_g=Decimal(1500))
    store.split(bag, "PULP 400", "PULP 90", loss_g="10", rest_g=Decimal(1000))
    bag.refresh_from_db()
    assert (bag.left_g, bag.state) == (1000, "HELD")
    assert sorted(bag.children.values_list("label", "left_g")) == [
        (f"{bag.label}-P1", 500),
        (f"{bag.label}-P2", 400),
        (f"{bag.label}-P3", 90),
    ]
    pulp = bag.children.get(label__endswith="-P1")
    store.split(pulp, "ALIQUOT 0.2513", rest_g=Decimal("499.7487"), at=TAKEN + timedelta(hours=2))
    assert pulp.children.get().label == f"{bag.label}-P1-A1"


@pytest.mark.parametrize(
    ("parts", "given", "code"),
    [
        (["COARSE 1480"], {}, "mass-balance"),
        (["COARSE 2011"], {}, "mass-balance"),
        (["COARSE 2000"], {"loss_g": Decimal(11)}, "mass-balance"),
        ([], {}, "parts-none"),
        (["PULP 1"] * 17, {}, "parts-too-many"),
        (["BAG 2000"], {}, "part-impossible"),
        (["DUST 2000"], {}, "choice-unknown"),
        (["PULP 0"], {}, "mass-not-positive"),
        (["PULP 2000.00001"], {}, "mass-too-fine"),
        (["PULP 2000"], {"loss_g": Decimal(-1)}, "mass-not-positive"),
        (["PULP 1"], {"rest_g": Decimal(2000)}, "rest-impossible"),
        (["PULP 1"], {"rest_g": Decimal(-1)}, "mass-not-positive"),
        (["PULP 2000"], {"at": TAKEN - timedelta(hours=1)}, "date-before-portion"),
        (["PULP 2000"], {"seen_g": Decimal(1999)}, "portion-changed"),
        (["PULP 2000"], {"method": "x" * 101}, "text-too-long"),
    ],
)
def test_a_split_that_cannot_be_changes_nothing(store, refusal, parts, given, code):
    bag = store.bag("2000")
    assert refusal(store.split, bag, *parts, **given) == code
    bag.refresh_from_db()
    assert (bag.left_g, bag.state, Portion.objects.count(), Split.objects.count()) == (2000, "HELD", 1, 0)


def test_a_refused_balance_says_how_far_it_is_apart(store):
    bag = store.bag("2000")
    with pytest.raises(DomainError) as told:
        store.split(bag, "COARSE 1700", "PULP 250", loss_g="2")
    problem = told.value.problems[0]
    assert problem.message == "2000 g went in; parts and loss make 1952 g: 48 g missing."
    assert problem.remedy == "Weigh again; up to 10 g may be apart."
    assert problem.extra == {"difference_g": "48.0000", "tolerance_g": "10.0000000"}


def test_a_pulp_is_not_split_into_coarse_and_what_is_used_up_is_not_split(store, refusal):
    bag = store.bag()
    pulp = store.split(bag, "PULP 2000").portions.get()
    assert refusal(store.split, pulp, "COARSE 2000") == "part-impossible"
    assert refusal(store.split, bag, "PULP 2000") == "portion-gone"


def test_parts_go_to_places_of_the_same_laboratory_that_are_in_use(store, refusal, person):
    bag, shelf = store.bag(), store.place()
    part = services.Part("PULP", Decimal(2000), shelf)
    services.retire_place(actor=store.technician, place=shelf)
    given = {"actor": store.technician, "portion": bag, "loss_g": Decimal(0), "at": TAKEN}
    assert refusal(services.split_portion, parts=[part], **given) == "place-retired"
    other = store.place("Shelf 2")
    split = services.split_portion(parts=[services.Part("PULP", Decimal(2000), other)], **given)
    assert PortionEvent.objects.get().portion == split.portions.get()
    assert other.portions.get().label == f"{bag.label}-P1"


def test_labels_do_not_grow_without_end(store, refusal):
    portion = store.bag("1000")
    for _ in range(10):
        portion = store.split(portion, "PULP 1000").portions.get()
    assert len(portion.label) == 39
    assert refusal(store.split, portion, "PULP 1000") == "label-too-long"


def work_on(store, portion, act, share, loss, when):
    """Do one thing to a portion, taking a share of it."""
    mass = max((portion.left_g * share).quantize(Decimal("0.0001")), Decimal("0.0001"))
    done = {"actor": store.technician, "portion": portion, "at": when}
    if act == "split":
        store.split(portion, f"PULP {mass}", loss_g=loss, rest_g=portion.left_g - mass, at=when)
    elif act == "use":
        services.use_portion(mass_g=mass, reason="Weighed in", **done)
    elif act == "prepare":
        services.prepare_portion(step="PULVERISE", before_g=portion.left_g, after_g=mass, **done)
    else:
        services.return_portion(reason="Asked for", **done)


acts = st.tuples(
    st.sampled_from(["split", "split", "use", "prepare", "return"]),
    st.integers(0, 99),
    st.integers(1, 99).map(lambda share: Decimal(share) / 100),
    st.decimals("0", "0.2", places=4).map(str),
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(acts, min_size=1, max_size=6))
def test_a_tree_accounts_for_every_gram(store, steps):
    """Whatever is split, prepared, used and returned in whatever order: the sums stay those of the bag."""
    with transaction.atomic():
        store.bench.samples.clear()
        bag = store.bag("2000")
        for act, which, share, loss in steps:
            held = list(Portion.objects.filter(state="HELD").order_by("label"))
            if not held:
                break
            try:
                work_on(store, held[which % len(held)], act, share, loss, TAKEN + timedelta(hours=2))
            except DomainError as refused:
                assert refused.problems[0].code in {"mass-balance", "label-too-long"}
        (root,) = lineage(bag.sample)
        nodes = list(root.walk())
        spent = sum(node.portion.left_g + node.used_g + node.gone_g + node.loss_g for node in nodes)
        assert spent == root.portion.made_g == 2000
        for node in nodes:
            assert node.divided_g == sum(child.portion.made_g for child in node.children) + node.split_loss_g
            assert node.prepared_loss_g >= 0
        transaction.set_rollback(True)


def test_the_tree_is_told_in_a_few_queries(store, django_assert_num_queries):
    bag = store.bag()
    parts = store.split(bag, "COARSE 1000", "PULP 1000").portions.order_by("label")
    with django_assert_num_queries(6):
        list(lineage(bag.sample)[0].walk())
    for part in parts:
        store.split(part, "PULP 500", "PULP 500", at=TAKEN + timedelta(hours=2))
    with django_assert_num_queries(6):
        nodes = list(lineage(bag.sample)[0].walk())
    assert [(node.depth, node.portion.label.removeprefix(bag.label)) for node in nodes] == [
        (0, ""),
        (1, "-C1"),
        (2, "-C1-P1"),
        (2, "-C1-P2"),
        (1, "-P1"),
        (2, "-P1-P1"),
        (2, "-P1-P2"),
    ]


def test_portions_are_the_laboratorys_and_the_owners(store, person):
    bag = store.bag()
    sees = {
        name: list(portions_for(who)) == [bag]
        for name, who in {
            "technician": store.technician,
            "owner": store.owner,
            "auditor": person("auditor", "mines"),
            "carrier": person("manager", "hillroad"),
            "another": person("manager", "midwest"),
        }.items()
    }
    assert sees == {"technician": True, "owner": True, "auditor": True, "carrier": False, "another": False}
    assert lineage(bag.sample, user=person("manager", "midwest")) == []
