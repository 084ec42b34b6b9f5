"""Ways to tamper with the record, each as whoever could try it, and what a verification must name.

The record that they find (see `laid` in test_tampering.py):
seal 1: entries 1 to 3 add KC, KD, KE; seal 2: 4 renames KC, 5 renames KD; seal 3: 6 removes KE, 7 adds KF.
"""

from dataclasses import dataclass, field

ORG = "lims_organisation"
ENTRY = "lims_ledgerentry"
SEAL = "lims_ledgerseal"
ENTRY_COLUMNS = (
    "id, era_id, xid, at, actor, request_id, verb, db_role, table_name, row_key, op, before, after"
)
SEAL_COLUMNS = (
    "number, era_id, lo, hi, count, entry_ids, digests, root, previous, chain, at, key_id, signature"
)
#: stands for the key of a company's row, by its code
KC, KD, KE, KX = "{KC}", "{KD}", "{KE}", "01900000-0000-7000-8000-000000000001"


@dataclass(frozen=True)
class Tampering:
    """Statements of somebody, what undoes more than an attach does, and what the first finding must say."""

    name: str
    statements: tuple[str, ...]
    code: str
    names: dict[str, object] = field(default_factory=dict)
    role: str = "owner"
    undo: tuple[str, ...] = ()


def quietly(table: str, *statements: str) -> tuple[str, ...]:
    """Return the statements with the table's triggers off, which are on again afterwards."""
    off, on = (f"ALTER TABLE {table} {way} TRIGGER USER" for way in ("DISABLE", "ENABLE"))
    return (off, *statements, on)


def entry(name: str, change: str, number: int, code: str = "entry-altered", **names: object) -> Tampering:
    """Return the tampering that updates entries with their triggers off."""
    return Tampering(name, quietly(ENTRY, f"UPDATE {ENTRY} SET {change}"), code, {"entry": number, **names})


def seal(name: str, change: str, code: str, number: int) -> Tampering:
    """Return the tampering that changes seals with their triggers off."""
    return Tampering(name, quietly(SEAL, change), code, {"seal": number})


ENTRIES = [
    entry("another actor", "actor = 'user:somebody' WHERE id = 4", 4, seal=2, table=ORG, row_key=KC),
    entry("another time", "at = at - interval '1 day' WHERE id = 5", 5, seal=2, row_key=KD),
    entry("a microsecond earlier", "at = at - interval '1 microsecond' WHERE id = 1", 1, seal=1),
    entry("another verb", "verb = 'correct' WHERE id = 4", 4),
    entry("another request", "request_id = 'r-0' WHERE id = 7", 7, seal=3),
    entry("another database role", "db_role = 'lims_owner' WHERE id = 7", 7),
    entry("another value after", "after = after || '{\"name\": \"Other\"}' WHERE id = 4", 4, row_key=KC),
    entry("another value before", "before = before || '{\"name\": \"Other\"}' WHERE id = 5", 5, row_key=KD),
    entry("a number written otherwise", "after = after || '{\"name\": 1.0}' WHERE id = 4", 4),
    entry("another operation", "op = 'M' WHERE id = 4", 4),
    entry("another row", "row_key = 'x' WHERE id = 4", 4, row_key="x"),
    entry("another table", "table_name = 'lims_user' WHERE id = 4", 4, table="lims_user"),
    entry("another id", "id = 400 WHERE id = 4", 4, "entry-missing", seal=2),
    entry("into another seal's range", "xid = (SELECT xid FROM lims_ledgerentry WHERE id = 6) WHERE id = 1", 1, "entry-missing", seal=1),
    entry("into the future", "xid = '99999999'::xid8 WHERE id = 6", 6, "entry-missing", seal=3, row_key=KE),
    entry("another order in one seal", "xid = (SELECT xid FROM lims_ledgerentry WHERE id = 5) WHERE id = 4", 4, "entry-altered"),
    Tampering("an entry deleted", quietly(ENTRY, f"DELETE FROM {ENTRY} WHERE id = 5"), "entry-missing", {"entry": 5, "seal": 2}),
    Tampering(
        "an entry put in later",
        ((f"INSERT INTO {ENTRY} ({ENTRY_COLUMNS}) SELECT 40, era_id, xid, at, actor, request_id, verb, db_role,"
         f" table_name, row_key, op, before, after FROM {ENTRY} WHERE id = 4"),),
        "entry-inserted",
        {"entry": 40, "seal": 2, "row_key": KC},
    ),
    Tampering(
        "an entry of a transaction to come",
        ((f"INSERT INTO {ENTRY} ({ENTRY_COLUMNS}) SELECT 40, era_id, '99999999'::xid8, at, actor, request_id, verb,"
         f" db_role, table_name, row_key, op, before, after FROM {ENTRY} WHERE id = 4"),),
        "entry-stray",
        {"entry": 40, "row_key": KC},
    ),
    Tampering(
        "an entry moved to another era",
        quietly(ENTRY, "INSERT INTO lims_ledgerera (id, marker) VALUES (2, 'elsewhere')", f"UPDATE {ENTRY} SET era_id = 2 WHERE id = 5"),
        "entry-missing",
        {"entry": 5, "seal": 2, "row_key": KD},
    ),
    Tampering(
        "two entries swap contents",
        quietly(ENTRY, f"UPDATE {ENTRY} AS e SET row_key = o.row_key, before = o.before, after = o.after"
                f" FROM {ENTRY} AS o WHERE e.id + o.id = 9 AND e.id IN (4, 5)"),
        "entry-altered",
        {"entry": 4, "seal": 2},
    ),
    Tampering(
        "two entries swap ids",
        quietly(ENTRY, f"UPDATE {ENTRY} SET id = -id WHERE id IN (4, 5)", f"UPDATE {ENTRY} SET id = 9 + id WHERE id < 0"),
        "entry-altered",
        {"entry": 4, "seal": 2},
    ),
    Tampering("all entries truncated", quietly(ENTRY, f"TRUNCATE {ENTRY}"), "entry-missing", {"entry": 1, "seal": 1}),
    Tampering(
        "an entry deleted past all triggers",
        ("SET session_replication_role = replica", f"DELETE FROM {ENTRY} WHERE id = 2"),
        "entry-missing",
        {"entry": 2, "seal": 1},
        role="super",
    ),
]  # fmt: skip

#: computes the chain of every seal anew from what the entries are now, with any signature
REBUILT = "rebuild"

SEALS = [
    seal("the last seal cut", f"DELETE FROM {SEAL} WHERE number = 3", "seal-cut", 3),
    seal("a seal in the middle deleted", f"DELETE FROM {SEAL} WHERE number = 2", "seal-missing", 2),
    seal("the first seal deleted", f"DELETE FROM {SEAL} WHERE number = 1", "seal-missing", 1),
    seal("all seals truncated", f"TRUNCATE {SEAL}", "seal-cut", 1),
    seal("another count", f"UPDATE {SEAL} SET count = 1 WHERE number = 2", "seal-altered", 2),
    seal("another time of sealing", f"UPDATE {SEAL} SET at = at - interval '1 day' WHERE number = 2", "seal-altered", 2),
    seal("another root", f"UPDATE {SEAL} SET root = sha256('x') WHERE number = 2", "seal-altered", 2),
    seal("another chain value", f"UPDATE {SEAL} SET chain = sha256('x') WHERE number = 2", "seal-altered", 2),
    seal("another predecessor", f"UPDATE {SEAL} SET previous = sha256('x') WHERE number = 2", "seal-unchained", 2),
    seal("a wider range", f"UPDATE {SEAL} SET hi = '99999999' WHERE number = 3", "seal-altered", 3),
    seal("a range that overlaps", f"UPDATE {SEAL} SET lo = '1' WHERE number = 2", "seal-range", 2),
    seal("digests kept aside", f"UPDATE {SEAL} SET digests = sha256('x') || substr(digests, 33) WHERE number = 2", "seal-altered", 2),
    seal("another signature", f"UPDATE {SEAL} SET signature = set_byte(signature, 5, (get_byte(signature, 5) + 1) % 256) WHERE number = 2", "seal-forged", 2),
    seal("another key's name", f"UPDATE {SEAL} SET key_id = '0011223344556677' WHERE number = 1", "seal-forged", 1),
    seal("a number skipped", f"UPDATE {SEAL} SET number = 4 WHERE number = 3", "seal-missing", 3),
    Tampering("another place of the era", quietly("lims_ledgerera", "UPDATE lims_ledgerera SET marker = 'elsewhere'"), "seal-altered", {"seal": 1}),
    Tampering("the era deleted", quietly("lims_ledgerera", "DELETE FROM lims_ledgerera"), "seal-altered", {"seal": 1}),
    Tampering(
        "the tail cut with its entries and rows",
        (*quietly(SEAL, f"DELETE FROM {SEAL} WHERE number = 3"), *quietly(ENTRY, f"DELETE FROM {ENTRY} WHERE id > 5"),
         *quietly(ORG, f"DELETE FROM {ORG} WHERE code = 'KF'",
                  f"INSERT INTO {ORG} SELECT * FROM jsonb_populate_record(NULL::{ORG}, (SELECT after FROM {ENTRY} WHERE id = 3))")),
        "seal-cut",
        {"seal": 3},
    ),
    Tampering(
        "a seal forged by the application",
        ((f"INSERT INTO {SEAL} ({SEAL_COLUMNS}) SELECT 4, era_id, hi, (hi::text::bigint + 1)::text::xid8, 0, '', '', sha256(''), chain,"
         f" sha256('x'), now(), key_id, signature FROM {SEAL} WHERE number = 3"),),
        "seal-altered",
        {"seal": 4},
        role="app",
    ),
]  # fmt: skip

ROWS = [
    Tampering("a row changed", quietly(ORG, f"UPDATE {ORG} SET name = 'Other' WHERE code = 'KC'"), "row-altered", {"table": ORG, "row_key": KC, "columns": ("name",)}),
    Tampering("two columns changed", quietly(ORG, f"UPDATE {ORG} SET name = 'Other', kind = 'CARRIER' WHERE code = 'KD'"), "row-altered", {"row_key": KD, "columns": ("kind", "name")}),
    Tampering("a row removed", quietly(ORG, f"DELETE FROM {ORG} WHERE code = 'KD'"), "row-missing", {"table": ORG, "row_key": KD}),
    Tampering("a row put in", quietly(ORG, f"INSERT INTO {ORG} (id, name, code, kind) VALUES ('{KX}', 'X', 'XX', 'SPONSOR')"), "row-unrecorded", {"table": ORG, "row_key": KX}),
    Tampering("a removed row put back", quietly(ORG, f"INSERT INTO {ORG} SELECT * FROM jsonb_populate_record(NULL::{ORG}, (SELECT before FROM {ENTRY} WHERE id = 6))"), "row-unrecorded", {"row_key": KE}),
    Tampering("a row given another key", quietly(ORG, f"UPDATE {ORG} SET id = '{KX}' WHERE code = 'KC'"), "row-unrecorded", {"row_key": KX}),
    Tampering("a row changed as a replica", ("SET session_replication_role = replica", f"UPDATE {ORG} SET name = 'Other' WHERE code = 'KC'"), "row-altered", {"row_key": KC, "columns": ("name",)}, role="super"),
    Tampering(
        "a row changed, then changed through the triggers",
        (*quietly(ORG, f"UPDATE {ORG} SET kind = 'CARRIER' WHERE code = 'KC'"), "SET lims.actor = 'system:tests'", f"UPDATE {ORG} SET name = 'Other' WHERE code = 'KC'"),
        "entry-unconnected",
        {"table": ORG, "row_key": KC, "columns": ("kind",)},
    ),
    Tampering("a row's type changed", (f"ALTER TABLE {ORG} ALTER name TYPE varchar(200) USING upper(name)",), "row-altered", {"row_key": KC, "columns": ("name",)}),
    Tampering("a column added", (f"ALTER TABLE {ORG} ADD extra int",), "row-altered", {"row_key": KC, "columns": ("extra",)}, undo=(f"ALTER TABLE {ORG} DROP extra",)),
    Tampering("the seals' table gone", (f"ALTER TABLE {SEAL} RENAME TO sealed",), "table-missing", {"table": SEAL}, undo=(f"ALTER TABLE sealed RENAME TO {SEAL}",)),
    Tampering("a table gone", ("ALTER TABLE lims_notice RENAME TO lims_unnoticed",), "table-missing", {"table": "lims_notice"}, undo=("ALTER TABLE lims_unnoticed RENAME TO lims_notice",)),
]  # fmt: skip

SILENT = (
    "CREATE OR REPLACE FUNCTION public.{} RETURNS trigger LANGUAGE plpgsql {} AS $$ BEGIN RETURN NULL; END $$"
)
MACHINERY = [
    Tampering("a trigger dropped", (f"DROP TRIGGER ledger_update ON {ORG}",), "trigger-missing", {"table": ORG, "columns": ("ledger_update",)}),
    Tampering("a trigger disabled", (f"ALTER TABLE {ORG} DISABLE TRIGGER ledger_insert",), "trigger-disabled", {"table": ORG, "columns": ("ledger_insert",)}),
    Tampering("a trigger for replicas only", (f"ALTER TABLE {ORG} ENABLE REPLICA TRIGGER ledger_delete",), "trigger-disabled", {"table": ORG, "columns": ("ledger_delete",)}),
    Tampering("the entries' own trigger disabled", (f"ALTER TABLE {ENTRY} DISABLE TRIGGER USER",), "trigger-disabled", {"table": ENTRY}),
    Tampering("truncating allowed", ("DROP TRIGGER ledger_truncate ON lims_user",), "trigger-missing", {"table": "lims_user", "columns": ("ledger_truncate",)}),
    Tampering(
        "a trigger with another argument",
        ((f"CREATE OR REPLACE TRIGGER ledger_insert AFTER INSERT ON {ORG} REFERENCING NEW TABLE AS ledger_now FOR EACH STATEMENT"
         " EXECUTE FUNCTION lims_ledger_record('{\"key\": [\"id\"], \"digested\": [], \"omitted\": [\"name\"]}')"),),
        "trigger-altered",
        {"table": ORG, "columns": ("ledger_insert",)},
    ),
    Tampering("a trigger with a condition", ("CREATE OR REPLACE TRIGGER ledger_truncate BEFORE TRUNCATE ON lims_user FOR EACH STATEMENT WHEN (current_user = 'x') EXECUTE FUNCTION lims_ledger_refuse()",), "trigger-disabled", {"table": "lims_user"}),
    Tampering(
        "a trigger that swallows entries",
        (SILENT.format("swallow()", ""), f"CREATE TRIGGER swallow BEFORE INSERT ON {ENTRY} FOR EACH ROW EXECUTE FUNCTION swallow()"),
        "trigger-foreign",
        {"table": ENTRY, "columns": ("swallow",)},
        undo=("DROP FUNCTION swallow() CASCADE",),
    ),
    Tampering("the recording function replaced", (SILENT.format("lims_ledger_record()", "SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET TimeZone = 'UTC' SET IntervalStyle = 'iso_8601' SET extra_float_digits = '1' SET bytea_output = 'hex'"),), "function-altered", {"columns": ("lims_ledger_record",)}),
    Tampering("the refusing function replaced", (SILENT.format("lims_ledger_refuse()", "SET search_path = pg_catalog, pg_temp"),), "function-altered", {"columns": ("lims_ledger_refuse",)}),
    Tampering("the function's path changed", ("ALTER FUNCTION lims_ledger_record() SET search_path = public",), "function-altered", {"columns": ("lims_ledger_record",)}),
    Tampering("the function without its owner's rights", ("ALTER FUNCTION lims_ledger_record() SECURITY INVOKER",), "function-altered", {"columns": ("lims_ledger_record",)}),
    Tampering("the function open to all", ("GRANT EXECUTE ON FUNCTION lims_ledger_record() TO PUBLIC",), "function-altered", {"columns": ("lims_ledger_record",)}),
    Tampering("entries open to the application", (f"GRANT UPDATE ON {ENTRY} TO lims_app",), "rights-altered", {"table": ENTRY, "columns": ("UPDATE",)}),
    Tampering("one column open to the application", (f"GRANT UPDATE (actor) ON {ENTRY} TO lims_app",), "rights-altered", {"table": ENTRY, "columns": ("UPDATE",)}),
    Tampering("seals open to all", (f"GRANT DELETE ON {SEAL} TO PUBLIC",), "rights-altered", {"table": SEAL, "columns": ("DELETE",)}),
    Tampering("triggers open to the application", (f"GRANT TRIGGER, TRUNCATE ON {ORG} TO lims_app",), "rights-altered", {"table": ORG, "columns": ("TRIGGER", "TRUNCATE")}),
    Tampering("a right taken away", (f"REVOKE INSERT ON {ORG} FROM lims_app",), "rights-altered", {"table": ORG, "columns": ("INSERT",)}),
    Tampering("the entries' sequence open", ("GRANT UPDATE ON SEQUENCE lims_ledgerentry_id_seq TO lims_app",), "rights-altered", {"table": ENTRY, "columns": ("lims_ledgerentry_id_seq",)}),
    Tampering("the schema open", ("GRANT CREATE ON SCHEMA public TO lims_app",), "role-powers", {"columns": ("lims_app",)}, undo=("REVOKE CREATE ON SCHEMA public FROM lims_app",)),
    Tampering("a rule that swallows writes", (f"CREATE RULE swallow AS ON DELETE TO {ORG} DO INSTEAD NOTHING",), "table-guarded-otherwise", {"table": ORG}, undo=(f"DROP RULE swallow ON {ORG}",)),
    Tampering("row security", ("ALTER TABLE lims_notice ENABLE ROW LEVEL SECURITY",), "table-guarded-otherwise", {"table": "lims_notice"}, undo=("ALTER TABLE lims_notice DISABLE ROW LEVEL SECURITY",)),
    Tampering("foreign keys off", ("ALTER TABLE lims_membership DISABLE TRIGGER ALL", "ALTER TABLE lims_membership ENABLE TRIGGER USER"), "table-guarded-otherwise", {"table": "lims_membership"}, role="super", undo=("ALTER TABLE lims_membership ENABLE TRIGGER ALL",)),
]  # fmt: skip

TAMPERINGS = [*ENTRIES, *SEALS, *ROWS, *MACHINERY]
