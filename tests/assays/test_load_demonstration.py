"""The demonstration: loaded once, by the services, with logins that work and stay secret."""

import json
import stat

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client

from lims.accounts.models import User
from lims.accounts.rules import Role
from samples.custody.models import (
    ConsignmentLeg,
    CustodyEvent,
    Document,
    Incident,
    IncidentAttachment,
    PaperForm,
    Route,
    ScaleCheck,
)
from samples.custody.papers.drawdown import Used, used_of
from samples.field.models import Device, Operation
from samples.registry.models import Batch, BlindItem, Hold, Mine, Photograph, Sample, SampleList, SamplingPlan
from samples.registry.plans.queries import progress_of
from tests.assays.demonstration import bench_seen
from tests.support.worker import until

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_demonstration_loads_once_and_people_can_sign_in(capsys):
    call_command("load_demonstration", "--if-empty")
    call_command("load_demonstration", "--if-empty")
    assert "already" in capsys.readouterr().out
    assert (Mine.objects.count(), Batch.objects.count(), Sample.objects.count()) == (4, 13, 207)
    assert Sample.objects.filter(state="WITHDRAWN").count() == 1
    assert Hold.objects.filter(released_at=None).count() == 14
    # Another test's worker may be at it: then it is read a moment later.
    until(lambda: SampleList.objects.filter(state="READ").exists())
    waiting = SampleList.objects.get()
    assert (waiting.state, waiting.rows_read, waiting.rows_good) == ("READ", 8, 3)
    plans()
    journeys_on_the_road()
    papers_and_phones()
    bench_seen.look()
    file = settings.RUN_DIR / "demonstration.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    logins = json.loads(file.read_text())
    assert {m.role for user in User.objects.all() for m in user.roles} == set(Role)
    assert set(logins[0]) == {"email", "password", "name", "role", "organisation"}
    client = Client()
    answer = client.post(
        "/account/login/", {"login": logins[0]["email"], "password": logins[0]["password"]}, follow=True
    )
    assert answer.status_code == 200
    assert client.get("/today/").status_code == 200


def plans() -> None:
    """Look at the plans: frozen, one with bags outside it, and a blank that the laboratory is not told of."""
    assert SamplingPlan.objects.exclude(frozen_at=None).count() == SamplingPlan.objects.count() == 4
    assert BlindItem.objects.get().kind == "BLANK"
    beyond = progress_of(Batch.objects.get(campaign="Post-monsoon grid, block B"))
    assert (beyond.registered, beyond.plan.planned_number, len(beyond.outside)) == (25, 24, 2)
    behind = progress_of(Batch.objects.get(campaign="Channel samples, east face"))
    assert (behind.registered, behind.plan.planned_number, behind.blanks) == (8, 12, 1)


def journeys_on_the_road() -> None:
    """Look at the road: routes with legs, one of them late and somebody asked about it; nothing else went wrong."""
    assert Route.objects.count() == 4
    late = ConsignmentLeg.objects.get(overdue_at__isnull=False)
    assert (str(late), late.position) == ("Pangsau Pass to Ledo", 3)
    assert ConsignmentLeg.objects.filter(consignment=late.consignment, done_at=None).count() == 2
    kinds = sorted(Incident.objects.values_list("kind", "state"))
    assert kinds == [
        ("DEVIATION", "EXPLAINED"),
        ("MASS_OUT_OF_TOLERANCE", "EXPLAINED"),
        ("MASS_OUT_OF_TOLERANCE", "EXPLAINED"),
        ("OVERDUE_LEG", "OPEN"),
    ]
    assert Incident.objects.get(kind="OVERDUE_LEG").assigned_to.name == "Tsering Dorji"
    light = Incident.objects.filter(kind="MASS_OUT_OF_TOLERANCE")
    assert {one.facts["difference_g"] for one in light} == {"-160"}
    assert sorted(IncidentAttachment.objects.values_list("incident", flat=True)) == sorted(
        light.values_list("pk", flat=True)
    )


def papers_and_phones() -> None:
    """Look at what bags travel with: scales, permits that are drawn down, forms, photographs, phones."""
    assert CustodyEvent.objects.filter(kind="SEALED", scale=None).count() == 0
    assert ScaleCheck.objects.filter(passed=False).count() == 4
    permit = Document.objects.get(number="PQ/2026/1201")
    sent = CustodyEvent.objects.filter(kind="SEALED", sample__batch__owner=permit.owner)
    kg = sum(event.gross_mass_g for event in sent) / 1000
    assert used_of([permit.pk]) == {permit.pk: Used(kg, 77)}
    entered = PaperForm.objects.get(entered_at__isnull=False)
    assert entered.events.get().kind == "HANDED_OVER"
    assert PaperForm.objects.exclude(spoilt_at=None).count() == 2
    assert Photograph.objects.exclude(sample=None).count() == 29
    assert Device.objects.exclude(revoked_at=None).get().operations.get().state == "QUARANTINED"
    assert (Device.objects.count(), Operation.objects.count()) == (3, 1)
