"""The SQL of the record: the trigger functions as we ship them, and the texts that digests are made of.

Everything is spelled out here, once, for the triggers, the sealer and the verifier alike. Whole rows are written
`alias.*`: `to_jsonb(alias)` would take a column of the alias's name instead of the row.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.db.backends.utils import CursorWrapper
from psycopg import sql

from lims.ledger.rules import NO_ACTOR, RECORD_REFUSED, TRANSITION_REFUSED

SCHEMA: Final = "public"
ENTRIES: Final = "lims_ledgerentry"

#: Text forms of times, floats and bytes depend on these settings; the record always uses the same ones.
CANONICAL_SETTINGS: Final[Sequence[tuple[str, str]]] = (
    ("TimeZone", "UTC"),
    ("IntervalStyle", "iso_8601"),
    ("extra_float_digits", "1"),
    ("bytea_output", "hex"),
)

#: What a seal's digest of one entry is made of: PostgreSQL's own functions only, never one that an owner could replace.
ENTRY_TEXT: Final = (
    "pg_catalog.jsonb_build_array('lims-entry-1', e.id, e.era_id, e.xid::text, e.at, e.actor, e.request_id, e.verb,"
    " e.db_role, e.table_name, e.row_key, e.op, e.before, e.after)::text"
)
ENTRY_DIGEST: Final = f"pg_catalog.sha256(pg_catalog.convert_to({ENTRY_TEXT}, 'UTF8'))"


@dataclass(frozen=True, slots=True)
class Function:
    """A function that we ship: its name, what it returns, its body and its fixed settings."""

    name: str
    returns: str
    body: str
    definer: bool = False
    settings: Sequence[tuple[str, str]] = ()

    @property
    def config(self) -> list[str]:
        """Return the fixed settings as PostgreSQL keeps them."""
        return ["search_path=pg_catalog, pg_temp", *(f"{name}={value}" for name, value in self.settings)]

    def create(self) -> str:
        """Return the statement that creates or replaces the function."""
        settings = "".join(f"\nSET {name} = '{value}'" for name, value in self.settings)
        security = "SECURITY DEFINER" if self.definer else "SECURITY INVOKER"
        return (
            f"CREATE OR REPLACE FUNCTION {SCHEMA}.{self.name}() RETURNS {self.returns} LANGUAGE plpgsql {security}"
            f"\nSET search_path = pg_catalog, pg_temp{settings}\nAS $ledger${self.body}$ledger$"
        )


#: where we are: a restart changes neither the cluster nor the database, a restore elsewhere changes one of them
HERE: Final = (
    "(SELECT c.system_identifier FROM pg_catalog.pg_control_system() AS c) || ':' ||"
    " (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database())"
)

ERA = Function(
    "lims_ledger_era",
    "bigint",
    f"""
-- Which era is it here? A copy restored elsewhere has another cluster or another database, so its first write
-- starts a new era; a restart changes neither.
DECLARE
    here constant text := {HERE};
    found bigint := (SELECT e.id FROM public.lims_ledgerera AS e WHERE e.marker = here);
BEGIN
    IF found IS NULL THEN
        INSERT INTO public.lims_ledgerera (marker) VALUES (here) ON CONFLICT (marker) DO NOTHING;
        found := (SELECT e.id FROM public.lims_ledgerera AS e WHERE e.marker = here);
    END IF;
    RETURN found;
END;
""",  # noqa: S608  # put together from our own constants
)


def _images(source: str) -> str:
    """Return the query for (key, made) of each row of a transition table, with secrets digested."""
    return f"""(
        SELECT image.made, CASE WHEN cardinality(keys) = 1 THEN image.made ->> keys[1] ELSE (
                SELECT jsonb_agg(image.made -> k.name ORDER BY k.place)::text
                FROM unnest(keys) WITH ORDINALITY AS k (name, place)
            ) END AS key
        FROM (SELECT to_jsonb("ledger row".*) AS whole FROM {source} AS "ledger row") AS raw,
        LATERAL (SELECT CASE WHEN plain THEN raw.whole ELSE (raw.whole - omitted) || (
                SELECT coalesce(jsonb_object_agg(
                    d.name, 'sha256:' || encode(sha256(convert_to(raw.whole ->> d.name, 'UTF8')), 'hex')), '{{}}')
                FROM unnest(digested) AS d (name)
            ) END AS made) AS image
    )"""  # noqa: S608  # the names of the transition tables are ours


_INSERT: Final = f"""INSERT INTO {SCHEMA}.{ENTRIES}
            (era_id, xid, at, actor, request_id, verb, db_role, table_name, row_key, op, before, after)
        SELECT era, pg_current_xact_id(), now_at, actor, request, verb, session_user, TG_TABLE_NAME,"""

RECORD = Function(
    "lims_ledger_record",
    "trigger",
    f"""
#variable_conflict use_variable
DECLARE
    actor constant text := nullif(current_setting('lims.actor', true), '');
    request constant text := coalesce(current_setting('lims.request', true), '');
    verb constant text := coalesce(current_setting('lims.verb', true), '');
    now_at constant timestamptz := clock_timestamp();
    shape constant jsonb := TG_ARGV[0]::jsonb;
    keys constant text[] := ARRAY(SELECT jsonb_array_elements_text(shape -> 'key'));
    digested constant text[] := ARRAY(SELECT jsonb_array_elements_text(shape -> 'digested'));
    omitted constant text[] := ARRAY(SELECT jsonb_array_elements_text(shape -> 'omitted'));
    plain constant boolean := cardinality(digested) + cardinality(omitted) = 0;
    any_row boolean;
    era bigint;
BEGIN
    IF TG_TABLE_SCHEMA <> '{SCHEMA}' THEN
        RAISE EXCEPTION 'the record is of tables in the schema {SCHEMA}' USING ERRCODE = '{RECORD_REFUSED}';
    END IF;
    IF TG_OP = 'DELETE' THEN
        any_row := EXISTS (SELECT FROM ledger_was);
    ELSE
        any_row := EXISTS (SELECT FROM ledger_now);
    END IF;
    IF NOT any_row THEN
        RETURN NULL;
    END IF;
    IF actor IS NULL THEN
        RAISE EXCEPTION '% on % without an actor', TG_OP, TG_TABLE_NAME USING
            ERRCODE = '{NO_ACTOR}', TABLE = TG_TABLE_NAME,
            HINT = 'Write inside a verb (lims.verbs), which says who acts.';
    END IF;
    era := {SCHEMA}.{ERA.name}();
    IF TG_OP = 'INSERT' THEN
        {_INSERT}
            fresh.key, 'I', NULL, fresh.made
        FROM {_images("ledger_now")} AS fresh;
    ELSIF TG_OP = 'DELETE' THEN
        {_INSERT}
            gone.key, 'D', gone.made, NULL
        FROM {_images("ledger_was")} AS gone;
    ELSE
        -- A changed key joins nothing: the row of the old key went, the row of the new key came.
        {_INSERT}
            coalesce(gone.key, fresh.key),
            CASE WHEN gone.key IS NULL THEN 'I' WHEN fresh.key IS NULL THEN 'D' ELSE 'U' END,
            gone.made, fresh.made
        FROM {_images("ledger_was")} AS gone
        FULL JOIN {_images("ledger_now")} AS fresh ON fresh.key = gone.key
        WHERE gone.made IS DISTINCT FROM fresh.made;
    END IF;
    RETURN NULL;
END;
""",  # noqa: S608  # put together from our own constants
    definer=True,
    settings=CANONICAL_SETTINGS,
)

REFUSE = Function(
    "lims_ledger_refuse",
    "trigger",
    f"""
BEGIN
    RAISE EXCEPTION '% on % is refused', TG_OP, TG_TABLE_NAME USING
        ERRCODE = '{RECORD_REFUSED}', TABLE = TG_TABLE_NAME,
        HINT = 'The record only grows; recorded tables are never truncated.';
END;
""",
)

GUARD = Function(
    "lims_ledger_guard",
    "trigger",
    f"""
-- Argument: column -> state -> the states that may follow.
DECLARE
    was constant jsonb := to_jsonb(OLD);
    now constant jsonb := to_jsonb(NEW);
    machine record;
BEGIN
    FOR machine IN SELECT m.key AS field, m.value AS steps FROM jsonb_each(TG_ARGV[0]::jsonb) AS m LOOP
        IF was -> machine.field IS DISTINCT FROM now -> machine.field
            AND NOT coalesce((machine.steps -> (was ->> machine.field)) ? (now ->> machine.field), false) THEN
            RAISE EXCEPTION '%: % cannot become %',
                TG_TABLE_NAME, coalesce(was ->> machine.field, 'nothing'), coalesce(now ->> machine.field, 'nothing')
                USING ERRCODE = '{TRANSITION_REFUSED}', TABLE = TG_TABLE_NAME, COLUMN = machine.field,
                CONSTRAINT = TG_TABLE_NAME || '_' || machine.field || '_transition';
        END IF;
    END LOOP;
    RETURN NEW;
END;
""",  # noqa: S608  # put together from our own constants
)

FUNCTIONS: Final = (ERA, RECORD, REFUSE, GUARD)


@contextmanager
def canonical(cursor: CursorWrapper) -> Iterator[None]:
    """Make texts canonical and names unambiguous for the queries inside; needs a transaction."""
    wanted = [("search_path", "pg_catalog"), *CANONICAL_SETTINGS]
    outer = []
    for name, value in wanted:
        cursor.execute(
            "SELECT pg_catalog.current_setting(%s), pg_catalog.set_config(%s, %s, true)", [name, name, value]
        )
        outer.append((cursor.fetchall()[0][0], name))
    yield
    # Not on an error: the transaction is over then, and its settings with it.
    for value, name in outer:
        cursor.execute("SELECT pg_catalog.set_config(%s, %s, true)", [name, value])


def image_of(row: str, *, digested: Iterable[str], omitted: Iterable[str]) -> sql.Composable:
    """Return the expression for what the record keeps of a row, where `row` is its alias in the query.

    The same as the trigger makes, for the sealer's and verifier's queries.
    """
    whole = sql.SQL("pg_catalog.to_jsonb({}.*)").format(sql.Identifier(row))
    image: sql.Composable = whole
    left_out = sorted(omitted)
    if left_out:
        image = sql.SQL("({} - {}::text[])").format(image, sql.Literal(left_out))
    for name in sorted(digested):
        # By name out of the whole row, as in the trigger: a column that is missing is a finding, not an error.
        secret = sql.SQL("{} ->> {}").format(whole, sql.Literal(name))
        digest = sql.SQL(
            "'sha256:' || pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to({}, 'UTF8')), 'hex')"
        ).format(secret)
        image = sql.SQL("({} || pg_catalog.jsonb_build_object({}::text, {}))").format(
            image, sql.Literal(name), digest
        )
    return image


def key_of(image: str, key: Sequence[str]) -> sql.Composable:
    """Return the expression for the row's key in the record, where `image` names the row's image in the query."""
    made = sql.Identifier(image)
    if len(key) == 1:
        return sql.SQL("{} ->> {}").format(made, sql.Literal(key[0]))
    parts = sql.SQL(", ").join(sql.SQL("{} -> {}").format(made, sql.Literal(name)) for name in key)
    return sql.SQL("pg_catalog.jsonb_build_array({})::text").format(parts)
