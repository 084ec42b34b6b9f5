"""The sign-in library's pages and e-mails say it in our words, in our shell."""

import base64
import hashlib
import hmac
import re
import struct
import time

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.core import mail
from django.test import Client

from tests.support.people import PASSWORD

pytestmark = pytest.mark.django_db

#: words of the library's own templates
THEIRS = re.compile(
    r"Two-Factor|Are you sure|Confirm Access|Bad Token|Sign Up Closed|Please contact us|Thank you for using|Hello from|sign up for"
)
SECOND = "/account/second-factor/"


def content(answer):
    """Return a page that is whole, ours, and has one heading."""
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("<h1>") == 1
    assert THEIRS.findall(page) == []
    return page


def code(secret):
    """Return the code that an authenticator app shows now (RFC 6238)."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return f"{(int.from_bytes(digest[at : at + 4]) & 0x7FFFFFFF) % 10**6:06d}"


@pytest.fixture(autouse=True)
def _cheap_hashes(monkeypatch):
    """Argon2 as ever, but without its cost: it would be most of these tests' time."""
    for name, value in {"memory_cost": 1024, "time_cost": 1, "parallelism": 1}.items():
        monkeypatch.setattr(Argon2PasswordHasher, name, value)


@pytest.fixture
def asha(person):
    return person("manager", "irel", password=PASSWORD, nick="asha-of-pages")


@pytest.fixture
def fresh(asha):
    """Return a browser in which Asha signed in, and has just shown once more that it is she."""
    client = Client()
    assert client.post("/account/login/", {"login": asha.email, "password": PASSWORD}).status_code == 302
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).status_code == 302
    return client


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("login", "Sign in"),
        ("signup", "People join by invitation"),
        ("inactive", "This account is closed"),
        ("password/reset", "Set a new password"),
        ("password/reset/done", "Look at your e-mail"),
        ("password/reset/key/1-set-password", "This link no longer works"),
        ("password/reset/key/done", "Your password is changed"),
    ],
)
def test_pages_for_anybody(name, title):
    page = content(Client().get(f"/account/{name}/"))
    assert f"<h1>{title}</h1>" in page
    assert 'class="bare-card"' in page
    # so that a draft which a lost session left behind is kept
    assert 'data-page="apart"' in page


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("logout", "Sign out"),
        ("password/change", "Change your password"),
        ("second-factor", "Second factor"),
        ("second-factor/totp/activate", "Begin to use an authenticator app"),
    ],
)
def test_pages_in_the_shell(name, title, fresh, asha):
    page = content(fresh.get(f"/account/{name}/"))
    assert f"<h1>{title}</h1>" in page
    assert 'class="shell narrow"' in page
    assert f'data-person="{asha.pk}"' in page


def test_a_session_that_is_old_is_asked_again(asha, signed_in):
    client = signed_in(asha)
    for name in ("totp/activate", "recovery-codes/generate"):
        answer = client.get(f"{SECOND}{name}/", follow=True)
        assert "<h1>Is it you?</h1>" in content(answer)


def test_the_second_factor_from_first_to_last(fresh, asha):
    form = content(fresh.get(f"{SECOND}totp/activate/"))
    assert 'class="qr" src="data:image/svg+xml' in form
    found = re.search(r'id="secret" type="text" value="([A-Z2-7]+)"', form)
    assert found is not None
    wrong = fresh.post(f"{SECOND}totp/activate/", {"code": "0"})
    assert "One thing needs correcting" in content(wrong)
    codes = fresh.post(f"{SECOND}totp/activate/", {"code": code(found[1])}, follow=True)
    page = content(codes)
    assert "<h1>Recovery codes</h1>" in page
    first = re.findall(r'<li class="tag">(\w+)</li>', page)
    assert len(first) == 10

    index = content(fresh.get(SECOND))
    assert "10 of 10 codes are left" in index
    assert "The 10 that you have stop working." in content(fresh.get(f"{SECOND}recovery-codes/generate/"))
    again = content(fresh.post(f"{SECOND}recovery-codes/generate/", follow=True))
    second = re.findall(r'<li class="tag">(\w+)</li>', again)
    assert set(first).isdisjoint(second)

    elsewhere = Client()
    asked = elsewhere.post("/account/login/", {"login": asha.email, "password": PASSWORD}, follow=True)
    assert "<h1>Your second factor</h1>" in content(asked)
    assert elsewhere.post(f"{SECOND}authenticate/", {"code": second[0]})["Location"] == "/"
    assert "9 of 10 codes are left" in content(fresh.get(SECOND))

    assert "<h1>Stop using the authenticator app</h1>" in content(fresh.get(f"{SECOND}totp/deactivate/"))
    off = content(fresh.post(f"{SECOND}totp/deactivate/", follow=True))
    assert "The authenticator app is no longer in use." in off
    assert "Recovery codes" not in off


def test_whoever_has_no_password_sets_one(person, signed_in):
    client = signed_in(person("manager", "irel", nick="no-password"))
    page = content(client.get("/account/password/change/", follow=True))
    assert "<h1>Set a password</h1>" in page


def test_signing_in_needs_no_word_and_out_has_one(fresh):
    assert "data-message" not in fresh.get("/notices/").content.decode()
    fresh.post("/account/logout/")
    assert "You are signed out." in content(fresh.get("/account/login/"))


def asked_for(email):
    mail.outbox.clear()
    Client().post("/account/password/reset/", {"email": email})
    assert len(mail.outbox) == 1
    return mail.outbox[0]


def test_the_e_mail_for_a_new_password(asha):
    message = asked_for(asha.email)
    assert message.subject.endswith("Choose a new password")
    assert THEIRS.findall(str(message.body)) == []
    assert "Rare-earth LIMS, testserver" in message.body
    link = re.search(r"http://testserver(/account/password/reset/key/\S+)", str(message.body))
    assert link is not None
    assert "<h1>Choose a new password</h1>" in content(Client().get(link[1], follow=True))


def test_the_e_mail_to_an_address_that_nobody_has():
    message = asked_for("nobody@irel.test")
    assert message.subject.endswith("No account with this address")
    assert "an invitation" in message.body
    assert "/signup/" not in message.body
    assert THEIRS.findall(str(message.body)) == []
