"""The pages of consignments, packing, dispatch and the road: what they take, what they say, what they refuse."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from lims.verbs import SystemActor, acting
from samples.custody import incident_services, road_services, services
from samples.custody.happenings import Here
from samples.custody.models import Consignment, ConsignmentItem, CustodyEvent, Incident, Outsider, Seal
from samples.custody.rules import DocumentKind
from samples.registry.rules import show_tag
from tests.samples.registry import conftest as registry
from tests.support.people import organisation

pytestmark = pytest.mark.django_db
ground, register = registry.ground, registry.register


def url(name, *args):
    return reverse(f"custody:{name}", args=args)


@pytest.fixture
def begun(ground):
    """Return a consignment of IREL's that is being packed for the Hyderabad laboratory."""
    return services.start_consignment(
        actor=ground.coordinator,
        owner=ground.owner,
        carrier=organisation("hillroad"),
        destination=organisation("nfc"),
        planned_arrival=timezone.now() + timedelta(days=5),
    )


@pytest.fixture
def coordinator(signed_in, ground):
    return signed_in(ground.coordinator)


def papers(ground, consignment):
    """Put every paper and a harmless dose rate on the checklist."""
    for kind in DocumentKind:
        services.record_document(
            actor=ground.manager, consignment=consignment, kind=kind, reference=f"No. {kind[:3]}-17"
        )
    services.record_dose_rate(
        actor=ground.manager,
        consignment=consignment,
        instrument="RadEye 7",
        surface_usv_h=Decimal("0.31"),
        at_1m_usv_h=Decimal("0.12"),
    )


@pytest.fixture
def packed(ground, register, begun):
    """Return the consignment with two sealed bags of 2 150 g and 2 151 g in it, and all of its papers."""
    for n in (0, 1):
        sample = register(n)
        services.seal_sample(
            actor=ground.coordinator,
            sample=sample,
            maker="Acme",
            number=f"A-10{n}",
            mass_g=Decimal(2150 + n),
            here=Here(timezone.now()),
        )
        services.pack(actor=ground.coordinator, consignment=begun, samples=[sample])
    papers(ground, begun)
    return begun


@pytest.fixture
def sent(ground, packed):
    """Return the consignment on the road."""
    return services.dispatch(actor=ground.manager, consignment=packed, here=Here(timezone.now()))


def row(ground, n=0, **changed):
    return {
        "tag": show_tag(ground.tags[n]).lower(),
        "number": f"a-20{n}",
        "mass_g": "2.15 kg",
        "maker": "Acme",
    } | changed


# --- Begin and pack ---------------------------------------------------------------------------------


def test_a_consignment_is_begun_and_leads_to_the_packing_table(coordinator, ground):
    given = {"carrier": organisation("hillroad").pk, "destination": organisation("nfc").pk}
    answer = coordinator.post(url("start"), given | {"owner": ground.owner.pk, "planned_arrival": ""})
    made = Consignment.objects.get()
    assert answer["Location"] == url("pack", made.pk)
    assert made.code in coordinator.get(url("consignments")).content.decode()


def test_a_consignment_needs_a_carrier(coordinator, ground):
    given = {"owner": ground.owner.pk, "carrier": organisation("nfc").pk, "destination": ""}
    answer = coordinator.post(url("start"), given)
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"carrier", "destination"}


def test_a_bag_is_sealed_and_packed_in_one_go_and_the_maker_is_kept(coordinator, ground, register, begun):
    sample = register(0)
    answer = coordinator.post(url("pack", begun.pk), row(ground), follow=True)
    item, seal = ConsignmentItem.objects.get(), Seal.objects.get()
    assert (item.sample, item.sealed_mass_g, str(seal)) == (sample, Decimal(2150), "Acme a-200")
    assert answer.context["form"].initial == {"maker": "Acme"}
    assert "1 bag packed" in answer.content.decode()


def test_htmx_gets_the_changing_part_only_with_the_new_bag_marked(coordinator, ground, register, begun):
    register(0)
    answer = coordinator.post(url("pack", begun.pk), row(ground), headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 200
    assert text.lstrip().startswith('<div id="packing"')
    assert '<tr class="is-new">' in text
    assert "autofocus" in text.split('name="tag"')[1].split(">")[0]


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"tag": "KC-000001-0"}, "tag", "check character"),
        ({"number": ""}, "number", "carries no seal"),
        ({"mass_g": ""}, "mass_g", "is not weighed"),
        ({"mass_g": "0"}, "mass_g", "mass is 0"),
        ({"mass_g": "2 lb"}, "mass_g", "unit"),
        ({"maker": ""}, "maker", "required"),
    ],
)
def test_a_refused_bag_says_where_and_seals_nothing(
    coordinator, ground, register, begun, changed, field, words
):
    register(0)
    for headers, status in (({}, 422), ({"HX-Request": "true"}, 200)):
        answer = coordinator.post(url("pack", begun.pk), row(ground, **changed), headers=headers)
        form = answer.context["form"]
        assert answer.status_code == status
        assert words in " ".join(form.errors[field])
        assert form.fields[field].widget.attrs["autofocus"] is True
    assert Seal.objects.count() == 0
    assert ConsignmentItem.objects.count() == 0


def test_an_unregistered_bag_is_not_sealed(coordinator, ground, begun):
    answer = coordinator.post(url("pack", begun.pk), row(ground, 5))
    assert "Register the sample first" in answer.content.decode()
    assert Seal.objects.count() == 0


def test_a_seal_is_refused_the_second_time_and_the_bag_stays_out(coordinator, ground, register, begun):
    register(0), register(1)
    assert coordinator.post(url("pack", begun.pk), row(ground, 0)).status_code == 302
    answer = coordinator.post(url("pack", begun.pk), row(ground, 1, number="A-200"))
    assert answer.status_code == 422
    assert "used before" in answer.content.decode()
    assert (Seal.objects.count(), ConsignmentItem.objects.count()) == (1, 1)


def test_a_bag_sealed_before_is_packed_by_its_tag_alone_or_with_its_own_number(coordinator, ground, packed):
    first = ConsignmentItem.objects.order_by("sample__tag__code").first()
    coordinator.post(url("unpack", packed.pk, first.pk))
    wrong = coordinator.post(url("pack", packed.pk), row(ground, 0, number="A-999", mass_g=""))
    assert "was sealed with Acme A-100, not with A-999" in wrong.content.decode()
    assert coordinator.post(url("pack", packed.pk), row(ground, 0, number="", mass_g="")).status_code == 302
    assert ConsignmentItem.objects.filter(consignment=packed).count() == 2


def test_ticked_bags_are_packed_and_taken_out_again(coordinator, packed):
    items = list(ConsignmentItem.objects.filter(consignment=packed))
    for item in items:
        coordinator.post(url("unpack", packed.pk, item.pk))
    text = coordinator.get(url("pack", packed.pk)).content.decode()
    assert text.count('name="bag"') == 2
    assert coordinator.post(url("pack_chosen", packed.pk), {}).status_code == 302
    assert ConsignmentItem.objects.count() == 0
    ticked = [str(item.sample_id) for item in items]
    said = coordinator.post(url("pack_chosen", packed.pk), {"bag": ticked}, follow=True).content.decode()
    assert f"2 bags are in {packed}" in said
    assert ConsignmentItem.objects.count() == 2


def test_another_owners_bag_is_not_there_to_be_packed(person, signed_in, register, ground, begun):
    other = signed_in(person("manager", "midwest"))
    assert other.get(url("pack", begun.pk)).status_code == 404
    assert other.get(url("consignment", begun.pk)).status_code == 404


# --- Papers and dispatch ----------------------------------------------------------------------------


def test_papers_and_dose_rate_are_asked_for_one_by_one(coordinator, begun):
    form = {"kind": "EXPORT_PAPER", "reference": "EXP 12"}
    assert coordinator.post(url("record_document", begun.pk), form).status_code == 302
    again = coordinator.post(url("record_document", begun.pk), form)
    assert again.status_code == 422
    assert "EXPORT_PAPER" not in dict(again.context["paper_form"].fields["kind"].choices)
    wrong = coordinator.post(
        url("record_dose", begun.pk), {"surface_usv_h": "0.1", "at_1m_usv_h": "0.4", "instrument": "R7"}
    )
    assert wrong.status_code == 422
    assert "measure again" in wrong.content.decode()
    right = {"surface_usv_h": "0.4", "at_1m_usv_h": "0.1", "instrument": "R7"}
    assert coordinator.post(url("record_dose", begun.pk), right).status_code == 302
    text = coordinator.get(url("consignment", begun.pk)).content.decode()
    for words in ("EXP 12", "0.4 µSv/h at the surface", "Due-diligence file", "Due: dispatch with Hill Road"):
        assert words in text


def test_dispatch_says_what_stands_against_it(coordinator, begun):
    text = coordinator.get(url("dispatch", begun.pk)).content.decode()
    for words in ("no bag in it", "Export paper", "No dose rate is recorded"):
        assert words in text
    assert coordinator.post(url("dispatch", begun.pk), {}).status_code == 422
    begun.refresh_from_db()
    assert begun.state == "PACKING"


def test_dispatch_says_in_one_sentence_what_happens_and_does_it(coordinator, packed):
    text = " ".join(coordinator.get(url("dispatch", packed.pk)).content.decode().split())
    assert (
        "2 sealed bags, 4.301 kg, go from IREL (India) to Hill Road Carriers for Hyderabad Assay Laboratory."
        in text
    )
    answer = coordinator.post(url("dispatch", packed.pk), {"note": "lorry 4471"})
    assert answer["Location"] == url("consignment", packed.pk)
    packed.refresh_from_db()
    assert packed.state == "DISPATCHED"
    line = coordinator.get(url("consignment", packed.pk)).content.decode()
    for words in ("Handed over to Hill Road Carriers", "lorry 4471", "Departed", "Due: arrival at Hyderabad"):
        assert words in line
    assert "nothing to dispatch" in coordinator.get(url("dispatch", packed.pk)).content.decode()


# --- On the road ------------------------------------------------------------------------------------


@pytest.fixture
def driver(signed_in, person, sent):
    return signed_in(person("custodian", "hillroad"))


def handed(sent, **changed):
    seals = [str(pk) for pk in Seal.objects.order_by("number").values_list("pk", flat=True)]
    given = {"seals": seals, "condition": "INTACT", "to_name": "Zaw Win", "to_document": "12/A 334"}
    return given | changed


def test_a_hand_over_shows_the_same_summary_to_both_before_it_is_done(driver, sent):
    summary = driver.post(url("hand_over", sent.pk), handed(sent)).content.decode()
    for words in ("Zaw Win", "12/A 334", "2 of 2", "Intact", "Custodian of HILLROAD"):
        assert words in summary
    assert CustodyEvent.objects.filter(to_outsider__isnull=False).count() == 0
    answer = driver.post(url("hand_over", sent.pk), handed(sent, confirm="1"))
    assert answer["Location"] == url("consignment", sent.pk)
    event = CustodyEvent.objects.get(to_outsider__isnull=False)
    assert event.seals_found == [["Acme", "A-100"], ["Acme", "A-101"]]
    assert Outsider.objects.get().name == "Zaw Win"
    assert Incident.objects.count() == 0
    assert "Zaw Win for Hill Road Carriers" in driver.get(url("consignment", sent.pk)).content.decode()


def test_a_seal_that_was_not_seen_is_said_before_and_becomes_an_incident(driver, sent):
    one = handed(sent)["seals"][:1]
    summary = driver.post(url("hand_over", sent.pk), handed(sent, seals=one)).content.decode()
    assert "Acme A-101 on KC" in summary
    driver.post(url("hand_over", sent.pk), handed(sent, seals=one, confirm="1"))
    assert Incident.objects.get().kind == "SEAL_MISMATCH"
    text = driver.get(url("consignment", sent.pk)).content.decode()
    assert "1 incident waits for somebody" in text


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"to_name": "", "to_document": ""}, "to_person"),
        ({"to_document": ""}, "to_document"),
        ({"condition": "FINE"}, "condition"),
        ({"seals": ["019a0000-0000-7000-8000-000000000000"]}, "seals"),
        ({"mass_g": "x"}, "mass_g"),
        ({"at": "yesterday"}, "at"),
    ],
)
def test_a_hand_over_without_what_it_needs_stays_on_the_form(driver, sent, changed, field):
    answer = driver.post(url("hand_over", sent.pk), handed(sent, **changed))
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert 'name="to_name"' in answer.content.decode()


def test_somebody_may_change_their_mind_at_the_summary(driver, sent):
    answer = driver.post(url("hand_over", sent.pk), handed(sent, change="1"))
    assert answer.status_code == 200
    assert 'value="Zaw Win"' in answer.content.decode()
    assert Outsider.objects.count() == 0


def test_what_happens_on_the_way_is_on_the_line_and_a_place_is_rounded_for_the_carrier(
    driver, coordinator, sent
):
    place = {"kind": "CHECKPOINT", "latitude": "26.0512", "longitude": "98.3312", "accuracy_m": "8"}
    assert driver.post(url("on_the_way", sent.pk), place).status_code == 302
    assert "26.1° N, 98.3° E" in driver.get(url("consignment", sent.pk)).content.decode()
    assert "26.051200° N" in coordinator.get(url("consignment", sent.pk)).content.decode()


def test_a_half_given_place_is_refused(driver, sent):
    answer = driver.post(url("on_the_way", sent.pk), {"kind": "CHECKPOINT", "latitude": "26.05"})
    assert answer.status_code == 422
    assert "Half of the place is missing" in answer.content.decode()


def test_what_is_not_on_the_road_cannot_be_handed_over(coordinator, begun):
    for name in ("hand_over", "on_the_way"):
        assert "It is not on the road" in coordinator.get(url(name, begun.pk)).content.decode()
    assert coordinator.post(url("on_the_way", begun.pk), {"kind": "CHECKPOINT"}).status_code == 422


def test_an_overdue_consignment_says_so(coordinator, sent):
    with acting(SystemActor("tests"), verb_name="be_late"):
        Consignment.objects.filter(pk=sent.pk).update(planned_arrival=timezone.now() - timedelta(hours=2))
    assert "Overdue: arrival at" in coordinator.get(url("consignment", sent.pk)).content.decode()
    assert "Overdue" in coordinator.get(url("consignments")).content.decode()


# --- What others show of it -------------------------------------------------------------------------


def test_sample_and_batch_pages_show_the_road(coordinator, ground, sent):
    item = ConsignmentItem.objects.filter(consignment=sent).first()
    text = coordinator.get(reverse("registry:sample", args=[item.sample_id])).content.decode()
    for words in ("Custody", "Acme A-10", f"with {sent}", "Departed"):
        assert words in text
    text = coordinator.get(reverse("registry:batch", args=[ground.batch.pk])).content.decode()
    assert "On the road" in text
    assert sent.code in text


def test_a_consignment_is_found_by_its_code(coordinator, sent):
    answer = coordinator.get(reverse("web:search"), {"q": sent.code.lower()})
    assert answer["Location"] == url("consignment", sent.pk)


def test_the_list_is_narrowed_by_state_and_ignores_nonsense(coordinator, sent):
    assert sent.code not in coordinator.get(url("consignments"), {"state": "PACKING"}).content.decode()
    assert sent.code in coordinator.get(url("consignments"), {"state": "\x00'"}).content.decode()


def test_pages_ask_a_constant_number_of_queries(coordinator, ground, register, packed):
    def count(address):
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert coordinator.get(address).status_code == 200
        return len(found)

    pages = [
        url("consignments"),
        url("consignment", packed.pk),
        url("pack", packed.pk),
        url("dispatch", packed.pk),
    ]
    for address in pages:
        coordinator.get(address)
    before = [count(address) for address in pages]
    for n in range(2, 7):
        register(n)
        coordinator.post(url("pack", packed.pk), row(ground, n))
    assert [count(address) for address in pages] == before


def test_the_line_is_in_the_order_of_the_road_even_when_it_was_written_down_later(
    coordinator, ground, packed
):
    gone = timezone.now() - timedelta(days=3)
    services.dispatch(actor=ground.manager, consignment=packed, here=Here(gone))
    for hours in (2, 1):
        road_services.record_event(
            actor=ground.manager,
            consignment=packed,
            kind="CHECKPOINT",
            here=Here(gone + timedelta(hours=hours)),
        )
    titles = [entry["title"] for entry in coordinator.get(url("consignment", packed.pk)).context["entries"]]
    # The second checkpoint lies before the first one: the clocks disagree, which stands where it happened.
    assert titles == [
        "Packing begun",
        "Handed over to Hill Road Carriers",
        "Departed",
        "Checkpoint",
        "Clocks disagree",
        "Checkpoint",
        "Due: arrival at Hyderabad Assay Laboratory",
    ]


def test_many_incidents_do_not_hide_the_line(coordinator, ground, sent):
    for n in range(8):
        incident_services.report_incident(
            actor=ground.manager, kind="OPENED_OUTSIDE", detail=f"Bag {n} open", consignment=sent
        )
    entries = coordinator.get(url("consignment", sent.pk)).context["entries"]
    assert sum(entry["title"].startswith("Opened outside") for entry in entries) == 6
    assert entries[-2]["title"] == "2 more incidents"
    assert entries[-2]["url"].endswith(f"?consignment={sent.code}")
