"""The record in words: for any object or person, in a constant number of queries, never more exact than allowed."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from knox.models import get_token_model

from lims.accounts.models import Organisation, User
from lims.ledger import changes as words
from lims.ledger import queries
from lims.ledger.changes import FieldChange, _Described
from lims.ledger.models import Entry
from lims.ledger.queries import entries_where, history_of, row_key
from lims.ledger.tables import Table
from lims.recording import Recording
from lims.verbs import SystemActor, acting
from tests.lims.ledger.conftest import TESTER, add, as_tester, connected, remove, rename, seal

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_history_of_a_thing_is_newest_first_with_names_in_words(person):
    manager = person("manager", "irel")
    (company,) = add("KC")
    seal()
    with acting(manager, verb_name="rename_organisation"):
        company.name = "Kachin Clay"
        company.save(update_fields=["name"])
    newest, oldest = history_of(company)
    assert (newest.actor, newest.actor_key) == (manager.name, f"user:{manager.pk}")
    assert (newest.verb, newest.table, newest.op.label) == ("Rename organisation", "organisation", "changed")
    assert newest.fields == (FieldChange("name", "name", "Company KC", "Kachin Clay"),)
    assert (oldest.actor, oldest.verb, oldest.op.label) == ("System, tests", "Add", "added")
    assert [field.name for field in oldest.fields] == ["id", "name", "code", "kind", "created_at"]
    assert (oldest.sealed, newest.sealed) == (True, False)


def test_a_removed_thing_keeps_its_history():
    (company,) = add("KC")
    gone = Organisation(pk=company.pk)
    remove(company)
    removed, added = history_of(gone)
    assert (removed.op.label, added.op.label) == ("removed", "added")
    assert FieldChange("code", "code", "KC", None) in removed.fields


@pytest.mark.parametrize("count", [1, 3, 30])
def test_any_length_of_history_takes_three_queries(count, person):
    companies = []
    for n in range(count):
        actor = person("manager", "irel", nick=f"m{n}")
        with acting(actor, verb_name="add"):
            companies.append(Organisation.objects.create(name=f"C{n}", code=f"C{n}", kind="SPONSOR"))
    with CaptureQueriesContext(
        connection,
    ) as captured:
        found = history_of(*companies)
    assert len(found) == count
    assert len(captured) == 3
    assert {change.actor for change in found} == {f"M{n} of IREL" for n in range(count)}


def test_the_history_of_nothing_is_empty():
    assert history_of() == []


def test_a_history_has_an_end():
    (company,) = add("KC")
    for n in range(5):
        rename(company, f"C{n}")
    assert len(history_of(company, limit=3)) == 3


def test_hidden_columns_are_left_out():
    (company,) = add("KC")
    rename(company, "Other")
    newest, oldest = history_of(company, hide=frozenset({"name", "code"}))
    assert newest.fields == ()
    assert [field.name for field in oldest.fields] == ["id", "kind", "created_at"]


def test_a_secret_shows_as_the_beginning_of_its_digest():
    with acting(TESTER, verb_name="invite"):
        user = User(email="a@irel.test", name="A")
        user.set_password("a long enough pass phrase 7")
        user.save()
    (change,) = history_of(user)
    (secret,) = [field for field in change.fields if field.name == "password"]
    assert secret.after.startswith("secret ")
    assert len(secret.after) == len("secret 12345678…")


@pytest.fixture
def mines(scratch, monkeypatch):
    """A table with exact coordinates, which the models of the tests do not have."""
    recording = Recording(place=frozenset({"latitude", "longitude"}))
    columns = ("n", "latitude", "longitude", "open", "extra")
    scratch(
        "n int PRIMARY KEY, latitude numeric(8,5), longitude text, open boolean, extra jsonb",
        Table("mines", ("n",), columns, recording),
    )
    labels = {name: name for name in columns if name != "extra"}
    monkeypatch.setattr(words, "_tables", lambda: {"mines": _Described("mine", labels, recording)})


def fields(**where: Any) -> dict[str, tuple[Any, Any]]:
    (change,) = words.changes(Entry.objects.filter(**where))
    return {field.name: (field.before, field.after) for field in change.fields}


def test_places_are_rounded_to_a_tenth_of_a_degree_for_everybody(mines):
    with connected("app") as app:
        as_tester(app).execute("INSERT INTO mines VALUES (1, 26.00419, '98.15777', true, '{}')")
        app.execute("UPDATE mines SET latitude = -25.96001, longitude = 'north of the river', open = false")
    assert fields(op="I", table_name="mines") == {
        "n": (None, 1),
        "latitude": (None, Decimal("26.0")),
        "longitude": (None, Decimal("98.2")),
        "open": (None, "yes"),
        "extra": (None, words.WITHHELD),
    }
    changed = fields(op="U", table_name="mines")
    assert changed["latitude"] == (Decimal("26.0"), Decimal("-26.0"))
    assert changed["longitude"] == (Decimal("98.2"), words.WITHHELD)
    assert changed["open"] == ("yes", "no")


def test_a_table_that_no_model_has_any_more_shows_no_values(scratch):
    scratch("n int PRIMARY KEY, place text", Table("gone", ("n",), ("n", "place"), Recording()))
    with connected("app") as app:
        as_tester(app).execute("INSERT INTO gone VALUES (1, '26.004, 98.157')")
    assert fields(table_name="gone") == {"n": (None, words.WITHHELD), "place": (None, words.WITHHELD)}


def test_filters_find_by_table_row_act_actor_operation_and_time(person):
    manager = person("manager", "irel")
    kc, kd = add("KC", "KD")
    with acting(manager, verb_name="correct"):
        Organisation.objects.filter(pk=kc.pk).update(name="Other")
    remove(kd)
    now = timezone.now()

    def found(**filters: Any) -> list[tuple[str, str]]:
        return [
            (e.op, e.row_key)
            for e in entries_where(filters).filter(table_name="lims_organisation").order_by("id")
        ][-3:]

    assert found(row=str(kc.pk)) == [("I", str(kc.pk)), ("U", str(kc.pk))]
    assert (
        found(actor=manager.email.upper())
        == found(actor=manager.actor_key)
        == found(verb="correct")
        == [("U", str(kc.pk))]
    )
    assert found(op="D") == [("D", str(kd.pk))]
    assert found(table="lims_user") == []
    assert found(actor="nobody@irel.test") == []
    assert len(found(since=now - timedelta(hours=1), until=now)) == 3
    assert found(since=now) == found(until=now - timedelta(hours=1)) == []


def test_the_key_of_a_thing_is_the_key_in_the_record():
    (company,) = add("KC")
    assert row_key(company) == Entry.objects.get().row_key


def test_a_secret_key_is_looked_up_by_its_digest(person):
    with acting(TESTER, verb_name="issue_token"):
        token, _ = get_token_model().objects.create(user=person("manager", "irel"))
    (change,) = history_of(token)
    assert change.table_name == "knox_authtoken"
    assert token.digest not in str(Entry.objects.get(table_name="knox_authtoken").__dict__)


def test_the_state_of_the_seals():
    nothing = queries.seal_state()
    assert (nothing.newest, nothing.lag_s, nothing.verification) == (None, 0.0, None)
    add("KC")
    waiting = queries.seal_state()
    assert waiting.sealed_to == Entry.objects.get().at
    assert 0 < waiting.lag_s < 5
    seal()
    done = queries.seal_state()
    assert (done.newest, done.lag_s) == (1, 0.0)


def test_an_unknown_actor_shows_as_it_is():
    with acting(SystemActor("tests"), verb_name="x"), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('lims.actor', 'user:not-a-uuid', true)")
        company = Organisation.objects.create(name="C", code="CC", kind="SPONSOR")
    assert history_of(company)[0].actor == "user:not-a-uuid"
