"""A file comes in: kept as it is, refused by name, read and kept with what was understood of it."""

import pytest

from assays.certificates import services
from assays.certificates.models import Upload, UploadRow
from assays.certificates.queries import preview
from assays.certificates.rules import LARGEST_BYTES
from lims import files
from lims.errors import Conflict, Invalid, Problem
from lims.work.models import Request

pytestmark = pytest.mark.django_db


def due(kind):
    return list(Request.objects.filter(kind=kind).values_list("key", flat=True))


def now(upload):
    return Upload.objects.get(pk=upload.pk)


def codes(found):
    return [one["code"] for one in found]


def test_a_file_is_kept_as_it_came_and_waits_to_be_read(desk):
    content = desk.file([("J1", ["1", "2"])])
    upload = desk.uploaded(content, "C:/folder/KC 7 (final).csv")
    assert (upload.state, upload.file_name, upload.purpose) == ("WAITING", "KC 7 (final).csv", "RESULTS")
    assert (upload.kept_by, upload.uploaded_by) == (desk.laboratory, desk.technician)
    assert files.get(upload.sha256) == content
    assert due("assays.read_upload") == [str(upload.pk)]
    assert not UploadRow.objects.exists()


@pytest.mark.parametrize(
    ("name", "kept"),
    [("", "certificate"), ("/", "certificate"), ("../../etc/passwd", "passwd"), ("é" * 300, "é" * 200)],
)
def test_a_name_is_a_name_only(desk, name, kept):
    assert desk.uploaded(desk.file([("J1", ["1", "2"])]), name).file_name == kept


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"", "file-empty"), (b"x" * (LARGEST_BYTES + 1), "file-too-large")],
    ids=["empty", "large"],
)
def test_a_file_out_of_bounds_is_refused(desk, refused, content, code):
    assert refused(Invalid, desk.uploaded, content=content) == [f"{code} file"]
    assert not Upload.objects.exists()


def test_a_file_as_large_as_allowed_is_kept(desk):
    assert desk.uploaded(b"x" * LARGEST_BYTES).state == "WAITING"


def test_the_same_file_again_is_refused_with_the_first_ones_id(desk):
    content = desk.file([("J1", ["1", "2"])])
    first = desk.uploaded(content, "first.csv")
    with pytest.raises(Conflict) as error:
        desk.uploaded(content, "second.csv")
    problem = error.value.problems[0].as_dict()
    assert (problem["code"], problem["upload"], problem["field"]) == (
        "upload-file-once",
        str(first.pk),
        "file",
    )
    assert "first.csv" in problem["message"]
    assert Upload.objects.count() == 1


@pytest.mark.parametrize("after", ["discarded", "refused"])
def test_a_file_that_was_put_away_may_come_again(desk, after):
    content = desk.file([("J1", ["1", "2"])])
    first = desk.uploaded(content)
    if after == "discarded":
        services.discard_upload(actor=desk.technician, upload=first)
    else:
        services.refuse_upload(actor=desk.system, upload=first, problems=[Problem("x", "No.")])
    assert desk.uploaded(content).pk != first.pk


def test_a_file_that_is_committed_does_not_come_again(desk, good, refused):
    desk.commit(good)
    assert refused(Conflict, desk.uploaded, content=files.get(good.sha256)) == ["upload-file-once file"]


def test_another_laboratory_may_have_the_same_file(desk, elsewhere):
    content = desk.file([("J1", ["1", "2"])])
    first = desk.uploaded(content)
    place = elsewhere.memberships.get().organisation
    second = services.upload_certificate(actor=elsewhere, kept_by=place, name="a.csv", content=content)
    assert second.sha256 == first.sha256


def test_what_was_understood_is_kept_with_rows_and_marks(desk):
    one, two = desk.bench.sample(), desk.bench.sample()
    rows = [
        (one.tag.code, ["36.50", "<0.01", "lost"]),
        (two.tag.code, [">1000", "NSS", ""]),
    ]
    upload = desk.preview(
        rows, columns="ME-MS81 Dy ppm, ME-MS81 Tb ppm, ME-ICP06 Dy2O3 %", comments="Pulps kept"
    )
    assert (upload.state, upload.number, upload.purpose, upload.laboratory) == (
        "READ",
        "HY26000001",
        "RESULTS",
        desk.laboratory,
    )
    kept = upload.understood
    assert (kept["layout"], kept["status"], kept["rows"], kept["determinations"]) == (
        "als-csv",
        "final",
        2,
        5,
    )
    assert (kept["received_on"], kept["finalized_on"], kept["stated_samples"]) == (
        "2026-01-02",
        "2026-01-09",
        2,
    )
    assert (kept["encoding"], kept["delimiter"], kept["certificate"]) == ("utf-8", ",", "HY26000001")
    assert kept["columns"][2] == {
        "number": 4,
        "heading": "Dy2O3",
        "analyte": "Dy",
        "form": "oxide",
        "oxide": "Dy2O3",
        "method": "ME-ICP06",
        "unit": "%",
    }
    first, second = UploadRow.objects.filter(upload=upload).order_by("number")
    assert (first.number, first.label, first.cells) == (
        11,
        one.tag.code,
        [one.tag.code, "36.50", "<0.01", "lost"],
    )
    assert first.marks == ["", "", "<", "!"]
    assert second.marks == ["", ">", "insufficient-sample", "blank"]
    assert [(p["code"], p["row"], p["column"]) for p in first.problems] == [("cell-unreadable", 11, 4)]
    assert (second.problems, first.mapped, second.match, second.sample) == ([], False, "SAMPLE", two)


def test_the_laboratory_is_known_by_its_name(desk, elsewhere):
    upload = desk.read(desk.uploaded(desk.file([("J1", ["1", "2"])])))
    assert upload.laboratory == elsewhere.memberships.get().organisation


def test_an_unknown_laboratory_is_left_for_a_person_to_say(desk):
    upload = desk.read(desk.uploaded(desk.file([("J1", ["1", "2"])])))
    assert (upload.laboratory, upload.number) == (None, "HY26000001")


@pytest.mark.parametrize(
    ("number", "kept", "purpose"),
    [
        ("HY26000001", "HY26000001", "RESULTS"),
        ("QC-HY26000001", "HY26000001", "QC"),
        ("QCHY26000001", "HY26000001", "QC"),
        ("qc_HY26000001", "HY26000001", "QC"),
    ],
)
def test_a_qc_certificate_is_known_by_its_number(desk, number, kept, purpose):
    upload = desk.read(desk.uploaded(desk.file([("J1", ["1", "2"])], number=number)))
    assert (upload.number, upload.purpose) == (kept, purpose)


def test_a_file_of_reference_materials_only_is_the_laboratorys_qc(desk, crm, blank):
    assert desk.preview([("RM 20", ["20", "1"]), ("Limestone", ["<1", "<1"])]).purpose == "QC"


def test_a_file_with_anything_else_is_not(desk, crm):
    assert desk.preview([("RM 20", ["20", "1"]), ("J1", ["1", "2"])], number="HY1").purpose == "RESULTS"
    sample = desk.bench.sample()
    rows = [("RM 20", ["20", "1"]), (sample.tag.code, ["1", "2"])]
    assert desk.preview(rows, number="HY2").purpose == "RESULTS"


def test_read_again_the_number_that_a_person_said_stays(desk, good):
    desk.described(good, number="Job 7")
    upload = desk.described(now(good), method=desk.bench.method("X-1"))
    assert upload.state == "WAITING"
    upload = desk.read(upload)
    assert (upload.number, upload.state, upload.rows.count()) == ("Job 7", "READ", 2)


def test_a_method_that_the_catalogue_does_not_know_is_a_warning(desk):
    rows = [(desk.bench.sample().tag.code, ["1", "2"])]
    upload = desk.preview(rows, columns="ME-MS81 Dy ppm, ZZ-9 Tb ppm")
    assert [(f["code"], f["column"]) for f in upload.findings if "method" in f["code"]] == [
        ("method-unknown", 3)
    ]
    content = f"Sample,Dy ppm\n{desk.bench.sample().tag.code},1\n".encode()
    plain = desk.read(desk.described(desk.read(desk.uploaded(content)), number="J1"))
    assert [f["code"] for f in plain.findings if "method" in f["code"]] == ["method-missing"]
    plain = desk.read(desk.described(plain, method=desk.bench.method("ICP-9")))
    assert plain.findings == []
    assert plain.understood["columns"][0]["method"] == "ICP-9"


@pytest.mark.parametrize("cell", ["1" + "0" * 18, "0.0000000000001", "<0.0000000000001"])
def test_a_number_with_more_digits_than_are_kept_makes_its_row_bad(desk, cell):
    upload = desk.preview([(desk.bench.sample().tag.code, [cell, "2"])])
    assert "number-too-long" in codes(desk.row(upload).problems)
    assert preview(upload).good == 0


def test_what_is_wrong_with_the_whole_file_is_kept_the_worst_first(desk):
    content = desk.file([(desk.bench.sample().tag.code, ["1", "2"])], comments="Corrected copy").replace(
        b"# of SAMPLES : 1", b"# of SAMPLES : 3"
    )
    upload = desk.previewed(content)
    assert [(f["severity"], f["code"]) for f in upload.findings] == [
        ("error", "sample-count"),
        ("note", "re-issue"),
    ]
