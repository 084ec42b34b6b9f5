"""Deviations stop testing until the owner answers; incidents are assigned and carry files."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from lims.errors import Conflict, DomainError, Invalid, NotPermitted
from lims.web.models import Notice
from samples.custody import bag_services, deviations, incident_services
from samples.custody.attachments import attach_to_incident, attachments_for
from samples.custody.deviations import report_deviation
from samples.custody.happenings import Here
from samples.custody.models import Incident, IncidentAttachment
from samples.custody.queries import blocking_incidents
from tests.samples.custody.conftest import CAME

pytestmark = pytest.mark.django_db
PDF, LATER = b"%PDF-1.7 a letter", Here(CAME + timedelta(hours=1))


def code_of(caught):
    return caught.value.problems[0].code


@pytest.fixture
def bag(on_road, receive):
    return receive(on_road, 0).sample


@pytest.fixture
def asked(on_road, receptionist, bag):
    return report_deviation(
        actor=receptionist, consignment=on_road, sample=bag, question="The bag is wet. Test it?"
    )


def test_the_owner_is_asked_and_testing_stops(ground, asked, bag, receptionist):
    assert (asked.kind, asked.state, asked.blocking) == ("DEVIATION", "EXPLAINED", True)
    notice = Notice.objects.get(user=ground.manager)
    assert str(bag) in notice.title
    assert notice.url == f"/incidents/{asked.pk}/"
    assert deviations.testing_stopped([bag.pk]) == {bag.pk}
    assert list(blocking_incidents(bag.batch)) == [bag.pk]
    with pytest.raises(Conflict) as caught:
        bag_services.open_bag(actor=receptionist, sample=bag, here=LATER)
    assert code_of(caught) == "testing-stopped"


def test_test_it(ground, asked, bag, receptionist):
    incident_services.clear_incident(actor=ground.manager, incident=asked, reason="Dry it first.")
    assert deviations.testing_stopped([bag.pk]) == set()
    bag_services.open_bag(actor=receptionist, sample=bag, here=LATER)
    told = Notice.objects.get(user=receptionist)
    assert (told.title, told.body) == (f"The owner's answer about {bag}: test it", "Dry it first.")


def test_do_not_test_it(ground, asked, bag, receptionist):
    incident_services.uphold_incident(actor=ground.manager, incident=asked, reason="It is worth nothing now.")
    assert deviations.testing_stopped([bag.pk]) == {bag.pk}
    with pytest.raises(Conflict):
        bag_services.open_bag(actor=receptionist, sample=bag, here=LATER)


def test_all_of_a_consignment(ground, on_road, bag, receive, receptionist):
    other = receive(on_road, 1).sample
    report_deviation(actor=receptionist, consignment=on_road, question="All bags smell of diesel.")
    assert deviations.testing_stopped([bag.pk, other.pk]) == {bag.pk, other.pk}


def test_only_the_laboratory_asks_and_of_its_own_bags(ground, on_road, custodian, receptionist, register):
    with pytest.raises(NotPermitted):
        report_deviation(actor=custodian, consignment=on_road, question="x")
    for given, code in (({"question": " "}, "field-required"), ({"sample": register(5)}, "sample-elsewhere")):
        with pytest.raises(Invalid) as caught:
            report_deviation(actor=receptionist, consignment=on_road, **({"question": "x"} | given))
        assert code_of(caught) == code


def test_the_laboratory_reads_the_answer_and_nobody_answers_their_own(ground, asked, signed_in, receptionist):
    with pytest.raises(NotPermitted):
        incident_services.clear_incident(actor=receptionist, incident=asked, reason="yes")
    incident_services.clear_incident(actor=ground.manager, incident=asked, reason="Dry it first.")
    page = signed_in(receptionist).get(f"/incidents/{asked.pk}/").content.decode()
    assert "Dry it first." in page
    assert "The bag is wet. Test it?" in page


def test_asked_on_the_page_and_over_the_api(ground, on_road, bag, signed_in, receptionist):
    client = signed_in(receptionist)
    address = f"/receiving/{on_road.pk}/deviation/"
    assert client.post(address, {"question": ""}).status_code == 422
    answer = client.post(address, {"question": "Torn. Test it?", "sample": str(bag.pk)})
    assert answer.status_code == 302
    manager = signed_in(ground.manager).get(answer["Location"]).content.decode()
    assert "Answer the laboratory" in manager
    assert "Do not test it" in manager
    body = {"consignment": str(on_road.pk), "question": "Two seals. Test them?"}
    answer = signed_in(receptionist).post("/api/v1/deviations/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["state"]) == (201, "EXPLAINED")


# --- Assigning and files ------------------------------------------------------------------------


@pytest.fixture
def incident(ground, on_road, receive):
    receive(on_road, 0, condition="OPENED")
    return Incident.objects.get()


def test_assigned_to_somebody_who_may_explain(ground, incident, custodian):
    made = incident_services.assign_incident(actor=ground.manager, incident=incident, to=custodian)
    assert (made.assigned_to, made.assigned_by) == (custodian, ground.manager)
    assert Notice.objects.get(user=custodian).title == "Please explain: Seal broken"


def test_not_to_a_stranger_and_not_when_it_is_explained(ground, incident, custodian, person):
    with pytest.raises(Invalid) as caught:
        incident_services.assign_incident(
            actor=ground.manager, incident=incident, to=person("manager", "midwest")
        )
    assert code_of(caught) == "assignee-elsewhere"
    incident_services.explain_incident(actor=custodian, incident=incident, explanation="Customs.")
    with pytest.raises(Conflict) as caught:
        incident_services.assign_incident(actor=ground.manager, incident=incident, to=custodian)
    assert code_of(caught) == "incident-not-open"


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file-empty"), (b"MZ", "file-unreadable"), (PDF + bytes(10_000_000), "file-too-large")],
)
def test_what_is_no_file_of_ours_is_refused(ground, incident, content, code):
    with pytest.raises(DomainError) as caught:
        attach_to_incident(actor=ground.manager, incident=incident, name="x.pdf", content=content)
    assert code_of(caught) == code


def test_a_laboratory_sees_its_own_files_only(ground, incident, receptionist, person):
    ours = attach_to_incident(actor=ground.manager, incident=incident, name="mine.pdf", content=PDF)
    theirs = attach_to_incident(actor=receptionist, incident=incident, name="door.pdf", content=PDF + b"2")
    assert list(attachments_for(ground.manager, incident)) == [ours, theirs]
    assert list(attachments_for(receptionist, incident)) == [theirs]
    assert list(attachments_for(person("technician", "nfc"), incident)) == [theirs]
    with pytest.raises(Conflict) as caught:
        attach_to_incident(actor=ground.manager, incident=incident, name="again.pdf", content=PDF)
    assert code_of(caught) == "incident-attachment-once"


def test_on_the_pages(ground, incident, custodian, signed_in, receptionist):
    client = signed_in(ground.manager)
    upload = SimpleUploadedFile("../let\x00ter.pdf", PDF, "application/pdf")
    assert client.post(f"/incidents/{incident.pk}/files/", {"file": upload}).status_code == 302
    file = IncidentAttachment.objects.get()
    assert file.name == "letter.pdf"
    answer = client.get(f"/incidents/{incident.pk}/files/{file.pk}/")
    assert (answer.content, answer["Content-Type"]) == (PDF, "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="letter.pdf"'
    assert signed_in(receptionist).get(f"/incidents/{incident.pk}/files/{file.pk}/").status_code == 404
    assert client.post(f"/incidents/{incident.pk}/assign/", {"to": str(custodian.pk)}).status_code == 302
    page = signed_in(custodian).get("/incidents/?whose=mine").content.decode()
    assert "Mine to explain (1)" in page
    assert "Seal broken" in page
    assert "No incident here" in client.get("/incidents/?kind=LOST&state=all").content.decode()
    assert client.post(f"/incidents/{incident.pk}/files/", {}).status_code == 422


def test_the_facts_stand_as_a_table(ground, on_road, receive, signed_in):
    from decimal import Decimal  # noqa: PLC0415

    receive(on_road, 0, mass_g=Decimal(2000))
    page = signed_in(ground.manager).get(f"/incidents/{Incident.objects.get().pk}/").content.decode()
    for row in (
        '<th scope="row">Difference</th><td class="num">-150 g</td>',
        '<th scope="row">Tolerance</th><td class="num">21.5 g</td>',
    ):
        assert row in page


def test_over_the_api(ground, incident, custodian, signed_in):
    client = signed_in(ground.manager)
    address = f"/api/v1/incidents/{incident.pk}/"
    answer = client.post(f"{address}assign/", {"to": str(custodian.pk)}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    upload = SimpleUploadedFile("letter.pdf", PDF, "application/pdf")
    made = client.post(f"{address}files/", {"file": upload})
    assert made.status_code == 201, made.content
    assert [one["name"] for one in client.get(f"{address}files/").json()] == ["letter.pdf"]
    assert client.get(f"{address}files/{made.json()['id']}/").content == PDF
