"""The owner's blind items as QC: they decide for the owner's samples, and no page of the laboratory betrays them."""

from decimal import Decimal

import pytest
from django.urls import reverse

from assays.quality.gate import Gate
from assays.quality.models import QcEvaluation, QcOverride
from assays.quality.preference import preferred
from assays.quality.queries import blank_excesses
from assays.quality.services import propose_override, second_override
from lims.verbs import SystemActor, acting
from samples.registry.models import BlindItem
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db


def veil(sample, kind, material):
    """Let a bag be the owner's blind item."""
    with acting(SystemActor("tests"), verb_name="tests"):
        BlindItem.objects.create(sample=sample, kind=kind, material=material)


@pytest.fixture
def raced(tested, crm, blank):  # noqa: F811  # a fixture
    """Return a function that reports a run of a rack in which the second bag is a blind item that reads so much."""

    def make(kind, material, read, *, own_qc=True):
        one, hidden, two = (tested.sample() for _ in range(3))
        veil(hidden, kind, material)
        run = tested.run()
        qc = [("RM 20", crm, {"Dy": "20.3"}), ("BLK", blank, {"Dy": "<0.05"})] if own_qc else []
        bags = [(bag.tag.code, bag, {"Dy": dy}) for bag, dy in ((one, "28.4"), (hidden, read), (two, "31"))]
        tested.report(run, [*qc, *bags])
        tested.evaluate(run)
        return run, one, hidden, two

    return make


def test_a_blind_material_that_fails_blocks_the_owner_and_tells_the_laboratory_nothing(raced, tested):  # noqa: F811
    run, one, hidden, two = raced("CRM", "rm-20", "26")
    row = QcEvaluation.objects.get(run=run)
    assert (row.verdict, row.reason, row.withheld) == (
        "PASS",
        "every reference material and blank passed",
        [],
    )
    assert [mark["label"] for mark in row.marks] == ["RM 20", "BLK"]
    view = row.owner_view[str(tested.ground.owner.pk)]
    assert (view["verdict"], view["blind_failed"]) == ("FAIL", True)
    assert view["reason"] == f"RM 20 ({hidden.tag.code}) read 26 ppm, certified 20 ± 1 (z = +6.00, 1-3s)"
    assert [mark["label"] for mark in view["marks"]] == [hidden.tag.code]
    # from the laboratory's own material before it to the end of the rack
    items = {item.label: str(item.pk) for item in run.items.all()}
    assert view["withheld"] == [items[one.tag.code], items[two.tag.code]]
    chosen = preferred([one, two])
    assert [chosen[bag.pk]["Dy"].withheld for bag in (one, two)] == [True, True]
    assert chosen[one.pk]["Dy"].verdict == "FAIL"
    assert not any(said.items for said in Gate([run]).found.values())


def test_an_override_by_people_who_do_not_know_does_not_cover_it(raced, tested):  # noqa: F811
    run, one, *_ = raced("CRM", "RM 20", "26")
    override = propose_override(actor=tested.reviewer, run=run, reason="All of it.")
    second_override(actor=tested.manager, override=override, reason="Agreed.")
    assert QcOverride.objects.get().state == "IN_FORCE"
    assert preferred([one])[one.pk]["Dy"].withheld is True


def test_blind_items_are_qc_where_the_laboratory_shows_none(raced):
    run, one, hidden, _ = raced("CRM", "RM 20", "20.2", own_qc=False)
    row = QcEvaluation.objects.get(run=run)
    assert (row.verdict, row.reason) == ("NONE", "no reference material; no blank")
    assert next(iter(row.owner_view.values()))["reason"] == "no blank"
    assert preferred([one])[one.pk]["Dy"].withheld is True
    assert hidden.tag.code not in str(row.marks)


def test_a_blind_blank_adds_to_the_excess_of_the_owner_alone(raced, tested):  # noqa: F811
    run, *_ = raced("BLANK", "Limestone", "0.6")
    row = QcEvaluation.objects.get(run=run)
    assert row.blank_excess_ppm == 0
    owner = tested.ground.owner
    assert blank_excesses([run.pk], owner.pk) == {(run.pk, "ME-MS81", "Dy", ""): Decimal("0.6")}
    assert blank_excesses([run.pk], tested.laboratory.pk) == {}


def test_called_so_after_its_results_it_is_no_qc(tested, crm, blank):  # noqa: F811
    bag = tested.sample()
    run = tested.run()
    rows = [("RM 20", crm, {"Dy": "20"}), ("BLK", blank, {"Dy": "<0.05"}), (bag.tag.code, bag, {"Dy": "9"})]
    tested.report(run, rows)
    with acting(SystemActor("tests"), verb_name="tests"):
        BlindItem.objects.create(sample=bag, kind="CRM", material="RM 20")
    tested.evaluate(run)
    assert QcEvaluation.objects.get(run=run).owner_view == {}


def test_a_material_that_the_library_does_not_know_says_nothing(raced):
    run, *_ = raced("CRM", "Bazaar sand", "3")
    view = next(iter(QcEvaluation.objects.get(run=run).owner_view.values()))
    assert (view["verdict"], view["blind_failed"], view["marks"][0]["verdict"]) == ("PASS", False, "NONE")


def test_the_owner_reads_it_on_the_run_and_the_laboratory_does_not(raced, tested, signed_in):  # noqa: F811
    run, _, hidden, _ = raced("CRM", "RM 20", "26")
    address = reverse("runs:run", args=[run.pk])
    owner = signed_in(tested.ground.manager).get(address).content.decode()
    assert "Your blind items in this run" in owner
    assert f"RM 20 ({hidden.tag.code}) read 26 ppm" in owner
    for who in (tested.technician, tested.reviewer, tested.manager):
        text = signed_in(who).get(address).content.decode()
        assert "blind item" not in text.casefold()
        assert "z = +6.00" not in text
        chart = signed_in(who).get(reverse("quality:charts")).content.decode()
        assert "−0.30" in chart or "+0.30" in chart
        assert "+6.00" not in chart
