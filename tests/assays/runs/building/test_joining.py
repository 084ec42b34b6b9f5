"""A certificate that names a run's codes joins it: samples, duplicates and QC are known by their place in the rack."""

import pytest

from assays.runs.building.queries import ordered_items
from assays.runs.expected import asked_of
from assays.runs.models import Run
from assays.runs.retests import ask_retest
from assays.runs.services import request_analysis
from tests.assays.certificates.conftest import Desk

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(hall):
    return Desk(hall.store.bench)


def rows(run):
    values = {"BLANK": "<0.05", "CRM": "20.1"}
    return [(item.label, [values.get(item.kind, "28.4")]) for item in ordered_items(run)]


def brought(desk, run, number):
    return desk.commit(desk.preview(rows(run), number=number, columns="ME-MS81 Dy ppm"))


@pytest.mark.parametrize("number", ["J91", "HY26000077"])
def test_a_certificate_joins_by_codes_whatever_its_number(hall, desk, number):
    run = hall.begin(hall.build(3, number="J91"))
    items = {item.pk for item in run.items.all()}
    certificate = brought(desk, run, number)
    assert (certificate.run, certificate.determination_count, Run.objects.count()) == (run, 6, 1)
    assert {item.pk for item in run.items.all()} == items
    assert set(certificate.determinations.values_list("item", flat=True)) == items
    twin = run.items.get(kind="DUPLICATE")
    parent = run.items.get(kind="SAMPLE", sample=twin.sample)
    found = certificate.determinations.filter(sample=twin.sample)
    assert {row.item_id for row in found} == {twin.pk, parent.pk}
    run.refresh_from_db()
    assert run.state == "REPORTED"


def test_what_is_built_is_not_reported_before_its_certificate(hall, desk):
    pulps = hall.pulps(2)
    batch = pulps[0].sample.batch
    request_analysis(
        actor=hall.store.owner, batch=batch, method=hall.method, samples=[one.sample for one in pulps]
    )
    run = hall.begin(hall.build(pulps, number="J10"))
    asked = asked_of(hall.technician).get()
    assert (asked["received"], asked["expected"]) == (0, 2)
    brought(desk, run, "J10")
    assert not asked_of(hall.technician).exists()


def test_a_re_run_has_done_the_retests_that_it_was_built_for(hall, desk, person):
    pulps = hall.pulps(2)
    old = hall.begin(hall.build(pulps, number="J11"))
    brought(desk, old, "J11")
    items = list(old.items.filter(kind="SAMPLE").order_by("position"))
    reviewer = person("reviewer", "nfc")
    asked = [ask_retest(actor=reviewer, run=old, item=item, reason="High") for item in items]
    again = hall.begin(hall.build(pulps[:1], number="J12", rerun_of=old))
    brought(desk, again, "J12")
    for one in asked:
        one.refresh_from_db()
    assert [one.done_in for one in asked] == [again, None]
