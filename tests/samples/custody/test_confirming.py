"""Two-party confirmation of hand-overs: PIN, personal code, drawn signature; refused to those who stand there, kept from the road."""

import base64
import io
from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from PIL import Image, ImageDraw

from lims import files
from lims.accounts import handover
from lims.accounts.models import HandOverCode
from lims.errors import Invalid
from lims.ids import uuid7
from samples.custody import road_services
from samples.custody.confirming import Confirmation, NotConfirmed
from samples.custody.happenings import Here
from samples.custody.models import CustodyEvent, Incident, Outsider, ScaleCheck
from samples.custody.scales.services import add_scale
from tests.samples.custody.conftest import LEFT

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def png(*, empty=False, size=(300, 100), noise=False):
    """Return a drawn signature as PNG."""
    image = Image.effect_noise(size, 80).convert("RGBA") if noise else Image.new("RGBA", size)
    if not empty:
        ImageDraw.Draw(image).line([(10, 50), (150, 20), (290, 80)], fill="black", width=4)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@pytest.fixture
def taker(person):
    """Return who takes over, with a PIN."""
    taker = person("manager", "hillroad")
    handover.set_pin(actor=taker, pin="4071")
    return taker


def hand(consignment, actor, taker=None, **changed):
    given = {"here": Here(LEFT + HOUR), "to_person": taker}
    if taker is None:
        given |= {"to_name": "U Ba", "to_document": "NRC 12/1"}
    return road_services.hand_over(actor=actor, consignment=consignment, **(given | changed))


def codes(caught):
    return [(problem.code, problem.place.field) for problem in caught.value.problems]


def taken():
    """Return the hand-overs after dispatch."""
    return CustodyEvent.objects.filter(kind="HANDED_OVER", recorded_by__email__contains="custodian")


def test_a_pin_confirms_at_the_time_it_was_given(on_road, custodian, taker):
    event = hand(on_road, custodian, taker, confirmation=Confirmation("PIN", "4071"))
    event.refresh_from_db()
    assert (event.confirmed_how, event.confirmed_at, event.to_outsider) == ("PIN", LEFT + HOUR, None)
    assert not Incident.objects.exists()


def test_with_the_receiver_there_it_is_confirmed_now(on_road, custodian, taker):
    before = timezone.now()
    event = hand(on_road, custodian, taker, confirmation=Confirmation("PIN", "4071"), insist=True)
    assert before <= event.confirmed_at <= timezone.now()


def test_a_personal_code_says_who_takes_over_as_well(on_road, custodian, taker):
    secret = handover.renew_code(actor=taker)
    event = hand(
        on_road, custodian, to_name="", to_document="", confirmation=Confirmation("QR", f" {secret}\n")
    )
    assert (event.to_person, event.confirmed_how) == (taker, "QR")


def test_without_a_confirmation_it_is_not_confirmed_and_nothing_else(on_road, custodian, taker):
    event = hand(on_road, custodian, taker)
    assert (event.confirmed_how, event.confirmed_at) == ("", None)
    assert not Incident.objects.exists()


@pytest.mark.parametrize(
    ("confirmation", "code"),
    [
        (Confirmation("PIN", "4072"), "confirmation-wrong"),
        (Confirmation("QR", "LIMS-HO-NOTHING"), "confirmation-none"),
        (Confirmation("STAMP", "4071"), "choice-unknown"),
        (Confirmation("SIGNATURE"), "signature-missing"),
        (Confirmation("SIGNATURE", signature=b"GIF89a"), "signature-unreadable"),
        (Confirmation("SIGNATURE", signature=png(empty=True)), "signature-empty"),
        (Confirmation("SIGNATURE", signature=png()[:-30]), "signature-unreadable"),
        (Confirmation("SIGNATURE", signature=png(size=(2001, 10))), "signature-too-large"),
        (Confirmation("SIGNATURE", signature=png(noise=True, size=(600, 300))), "signature-too-large"),
    ],
)
def test_what_happened_on_the_road_is_kept_unconfirmed_with_an_incident(
    on_road, custodian, taker, confirmation, code
):
    event = hand(on_road, custodian, taker, confirmation=confirmation)
    assert (event.confirmed_how, event.confirmed_at, event.to_person) == ("", None, taker)
    found = Incident.objects.get()
    assert (found.kind, found.event, found.blocking) == ("CUSTODY_GAP", event, True)
    assert found.facts == {"refused_with": code}
    assert found.detail.startswith("The receiver's confirmation does not hold: ")


def test_to_those_who_stand_there_it_is_refused_and_counted(on_road, custodian, taker):
    wrong = Confirmation("PIN", "9999")
    for _ in range(5):
        with pytest.raises(NotConfirmed) as caught:
            hand(on_road, custodian, taker, confirmation=wrong, insist=True)
        assert codes(caught) == [("confirmation-wrong", "secret")]
    with pytest.raises(Invalid) as caught:
        hand(on_road, custodian, taker, confirmation=Confirmation("PIN", "4071"), insist=True)
    assert codes(caught) == [("confirmation-locked", "secret")]
    assert not taken().exists()
    assert not Incident.objects.exists()
    assert HandOverCode.objects.get().locked_until > timezone.now()


def test_guessing_on_a_phone_is_counted_too(on_road, custodian, taker):
    for n in range(5):
        hand(
            on_road,
            taker if n else custodian,
            taker if n == 0 else None,
            here=Here(LEFT + (n + 1) * HOUR),
            confirmation=Confirmation("PIN", "9999"),
        )
    # Four of them were to an outsider, who has no PIN: only one was a guess.
    assert HandOverCode.objects.get().failures == 1
    assert [one["refused_with"] for one in Incident.objects.order_by("id").values_list("facts", flat=True)] == [
        "confirmation-wrong", *["confirmation-needs-person"] * 4
    ]  # fmt: skip


def test_an_outsider_signs_and_the_signature_can_be_erased(on_road, custodian):
    picture = png()
    event = hand(on_road, custodian, confirmation=Confirmation("SIGNATURE", signature=picture), insist=True)
    outsider = Outsider.objects.get()
    assert (event.to_outsider, event.confirmed_how) == (outsider, "SIGNATURE")
    assert (outsider.name, outsider.document) == ("U Ba", "NRC 12/1")
    assert files.get(outsider.signature_sha256) == picture


def test_one_of_ours_without_a_pin_signs_too(on_road, custodian, person):
    taker = person("manager", "hillroad")
    event = hand(on_road, custodian, taker, confirmation=Confirmation("SIGNATURE", signature=png()))
    assert event.to_person == taker
    assert (event.to_outsider.name, event.to_outsider.document) == ("Manager of HILLROAD", "")
    assert len(event.to_outsider.signature_sha256) == 64


def test_an_outsider_has_no_pin(on_road, custodian):
    with pytest.raises(Invalid) as caught:
        hand(on_road, custodian, confirmation=Confirmation("PIN", "4071"), insist=True)
    assert codes(caught) == [("confirmation-needs-person", "how")]
    assert not Outsider.objects.exists()


# --- The page -------------------------------------------------------------------------------------------


def posted(taker=None, **changed):
    given = {"seals": [], "condition": "INTACT", "to_person": str(taker.pk) if taker else ""}
    if taker is None:
        given |= {"to_name": "U Ba", "to_document": "NRC 12/1"}
    return given | changed


def test_the_summary_asks_for_what_the_receiver_has(signed_in, on_road, custodian, taker, ground):
    client, url = signed_in(custodian), reverse("custody:hand_over", args=[on_road.pk])
    page = client.post(url, posted(taker))
    assert page.context["confirm"].initial == {"how": "PIN"}
    page = client.post(url, posted())
    assert page.context["confirm"].initial == {"how": "SIGNATURE"}
    assert [value for value, _ in page.context["confirm"].fields["how"].choices] == ["SIGNATURE", ""]
    assert 'data-sign="id_signature"' in page.content.decode()


def test_a_wrong_pin_comes_back_beside_its_field_and_a_right_one_goes_through(
    signed_in, on_road, custodian, taker
):
    client, url = signed_in(custodian), reverse("custody:hand_over", args=[on_road.pk])
    answer = client.post(url, posted(taker, confirm="1", how="PIN", secret="4072"))
    assert answer.status_code == 422
    assert "secret" in answer.context["confirm"].errors
    assert "4072" not in answer.content.decode()
    assert HandOverCode.objects.get().failures == 1
    assert not taken().exists()
    answer = client.post(url, posted(taker, confirm="1", how="PIN", secret="4071"), follow=True)
    assert "confirmed by the receiver&#x27;s PIN" in answer.content.decode()
    assert taken().get().confirmed_how == "PIN"


def test_a_signature_comes_from_the_canvas(signed_in, on_road, custodian):
    client, url = signed_in(custodian), reverse("custody:hand_over", args=[on_road.pk])
    assert client.post(url, posted(confirm="1", how="SIGNATURE")).status_code == 422
    bad = posted(confirm="1", how="SIGNATURE", signature="data:image/png;base64,%%%")
    assert client.post(url, bad).status_code == 422
    drawn = "data:image/png;base64," + base64.b64encode(png()).decode()
    assert client.post(url, posted(confirm="1", how="SIGNATURE", signature=drawn)).status_code == 302
    assert taken().get().to_outsider.signature_sha256


def test_a_scale_that_was_not_checked_is_a_warning_on_the_summary(signed_in, on_road, custodian):
    scale = add_scale(actor=custodian, owner=on_road.carrier, name="Lorry scale", division_g=Decimal(50))
    assert not ScaleCheck.objects.exists()
    client, url = signed_in(custodian), reverse("custody:hand_over", args=[on_road.pk])
    page = client.post(url, posted(mass_g="6450", scale=str(scale.pk))).content.decode()
    assert "Lorry scale should not be used" in page
    assert client.post(url, posted(mass_g="6450", scale=str(scale.pk), confirm="1")).status_code == 302
    assert taken().get().scale == scale


# --- The API --------------------------------------------------------------------------------------------


def test_the_api_takes_a_confirmation_and_counts_wrong_ones_even_under_a_key(
    signed_in, on_road, custodian, taker
):
    client = signed_in(custodian)
    url = reverse("api-consignment-hand-over", args=[on_road.pk])
    sent = {
        "to_person": str(taker.pk),
        "at": (LEFT + HOUR).isoformat(),
        "confirmation": {"how": "PIN", "secret": "4072"},
        "insist": True,
    }
    key = {"HTTP_IDEMPOTENCY_KEY": str(uuid7())}
    refused = client.post(url, sent, content_type="application/json", **key)
    assert (refused.status_code, refused.json()["problems"][0]["code"]) == (422, "confirmation-wrong")
    assert HandOverCode.objects.get().failures == 1
    sent["confirmation"]["secret"] = "4071"
    assert client.post(url, sent, content_type="application/json").status_code == 201
    assert taken().get().confirmed_how == "PIN"
    unreadable = sent | {"confirmation": {"how": "SIGNATURE", "signature": "%%"}}
    refused = client.post(url, unreadable, content_type="application/json")
    assert refused.json()["problems"][0]["code"] == "signature-unreadable"
