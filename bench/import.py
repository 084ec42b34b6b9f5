"""How fast a certificate goes from its upload to the record: 5 000 samples × 20 analytes, as CSV and as XLSX.

    make bench NAME=import

Servers are started for the run; each certificate is brought in by a process of its own, as by a worker, which calls the
verbs of a worker's work. Beside it, in the same run: a plain pandas read of the same file, and a bare COPY of the same
rows into the same table with its indexes. Then the table is filled with 10 million other values (FULL_ROWS), and the
same file of another job is committed again. Prints one JSON object; rates are determinations a second.
"""

import io
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))
SAMPLES = int(os.environ.get("SAMPLES", "5000"))
FULL_ROWS = int(os.environ.get("FULL_ROWS", "10000000"))
TIMES = int(os.environ.get("TIMES", "3"))
ANALYTES = "La Ce Pr Nd Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Y Sc Th U Zr Ba".split()  # noqa: SIM905
METHOD = "ME-MS81"
#: every so many rows a reference material, and a blank
EVERY = 20


def rows_of(tags: list[str]) -> list[tuple[str, list[str]]]:
    """Return rows of a certificate: values of three or four figures, one in fifty below detection, QC between.

    A row is a rock's pattern (CI chondrite, lighter elements enriched) times a grade, with a few per cent of scatter.
    """
    from assays.chemistry.normalisation import CI_CHONDRITE  # noqa: PLC0415

    chance = random.Random(1)  # noqa: S311  # nothing is hidden by it
    usual = [CI_CHONDRITE.get(name, 1.0) * (60 - 2 * at) for at, name in enumerate(ANALYTES)]

    def cell(expected: float) -> str:
        number = expected * chance.gauss(1, 0.05)
        return "<0.05" if chance.random() < 0.02 else f"{number:.{2 if number < 10 else 1}f}"

    rows = []
    for place, tag in enumerate(tags):
        if place % EVERY == 0:
            rows.append(("BENCH CRM", [f"{chance.gauss(20, 0.4):.2f}" for _ in ANALYTES]))
            rows.append(("BENCH BLANK", ["<0.05"] * len(ANALYTES)))
        grade = chance.lognormvariate(0, 0.5)
        rows.append((tag, [cell(grade * one) for one in usual]))
    return rows


def as_csv(rows: list[tuple[str, list[str]]], number: str) -> bytes:
    """Return the rows as a laboratory's CSV."""
    from assays.certificates.writing import WrittenColumn, als_csv  # noqa: PLC0415

    columns = [WrittenColumn(METHOD, symbol, "ppm") for symbol in ANALYTES]
    dates = {"received_on": date(2026, 2, 1), "finalized_on": date(2026, 2, 9)}
    return als_csv(number=number, client="Bench", columns=columns, rows=rows, **dates)


def as_xlsx(rows: list[tuple[str, list[str]]]) -> bytes:
    """Return the rows as a plain workbook with numbers in its cells."""
    import xlsxwriter  # noqa: PLC0415

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Results")
    sheet.write_row(0, 0, ["Sample", *(f"{symbol} ppm {METHOD}" for symbol in ANALYTES)])
    for place, (label, cells) in enumerate(rows, 1):
        sheet.write_string(place, 0, label)
        for column, cell in enumerate(cells, 1):
            if cell.startswith("<"):
                sheet.write_string(place, column, cell)
            else:
                sheet.write_number(place, column, float(cell))
    book.close()
    return out.getvalue()


def laid_out() -> list[str]:
    """Make owner, laboratory, method, materials and registered samples; return the samples' tags."""
    from assays.catalogue import services as catalogue  # noqa: PLC0415  # after Django is set up
    from lims.accounts.models import Membership, User  # noqa: PLC0415
    from lims.accounts.services import create_organisation  # noqa: PLC0415
    from lims.verbs import SystemActor, acting  # noqa: PLC0415
    from samples.registry import services  # noqa: PLC0415
    from samples.registry.drafts import Draft  # noqa: PLC0415
    from samples.registry.sample_services import register_samples  # noqa: PLC0415

    actor = SystemActor("bench")
    owner = create_organisation(actor=actor, name="Bench owner", code="BENCH", kind="SPONSOR")
    laboratory = create_organisation(actor=actor, name="Bench laboratory", code="LAB", kind="LABORATORY")
    with acting(actor, verb_name="people"):
        technician = User.objects.create(email="technician@bench.test", name="Technician")
        Membership.objects.create(user=technician, organisation=laboratory, role="TECHNICIAN")
    services.start_tags(actor=actor, owner=owner, prefix="BE")
    place = {"latitude": Decimal("26.1"), "longitude": Decimal("98.4")}
    words = {"code": "M1", "name": "Site", "controlling_body": "KIA", "deposit_type": "clay"}
    mine = services.add_mine(actor=actor, owner=owner, **place, **words)
    batch = services.open_batch(actor=actor, mine=mine, material_type="ION_ADSORPTION_CLAY", campaign="Bench")
    services.add_party(actor=actor, batch=batch, organisation=laboratory, part="TESTER")
    tags: list[str] = []
    while len(tags) < SAMPLES:
        tags += [one.code for one in services.issue_tags(actor=actor, owner=owner, count=1000)]
    at = datetime(2026, 1, 3, tzinfo=UTC)
    drafts = [Draft(tag=tag, mass_g=Decimal(2150), collected_at=at) for tag in tags[:SAMPLES]]
    for start in range(0, SAMPLES, 500):
        register_samples(actor=actor, batch=batch, drafts=drafts[start : start + 500])
    told = {"name": METHOD, "technique": "ICP-MS", "digestion": "Lithium borate", "basis": "total-fusion"}
    method = catalogue.add_method(actor=actor, laboratory=laboratory, code=METHOD, **told)
    crm = catalogue.add_material(actor=actor, code="BENCH CRM", kind="CRM", description="x", maker="x")
    blank = catalogue.add_material(actor=actor, code="BENCH BLANK", kind="BLANK", description="x", maker="x")
    for symbol in ANALYTES:
        limits = {"unit": "ppm", "lower_limit": Decimal("0.05")}
        catalogue.set_method_analyte(actor=actor, method=method, analyte=symbol, **limits)
        same = {"actor": actor, "analyte": symbol, "basis": "total-fusion"}
        catalogue.certify(material=crm, value_ppm=Decimal(20), sd_ppm=Decimal("0.4"), **same)
        catalogue.certify(material=blank, value_ppm=Decimal("0.02"), sd_ppm=Decimal("0.01"), **same)
    return tags[:SAMPLES]


def once(path: Path, number: str) -> None:
    """Bring one file in as a worker does, and print what each step took; `number` is the job's."""
    from assays.certificates import services  # noqa: PLC0415
    from assays.certificates.models import Determination  # noqa: PLC0415
    from assays.certificates.reading import read  # noqa: PLC0415
    from assays.certificates.recording import record_certificate  # noqa: PLC0415
    from assays.quality.services import evaluate_run  # noqa: PLC0415
    from lims import files  # noqa: PLC0415
    from lims.accounts.models import Organisation, User  # noqa: PLC0415
    from lims.verbs import SystemActor  # noqa: PLC0415

    system = SystemActor("bench")
    technician = User.objects.get(email="technician@bench.test")
    laboratory = Organisation.objects.get(code="LAB")
    took: dict[str, float] = {}

    def timed(step: str, act: Callable[[], Any]) -> Any:
        begun = time.perf_counter()
        found = act()
        took[step] = took.get(step, 0) + time.perf_counter() - begun
        return found

    content = path.read_bytes()
    brought = {"actor": technician, "kept_by": laboratory, "name": path.name, "content": content}
    upload = timed("upload_s", lambda: services.upload_certificate(**brought))

    def reading() -> Any:
        return read(files.get(upload.sha256), name=upload.file_name)

    first = timed("parse_s", reading)
    # The issuer is said before the file is read, as a person does who drops it into that laboratory's folder.
    upload.laboratory = laboratory
    timed("keep_s", lambda: services.keep_reading(actor=system, upload=upload, reading=first))
    said = {"laboratory": laboratory, "number": number, "purpose": "RESULTS"}
    services.describe_upload(actor=technician, upload=upload, **said)
    timed("keep_again_s", lambda: services.keep_reading(actor=system, upload=upload, reading=first))
    timed("order_s", lambda: services.commit_upload(actor=technician, upload=upload, accept=True))
    again = timed("parse_again_s", reading)
    certificate = timed(
        "commit_s",
        lambda: record_certificate(actor=technician, upload=upload, reading=again, tell=lambda *_: None),
    )
    seen = Determination.objects.filter(certificate=certificate).count()
    assert seen == certificate.determination_count
    thresholds = {"Dy": ("Dy2O3", Decimal(25)), "Tb": ("Tb4O7", Decimal(4))}
    timed("qc_s", lambda: evaluate_run(actor=system, run=certificate.run, thresholds=thresholds))
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"values": seen, "certificate": str(certificate.pk), "peak_mb": round(peak_mb, 1)}
    print(json.dumps(told | {name: round(value, 4) for name, value in took.items()}))


def brought_in(path: Path, number: str) -> dict[str, Any]:
    """Bring a file in by a process of its own; return what it printed."""
    done = subprocess.run(  # noqa: S603  # our own program
        [sys.executable, __file__, "once", str(path), number],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def bare_copy(certificate: str) -> float:
    """Return the seconds of a bare COPY of a certificate's rows into the same table, of another certificate; undone."""
    import psycopg  # noqa: PLC0415

    names = (
        'item_id, sample_id, analyte, form, oxide, method_code, raw, qualifier, value, "limit", unit, ppm, limit_ppm,'
        ' "row", "column"'
    )
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as connection:
        connection.execute(
            "SELECT set_config('lims.actor', 'system:bench', true), set_config('lims.verb', 'bench', true)"
        )
        columns = [
            row[0]
            for row in connection.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'assays_certificate'"
                " AND column_name NOT IN ('id', 'sha256', 'supersedes_id', 'version', 'committed_at')"
            ).fetchall()
        ]
        listed = ", ".join(f'"{one}"' for one in columns)
        twin = connection.execute(
            f"INSERT INTO assays_certificate (id, sha256, supersedes_id, version, {listed})"
            f" SELECT gen_random_uuid(), repeat('0', 64), id, version + 1, {listed} FROM assays_certificate WHERE id = %s"
            " RETURNING id",
            [certificate],
        ).fetchone()
        assert twin is not None
        query = f"SELECT %s::uuid, {names} FROM assays_determination WHERE certificate_id = %s ORDER BY id"
        cursor = connection.cursor()
        with cursor.copy(f"COPY ({query}) TO STDOUT", [twin[0], certificate]) as out:
            data = b"".join(bytes(part) for part in out)
        begun = time.perf_counter()
        with cursor.copy(f"COPY assays_determination (certificate_id, {names}) FROM STDIN") as copy:
            copy.write(data)
        # What PostgreSQL defers to the end of a transaction belongs to the copy.
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        took = time.perf_counter() - begun
        connection.rollback()
    return took


def fill(certificate: str) -> None:
    """Fill the table up to FULL_ROWS with the values of certificates that never were."""
    import psycopg  # noqa: PLC0415

    names = "item_id, sample_id, analyte, form, oxide, method_code, raw, qualifier, value, unit, ppm"
    with psycopg.connect(os.environ["TEST_SUPERUSER_URL"], autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        row = connection.execute(
            "SELECT count(*) FROM assays_determination WHERE certificate_id = %s", [certificate]
        ).fetchone()
        assert row is not None
        for _ in range(max(0, FULL_ROWS // row[0])):
            connection.execute(
                f'INSERT INTO assays_determination (certificate_id, {names}, "row", "column")'
                f' SELECT twin.id, {names}, "row", "column" FROM assays_determination,'
                " (SELECT gen_random_uuid() AS id) AS twin WHERE certificate_id = %s",
                [certificate],
            )
        connection.execute("VACUUM ANALYZE assays_determination")
        connection.execute("CHECKPOINT")


def plain_reads(csv: Path, xlsx: Path) -> tuple[float, float]:
    """Return the seconds of the fastest plain pandas read of each file, as text."""
    import pandas as pd  # noqa: PLC0415

    lines = csv.read_text().splitlines()
    head = next(at for at, line in enumerate(lines) if line.startswith("SAMPLE,"))
    plain: dict[str, Any] = {"dtype": str, "keep_default_na": False}
    return (
        fastest(lambda: pd.read_csv(csv, skiprows=head, **plain)),
        fastest(lambda: pd.read_excel(xlsx, engine="calamine", **plain)),
    )


def fastest(act: Callable[[], object]) -> float:
    """Return the seconds of the fastest of several runs."""
    took = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        act()
        took.append(time.perf_counter() - begun)
    return min(took)


def parse_times(csv: Path, xlsx: Path) -> tuple[float, float]:
    """Return the seconds of our fastest reading of each file."""
    from assays.certificates.reading import read  # noqa: PLC0415

    one, two = csv.read_bytes(), xlsx.read_bytes()
    return fastest(lambda: read(one, name=csv.name)), fastest(lambda: read(two, name=xlsx.name))


def measured(folder: Path) -> dict[str, Any]:
    """Return what is printed."""
    rows = rows_of(laid_out())
    csv, xlsx, later = folder / "one.csv", folder / "two.xlsx", folder / "three.csv"
    csv.write_bytes(as_csv(rows, "BE26000001"))
    xlsx.write_bytes(as_xlsx(rows))
    later.write_bytes(as_csv(rows, "BE26000003"))
    plain, ours = plain_reads(csv, xlsx), parse_times(csv, xlsx)
    first = brought_in(csv, "BE26000001")
    copied = min(bare_copy(first["certificate"]) for _ in range(TIMES))
    second = brought_in(xlsx, "BE26000002")
    fill(first["certificate"])
    third = brought_in(later, "BE26000003")
    copied_full = bare_copy(third["certificate"])
    steps = ("upload_s", "parse_s", "keep_s", "order_s", "parse_again_s", "commit_s")
    return {
        "values": first["values"],
        "determinations_per_s": round(first["values"] / sum(first[step] for step in steps)),
        "determinations_per_s_xlsx": round(second["values"] / sum(second[step] for step in steps)),
        "parse_ratio": round(ours[0] / plain[0], 2),
        "parse_ratio_xlsx": round(ours[1] / plain[1], 2),
        "commit_per_s": round(first["values"] / first["commit_s"]),
        "bare_copy_per_s": round(first["values"] / copied),
        "commit_ratio": round(copied / first["commit_s"], 3),
        "full_rows": FULL_ROWS,
        "full_table_ratio": round(third["commit_s"] / first["commit_s"], 2),
        "bare_copy_full_ratio": round(copied_full / copied, 2),
        "peak_mb": max(first["peak_mb"], second["peak_mb"], third["peak_mb"]),
        "qc_s": max(first["qc_s"], third["qc_s"]),
        "steps": [first, second, third],
    }


def main() -> None:
    """Start servers, measure, print."""
    from tests.support import databases  # noqa: PLC0415

    with ExitStack() as stack:
        os.environ.update(databases.for_worker(databases.prepare(stack), "gw0"))
        private = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        told = {"DATA_DIR": str(private), "SECRET_KEY": "bench", "TRIAL": "1"}
        os.environ.update(told, DJANGO_SETTINGS_MODULE="config.settings")
        import django  # noqa: PLC0415

        django.setup()
        result = {"name": "import", **measured(private)}
    print(json.dumps(result))


if sys.argv[1:2] == ["once"]:
    import django

    django.setup()
    once(Path(sys.argv[2]), sys.argv[3])
else:
    main()
