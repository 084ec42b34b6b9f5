"""Each kind of operation, with what the verbs of the floors below make of it."""

import hashlib
import io
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from PIL import Image, ImageDraw

from lims.ids import uuid7
from samples.custody.models import (
    Consignment,
    CustodyEvent,
    EventPhotograph,
    Incident,
    ScaleCheck,
    Seal,
)
from samples.custody.scales.services import add_scale
from samples.field.envelopes import SECRET, seal
from samples.field.keys import server_key
from samples.registry.models import BlindItem, Photograph
from tests.samples.custody.conftest import CAME, LEFT
from tests.samples.field.phones import body_of
from tests.samples.field.test_uploads import shows, whole

pytestmark = pytest.mark.django_db
ON_THE_WAY = (LEFT + timedelta(hours=5)).isoformat()


def applied(phone, *operations):
    """Send operations, all of which must be applied; return their results."""
    told = phone.take(*operations)
    assert [(one["answer"], one["code"], one["message"]) for one in told] == [("applied", "", "")] * len(told)
    return [one["result"] for one in told]


def hands_over(phone, consignment, **changed):
    body = {"event_id": str(uuid7()), "consignment": str(consignment.pk), "here": {"at": ON_THE_WAY}}
    return phone.op("hand_over", body | changed)


def test_a_blind_item_is_registered_as_one(ground, phone):
    applied(
        phone, phone.registers(ground.batch, ground.tags[0], blind={"kind": "BLANK", "material": "Quartz"})
    )
    item = BlindItem.objects.get()
    assert (item.kind, item.material, item.registered_by) == ("BLANK", "Quartz", ground.coordinator)


def test_a_blind_item_of_no_kind_registers_nothing(ground, phone):
    told = phone.take(phone.registers(ground.batch, ground.tags[0], blind={"kind": "GOLD", "material": "x"}))
    assert (told[0]["answer"], told[0]["code"]) == ("rejected", "choice-unknown")
    assert not BlindItem.objects.exists()


def test_a_consignment_goes_from_packing_to_the_road(ground, phone, packing, sealed):
    bags = [sealed(n) for n in range(3)]
    road = str(packing.pk)
    papers = [
        phone.op("record_document", {"consignment": road, "kind": kind, "reference": f"No. {n}"})
        for n, kind in enumerate(("EXPORT_PAPER", "PLANT_QUARANTINE", "RADIOLOGICAL_SURVEY", "DUE_DILIGENCE"))
    ]
    dose = {"instrument": "RadEye", "surface_usv_h": "0.31", "at_1m_usv_h": "0.12"}
    applied(
        phone,
        phone.op("pack", {"consignment": road, "samples": [str(bag.pk) for bag in bags]}),
        *papers,
        phone.op("record_dose_rate", {"consignment": road} | dose),
        phone.op("dispatch", {"consignment": road, "here": {"at": LEFT.isoformat(), "place": "Pangwa"}}),
        phone.op(
            "record_event",
            {
                "event_id": str(uuid7()),
                "consignment": road,
                "kind": "CHECKPOINT",
                "here": {"at": ON_THE_WAY},
            },
        ),
    )
    packing.refresh_from_db()
    assert packing.state == "DISPATCHED"
    assert set(CustodyEvent.objects.filter(consignment=packing).values_list("device", flat=True)) == {
        phone.id
    }


def test_a_hand_over_is_confirmed_by_a_drawn_signature(ground, phone, on_road):
    content = io.BytesIO()
    paper = Image.new("RGB", (300, 120), "white")
    ImageDraw.Draw(paper).line([(20, 90), (120, 30), (260, 80)], fill="black", width=4)
    paper.save(content, "PNG")
    drawn = content.getvalue()
    sent = hands_over(
        phone,
        on_road,
        to_name="U Ba",
        to_document="NRC 12/345",
        confirmation={"how": "SIGNATURE", "signature_sha256": hashlib.sha256(drawn).hexdigest()},
    )
    assert phone.take(sent)[0]["code"] == "photograph-awaited"
    whole(phone, drawn)
    applied(phone, sent)
    event = CustodyEvent.objects.get(kind="HANDED_OVER", to_outsider__isnull=False)
    assert event.to_outsider.name == "U Ba"
    assert event.confirmed_how == "SIGNATURE"


def test_a_wrong_pin_does_not_lose_the_fact(ground, phone, on_road, custodian):
    sealed_pin = seal(server_key(), SECRET, b"0000")
    applied(
        phone,
        hands_over(
            phone, on_road, to_person=str(custodian.pk), confirmation={"how": "PIN", "sealed": sealed_pin}
        ),
    )
    event = CustodyEvent.objects.get(to_person=custodian)
    assert event.confirmed_how == ""
    assert "CUSTODY_GAP" in set(Incident.objects.values_list("kind", flat=True))


def test_a_pin_that_nobody_can_open_is_as_good_as_a_wrong_one(ground, phone, on_road, custodian):
    damaged = {"ephemeral": "x", "nonce": "", "ciphertext": 7}
    applied(
        phone,
        hands_over(
            phone, on_road, to_person=str(custodian.pk), confirmation={"how": "PIN", "sealed": damaged}
        ),
    )


def test_the_right_pin_confirms(ground, phone, on_road, custodian):
    from lims.accounts.handover import set_pin  # noqa: PLC0415

    set_pin(actor=custodian, pin="8350271")
    sealed_pin = seal(server_key(), SECRET, b"8350271")
    applied(
        phone,
        hands_over(
            phone, on_road, to_person=str(custodian.pk), confirmation={"how": "PIN", "sealed": sealed_pin}
        ),
    )
    assert CustodyEvent.objects.get(to_person=custodian).confirmed_how == "PIN"


def test_only_the_carriers_people_take_over(ground, phone, on_road, receptionist):
    told = phone.take(hands_over(phone, on_road, to_person=str(receptionist.pk)))
    assert (told[0]["answer"], told[0]["code"]) == ("rejected", "receiver-elsewhere")


def test_a_laboratory_receives_by_phone(ground, on_road, phone_of, receptionist):
    phone = phone_of(receptionist)
    bag = {
        "event_id": str(uuid7()),
        "consignment": str(on_road.pk),
        "tag": ground.tags[0],
        "mass_g": "2150",
        "seals": [["Acme", "A-0"]],
        "condition": "INTACT",
        "here": {"at": CAME.isoformat()},
    }
    end = {"consignment": str(on_road.pk), "here": {"at": CAME.isoformat()}}
    early = phone.take(phone.op("finish_receipt", end))
    assert (early[0]["answer"], early[0]["code"]) == ("rejected", "receipt-empty")
    results = applied(phone, phone.op("receive_bag", bag), phone.op("finish_receipt", end))
    assert results[0] == {"event_id": bag["event_id"], "state": "RECEIVED"}
    assert results[1]["state"] == "PARTLY_RECEIVED"
    again = phone.take(phone.op("receive_bag", bag | {"event_id": str(uuid7())}))
    assert (again[0]["answer"], again[0]["code"]) == ("conflict", "bag-received")


def test_a_bag_is_opened_sealed_again_and_lost(ground, phone, sealed):
    sample = str(sealed(0).pk)
    at = {"at": LEFT.isoformat()}
    new = {"maker": "Acme", "number": "B-7", "mass_g": "2140", "here": at}
    applied(
        phone,
        phone.op("open_bag", {"event_id": str(uuid7()), "sample": sample, "here": at}),
        phone.op("reseal_bag", {"event_id": str(uuid7()), "sample": sample} | new),
        phone.op("report_lost", {"event_id": str(uuid7()), "sample": sample, "here": at}),
    )
    assert set(Seal.objects.values_list("number", "state")) == {("A-0", "REMOVED"), ("B-7", "APPLIED")}
    assert CustodyEvent.objects.filter(device=phone.id).count() == 3


def test_a_consignment_is_split_on_the_road(ground, phone, on_road):
    bag = on_road.items.order_by("pk").first()
    new = str(uuid7())
    (result,) = applied(
        phone,
        phone.op(
            "split_consignment",
            {
                "consignment_id": new,
                "consignment": str(on_road.pk),
                "samples": [str(bag.sample_id)],
                "here": {"at": ON_THE_WAY},
            },
        ),
    )
    made = Consignment.objects.get(pk=new)
    assert (result["code"], made.split_from_id) == (made.code, on_road.pk)


def test_a_scale_is_checked(ground, phone):
    scale = add_scale(actor=ground.manager, owner=ground.owner, name="Pangwa 1", division_g=Decimal("0.5"))
    body = {
        "check_id": str(uuid7()),
        "scale": str(scale.pk),
        "nominal_g": "1000",
        "read_g": "1000.5",
        "at": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
    }
    (result,) = applied(phone, phone.op("record_scale_check", body))
    check = ScaleCheck.objects.get()
    assert (str(check.pk), result["passed"]) == (body["check_id"], check.passed)
    assert (
        phone.take(phone.op("record_scale_check", body | {"scale": str(uuid7())}))[0]["code"]
        == "scale-unknown"
    )


def test_an_incident_is_reported_and_photographed(ground, phone, on_road):
    body = {
        "incident_id": str(uuid7()),
        "kind": "SEAL_BROKEN",
        "detail": "Torn",
        "consignment": str(on_road.pk),
    }
    whole(phone)
    report = phone.op("report_incident", body)
    applied(phone, report, shows(phone, "", of={"incident": body["incident_id"]}))
    incident = Incident.objects.get(pk=body["incident_id"])
    assert incident.attachments.count() == 1


def test_an_event_is_photographed(ground, phone, on_road):
    whole(phone)
    event = CustodyEvent.objects.filter(consignment=on_road).order_by("at").first()
    applied(phone, shows(phone, "", of={"event": str(event.pk)}, taken_at=LEFT.isoformat()))
    laid = EventPhotograph.objects.get()
    assert (laid.event, laid.photograph) == (event, Photograph.objects.get())
    assert laid.photograph.taken_at == LEFT


def test_a_tag_is_replaced_with_the_photograph_that_came_before(ground, phone, register):
    sample = register(0)
    whole(phone)
    shown = shows(phone, str(sample.pk))
    photograph_id = body_of(shown)["photograph_id"]
    body = {
        "replacement_id": str(uuid7()),
        "sample": str(sample.pk),
        "new_tag": ground.tags[5],
        "reason": "Torn off by rain",
        "witnesses": [{"name": "U Ba", "document": "NRC 1"}, {"name": "Daw Mya", "document": "NRC 2"}],
        "photograph_id": photograph_id,
        "here": {"at": LEFT.isoformat()},
    }
    replaced = phone.op("replace_tag", body)
    assert phone.take(replaced)[0]["code"] == "awaits-earlier"
    applied(phone, shown, replaced)
    sample.refresh_from_db()
    assert sample.tag.code == ground.tags[5]


def test_a_paper_that_is_there_is_there_once(ground, phone, ready):
    body = {"consignment": str(ready.pk), "kind": "EXPORT_PAPER", "reference": "2"}
    told = phone.take(phone.op("record_document", body))
    assert (told[0]["answer"], told[0]["code"]) == ("conflict", "document-once")
