"""Signing in, with the library's own pages on the real database: its triggers refuse whatever has no actor."""

import base64
import hashlib
import hmac
import itertools
import re
import struct
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessLog
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.db import models
from django.test import Client
from django.utils import timezone

from lims.accounts import services
from lims.accounts.models import User
from lims.ledger.models import Entry
from tests.support.people import PASSWORD

pytestmark = pytest.mark.django_db
LOGIN, HOME = "/account/login/", "/"
OTHER = "granite from the western hills"
_ADDRESSES = itertools.count(1)


def visitor(**environ: str) -> Client:
    """Return a browser at a network address that nobody used yet: tries are counted by address."""
    number = next(_ADDRESSES)
    return Client(**({"REMOTE_ADDR": f"10.9.{number // 250}.{number % 250 + 1}"} | environ))


def enter(client: Client, user: User | str, password: str = PASSWORD, **more: str) -> Any:
    email = user if isinstance(user, str) else user.email
    return client.post(LOGIN, {"login": email, "password": password, **more})


def is_in(client: Client) -> bool:
    return client.get("/me/").status_code == 200


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 as ever, but without its cost: it would be most of these tests' time."""
    for name, value in {"memory_cost": 1024, "time_cost": 1, "parallelism": 1}.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)


@pytest.fixture
def user(person: Callable[..., User], request: pytest.FixtureRequest) -> User:
    """Return a technician with a password, under an address of this test's own."""
    nick = hashlib.sha256(request.node.nodeid.encode()).hexdigest()[:12]
    return person("technician", "nfc", password=PASSWORD, nick=nick)


@pytest.fixture(autouse=True)
def acts(user: User) -> Iterator[Callable[[], set[tuple[str, str]]]]:
    """Return what was recorded since the test began, as (table, actor); all of it has a known actor."""
    before = Entry.objects.aggregate(last=models.Max("id"))["last"]

    def since() -> set[tuple[str, str]]:
        entries = Entry.objects.filter(id__gt=before, verb="sign_in_page")
        return {(entry.table_name, entry.actor) for entry in entries}

    yield since
    assert {actor for _, actor in since()} <= {user.actor_key, "system:sign-in"}


# --- With a password --------------------------------------------------------------------------------


def test_the_right_password_lets_in(person, monkeypatch):
    monkeypatch.undo()  # once with a hash that costs what it should
    user, client = person("manager", "nfc", password=PASSWORD, nick="costly"), visitor()
    assert user.password.startswith("argon2$argon2id$v=19$m=102400,t=2,p=8$")
    assert client.get(LOGIN).status_code == 200
    answer = enter(client, user)
    assert (answer.status_code, answer["Location"]) == (302, HOME)
    assert is_in(client)


def test_an_address_is_the_same_in_capitals(user):
    client = visitor()
    enter(client, user.email.upper())
    assert is_in(client)


def test_an_unknown_address_and_a_wrong_password_are_answered_alike(user):
    client = visitor()
    answers = [enter(client, user, OTHER), enter(client, "nobody@nfc.test", OTHER)]
    assert not is_in(client)
    said = [re.sub(r'(value|data-csrf)="[^"]*"', "", answer.content.decode()) for answer in answers]
    assert answers[0].status_code == answers[1].status_code
    assert said[0] == said[1]
    assert "password" in said[0]


def test_whoever_is_locked_out_is_answered_like_that_too(user, person):
    services.deactivate_user(actor=person("administrator", "mines"), user=user)
    client = visitor()
    right, wrong = enter(client, user), enter(client, user, OTHER)
    assert not is_in(client)
    assert (right.status_code, wrong.status_code) == (302, 200)
    assert right["Location"] == "/account/inactive/"


def test_whoever_is_locked_out_while_signed_in_is_out(user, person):
    client = visitor()
    enter(client, user)
    services.deactivate_user(actor=person("administrator", "mines"), user=user)
    assert not is_in(client)


def test_the_session_is_a_new_one(user):
    client = visitor()
    client.get(LOGIN)
    session = client.session
    session["seen"] = "before"
    session.save()
    client.cookies["sessionid"] = session.session_key
    enter(client, user)
    assert client.session.session_key != session.session_key
    planted = visitor()
    planted.cookies["sessionid"] = session.session_key
    assert not is_in(planted)


def test_leaving_is_a_deed(user):
    client = visitor()
    enter(client, user)
    assert client.get("/account/logout/").status_code == 200
    assert is_in(client)
    assert client.post("/account/logout/").status_code == 302
    assert not is_in(client)
    visit = AccessLog.objects.get(username=user.email)
    assert visit.attempt_time <= visit.logout_time


@pytest.mark.parametrize(
    "where", ["https://evil.test/", "//evil.test/", "/\\evil.test", "javascript:alert(1)"]
)
def test_nobody_is_led_elsewhere(user, where):
    assert enter(visitor(), user, next=where)["Location"] == HOME


def test_one_is_led_where_one_was_going(user):
    client = visitor()
    asked = client.get("/samples/?state=REGISTERED")
    assert "next" in asked["Location"]
    shown = client.get(asked["Location"]).content.decode()
    assert 'name="next"' in shown
    assert enter(client, user, next="/samples/?state=REGISTERED")["Location"] == "/samples/?state=REGISTERED"


def test_nobody_signs_up(user):
    count, client = User.objects.count(), visitor()
    form = {"email": "new@nfc.test", "password1": OTHER, "password2": OTHER}
    for answer in (client.get("/account/signup/"), client.post("/account/signup/", form)):
        assert answer.status_code == 200
        assert b"password1" not in answer.content
    assert User.objects.count() == count


# --- Too many tries ---------------------------------------------------------------------------------


def fail(user: User, times: int, *, network: str) -> Any:
    return [enter(visitor(REMOTE_ADDR=network), user, OTHER) for _ in range(times)][-1]


def test_the_ninth_try_waits(user):
    """Eight failures of one person from one network lock that person out there, for a quarter of an hour."""
    answers = [enter(visitor(REMOTE_ADDR="10.8.0.1"), user, OTHER).status_code for _ in range(8)]
    assert answers == [200] * 7 + [429]
    client = visitor(REMOTE_ADDR="10.8.0.1")
    locked = enter(client, user)
    assert (locked.status_code, "account/locked.html" in {t.name for t in locked.templates}) == (429, True)
    assert "locked for 15 minutes" in locked.content.decode()
    assert not is_in(client)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert enter(client, user).status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=16))
    assert enter(client, user).status_code == 302
    assert is_in(client)


def test_others_at_the_same_network_and_oneself_at_another_get_in(user, person):
    other = person("manager", "nfc", password=PASSWORD, nick=f"x{user.email[:8]}")
    fail(user, 8, network="10.8.0.2")
    for who, network in ((other, "10.8.0.2"), (user, "10.8.0.3")):
        client = visitor(REMOTE_ADDR=network)
        enter(client, who)
        assert is_in(client)


def test_a_success_forgets_the_failures(user):
    for _ in range(2):
        fail(user, 5, network="10.8.0.4")
        assert enter(visitor(REMOTE_ADDR="10.8.0.4"), user).status_code == 302


def test_a_new_password_lifts_the_lock(user):
    fail(user, 8, network="10.8.0.5")
    client = visitor(REMOTE_ADDR="10.8.0.5")
    choose(client, reset_link(client, user.email))
    enter(client, user, OTHER)
    assert is_in(client)


# --- Passwords --------------------------------------------------------------------------------------


def test_a_changed_password_is_recorded_as_ones_own_act(user, acts):
    client, elsewhere = visitor(), visitor()
    enter(client, user)
    enter(elsewhere, user)
    form = {"oldpassword": PASSWORD, "password1": OTHER, "password2": OTHER}
    weak = client.post("/account/password/change/", form | {"password1": "short", "password2": "short"})
    assert (weak.status_code, acts()) == (200, set())
    assert client.post("/account/password/change/", form).status_code == 302
    assert ("lims_user", user.actor_key) in acts()
    entry = Entry.objects.filter(table_name="lims_user", row_key=str(user.pk)).latest("id")
    assert entry.after["password"].startswith("sha256:")
    assert (is_in(client), is_in(elsewhere)) == (True, False)
    again = visitor()
    enter(again, user)
    assert not is_in(again)
    enter(again, user, OTHER)
    assert is_in(again)


def reset_link(client: Client, email: str) -> str:
    mail.outbox.clear()
    asked = client.post("/account/password/reset/", {"email": email})
    assert (asked.status_code, asked["Location"]) == (302, "/account/password/reset/done/")
    assert [message.to for message in mail.outbox] == [[email]]
    found = re.search(r"https?://[^/\s]+(/account/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert found, mail.outbox[0].body
    return found[1]


def choose(client: Client, link: str, password: str = OTHER) -> Any:
    form = client.get(link, follow=True)
    where = form.redirect_chain[-1][0] if form.redirect_chain else link
    return client.post(where, {"password1": password, "password2": password})


def test_a_forgotten_password_is_set_anew_by_a_link_that_works_once(user, acts):
    client = visitor()
    link = reset_link(client, user.email)
    assert choose(client, link, "short").status_code == 200
    assert choose(client, link).status_code == 302
    assert ("lims_user", "system:sign-in") in acts()
    for password, expected in ((PASSWORD, False), (OTHER, True)):
        fresh = visitor()
        enter(fresh, user, password)
        assert is_in(fresh) is expected
    assert b"password1" not in visitor().get(link, follow=True).content


def test_whoever_has_no_password_yet_chooses_one_the_same_way(person, acts):
    new = services.create_user(actor=person("administrator", "mines"), email="fresh@nfc.test", name="F")
    client = visitor()
    assert choose(client, reset_link(client, new.email)).status_code == 302
    fresh = visitor()
    enter(fresh, new, OTHER)
    assert is_in(fresh)


def test_nobody_learns_who_has_an_account(user):
    known, unknown = (
        visitor().post("/account/password/reset/", {"email": email})
        for email in (user.email, "nobody@nfc.test")
    )
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])


def test_a_forged_link_sets_nothing(user):
    client = visitor()
    good = reset_link(client, user.email)
    assert b"password1" not in visitor().get(good[:-3] + "x/", follow=True).content


# --- The second factor ------------------------------------------------------------------------------


def code_now(secret: str) -> str:
    """Return the code of RFC 6238 (30 s, SHA-1, 6 digits), never so late that it changes on its way."""
    left_s = 30 - time.time() % 30
    if left_s < 3:
        time.sleep(left_s)
    digest = hmac.new(
        base64.b32decode(secret), struct.pack(">Q", int(time.time()) // 30), hashlib.sha1
    ).digest()
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def prove(client: Client) -> None:
    """Show once more who one is: what guards the account is not changed by whoever finds a browser open."""
    asked = client.get("/account/second-factor/totp/activate/")
    assert asked["Location"].startswith("/account/reauthenticate/")
    assert client.post(asked["Location"], {"password": OTHER}).status_code == 200
    assert client.post(asked["Location"], {"password": PASSWORD}).status_code == 302


def activate(client: Client) -> str:
    """Activate the second factor of whoever is signed in; return its secret."""
    prove(client)
    assert client.get("/account/second-factor/totp/activate/").status_code == 200
    secret = client.session["mfa.totp.secret"]
    wrong = client.post("/account/second-factor/totp/activate/", {"code": "000000"})
    assert (wrong.status_code, Authenticator.objects.exists()) == (200, False)
    answer = client.post("/account/second-factor/totp/activate/", {"code": code_now(secret)})
    assert answer.status_code == 302
    return str(secret)


def test_a_second_factor_is_asked_for(user, acts):
    client = visitor()
    enter(client, user)
    secret = activate(client)
    assert ("mfa_authenticator", user.actor_key) in acts()
    entry = Entry.objects.filter(table_name="mfa_authenticator").latest("id")
    assert secret not in str(entry.after)
    fresh = visitor()
    asked = enter(fresh, user)
    assert asked["Location"] == "/account/second-factor/authenticate/"
    assert not is_in(fresh)
    assert fresh.post(asked["Location"], {"code": "000000"}).status_code == 200
    assert not is_in(fresh)
    assert fresh.post(asked["Location"], {"code": code_now(secret)})["Location"] == HOME
    assert is_in(fresh)


def test_a_recovery_code_lets_in_once(user, acts):
    client = visitor()
    enter(client, user)
    activate(client)
    shown = client.get("/account/second-factor/recovery-codes/")
    codes = shown.context["unused_codes"]
    assert len(codes) == 10
    assert all(code in shown.content.decode() for code in codes)
    assert codes[0] in client.get("/account/second-factor/recovery-codes/download/").content.decode()
    for expected in (True, False):
        fresh = visitor()
        fresh.post(enter(fresh, user)["Location"], {"code": codes[0]})
        assert is_in(fresh) is expected
    assert ("mfa_authenticator", "system:sign-in") in acts()


def test_a_second_factor_is_taken_away_by_oneself(user, acts):
    client = visitor()
    enter(client, user)
    activate(client)
    assert client.post("/account/second-factor/totp/deactivate/").status_code == 302
    assert not Authenticator.objects.filter(user=user).exists()
    assert {actor for table, actor in acts() if table == "mfa_authenticator"} == {user.actor_key}
    fresh = visitor()
    assert enter(fresh, user)["Location"] == HOME
