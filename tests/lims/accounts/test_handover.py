"""One's own PIN and personal code: set, tried, locked, ended; on the page and over the API."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from lims.accounts import handover
from lims.accounts.models import HandOverCode
from lims.errors import Invalid
from lims.ledger.models import Entry
from lims.verbs import SystemActor, acting

pytestmark = pytest.mark.django_db


def against(person, secret, how="PIN"):
    """Return the code of what speaks against a secret; "" when nothing does."""
    with acting(SystemActor("tests"), verb_name="try"):
        refusal = handover.against_code(person, how=how, secret=secret)
    return refusal.problems[0].code if refusal else ""


def test_a_pin_is_kept_hashed_and_confirms(person):
    me = person("custodian", "hillroad")
    handover.set_pin(actor=me, pin=" 4071 ")
    held = HandOverCode.objects.get()
    assert held.person == me
    assert held.pin_hash.startswith("argon2$")
    assert against(me, "4071") == ""
    assert against(me, "4072") == "confirmation-wrong"
    assert against(person("manager", "hillroad"), "4071") == "confirmation-none"


@pytest.mark.parametrize(
    ("pin", "code"),
    [
        ("123", "pin-malformed"),
        ("123456789", "pin-malformed"),
        ("40a1", "pin-malformed"),
        ("٤٠٧١", "pin-malformed"),
        ("", "pin-malformed"),
        ("7777", "pin-weak"),
        ("1234", "pin-weak"),
        ("876543", "pin-weak"),
        ("8901", "pin-weak"),
    ],
)
def test_a_pin_that_everybody_tries_is_refused(person, pin, code):
    with pytest.raises(Invalid) as caught:
        handover.set_pin(actor=person("custodian", "hillroad"), pin=pin)
    assert [(one.code, one.place.field) for one in caught.value.problems] == [(code, "pin")]
    assert not HandOverCode.objects.exists()


def test_five_wrong_ones_lock_for_a_quarter_of_an_hour(person):
    me = person("custodian", "hillroad")
    handover.set_pin(actor=me, pin="4071")
    assert [against(me, "4072") for _ in range(4)] == ["confirmation-wrong"] * 4
    assert against(me, "4071") == ""  # and with it the count begins anew
    assert [against(me, "4072") for _ in range(5)] == ["confirmation-wrong"] * 5
    assert against(me, "4071") == "confirmation-locked"
    held = HandOverCode.objects.get()
    minutes = (held.locked_until - timezone.now()).total_seconds() / 60
    assert 14 < minutes <= 15
    with acting(SystemActor("tests"), verb_name="wait"):
        HandOverCode.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    assert against(me, "4071") == ""
    held.refresh_from_db()
    assert (held.failures, held.locked_until) == (0, None)


def test_a_new_pin_unlocks(person):
    me = person("custodian", "hillroad")
    handover.set_pin(actor=me, pin="4071")
    for _ in range(5):
        against(me, "9999")
    handover.set_pin(actor=me, pin="5082")
    assert against(me, "5082") == ""


def test_a_personal_code_says_who_somebody_is_and_the_newest_holds(person):
    me = person("custodian", "hillroad")
    first = handover.renew_code(actor=me)
    second = handover.renew_code(actor=me)
    assert second.startswith("LIMS-HO-")
    assert len(second) == 40
    assert second not in str(HandOverCode.objects.values().get())
    assert (handover.whose_code(second), handover.whose_code(first)) == (me, None)
    assert handover.whose_code("nonsense") is None
    assert (against(me, second, "QR"), against(me, first, "QR")) == ("", "confirmation-wrong")
    # A code is no PIN, and a PIN no code.
    assert against(me, second) == "confirmation-none"


def test_nothing_confirms_once_it_is_ended(person):
    me = person("custodian", "hillroad")
    handover.set_pin(actor=me, pin="4071")
    code = handover.renew_code(actor=me)
    handover.forget_codes(actor=me)
    assert [against(me, "4071"), against(me, code, "QR")] == ["confirmation-none"] * 2
    assert against(me, "") == "confirmation-none"


def test_the_record_has_neither_hash(person):
    me = person("custodian", "hillroad")
    handover.set_pin(actor=me, pin="4071")
    handover.renew_code(actor=me)
    held = HandOverCode.objects.get()
    told = str(list(Entry.objects.filter(table_name=HandOverCode._meta.db_table).values("before", "after")))
    assert held.pin_hash not in told
    assert held.qr_sha256 not in told


# --- Page and API ---------------------------------------------------------------------------------------


def test_the_pin_is_set_on_a_page_typed_twice(person, signed_in):
    me = person("custodian", "hillroad")
    client, url = signed_in(me), reverse("people:hand_over_code")
    answer = client.post(url, {"pin": "4071", "again": "4070"})
    assert answer.status_code == 422
    assert "The two differ" in answer.content.decode()
    assert client.post(url, {"pin": "1234", "again": "1234"}).status_code == 422
    assert not HandOverCode.objects.exists()
    assert client.post(url, {"pin": "4071", "again": "4071"}).status_code == 302
    assert against(me, "4071") == ""
    assert "4071" not in client.get(url).content.decode()


def test_the_code_is_shown_once_as_a_picture_and_never_cached(person, signed_in):
    me = person("custodian", "hillroad")
    client = signed_in(me)
    answer = client.post(reverse("people:renew_hand_over_code"))
    page = answer.content.decode()
    secret = page.partition("LIMS-HO-")[2][:32]
    assert handover.whose_code(f"LIMS-HO-{secret}") == me
    assert "<svg" in page
    assert "no-store" in answer.headers["Cache-Control"]
    assert secret not in client.get(reverse("people:hand_over_code")).content.decode()
    assert client.post(reverse("people:forget_hand_over_code")).status_code == 302
    assert handover.whose_code(f"LIMS-HO-{secret}") is None


def test_the_api_does_the_same_for_a_session(person, signed_in):
    me = person("custodian", "hillroad")
    client, url = signed_in(me), reverse("api-hand-over-code")
    assert client.get(url).json() == {"has_pin": False, "has_code": False}
    refused = client.put(url, {"pin": "1111"}, content_type="application/json")
    assert (refused.status_code, refused.json()["problems"][0]["code"]) == (422, "pin-weak")
    done = client.put(url, {"pin": "4071"}, content_type="application/json")
    assert done.json() == {"has_pin": True, "has_code": False}
    made = client.post(reverse("api-hand-over-code-renew"))
    assert made.status_code == 201
    assert handover.whose_code(made.json()["code"]) == me
    assert client.delete(url).status_code == 204
    assert client.get(url).json() == {"has_pin": False, "has_code": False}
