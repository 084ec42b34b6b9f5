"""`manage.py read_certificate`: how a file is understood, as JSON; its status says how it went; nothing is written."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command

ROOT = Path(__file__).resolve().parents[2]
PLAIN = "Sample,Dy ppm\nA,36.5\nB,-0.05\n"


def run(path, *arguments):
    out, wrong = io.StringIO(), io.StringIO()
    try:
        call_command("read_certificate", str(path), *arguments, stdout=out, stderr=wrong)
    except SystemExit as ended:
        return ended.code, out.getvalue(), wrong.getvalue()
    return 0, out.getvalue(), wrong.getvalue()


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "certificate.csv"
        path.write_text(text)
        return path

    return write


def test_a_file_that_is_understood(file):
    status, out, wrong = run(file(PLAIN))
    answer = json.loads(out)
    assert (status, wrong) == (0, "")
    assert list(answer) == [
        "layout", "laboratory", "certificate", "status", "version_note", "stated_samples", "rows", "determinations", "findings",
    ]  # fmt: skip
    assert (answer["layout"], answer["rows"], answer["stated_samples"]) == ("plain-wide", 2, None)
    assert answer["determinations"][0] == {
        "sample": "A",
        "analyte": "Dy",
        "form": "element",
        "oxide": None,
        "method": "",
        "raw": "36.5",
        "qualifier": "",
        "value": "36.5",
        "limit": None,
        "unit": "ppm",
        "ppm": "36.5",
        "row": 2,
        "column": 2,
    }
    assert [(one["severity"], one["code"], one["row"], one["column"]) for one in answer["findings"]] == [
        ("warning", "negative-value", 3, 2)
    ]


def test_a_profile_says_what_a_minus_means(file):
    status, out, _ = run(file(PLAIN), "--profile", "minus-below")
    below = json.loads(out)["determinations"][1]
    assert status == 0
    assert (below["raw"], below["qualifier"], below["value"], below["limit"]) == ("-0.05", "<", None, "0.05")


def test_error_findings_make_the_status_one_and_all_else_is_printed(file):
    status, out, wrong = run(file("Sample,Dy ppm\nA,36.5\nB,what\n"))
    answer = json.loads(out)
    assert (status, wrong) == (1, "")
    assert [one["sample"] for one in answer["determinations"]] == ["A"]
    assert [one["code"] for one in answer["findings"]] == ["cell-unreadable"]


@pytest.mark.parametrize(
    ("text", "arguments", "code"),
    [
        ("", (), "file-empty"),
        ("%PDF-1.7", (), "not-what-its-name-says"),
        ("Sample,Colour\nA,red\n", (), "not-a-certificate"),
        (PLAIN, ("--profile", "nobody"), "profile-unknown"),
    ],
)
def test_what_cannot_be_read_makes_the_status_two_with_a_problem(file, text, arguments, code):
    status, out, wrong = run(file(text), *arguments)
    assert (status, out) == (2, "")
    problem = json.loads(wrong)
    assert problem["code"] == code
    assert problem["message"]


def test_a_file_that_is_not_there_or_is_a_folder_makes_the_status_two(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        status, out, wrong = run(path)
        assert (status, out, json.loads(wrong)["code"]) == (2, "", "file-missing")


def test_it_reads_standard_input_in_a_process_of_its_own_and_needs_no_database():
    done = subprocess.run(
        [sys.executable, "manage.py", "read_certificate", "-"],
        input="Sample,Dy2O3 %\nÄ 1,0.00012\n".encode("utf-16"),
        capture_output=True,
        cwd=ROOT,
        env=os.environ
        | dict.fromkeys(("DATABASE_URL", "DATABASE_OWNER_URL"), "postgresql://nobody@127.0.0.1:1/none"),
        check=False,
        timeout=60,
    )
    assert done.returncode == 0
    (one,) = json.loads(done.stdout)["determinations"]
    assert (one["sample"], one["oxide"], one["value"], one["ppm"]) == ("Ä 1", "Dy2O3", "0.00012", "1.2")
