"""The commands of a new installation and of instruments."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from lims.accounts.models import User
from lims.ledger.models import Entry

pytestmark = pytest.mark.django_db


def test_the_first_administrator_comes_by_command(monkeypatch):
    monkeypatch.setenv("PASSWORD", "clay from the eastern hills")
    call_command("create_administrator", "Ada@Mines.test", "Ada L.", stdout=io.StringIO())
    user = User.objects.get(email="ada@mines.test")
    assert user.check_password("clay from the eastern hills")
    assert [(m.role, m.organisation.code) for m in user.roles] == [("ADMINISTRATOR", "ADMIN")]
    assert {e.actor for e in Entry.objects.filter(row_key=str(user.pk))} == {"system:create_administrator"}
    with pytest.raises(CommandError, match="is here already"):
        call_command("create_administrator", "ADA@mines.test", "Ada L.", stdout=io.StringIO())


def test_a_weak_password_makes_nobody(monkeypatch):
    monkeypatch.setenv("PASSWORD", "short")
    with pytest.raises(CommandError, match="too short"):
        call_command("create_administrator", "ada@mines.test", "Ada", "--code", "NEW", stdout=io.StringIO())
    assert not User.objects.filter(email="ada@mines.test").exists()


def test_a_token_is_printed_and_lets_in(person):
    user, out = person("technician", "nfc"), io.StringIO()
    call_command("issue_token", user.email.upper(), "--days", "2", stdout=out)
    bearer = {"Authorization": f"Token {out.getvalue().strip()}"}
    assert Client().get("/api/v1/me/", headers=bearer).json()["email"] == user.email


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nobody@nfc.test"], "Nobody here"), (["technician@nfc.test", "--days", "0"], "1 to 365")],
)
def test_a_token_that_cannot_be_says_why(person, arguments, said):
    person("technician", "nfc")
    with pytest.raises(CommandError, match=said):
        call_command("issue_token", *arguments, stdout=io.StringIO())
