"""docker-compose.yml and what it leans on: settings by their names, no secret inside, roles as in a trial.

Docker itself is not needed; what only it can show is not tested here.
"""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import psycopg
import pytest
import yaml

from config.trial import binaries
from config.trial.processes import server_account
from config.trial.servers import running_servers

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
APPLICATION = ("migrate", "web", "worker", "beat")
#: read by the supervisor, the tests and the Makefile; not by the settings
BESIDE_SETTINGS = {"HOST", "PORT", "TEST_SUPERUSER_URL", "CHROMIUM", "SKIP_BROWSER"}


def settings_read() -> set[str]:
    """Return the variables that the settings read."""
    sources = "".join(path.read_text() for path in (ROOT / "config").glob("*.py"))
    direct = set(re.findall(r"env\.(?:text|flag|words|path)\(\s*\"([A-Z_]+)\"", sources))
    return direct | set(re.findall(r"_database\(\"([A-Z_]+)\"\)", sources))


def asked_of_env() -> set[str]:
    """Return the variables that docker-compose.yml asks .env for."""
    return set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text()))


def test_every_service_is_there_and_says_how_it_is():
    assert set(SERVICES) == {"postgres", "valkey", *APPLICATION, "proxy"}
    watched = {name for name, service in SERVICES.items() if service.get("healthcheck", {}).get("test")}
    assert watched == set(SERVICES) - {"migrate"}, "migrate runs once"
    assert set(SERVICES["web"]["depends_on"]) == {"migrate", "valkey"}
    assert SERVICES["proxy"]["depends_on"] == {"web": {"condition": "service_healthy"}}
    programs = {"web", "worker", "beat"}
    assert {SERVICES[name]["healthcheck"]["test"][-1] for name in programs} == programs


def test_images_are_pinned():
    images = {name: SERVICES[name]["image"] for name in ("postgres", "valkey", "proxy")}
    assert all(re.fullmatch(r"[a-z/]+:\d+\.\d+(\.\d+)?", image) for image in images.values()), images
    assert images["postgres"].startswith("postgres:18")
    assert re.search(r"^FROM python:3\.11\.\d+-", (ROOT / "Dockerfile").read_text(), re.MULTILINE)


def test_no_secret_is_written_down():
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if re.search(r"KEY$|PASSWORD|SECRET", variable):
                assert re.fullmatch(r"\$\{[A-Z_]+:\?[^}]*\}", value), (name, variable)
            without = re.sub(r"\$\{[^}]*\}", "", str(value))
            assert not re.search(r"//\w+:\w+@", without), (name, variable)
    assert COMPOSE["secrets"] == {
        "ledger_ed25519": {"file": "${LEDGER_KEY_SOURCE:?see .env.example}"},
        "field_p256": {"file": "${FIELD_KEY_SOURCE:?see .env.example}"},
    }


def test_the_application_is_told_only_what_the_settings_read():
    for name in APPLICATION:
        assert set(SERVICES[name]["environment"]) <= settings_read(), name
    assert {"SECRET_KEY", "DATABASE_URL", "REDIS_URL", "ALLOWED_HOSTS"} <= set(SERVICES["web"]["environment"])
    knowing = {name for name, s in SERVICES.items() if "DATABASE_OWNER_URL" in s.get("environment", {})}
    assert knowing == {"migrate"}, "the running application cannot become the owner"
    assert not {"TRIAL", "DEBUG"} & set(SERVICES["web"]["environment"])


def test_the_example_names_every_variable_and_gives_no_value():
    lines = [
        line.removeprefix("#")
        for line in (ROOT / ".env.example").read_text().splitlines()
        if re.match(r"#?[A-Z_]+=", line)
    ]
    assert [line for line in lines if not line.endswith("=")] == []
    names = {line.removesuffix("=") for line in lines}
    assert names == settings_read() | asked_of_env() | BESIDE_SETTINGS
    needed = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert set(needed) == asked_of_env()


def test_files_that_services_are_given_exist():
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert (ROOT / source).exists() if source.startswith("./") else source in COMPOSE["volumes"]
    copied = re.findall(r"^COPY (?:--\S+ )?(\S+)", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert "." not in copied
    assert all((ROOT / source).exists() for source in copied)


RIGHTS = """
SELECT r.rolname, r.rolsuper, r.rolcreatedb, r.rolcreaterole, r.rolbypassrls, r.rolreplication,
       has_database_privilege(r.rolname, current_database(), 'CONNECT'),
       has_database_privilege(r.rolname, current_database(), 'CREATE'),
       has_database_privilege(r.rolname, current_database(), 'TEMPORARY'),
       has_schema_privilege(r.rolname, 'public', 'USAGE'), has_schema_privilege(r.rolname, 'public', 'CREATE'),
       pg_get_userbyid(d.datdba), pg_get_userbyid(n.nspowner)
FROM pg_roles r, pg_database d, pg_namespace n
WHERE r.rolname IN ('lims_owner', 'lims_app') AND d.datname = current_database() AND n.nspname = 'public'
ORDER BY r.rolname
"""


def test_roles_are_those_of_a_trial(tmp_path):
    """The script for Docker's PostgreSQL gives the same rights as the supervisor does, and sets passwords."""
    with running_servers(tmp_path, durable=False) as servers:
        with psycopg.connect(servers.superuser_url) as connection:
            of_a_trial = connection.execute(RIGHTS).fetchall()
        elsewhere = servers.superuser_url.replace("/lims?", "/postgres?")
        with psycopg.connect(elsewhere, autocommit=True) as connection:
            connection.execute("DROP DATABASE lims")
            connection.execute("DROP ROLE lims_owner")
            connection.execute("DROP ROLE lims_app")
            connection.execute("CREATE DATABASE lims")
        script = (ROOT / "deploy" / "postgres" / "roles.sql").read_bytes()
        psql = [binaries.postgres_bin(tmp_path / "programs", server_account()) / "psql", "-X"]
        psql += ["-v", "ON_ERROR_STOP=1", "-f", "-", servers.superuser_url]
        unnamed = subprocess.run(psql, input=script, check=False, capture_output=True)
        assert unnamed.returncode != 0, "without passwords nothing is made"
        passwords = {"LIMS_OWNER_PASSWORD": "o'wner", "LIMS_APP_PASSWORD": "app"}
        subprocess.run(psql, input=script, check=True, capture_output=True, env=os.environ | passwords)
        with psycopg.connect(servers.superuser_url) as connection:
            assert connection.execute(RIGHTS).fetchall() == of_a_trial
            row = connection.execute("SELECT count(*) FROM pg_authid WHERE rolpassword LIKE 'SCRAM-SHA-256%'")
            assert row.fetchone() == (2,)
    application, owner = of_a_trial
    assert application == (
        "lims_app",
        *[False] * 5,
        True,
        False,
        True,
        True,
        False,
        "lims_owner",
        "lims_owner",
    )
    assert owner == ("lims_owner", *[False] * 5, True, True, True, True, True, "lims_owner", "lims_owner")


@pytest.mark.parametrize("program", ["run", "chromium"])
def test_scripts_can_be_run(program):
    script = ROOT / {"run": ".ci/run", "chromium": "deploy/chromium"}[program]
    assert os.access(script, os.X_OK)
    assert "set -euo pipefail" in script.read_text()
