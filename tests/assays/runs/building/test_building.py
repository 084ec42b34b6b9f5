"""Runs are built by rule, changed while they are planned, and begin through their gates."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from assays.catalogue.models import Competence
from assays.runs.building import services
from assays.runs.building.queries import ordered_items, rack_of, rates_for, waiting_for
from assays.runs.building.rates import DEFAULT_RATES, Rates
from assays.runs.building.sheet import instrument_csv, run_sheet
from assays.runs.models import RunItem
from assays.runs.services import request_analysis
from lims.verbs import acting
from tests.samples.registry.test_races import at_once

pytestmark = pytest.mark.django_db


def test_a_run_holds_every_portion_once_and_qc_by_the_rule(hall):
    pulps = hall.pulps(3)
    run = hall.build(pulps)
    items = list(ordered_items(run))
    assert [item.position for item in items] == [1, 2, 3, 4, 5, 6]
    assert [item.portion for item in items if item.kind == "SAMPLE"] == pulps
    assert (items[0].kind, items[0].material) == ("BLANK", hall.blank)
    assert [item.material for item in items if item.kind == "CRM"] == [hall.crm]
    assert [item.stage for item in items if item.kind == "DUPLICATE"] == ["PULP"]
    assert (run.state, run.number, run.built_by) == (
        "PLANNED",
        f"R{timezone.localdate():%y}-0001",
        hall.technician,
    )
    assert rack_of(run).short == ["0 of 1 coarse duplicate"]


def test_a_coarse_reject_is_split_again_where_one_is_kept(hall):
    bag = hall.store.bag("500")
    hall.store.split(bag, "COARSE 300", "PULP 200")
    pulp = bag.children.get(kind="PULP")
    run = hall.build([pulp])
    twin = run.items.get(stage="COARSE")
    assert (twin.kind, twin.portion.kind, twin.sample) == ("DUPLICATE", "COARSE", pulp.sample)
    assert rack_of(run).short == []


def test_what_was_asked_for_comes_first_and_gives_the_day(hall):
    one, two = hall.pulps(2)
    day = timezone.localdate() + timedelta(days=9)
    asked = request_analysis(
        actor=hall.store.owner, batch=two.sample.batch, method=hall.method, samples=[two.sample], due_on=day
    )
    rows = list(waiting_for(hall.laboratory, hall.method))
    assert [(row.label, row.wanted, row.due_on) for row in rows] == [
        (two.label, True, day),
        (one.label, False, None),
    ]
    run = hall.build([two])
    assert run.due_on == asked.due_on == day
    assert [row.label for row in waiting_for(hall.laboratory, hall.method)] == [one.label]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"portions": []}, "portions-none"),
        ({"due_on": date(2020, 1, 1)}, "due-in-past"),
        ({"number": "R26-0001"}, "run-number-once"),
    ],
)
def test_what_cannot_be_built_is_refused(hall, refusal, given, code):
    hall.build(1, number="r26-0001")
    assert refusal(hall.build, **({"portions": hall.pulps(1)} | given)) == code


def test_a_portion_stands_in_one_run_of_a_method_and_only_here(hall, refusal, person):
    run = hall.build(2)
    portion = run.items.filter(kind="SAMPLE").first().portion
    assert refusal(hall.build, [portion]) == "portion-in-run"
    assert refusal(hall.build, [portion, portion]) == "portion-twice"
    assert refusal(hall.build, hall.pulps(1), actor=person("manager", "irel")) == "not-permitted"


def test_items_move_and_leave_and_come_and_a_stale_rack_is_refused(hall, refusal, strip):
    run = hall.build(3)
    before, version = strip(run), hall.version(run)
    last = list(ordered_items(run))[-1]
    services.move_item(actor=hall.technician, run=run, version=version, item=last, to=1)
    assert strip(run) == [before[-1], *before[:-1]]
    told = {"actor": hall.technician, "run": run}
    assert refusal(services.move_item, **told, version=version, item=last, to=3) == "rack-changed"
    twin = run.items.get(kind="DUPLICATE")
    parent = run.items.get(kind="SAMPLE", sample=twin.sample)
    held = refusal(services.remove_item, **told, version=hall.version(run), item=parent)
    assert held == "item-has-duplicate"
    services.remove_item(**told, version=hall.version(run), item=twin)
    services.remove_item(**told, version=hall.version(run), item=parent)
    assert len(strip(run)) == 4
    services.place_item(**told, version=hall.version(run), position=2, material=hall.crm)
    assert strip(run)[1] == "RM 20"
    services.place_item(**told, version=hall.version(run), position=1, portion=parent.portion)
    assert strip(run)[0] == parent.portion.label
    again = refusal(
        services.place_item, **told, version=hall.version(run), position=1, portion=parent.portion
    )
    assert again == "sample-in-rack"
    services.place_item(**told, version=hall.version(run), position=9, portion=parent.portion, stage="PULP")
    assert RunItem.objects.get(run=run, position=7).kind == "DUPLICATE"


def test_a_run_begins_with_blind_codes_and_its_rack_stands(hall, refusal, strip):
    run = hall.build(3, number="J7")
    assert refusal(hall.begin, run, reason="") == "qc-below-rule"
    begun = hall.begin(run)
    assert (begun.state, begun.qc_reason) == ("OPEN", "No coarse reject is kept")
    assert strip(run) == [f"J7-0{at}" for at in range(1, 7)]
    item = run.items.first()
    code = refusal(
        services.move_item, actor=hall.technician, run=run, version=hall.version(run), item=item, to=1
    )
    assert code == "run-begun"


def test_whoever_is_not_competent_does_not_begin(hall, refusal, person):
    run, today = hall.build(1), timezone.localdate()
    other = person("technician", "nfc", nick="second")
    with acting(hall.store.bench.system, verb_name="make"):
        Competence.objects.create(
            person=other,
            method=hall.method,
            able_to="ANALYSE",
            valid_from=today,
            valid_to=today,
            evidence="Ten blind samples",
        )
    assert refusal(hall.begin, run) == "competence-missing"
    assert hall.begin(run, actor=other).state == "OPEN"


def test_sheet_and_list_say_codes_and_nothing_else(hall, refusal):
    run = hall.build(2, number="J8")
    assert refusal(run_sheet, run) == "run-not-begun"
    run = hall.begin(run)
    assert instrument_csv(run).splitlines()[:2] == ["run,method,position,sample", "J8,ME-MS81,1,J8-01"]
    assert run_sheet(run).startswith(b"%PDF-")
    hidden = [
        hall.crm.code,
        hall.blank.code,
        *run.items.filter(kind="SAMPLE").values_list("portion__label", flat=True),
    ]
    assert not any(name in instrument_csv(run) for name in hidden)


def test_a_laboratory_sets_its_rule_as_versions(hall, refusal):
    rates = Rates(*(Decimal(share) for share in ("40", "20", "0", "0", "0", "0")))
    told = {"laboratory": hall.laboratory, "rates": rates, "rationale": "Fewer repeats"}
    assert rates_for(hall.laboratory, hall.method) == DEFAULT_RATES
    assert refusal(services.set_insertion_rule, actor=hall.technician, **told) == "not-permitted"
    services.set_insertion_rule(actor=hall.manager, **told)
    second = services.set_insertion_rule(actor=hall.manager, **told)
    own = services.set_insertion_rule(actor=hall.manager, method=hall.method, **told)
    assert (second.version, own.version) == (2, 1)
    assert rates_for(hall.laboratory, hall.method) == rates
    run = hall.build(5)
    assert [run.items.filter(kind=kind).count() for kind in ("CRM", "BLANK", "DUPLICATE")] == [2, 1, 0]
    bad = told | {"rates": Rates(*[Decimal(101)] * 6)}
    assert refusal(services.set_insertion_rule, actor=hall.manager, **bad) == "share-out-of-range"


@pytest.mark.django_db(transaction=True)
def test_two_people_move_at_once_and_one_is_told(hall, person, strip):
    run = hall.build(3)
    other, version = person("technician", "nfc", nick="second"), hall.version(run)
    first, *_, last = ordered_items(run)
    told = {"run": run, "version": version}
    answers = at_once(
        lambda: services.move_item(actor=hall.technician, item=first, to=6, **told),
        lambda: services.move_item(actor=other, item=last, to=1, **told),
    )
    assert answers.count("rack-changed") == 1
    assert sorted(run.items.values_list("position", flat=True)) == [1, 2, 3, 4, 5, 6]


@pytest.mark.django_db(transaction=True)
def test_one_portion_goes_into_one_of_two_runs_that_are_built_at_once(hall):
    pulps = hall.pulps(1)
    answers = at_once(*[lambda: hall.build(pulps)] * 2)
    assert answers.count("portion-in-run") == 1
    assert RunItem.objects.filter(kind="SAMPLE").count() == 1
