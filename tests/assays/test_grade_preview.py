"""`manage.py grade_preview` and its address: the same answer, the same refusals, nothing written."""

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

from assays.grading import preview_api, previewing
from lims.ledger.models import Entry
from tests.assays.grading.estimator.cases import decide, dy

ROOT = Path(__file__).resolve().parents[2]
URL = "/api/v1/grade-preview/"
GOOD = dy(30.0, 31.0, 32.0)
OPEN = dy(24.0, 27.0, 30.0)
#: (text, code, place) of what is refused
REFUSED = [
    ("", "json-malformed", None),
    ("{", "json-malformed", None),
    ('{"policy": 1,}', "json-malformed", None),
    ('{"look": NaN}', "json-malformed", None),
    ('{"look": Infinity}', "json-malformed", None),
    ('{"look": 1, "look": 2}', "json-malformed", None),
    ('{"samples": [{"values": {"Dy": "1 ppm", "Dy": "2 ppm"}}]}', "json-malformed", None),
    ('"\\ud800"', "json-malformed", None),
    ('{"\\udfff": 1}', "json-malformed", None),
    ("[" * 100_000, "json-malformed", None),
    ("1" * 5000, "json-malformed", None),
    ("[]", "cases-count", None),
    ("null", "object-expected", None),
    ("[1]", "object-expected", "[0]"),
    (json.dumps(GOOD | {"look": 0}), "number-impossible", "look"),
    (json.dumps([GOOD, GOOD | {"look": 0}]), "number-impossible", "[1].look"),
    (json.dumps(GOOD).replace("30.0 ppm", "-30.0 ppm"), "quantity-negative", "samples[0].values.Dy2O3"),
    (json.dumps(GOOD).replace('"S2"', '"S1"'), "duplicate-id", "samples[1].id"),
    (json.dumps(GOOD).replace("25", "1e999"), "not-a-number", "policy.criteria[0].threshold_ppm"),
]


def run(*arguments, **streams):
    """Run the command in this process; return (exit status, standard output, problems on standard error)."""
    out, err = io.StringIO(), io.StringIO()
    status = 0
    try:
        call_command("grade_preview", *arguments, stdout=out, stderr=err)
    except SystemExit as stopped:
        status = stopped.code
    return status, out.getvalue(), [json.loads(line) for line in err.getvalue().splitlines()]


@pytest.fixture
def written(tmp_path):
    """Return a function that writes a file and names it."""

    def write(content):
        path = tmp_path / "case.json"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return str(path)

    return write


def test_a_case_is_answered(written):
    status, out, problems = run(written(json.dumps(GOOD)))
    assert (status, problems) == (0, [])
    assert json.loads(out) == decide(GOOD)
    assert json.loads(out)["decision"] == "FLAGGED"


def test_a_list_is_answered_in_its_order(written):
    status, out, _ = run(written(json.dumps([OPEN, GOOD, OPEN])))
    assert status == 0
    assert [one["decision"] for one in json.loads(out)] == ["INCONCLUSIVE", "FLAGGED", "INCONCLUSIVE"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_encodings_of_json(written, encoding):
    case = dy(30.0, 31.0, 32.0)
    case["samples"][0]["id"] = "Grube Süd"
    status, out, _ = run(written(json.dumps(case, ensure_ascii=False).encode(encoding)))
    assert status == 0
    assert json.loads(out)["decision"] == "FLAGGED"


@pytest.mark.parametrize(("text", "code", "place"), REFUSED)
def test_what_is_refused_exits_2_with_its_problems_and_no_answer(written, text, code, place):
    status, out, problems = run(written(text))
    assert (status, out) == (2, "")
    assert problems[0]["code"] == code
    assert problems[0].get("field") == place
    assert problems[0]["message"]


def test_bytes_that_are_no_text(written):
    assert run(written(b'{"a": "\xff\xfe"}'))[0] == 2


def test_an_unknown_unit_is_an_answer_not_a_refusal(written):
    status, out, _ = run(written(json.dumps(GOOD).replace("31.0 ppm", "31.0 ppx")))
    assert status == 0
    assert json.loads(out)["decision"] == "BLOCKED_DATA"
    assert "S2" in json.loads(out)["sentence"]


def test_a_missing_file_and_a_directory(tmp_path):
    for path in (tmp_path / "none.json", tmp_path):
        status, out, problems = run(str(path))
        assert (status, out, problems[0]["code"]) == (2, "", "file-missing")


@pytest.mark.parametrize(("content", "status"), [(json.dumps(GOOD), 0), ("{", 2)])
def test_as_a_program_from_standard_input(content, status):
    done = subprocess.run(
        [sys.executable, "manage.py", "grade_preview", "-"],
        cwd=ROOT, input=content.encode(), capture_output=True, check=False, timeout=120,
    )  # fmt: skip
    assert done.returncode == status, done.stderr
    if status == 0:
        assert json.loads(done.stdout) == decide(GOOD)
    else:
        assert done.stdout == b""
        assert json.loads(done.stderr)["code"] == "json-malformed"


def test_too_much_at_once_is_refused(written, monkeypatch):
    monkeypatch.setattr(previewing, "MOST_CASES", 2)
    monkeypatch.setattr(previewing, "MOST_SAMPLES", 5)
    assert run(written(json.dumps([GOOD] * 3)))[2][0]["code"] == "cases-count"
    assert run(written(json.dumps([GOOD] * 2)))[2][0]["code"] == "samples-too-many"
    assert run(written(json.dumps(dy(*[30.0] * 6))))[2][0]["code"] == "samples-too-many"
    assert run(written(json.dumps([GOOD])))[0] == 0


# --- The same over the API ----------------------------------------------------------------------------


@pytest.fixture
def member(db, person, signed_in):
    """Return a client of somebody with a role."""
    return signed_in(person("technician", "nfc"))


def post(client, content):
    return client.post(URL, content, content_type="application/json")


@pytest.mark.parametrize("data", [GOOD, OPEN, [GOOD, OPEN]])
def test_the_address_answers_as_the_command(member, written, data):
    before = Entry.objects.count()
    response = post(member, json.dumps(data))
    assert response.status_code == 200
    assert response.json() == json.loads(run(written(json.dumps(data)))[1])
    assert Entry.objects.count() == before


@pytest.mark.parametrize(("text", "code", "place"), [one for one in REFUSED if one[0]])
def test_the_address_refuses_as_the_command(member, text, code, place):
    response = post(member, text)
    assert response.status_code == 422
    assert response.headers["Content-Type"].startswith("application/problem+json")
    problem = response.json()["problems"][0]
    assert (problem["code"], problem.get("field")) == (code, place)


def test_the_address_takes_so_much_and_no_more(member, monkeypatch):
    monkeypatch.setattr(preview_api, "MOST_BYTES", 100)
    response = post(member, json.dumps(GOOD))
    assert response.status_code == 422
    assert response.json()["problems"][0]["code"] == "too-large"


@pytest.mark.django_db
def test_only_members_are_answered(client):
    assert post(client, json.dumps(GOOD)).status_code in {401, 403}


def test_only_json_is_taken(member):
    assert member.post(URL, {"policy": "x"}).status_code == 415


def test_nothing_at_all_is_no_case(member):
    assert post(member, "").status_code == 422
