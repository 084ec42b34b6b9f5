"""`manage.py import_certificate`: a file goes through the same workers as on the page; the exit status says how it went."""

import io
import json

import pytest
from django.core.management import call_command

from assays.certificates.models import Certificate, Determination, Upload
from tests.assays.certificates.conftest import FIRST, desk  # noqa: F401  # fixtures
from tests.assays.quality.conftest import bench, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db(transaction=True)


def run(path, *arguments, email, lab="NFC"):
    out, wrong = io.StringIO(), io.StringIO()
    given = ["import_certificate", str(path), "--lab", lab, "--as", email, *arguments]
    try:
        call_command(*given, stdout=out, stderr=wrong)
    except SystemExit as ended:
        status = ended.code
    else:
        status = 0
    return (
        status,
        json.loads(out.getvalue() or "{}"),
        [json.loads(line) for line in wrong.getvalue().splitlines()],
    )


@pytest.fixture
def file(desk, tmp_path):  # noqa: F811  # a fixture
    def write(*, bad=False):
        tags = [desk.bench.sample().tag.code for _ in range(3)]
        rows = [(tag, [f"{n}.5", "<0.01"]) for n, tag in enumerate(tags, 28)]
        path = tmp_path / "certificate.csv"
        path.write_bytes(desk.file([*rows, ("J-UNKNOWN", ["1", "2"])] if bad else rows))
        return path

    return write


def test_a_good_file_is_previewed_then_committed(desk, file, worker):  # noqa: F811
    path, who = file(), desk.technician.email
    status, told, wrong = run(path, email=who, lab=desk.laboratory.code.lower())
    assert (status, wrong, told["state"], told["certificate"]) == (0, [], "READ", None)
    assert told["counts"] == {"rows": 3, "samples": 3, "duplicates": 0, "qc": 0, "unmatched": 0, "left": 0}
    assert not Certificate.objects.exists()
    status, told, wrong = run(path, "--commit", email=who, lab=desk.laboratory.code)
    assert (status, told) == (2, {})
    assert [one["code"] for one in wrong] == ["upload-file-once"]
    other = path.with_name("again.csv")
    other.write_bytes(path.read_bytes().replace(b"28.5", b"28.6"))
    status, told, wrong = run(
        other, "--commit", "--number", "HY26000002", email=who, lab=desk.laboratory.code
    )
    assert (status, wrong, told["state"], told["determinations"]) == (0, [], "COMMITTED", 6)
    certificate = Certificate.objects.get(pk=told["certificate"])
    assert (certificate.number, certificate.committed_by) == ("HY26000002", desk.technician)
    assert Determination.objects.filter(certificate=certificate).count() == 6


def test_bad_rows_are_named_and_left(desk, file, worker):  # noqa: F811
    status, told, wrong = run(
        file(bad=True), "--commit", "--accept", email=desk.technician.email, lab=desk.laboratory.code
    )
    assert (status, wrong, told["state"], told["determinations"]) == (1, [], "COMMITTED", 6)
    assert [(row["row"], row["label"]) for row in told["rows"]] == [(FIRST + 3, "J-UNKNOWN")]
    assert [problem["code"] for problem in told["rows"][0]["problems"]] == ["id-unmatched"]


def test_a_file_that_nobody_can_read_is_refused(desk, tmp_path, worker):  # noqa: F811
    path = tmp_path / "letter.csv"
    path.write_text("Dear colleague,\nthe results follow.\n")
    status, told, wrong = run(path, "--commit", email=desk.technician.email, lab=desk.laboratory.code)
    assert (status, wrong, told["state"]) == (2, [], "REFUSED")
    assert [problem["code"] for problem in told["problems"]] == ["not-a-certificate"]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"lab": "NOBODY"}, "laboratory-unknown"),
        ({"email": "nobody@nowhere.test"}, "person-unknown"),
        ({"email": "manager@irel.test"}, "not-a-technician"),
        ({"profile": "unheard"}, "profile-unknown"),
        ({"path": "missing.csv"}, "file-missing"),
    ],
)
def test_what_is_not_there_is_named_and_nothing_is_kept(desk, file, person, tmp_path, changed, code):  # noqa: F811
    person("manager", "irel")
    path = tmp_path / changed["path"] if "path" in changed else file()
    more = ["--profile", changed["profile"]] if "profile" in changed else []
    who = changed.get("email", desk.technician.email)
    status, told, wrong = run(path, *more, email=who, lab=changed.get("lab", desk.laboratory.code))
    assert (status, told, [one["code"] for one in wrong]) == (2, {}, [code])
    assert not Upload.objects.exists()


def test_without_a_worker_it_gives_up_in_time_and_says_where_the_file_is(desk, file):  # noqa: F811
    status, _told, wrong = run(
        file(), "--timeout", "0.1", email=desk.technician.email, lab=desk.laboratory.code
    )
    assert (status, [one["code"] for one in wrong]) == (2, ["worker-late"])
    assert str(Upload.objects.get().pk) in wrong[0]["message"]
