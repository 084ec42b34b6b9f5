import threading
from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.core import mail
from django.db import connection
from django.utils import timezone
from knox.models import get_token_model

from lims.accounts import services
from lims.accounts.models import Invitation, Membership, User
from lims.accounts.queries import open_invitation
from lims.accounts.rules import ROLES_BY_KIND, OrganisationKind, Role, role_fits
from lims.errors import Conflict, DomainError, Invalid, NotFound, NotPermitted
from lims.verbs import SystemActor, acting
from tests.support.people import organisation

pytestmark = pytest.mark.django_db
SYSTEM = SystemActor("tests")
PHRASE = "clay from the eastern hills"


def code(refusal: pytest.ExceptionInfo[DomainError]) -> str:
    return refusal.value.problems[0].code


@pytest.fixture
def administrator(person):
    return person("administrator", "mines")


def test_an_organisation_is_added_once_whatever_its_case(administrator):
    made = services.create_organisation(actor=administrator, name=" Kachin  Clay ", code="kc", kind="SPONSOR")
    assert (made.name, made.code) == ("Kachin Clay", "KC")
    with pytest.raises(Conflict) as refusal:
        services.create_organisation(actor=administrator, name="KACHIN CLAY", code="KD", kind="SPONSOR")
    assert code(refusal) == "organisation-name-once"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"kind": "MINE"}, "kind-unknown"),
        ({"name": "  "}, "name-missing"),
        ({"code": "1A"}, "organisation-code-form"),
        ({"code": "A"}, "organisation-code-form"),
    ],
)
def test_a_malformed_organisation_is_refused_by_name(administrator, fields, expected):
    with pytest.raises(Invalid) as refusal:
        services.create_organisation(
            actor=administrator, **({"name": "N", "code": "NN", "kind": "SPONSOR"} | fields)
        )
    assert code(refusal) == expected


@pytest.mark.parametrize("role", ["manager", "auditor", "field_coordinator"])
def test_only_administrators_administer(person, role):
    with pytest.raises(NotPermitted):
        services.create_user(actor=person(role, "irel"), email="a@b.test", name="A")
    assert not User.objects.filter(email="a@b.test").exists()


def test_an_address_is_one_person_whatever_its_case(administrator):
    services.create_user(actor=administrator, email="Ada@Lab.test", name="Ada", password=PHRASE)
    with pytest.raises(Conflict) as refusal:
        services.create_user(actor=administrator, email="aDA@lab.TEST", name="Ada")
    assert code(refusal) == "user-email-once"


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"email": "ada"}, "email-malformed"),
        ({"name": ""}, "name-missing"),
        ({"password": "short"}, "password-weak"),
    ],
)
def test_a_malformed_person_is_refused_by_name(administrator, fields, expected):
    with pytest.raises(Invalid) as refusal:
        services.create_user(actor=administrator, **({"email": "a@b.test", "name": "Ada"} | fields))
    assert code(refusal) == expected


@pytest.mark.parametrize("kind", list(OrganisationKind))
@pytest.mark.parametrize("role", list(Role))
def test_roles_fit_kinds_as_the_table_says(kind, role):
    assert role_fits(kind, role) == (role in ROLES_BY_KIND[kind])


def test_a_role_that_does_not_fit_is_refused(administrator, person):
    with pytest.raises(Invalid) as refusal:
        services.grant_role(
            actor=administrator, user=administrator, organisation=organisation("nfc"), role="AUDITOR"
        )
    assert code(refusal) == "role-does-not-fit"


def test_the_last_administrator_stays(administrator, person):
    held = administrator.memberships.get()
    with pytest.raises(Conflict) as refusal:
        services.revoke_role(actor=administrator, membership=held)
    assert code(refusal) == "last-administrator"
    other = person("administrator", "irel")
    services.revoke_role(actor=other, membership=held)
    assert not administrator.memberships.exists()


def test_an_invitation_is_sent_once_answered_once(administrator, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        _, secret = services.invite(
            actor=administrator,
            email="T@Lab.test",
            name="Tara",
            organisation=organisation("nfc"),
            role="TECHNICIAN",
        )
    assert [message.to for message in mail.outbox] == [["t@lab.test"]]
    assert f"/invitation/{secret}/" in mail.outbox[0].body
    assert secret not in str(Invitation.objects.values().get())
    user = services.accept_invitation(actor=SYSTEM, secret=secret, name="Tara D.", password=PHRASE)
    assert user.check_password(PHRASE)
    assert user.password.startswith("argon2")
    assert [str(m) for m in user.roles] == ["Laboratory technician, Hyderabad Assay Laboratory"]
    with pytest.raises(Conflict) as refusal:
        services.accept_invitation(actor=SYSTEM, secret=secret, name="Tara D.", password=PHRASE)
    assert code(refusal) == "invitation-closed"


def test_an_unknown_withdrawn_or_old_invitation_is_refused(administrator):
    with pytest.raises(NotFound) as unknown:
        open_invitation("guess")
    offer = {"actor": administrator, "name": "T", "organisation": organisation("nfc"), "role": "TECHNICIAN"}
    first, secret = services.invite(email="a@lab.test", **offer)
    services.withdraw_invitation(actor=administrator, invitation=first)
    with pytest.raises(Conflict) as withdrawn:
        open_invitation(secret)
    with pytest.raises(Conflict) as twice:
        services.withdraw_invitation(actor=administrator, invitation=first)
    with pytest.raises(Conflict) as doubled:
        services.invite(email="b@lab.test", **offer)
        services.invite(email="B@lab.test", **offer)
    assert [code(r) for r in (unknown, withdrawn, twice, doubled)] == [
        "invitation-unknown",
        "invitation-closed",
        "invitation-closed",
        "invitation-open-once",
    ]


def test_an_invitation_that_is_too_old_makes_room_for_a_new_one(administrator):
    offer = {"actor": administrator, "email": "a@lab.test", "name": "T", "organisation": organisation("nfc")}
    first, secret = services.invite(role="TECHNICIAN", **offer)
    with acting(SYSTEM, verb_name="age"):
        Invitation.objects.filter(pk=first.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(Conflict):
        open_invitation(secret)
    second, _ = services.invite(role="TECHNICIAN", **offer)
    assert second.pk != first.pk


def test_a_locked_out_person_is_out_at_once(administrator, person, signed_in):
    user = person("technician", "nfc")
    client = signed_in(user)
    _, secret = services.issue_token(actor=user, user=user, days=3)
    assert client.get("/me/").status_code == 200
    services.deactivate_user(actor=administrator, user=user)
    assert client.get("/me/").status_code == 302
    assert client.get("/api/v1/me/", headers={"Authorization": f"Token {secret}"}).status_code == 401
    assert not get_token_model().objects.filter(user=user).exists()
    assert [s for s in Session.objects.all() if s.get_decoded().get("_auth_user_id") == str(user.pk)] == []


def test_nobody_locks_oneself_out(administrator, person):
    person("administrator", "irel")
    with pytest.raises(Conflict) as refusal:
        services.deactivate_user(actor=administrator, user=administrator)
    assert code(refusal) == "oneself"


def test_a_token_is_for_oneself_and_for_a_time(person):
    user, other = person("technician", "nfc"), person("manager", "irel")
    with pytest.raises(NotPermitted):
        services.issue_token(actor=other, user=user, days=3)
    for days in (0, 366):
        with pytest.raises(Invalid) as refusal:
            services.issue_token(actor=user, user=user, days=days)
        assert code(refusal) == "days-out-of-range"
    token, secret = services.issue_token(actor=user, user=user, days=3)
    assert secret.startswith("lims_")
    with pytest.raises(NotPermitted):
        services.revoke_token(actor=other, user=user, token_key=token.token_key)
    services.revoke_token(actor=user, user=user, token_key=token.token_key)
    with pytest.raises(NotFound):
        services.revoke_token(actor=user, user=user, token_key=token.token_key)


def test_a_profile_is_ones_own(person):
    user = person("technician", "nfc")
    services.change_profile(actor=user, name=" Tara  D. ", time_zone="Asia/Yangon")
    user.refresh_from_db()
    assert (user.name, user.time_zone) == ("Tara D.", "Asia/Yangon")
    with pytest.raises(Invalid) as refusal:
        services.change_profile(actor=user, name="Tara", time_zone="Mars/Olympus")
    assert code(refusal) == "time-zone-unknown"


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_one_invitation_make_one_person(person):
    _, secret = services.invite(
        actor=person("administrator", "mines"),
        email="t@lab.test",
        name="T",
        organisation=organisation("nfc"),
        role="TECHNICIAN",
    )
    outcomes: list[str] = []

    def click() -> None:
        try:
            services.accept_invitation(actor=SYSTEM, secret=secret, name="T", password=PHRASE)
            outcomes.append("in")
        except DomainError as error:
            outcomes.append(error.problems[0].code)
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["in", "invitation-closed", "invitation-closed", "invitation-closed"]
    assert Membership.objects.filter(user__email="t@lab.test").count() == 1
