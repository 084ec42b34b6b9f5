"""Paper forms: numbered once, printed, keyed in beside their photograph, or spoilt."""

import io
import threading
from datetime import timedelta

import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from lims.errors import Conflict, DomainError, Invalid, NotPermitted
from samples.custody.happenings import Here
from samples.custody.models import CustodyEvent, EventPhotograph, PaperForm
from samples.custody.papers.form_services import enter_form, print_forms, spoil_form
from samples.custody.papers.rules import read_form_number
from samples.custody.papers.sheet import sheets
from samples.registry.photographs import keep_photograph
from tests.samples.custody.conftest import LEFT
from tests.samples.registry.test_photographs import picture

pytestmark = pytest.mark.django_db
LATER = Here(LEFT + timedelta(hours=3), place="Kanpaiti checkpoint")


@pytest.fixture
def printed(ground):
    return print_forms(actor=ground.coordinator, owner=ground.owner, count=3)


@pytest.fixture
def photographed(ground):
    return keep_photograph(actor=ground.coordinator, owner=ground.owner, content=picture())


def code_of(caught):
    return caught.value.problems[0].code


def test_numbers_go_on_where_they_ended(ground, printed):
    more = print_forms(actor=ground.manager, owner=ground.owner, count=2)
    numbers = [form.number for form in (*printed, *more)]
    assert [number[4:] for number in numbers] == [f"{n:06}" for n in range(1, 6)]
    assert all(read_form_number(number.lower().replace("-", " ")) == number for number in numbers)


@pytest.mark.parametrize("count", [0, 201])
def test_how_many_at_once(ground, count):
    with pytest.raises(Invalid) as caught:
        print_forms(actor=ground.coordinator, owner=ground.owner, count=count)
    assert code_of(caught) == "count-out-of-range"


def test_each_form_is_a_page_with_its_number(printed):
    pdf = pypdf.PdfReader(io.BytesIO(sheets(printed)))
    assert len(pdf.pages) == 3
    for form, page in zip(printed, pdf.pages, strict=True):
        assert form.number in page.extract_text()
    assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_keyed_in_once_as_the_fact_that_it_tells(ground, on_road, printed, photographed):
    facts = {
        "actor": ground.coordinator,
        "photograph": photographed,
        "consignment": on_road,
        "kind": "CHECKPOINT",
        "here": LATER,
    }
    event = enter_form(paper=printed[0], **facts)
    assert (event.paper_form, event.at, event.place) == (printed[0], LATER.at, "Kanpaiti checkpoint")
    assert event.recorded_by == ground.coordinator
    assert EventPhotograph.objects.get().photograph == photographed
    with pytest.raises(Conflict) as caught:
        enter_form(paper=printed[0], **facts)
    assert code_of(caught) == "form-entered"
    with pytest.raises(Conflict) as caught:
        spoil_form(actor=ground.coordinator, paper=printed[0], reason="wet")
    assert code_of(caught) == "form-entered"


def test_a_hand_over_on_paper(ground, on_road, printed, photographed):
    event = enter_form(
        actor=ground.coordinator,
        paper=printed[1],
        photograph=photographed,
        consignment=on_road,
        kind="HANDED_OVER",
        here=LATER,
        to_name="U Aung",
        to_document="NRC 1/MaKaNa",
        condition="INTACT",
    )
    assert (event.kind, event.to_outsider.name, event.paper_form) == ("HANDED_OVER", "U Aung", printed[1])


def test_nothing_is_kept_of_a_form_that_says_too_little(ground, on_road, printed, photographed):
    facts = {"actor": ground.coordinator, "photograph": photographed, "consignment": on_road, "here": LATER}
    for kind, code in (("HANDED_OVER", "receiver-missing"), ("SEALED", "choice-unknown")):
        with pytest.raises(DomainError) as caught:
            enter_form(paper=printed[0], kind=kind, **facts)
        assert code_of(caught) == code
    assert PaperForm.objects.filter(entered_at=None).count() == 3
    assert not EventPhotograph.objects.exists()


def test_a_spoilt_form_is_not_missed_and_not_used(ground, on_road, printed, photographed):
    spoil_form(actor=ground.manager, paper=printed[0], reason="Fell into the river.")
    with pytest.raises(Conflict) as caught:
        enter_form(
            actor=ground.coordinator,
            paper=printed[0],
            photograph=photographed,
            consignment=on_road,
            kind="CHECKPOINT",
            here=LATER,
        )
    assert code_of(caught) == "form-spoilt"


def test_nobody_else_prints_or_keys_in(ground, on_road, printed, photographed, person):
    stranger = person("manager", "midwest")
    with pytest.raises(NotPermitted):
        print_forms(actor=stranger, owner=ground.owner, count=1)
    with pytest.raises(NotPermitted):
        enter_form(
            actor=stranger,
            paper=printed[0],
            photograph=photographed,
            consignment=on_road,
            kind="CHECKPOINT",
            here=LATER,
        )


@pytest.mark.django_db(transaction=True)
def test_two_who_print_at_once_get_different_numbers(ground):
    made = []

    def one():
        try:
            made.extend(
                form.number for form in print_forms(actor=ground.coordinator, owner=ground.owner, count=20)
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 80 == PaperForm.objects.count()


def test_on_the_pages(ground, on_road, signed_in):
    client = signed_in(ground.coordinator)
    answer = client.post("/paper-forms/", {"owner": str(ground.owner.pk), "count": "2"})
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    first, last = PaperForm.objects.order_by("number").values_list("number", flat=True)
    assert f"{first} to {last}, PDF" in page
    sheet = client.get(f"/paper-forms/sheet.pdf?first={first}&last={last}")
    assert sheet["Content-Type"] == "application/pdf"
    assert client.get("/paper-forms/sheet.pdf?first=x&last=y").status_code == 422
    form = PaperForm.objects.get(number=first)
    address = f"/paper-forms/{form.pk}/"
    assert "What stands on it" not in client.get(address).content.decode()
    upload = SimpleUploadedFile("form.jpg", picture(), "image/jpeg")
    answer = client.post(address, {"photograph_": "", "photograph": upload})
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "What stands on it" in page
    photograph = answer["Location"].partition("photograph=")[2]
    told = {"photograph": photograph, "kind": "CHECKPOINT", "consignment": str(on_road.pk)}
    assert client.post(address, told).status_code == 422
    answer = client.post(address, told | {"at": "2026-11-05T09:30"})
    assert answer.status_code == 302
    event = CustodyEvent.objects.get(kind="CHECKPOINT")
    assert event.paper_form == form
    assert "Keyed in" in client.get("/paper-forms/?state=entered").content.decode()
    other = PaperForm.objects.get(number=last)
    client.post(f"/paper-forms/{other.pk}/spoil/", {"reason": "wet"})
    assert "Spoilt" in client.get("/paper-forms/?state=spoilt").content.decode()


def test_over_the_api(ground, signed_in):
    client = signed_in(ground.manager)
    body = {"owner": str(ground.owner.pk), "count": 2}
    answer = client.post("/api/v1/paper-forms/", body, content_type="application/json")
    assert (answer.status_code, len(answer.json())) == (201, 2)
    address = f"/api/v1/paper-forms/{answer.json()[0]['id']}/"
    answer = client.post(f"{address}spoil/", {"reason": "wet"}, content_type="application/json")
    assert (answer.status_code, answer.json()["spoilt_reason"]) == (200, "wet")
    assert client.get(address).json()["spoilt_at"] is not None
