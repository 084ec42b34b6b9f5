import pytest
from django.db import connection

from lims.accounts.models import Organisation
from lims.errors import Conflict, Invalid
from lims.verbs import Actor, SystemActor, acting, request_id, verb

pytestmark = pytest.mark.django_db


def told() -> tuple[str, str, str]:
    """Return what the database has been told: actor, request, verb."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT current_setting('lims.actor', true), current_setting('lims.request', true),"
            " current_setting('lims.verb', true)"
        )
        return cursor.fetchone()


@verb
def inner(*, actor: Actor) -> tuple[str, str, str]:
    return told()


@verb
def outer(*, actor: Actor) -> list[tuple[str, str, str]]:
    return [told(), inner(actor=SystemActor("inner")), told()]


def test_the_database_knows_who_acts_under_which_name_and_request():
    token = request_id.set("r-1")
    try:
        assert inner(actor=SystemActor("seal")) == ("system:seal", "r-1", "inner")
    finally:
        request_id.reset(token)


def test_nobody_acts_after_a_verb_even_when_the_transaction_goes_on():
    inner(actor=SystemActor("seal"))
    assert told() == ("", "", "")


def test_an_inner_verb_gives_the_name_back():
    assert outer(actor=SystemActor("outer")) == [
        ("system:outer", "", "outer"),
        ("system:inner", "", "inner"),
        ("system:outer", "", "outer"),
    ]


def test_an_inner_refusal_gives_the_name_back_too():
    with acting(SystemActor("outer"), verb_name="outer"):
        with pytest.raises(ZeroDivisionError), acting(SystemActor("inner"), verb_name="inner"):
            _ = 1 // 0
        assert told() == ("system:outer", "", "outer")


@verb
def add(*, actor: Actor, name: str, code: str) -> Organisation:
    return Organisation.objects.create(name=name, code=code, kind="SPONSOR")


def test_a_unique_constraint_becomes_a_conflict_with_a_code():
    add(actor=SystemActor("tests"), name="Kachin Clay", code="KC")
    with pytest.raises(Conflict) as refusal:
        add(actor=SystemActor("tests"), name="kachin clay", code="KD")
    assert refusal.value.problems[0].code == "organisation-name-once"


def test_a_check_constraint_becomes_an_invalid_with_a_code():
    with pytest.raises(Invalid) as refusal:
        add(actor=SystemActor("tests"), name="Kachin Clay", code="k!")
    assert refusal.value.problems[0].code == "organisation-code-form"
