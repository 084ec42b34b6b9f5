"""On the road: hand-overs, checkpoints, bags opened and lost, and the incidents that open by themselves."""

from datetime import timedelta
from decimal import Decimal

import pytest

from lims.errors import Conflict, Invalid, NotPermitted
from lims.ledger.models import Entry
from lims.verbs import SystemActor, acting
from lims.work.models import Request
from samples.custody import bag_services, road_services
from samples.custody.happenings import Here
from samples.custody.models import CustodyEvent, Incident, Outsider, Seal
from samples.custody.scales.services import add_scale
from samples.custody.splitting import split_consignment
from tests.samples.custody.conftest import CAME, LEFT

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)
PASS = {"latitude": Decimal("25.86"), "longitude": Decimal("97.74"), "accuracy_m": Decimal(10)}


def codes(caught):
    return [(problem.code, problem.place.field) for problem in caught.value.problems]


def incidents():
    """Return kind → detail of every incident there is."""
    return {incident.kind: incident.detail for incident in Incident.objects.all()}


def hand(consignment, actor, **changed):
    given = {"here": Here(LEFT + HOUR), "to_name": "U Ba", "to_document": "NRC 12/1"}
    return road_services.hand_over(actor=actor, consignment=consignment, **(given | changed))


def test_bags_are_handed_to_one_of_the_carriers_people(on_road, custodian, person):
    taker = person("manager", "hillroad")
    event = hand(
        on_road,
        custodian,
        to_name="",
        to_document="",
        to_person=taker,
        mass_g=Decimal("6450.5"),
        seals=[("acme", "A-0"), ("Acme", "a - 1"), ("ACME", "A-2")],
        condition="INTACT",
        here=Here(LEFT + HOUR, **PASS, note="at the pass"),
    )
    event.refresh_from_db()
    assert (event.kind, event.consignment, event.sample) == ("HANDED_OVER", on_road, None)
    assert (event.to_person, event.to_outsider, event.recorded_by) == (taker, None, custodian)
    assert (event.gross_mass_g, event.condition, event.note) == (Decimal("6450.5"), "INTACT", "at the pass")
    assert event.seals_found == [["acme", "A-0"], ["Acme", "a - 1"], ["ACME", "A-2"]]
    assert incidents() == {}


def test_an_outsider_is_kept_apart_so_that_they_can_be_erased(on_road, custodian):
    event = hand(on_road, custodian)
    assert (event.to_person, event.to_outsider) == (None, Outsider.objects.get())
    assert (event.to_outsider.name, event.to_outsider.document) == ("U Ba", "NRC 12/1")
    with acting(SystemActor("tests"), verb_name="erase"):
        Outsider.objects.update(name="erased", document="")
    assert CustodyEvent.objects.get(pk=event.pk).to_outsider.name == "erased"


def test_an_outsiders_name_is_not_in_the_record(on_road, custodian):
    hand(on_road, custodian, to_name="Maung Erasable")
    entries = Entry.objects.filter(table_name=Outsider._meta.db_table)
    assert entries.count() == 1
    assert "Erasable" not in str(list(entries.values()))


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"to_name": " "}, "receiver-missing", "to_name"),
        ({"to_document": ""}, "field-required", "to_document"),
        ({"mass_g": Decimal(0)}, "mass-not-positive", "mass_g"),
        ({"mass_g": Decimal(10) ** 30}, "mass-too-large", "mass_g"),
        ({"condition": "WET"}, "choice-unknown", "condition"),
        ({"here": Here(LEFT.replace(year=2126))}, "date-in-future", "at"),
    ],
)
def test_a_hand_over_is_refused_where_it_is_wrong(on_road, custodian, changed, code, field):
    with pytest.raises(Invalid) as caught:
        hand(on_road, custodian, **changed)
    assert codes(caught) == [(code, field)]
    assert not Outsider.objects.exists()


def test_it_is_handed_to_a_person_or_an_outsider_never_both(on_road, custodian, person):
    with pytest.raises(Invalid) as caught:
        hand(on_road, custodian, to_person=person("manager", "hillroad"))
    assert codes(caught) == [("receiver-missing", "to_name")]


@pytest.mark.parametrize(("role", "where"), [("receptionist", "nfc"), ("manager", "irel")])
def test_nobody_takes_over_who_does_not_carry(on_road, custodian, person, role, where):
    with pytest.raises(Invalid) as caught:
        hand(on_road, custodian, to_name="", to_document="", to_person=person(role, where))
    assert codes(caught) == [("receiver-elsewhere", "to_person")]


def test_a_giver_who_had_nothing_is_a_gap_in_custody(on_road, custodian, person, ground):
    second = person("manager", "hillroad")
    nobody = {"to_name": "", "to_document": ""}
    hand(on_road, custodian, to_person=second, **nobody)
    hand(on_road, second, to_person=custodian, here=Here(LEFT + 2 * HOUR), **nobody)
    assert incidents() == {}
    gap = hand(on_road, second, here=Here(LEFT + 3 * HOUR))
    assert incidents() == {
        "CUSTODY_GAP": "Given by Manager of HILLROAD; Custodian of HILLROAD had taken it over."
    }
    found = Incident.objects.get()
    assert (found.consignment, found.sample, found.event, found.blocking) == (on_road, None, gap, True)
    assert Request.objects.filter(kind="assays.decide_batch", key=str(ground.batch.pk)).exists()
    # After an outsider nobody can tell who had it.
    hand(on_road, second, here=Here(LEFT + 4 * HOUR))
    assert Incident.objects.count() == 1


def test_a_seal_that_was_not_seen_is_an_incident_of_its_bag(on_road, custodian, ground):
    event = hand(on_road, custodian, seals=[("Acme", "A-0"), ("Acme", "A-9")])
    found = Incident.objects.order_by("detail")
    assert [(i.kind, i.sample.tag.code, i.event) for i in found] == [
        ("SEAL_MISMATCH", ground.tags[1], event),
        ("SEAL_MISMATCH", ground.tags[2], event),
    ]
    assert "Acme A-1" in found[0].detail
    hand(on_road, custodian, seals=None)
    assert Incident.objects.count() == 2


# --- On the way -----------------------------------------------------------------------------------------


def pass_by(consignment, actor, hours, place=None, kind="CHECKPOINT"):
    here = Here(LEFT + hours * HOUR, **(place or {}))
    return road_services.record_event(actor=actor, consignment=consignment, kind=kind, here=here)


@pytest.mark.parametrize("kind", ["CHECKPOINT", "BORDER_CROSSED", "ARRIVED"])
def test_what_happens_on_the_way_is_recorded(on_road, custodian, kind):
    event = pass_by(on_road, custodian, 5, PASS, kind)
    event.refresh_from_db()
    assert (event.kind, event.consignment, event.at) == (kind, on_road, LEFT + 5 * HOUR)
    assert (event.latitude, event.longitude, event.accuracy_m) == (
        Decimal("25.860000"), Decimal("97.740000"), Decimal("10.0"),
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["DEPARTED", "SEALED", "RECEIVED", "LOST", "DREAMT"])
def test_nothing_else_is_recorded_so(on_road, custodian, kind):
    with pytest.raises(Invalid) as caught:
        pass_by(on_road, custodian, 5, kind=kind)
    assert codes(caught) == [("choice-unknown", "kind")]


def test_nothing_happens_on_the_way_of_what_has_not_left(ready, custodian):
    with pytest.raises(Conflict) as caught:
        pass_by(ready, custodian, 5)
    assert codes(caught) == [("consignment-not-so", "state")]


def test_impossible_travel_at_its_boundary(on_road, custodian):
    # 1° of latitude is 111.2 km: 1 h 15 min is 89 km/h, 1 h 13 min is over 91.
    pass_by(on_road, custodian, 1, {"latitude": Decimal(25), "longitude": Decimal(97)})
    pass_by(on_road, custodian, 2.25, {"latitude": Decimal(26), "longitude": Decimal(97)})
    assert incidents() == {}
    pass_by(on_road, custodian, 2.25 + 73 / 60, {"latitude": Decimal(27), "longitude": Decimal(97)})
    assert incidents() == {"IMPOSSIBLE_TRAVEL": "From Checkpoint to Checkpoint at 91 km/h."}
    assert Incident.objects.get().blocking is True


def test_a_place_of_poor_accuracy_accuses_nobody(on_road, custodian):
    pass_by(on_road, custodian, 1, {"latitude": Decimal(25), "longitude": Decimal(97)})
    vague = {"latitude": Decimal(26), "longitude": Decimal(97), "accuracy_m": Decimal(25_000)}
    pass_by(on_road, custodian, 2, vague)
    assert incidents() == {}


def test_a_clock_that_goes_backwards_is_told_and_blocks_nothing(on_road, custodian):
    pass_by(on_road, custodian, 5)
    pass_by(on_road, custodian, 4)
    found = Incident.objects.get()
    assert (found.kind, found.blocking) == ("CLOCK", False)


# --- Single bags ----------------------------------------------------------------------------------------


def test_a_bag_opened_on_the_way_is_an_incident(on_road, custodian, ground):
    sample = on_road.items.get(sample__tag__code=ground.tags[0]).sample
    event = bag_services.open_bag(actor=custodian, sample=sample, here=Here(LEFT + HOUR, note="customs"))
    assert (event.kind, event.sample, event.seals_found) == ("OPENED", sample, [["Acme", "A-0"]])
    seal = Seal.objects.get(number="A-0")
    assert (seal.state, seal.ended_at, seal.ended_by) == ("REMOVED", LEFT + HOUR, custodian)
    assert incidents() == {
        "OPENED_OUTSIDE": "Acme A-0 was taken off before a laboratory had received the bag."
    }
    with pytest.raises(Conflict) as caught:
        bag_services.open_bag(actor=custodian, sample=sample, here=Here(LEFT + HOUR))
    assert codes(caught) == [("sample-not-sealed", None)]


def test_a_bag_opened_in_the_laboratory_is_none(on_road, receive, receptionist):
    sample = receive(on_road).sample
    bag_services.open_bag(actor=receptionist, sample=sample, here=Here(CAME + HOUR))
    assert Seal.objects.get(sample=sample).state == "REMOVED"
    assert incidents() == {}


def test_a_lost_bag_is_reported_once(on_road, custodian):
    sample = on_road.items.first().sample
    event = bag_services.report_lost(actor=custodian, sample=sample, here=Here(LEFT + HOUR))
    found = Incident.objects.get()
    assert (found.kind, found.sample, found.event, found.blocking) == ("LOST", sample, event, True)
    with pytest.raises(Conflict) as caught:
        bag_services.report_lost(actor=custodian, sample=sample, here=Here(LEFT + HOUR))
    assert codes(caught) == [("bag-lost", None)]


@pytest.mark.parametrize(
    ("role", "where"),
    [
        ("manager", "midwest"),
        ("receptionist", "nfc"),
        ("manager", "nfc"),
        ("auditor", "irel"),
        ("administrator", "irel"),
        ("manager", "mines"),
    ],
)
def test_only_owner_and_carrier_act_on_the_road(on_road, person, role, where):
    stranger = person(role, where)
    for call in (lambda: hand(on_road, stranger), lambda: pass_by(on_road, stranger, 5)):
        with pytest.raises(NotPermitted):
            call()


def test_who_has_no_part_in_a_batch_neither_opens_nor_loses_its_bags(on_road, register, person):
    sample = on_road.items.first().sample
    for stranger in (person("manager", "midwest"), person("auditor", "irel"), person("manager", "mines")):
        for verb in (bag_services.open_bag, bag_services.report_lost):
            with pytest.raises(NotPermitted):
                verb(actor=stranger, sample=sample, here=Here(LEFT + HOUR))


def test_a_carrier_without_the_batch_has_no_say_over_its_bags(sealed, person):
    sample = sealed(0)
    for stranger in (person("custodian", "hillroad"), person("technician", "nfc")):
        with pytest.raises(NotPermitted):
            bag_services.report_lost(actor=stranger, sample=sample, here=Here(LEFT))
    assert not Incident.objects.exists()


# --- What the whole weighs ------------------------------------------------------------------------------


def weigh(consignment, actor, mass_g, hours=1, **changed):
    return hand(consignment, actor, mass_g=Decimal(mass_g), here=Here(LEFT + hours * HOUR), **changed)


def test_less_than_the_bags_in_it_is_an_incident_at_its_boundary(on_road, custodian):
    # Three bags of 2 150 g: 6 450 g, and 1 % of that is 64.5 g.
    weigh(on_road, custodian, "6385.5")
    assert incidents() == {}
    weigh(on_road, custodian, "6385.4", 2)
    assert incidents() == {"MASS_OUT_OF_TOLERANCE": "The whole weighs 6385.4 g; sealed at 6450 g."}
    found = Incident.objects.get()
    assert (found.consignment, found.sample, found.blocking) == (on_road, None, True)
    assert found.facts == {
        "compared_with": "sealed",
        "found_g": "6385.4",
        "before_g": "6450",
        "difference_g": "-64.6",
        "tolerance_g": "64.5",
        "drying_loss_g": "0",
        "divisions_g": [],
    }


def test_a_crate_is_weighed_with_the_bags_but_must_not_change_then(on_road, custodian):
    weigh(on_road, custodian, 8000)
    weigh(on_road, custodian, 8080, 2)
    assert incidents() == {}
    weigh(on_road, custodian, "8160.9", 3)
    assert incidents() == {"MASS_OUT_OF_TOLERANCE": "The whole weighs 8160.9 g; weighed last at 8080 g."}


def test_declared_drying_and_a_coarse_scale_excuse_a_loss(on_road, custodian):
    scale = add_scale(actor=custodian, owner=on_road.carrier, name="Lorry scale", division_g=Decimal(200))
    weigh(on_road, custodian, 6250, scale=scale)
    weigh(on_road, custodian, 6049, 2, scale=scale, drying_loss_g=Decimal(201))
    assert incidents() == {}
    event = CustodyEvent.objects.order_by("id").last()
    assert (event.scale, event.drying_loss_g) == (scale, Decimal(201))


@pytest.mark.parametrize(
    ("loss", "code"), [(Decimal(-1), "drying-negative"), (Decimal(10) ** 9, "mass-too-large")]
)
def test_a_drying_loss_that_cannot_be_is_refused(on_road, custodian, loss, code):
    with pytest.raises(Invalid) as caught:
        hand(on_road, custodian, drying_loss_g=loss)
    assert codes(caught) == [(code, "drying_loss_g")]


def test_what_was_weighed_before_a_split_was_another_whole(on_road, custodian):
    weigh(on_road, custodian, 6450)
    going = on_road.items.order_by("pk").first().sample
    split_consignment(actor=custodian, consignment=on_road, samples=[going], here=Here(LEFT + 2 * HOUR))
    weigh(on_road, custodian, 4300, 3)
    assert incidents() == {}


def test_a_lost_bag_is_not_weighed(on_road, custodian):
    gone = on_road.items.order_by("pk").first().sample
    bag_services.report_lost(actor=custodian, sample=gone, here=Here(LEFT + HOUR))
    weigh(on_road, custodian, 4300, 2)
    assert set(incidents()) == {"LOST"}
