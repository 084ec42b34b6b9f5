"""Where tests get their databases from: a template migrated once, a clone for each worker."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "lims_template"


def with_database(url: str, name: str) -> str:
    """Return `url` with the database replaced by `name`.

    >>> with_database("postgres://lims_app@/lims?host=%2Ftmp%2Fx", "other")
    'postgres://lims_app@/other?host=%2Ftmp%2Fx'
    """
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=f"/{name}"))


def with_redis_database(url: str, number: int) -> str:
    """Return the Redis address `url` with its database replaced by `number`.

    >>> with_redis_database("unix:///tmp/x/valkey.sock?db=0", 3)
    'unix:///tmp/x/valkey.sock?db=3'
    >>> with_redis_database("redis://127.0.0.1:6379/0", 3)
    'redis://127.0.0.1:6379/3'
    """
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return urlunsplit(parts._replace(query=f"db={number}")).replace("unix:/tmp", "unix:///tmp")
    return urlunsplit(parts._replace(path=f"/{number}"))


def prepare(stack: contextlib.ExitStack) -> dict[str, str]:
    """Start servers (or take the environment's), make the template, and return where everything is."""
    given = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL")}
    if all(given.values()):
        # Tests make and empty databases: over a connection of their own, or the owner's when that may do it.
        superuser = os.environ.get("TEST_SUPERUSER_URL") or given["DATABASE_OWNER_URL"]
        environment = given | {"TEST_SUPERUSER_URL": superuser}
        _check_superuser(superuser)
    elif any(given.values()):
        raise SystemExit(
            "Set all of DATABASE_URL, DATABASE_OWNER_URL and REDIS_URL for the tests, or none of them."
        )
    else:
        from config.trial.servers import running_servers  # noqa: PLC0415  # not needed with servers of one's own

        data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lims-servers-")))
        servers = stack.enter_context(running_servers(data, durable=False))
        environment = {
            "DATABASE_URL": servers.database_url,
            "DATABASE_OWNER_URL": servers.owner_url,
            "REDIS_URL": servers.redis_url,
            "TEST_SUPERUSER_URL": servers.superuser_url,
        }
    _make_template(environment)
    return environment


def _check_superuser(url: str) -> None:
    """Say what is missing unless `url` is a superuser's."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT rolname, rolsuper FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
    if row is None or not row[1]:
        raise SystemExit(
            f"Tests on servers of your own make and empty databases, which {row and row[0]} may not: "
            "set TEST_SUPERUSER_URL to a superuser's address of the same server."
        )


def _make_template(environment: dict[str, str]) -> None:
    """Make the template database anew, owned by the owner's role, and migrate it as owner."""
    owner = psycopg.conninfo.conninfo_to_dict(environment["DATABASE_OWNER_URL"])["user"]
    with psycopg.connect(environment["TEST_SUPERUSER_URL"], autocommit=True) as connection:
        for name in [TEMPLATE, *_clones(connection)]:
            connection.execute(
                sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
            )
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template0").format(
                sql.Identifier(TEMPLATE), sql.Identifier(str(owner))
            )
        )
    with psycopg.connect(
        with_database(environment["TEST_SUPERUSER_URL"], TEMPLATE), autocommit=True
    ) as connection:
        connection.execute(sql.SQL("ALTER SCHEMA public OWNER TO {}").format(sql.Identifier(str(owner))))
    migrated = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--database", "owner", "--verbosity", "0"],
        cwd=ROOT,
        env=os.environ
        | _environment(environment, TEMPLATE, 0)
        | {"SECRET_KEY": "migrating-only", "TRIAL": "1"},
        check=False,
        capture_output=True,
        text=True,
    )
    if migrated.returncode:
        raise SystemExit(f"The test database could not be migrated:\n{migrated.stdout}\n{migrated.stderr}")


def _clones(connection: psycopg.Connection) -> list[str]:
    return [
        name
        for (name,) in connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'lims\\_test\\_%'"
        )
    ]


def _environment(environment: dict[str, str], database: str, redis_number: int) -> dict[str, str]:
    redis_url = with_redis_database(environment["REDIS_URL"], redis_number)
    named = ("DATABASE_URL", "DATABASE_OWNER_URL", "TEST_SUPERUSER_URL")
    return {name: with_database(environment[name], database) for name in named} | {"REDIS_URL": redis_url}


def for_worker(environment: dict[str, str], worker: str) -> dict[str, str]:
    """Clone the template for the xdist worker `worker` ("gw0", …) and return its environment."""
    name = f"lims_test_{worker}"
    with psycopg.connect(environment["TEST_SUPERUSER_URL"], autocommit=True) as connection:
        # Two workers may copy the template at the same moment; PostgreSQL refuses that, so they queue.
        connection.execute("SELECT pg_advisory_lock(707)")
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        owner = psycopg.conninfo.conninfo_to_dict(environment["DATABASE_OWNER_URL"])["user"]
        connection.execute(
            sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {}").format(
                sql.Identifier(name), sql.Identifier(str(owner)), sql.Identifier(TEMPLATE)
            )
        )
    return _environment(environment, name, 1 + int(worker.removeprefix("gw")))


def empty() -> None:
    """Empty every table of this worker's database, past the triggers, as only a superuser can."""
    with psycopg.connect(os.environ["TEST_SUPERUSER_URL"], autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
            " AND NOT (tablename = ANY(%s))",
            [["django_migrations", "django_content_type", "auth_permission"]],
        ).fetchall()
        names = sql.SQL(", ").join(sql.Identifier(schema, table) for schema, table in tables)
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(names))
