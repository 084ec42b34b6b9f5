"""Every persona at every address: who is let in, who is refused, and that a refusal changed nothing."""

import copy
import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any, ClassVar

import pytest
import rules
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import path
from psycopg import sql
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.viewsets import ViewSet
from rules.permissions import permissions as registered

from config import urls
from lims.accounts.models import Organisation
from lims.verbs import SystemActor, acting
from lims.web.access import page
from lims.work import heartbeat
from tests.support import matrix
from tests.support.matrix import EXPECTED, PERSONAS, Route
from tests.support.world import SECRETS, client_of, make_world, somebody

pytestmark = pytest.mark.django_db
SIGN_IN = "/account/login/"
#: tables that a mere visit may change
VISITS = {"django_session", "django_migrations"}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Leave out the two log lines of each of thousands of requests."""
    logging.disable(logging.INFO)
    yield
    logging.disable(logging.NOTSET)


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
    answered: dict[str, set[int]] = defaultdict(set)
    for route in sorted(table, key=lambda route: route.expects(persona) == "in"):
        expected, address = route.expects(persona), route.address(world)
        if expected == "in":
            if before is not None and fingerprint() != before:
                wrong.append(f"refused calls changed {set(fingerprint().items()) ^ set(before.items())}")
            before = None
            answer = call_and_undo(client, route, address)
        else:
            answer = call(client, route, address)
        answered[route.name].add(answer.status_code)
        if answer.status_code != 405 and outcome(answer, route) != expected:
            wrong.append(f"{persona} at {route}: {answer.status_code}, expected {expected}")
    return wrong + [f"{name} answers no method" for name, statuses in answered.items() if statuses == {405}]


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


def test_what_options_an_address_has_is_no_secret_and_tells_none():
    world, client = make_world(), client_of("anonymous")
    for route in matrix.routes():
        answer = client.options(route.address(world))
        assert answer.status_code < 500, route
        assert not any(secret in answer.content.decode() for secret in SECRETS), route


# --- The matrix itself sees what is wrong -----------------------------------------------------------------


def test_an_address_without_a_declaration_is_named():
    class Planted(ViewSet):
        access: ClassVar[Mapping[str, str]] = {"list": "registry.read", "create": "registry.reed"}

        def create(self, request: Any) -> Response:
            return Response()

        list = destroy = create

    router = SimpleRouter()
    router.register("planted", Planted, "planted")
    table = [path("bare/", lambda _request: HttpResponse(), name="bare"), *router.urls]
    assert matrix.undeclared(matrix.routes(table)) == [
        "GET /bare/ (bare): None",
        "POST /bare/ (bare): None",
        "POST /^planted/$ (planted-list): registry.reed",
        "DELETE /^planted/(?P<pk>[^/.]+)/$ (planted-detail): None",
    ]


def test_an_address_that_nobody_can_call_is_named():
    table = [path("planted/<uuid:pk>/", page("anyone")(lambda _request, pk: HttpResponse()), name="planted")]
    with pytest.raises(LookupError, match=r"GET /planted/<uuid:pk>/ \(planted\): tell \['pk'\] in ARGUMENTS"):
        matrix.routes(table)[0].things()


@pytest.mark.parametrize("permission", ["accounts.read", "registry.manage"])
def test_a_rule_that_lets_too_many_in_is_seen(monkeypatch, permission):
    monkeypatch.setitem(registered, permission, rules.predicates.always_allow)
    table = [route for route in matrix.routes() if route.access == permission and route.method == "get"]
    wrong = wrong_answers("nfc.technician", table, make_world())
    assert len([line for line in wrong if line.endswith("200, expected refused")]) > 2


def test_a_refusal_that_changed_something_is_seen(settings):
    @page("anyone")
    def planted(_request: Any) -> HttpResponse:
        with acting(SystemActor("tests"), verb_name="plant"):
            Organisation.objects.create(name="Planted", code="PLANT", kind="SPONSOR")
        raise PermissionDenied

    table = ModuleType("planted_urls")
    table.urlpatterns = [path("planted/", planted, name="planted"), *urls.urlpatterns]  # type: ignore[attr-defined]  # that is what a URL table is
    settings.ROOT_URLCONF = table
    world = make_world()
    found = [
        Route("planted", "planted/", "post", "accounts.read", frozenset(), api=False),
        Route("web:home", "", "get", "signed-in", frozenset(), api=False),
    ]
    wrong = wrong_answers("irel.manager", found, world)
    assert len(wrong) == 1
    assert wrong[0].startswith("refused calls changed")
    assert "lims_organisation" in wrong[0]
