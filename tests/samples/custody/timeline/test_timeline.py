"""The custody record of a bag and of a consignment: what stands in it, for whom, in each of its forms."""

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lims.ids import uuid7
from lims.ledger.queries import seal_state
from lims.verbs import SystemActor, acting
from samples.custody import road_services
from samples.custody.happenings import Here
from samples.custody.models import ConsignmentLeg, CustodyEvent, EventPhotograph, Scale
from samples.custody.rules import DOCUMENT_LABELS
from samples.custody.splitting import split_consignment
from samples.custody.timeline import charts
from samples.custody.timeline.queries import timeline_of_consignment, timeline_of_sample
from samples.custody.timeline.record import as_record
from samples.custody.timeline.sheet import sheet, shown
from samples.registry.models import Photograph
from tests.samples.custody.conftest import LEFT, SEALED

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 10, 6, 0, tzinfo=UTC)
NORTH, EAST = Decimal("25.512345"), Decimal("98.123456")


@pytest.fixture
def travelled(ground, on_road, custodian, receive):
    """Return a consignment that came by a checkpoint, with one leg done and one due, its first bag too light."""
    with acting(SystemActor("tests"), verb_name="tests"):
        for position, (start, end, done) in enumerate(
            [("Pangwa", "Tengchong", LEFT + timedelta(hours=9)), ("Tengchong", "Hyderabad", None)], 1
        ):
            ConsignmentLeg.objects.create(
                consignment=on_road,
                position=position,
                from_name=start,
                to_name=end,
                from_latitude=NORTH,
                from_longitude=EAST,
                to_latitude=NORTH + position,
                to_longitude=EAST,
                mode="road",
                grace_hours=Decimal(4),
                due_at=LEFT + timedelta(hours=8 * position),
                done_at=done,
            )
    here = Here(LEFT + timedelta(hours=9), NORTH, EAST, Decimal(12), place="Tengchong gate", note="Dry road.")
    event = road_services.record_event(actor=custodian, consignment=on_road, kind="CHECKPOINT", here=here)
    picture(ground, event)
    receive(on_road, 0, mass_g=Decimal(2050), drying_loss_g=Decimal(10))
    on_road.refresh_from_db()
    return on_road


def picture(ground, event):
    with acting(SystemActor("tests"), verb_name="tests"):
        made = Photograph.objects.create(
            owner=ground.owner,
            sha256="ab" * 32,
            media_type="image/jpeg",
            width=4,
            height=3,
            size=100,
            added_by=ground.manager,
        )
        EventPhotograph.objects.create(event=event, photograph=made)
        return made


def bag_of(consignment, ground, n=0):
    return consignment.items.get(sample__tag__code=ground.tags[n]).sample


def titles(timeline):
    return [step.title for step in timeline.steps]


# --- What stands in it ---------------------------------------------------------------------------


def test_a_consignments_record(ground, travelled, custodian):
    made = timeline_of_consignment(ground.manager, travelled)
    assert titles(made)[:3] == ["Handed over to HILLROAD", "Departed", "Checkpoint"] or titles(made)[1:3] == [
        "Departed",
        "Checkpoint",
    ]
    stop = next(step for step in made.steps if step.kind == "CHECKPOINT")
    assert (stop.point, stop.place, stop.note) == ((NORTH, EAST), "Tengchong gate", "Dry road.")
    assert [one.sha256 for one in stop.pictures] == ["ab" * 32]
    assert [(leg.title, leg.word) for leg in made.legs] == [
        ("Pangwa to Tengchong", "Done, 1.0 h late"),
        ("Tengchong to Hyderabad", "Overdue"),
    ]
    assert made.way == ((NORTH, EAST), (NORTH + 1, EAST), (NORTH, EAST), (NORTH + 2, EAST))
    first, *others = made.bags
    assert (first.sealed_mass_g, first.received_mass_g, first.change_g) == (2150, 2050, -100)
    assert [bag.received_mass_g for bag in others] == [None, None]
    (incident,) = made.incidents
    assert incident.facts["difference_g"] == "-100"
    assert (made.blocked, incident.state) == (True, "Open")


def test_a_bags_record(ground, travelled):
    made = timeline_of_sample(ground.manager, bag_of(travelled, ground))
    kinds = [step.kind for step in made.steps]
    assert kinds[0] == "COLLECTED"
    assert (
        kinds.index("SEALED") < kinds.index("DEPARTED") < kinds.index("CHECKPOINT") < kinds.index("RECEIVED")
    )
    # An incident stands behind what it came of, though it was opened later.
    assert kinds[kinds.index("RECEIVED") + 1] == "INCIDENT"
    assert [(one.mass_g, one.change_g, one.drying_loss_g) for one in made.masses] == [
        (2150, None, None),
        (2050, -100, 10),
    ]
    # 1 % of the sealed mass, and downwards what was declared dried besides.
    assert [(one.low_g, one.high_g, one.off) for one in made.masses] == [
        (Decimal("2128.5"), Decimal("2171.5"), False),
        (Decimal("2118.5"), Decimal("2171.5"), True),
    ]
    assert made.blocked


def test_an_incident_of_the_whole_stands_in_the_record_of_its_bags(ground, on_road, custodian):
    road_services.record_event(
        actor=custodian, consignment=on_road, kind="CHECKPOINT", here=Here(LEFT, NORTH, EAST)
    )
    road_services.record_event(
        actor=custodian,
        consignment=on_road,
        kind="CHECKPOINT",
        here=Here(LEFT + timedelta(hours=1), NORTH + 3, EAST),
    )
    made = timeline_of_sample(ground.manager, bag_of(on_road, ground))
    assert [step.title for step in made.incidents] == ["Impossible travel"]
    assert made.blocked


def test_a_scale_that_was_not_checked_is_named_beside_its_mass(ground, on_road, receive):
    with acting(SystemActor("tests"), verb_name="tests"):
        scale = Scale.objects.create(owner=ground.owner, name="Camp 2", division_g=Decimal(5))
    receive(on_road, 0, scale=scale)
    made = timeline_of_sample(ground.manager, bag_of(on_road, ground))
    assert [(one.scale, one.division_g, one.unfit) for one in made.masses] == [
        ("", None, ""),
        ("Camp 2", 5, "It was never checked."),
    ]


# --- For whom ------------------------------------------------------------------------------------


def test_a_laboratory_reads_neither_places_nor_legs_nor_words_of_the_road(ground, travelled, receptionist):
    whole = timeline_of_consignment(receptionist, travelled)
    own = timeline_of_sample(receptionist, bag_of(travelled, ground))
    for made in (whole, own):
        assert (made.sight, made.points, made.legs, made.way) == ("without places", (), (), ())
        record = as_record(made, made_at=NOW, made_for="x")
        del record["record_seal"]  # says nothing of the road, and its time may hold any figures
        told = json.dumps(record)
        for secret in ("Tengchong", "Pangwa", "25.5", "98.1", "Dry road", "ab" * 32, "Collected"):
            assert secret not in told
        assert [step.title.endswith("Mass out of tolerance") for step in made.incidents] == [True]


def test_a_carrier_reads_rounded_places(ground, travelled, custodian):
    made = timeline_of_consignment(custodian, travelled)
    assert made.points[0].point == (Decimal("25.5"), Decimal("98.1"))
    assert made.way[0] == (Decimal("25.5"), Decimal("98.1"))
    assert made.sight == "places rounded to 0.1°"
    told = json.dumps(as_record(made, made_at=NOW, made_for="x"))
    assert "25.512" not in told


@pytest.mark.parametrize("form", ["custody/", "custody.pdf", "custody.json"])
def test_a_stranger_finds_no_record(ground, travelled, signed_in, person, form):
    client = signed_in(person("manager", "midwest"))
    assert client.get(f"/consignments/{travelled.pk}/{form}").status_code == 404
    assert client.get(f"/samples/{bag_of(travelled, ground).pk}/{form}").status_code == 404


# --- Its forms -----------------------------------------------------------------------------------


def test_on_the_page(ground, travelled, signed_in):
    client = signed_in(ground.manager)
    for address in (
        f"/consignments/{travelled.pk}/custody/",
        f"/samples/{bag_of(travelled, ground).pk}/custody/",
    ):
        page = client.get(address)
        assert page.status_code == 200
        words = page.content.decode()
        for said in (
            "What happened",
            "Tengchong gate",
            "Dry road.",
            "data-map",
            "The places as a table",
            "Mass out of tolerance",
        ):
            assert said in words, said
    assert "Done, 1.0 h late" in client.get(f"/consignments/{travelled.pk}/custody/").content.decode()
    assert "data-chart" in words


def test_before_anything_happened(ground, register, signed_in):
    sample = register(0, collected_at=SEALED)
    page = signed_in(ground.manager).get(f"/samples/{sample.pk}/custody/").content.decode()
    assert "Collected" in page
    assert "It was not weighed yet." in page
    assert "data-map" not in page


def test_as_json(ground, travelled, signed_in):
    client = signed_in(ground.manager)
    answer = client.get(f"/consignments/{travelled.pk}/custody.json")
    assert answer["Content-Disposition"] == f'attachment; filename="custody-{travelled.code}.json"'
    record = answer.json()
    assert (record["format"], record["subject"]["name"]) == ("custody-record-1", travelled.code)
    assert record["subject"]["carrier"] == travelled.carrier.name
    stop = next(one for one in record["events"] if one["kind"] == "CHECKPOINT")
    assert stop["position"] == {"latitude": "25.512345", "longitude": "98.123456"}
    assert stop["photographs"][0]["sha256"] == "ab" * 32
    assert record["bags"][0]["change_g"] == "-100.000"
    assert record["legs"][1] == {
        "leg": "Tengchong to Hyderabad",
        "mode": "Road",
        "due_at": (LEFT + timedelta(hours=16)).isoformat(),
        "done_at": None,
        "grace_h": "4.00",
        "standing": "Overdue",
    }
    over = client.get(f"/api/v1/custody-records/{travelled.pk}/of-consignment/").json()
    assert over | {"made_at": ""} == record | {"made_at": ""}
    bag = bag_of(travelled, ground)
    assert client.get(f"/api/v1/custody-records/{bag.pk}/of-sample/").json()["subject"]["name"] == str(bag)
    assert client.get(f"/api/v1/custody-records/{uuid7()}/of-sample/").status_code == 404


def test_on_paper(ground, travelled, signed_in):
    client = signed_in(ground.manager)
    for address in (
        f"/consignments/{travelled.pk}/custody.pdf",
        f"/samples/{bag_of(travelled, ground).pk}/custody.pdf",
    ):
        answer = client.get(address)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        assert answer.content.startswith(b"%PDF-")
        assert b"/StructTreeRoot" in answer.content


def test_the_paper_says_what_the_screen_says(ground, travelled):
    made = timeline_of_consignment(ground.manager, travelled)
    data = shown(made, made_at=NOW, made_for="Manager", address="https://x.example/c/")
    assert data["made"] == "10 Nov 2026, 11:30 IST for Manager"
    stop = next(step for step in data["steps"] if step["title"] == "Checkpoint")
    assert "at Tengchong gate · 25.512345, 98.123456" in stop["words"]
    assert stop["pictures"] == ["ab" * 32]
    assert data["bags"][0][-3:] == ["2150", "2050", "-100"]
    assert data["legs"][0][-1] == "Done, 1.0 h late"


def test_words_that_look_like_typst_stay_words(ground, on_road, custodian):
    here = Here(LEFT, note='#panic("x") $ * _ @y <z> \\ "', place="[#eval]")
    road_services.record_event(actor=custodian, consignment=on_road, kind="CHECKPOINT", here=here)
    made = timeline_of_consignment(ground.manager, on_road)
    assert sheet(made, made_at=NOW, made_for="#x", address="https://x.example").startswith(b"%PDF-")


def test_the_chart_needs_two_masses(ground, travelled):
    weighed = timeline_of_sample(ground.manager, bag_of(travelled, ground)).masses
    assert charts.masses(weighed[:1]) is None
    spec = charts.masses(weighed)
    assert [one["mass_g"] for one in spec["data"]["values"]] == [2150.0, 2050.0]
    assert "<svg" in charts.svg(spec)
    assert charts.words_of(weighed) == (
        "2 gross masses from 2150 g (sealed) to 2050 g (received). 1 outside what is allowed since sealing."
    )
    band = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "area")
    assert [(one["least_g"], one["most_g"]) for one in band["data"]["values"]] == [
        (2128.5, 2171.5),
        (2118.5, 2171.5),
    ]
    assert charts.words_of(()) == "It was never weighed."


# --- What stands beside it -------------------------------------------------------------------------


def test_a_mass_before_sealing_is_compared_with_nothing(ground, travelled):
    bag = bag_of(travelled, ground)
    with acting(SystemActor("tests"), verb_name="tests"):
        CustodyEvent.objects.create(
            kind="CHECKPOINT", sample=bag, at=SEALED - timedelta(hours=1), gross_mass_g=Decimal(2100)
        )
    first, sealed, _received = timeline_of_sample(ground.manager, bag).masses
    assert (first.low_g, first.high_g, first.off) == (None, None, False)
    assert sealed.low_g == Decimal("2128.5")


def test_a_phones_own_time_is_told_where_its_clock_was_off(ground, on_road, custodian):
    wrong = LEFT + timedelta(days=2)
    for hours, device_at in ((1, wrong), (2, LEFT + timedelta(hours=2))):
        here = Here(LEFT + timedelta(hours=hours), device_at=device_at)
        road_services.record_event(actor=custodian, consignment=on_road, kind="CHECKPOINT", here=here)
    made = timeline_of_consignment(ground.manager, on_road)
    assert [one.device_at for one in made.steps if one.kind == "CHECKPOINT"] == [wrong, None]
    record = as_record(made, made_at=NOW, made_for="x")
    assert [one["device_at"] for one in record["events"] if one["kind"] == "CHECKPOINT"] == [
        wrong.isoformat(),
        None,
    ]
    paper = shown(made, made_at=NOW, made_for="x", address="https://x.example")
    assert "the phone's clock said 6 Nov 2026" in next(
        one["words"] for one in paper["steps"] if one["title"] == "Checkpoint"
    )


def test_documents_stand_on_it_but_not_for_a_laboratory(ground, travelled, receptionist):
    papers = timeline_of_consignment(ground.manager, travelled).papers
    assert sorted(one.kind for one in papers) == sorted(set(DOCUMENT_LABELS.values()))
    assert timeline_of_consignment(receptionist, travelled).papers == ()


def test_what_was_split_off_names_its_parent_and_a_bag_its_ways(ground, on_road, custodian):
    bags = [bag_of(on_road, ground, 0)]
    part = split_consignment(
        actor=custodian,
        consignment=on_road,
        samples=bags,
        carrier=on_road.carrier,
        here=Here(LEFT + timedelta(hours=1)),
    )
    of_part = timeline_of_consignment(ground.manager, part).kin
    assert [(one.word, one.code) for one in of_part] == [("Split from", on_road.code)]
    of_whole = timeline_of_consignment(ground.manager, on_road).kin
    assert [(one.word, one.code) for one in of_whole] == [("Split off", part.code)]
    ways = timeline_of_sample(ground.manager, bags[0]).kin
    assert {one.code for one in ways} == {on_road.code, part.code}
    record = as_record(timeline_of_consignment(ground.manager, part), made_at=NOW, made_for="x")
    assert record["lineage"][0]["id"] == str(on_road.pk)


def test_it_says_how_far_the_record_of_all_changes_is_sealed(ground, on_road):
    made = timeline_of_consignment(ground.manager, on_road)
    state = seal_state()
    assert (made.seal.number, made.seal.chain) == (state.newest, state.chain)
    assert made.seal.words == state.sentence
    assert as_record(made, made_at=NOW, made_for="x")["record_seal"]["number"] == state.newest


# --- How much it asks ----------------------------------------------------------------------------


def test_a_longer_road_asks_no_more_of_the_database(ground, travelled):
    def asked():
        with CaptureQueriesContext(connection) as queries:
            timeline_of_consignment(ground.manager, travelled)
        return len(queries)

    asked()  # what is read once for the person
    before = asked()
    for hours in range(10, 14):
        picture_of_another(ground, again(travelled, hours), hours)
    assert asked() == before


def again(consignment, hours):
    """Return one more event of a consignment that is being received: as a phone tells it late."""
    with acting(SystemActor("tests"), verb_name="tests"):
        return CustodyEvent.objects.create(
            kind="CHECKPOINT", consignment=consignment, at=LEFT + timedelta(hours=hours)
        )


def picture_of_another(ground, event, number):
    with acting(SystemActor("tests"), verb_name="tests"):
        made = Photograph.objects.create(
            owner=ground.owner,
            sha256=f"{number:064d}",
            media_type="image/jpeg",
            width=4,
            height=3,
            size=100,
            added_by=ground.manager,
        )
        EventPhotograph.objects.create(event=event, photograph=made)
