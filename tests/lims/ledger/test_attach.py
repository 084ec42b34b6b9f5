"""Every table of every model is covered after a migration, and a new one that is not would be noticed."""

from typing import Any, ClassVar

import pytest
from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection, connections, models, transaction

from lims.accounts.models import Organisation
from lims.ledger import attach, machinery, shapes, verify_machinery
from lims.ledger.models import Entry, Shape
from lims.ledger.tables import APPEND, READ, WRITE, Table, Trigger, table_of, tables
from lims.recording import Recording, recording_of
from tests.lims.ledger.conftest import add, as_tester, connected, findings, seal

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])
STATEMENTS = {"ledger_insert", "ledger_update", "ledger_delete", "ledger_truncate"}


def attached() -> dict[str, set[str]]:
    """Return the triggers of the record on each table."""
    with connection.cursor() as cursor:
        found, odd = machinery.triggers_found(cursor)
    assert odd == set()
    by_table: dict[str, set[str]] = {}
    for trigger in found:
        by_table.setdefault(trigger.table, set()).add(trigger.name)
    return by_table


def uncovered(names: dict[str, set[str]]) -> set[str]:
    """Return the tables of recorded models that lack one of their triggers."""
    recorded = {
        model._meta.db_table
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and recording_of(model).is_recorded
    }
    return {table for table in recorded if not names.get(table, set()) >= STATEMENTS}


def test_every_recorded_model_has_its_triggers():
    assert uncovered(attached()) == set()


def test_a_table_without_a_trigger_would_be_noticed():
    names = attached()
    names["lims_organisation"] = names["lims_organisation"] - {"ledger_update"}
    del names["lims_user"]
    assert uncovered(names) == {"lims_organisation", "lims_user"}


def test_a_new_model_without_triggers_is_found_by_the_comparison():
    table = Table("lims_newcomer", ("id",), ("id",), Recording())
    with connection.cursor() as cursor:
        found = list(verify_machinery.trigger_findings(cursor, [*tables(), table]))
    assert {(finding.code, finding.table, *finding.columns) for finding in found} == {
        ("trigger-missing", "lims_newcomer", name) for name in STATEMENTS
    }


def test_a_dropped_trigger_comes_back_with_the_next_migration():
    with connected("owner") as owner:
        owner.execute("DROP TRIGGER ledger_update ON lims_organisation")
        owner.execute("ALTER TABLE lims_organisation DISABLE TRIGGER ledger_insert")
        owner.execute("GRANT UPDATE ON lims_ledgerentry TO lims_app")
    assert {finding.code for finding in findings()} == {
        "trigger-missing",
        "trigger-disabled",
        "rights-altered",
    }
    call_command("migrate", database="owner", verbosity=0)
    assert findings() == []


def test_attaching_again_changes_nothing():
    attach.attach()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT oid, xmin::text FROM pg_trigger UNION ALL SELECT oid, xmin::text FROM pg_proc UNION ALL"
            " SELECT oid, xmin::text FROM pg_class WHERE relkind IN ('r', 'S') ORDER BY 1"
        )
        before = cursor.fetchall()
        attach.attach()
        cursor.execute(
            "SELECT oid, xmin::text FROM pg_trigger UNION ALL SELECT oid, xmin::text FROM pg_proc UNION ALL"
            " SELECT oid, xmin::text FROM pg_class WHERE relkind IN ('r', 'S') ORDER BY 1"
        )
        assert cursor.fetchall() == before
    assert not Entry.objects.exists()


def test_the_application_gets_what_each_table_needs_and_no_more():
    rights = {table.name: table.rights for table in tables()}
    assert rights["lims_ledgerentry"] == rights["lims_ledgerera"] == READ
    assert rights["lims_ledgerseal"] == APPEND
    assert rights["lims_organisation"] == rights["django_session"] == WRITE
    with connection.cursor() as cursor:
        found = machinery.rights_found(cursor, "lims_app")
    assert {name: found[name] for name in rights} == rights
    assert found["django_migrations"] == READ


def test_one_role_for_both_is_refused(settings, monkeypatch):
    monkeypatch.setitem(settings.DATABASES["owner"], "USER", settings.DATABASES["default"]["USER"])
    with pytest.raises(ImproperlyConfigured, match="two different roles"):
        attach.application_role()


def test_a_recording_that_names_no_column_is_refused():
    class Misnamed(models.Model):
        recording: ClassVar[Recording] = Recording(digested=frozenset({"passwort"}))

        class Meta:
            app_label = "tests"
            managed = False

    with pytest.raises(ImproperlyConfigured, match="passwort"):
        table_of(Misnamed)


def test_a_trigger_is_created_as_the_catalogue_describes_it():
    trigger = Trigger("bags", "ledger_update", 16, "lims_ledger_record", "{}", "ledger_was", "ledger_now")
    assert trigger.create() == (
        'CREATE OR REPLACE TRIGGER "ledger_update" AFTER UPDATE ON "public"."bags" REFERENCING OLD TABLE AS ledger_was'
        ' NEW TABLE AS ledger_now FOR EACH STATEMENT EXECUTE FUNCTION "public"."lims_ledger_record"(\'{}\')'
    )


class Reshaping:
    """A scratch table of two rows whose shape is known, as after a migration."""

    def __init__(self, scratch: Any) -> None:
        scratch("n int PRIMARY KEY, name text, mass int", self.table("n", "name", "mass"))
        with connected("app") as app:
            as_tester(app).execute("INSERT INTO bags VALUES (1, 'a', 10), (2, 'b', 20), (3, 'c', 30)")
            app.execute("DELETE FROM bags WHERE n = 3")
        self.catch_up("n", "name", "mass")

    def table(self, *columns: str, recording: Recording | None = None) -> Table:
        return Table("bags", ("n",), columns, recording or Recording())

    def alter(self, *statements: str) -> None:
        with connected("owner") as owner:
            for statement in statements:
                owner.execute(statement)

    def catch_up(self, *columns: str, recording: Recording | None = None) -> None:
        with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
            shapes.catch_up(cursor, [self.table(*columns, recording=recording)])

    def migrated(self) -> list[tuple[str, Any]]:
        return [(entry.row_key, entry.after) for entry in Entry.objects.filter(op="M").order_by("id")]


@pytest.fixture
def bags(scratch):
    return Reshaping(scratch)


def test_a_column_added_is_recorded_for_every_row(bags):
    bags.alter("ALTER TABLE bags ADD note text DEFAULT 'x'")
    bags.catch_up("n", "name", "mass", "note")
    assert bags.migrated() == [
        ("1", {"n": 1, "name": "a", "mass": 10, "note": "x"}),
        ("2", {"n": 2, "name": "b", "mass": 20, "note": "x"}),
    ]
    entry = Entry.objects.filter(op="M").first()
    assert (entry.actor, entry.verb, entry.before) == (
        "system:migrate",
        "migrate",
        {"n": 1, "name": "a", "mass": 10},
    )


def test_a_column_removed_renamed_or_rewritten_is_recorded(bags):
    bags.alter(
        "ALTER TABLE bags DROP name",
        "ALTER TABLE bags ADD kind text",
        "ALTER TABLE bags ALTER mass TYPE text",
    )
    bags.catch_up("n", "mass", "kind")
    assert bags.migrated() == [
        ("1", {"n": 1, "mass": "10", "kind": None}),
        ("2", {"n": 2, "mass": "20", "kind": None}),
    ]


def test_the_same_shape_again_records_nothing(bags):
    bags.catch_up("n", "name", "mass")
    assert bags.migrated() == []
    assert Shape.objects.get(table_name="bags").columns == {"n": "integer", "name": "text", "mass": "integer"}


def test_a_column_that_becomes_secret_is_recorded_as_its_digest(bags):
    secret = Recording(digested=frozenset({"name"}))
    bags.catch_up("n", "name", "mass", recording=secret)
    assert [after["name"][:7] for _, after in bags.migrated()] == ["sha256:", "sha256:"]


def test_a_row_altered_past_the_record_stays_altered_in_its_other_columns(bags):
    bags.alter(
        "ALTER TABLE bags DISABLE TRIGGER USER",
        "UPDATE bags SET mass = 99 WHERE n = 1",
        "INSERT INTO bags VALUES (4, 'd', 40)",
        "ALTER TABLE bags ADD note text DEFAULT 'x'",
        "ALTER TABLE bags ENABLE TRIGGER USER",
    )
    bags.catch_up("n", "name", "mass", "note")
    assert bags.migrated() == [
        ("1", {"n": 1, "name": "a", "mass": 10, "note": "x"}),
        ("2", {"n": 2, "name": "b", "mass": 20, "note": "x"}),
    ]


def test_rows_written_before_a_table_was_ever_covered_are_taken_over_once(scratch):
    bags = Reshaping.__new__(Reshaping)
    scratch(
        "n int PRIMARY KEY, name text", Table("bags", ("n",), ("n", "name"), Recording(not_recorded="yet"))
    )
    bags.alter("INSERT INTO bags VALUES (1, 'a')")
    bags.catch_up("n", "name")
    assert bags.migrated() == [("1", {"n": 1, "name": "a"})]
    Shape.objects.using("owner").all().delete()
    bags.alter("INSERT INTO bags VALUES (2, 'b')")
    bags.catch_up("n", "name")
    assert len(bags.migrated()) == 1


def test_data_that_a_migration_changes_is_recorded_as_the_migrations_act():
    """As a RunPython step does: over the owner's connection, between the signals before and after."""
    (company,) = add("KC")
    attach._begin(using="owner")
    Organisation.objects.using("owner").filter(pk=company.pk).update(name="Renamed")
    call_command("migrate", database="owner", verbosity=0)
    entry = Entry.objects.get(op="U")
    assert (entry.actor, entry.verb, entry.db_role) == ("system:migrate", "migrate", "lims_owner")
    with pytest.raises(Exception, match="without an actor"):
        Organisation.objects.using("owner").filter(pk=company.pk).update(name="Again")
    seal()
    assert findings() == []
