"""What is outside the plan is marked in the export, once asked for each batch, and not for a laboratory."""

import csv
import io

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from samples.registry import exports, queries, services
from samples.registry.plans.rules import SiteDraft
from samples.registry.plans.services import make_plan, register_blind_item
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


def exported(user):
    content = b"".join(exports.lines(user, queries.samples_for(user).order_by("tag__code")))
    return [row["outside_plan"] for row in csv.DictReader(io.StringIO(content.decode("utf-8-sig")))]


def test_samples_at_another_site_are_marked_for_those_who_know_the_plan(ground, register, person):
    make_plan(actor=ground.manager, batch=ground.batch, sites=[SiteDraft("Pit 1", 2)])
    for n, site in enumerate(("Pit 1", "Heap", "pit 1", "Pit 1")):
        register(n, site=site)
    services.add_party(
        actor=ground.manager, batch=ground.batch, organisation=organisation("nfc"), part="TESTER"
    )
    assert exported(ground.coordinator) == ["no", "yes", "no", "yes"]
    assert exported(person("technician", "nfc")) == ["", "", "", ""]


def test_a_batch_without_a_plan_has_nothing_outside(ground, register):
    register(0)
    assert exported(ground.coordinator) == ["no"]


def test_the_plan_is_asked_for_once_for_a_batch(ground, register):
    make_plan(actor=ground.manager, batch=ground.batch, planned_number=1)
    counts = []
    for n in range(3):
        register(n)
        with CaptureQueriesContext(connection) as caught:
            marks = exported(ground.manager)
        counts.append(len(caught))
    assert marks == ["no", "yes", "yes"]
    assert counts[1] == counts[2]


def test_a_blind_item_counts_in_the_batch_for_the_laboratory_only(ground, register, person):
    services.add_party(
        actor=ground.manager, batch=ground.batch, organisation=organisation("nfc"), part="TESTER"
    )
    bags = [register(n) for n in range(3)]
    register_blind_item(actor=ground.coordinator, sample=bags[0], kind="BLANK", material="Quartz sand")
    for user, count in (
        (ground.coordinator, 2),
        (person("technician", "nfc"), 3),
        (person("auditor", "mines"), 2),
    ):
        seen = queries.seen_batches(user, queries.batches_for(user))[0]
        assert (seen.count, seen.mass_g) == (count, count * 2150)
