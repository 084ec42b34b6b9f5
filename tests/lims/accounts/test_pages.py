"""The pages of people, organisations, invitations and oneself."""

import re

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from knox.models import get_token_model

from lims.accounts import services
from lims.accounts.middleware import RecordLibraryWrites
from lims.accounts.models import Invitation, Membership, Organisation, User
from lims.ledger.models import Entry
from lims.verbs import SystemActor
from tests.support.people import organisation

pytestmark = pytest.mark.django_db
PHRASE = "clay from the eastern hills"


@pytest.fixture
def administrator(person):
    return person("administrator", "mines")


@pytest.fixture
def office(administrator, signed_in):
    """Return the administrator's browser."""
    return signed_in(administrator)


def offer(administrator, role="TECHNICIAN", email="tara@lab.test"):
    where = organisation("nfc")
    return services.invite(actor=administrator, email=email, name="Tara", organisation=where, role=role)


# --- People and organisations -----------------------------------------------------------------------


def test_the_list_names_people_roles_and_whoever_is_invited(office, administrator, person):
    person("technician", "nfc")
    offer(administrator)
    shown = office.get("/people/").content.decode()
    for words in ("Technician of NFC", "technician@nfc.test", "Laboratory technician", "tara@lab.test"):
        assert words in shown


def test_the_list_is_narrowed_by_name_role_and_organisation(office, person):
    person("technician", "nfc")
    person("manager", "irel")
    for query in ("text=TECHN", "role=TECHNICIAN", "organisation=NFC", "text=%00techn"):
        page = office.get(f"/people/?{query}").context["page"]
        assert [row.email for row in page.rows] == ["technician@nfc.test"], query
    assert b"Nobody fits" in office.get("/people/?role=TECHNICIAN&organisation=IREL").content


@pytest.mark.parametrize("address", ["/people/", "/organisations/"])
def test_a_longer_list_takes_no_more_queries(office, person, address):
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert office.get(address).status_code == 200
        return len(caught)

    person("technician", "nfc")
    few = queries()
    for nick in ("a", "b"):
        person("reviewer", "nfc", nick=nick)
        person("manager", "irel", nick=nick)
        person("custodian", "hillroad", nick=nick)
    assert queries() == few


def test_an_organisation_is_added_and_shown_with_its_people(office):
    form = {"name": "Deccan Assay", "code": "deccan", "kind": "LABORATORY"}
    answer = office.post("/organisations/add/", form)
    made = Organisation.objects.get(code="DECCAN")
    assert answer["Location"] == f"/organisations/{made.pk}/"
    assert b"Nobody here yet" in office.get(answer["Location"]).content
    again = office.post("/organisations/add/", form)
    assert again.status_code == 422
    assert b"An organisation has this" in again.content
    assert b'value="Deccan Assay"' in again.content


def test_a_role_is_given_and_taken_away(office, person):
    user, where = person("technician", "nfc"), organisation("nfc")
    address = f"/people/{user.pk}/roles/"
    assert office.post(address, {"organisation": where.pk, "role": "REVIEWER"}).status_code == 302
    held = Membership.objects.get(user=user, role="REVIEWER")
    twice = office.post(address, {"organisation": where.pk, "role": "REVIEWER"})
    unfit = office.post(address, {"organisation": where.pk, "role": "AUDITOR"})
    assert (twice.status_code, unfit.status_code) == (422, 422)
    assert b"The person has this role there already." in twice.content
    assert b"Auditor is no role in a laboratory." in unfit.content
    assert office.post(f"{address}{held.pk}/revoke/").status_code == 302
    assert [m.role for m in user.memberships.all()] == ["TECHNICIAN"]
    shown = office.get(f"/people/{user.pk}/").content.decode()
    acts = [(change.verb, change.table) for change in office.get(f"/people/{user.pk}/").context["changes"]]
    assert next(act for act in acts if act[1].lower() == "membership")[0].lower().startswith("revoke"), acts
    assert "Hyderabad Assay Laboratory" in shown


def test_a_second_click_does_not_undo_the_first(office, person):
    user = person("technician", "nfc")
    address = f"/people/{user.pk}/activity/"
    for wanted, active in (("no", False), ("no", False), ("yes", True), ("yes", True)):
        assert office.post(address, {"active": wanted}).status_code == 302
        assert User.objects.get(pk=user.pk).is_active is active
    assert office.post(address).status_code == 422


def test_the_last_administrator_is_told_so(office, administrator):
    held = administrator.memberships.get()
    answer = office.post(f"/people/{administrator.pk}/roles/{held.pk}/revoke/")
    assert answer.status_code == 409
    assert b"is the last administrator" in answer.content


def test_who_reads_only_finds_no_buttons(person, signed_in, administrator):
    offer(administrator)
    client, user = signed_in(person("auditor", "mines")), person("technician", "nfc")
    for address in (
        "/people/",
        f"/people/{user.pk}/",
        "/organisations/",
        f"/organisations/{organisation('nfc').pk}/",
    ):
        main = client.get(address).content.decode().split("<main")[1]
        assert 'method="post"' not in main, address
        assert "/people/invite/" not in main, address


def test_people_are_found_by_whoever_may_open_them(person, signed_in):
    wanted = person("technician", "nfc")
    address = f"/people/{wanted.pk}/"
    expected = {"administrator": True, "auditor": True, "manager": False}
    for role, found in expected.items():
        answer = signed_in(person(role, "mines")).get("/search/?q=technician@nfc", follow=True)
        assert (address in answer.content.decode()) is found, role


# --- Invitations --------------------------------------------------------------------------------------


def test_a_link_is_shown_once_and_lets_its_person_in(office, person):
    form = {
        "email": "tara@lab.test",
        "name": "Tara",
        "organisation": organisation("nfc").pk,
        "role": "TECHNICIAN",
    }
    shown = office.post("/people/invite/", form).content.decode()
    link = re.search(r"http://testserver(/invitation/[\w-]+/)", shown)
    assert link
    assert link[1] not in office.get("/people/").content.decode()
    guest = Client(enforce_csrf_checks=True)
    asked = guest.get(link[1])
    assert b"You are invited as laboratory technician of Hyderabad Assay Laboratory." in asked.content
    # What a browser sends as Origin depends on this: with "no-referrer" it is "null", and the form is refused.
    assert asked["Referrer-Policy"] == "strict-origin"
    answer = {"name": "Tara D.", "csrfmiddlewaretoken": guest.cookies["csrftoken"].value}
    weak = guest.post(link[1], answer | {"password": "short"}, headers={"Origin": "http://testserver"})
    assert (weak.status_code, User.objects.filter(email="tara@lab.test").exists()) == (422, False)
    taken = guest.post(link[1], answer | {"password": PHRASE}, headers={"Origin": "http://testserver"})
    assert taken.status_code == 302
    assert b"tara@lab.test" in guest.get("/me/").content
    assert Client().get(link[1]).status_code == 409
    entry = Entry.objects.get(
        table_name="lims_user", op="I", verb="create_user", after__email="tara@lab.test"
    )
    assert (entry.actor, entry.after["password"][:7]) == ("system:invitation", "sha256:")


def test_all_that_was_offered_is_given(administrator):
    offer(administrator, "REVIEWER")
    _, secret = offer(administrator, "TECHNICIAN")
    user = services.accept_invitation(
        actor=SystemActor("invitation"), secret=secret, name="Tara", password=PHRASE
    )
    assert sorted(m.role for m in user.roles) == ["REVIEWER", "TECHNICIAN"]
    assert not Invitation.objects.filter(accepted_at=None).exists()


def test_a_withdrawn_or_invented_link_lets_nobody_in(office, administrator):
    made, secret = offer(administrator)
    assert office.post(f"/people/invitations/{made.pk}/withdraw/").status_code == 302
    assert Client().get(f"/invitation/{secret}/").status_code == 409
    assert Client().get("/invitation/invented/").status_code == 404
    assert Client().post("/invitation/%00/", {"name": "T", "password": PHRASE}).status_code == 404


# --- Oneself ------------------------------------------------------------------------------------------


def test_ones_own_page_keeps_name_and_zone(person, signed_in):
    user = person("technician", "nfc")
    client = signed_in(user)
    assert b"Hyderabad Assay Laboratory" in client.get("/me/").content
    assert client.post("/me/", {"name": "Tara", "time_zone": "Asia/Yangon"}).status_code == 302
    assert User.objects.get(pk=user.pk).time_zone == "Asia/Yangon"
    assert client.post("/me/", {"name": "Tara", "time_zone": "Mars"}).status_code == 422


def test_a_token_is_shown_once_and_revoked(person, signed_in):
    user = person("technician", "nfc")
    client = signed_in(user)
    shown = client.post("/me/tokens/", {"days": 3}).content.decode()
    secret = re.search(r'value="(lims_\w+)"', shown)
    assert secret
    assert secret[1] not in client.get("/me/").content.decode()
    bearer = {"Authorization": f"Token {secret[1]}"}
    assert Client().get("/api/v1/me/", headers=bearer).json()["email"] == user.email
    key = get_token_model().objects.get(user=user).token_key
    other = signed_in(person("manager", "irel"))
    assert other.post(f"/me/tokens/{key}/revoke/").status_code == 404
    assert client.post(f"/me/tokens/{key}/revoke/").status_code == 302
    assert Client().get("/api/v1/me/", headers=bearer).status_code == 401
    assert client.post("/me/tokens/", {"days": 999}).status_code == 422
    assert client.post("/me/tokens/%00/revoke/").status_code == 404


# --- The middleware -----------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "kept"), [(200, True), (302, True), (403, True), (500, False)])
def test_what_a_broken_page_wrote_is_undone(person, rf, status, kept):
    def page(_request):
        Organisation.objects.create(name="Half", code="HALF", kind="SPONSOR")
        return HttpResponse(status=status)

    request = rf.get("/account/login/")
    request.user = person("technician", "nfc")
    assert RecordLibraryWrites(page)(request).status_code == status
    assert Organisation.objects.filter(code="HALF").exists() is kept
