"""The road on the dashboard and in a report: stages, what is overdue, what is open, steps of custody."""

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from assays.reports.custody import steps_of
from assays.reports.overview import now
from assays.reports.pipeline import pipeline
from assays.reports.rules import Stage
from assays.reports.stuck import overdue_count, stuck
from assays.runs.models import Run, RunItem
from lims.verbs import SystemActor, acting
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent, Incident
from tests.assays.reports import made
from tests.support.people import organisation, person

pytestmark = pytest.mark.django_db

YESTERDAY = timedelta(days=1)


def act():
    return acting(SystemActor("tests"), verb_name="travel")


@pytest.fixture
def road():
    """Return a batch of four bags: one received, two on the road since two days and overdue, one at the mine."""
    batch = made.ground()
    bags = made.bags(batch, 4)
    today = timezone.now()
    with act():
        consignment = Consignment.objects.create(
            code="C26-0001",
            owner=batch.owner,
            carrier=organisation("hillroad"),
            destination=organisation("nfc"),
            state="DISPATCHED",
            planned_arrival=today - YESTERDAY,
            dispatched_at=today - 2 * YESTERDAY,
            manifest_sha256="d" * 64,
            dose_surface_usv_h="0.4",
            dose_1m_usv_h="0.1",
            dose_instrument="RadEye 7",
        )
        for bag in bags[:3]:
            ConsignmentItem.objects.create(consignment=consignment, sample=bag, sealed_mass_g=2150)
        ConsignmentItem.objects.filter(sample=bags[0]).update(
            state="RECEIVED",
            received_at=today,
            received_mass_g=2150,
            condition="INTACT",
            received_by=person("receptionist", "nfc"),
        )
        for bag in bags[:2]:
            CustodyEvent.objects.create(
                kind="SEALED",
                sample=bag,
                at=datetime(2026, 11, 3, 9, tzinfo=UTC),
                to_organisation=batch.owner,
            )
        CustodyEvent.objects.create(
            kind="HANDED_OVER",
            consignment=consignment,
            at=datetime(2026, 11, 4, 9, tzinfo=UTC),
            from_organisation=batch.owner,
            to_organisation=organisation("hillroad"),
        )
        Incident.objects.create(
            kind="SEAL_BROKEN",
            sample=bags[0],
            consignment=consignment,
            blocking=True,
            detail="Seal 17 was found broken.",
        )
    return batch, bags, consignment


def test_each_bag_is_in_the_furthest_stage_that_it_has_reached(road):
    found = {stage.stage: stage.count for stage in pipeline(person("manager", "irel"))}
    assert found == {
        Stage.REGISTERED: 1, Stage.IN_TRANSIT: 2, Stage.RECEIVED: 1, Stage.ANALYSED: 0, Stage.REVIEWED: 0, Stage.DECIDED: 0,
    }  # fmt: skip
    ages = {stage.stage: stage.age for stage in pipeline(person("manager", "irel"))}
    assert (ages[Stage.IN_TRANSIT], ages[Stage.RECEIVED], ages[Stage.DECIDED]) == (
        "2 days",
        "under 1 min",
        "–",
    )


def test_results_that_wait_and_those_that_are_approved_are_two_stages(road):
    _, bags, _ = road
    certificate = made.certificate(bags[:2], "VA-1")
    assert counted() == {"in-transit": 1, "registered": 1, "analysed": 2}
    with act():
        Run.objects.filter(pk=certificate.run_id).update(
            state="REPORTED",
            version="a" * 64,
            submitted_by=person("technician", "nfc"),
            submitted_at=timezone.now(),
        )
        Run.objects.filter(pk=certificate.run_id).update(state="APPROVED")
    assert counted() == {"in-transit": 1, "registered": 1, "reviewed": 2}


def counted():
    return {stage.stage.value: stage.count for stage in pipeline(person("manager", "irel")) if stage.count}


def test_others_count_their_own(road):
    assert sum(stage.count for stage in pipeline(person("manager", "midwest"))) == 0
    assert sum(stage.count for stage in pipeline(person("auditor", "mines"))) == 4


def test_what_does_not_move_is_named_oldest_first(road):
    _, bags, _ = road
    with act():
        run = Run.objects.create(
            laboratory=organisation("nfc"),
            kept_by=organisation("nfc"),
            number="VA-7",
            state="REPORTED",
            version="a" * 64,
            submitted_by=person("technician", "nfc"),
            submitted_at=timezone.now() - 5 * YESTERDAY,
        )
        RunItem.objects.create(run=run, label="1", kind="SAMPLE", sample=bags[3])
    found = stuck(person("manager", "irel"), now())
    assert [one.what for one in found] == [
        "Run VA-7 waits for its review",
        "Consignment C26-0001 is overdue",
        f"Seal broken: {bags[0].tag}",
    ]
    assert found[1].url == "/search/?q=C26-0001"
    assert overdue_count(person("manager", "irel"), now()) == 1
    assert stuck(person("manager", "midwest"), now()) == []


def test_the_custody_line_has_one_step_for_what_happened_alike(road):
    batch, bags, _ = road
    steps = steps_of(batch, timezone.now())
    assert [(step.title, step.detail) for step in steps] == [
        ("4 samples collected", "IREL (India)"),
        ("Sealed, 2 bags", "IREL (India)"),
        ("Handed over", "consignment C26-0001, IREL (India) to Hill Road Carriers"),
        ("Incident: seal broken", f"{bags[0].tag}: Seal 17 was found broken. (open)"),
    ]


def test_what_was_recorded_after_a_decision_is_no_part_of_its_report(road):
    batch, _, _ = road
    assert steps_of(batch, timezone.now() - YESTERDAY) == ()


@pytest.mark.parametrize("count", [1, 5])
def test_the_custody_line_asks_a_constant_number_of_questions(count, django_assert_num_queries):
    batch = made.ground()
    made.bags(batch, count)
    with django_assert_num_queries(3):
        steps_of(batch, timezone.now())
