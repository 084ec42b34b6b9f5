"""What the tests of the record share: a key and a witness of their own, acts of the owner, scratch tables."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.db import connection
from psycopg import sql

from lims.accounts.models import Organisation
from lims.ledger import services
from lims.ledger.models import Seal
from lims.ledger.tables import Table
from lims.ledger.verify import verify
from lims.verbs import SystemActor, acting

TESTER = SystemActor("tests")


def write_key(path: Path) -> Ed25519PrivateKey:
    """Make a signing key in `path`, its public half beside it as .public."""
    key = Ed25519PrivateKey.generate()
    path.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    path.with_suffix(".public").write_bytes(public)
    return key


@pytest.fixture(autouse=True)
def _ids_from_one(_empty_past_the_triggers: None) -> None:
    """Let entries count from 1: what tests before rolled back has used numbers up, too."""
    with connected("super") as superuser:
        superuser.execute("ALTER SEQUENCE lims_ledgerentry_id_seq RESTART")


@pytest.fixture(autouse=True)
def _key_and_witness(settings: Any, tmp_path: Path) -> None:
    settings.LEDGER_KEY_FILE = tmp_path / "key"
    settings.LEDGER_WITNESS_FILE = tmp_path / "witness" / "seals.jsonl"
    write_key(tmp_path / "key")


@contextmanager
def connected(role: str) -> Iterator[psycopg.Connection]:
    """Open a connection as "app", "owner" or "super", each statement its own transaction."""
    name = {"app": "DATABASE_URL", "owner": "DATABASE_OWNER_URL", "super": "TEST_SUPERUSER_URL"}[role]
    with psycopg.connect(os.environ[name], autocommit=True) as connection:
        yield connection


def as_tester(connection: psycopg.Connection) -> psycopg.Connection:
    """Let a plain connection act as the tests for the rest of its session."""
    connection.execute("SELECT set_config('lims.actor', 'system:tests', false)")
    return connection


def add(*codes: str) -> list[Organisation]:
    """Add organisations with these codes, one statement each, as one act."""
    with acting(TESTER, verb_name="add"):
        return [
            Organisation.objects.create(name=f"Company {code}", code=code, kind="SPONSOR") for code in codes
        ]


def rename(organisation: Organisation, name: str) -> None:
    """Rename an organisation as an act of its own."""
    with acting(TESTER, verb_name="rename"):
        organisation.name = name
        organisation.save(update_fields=["name"])


def remove(organisation: Organisation) -> None:
    """Remove an organisation as an act of its own."""
    with acting(TESTER, verb_name="remove"):
        Organisation.objects.filter(pk=organisation.pk).delete()


def begin_era() -> None:
    """Begin the era, as every migration does: else the first writer does, and others wait for its commit."""
    with connected("owner") as owner:
        owner.execute("SELECT lims_ledger_era()")


def seal_now() -> list[Seal]:
    """Seal what can be sealed at this moment."""
    return services.seal(actor=TESTER)


def wait_for_writers() -> None:
    """Wait until no transaction runs that is older than the newest entry: tests in other databases write, too."""
    until = time.monotonic() + 30
    with connection.cursor() as cursor:
        while True:
            cursor.execute(
                "SELECT NOT EXISTS (SELECT FROM lims_ledgerentry WHERE xid >= pg_snapshot_xmin(pg_current_snapshot()))"
            )
            if cursor.fetchall()[0][0]:
                return
            assert time.monotonic() < until
            time.sleep(0.005)


def seal() -> list[Seal]:
    """Seal every entry that there is."""
    wait_for_writers()
    return seal_now()


def findings() -> list[Any]:
    """Return what a verification finds."""
    return list(verify().findings)


@pytest.fixture
def scratch() -> Iterator[Callable[..., None]]:
    """Return the maker of tables with the record's triggers: `scratch("n int PRIMARY KEY", Table("scratch", …))`."""
    made = []
    with connected("owner") as owner:

        def make(columns: str, table: Table) -> None:
            name = sql.Identifier(table.name)
            owner.execute(sql.SQL("CREATE TABLE public.{} ({})").format(name, sql.SQL(columns)))
            made.append(name)
            for trigger in table.triggers():
                owner.execute(trigger.create())
            granted = sql.SQL(", ".join(sorted(table.rights)))
            owner.execute(sql.SQL("GRANT {} ON public.{} TO lims_app").format(granted, name))

        yield make
        for name in made:
            owner.execute(sql.SQL("DROP TABLE public.{}").format(name))
