"""Incidents: reported, explained by one person, decided on by another, and what they keep out of decisions."""

from decimal import Decimal

import pytest

from lims.errors import Conflict, Invalid, NotPermitted
from lims.work.models import Request
from samples.custody import incident_services as services
from samples.custody.models import Incident
from samples.custody.queries import blocking_incidents
from samples.registry import services as registry

pytestmark = pytest.mark.django_db


def codes(caught):
    return [(problem.code, problem.place.field) for problem in caught.value.problems]


@pytest.fixture
def light(on_road, receive):
    """Return the incident of a bag that came too light."""
    receive(on_road, 0, mass_g=Decimal(1000))
    return Incident.objects.get()


def explain(incident, actor, words="  The bag was  wet when sealed. "):
    return services.explain_incident(actor=actor, incident=incident, explanation=words)


def asked(batch):
    return Request.objects.filter(kind="assays.decide_batch", key=str(batch.pk)).count()


def test_an_incident_is_explained_and_cleared_by_two(light, receptionist, ground):
    told = explain(light, receptionist)
    assert (told.state, told.explanation, told.explained_by) == (
        "EXPLAINED", "The bag was wet when sealed.", receptionist,
    )  # fmt: skip
    before = asked(ground.batch)
    done = services.clear_incident(actor=ground.manager, incident=told, reason="Moisture agrees.")
    assert (done.state, done.judgement, done.judged_by) == ("CLEARED", "Moisture agrees.", ground.manager)
    assert done.judged_at >= done.explained_at
    assert asked(ground.batch) == before + 1


def test_what_was_upheld_stays_so(light, receptionist, ground):
    explain(light, receptionist)
    services.uphold_incident(actor=ground.manager, incident=light, reason="No.")
    for verb in (services.clear_incident, services.uphold_incident):
        with pytest.raises(Conflict) as caught:
            verb(actor=ground.manager, incident=light, reason="Yes.")
        assert codes(caught) == [("transition-refused", "state")]
    assert blocking_incidents(ground.batch).keys() == {light.sample_id}


def test_nobody_decides_before_an_explanation_nor_on_their_own(light, ground):
    with pytest.raises(Conflict) as caught:
        services.clear_incident(actor=ground.manager, incident=light, reason="Fine.")
    assert codes(caught) == [("transition-refused", "state")]
    explain(light, ground.manager)
    with pytest.raises(NotPermitted) as caught:
        services.clear_incident(actor=ground.manager, incident=light, reason="Fine.")
    assert codes(caught) == [("second-person", None)]
    light.refresh_from_db()
    assert (light.state, light.judgement) == ("EXPLAINED", "")


def test_words_are_needed(light, receptionist, ground):
    with pytest.raises(Invalid) as caught:
        explain(light, receptionist, "  ")
    assert codes(caught) == [("field-required", "explanation")]
    explain(light, receptionist)
    with pytest.raises(Invalid) as caught:
        services.clear_incident(actor=ground.manager, incident=light, reason="")
    assert codes(caught) == [("field-required", "reason")]


@pytest.mark.parametrize(
    ("role", "where", "explains", "judges"),
    [
        ("field_coordinator", "irel", True, False),
        ("manager", "irel", True, True),
        ("auditor", "irel", False, False),
        ("administrator", "irel", False, False),
        ("custodian", "hillroad", True, False),
        ("manager", "hillroad", True, False),
        ("receptionist", "nfc", True, False),
        ("technician", "nfc", True, False),
        ("manager", "nfc", True, False),
        ("reviewer", "nfc", False, False),
        ("manager", "midwest", False, False),
        ("manager", "mines", False, False),
    ],
)
def test_who_explains_and_who_decides(light, person, role, where, explains, judges):
    actor = person(role, where)
    assert may(lambda: explain(light, actor)) is explains
    other = services.report_incident(
        actor=person("manager", "hillroad", nick="boss"),
        kind="LOST",
        detail="x",
        sample=light.sample,
        consignment=light.consignment,
    )
    explain(other, person("manager", "hillroad", nick="boss"))
    assert may(lambda: services.clear_incident(actor=actor, incident=other, reason="Fine.")) is judges
    assert Incident.objects.get(pk=light.pk).state == ("EXPLAINED" if explains else "OPEN")
    assert Incident.objects.get(pk=other.pk).state == ("CLEARED" if judges else "EXPLAINED")


def may(call):
    """Return whether a verb is permitted."""
    try:
        call()
    except NotPermitted:
        return False
    return True


def test_people_report_what_they_notice(on_road, custodian, ground):
    sample = on_road.items.first().sample
    made = services.report_incident(
        actor=custodian, kind="TWO_CLAIMS", detail=" Two drivers  say they have it. ", consignment=on_road
    )
    assert (made.kind, made.detail, made.blocking) == ("TWO_CLAIMS", "Two drivers say they have it.", True)
    late = services.report_incident(
        actor=custodian, kind="OVERDUE_LEG", detail="A landslide.", sample=sample, consignment=on_road
    )
    assert (late.sample, late.blocking) == (sample, False)
    assert asked(ground.batch) == 2


def test_what_is_reported_is_of_something_that_belongs_together(on_road, custodian, register):
    for given, code in (
        ({"kind": "LOST"}, ("incident-of-nothing", "sample")),
        ({"kind": "GHOST", "consignment": on_road}, ("choice-unknown", "kind")),
        ({"kind": "LOST", "consignment": on_road, "sample": register(7)}, ("sample-elsewhere", "sample")),
    ):
        with pytest.raises(Invalid) as caught:
            services.report_incident(actor=custodian, detail="x", **given)
        assert codes(caught) == [code]
    assert not Incident.objects.exists()


def test_a_laboratory_reports_nothing_of_a_bag_that_it_does_not_test(sealed, receptionist, custodian):
    sample = sealed(0)
    for stranger in (receptionist, custodian):
        with pytest.raises(NotPermitted):
            services.report_incident(actor=stranger, kind="LOST", detail="x", sample=sample)


# --- What they keep out of decisions --------------------------------------------------------------------


def test_incidents_block_the_samples_that_they_concern(on_road, receive, receptionist, ground, register):
    outside = register(6)
    receive(on_road, 0, mass_g=Decimal(1000), seals=[])
    bags = [item.sample_id for item in on_road.items.order_by("sample__tag__code")]
    assert {pk: sorted(i.kind for i in found) for pk, found in blocking_incidents(ground.batch).items()} == {
        bags[0]: ["MASS_OUT_OF_TOLERANCE", "SEAL_MISMATCH"]
    }
    whole = services.report_incident(
        actor=receptionist, kind="CUSTODY_GAP", detail="Left alone.", consignment=on_road
    )
    found = blocking_incidents(ground.batch)
    assert found.keys() == set(bags)
    assert outside.pk not in found
    assert found[bags[2]] == [whole]
    explain(whole, receptionist)
    services.clear_incident(actor=ground.manager, incident=whole, reason="It was locked up.")
    assert blocking_incidents(ground.batch).keys() == {bags[0]}


def test_what_leaves_no_doubt_blocks_nothing(on_road, receptionist, ground):
    for kind in ("OVERDUE_LEG", "OFF_ROUTE", "CLOCK"):
        services.report_incident(actor=receptionist, kind=kind, detail="x", consignment=on_road)
    assert blocking_incidents(ground.batch) == {}


def test_another_batch_is_not_blocked(light, ground):
    other = registry.open_batch(
        actor=ground.manager, mine=ground.mine, material_type="HARD_ROCK", campaign="x"
    )
    assert blocking_incidents(other) == {}


def test_blocking_asks_a_constant_number_of_queries(
    on_road, receive, receptionist, ground, django_assert_num_queries
):
    receive(on_road, 0, mass_g=Decimal(1000))
    services.report_incident(actor=receptionist, kind="CUSTODY_GAP", detail="x", consignment=on_road)
    with django_assert_num_queries(3):
        blocking_incidents(ground.batch)
    for n in (1, 2):
        receive(on_road, n, mass_g=Decimal(1000))
    services.report_incident(actor=receptionist, kind="TWO_CLAIMS", detail="x", consignment=on_road)
    with django_assert_num_queries(3):
        blocking_incidents(ground.batch)
