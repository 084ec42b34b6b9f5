"""Every persona at every address: who is let in, who is refused, and that a refusal changed nothing."""

import copy
from collections.abc import Mapping
from typing import Any

import pytest
import rules
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.test import Client
from psycopg import sql
from rules.permissions import permissions as registered

from lims.work import heartbeat
from tests.support import matrix
from tests.support.matrix import EXPECTED, PERSONAS, Route
from tests.support.world import make_world, somebody

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
SIGN_IN = "/account/login/"
#: tables that a mere visit may change
VISITS = {"django_session", "django_migrations"}


def client_of(persona: str) -> Client:
    """Return a browser in the hands of a persona; whoever was locked out still has the session of before."""
    user, client = somebody(persona), Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def call(client: Client, route: Route, address: str) -> Any:
    """Ask with nothing in the body: who may not must hear so before anybody looks into it."""
    if route.method == "get":
        return client.get(address)
    if not route.api:
        return client.post(address)
    return client.generic(route.method.upper(), address, "{}", content_type="application/json")


def call_and_undo(client: Client, route: Route, address: str) -> Any:
    """Ask, then take back what was done, the session's cookie included."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        answer = call(client, route, address)
        if answer.streaming:
            list(answer.streaming_content)
        transaction.set_rollback(True)
    client.cookies = cookies
    return answer


def outcome(answer: Any, route: Route) -> str:
    """Return "in", "refused" or "unknown", as an answer has it."""
    if answer.status_code >= 500:
        return f"broken: {answer.status_code}"
    asked_to_sign_in = answer.status_code == 302 and answer["Location"].startswith(SIGN_IN)
    if answer.status_code in {401, 403} or (asked_to_sign_in and route.access != "anyone"):
        return "refused"
    return "unknown" if answer.status_code == 404 else "in"


def fingerprint() -> dict[str, Any]:
    """Return how many rows each table has, and where the record ends."""
    tables = sorted(set(connection.introspection.table_names()) - VISITS)
    counts = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}, count(*) FROM {}").format(sql.Literal(name), sql.Identifier(name))
        for name in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(counts + sql.SQL(" UNION ALL SELECT 'last entry', max(id) FROM lims_ledgerentry"))
        return dict(cursor.fetchall())


def wrong_answers(persona: str, table: list[Route], world: Mapping[str, str]) -> list[str]:
    """Return what a persona was answered against the expectations; refused acts first, and not taken back."""
    heartbeat.beat()  # /readyz has a word to say about that
    client = client_of(persona)
    wrong, before = [], fingerprint()
    for route in sorted(table, key=lambda route: route.expects(persona) == "in"):
        expected, address = route.expects(persona), route.address(world)
        if expected == "in":
            if before is not None and fingerprint() != before:
                wrong.append(f"refused calls changed {set(fingerprint().items()) ^ set(before.items())}")
            before = None
            answer = call_and_undo(client, route, address)
        else:
            answer = call(client, route, address)
        if answer.status_code != 405 and outcome(answer, route) != expected:
            wrong.append(f"{persona} at {route}: {answer.status_code}, expected {expected}")
    return wrong


# --- The table ----------------------------------------------------------------------------------------


def test_every_address_declares_who_may_call_it():
    assert matrix.undeclared(matrix.routes()) == []


def test_every_address_can_be_called():
    for route in matrix.routes():
        assert route.things().keys() == route.arguments


def test_every_expectation_of_an_address_is_used():
    assert set(matrix.ARGUMENTS) <= {route.name for route in matrix.routes()}


def test_every_permission_has_an_expectation():
    assert set(registered) == set(EXPECTED) - {"anyone", "signed-in"}


@pytest.mark.parametrize("persona", PERSONAS)
def test_permissions_are_as_expected(persona):
    user = somebody(persona) or AnonymousUser()
    assert {name for name in registered if rules.has_perm(name, user)} == {
        name for name, who in EXPECTED.items() if persona in who and name in registered
    }


@pytest.mark.parametrize("persona", PERSONAS)
def test_who_is_let_in(persona):
    wrong = wrong_answers(persona, matrix.routes(), make_world())
    assert not wrong, "\n".join(wrong)


def test_every_page_answers_something():
    world, client = make_world(), client_of("irel.manager")
    answers: dict[str, set[int]] = {}
    for route in matrix.routes():
        status = call_and_undo(client, route, route.address(world)).status_code
        answers.setdefault(route.name, set()).add(status)
    assert [name for name, statuses in answers.items() if statuses == {405}] == []
