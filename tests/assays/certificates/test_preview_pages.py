"""A file on its way on screen: dropped, understood, questions answered without losing one's place, committed."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from python_calamine import CalamineWorkbook

from assays.certificates.models import Certificate, Upload
from assays.certificates.writing import WrittenColumn, als_csv
from assays.demonstration.due import do_due
from lims.accounts.models import Membership
from lims.verbs import SystemActor, acting
from tests.assays.quality.conftest import bench, blank, crm, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture
from tests.support.people import organisation

pytestmark = pytest.mark.django_db(transaction=True)
HTMX = {"HTTP_HX_REQUEST": "true"}
COLUMNS = [WrittenColumn("ME-MS81", "Dy", "ppm"), WrittenColumn("ME-MS81", "Tb", "ppm")]


def url(name, *args):
    return reverse(f"certificates:{name}", args=args)


def text_of(answer):
    return " ".join(answer.content.decode().split())


def written(rows, number="HY26000009", **given):
    dates = {"received_on": date(2026, 1, 2), "finalized_on": date(2026, 1, 9)}
    return als_csv(number=number, client="C", columns=COLUMNS, rows=rows, **dates | given)


@pytest.fixture
def technician(signed_in, tested):  # noqa: F811  # a fixture
    return signed_in(tested.technician)


@pytest.fixture
def bring(technician, tested):  # noqa: F811  # a fixture
    """Return a function that drops a file and has it read; the laboratory is said, as its own files do not."""

    def drop(content, name="a.csv", *, described=True):
        file = SimpleUploadedFile(name, content, content_type="text/csv")
        answer = technician.post(url("add"), {"file": file, "kept_by": str(tested.laboratory.pk)})
        assert answer.status_code == 302, text_of(answer)
        do_due()
        upload = Upload.objects.latest("id")
        assert answer.url == url("upload", upload.pk)
        if described and upload.state == "READ":
            given = {
                "laboratory": str(tested.laboratory.pk),
                "number": upload.number,
                "purpose": upload.purpose,
            }
            assert technician.post(url("describe", upload.pk), given).status_code == 302
            do_due()
        upload.refresh_from_db()
        return upload

    return drop


@pytest.fixture
def mixed(bring, tested, crm, blank):  # noqa: F811  # fixtures
    """Return an upload with good rows, a duplicate, a label nobody knows, and a cell nobody understands."""
    one, two = tested.sample(), tested.sample()
    rows = [
        ("RM 20", ["20.1", "3.1"]),
        ("Limestone", ["<0.05", "<0.01"]),
        (one.tag.code, ["28.40", "5.1"]),
        (one.tag.code, ["28.10", "5.0"]),
        ("J999", ["1", "2"]),
        (two.tag.code, ["x?", ">100"]),
    ]
    return bring(written(rows))


def number_of(upload, label, nth=0):
    return upload.rows.filter(label=label).order_by("number")[nth].number


def test_a_file_is_shown_as_each_cell_was_read(technician, mixed, tested):  # noqa: F811  # a fixture
    text = text_of(technician.get(url("upload", mixed.pk)))
    one = tested.samples[0].tag.code
    first = number_of(mixed, one)
    for words in (
        "als-csv",
        "HY26000009",
        "Commit 1 sample, 2 QC items, 6 values; leave 3 rows",
        "2 rows to settle",
        f"A duplicate of {tested.samples[0]}",
        f'id="r{first}c2" class="num " title="Dy by ME-MS81: 28.40 ppm, a value"',
        'class="num is-below" title="Dy by ME-MS81: &lt;0.05 ppm, below detection"',
        'class="num is-over"',
        'class="num is-bad"',
        f'href="#r{number_of(mixed, tested.samples[1].tag.code)}c2"',
    ):
        assert words in text
    assert "Pangwa" not in text


def test_an_answer_changes_what_stands_and_nothing_else(technician, mixed, tested):  # noqa: F811  # a fixture
    twin = number_of(mixed, tested.samples[0].tag.code, 1)
    choice = f"DUPLICATE {tested.samples[0].pk}"
    answer = technician.post(url("match", mixed.pk, twin), {"choice": choice}, **HTMX)
    text = text_of(answer)
    assert answer.status_code == 200
    assert "<html" not in text
    for words in (
        f'id="open-{twin}" hx-swap-oob="true"',
        'id="commit"',
        "Commit 1 sample, 1 duplicate, 2 QC items, 8 values; leave 2 rows",
        "1 row to settle",
        f'<template><tr id="r{twin}"',
        'aria-pressed="true"',
    ):
        assert words in text
    assert technician.get(url("upload", mixed.pk)).context["waiting"] == 1
    # An answer may be given otherwise.
    text = text_of(technician.post(url("match", mixed.pk, twin), {"choice": "REJECTED "}, **HTMX))
    assert "Commit 1 sample, 2 QC items, 6 values; leave 3 rows" in text
    assert f"A duplicate of {tested.samples[0]}" in text


def test_without_htmx_one_comes_back_to_the_same_row(technician, mixed):
    row = number_of(mixed, "J999")
    answer = technician.post(url("match", mixed.pk, row), {"match": "NAMED", "label": "rm-20"})
    assert answer.status_code == 302
    assert answer.url.endswith(f"&open={row}#open-{row}")
    assert mixed.rows.get(number=row).match == "CRM"


def test_what_is_typed_names_a_sample_or_a_material(technician, mixed, tested):  # noqa: F811  # a fixture
    row, third = number_of(mixed, "J999"), tested.sample()
    there = url("match", mixed.pk, row)
    assert technician.post(there, {"match": "NAMED", "label": str(third).lower()}, **HTMX).status_code == 200
    assert mixed.rows.get(number=row).sample == third
    assert technician.post(there, {"match": "NAMED", "label": "limestone"}, **HTMX).status_code == 200
    assert mixed.rows.get(number=row).match == "BLANK"
    assert technician.post(there, {"match": "DUPLICATE", "label": str(third)}, **HTMX).status_code == 200
    assert (mixed.rows.get(number=row).match, mixed.rows.get(number=row).sample) == ("DUPLICATE", third)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"match": "NAMED", "label": "nobody"}, 404),
        ({"match": "NAMED", "label": ""}, 422),
        ({"match": "NAMED"}, 422),
        ({"match": "GUESS"}, 422),
        ({}, 422),
        ({"choice": "SAMPLE no-uuid"}, 422),
        ({"choice": "SAMPLE"}, 422),
        ({"choice": "CRM 0190a0a0-0000-7000-8000-000000000000"}, 422),
        ({"choice": "SAMPLE 0190a0a0-0000-7000-8000-000000000000"}, 422),
        ({"match": "UNMATCHED"}, 422),
        ({"match": "NAMED", "label": "x\x00"}, 422),
    ],
)
def test_what_makes_no_sense_changes_nothing(technician, mixed, sent, status):
    row = number_of(mixed, "J999")
    answer = technician.post(url("match", mixed.pk, row), sent, **HTMX)
    assert answer.status_code == status
    assert "data-problem" in text_of(answer)
    assert mixed.rows.get(number=row).match == "UNMATCHED"
    assert technician.post(url("match", mixed.pk, 999), {"choice": "REJECTED "}, **HTMX).status_code == 404


def test_a_good_row_is_left_and_taken_again(technician, mixed, tested):  # noqa: F811  # a fixture
    row = number_of(mixed, tested.samples[0].tag.code)
    left = text_of(technician.post(url("leave", mixed.pk, row), {"leave": "yes"}, **HTMX))
    assert "Commit 0 samples, 2 QC items, 4 values; leave 4 rows" in left
    taken = text_of(technician.post(url("leave", mixed.pk, row), {"leave": "no"}, **HTMX))
    assert "Commit 1 sample, 2 QC items, 6 values; leave 3 rows" in taken
    assert technician.post(url("leave", mixed.pk, row), {"leave": "yes"}).url.endswith(f"#r{row}")


def test_committed_it_leads_to_its_run(technician, mixed):
    assert technician.post(url("commit", mixed.pk)).url == url("upload", mixed.pk)
    waits = technician.get(url("progress", mixed.pk), **HTMX)
    assert "progress" in text_of(waits)
    do_due()
    certificate = Certificate.objects.get()
    done = technician.get(url("progress", mixed.pk), **HTMX)
    assert done["HX-Redirect"] == reverse("runs:run", args=[certificate.run_id])
    assert (certificate.rows, certificate.determination_count) == (3, 6)
    assert "Look at the run" in text_of(technician.get(url("upload", mixed.pk)))
    late = technician.post(url("match", mixed.pk, number_of(mixed, "J999")), {"choice": "REJECTED "}, **HTMX)
    assert late.status_code == 409
    assert technician.post(url("commit", mixed.pk)).status_code == 409


def test_a_file_that_contradicts_itself_is_committed_only_when_that_was_read(technician, bring, tested):  # noqa: F811
    sample = tested.sample()
    content = written([(sample.tag.code, ["28", "5"])]).replace(b"SAMPLES : 1", b"SAMPLES : 2")
    upload = bring(content)
    assert "I have read this" in text_of(technician.get(url("upload", upload.pk)))
    refused = technician.post(url("commit", upload.pk))
    assert refused.status_code == 409
    assert "Nothing was committed" in text_of(refused)
    assert technician.post(url("commit", upload.pk), {"accept": "yes"}).status_code == 302
    do_due()
    assert Certificate.objects.count() == 1


def test_a_reissue_says_what_it_replaces(technician, bring, tested):  # noqa: F811  # a fixture
    sample = tested.sample()
    first = bring(written([(sample.tag.code, ["28", "5"])]))
    technician.post(url("commit", first.pk))
    do_due()
    again = bring(written([(sample.tag.code, ["29", "5"])], comments="Corrected copy: dilution"))
    text = text_of(technician.get(url("upload", again.pk)))
    assert "This replaces version 1 of HY26000009" in text
    assert "its decisions will be made again" in text
    assert "Corrected copy: dilution" in text


def test_the_same_file_leads_to_the_first(technician, mixed, tested):  # noqa: F811  # a fixture
    from lims import files  # noqa: PLC0415

    again = SimpleUploadedFile("b.csv", files.get(mixed.sha256))
    answer = technician.post(url("add"), {"file": again, "kept_by": str(tested.laboratory.pk)})
    assert answer.status_code == 422
    assert url("upload", mixed.pk) in text_of(answer)
    assert Upload.objects.count() == 1


def test_a_file_that_cannot_be_read_is_kept_with_the_reason(technician, bring):
    upload = bring(b"\x00\x01 not a certificate", "x.csv")
    assert upload.state == "REFUSED"
    text = text_of(technician.get(url("upload", upload.pk)))
    assert "The file cannot be read as a certificate" in text
    assert upload.problems[0]["message"].split("“")[0] in text
    assert technician.get(url("original", upload.pk)).content == b"\x00\x01 not a certificate"


@pytest.mark.parametrize("sent", [{}, {"number": "N", "purpose": "x"}, {"number": "", "purpose": "QC"}])
def test_a_refused_description_keeps_what_was_typed(technician, mixed, sent):
    answer = technician.post(url("describe", mixed.pk), sent)
    assert answer.status_code == 422
    assert "needs correcting" in text_of(answer) or "need correcting" in text_of(answer)


def test_the_problems_go_home_as_a_spreadsheet(technician, mixed):
    answer = technician.get(url("problems", mixed.pk))
    head, *rows = CalamineWorkbook.from_object(BytesIO(answer.content)).get_sheet_by_index(0).to_python()
    assert head == ["Row", "Column", "Cell", "Severity", "Code", "What", "What to do"]
    assert {"id-unmatched", "duplicate-id", "cell-unreadable"} <= {row[4] for row in rows}
    assert all(isinstance(cell, str) for row in rows for cell in row)


@pytest.mark.parametrize(
    "query", ["?from=x", "?from=-1", "?from=" + "9" * 40, "?open=²", "?only=bad&from=3", "?from=%00"]
)
def test_any_address_of_a_page_answers(technician, mixed, query):
    assert technician.get(url("upload", mixed.pk) + query).status_code == 200


def test_who_may_do_what(signed_in, mixed, tested, person):  # noqa: F811  # a fixture
    reviewer = signed_in(tested.reviewer)
    text = text_of(reviewer.get(url("upload", mixed.pk)))
    assert "a technician of" in text
    assert url("commit", mixed.pk) not in text
    row = number_of(mixed, "J999")
    for name, args in (("match", [row]), ("leave", [row]), ("commit", []), ("discard", []), ("describe", [])):
        assert reviewer.post(url(name, mixed.pk, *args), {}).status_code == 403
    assert signed_in(person("manager", "irel")).get(url("upload", mixed.pk)).status_code == 403
    with acting(SystemActor("tests"), verb_name="make"):
        other = person("technician", "irel", nick="elsewhere")
        Membership.objects.create(user=other, organisation=organisation("mines"), role="TECHNICIAN")
    assert signed_in(other).get(url("upload", mixed.pk)).status_code in {403, 404}


def test_put_away_it_counts_for_nothing(technician, mixed):
    assert technician.post(url("discard", mixed.pk)).url == url("uploads")
    mixed.refresh_from_db()
    assert mixed.state == "DISCARDED"
    assert "Nothing of it counts." in text_of(technician.get(url("upload", mixed.pk)))


def test_a_preview_asks_the_database_as_often_for_many_rows_as_for_few(technician, bring, tested):  # noqa: F811
    def asked(count, number):
        rows = [(f"J{number}{n}", ["1", "2"]) for n in range(count)]
        upload = bring(written(rows, number=number))
        technician.get(url("upload", upload.pk))
        with CaptureQueriesContext(connection) as caught:
            assert technician.get(url("upload", upload.pk)).status_code == 200
        return len(caught)

    tested.sample()
    assert asked(2, "HY1") == asked(12, "HY2")
