"""The running application cannot alter its own record: the database refuses."""

import json

import psycopg
import pytest

from lims.ledger.models import Entry, Seal
from tests.lims.ledger.conftest import add, as_tester, connected, findings, seal

pytestmark = pytest.mark.django_db(transaction=True)

REFUSED = {
    "insert an entry": "INSERT INTO lims_ledgerentry (era_id, xid, at, actor, request_id, verb, db_role, table_name, row_key, op)"
    " VALUES (1, '5', now(), 'a', '', '', '', 't', 'k', 'I')",
    "update an entry": "UPDATE lims_ledgerentry SET actor = 'x'",
    "delete an entry": "DELETE FROM lims_ledgerentry",
    "truncate the entries": "TRUNCATE lims_ledgerentry",
    "lock the entries": "SELECT * FROM lims_ledgerentry FOR UPDATE",
    "update an era": "UPDATE lims_ledgerera SET marker = 'x'",
    "insert an era": "INSERT INTO lims_ledgerera (marker) VALUES ('x')",
    "update a seal": "UPDATE lims_ledgerseal SET count = 0",
    "delete a seal": "DELETE FROM lims_ledgerseal",
    "truncate the seals": "TRUNCATE lims_ledgerseal",
    "update a shape": "UPDATE lims_ledgershape SET columns = '{}'",
    "delete a verification": "DELETE FROM lims_ledgerverification",
    "disable a trigger": "ALTER TABLE lims_organisation DISABLE TRIGGER ledger_insert",
    "disable all triggers": "ALTER TABLE lims_organisation DISABLE TRIGGER ALL",
    "drop a trigger": "DROP TRIGGER ledger_insert ON lims_organisation",
    "add a trigger": "CREATE TRIGGER ledger_x AFTER INSERT ON lims_organisation EXECUTE FUNCTION lims_ledger_refuse()",
    "add a rule": "CREATE RULE x AS ON DELETE TO lims_organisation DO INSTEAD NOTHING",
    "replace the function": "CREATE OR REPLACE FUNCTION public.lims_ledger_record() RETURNS trigger LANGUAGE plpgsql"
    " AS 'BEGIN RETURN NULL; END'",
    "alter the function": "ALTER FUNCTION lims_ledger_record() SECURITY INVOKER",
    "call the function": "SELECT lims_ledger_era()",
    "drop the function": "DROP FUNCTION lims_ledger_record() CASCADE",
    "act as a replica": "SET session_replication_role = replica",
    "become the owner": "SET ROLE lims_owner",
    "truncate a recorded table": "TRUNCATE lims_organisation",
    "alter a table": "ALTER TABLE lims_organisation ADD x int",
    "make a table": "CREATE TABLE public.x (n int)",
    "turn the ids back": "SELECT setval('lims_ledgerentry_id_seq', 1)",
    "write applied migrations": "DELETE FROM django_migrations",
}


@pytest.mark.parametrize("act", REFUSED)
def test_the_application_may_not(act):
    add("KC")
    seal()
    before = list(Entry.objects.values()), list(Seal.objects.values())
    with connected("app") as application:
        as_tester(application)
        with pytest.raises(psycopg.Error) as refusal:
            application.execute(REFUSED[act])
    if act == "add a rule":
        assert "must be owner" in str(refusal.value)
    else:
        assert isinstance(refusal.value, psycopg.errors.InsufficientPrivilege), refusal.value
    assert (list(Entry.objects.values()), list(Seal.objects.values())) == before
    assert findings() == []


def test_the_application_may_grant_itself_nothing_by_hanging_the_function_on_a_table_of_its_own():
    argument = json.dumps({"key": ["id"], "digested": [], "omitted": []})
    with connected("app") as application:
        as_tester(application).execute("CREATE TEMPORARY TABLE lims_organisation (id int)")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(
                "CREATE TRIGGER x AFTER INSERT ON pg_temp.lims_organisation REFERENCING NEW TABLE AS ledger_now"
                f" FOR EACH STATEMENT EXECUTE FUNCTION public.lims_ledger_record('{argument}')"
            )
        application.execute("DROP TABLE pg_temp.lims_organisation")


def test_the_application_grants_itself_nothing():
    """PostgreSQL answers with a warning only; what counts is that nothing was granted."""
    with connected("app") as application:
        application.execute("GRANT ALL ON lims_ledgerentry TO lims_app")
        application.execute("GRANT ALL ON lims_ledgerseal TO PUBLIC")
    assert findings() == []


def test_not_even_the_owner_can_do_that_by_accident():
    argument = json.dumps({"key": ["id"], "digested": [], "omitted": []})
    with connected("owner") as owner:
        as_tester(owner).execute("CREATE TEMPORARY TABLE bags (id int)")
        owner.execute(
            "CREATE TRIGGER x AFTER INSERT ON bags REFERENCING NEW TABLE AS ledger_now"
            f" FOR EACH STATEMENT EXECUTE FUNCTION public.lims_ledger_record('{argument}')"
        )
        with pytest.raises(psycopg.Error, match="tables in the schema public"):
            owner.execute("INSERT INTO bags VALUES (1)")
        owner.execute("DROP TABLE bags")


@pytest.mark.parametrize(
    "table", ["lims_ledgerentry", "lims_ledgerera", "lims_ledgerseal", "lims_ledgerverification"]
)
@pytest.mark.parametrize("act", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_owner_needs_to_disable_a_trigger_first(table, act):
    column = "number" if table == "lims_ledgerseal" else "id"
    with connected("owner") as owner, pytest.raises(psycopg.Error, match="is refused"):
        owner.execute(act.format(table, column, column) + (" CASCADE" if "TRUNCATE" in act else ""))
