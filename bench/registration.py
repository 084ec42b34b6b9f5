"""How fast samples are registered by a list, against the bare limit: COPY of the same rows into a plain table.

    make bench NAME=registration

Prints one JSON object: rows, seconds and rows per second of both, and their ratio. Servers are started for the run.
"""

import json
import os
import sys
import tempfile
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

ROWS = int(os.environ.get("ROWS", "5000"))


def bare_copy(count: int) -> float:
    """Return the seconds that COPY takes for as many rows of the same width in a table without indexes or triggers."""
    import psycopg  # noqa: PLC0415  # after the servers are known

    row = (
        "01a208d6-985d-7054-8e20-0ac97ca1a980",
        "KC000123J",
        Decimal("2150.000"),
        datetime(2026, 11, 3, tzinfo=UTC),
        "",
        "",
    )
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
        connection.execute(
            "CREATE TEMPORARY TABLE bare (id uuid, tag text, mass_g numeric, at timestamptz, who text, note text)"
        )
        began = time.perf_counter()
        with connection.cursor().copy("COPY bare FROM STDIN") as copy:
            for _ in range(count):
                copy.write_row(row)
        connection.execute("SELECT count(*) FROM bare")
        return time.perf_counter() - began


def registered(count: int) -> float:
    """Return the seconds that the verb takes: checks, locks, samples, and the record of each."""
    from lims.accounts.services import create_organisation  # noqa: PLC0415  # after Django is set up
    from lims.verbs import SystemActor  # noqa: PLC0415
    from samples.registry import services  # noqa: PLC0415
    from samples.registry.drafts import Draft  # noqa: PLC0415
    from samples.registry.sample_services import register_samples  # noqa: PLC0415

    actor = SystemActor("bench")
    owner = create_organisation(actor=actor, name="Bench", code="BENCH", kind="SPONSOR")
    services.start_tags(actor=actor, owner=owner, prefix="BE")
    words = {"code": "M1", "name": "Site", "controlling_body": "KIA", "deposit_type": "clay"}
    mine = services.add_mine(
        actor=actor, owner=owner, latitude=Decimal("26.1"), longitude=Decimal("98.4"), **words
    )
    batch = services.open_batch(actor=actor, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign="Bench")
    tags = [
        tag
        for _ in range(-(-count // 1000))
        for tag in services.issue_tags(actor=actor, owner=owner, count=1000)
    ]
    at = datetime(2026, 11, 3, tzinfo=UTC)
    drafts = [Draft(tag=tag.code, mass_g=Decimal("2150.000"), collected_at=at) for tag in tags[:count]]
    began = time.perf_counter()
    for start in range(0, count, 500):
        register_samples(actor=actor, batch=batch, drafts=drafts[start : start + 500])
    return time.perf_counter() - began


def main() -> None:
    """Start servers, measure both, print the result."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    from tests.support import databases  # noqa: PLC0415

    with ExitStack() as stack:
        os.environ.update(databases.for_worker(databases.prepare(stack), "gw0"))
        private = stack.enter_context(tempfile.TemporaryDirectory())
        os.environ.update(
            DATA_DIR=private, SECRET_KEY="bench", TRIAL="1", DJANGO_SETTINGS_MODULE="config.settings"
        )
        import django  # noqa: PLC0415

        django.setup()
        bare_s, verb_s = bare_copy(ROWS), registered(ROWS)
    result = {
        "name": "registration",
        "rows": ROWS,
        "bare_copy_s": round(bare_s, 3),
        "registered_s": round(verb_s, 3),
        "registered_rows_per_s": round(ROWS / verb_s),
        "ratio_to_bare_copy": round(verb_s / bare_s, 1),
    }
    print(json.dumps(result))


main()
