"""Whatever changes a row, by whatever way, is recorded exactly; nothing is changed by nobody."""

import hashlib
import uuid
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from lims.accounts.models import Organisation, User
from lims.ledger.models import Entry, Era
from lims.ledger.rules import NO_ACTOR, RECORD_REFUSED
from lims.ledger.tables import Table
from lims.recording import Recording
from lims.verbs import acting, request_id
from tests.lims.ledger.conftest import TESTER, add, as_tester, connected, remove, rename

pytestmark = pytest.mark.django_db(transaction=True)
PLAIN = Recording()


def recorded(table: str = "lims_organisation") -> list[tuple[str, str, Any, Any]]:
    """Return (op, row key, before, after) of every entry of a table, in order."""
    rows = Entry.objects.filter(table_name=table).order_by("id")
    return [(entry.op, entry.row_key, entry.before, entry.after) for entry in rows]


def row(key: int, name: str) -> dict[str, Any]:
    return {"n": key, "name": name}


@pytest.fixture
def bags(scratch):
    """A table with a number for a key, written over a plain connection."""
    scratch("n int PRIMARY KEY, name text", Table("bags", ("n",), ("n", "name"), PLAIN))
    with connected("app") as app:
        yield as_tester(app)


def test_an_act_is_recorded_with_who_when_which_request_and_what():
    token = request_id.set("r-7")
    try:
        (company,) = add("KC")
    finally:
        request_id.reset(token)
    entry = Entry.objects.get()
    assert (entry.actor, entry.verb, entry.request_id, entry.db_role) == (
        "system:tests",
        "add",
        "r-7",
        "lims_app",
    )
    assert (entry.op, entry.table_name, entry.row_key, entry.before) == (
        "I",
        "lims_organisation",
        str(company.pk),
        None,
    )
    company.refresh_from_db()
    assert entry.after == {
        "id": str(company.pk),
        "name": "Company KC",
        "code": "KC",
        "kind": "SPONSOR",
        "created_at": company.created_at.isoformat(),
    }
    assert entry.era == Era.objects.get()


def test_a_change_and_a_removal_show_before_and_after():
    (company,) = add("KC")
    rename(company, "Clay")
    remove(company)
    (_, _, _, first), (changed, _, before, after), (removed, _, last, nothing) = recorded()
    assert (changed, before, after) == ("U", first, first | {"name": "Clay"})
    assert (removed, last, nothing) == ("D", after, None)


def test_a_row_that_did_not_change_is_not_recorded():
    (company,) = add("KC")
    rename(company, company.name)
    assert len(recorded()) == 1


def test_bulk_create_and_queryset_update_are_recorded_row_by_row():
    with acting(TESTER, verb_name="bulk"):
        Organisation.objects.bulk_create(
            [Organisation(name=f"N{n}", code=f"C{n}", kind="CARRIER") for n in range(3)]
        )
        Organisation.objects.filter(code__in=["C0", "C2"]).update(kind="SPONSOR")
    assert [op for op, *_ in recorded()] == ["I", "I", "I", "U", "U"]
    assert [(before["kind"], after["kind"]) for op, _, before, after in recorded() if op == "U"] == [
        ("CARRIER", "SPONSOR")
    ] * 2


def test_raw_sql_and_copy_are_recorded(bags):
    bags.execute("INSERT INTO bags VALUES (1, 'clay')")
    with bags.cursor().copy("COPY bags FROM STDIN") as copy:
        copy.write_row((2, "granite"))
        copy.write_row((3, "carbonate"))
    assert recorded("bags") == [
        ("I", "1", None, row(1, "clay")),
        ("I", "2", None, row(2, "granite")),
        ("I", "3", None, row(3, "carbonate")),
    ]


def test_an_upsert_records_what_it_inserted_and_what_it_changed(bags):
    bags.execute("INSERT INTO bags VALUES (1, 'clay')")
    bags.execute(
        "INSERT INTO bags VALUES (1, 'red clay'), (2, 'granite') ON CONFLICT (n) DO UPDATE SET name = EXCLUDED.name"
    )
    assert sorted(recorded("bags")[1:], key=lambda entry: entry[1]) == [
        ("U", "1", row(1, "clay"), row(1, "red clay")),
        ("I", "2", None, row(2, "granite")),
    ]


def test_merge_and_writing_in_a_with_clause_are_recorded(bags):
    bags.execute(
        "WITH a AS (INSERT INTO bags VALUES (1, 'a') RETURNING n) INSERT INTO bags SELECT n + 1, 'b' FROM a"
    )
    assert sorted(key for _, key, *_ in recorded("bags")) == ["1", "2"]
    if bags.info.server_version >= 150_000:
        bags.execute(
            "MERGE INTO bags USING (VALUES (1), (3)) AS v (n) ON v.n = bags.n"
            " WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN INSERT VALUES (v.n, 'c')"
        )
        assert sorted((op, key) for op, key, *_ in recorded("bags")[2:]) == [("D", "1"), ("I", "3")]


def test_changed_keys_of_many_rows_are_removals_and_additions(bags):
    bags.execute("INSERT INTO bags VALUES (1, 'a'), (2, 'b'), (3, 'c')")
    bags.execute("UPDATE bags SET n = n + 10 WHERE n > 1")
    assert sorted(recorded("bags")[3:], key=lambda entry: entry[1]) == [
        ("I", "12", None, row(12, "b")),
        ("I", "13", None, row(13, "c")),
        ("D", "2", row(2, "b"), None),
        ("D", "3", row(3, "c"), None),
    ]


def test_keys_that_move_into_one_another_are_changes(scratch):
    scratch(
        "n int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, name text",
        Table("bags", ("n",), ("n", "name"), PLAIN),
    )
    with connected("app") as app:
        as_tester(app).execute("INSERT INTO bags VALUES (1, 'a'), (2, 'b')")
        app.execute("UPDATE bags SET n = 3 - n")
    assert sorted(recorded("bags")[2:], key=lambda entry: entry[1]) == [
        ("U", "1", row(1, "a"), row(1, "b")),
        ("U", "2", row(2, "b"), row(2, "a")),
    ]


def test_a_key_of_two_columns_is_their_list(scratch):
    table = Table("legs", ("road", "leg"), ("road", "leg"), PLAIN)
    scratch("leg int, road text, PRIMARY KEY (road, leg)", table)
    with connected("app") as app:
        as_tester(app).execute("INSERT INTO legs VALUES (7, 'Pangwa \"north\"')")
    assert recorded("legs")[0][1] == '["Pangwa \\"north\\"", 7]'


@pytest.mark.parametrize(
    "column",
    [
        "ledger row",
        "ledger_now",
        "ledger_was",
        "raw",
        "whole",
        "made",
        "key",
        "keys",
        "actor",
        "shape",
        "era",
        "image",
        "op",
        "fresh",
    ],
)
def test_a_column_named_like_a_name_of_ours_is_just_a_column(scratch, column):
    scratch(f'n int PRIMARY KEY, "{column}" text', Table("odd", ("n",), ("n", column), PLAIN))
    with connected("app") as app:
        as_tester(app).execute("INSERT INTO odd VALUES (1, 'x')")
        app.execute(f"UPDATE odd SET \"{column}\" = 'y'")
    assert recorded("odd") == [
        ("I", "1", None, {"n": 1, column: "x"}),
        ("U", "1", {"n": 1, column: "x"}, {"n": 1, column: "y"}),
    ]


def test_secrets_are_kept_as_digests_and_erasable_data_not_at_all(scratch):
    recording = Recording(digested=frozenset({"pin"}), omitted=frozenset({"phone"}))
    scratch(
        "n int PRIMARY KEY, pin text, phone text", Table("porters", ("n",), ("n", "pin", "phone"), recording)
    )
    with connected("app") as app:
        as_tester(app).execute("INSERT INTO porters VALUES (1, '1234', '555'), (2, NULL, NULL)")
        app.execute("UPDATE porters SET phone = '666' WHERE n = 1")
        app.execute("UPDATE porters SET pin = '9' WHERE n = 2")
    digest = {pin: "sha256:" + hashlib.sha256(pin.encode()).hexdigest() for pin in ("1234", "9")}
    assert recorded("porters") == [
        ("I", "1", None, {"n": 1, "pin": digest["1234"]}),
        ("I", "2", None, {"n": 2, "pin": None}),
        ("U", "2", {"n": 2, "pin": None}, {"n": 2, "pin": digest["9"]}),
    ]


def test_a_password_is_never_in_the_record():
    with acting(TESTER, verb_name="invite"):
        user = User(email="a@irel.test", name="A")
        user.set_password("a long enough pass phrase 7")
        user.save()
    entry = Entry.objects.get(table_name="lims_user")
    assert entry.after["password"] == "sha256:" + hashlib.sha256(user.password.encode()).hexdigest()


def test_texts_do_not_depend_on_the_writers_settings(scratch):
    scratch(
        "n int PRIMARY KEY, at timestamptz, f float8, b bytea, i interval",
        Table("odd", ("n",), ("n", "at", "f", "b", "i"), PLAIN),
    )
    with connected("app") as app:
        as_tester(app)
        for setting in (
            "TimeZone = 'Asia/Kolkata'",
            "extra_float_digits = -5",
            "bytea_output = 'escape'",
            "IntervalStyle = 'sql_standard'",
        ):
            app.execute(f"SET {setting}")
        app.execute(
            "INSERT INTO odd VALUES (1, '2026-01-02 03:04:05+00', 0.1::float8 + 0.2::float8, '\\x00ff', '1 day 2 hours')"
        )
    assert recorded("odd")[0][3] == {
        "n": 1,
        "at": "2026-01-02T03:04:05+00:00",
        "f": Decimal("0.30000000000000004"),
        "b": "\\x00ff",
        "i": "P1DT2H",
    }


def test_nobody_changes_anything():
    with pytest.raises(DatabaseError, match="INSERT on lims_organisation without an actor") as refusal:
        Organisation.objects.create(name="A", code="AA", kind="SPONSOR")
    assert refusal.value.__cause__.sqlstate == NO_ACTOR
    assert not Organisation.objects.exists()
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    "statement", ["UPDATE lims_organisation SET name = 'x'", "DELETE FROM lims_organisation"]
)
def test_nobody_changes_or_removes_anything(statement):
    add("KC")
    with connected("app") as app, pytest.raises(psycopg.Error, match="without an actor"):
        app.execute(statement)
    assert Organisation.objects.get().name == "Company KC"


def test_a_statement_that_changes_no_row_needs_no_actor():
    with connected("app") as app:
        app.execute("DELETE FROM lims_organisation")
        app.execute("UPDATE lims_organisation SET name = 'x'")


def test_an_actor_ends_with_its_transaction():
    add("KC")
    with pytest.raises(DatabaseError, match="without an actor"):
        Organisation.objects.update(name="x")


@pytest.mark.parametrize("role", ["owner", "super"])
def test_a_recorded_table_is_never_truncated(role):
    add("KC")
    with (
        connected(role) as connection_,
        pytest.raises(psycopg.Error, match="TRUNCATE on lims_organisation is refused") as refusal,
    ):
        connection_.execute("TRUNCATE lims_organisation CASCADE")
    assert refusal.value.sqlstate == RECORD_REFUSED


def test_an_act_that_fails_leaves_no_entry():
    add("KC")
    with pytest.raises(IntegrityError):
        add("KD", "KC")
    assert Entry.objects.count() == 1


def test_entries_of_one_transaction_share_its_id():
    with transaction.atomic(), connection.cursor() as cursor:
        add("KC", "KD")
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (xid,) = cursor.fetchone()
    assert set(Entry.objects.values_list("xid", flat=True)) == {xid}


def test_a_guard_refuses_what_the_transitions_do_not_allow(scratch):
    steps = {"OPEN": frozenset({"CLOSED"}), "CLOSED": frozenset()}
    table = Table("holds", ("n",), ("n", "state"), PLAIN, {"state": steps})
    scratch("n int PRIMARY KEY, state text", table)
    with connected("app") as app:
        as_tester(app).execute("INSERT INTO holds VALUES (1, 'OPEN')")
        with pytest.raises(psycopg.errors.CheckViolation, match="holds: OPEN cannot become LOST") as refusal:
            app.execute("UPDATE holds SET state = 'LOST'")
        assert refusal.value.diag.constraint_name == "holds_state_transition"
        app.execute("UPDATE holds SET state = 'CLOSED'")
        app.execute("UPDATE holds SET n = 2")
        with pytest.raises(psycopg.errors.CheckViolation, match="holds: CLOSED cannot become OPEN"):
            app.execute("UPDATE holds SET state = 'OPEN'")
        with pytest.raises(psycopg.errors.CheckViolation, match="holds: CLOSED cannot become nothing"):
            app.execute("UPDATE holds SET state = NULL")


def test_a_guard_knows_the_direction(scratch):
    table = Table(
        "holds", ("n",), ("n", "state"), PLAIN, {"state": {"A": frozenset({"B"}), "B": frozenset()}}
    )
    scratch("n int PRIMARY KEY, state text", table)
    with connected("app") as app:
        as_tester(app).execute("INSERT INTO holds VALUES (1, 'B')")
        with pytest.raises(psycopg.errors.CheckViolation):
            app.execute("UPDATE holds SET state = 'A'")


def test_a_row_key_is_what_the_primary_key_says():
    (company,) = add("KC")
    assert uuid.UUID(Entry.objects.get().row_key) == company.pk
