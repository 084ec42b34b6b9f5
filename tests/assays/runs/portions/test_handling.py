"""Portions prepared, used, stored, returned and thrown away: exact masses, and what each refuses."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from assays.runs.models import (
    AnalysisRequest,
    Ignition,
    PortionEvent,
    Preparation,
    RequestedSample,
    Run,
    RunItem,
)
from assays.runs.portions import services
from assays.runs.portions.queries import due_for_disposal, first_days, lineage, measured, retention_rules
from assays.runs.services import record_moisture
from lims.errors import Conflict
from lims.verbs import acting
from lims.work.models import Request
from tests.assays.runs.portions.conftest import TAKEN

pytestmark = pytest.mark.django_db

DAY = TAKEN.date()


def prepare(store, portion, step, before, after, **given):
    return services.prepare_portion(
        actor=store.technician,
        portion=portion,
        step=step,
        before_g=Decimal(before),
        after_g=Decimal(after),
        at=given.pop("at", TAKEN + timedelta(hours=1)),
        **given,
    )


def test_each_step_of_preparation_loses_what_it_loses(store):
    bag = store.bag("2000")
    prepare(store, bag, "DRY", "2000", "1724", temperature_c=Decimal("105.0"), minutes=720)
    prepare(store, bag, "CRUSH", "1724", "1720.5", sieve_um=2000, passing_pct=Decimal("92.5"))
    prepare(store, bag, "PULVERISE", "1721", "1719.5", sieve_um=75, passing_pct=Decimal(88))
    bag.refresh_from_db()
    assert (bag.left_g, bag.state, bag.made_g) == (Decimal("1719.5"), "HELD", 2000)
    (node,) = lineage(bag.sample)
    assert (node.prepared_loss_g, node.loss_pct) == (Decimal("280.5"), Decimal("14.02"))
    assert [step.before_g - step.after_g for step in node.steps] == [276, Decimal("3.5"), Decimal("1.5")]


@pytest.mark.parametrize(
    ("step", "before", "after", "given", "code"),
    [
        ("GRIND", "2000", "1999", {}, "choice-unknown"),
        ("CRUSH", "1999", "2000", {}, "preparation-masses-in-order"),
        ("CRUSH", "1989.9999", "1980", {}, "mass-balance"),
        ("CRUSH", "2010.0001", "1980", {}, "mass-balance"),
        ("CRUSH", "2000", "0", {}, "mass-not-positive"),
        ("DRY", "2000", "1900", {}, "drying-temperature"),
        ("DRY", "2000", "1900", {"temperature_c": Decimal("400.1")}, "drying-temperature"),
        ("DRY", "2000", "1900", {"temperature_c": Decimal("19.9")}, "drying-temperature"),
        ("SIEVE", "2000", "2000", {"sieve_um": 75}, "sieve-whole"),
        ("SIEVE", "2000", "2000", {"passing_pct": Decimal(5)}, "sieve-whole"),
        ("SIEVE", "2000", "2000", {"sieve_um": 0, "passing_pct": Decimal(5)}, "sieve-whole"),
        ("SIEVE", "2000", "2000", {"sieve_um": 75, "passing_pct": Decimal("100.1")}, "sieve-whole"),
        ("CRUSH", "2000", "1999", {"at": TAKEN - timedelta(seconds=1)}, "date-before-portion"),
        ("CRUSH", "2000", "1999", {"seen_g": Decimal(1)}, "portion-changed"),
    ],
)
def test_a_step_that_cannot_be_changes_nothing(store, refusal, step, before, after, given, code):
    bag = store.bag("2000")
    assert refusal(prepare, store, bag, step, before, after, **given) == code
    bag.refresh_from_db()
    assert (bag.left_g, Preparation.objects.count()) == (2000, 0)


def test_an_aliquot_is_not_crushed(store, refusal):
    aliquot = store.split(store.bag("100"), "ALIQUOT 100").portions.get()
    given = {"at": TAKEN + timedelta(hours=2)}
    assert refusal(prepare, store, aliquot, "CRUSH", "100", "99", **given) == "step-impossible"
    assert prepare(store, aliquot, "DRY", "100", "99", temperature_c=Decimal(105), **given).after_g == 99


def test_weighing_a_little_more_makes_no_mass(store):
    bag = store.bag("2000")
    prepare(store, bag, "HOMOGENISE", "2004", "2004")
    bag.refresh_from_db()
    assert bag.left_g == 2000


def test_a_portion_is_used_until_nothing_is_left(store, refusal):
    pulp = store.split(store.bag("250"), "PULP 250").portions.get()
    services.use_portion(actor=store.technician, portion=pulp, mass_g=Decimal("0.2513"), reason="Fusion")
    assert (
        refusal(
            services.use_portion, actor=store.technician, portion=pulp, mass_g=Decimal(250), reason="Leach"
        )
        == "portion-too-small"
    )
    services.use_portion(actor=store.technician, portion=pulp, mass_g=Decimal("249.7487"), reason="Leach")
    pulp.refresh_from_db()
    assert (pulp.left_g, pulp.state) == (0, "USED_UP")
    assert list(pulp.events.order_by("id").values_list("mass_g", "reason")) == [
        (Decimal("0.2513"), "Fusion"),
        (Decimal("249.7487"), "Leach"),
    ]
    assert (
        refusal(services.use_portion, actor=store.technician, portion=pulp, mass_g=Decimal(1), reason="Leach")
        == "portion-gone"
    )


@pytest.mark.parametrize(
    ("mass", "reason", "code"),
    [("0", "x", "mass-not-positive"), ("1", " ", "field-required"), ("1", "x" * 501, "text-too-long")],
)
def test_what_is_used_has_a_mass_and_a_reason(store, refusal, mass, reason, code):
    bag = store.bag()
    given = {"actor": store.technician, "portion": bag, "mass_g": Decimal(mass), "reason": reason}
    assert refusal(services.use_portion, **given) == code
    assert not PortionEvent.objects.exists()


def test_portions_stand_at_places(store, refusal):
    bag, room = store.bag(), store.place("Room 2")
    shelf = store.place("Shelf 4", inside=room)
    services.store_portion(actor=store.technician, portion=bag, place=shelf)
    bag.refresh_from_db()
    assert (bag.place, shelf.inside) == (shelf, room)
    assert refusal(store.place, "SHELF 4") == "store-place-once"
    assert refusal(store.place, " ") == "field-required"
    for place in (shelf, room):
        assert refusal(services.retire_place, actor=store.technician, place=place) == "place-not-empty"
    services.return_portion(actor=store.technician, portion=bag, reason="The owner asked for it")
    services.retire_place(actor=store.technician, place=shelf)
    services.retire_place(actor=store.technician, place=room)
    assert refusal(services.retire_place, actor=store.technician, place=room) == "place-retired"
    assert refusal(store.place, "Box 1", inside=room) == "place-retired"


def test_what_is_returned_is_gone(store, refusal):
    bag = store.bag("2000")
    event = services.return_portion(actor=store.technician, portion=bag, reason="Asked for by IREL")
    bag.refresh_from_db()
    assert (bag.state, bag.left_g, event.kind, event.mass_g, event.reason) == (
        "RETURNED",
        0,
        "RETURNED",
        2000,
        "Asked for by IREL",
    )
    given = {"actor": store.technician, "portion": bag}
    for verb, more in (
        (services.return_portion, {"reason": "x"}),
        (services.dispose_portion, {"reason": "x"}),
        (services.use_portion, {"reason": "x", "mass_g": Decimal(1)}),
    ):
        assert refusal(verb, **given, **more) == "portion-gone"
    assert refusal(prepare, store, bag, "CRUSH", "2000", "1999") == "portion-gone"


def test_nothing_is_thrown_away_before_its_time(store):
    store.rule("BAG", 30)
    bag = store.bag("2000")
    assert bag.keep_until == DAY + timedelta(days=30)
    last = TAKEN + timedelta(days=29)
    with pytest.raises(Conflict) as told:
        services.dispose_portion(actor=store.technician, portion=bag, reason="Full shelf", at=TAKEN)
    assert told.value.problems[0].code == "retention-runs"
    assert told.value.problems[0].message == f"{bag} is kept: not before 10 Dec 2026."
    assert list(due_for_disposal(store.laboratory, last.date())) == []
    assert list(due_for_disposal(store.laboratory, DAY + timedelta(days=30))) == [bag]


def test_without_a_rule_nothing_is_thrown_away_and_a_new_one_counts_for_what_is_there(store, refusal):
    bag, given = store.bag(), {"actor": store.technician, "reason": "Old"}
    assert refusal(services.dispose_portion, portion=bag, **given) == "retention-unset"
    assert list(due_for_disposal(store.laboratory, date(2099, 1, 1))) == []
    store.rule("BAG", 3650)
    assert refusal(services.dispose_portion, portion=bag, **given) == "retention-runs"
    newest = store.rule("BAG", 3)
    bag.refresh_from_db()
    assert (bag.keep_until, newest.version) == (DAY + timedelta(days=3), 2)
    assert retention_rules(store.laboratory) == {"BAG": newest}
    services.dispose_portion(actor=store.technician, portion=bag, reason="Old", at=TAKEN + timedelta(days=3))
    bag.refresh_from_db()
    assert (bag.state, bag.left_g, bag.place) == ("DISPOSED", 0, None)


def asked(store, bag, **days):
    method = store.bench.method("ME-XX", lod="")
    with acting(store.bench.system, verb_name="ask"):
        request = AnalysisRequest.objects.create(batch=bag.sample.batch, method=method, **days)
        RequestedSample.objects.create(request=request, sample=bag.sample)


@pytest.mark.parametrize(
    ("rule", "days", "first"),
    [
        (10, {"dispose_after": DAY + timedelta(days=20)}, 21),
        (10, {"hold_until": DAY + timedelta(days=12)}, 13),
        (10, {"hold_until": DAY + timedelta(days=12), "dispose_after": DAY + timedelta(days=15)}, 16),
        (30, {"dispose_after": DAY + timedelta(days=20)}, 30),
        (None, {"dispose_after": DAY + timedelta(days=20)}, 21),
    ],
)
def test_the_later_of_rule_and_request_counts(store, rule, days, first):
    if rule is not None:
        store.rule("BAG", rule)
    bag = store.bag()
    asked(store, bag, **days)
    assert first_days([bag.pk]) == {bag.pk: (DAY + timedelta(days=first), False)}
    assert list(due_for_disposal(store.laboratory, DAY + timedelta(days=first - 1))) == []
    assert list(due_for_disposal(store.laboratory, DAY + timedelta(days=first))) == [bag]


def test_what_a_run_still_needs_stays(store, refusal):
    store.rule("BAG", 0)
    bag = store.bag()
    run = store.bench.run()
    with acting(store.bench.system, verb_name="build"):
        RunItem.objects.create(run=run, label="01", kind="SAMPLE", sample=bag.sample, portion=bag)
    given = {"actor": store.technician, "portion": bag, "reason": "Old"}
    assert refusal(services.dispose_portion, **given) == "portion-needed"
    assert list(due_for_disposal(store.laboratory, date(2099, 1, 1))) == []
    with acting(store.bench.system, verb_name="review"):
        store.bench._submit(Run.objects.get(pk=run.pk), "APPROVED")
    assert services.dispose_portion(**given).mass_g == 2000


def test_portions_are_thrown_away_together_or_not_at_all(store):
    store.rule("PULP", 0)
    parts = list(store.split(store.bag(), "COARSE 1000", "PULP 500", "PULP 500").portions.order_by("label"))
    given = {"actor": store.technician, "reason": "Retention over"}
    with pytest.raises(Conflict) as told:
        services.dispose_portions(portions=parts, **given)
    assert [(one.code, one.message) for one in told.value.problems] == [
        ("retention-unset", f"Nobody has said how long {parts[0]} is kept.")
    ]
    assert not PortionEvent.objects.exists()
    events = services.dispose_portions(portions=parts[1:], **given)
    assert [event.mass_g for event in events] == [500, 500]


def test_disposal_asks_for_portions_and_a_reason(store, refusal):
    store.rule("BAG", 0)
    given = {"actor": store.technician, "portions": [store.bag()], "reason": "x"}
    assert refusal(services.dispose_portions, **given | {"portions": []}) == "portions-none"
    assert refusal(services.dispose_portions, **given | {"portions": [None] * 501}) == "portions-too-many"
    assert refusal(services.dispose_portions, **given | {"reason": ""}) == "field-required"


def test_managers_say_how_long_portions_are_kept(store, refusal, person):
    given = {"laboratory": store.laboratory, "kind": "PULP", "days": 90, "rationale": "Agreed"}
    for who in (store.technician, store.bench.reviewer, store.owner, person("administrator", "irel")):
        assert refusal(services.set_retention_rule, actor=who, **given) == "not-permitted"
    for changed, code in (
        ({"days": -1}, "days-impossible"),
        ({"days": 36_501}, "days-impossible"),
        ({"kind": "DUST"}, "choice-unknown"),
        ({"rationale": ""}, "field-required"),
    ):
        assert refusal(services.set_retention_rule, actor=store.manager, **given | changed) == code
    assert retention_rules(store.laboratory) == {}


def test_nobody_else_handles_a_portion(store, refusal, person):
    bag, place = store.bag(), store.place()
    strangers = (store.manager, store.bench.reviewer, store.owner, person("technician", "irel"))
    for who in strangers:
        for verb, given in (
            (services.use_portion, {"mass_g": Decimal(1), "reason": "x"}),
            (services.store_portion, {"place": place}),
            (services.return_portion, {"reason": "x"}),
            (services.dispose_portion, {"reason": "x"}),
        ):
            assert refusal(verb, actor=who, portion=bag, **given) == "not-permitted"
        assert refusal(store.split, bag, "PULP 2000", actor=who) == "not-permitted"
        assert refusal(services.retire_place, actor=who, place=place) == "not-permitted"
    bag.refresh_from_db()
    assert (bag.left_g, bag.state, bag.place) == (2000, "HELD", None)


def ignite(store, sample, dry, ignited, **given):
    known = {"temperature_c": Decimal(1000), "measured_at": TAKEN, "actor": store.technician}
    return services.record_ignition(
        sample=sample, dry_g=Decimal(dry), ignited_g=Decimal(ignited), **(known | given)
    )


def test_moisture_and_ignition_correct_masses(store):
    bag = store.bag("2000")
    assert measured(bag.sample).moisture_pct is measured(bag.sample).loi_pct is None
    record_moisture(
        actor=store.technician,
        sample=bag.sample,
        wet_g=Decimal("50.0000"),
        dry_g=Decimal("43.1000"),
        temperature_c=Decimal(105),
        measured_at=TAKEN,
    )
    Request.objects.all().delete()
    ignite(store, bag.sample, "2.0000", "1.9000")
    ignite(store, bag.sample, "2.0000", "1.7536")
    assert Request.objects.filter(kind="assays.decide_batch", key=str(bag.sample.batch_id)).count() == 2
    found = measured(bag.sample)
    assert (found.moisture_pct, found.loi_pct) == (Decimal("13.80"), Decimal("12.32"))
    assert (found.dry_g(Decimal(2000)), found.ignited_g(Decimal(2000))) == (1724, Decimal("1511.6032"))
    assert found.ignited_g(Decimal(1000)) == Decimal("755.8016")


@pytest.mark.parametrize(
    ("dry", "ignited", "given", "code"),
    [
        ("0", "1", {}, "mass-not-positive"),
        ("1", "0", {}, "mass-not-positive"),
        ("1", "2.0001", {}, "ignition-masses-sensible"),
        ("1", "0.9", {"temperature_c": Decimal(299)}, "furnace-temperature"),
        ("1", "0.9", {"temperature_c": Decimal(1301)}, "furnace-temperature"),
        ("1", "0.9", {"measured_at": TAKEN + timedelta(days=9999)}, "date-in-future"),
    ],
)
def test_an_ignition_that_cannot_be_is_refused(store, refusal, dry, ignited, given, code):
    assert refusal(ignite, store, store.bench.sample(), dry, ignited, **given) == code
    assert not Ignition.objects.exists()


def test_iron_gains_mass_on_ignition(store):
    sample = store.bench.sample()
    ignite(store, sample, "1.0000", "1.0123")
    assert measured(sample).loi_pct == Decimal("-1.23")
