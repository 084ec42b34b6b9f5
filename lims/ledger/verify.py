"""Verifying the record: everything that is sealed, recorded or attached is recomputed and compared."""

import itertools
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from lims.ledger import keys, machinery, queries, verify_chain, verify_machinery, verify_rows, witness
from lims.ledger.attach import application_role
from lims.ledger.rules import Finding, Report
from lims.ledger.sql import canonical
from lims.ledger.tables import GROWING, READ_ONLY, tables

#: findings that one part of the verification reports at most; a table altered row by row needs no more
MAX_FINDINGS: Final = 1000
_COUNTS: Final = (
    "SELECT (SELECT count(*) FROM public.lims_ledgerera), (SELECT count(*) FROM public.lims_ledgerseal),"
    " (SELECT count(*) FROM public.lims_ledgerentry)"
)


def verify(public_keys: Mapping[str, Ed25519PublicKey] | None = None) -> Report:
    """Return what does not fit in the record as it stands at this moment; writers go on meanwhile.

    Everything is read in one snapshot, so that a write in progress is seen whole or not at all. Needs a transaction
    of its own. Raises `Invalid` ("ledger-key-unusable") when no key is known to check signatures with.
    """
    public_keys = keys.public_keys() if public_keys is None else public_keys
    started, at, rows = time.monotonic(), timezone.now(), list[int]()
    witnessed_bytes = witness.size()
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        with canonical(cursor):
            there = machinery.existing_tables(cursor)
            found = tuple(
                Finding("table-missing", f"The table {name} of the record is missing.", table=name)
                for name in sorted(READ_ONLY | GROWING)
                if name not in there
            )
            eras, seals, entries, lag_s = 0, 0, 0, 0.0
            if not found:
                found = tuple(_all_findings(cursor, public_keys, witnessed_bytes, rows.append))
                cursor.execute(_COUNTS)
                eras, seals, entries = cursor.fetchall()[0]
                lag_s = queries.seal_lag_s()
    return Report(
        at=at,
        took_s=time.monotonic() - started,
        eras=eras,
        entries=entries,
        seals=seals,
        tables=sum(table.recording.is_recorded for table in tables()),
        rows=sum(rows),
        lag_s=lag_s,
        findings=found,
    )


def _all_findings(
    cursor: CursorWrapper,
    public_keys: Mapping[str, Ed25519PublicKey],
    witnessed_bytes: int | None,
    saw_rows: Callable[[int], None],
) -> Iterator[Finding]:
    declared, role = tables(), application_role()
    there = machinery.existing_tables(cursor)
    parts = [
        verify_chain.findings(cursor, public_keys, witnessed_bytes),
        verify_rows.entry_findings(cursor),
        verify_rows.row_findings(cursor, declared, there, saw_rows),
        verify_machinery.trigger_findings(cursor, [table for table in declared if table.name in there]),
        verify_machinery.function_findings(cursor, role),
        verify_machinery.right_findings(cursor, declared, role),
        verify_machinery.around_findings(cursor),
    ]
    for part in parts:
        yield from itertools.islice(part, MAX_FINDINGS)
