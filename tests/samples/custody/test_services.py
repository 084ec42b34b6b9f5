"""Sealing, packing, papers and dispatch: exact effects, and every refusal by its code."""

import hashlib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from lims.errors import Conflict, Invalid, NotPermitted
from lims.ids import uuid7
from lims.verbs import SystemActor, acting
from samples.custody import services
from samples.custody.happenings import Here
from samples.custody.limits import set_limit
from samples.custody.models import (
    Consignment,
    ConsignmentItem,
    CustodyEvent,
    Document,
    DocumentCheck,
    Incident,
    Seal,
)
from samples.custody.papers.services import add_document
from samples.custody.routes.rules import LegDraft
from samples.custody.routes.services import add_route, retire_route
from samples.custody.rules import DocumentKind
from samples.custody.scales.services import add_scale
from samples.registry import sample_services
from samples.registry import services as registry
from samples.registry.models import BatchParty
from tests.samples.custody.conftest import CAME, LEFT, SEALED, complete
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


def refused(caught):
    """Return the (code, field) of each problem of a refusal."""
    return [(problem.code, problem.place.field) for problem in caught.value.problems]


def seal(ground, sample, **changed):
    given = {
        "actor": ground.coordinator,
        "sample": sample,
        "maker": "  Acme  Ltd ",
        "number": "A 12 ",
        "mass_g": Decimal("2162.5"),
        "here": Here(SEALED),
    }
    return services.seal_sample(**(given | changed))


# --- Seals --------------------------------------------------------------------------------------------


def test_a_bag_is_sealed_with_its_mass_place_and_time(ground, register):
    sample, mine = register(0), uuid7()
    here = Here(SEALED, Decimal("26.05"), Decimal("98.35"), Decimal(4), note=" at the heap ", id=mine)
    made = seal(ground, sample, here=here)
    made.refresh_from_db()
    assert (made.maker, made.number, made.state, made.sample) == ("Acme Ltd", "A12", "APPLIED", sample)
    assert (made.applied_at, made.applied_by, made.ended_at) == (SEALED, ground.coordinator, None)
    event = CustodyEvent.objects.get()
    assert (event.pk, event.kind, event.sample, event.consignment) == (mine, "SEALED", sample, None)
    assert (event.gross_mass_g, event.seals_found) == (Decimal("2162.500"), [["Acme Ltd", "A12"]])
    assert (event.to_organisation, event.to_person) == (ground.owner, ground.coordinator)
    assert (event.latitude, event.longitude, event.accuracy_m) == (
        Decimal("26.050000"), Decimal("98.350000"), Decimal("4.0"),
    )  # fmt: skip
    assert (event.at, event.note, event.recorded_by) == (SEALED, "at the heap", ground.coordinator)


def at(**changed):
    return {"here": Here(**({"at": SEALED} | changed))}


@pytest.mark.parametrize(
    ("changed", "code", "field"),
    [
        ({"mass_g": Decimal(0)}, "mass-not-positive", "mass_g"),
        ({"mass_g": Decimal("100000.1")}, "mass-too-large", "mass_g"),
        ({"maker": " "}, "field-required", "maker"),
        ({"number": "1" * 61}, "text-too-long", "number"),
        (at(at=SEALED.replace(year=2126)), "date-in-future", "at"),
        (at(at=SEALED.replace(year=1999)), "date-too-old", "at"),
        (at(latitude=Decimal(26)), "place-half-given", "latitude"),
        (at(longitude=Decimal(98)), "place-half-given", "latitude"),
        (at(latitude=Decimal("90.1"), longitude=Decimal(0)), "place-impossible", "latitude"),
        (at(latitude=Decimal(0), longitude=Decimal("-180.1")), "place-impossible", "latitude"),
        (at(accuracy_m=Decimal(4)), "accuracy-impossible", "accuracy_m"),
        (
            at(latitude=Decimal(26), longitude=Decimal(98), accuracy_m=Decimal(0)),
            "accuracy-impossible",
            "accuracy_m",
        ),
        (
            at(latitude=Decimal(26), longitude=Decimal(98), accuracy_m=Decimal(10) ** 9),
            "accuracy-impossible",
            "accuracy_m",
        ),
    ],
)
def test_a_seal_is_refused_where_it_is_wrong_and_nothing_is_kept(ground, register, changed, code, field):
    sample = register(0)
    with pytest.raises(Invalid) as caught:
        seal(ground, sample, **changed)
    assert refused(caught) == [(code, field)]
    assert not Seal.objects.exists()
    assert not CustodyEvent.objects.exists()


def test_a_seal_is_used_once_in_whatever_case_and_on_one_bag(ground, register, sealed):
    sealed(0)
    with pytest.raises(Conflict) as caught:
        seal(ground, register(1), maker="ACME", number="a - 0")
    assert refused(caught)[0][0] == "seal-used"
    with pytest.raises(Conflict) as caught:
        seal(ground, Seal.objects.get().sample, number="B-1")
    assert refused(caught)[0][0] == "seal-one-on-a-bag"
    assert Seal.objects.count() == CustodyEvent.objects.count() == 1


def test_a_withdrawn_bag_is_not_sealed(ground, register):
    sample = register(0)
    sample_services.withdraw_sample(actor=ground.manager, sample=sample, reason="burst")
    with pytest.raises(Conflict) as caught:
        seal(ground, sample)
    assert refused(caught) == [("sample-withdrawn", "sample")]


def test_an_event_id_is_used_once(ground, register):
    mine = uuid7()
    seal(ground, register(0), here=Here(SEALED, id=mine))
    with pytest.raises(Conflict) as caught:
        seal(ground, register(1), number="A13", here=Here(SEALED, id=mine))
    assert refused(caught) == [("id-used", "id")]
    assert Seal.objects.count() == 1


# --- Packing ------------------------------------------------------------------------------------------


def test_a_consignment_is_begun(ground, packing):
    packing.refresh_from_db()
    year = f"{timezone.now():%y}"
    assert (packing.code, packing.state, packing.planned_arrival) == (f"C{year}-0001", "PACKING", CAME)
    assert (packing.owner, packing.created_by) == (ground.owner, ground.coordinator)
    again = services.start_consignment(
        actor=ground.manager,
        owner=ground.owner,
        carrier=organisation("hillroad"),
        destination=organisation("nfc"),
    )
    assert again.code == f"C{year}-0002"


@pytest.mark.parametrize(("field", "kind"), [("carrier", "carrier"), ("destination", "laboratory")])
def test_a_carrier_carries_and_a_laboratory_receives(ground, field, kind):
    given = {"carrier": organisation("hillroad"), "destination": organisation("nfc")}
    with pytest.raises(Invalid, match=f"is no {kind}") as caught:
        services.start_consignment(
            actor=ground.coordinator, owner=ground.owner, **(given | {field: ground.owner})
        )
    assert refused(caught) == [("part-does-not-fit", field)]
    assert not Consignment.objects.exists()


def test_bags_are_packed_at_the_mass_of_their_sealing(ground, packing, sealed):
    bags = [sealed(0, mass_g=2162), sealed(1, mass_g=1999)]
    services.pack(actor=ground.coordinator, consignment=packing, samples=bags[::-1])
    kept = ConsignmentItem.objects.order_by("sample__tag__code")
    assert [(item.sample, item.sealed_mass_g, item.state) for item in kept] == [
        (bags[0], Decimal(2162), "PACKED"),
        (bags[1], Decimal(1999), "PACKED"),
    ]


def test_every_unfit_bag_is_named_and_none_is_packed(ground, packing, sealed, register, person):
    good, bare, gone = sealed(0), register(1), sealed(2)
    sample_services.withdraw_sample(actor=ground.manager, sample=gone, reason="burst")
    foreign = foreign_bag(person("manager", "midwest"))
    with pytest.raises(Invalid) as caught:
        services.pack(actor=ground.coordinator, consignment=packing, samples=[good, bare, gone, foreign])
    problems = {problem.message.split()[0]: problem.code for problem in caught.value.problems}
    assert problems == {
        str(bare): "sample-not-sealed",
        str(gone): "sample-withdrawn",
        str(foreign): "sample-of-another-owner",
    }
    assert not ConsignmentItem.objects.exists()


def foreign_bag(manager):
    """Return a bag of Midwest's."""
    owner = organisation("midwest")
    mine = registry.add_mine(
        actor=manager,
        owner=owner,
        code="MW-1",
        name="South",
        latitude=Decimal("26.1"),
        longitude=Decimal("98.4"),
        controlling_body="x",
        deposit_type="x",
    )
    batch = registry.open_batch(actor=manager, mine=mine, material_type="HARD_ROCK", campaign="x")
    registry.start_tags(actor=manager, owner=owner, prefix="mw")
    tag = registry.issue_tags(actor=manager, owner=owner, count=1)[0]
    return sample_services.register_sample(
        actor=manager, batch=batch, tag_code=tag.code, mass_g=Decimal(1), collected_at=SEALED
    )


def test_a_bag_is_in_one_consignment_and_there_once(ground, packing, sealed):
    bag = sealed(0)
    services.pack(actor=ground.coordinator, consignment=packing, samples=[bag])
    other = services.start_consignment(
        actor=ground.manager, owner=ground.owner, carrier=packing.carrier, destination=packing.destination
    )
    for consignment, code in ((packing, "consignment-item-once"), (other, "sample-in-one-consignment")):
        with pytest.raises(Conflict) as caught:
            services.pack(actor=ground.coordinator, consignment=consignment, samples=[bag])
        assert refused(caught)[0][0] == code
    services.unpack(actor=ground.coordinator, item=ConsignmentItem.objects.get())
    services.pack(actor=ground.coordinator, consignment=other, samples=[bag])
    assert ConsignmentItem.objects.get().consignment == other


def test_a_bag_that_a_laboratory_has_is_not_packed_again(ground, on_road, receive):
    item = receive(on_road)
    again = services.start_consignment(
        actor=ground.manager, owner=ground.owner, carrier=on_road.carrier, destination=on_road.destination
    )
    with pytest.raises(Invalid) as caught:
        services.pack(actor=ground.coordinator, consignment=again, samples=[item.sample])
    assert refused(caught) == [("bag-received", "samples")]


# --- Papers, dose rate, dispatch ----------------------------------------------------------------------


def dose(ground, consignment, surface, far):
    return services.record_dose_rate(
        actor=ground.coordinator,
        consignment=consignment,
        instrument="RadEye",
        surface_usv_h=Decimal(surface),
        at_1m_usv_h=Decimal(far),
    )


@pytest.mark.parametrize(
    ("surface", "far"), [("0.1", "0.2"), ("-0.1", "-0.2"), ("0.1", "-0.1"), ("10000", "1")]
)
def test_an_impossible_dose_rate_is_refused(ground, packing, surface, far):
    with pytest.raises(Invalid) as caught:
        dose(ground, packing, surface, far)
    assert refused(caught) == [("dose-rate-impossible", "surface_usv_h")]


def test_a_paper_is_recorded_once_with_its_number(ground, packing):
    made = services.record_document(
        actor=ground.coordinator, consignment=packing, kind="EXPORT_PAPER", reference="  EX  17 "
    )
    assert (made.kind, made.reference, made.given_by) == ("EXPORT_PAPER", "EX 17", ground.coordinator)
    for kind, reference, code in (
        ("EXPORT_PAPER", "EX 18", "document-once"),
        ("LETTER", "EX 18", "choice-unknown"),
        ("DUE_DILIGENCE", "  ", "field-required"),
    ):
        with pytest.raises((Conflict, Invalid)) as caught:
            services.record_document(
                actor=ground.coordinator, consignment=packing, kind=kind, reference=reference
            )
        assert refused(caught)[0][0] == code
    assert DocumentCheck.objects.count() == 1


def test_all_that_stands_against_leaving_is_said_at_once(ground, packing):
    with pytest.raises(Conflict) as caught:
        services.dispatch(actor=ground.coordinator, consignment=packing, here=Here(LEFT))
    assert [code for code, _ in refused(caught)] == [
        "consignment-empty",
        "papers-missing",
        "dose-rate-missing",
    ]
    assert str(caught.value.problems[1].message) == (
        "Missing: Export paper, Plant-quarantine permit for soil, Radiological survey, Due-diligence file."
    )
    packing.refresh_from_db()
    assert (packing.state, packing.dispatched_at) == ("PACKING", None)


@pytest.mark.parametrize("kind", DocumentKind)
def test_each_paper_alone_keeps_it_from_leaving(ground, packing, sealed, kind):
    services.pack(actor=ground.coordinator, consignment=packing, samples=[sealed(0)])
    for other in set(DocumentKind) - {kind}:
        services.record_document(actor=ground.coordinator, consignment=packing, kind=other, reference="1")
    dose(ground, packing, "0.3", "0.1")
    with pytest.raises(Conflict) as caught:
        services.dispatch(actor=ground.coordinator, consignment=packing, here=Here(LEFT))
    assert refused(caught) == [("papers-missing", None)]


@pytest.mark.parametrize(
    ("surface", "far", "goes"),
    [("5", "0.5", True), ("5.001", "0.5", False), ("5", "0.501", False), ("0", "0", True)],
)
def test_the_dose_rate_at_its_limit(ground, packing, sealed, surface, far, goes):
    services.pack(actor=ground.coordinator, consignment=packing, samples=[sealed(0)])
    complete(ground, packing)
    dose(ground, packing, surface, far)
    if goes:
        services.dispatch(actor=ground.coordinator, consignment=packing, here=Here(LEFT))
        return
    with pytest.raises(Conflict) as caught:
        services.dispatch(actor=ground.coordinator, consignment=packing, here=Here(LEFT))
    assert refused(caught) == [("dose-rate-too-high", None)]


def test_bags_that_may_not_travel_keep_it_from_leaving(ground, ready):
    withdrawn, held, _ = [item.sample for item in ready.items.order_by("sample__tag__code")]
    sample_services.withdraw_sample(actor=ground.manager, sample=withdrawn, reason="burst")
    sample_services.set_hold(actor=ground.manager, sample=held, kind="RADIOLOGICAL", reason="1.4 µSv/h")
    with pytest.raises(Conflict) as caught:
        services.dispatch(actor=ground.coordinator, consignment=ready, here=Here(LEFT))
    assert {(p.code, p.message.split()[0]) for p in caught.value.problems} == {
        ("sample-withdrawn", str(withdrawn)),
        ("sample-on-hold", str(held)),
    }


def test_an_administrative_hold_does_not_stop_the_road(ground, ready):
    sample_services.set_hold(
        actor=ground.manager, sample=ready.items.first().sample, kind="ADMINISTRATIVE", reason="invoice"
    )
    services.dispatch(actor=ground.coordinator, consignment=ready, here=Here(LEFT))


def test_dispatch_locks_the_manifest_and_lets_carrier_and_laboratory_see(ground, ready):
    here = Here(LEFT, Decimal("26.05"), Decimal("98.35"), Decimal(6), note="in the rain")
    sent = services.dispatch(actor=ground.manager, consignment=ready, here=here)
    sent.refresh_from_db()
    assert (sent.state, sent.dispatched_at, sent.dispatched_by) == ("DISPATCHED", LEFT, ground.manager)
    lines = ",".join(f'["{ground.tags[n]}","2150","Acme","A-{n}"]' for n in range(3))
    assert sent.manifest_sha256 == hashlib.sha256(f"[{lines}]".encode()).hexdigest()
    assert {(party.organisation, party.part) for party in BatchParty.objects.filter(batch=ground.batch)} == {
        (sent.carrier, "HOLDER"),
        (sent.destination, "TESTER"),
    }
    kinds = CustodyEvent.objects.filter(consignment=sent).order_by("recorded_at", "id")
    assert {(e.kind, e.from_organisation, e.to_organisation, e.note) for e in kinds} == {
        ("HANDED_OVER", sent.owner, sent.carrier, "in the rain"),
        ("DEPARTED", sent.carrier, sent.carrier, ""),
    }
    assert {event.latitude for event in kinds} == {Decimal("26.050000")}
    assert not Incident.objects.exists()


def test_nothing_is_changed_on_the_road(ground, on_road, sealed):
    late = {"actor": ground.coordinator, "consignment": on_road}
    item = on_road.items.first()
    for call in (
        lambda: services.pack(samples=[sealed(5)], **late),
        lambda: services.unpack(actor=ground.coordinator, item=item),
        lambda: services.record_document(kind="EXPORT_PAPER", reference="2", **late),
        lambda: dose(ground, on_road, "0.1", "0.1"),
        lambda: services.dispatch(here=Here(LEFT), **late),
    ):
        with pytest.raises(Conflict) as caught:
            call()
        assert refused(caught) == [("consignment-not-so", "state")]
    assert on_road.items.count() == 3


@pytest.mark.parametrize(
    ("role", "where"),
    [
        ("manager", "midwest"),
        ("custodian", "hillroad"),
        ("manager", "hillroad"),
        ("manager", "nfc"),
        ("auditor", "irel"),
        ("administrator", "irel"),
        ("manager", "mines"),
    ],
)
def test_only_the_owners_people_seal_pack_and_dispatch(ground, ready, register, person, role, where):
    stranger = person(role, where)
    whole = {"actor": stranger, "consignment": ready}
    facts = {"instrument": "x", "surface_usv_h": Decimal(1), "at_1m_usv_h": Decimal(1)}
    calls = [
        lambda: seal(ground, register(5), actor=stranger),
        lambda: services.pack(samples=[], **whole),
        lambda: services.unpack(actor=stranger, item=ready.items.first()),
        lambda: services.record_document(kind="EXPORT_PAPER", reference="1", **whole),
        lambda: services.record_dose_rate(**whole, **facts),
        lambda: services.dispatch(here=Here(LEFT), **whole),
        lambda: services.start_consignment(
            actor=stranger, owner=ground.owner, carrier=ready.carrier, destination=ready.destination
        ),
    ]
    before = (Seal.objects.count(), CustodyEvent.objects.count(), Consignment.objects.count())
    for call in calls:
        with pytest.raises(NotPermitted):
            call()
    assert (Seal.objects.count(), CustodyEvent.objects.count(), Consignment.objects.count()) == before
    ready.refresh_from_db()
    assert ready.state == "PACKING"


def test_a_time_a_little_ahead_is_a_clock_not_a_lie(ground, register):
    seal(ground, register(0), here=Here(timezone.now() + timedelta(minutes=1)))
    assert Seal.objects.count() == 1


# --- Papers of the register, and routes -----------------------------------------------------------------


@pytest.fixture
def permit_paper(ground):
    return add_document(
        actor=ground.coordinator,
        owner=ground.owner,
        kind="PLANT_QUARANTINE",
        authority="DPPQS",
        number="PQ-2026/17",
        quantity_kg=Decimal(6),
    )


def test_a_paper_of_the_register_gives_its_number(ground, packing, permit_paper):
    made = services.record_document(
        actor=ground.coordinator, consignment=packing, kind="PLANT_QUARANTINE", document=permit_paper
    )
    made.refresh_from_db()
    assert (made.reference, made.document) == ("PQ-2026/17", permit_paper)


def test_a_paper_of_another_kind_or_owner_is_refused(ground, packing, permit_paper, person):
    with pytest.raises(Invalid) as caught:
        services.record_document(
            actor=ground.coordinator, consignment=packing, kind="EXPORT_PAPER", document=permit_paper
        )
    assert refused(caught) == [("document-other-kind", "document")]
    theirs = add_document(
        actor=person("manager", "midwest"),
        owner=organisation("midwest"),
        kind="EXPORT_PAPER",
        authority="DGFT",
        number="E-1",
    )
    with pytest.raises(Invalid) as caught:
        services.record_document(
            actor=ground.coordinator, consignment=packing, kind="EXPORT_PAPER", document=theirs
        )
    assert refused(caught) == [("document-of-another-owner", "document")]
    assert not DocumentCheck.objects.exists()


def test_nothing_leaves_under_a_permit_that_is_used_up_or_over(ground, packing, sealed, permit_paper):
    services.pack(actor=ground.coordinator, consignment=packing, samples=[sealed(n) for n in range(3)])
    complete(ground, packing)
    with acting(SystemActor("tests"), verb_name="attach"):
        DocumentCheck.objects.filter(kind="PLANT_QUARANTINE").update(document=permit_paper)
    with pytest.raises(Conflict) as caught:
        services.dispatch(actor=ground.coordinator, consignment=packing, here=Here(LEFT))
    assert [code for code, _ in refused(caught)] == ["document-exhausted"]
    assert "6 kg left; this consignment takes 6.45 kg in 3 bags" in str(caught.value)
    item = packing.items.order_by("pk").first()
    services.unpack(actor=ground.coordinator, item=item)
    with acting(SystemActor("tests"), verb_name="expire"):
        Document.objects.update(expires_on=LEFT.date() - timedelta(days=1))
    with pytest.raises(Conflict) as caught:
        services.dispatch(actor=ground.coordinator, consignment=packing, here=Here(LEFT))
    assert [code for code, _ in refused(caught)] == ["document-expired"]


def test_a_consignment_takes_the_owners_route_and_a_clients_id(ground, person):
    given = {
        "owner": ground.owner,
        "carrier": organisation("hillroad"),
        "destination": organisation("nfc"),
    }
    leg = LegDraft(
        from_name="Chipwi", to_name="Myitkyina", mode="road", hours=Decimal(6), grace_hours=Decimal(2)
    )
    route = add_route(actor=ground.manager, owner=ground.owner, name="North", legs=[leg])
    pk = uuid7()
    made = services.start_consignment(actor=ground.coordinator, consignment_id=pk, route=route, **given)
    assert (made.pk, made.route) == (pk, route)
    with pytest.raises(Conflict) as caught:
        services.start_consignment(actor=ground.coordinator, consignment_id=pk, **given)
    assert refused(caught)[0][0] == "id-used"
    theirs = add_route(
        actor=person("manager", "midwest"), owner=organisation("midwest"), name="South", legs=[leg]
    )
    with pytest.raises(Invalid) as caught:
        services.start_consignment(actor=ground.coordinator, route=theirs, **given)
    assert refused(caught) == [("route-of-another-owner", "route")]
    retired = retire_route(actor=ground.manager, route=route)
    with pytest.raises(Invalid) as caught:
        services.start_consignment(actor=ground.coordinator, route=retired, **given)
    assert refused(caught) == [("route-retired", "route")]


def test_a_seal_names_its_scale(ground, register):
    scale = add_scale(actor=ground.coordinator, owner=ground.owner, name="Camp scale", division_g=Decimal(5))
    seal(ground, register(0), scale=scale, drying_loss_g=Decimal("12.5"))
    event = CustodyEvent.objects.get(kind="SEALED")
    assert (event.scale, event.drying_loss_g) == (scale, Decimal("12.500"))


def test_a_dose_rate_is_held_against_the_owners_limit(ground, ready):
    set_limit(
        actor=ground.manager,
        owner=ground.owner,
        name="surface_usv_h",
        value=Decimal("0.3"),
        rationale="Our safety officer, 12 November",
    )
    with pytest.raises(Conflict) as caught:
        services.dispatch(actor=ground.coordinator, consignment=ready, here=Here(LEFT))
    assert [code for code, _ in refused(caught)] == ["dose-rate-too-high"]
    assert "0.3 µSv/h at the surface" in str(caught.value)
