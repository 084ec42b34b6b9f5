"""Documents: recorded once, drawn down by what leaves under them, at their boundaries; who reads them."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from lims import files
from lims.errors import DomainError, NotPermitted
from lims.verbs import SystemActor, acting
from samples.custody import services
from samples.custody.happenings import Here
from samples.custody.models import ConsignmentItem, Document, DocumentCheck
from samples.custody.papers.drawdown import Used, against_documents, used_of
from samples.custody.papers.queries import seen_documents
from samples.custody.papers.services import add_document
from tests.samples.custody.conftest import LEFT
from tests.support.people import organisation

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n1 0 obj"


@pytest.fixture
def permit(ground):
    """Return a permit for 6.45 kg: what the three bags of `ready` weigh (2 150 g each)."""
    return made(ground, quantity_kg=Decimal("6.45"))


def made(ground, **given):
    facts = {"kind": "EXPORT_PAPER", "authority": "Customs, Kanpaiti", "number": "E-1"} | given
    return add_document(actor=ground.coordinator, owner=ground.owner, **facts)


def under(document, consignment):
    """Lay a document beside a consignment's papers."""
    with acting(SystemActor("tests"), verb_name="tests"):
        DocumentCheck.objects.filter(consignment=consignment, kind=document.kind).update(document=document)


def problems(consignment, at=LEFT):
    items = list(ConsignmentItem.objects.filter(consignment=consignment))
    return [problem.code for problem in against_documents(consignment, items, at=at)]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"kind": "LETTER"}, "choice-unknown"),
        ({"authority": " "}, "field-required"),
        ({"quantity_kg": Decimal(0)}, "quantity-impossible"),
        ({"most_bags": -1}, "quantity-impossible"),
        ({"issued_on": date(2026, 11, 2), "expires_on": date(2026, 11, 1)}, "expires-before-issue"),
        ({"scan": b"MZ\x90"}, "scan-unreadable"),
        ({"scan": PDF + bytes(10_000_000)}, "scan-too-large"),
    ],
)
def test_what_no_document_says_is_refused(ground, given, code):
    with pytest.raises(DomainError) as caught:
        made(ground, **given)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert not Document.objects.exists()


def test_recorded_once_with_its_scan(ground, permit):
    scanned = made(ground, number="E-2", scan=PDF)
    assert (scanned.media_type, files.get(scanned.sha256)) == ("application/pdf", PDF)
    with pytest.raises(DomainError) as caught:
        made(ground, number="e-1", authority="CUSTOMS, Kanpaiti")
    assert caught.value.problems[0].code == "document-number-once"


def test_only_those_who_pack_for_the_owner_record_one(ground, person):
    for stranger in (
        person("manager", "midwest"),
        person("custodian", "hillroad"),
        person("auditor", "irel"),
    ):
        with pytest.raises(NotPermitted):
            add_document(
                actor=stranger, owner=ground.owner, kind="EXPORT_PAPER", authority="Customs", number="E-9"
            )


def test_a_permit_is_enough_for_just_what_it_says(ground, ready, permit):
    under(permit, ready)
    assert problems(ready) == []
    with acting(SystemActor("tests"), verb_name="tests"):
        Document.objects.filter(pk=permit.pk).update(quantity_kg=Decimal("6.449"))
    assert problems(ready) == ["document-exhausted"]


@pytest.mark.parametrize(("bags", "expected"), [(3, []), (2, ["document-exhausted"])])
def test_bags_are_counted_too(ground, ready, bags, expected):
    under(made(ground, most_bags=bags), ready)
    assert problems(ready) == expected


def test_its_last_day_still_counts_in_indian_time(ground, ready):
    under(made(ground, expires_on=date(2026, 11, 4)), ready)
    assert problems(ready, datetime(2026, 11, 4, 18, 29, tzinfo=UTC)) == []
    assert problems(ready, datetime(2026, 11, 4, 18, 30, tzinfo=UTC)) == ["document-expired"]


def test_what_left_is_taken_off_and_what_is_packed_is_not(ground, ready, permit):
    under(permit, ready)
    assert used_of([permit.pk]) in ({}, {permit.pk: Used()})
    services.dispatch(actor=ground.coordinator, consignment=ready, here=Here(LEFT))
    assert used_of([permit.pk]) == {permit.pk: Used(Decimal("6.45"), 3)}
    seen = seen_documents([permit])[0]
    assert (seen.left.kg, seen.left.bags, seen.exhausted) == (Decimal(0), None, True)


def test_documents_are_read_by_a_constant_number_of_queries(ground):
    for number in range(3):
        made(ground, number=f"E-{number}")
    with CaptureQueriesContext(connection) as three:
        assert len(seen_documents(Document.objects.select_related("owner"))) == 3
    assert len(three) == 2


def test_on_the_pages(ground, ready, signed_in, person):
    client = signed_in(ground.coordinator)
    assert "No document" in client.get("/documents/").content.decode()
    body = {
        "owner": str(ground.owner.pk),
        "kind": "PLANT_QUARANTINE",
        "authority": "Plant quarantine, Delhi",
        "number": "PQ-77",
        "quantity_kg": "40",
        "most_bags": "30",
        "expires_on": "2026-12-31",
        "scan": SimpleUploadedFile("pq.pdf", PDF, "application/pdf"),
    }
    answer = client.post("/documents/add/", body)
    assert answer.status_code == 302
    document = Document.objects.get()
    page = client.get(answer["Location"]).content.decode()
    assert "of 40 kg" in page
    assert "of 30 bags" in page
    listed = client.get("/documents/?kind=PLANT_QUARANTINE").content.decode()
    assert "PQ-77" in listed
    assert "PQ-77" not in client.get("/documents/?kind=EXPORT_PAPER").content.decode()
    scan = client.get(f"/documents/{document.pk}/scan/")
    assert (scan.content, scan["Content-Type"]) == (PDF, "application/pdf")
    assert scan["Content-Disposition"].startswith("attachment")
    assert client.post("/documents/add/", body | {"number": ""}).status_code == 422
    assert signed_in(person("manager", "midwest")).get(f"/documents/{document.pk}/").status_code == 404
    assert signed_in(person("receptionist", "nfc")).get(f"/documents/{document.pk}/scan/").status_code == 403


def test_over_the_api(ground, signed_in):
    client = signed_in(ground.manager)
    body = {
        "owner": str(organisation("irel").pk),
        "kind": "EXPORT_PAPER",
        "authority": "Customs",
        "number": "E-5",
        "quantity_kg": "12.5",
    }
    answer = client.post("/api/v1/documents/", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert Decimal(answer.json()["left_kg"]) == Decimal("12.5")
    assert answer.json()["left_bags"] is None
    assert client.get("/api/v1/documents/").json()["results"][0]["number"] == "E-5"
    answer = client.post("/api/v1/documents/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "document-number-once")
