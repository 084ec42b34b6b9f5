"""An arrival at the end of a leg is the road's, an arrival at the laboratory is its own: who reads which."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lims.verbs import SystemActor, acting
from samples.custody import receiving, road_services
from samples.custody.happenings import Here
from samples.custody.models import CustodyEvent, EventPhotograph, Incident
from samples.custody.seen import detail_of, in_the_laboratory
from samples.custody.timeline.queries import timeline_of_consignment, timeline_of_sample
from samples.registry.photographs import keep_photograph
from samples.registry.sight import Sight
from tests.samples.custody.conftest import CAME, LEFT
from tests.samples.registry.test_photographs import picture

pytestmark = pytest.mark.django_db
#: so far apart in an hour that nothing on wheels was at both
GATE, FAR = (Decimal("25.5"), Decimal("98.1")), (Decimal("20.5"), Decimal("92.7"))


@pytest.fixture
def halted(custodian, on_road):
    """Return a consignment whose carrier said twice on the road that it had arrived, an hour and 700 km apart."""
    for hours, (north, east) in ((3, GATE), (4, FAR)):
        here = Here(LEFT + timedelta(hours=hours), north, east, Decimal(9), place="Tengchong")
        road_services.record_event(actor=custodian, consignment=on_road, kind="ARRIVED", here=here)
    return on_road


def test_the_road_and_the_laboratory_tell_their_arrivals_apart(ground, halted, receive, receptionist):
    for n in range(3):
        receive(halted, n)
    receiving.finish_receipt(actor=receptionist, consignment=halted, here=Here(CAME))
    told = CustodyEvent.objects.filter(kind="ARRIVED").order_by("at")
    assert [in_the_laboratory(event) for event in told] == [False, False, True]


def test_a_laboratory_reads_nothing_of_what_was_found_at_an_arrival_on_the_road(ground, halted, receptionist):
    incident = Incident.objects.get(kind="IMPOSSIBLE_TRAVEL")
    assert detail_of(incident, Sight.BLIND) == ""
    assert detail_of(incident, Sight.ROUNDED) == incident.detail != ""
    sample = halted.items.first().sample
    for blind in (
        timeline_of_consignment(receptionist, halted),
        timeline_of_sample(receptionist, sample),
    ):
        (step,) = blind.incidents
        assert (step.title, step.note, step.facts) == ("Impossible travel", "", {})
    (step,) = timeline_of_consignment(ground.manager, halted).incidents
    assert step.facts["mode"] == "road"


def test_photographs_of_an_arrival_on_the_road_are_not_on_the_laboratorys_record(
    ground, halted, custodian, receptionist
):
    event = CustodyEvent.objects.filter(kind="ARRIVED").order_by("at")[0]
    made = keep_photograph(actor=custodian, owner=ground.owner, content=picture())
    with acting(SystemActor("tests"), verb_name="tests"):
        EventPhotograph.objects.create(event=event, photograph=made)
    own = timeline_of_consignment(ground.manager, halted)
    assert [one.id for step in own.steps for one in step.pictures] == [made.pk]
    blind = timeline_of_consignment(receptionist, halted)
    assert [one for step in blind.steps for one in step.pictures] == []
