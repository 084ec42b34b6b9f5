"""The laboratory's door and the pages of incidents: scans, problems at once, one explains and another decides."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from samples.custody import incident_services, road_services, services
from samples.custody.happenings import Here
from samples.custody.models import ConsignmentItem, CustodyEvent, Incident
from samples.registry.models import Sample
from samples.registry.rules import show_tag
from tests.samples.custody import test_pages as road

pytestmark = pytest.mark.django_db
ground, register, begun, packed, sent = road.ground, road.register, road.begun, road.packed, road.sent
url = road.url


@pytest.fixture
def desk(signed_in, person, sent):
    """Return the receptionist of the laboratory that awaits the consignment."""
    return signed_in(person("receptionist", "nfc"))


def scan(ground, n=0, **changed):
    return {
        "tag": show_tag(ground.tags[n]),
        "mass_g": str(2150 + n),
        "number": f"a-10{n}",
        "condition": "INTACT",
    } | changed


# --- Receiving --------------------------------------------------------------------------------------


def test_the_laboratory_sees_what_is_on_its_way_and_nothing_that_is_being_packed(
    desk, signed_in, person, begun
):
    assert begun.code in desk.get(url("receiving")).content.decode()
    other = services.start_consignment(
        actor=person("manager", "irel"),
        owner=begun.owner,
        carrier=begun.carrier,
        destination=begun.destination,
    )
    assert other.code not in desk.get(url("receiving")).content.decode()
    assert desk.get(url("consignment", other.pk)).status_code == 404
    assert signed_in(person("custodian", "hillroad")).get(url("receiving")).status_code == 403


def test_a_scanned_tag_shows_what_the_bag_should_carry(desk, ground, register, sent):
    register(6)
    address = url("bag", sent.pk)
    text = desk.get(address, {"tag": ground.tags[0].lower()}).content.decode()
    assert "Acme A-100" in text
    assert "2.150\xa0kg" in text
    assert "not on the manifest" in desk.get(address, {"tag": ground.tags[6]}).content.decode()
    assert "No bag of" in desk.get(address, {"tag": ground.tags[7]}).content.decode()
    assert "is not a tag" in desk.get(address, {"tag": "\x00"}).content.decode()
    assert "is not a tag" in desk.get(address).content.decode()
    desk.post(url("receive", sent.pk), scan(ground))
    assert "is received already" in desk.get(address, {"tag": ground.tags[0]}).content.decode()


def test_bags_are_received_one_after_the_other_and_the_numbers_run(desk, ground, sent):
    answer = desk.post(url("receive", sent.pk), scan(ground, 0), headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert text.lstrip().startswith('<div id="desk"')
    assert [stat["value"] for stat in answer.context["stats"]] == [2, 1, 1, 0, "0"]
    for words in ("Acme A-100", "Acme a-100", "2.150\xa0kg", "Finish with 1 missing"):
        assert words in text
    assert desk.post(url("receive", sent.pk), scan(ground, 1)).status_code == 302
    again = desk.get(url("receive", sent.pk))
    assert [stat["value"] for stat in again.context["stats"]] == [2, 2, 0, 0, "0"]
    assert "Finish: all received" in again.content.decode()
    assert Incident.objects.count() == 0
    assert desk.post(url("finish", sent.pk)).status_code == 302
    sent.refresh_from_db()
    assert sent.state == "RECEIVED"
    assert "The receipt is over" in desk.get(url("receive", sent.pk)).content.decode()


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"number": "A-999"}, "SEAL_MISMATCH"),
        ({"number": ""}, "SEAL_MISMATCH"),
        ({"mass_g": "2100"}, "MASS_OUT_OF_TOLERANCE"),
        ({"condition": "OPENED"}, "SEAL_BROKEN"),
    ],
)
def test_what_is_wrong_with_a_bag_is_seen_at_once_and_stands_first(desk, ground, sent, changed, kind):
    desk.post(url("receive", sent.pk), scan(ground, 0))
    answer = desk.post(url("receive", sent.pk), scan(ground, 1, **changed), headers={"HX-Request": "true"})
    incident = Incident.objects.get()
    assert (incident.kind, incident.blocking) == (kind, True)
    assert answer.context["receipt"].rows[0].item.sample_id == incident.sample_id
    assert url("incident", incident.pk) in answer.content.decode()
    assert answer.context["stats"][3]["value"] == 1


def test_an_unexpected_bag_is_received_and_said_to_be_unexpected(desk, ground, register, sent):
    register(5)
    desk.post(url("receive", sent.pk), scan(ground, 5, number="Z-1"))
    item = ConsignmentItem.objects.get(sample__tag__code=ground.tags[5])
    assert item.state == "UNEXPECTED"
    event = CustodyEvent.objects.get(sample=item.sample, kind="RECEIVED")
    assert event.seals_found[0][-1] == "Z-1"
    assert "Not on the manifest" in desk.get(url("receive", sent.pk)).content.decode()


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"tag": "KC-000001-0"}, "tag", "check character"),
        ({"tag": "KC"}, "tag", "not a tag"),
        ({"mass_g": ""}, "mass_g", "required"),
        ({"mass_g": "-1"}, "mass_g", ""),
        ({"condition": ""}, "condition", "required"),
    ],
)
def test_a_refused_scan_says_where_and_receives_nothing(desk, ground, sent, changed, field, words):
    answer = desk.post(url("receive", sent.pk), scan(ground, **changed))
    assert answer.status_code == 422
    assert words in " ".join(answer.context["form"].errors[field])
    assert CustodyEvent.objects.filter(kind="RECEIVED").count() == 0


def test_the_same_bag_twice_is_said_and_counted_once(desk, ground, sent):
    desk.post(url("receive", sent.pk), scan(ground))
    answer = desk.post(url("receive", sent.pk), scan(ground))
    assert answer.status_code == 422
    assert "Go on with the next bag" in answer.content.decode()
    assert CustodyEvent.objects.filter(kind="RECEIVED").count() == 1


def test_a_receipt_that_stops_is_partial_and_goes_on(desk, ground, sent):
    assert desk.post(url("finish", sent.pk)).status_code == 409
    desk.post(url("receive", sent.pk), scan(ground, 0))
    desk.post(url("finish", sent.pk))
    sent.refresh_from_db()
    assert sent.state == "PARTLY_RECEIVED"
    assert "Due: 1 missing of 2 bags" in desk.get(url("consignment", sent.pk)).content.decode()
    desk.post(url("receive", sent.pk), scan(ground, 1))
    desk.post(url("finish", sent.pk))
    sent.refresh_from_db()
    assert sent.state == "RECEIVED"


def test_the_desk_asks_a_constant_number_of_queries(desk, ground, sent):
    def count():
        with CaptureQueriesContext(connection) as found:
            assert desk.get(url("receive", sent.pk)).status_code == 200
        return len(found)

    desk.post(url("receive", sent.pk), scan(ground, 0))
    before = count()
    desk.post(url("receive", sent.pk), scan(ground, 1))
    assert count() == before


def test_a_laboratory_reads_neither_places_nor_the_roads_words(signed_in, person, ground, packed):
    here = Here(timezone.now(), Decimal("26.05"), Decimal("98.35"), Decimal(8), "by Pangwa gate")
    services.dispatch(actor=ground.manager, consignment=packed, here=here)
    driver = person("custodian", "hillroad")
    road_services.hand_over(
        actor=driver,
        consignment=packed,
        here=Here(timezone.now(), note="at Chipwi bridge"),
        to_name="Zaw Win",
        to_document="12/A 334",
    )
    road_services.hand_over(
        actor=driver,
        consignment=packed,
        here=Here(timezone.now()),
        to_person=person("manager", "hillroad"),
        seals=[],
    )
    incident = incident_services.report_incident(
        actor=ground.manager, kind="CUSTODY_GAP", detail="A night in Chipwi", consignment=packed
    )
    incident_services.explain_incident(
        actor=ground.coordinator, incident=incident, explanation="The Pangwa road was shut."
    )
    desk = signed_in(person("receptionist", "nfc"))
    sample = Sample.objects.first()
    on_the_road = Incident.objects.filter(kind="SEAL_MISMATCH").first()
    pages = [
        url("incident", on_the_road.pk),
        url("consignment", packed.pk),
        url("receive", packed.pk),
        url("incidents"),
        url("incident", incident.pk),
        f"/samples/{sample.pk}/",
        f"/batches/{ground.batch.pk}/",
    ]
    for address in pages:
        answer = desk.get(address)
        assert answer.status_code == 200, address
        text = answer.content.decode()
        for words in (
            "Pangwa",
            "Chipwi",
            "26.0",
            "98.3",
            "Zaw Win",
            "12/A",
            "No. EXP-17",
            "hand-over",
            "Manager of HILL",
        ):
            assert words not in text, (address, words)
    owner = signed_in(ground.manager).get(url("consignment", packed.pk)).content.decode()
    for words in (
        "by Pangwa gate",
        "26.050000° N",
        "Zaw Win",
        "No. EXP-17",
        "A night in Chipwi",
        "was not seen",
    ):
        assert words in owner
    assert "12/A 334" not in owner


# --- Incidents --------------------------------------------------------------------------------------


@pytest.fixture
def incident(desk, ground, sent):
    desk.post(url("receive", sent.pk), scan(ground, 0, mass_g="2000"))
    return Incident.objects.get()


def test_an_incident_is_explained_by_one_and_cleared_by_another(desk, signed_in, ground, incident):
    manager = signed_in(ground.manager)
    assert (
        "Received at 2000 g; sealed at 2150 g." in manager.get(url("incident", incident.pk)).content.decode()
    )
    assert manager.post(url("clear", incident.pk), {"reason": "?"}).status_code == 422
    explained = desk.post(url("explain", incident.pk), {"explanation": "Our scale stood on its foot."})
    assert explained["Location"] == url("incident", incident.pk)
    assert desk.post(url("clear", incident.pk), {"reason": "fine"}).status_code == 403
    assert manager.post(url("clear", incident.pk), {"reason": ""}).status_code == 422
    assert manager.post(url("clear", incident.pk), {"reason": "Weighed again: 2150 g."}).status_code == 302
    incident.refresh_from_db()
    assert (incident.state, incident.judged_by) == ("CLEARED", ground.manager)
    text = manager.get(url("incident", incident.pk)).content.decode()
    for words in ("Our scale stood on its foot.", "Weighed again: 2150 g.", "Not any more"):
        assert words in text
    seen = desk.get(url("incident", incident.pk)).content.decode()
    assert "Our scale stood on its foot." in seen
    assert "Weighed again" not in seen


def test_nobody_decides_on_their_own_explanation(signed_in, ground, incident):
    manager = signed_in(ground.manager)
    manager.post(url("explain", incident.pk), {"explanation": "Rain."})
    text = manager.get(url("incident", incident.pk)).content.decode()
    assert "You explained it" in text
    assert "Clear: it counts again" not in text
    for act in ("clear", "uphold"):
        answer = manager.post(url(act, incident.pk), {"reason": "Rain it was."})
        assert answer.status_code == 422
        assert "You explained it yourself" in answer.content.decode()


def test_an_upheld_incident_says_what_that_means(desk, signed_in, ground, incident):
    desk.post(url("explain", incident.pk), {"explanation": "We do not know."})
    manager = signed_in(ground.manager)
    manager.post(url("uphold", incident.pk), {"reason": "150 g are gone."})
    assert "Upheld: it stays out" in manager.get(url("incident", incident.pk)).content.decode()
    sample = manager.get(f"/samples/{incident.sample_id}/").content.decode()
    assert "An incident keeps this sample out of decisions" in sample


def test_incidents_are_listed_by_what_waits(desk, signed_in, ground, sent, incident):
    manager = signed_in(ground.manager)
    assert url("incident", incident.pk) in manager.get(url("incidents")).content.decode()
    for query, there in (
        ({"state": "CLEARED"}, False),
        ({"state": "all"}, True),
        ({"consignment": sent.code.lower()}, True),
        ({"consignment": "C99-0001"}, False),
        ({"consignment": "\x00"}, True),
    ):
        text = manager.get(url("incidents"), query).content.decode()
        assert (url("incident", incident.pk) in text) is there, query
    desk.post(url("explain", incident.pk), {"explanation": "x"})
    assert url("incident", incident.pk) in manager.get(url("incidents")).content.decode()


def test_an_incident_is_reported_from_the_consignment(desk, sent):
    bad = desk.post(url("report", sent.pk), {"kind": "LOST", "detail": ""})
    assert bad.status_code == 422
    good = desk.post(url("report", sent.pk), {"kind": "OPENED_OUTSIDE", "detail": "The crate was open."})
    made = Incident.objects.get()
    assert good["Location"] == url("incident", made.pk)
    assert (made.kind, made.sample, made.consignment) == ("OPENED_OUTSIDE", None, sent)
