"""What a person says of a file and of its rows: laboratory, number, profile, what a label is, what stays out."""

import pytest

from assays.certificates import answering, services
from assays.certificates.models import Determination, LabelMapping, Upload, UploadRow
from assays.certificates.queries import preview
from lims.errors import Conflict, Invalid, NotFound, Place, Problem
from lims.work.models import Request
from tests.assays.certificates.conftest import FIRST
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


def due(kind):
    return list(Request.objects.filter(kind=kind).values_list("key", flat=True))


def now(upload):
    return Upload.objects.get(pk=upload.pk)


def codes(found):
    return [one["code"] for one in found]


def test_a_file_that_cannot_be_read_is_refused_with_its_problems_and_read_again_when_described(desk):
    upload = desk.uploaded(b"nothing")
    problem = Problem("not-a-certificate", "It is no table.", "Ask again.", Place(file="a.csv"))
    upload = services.refuse_upload(actor=desk.system, upload=upload, problems=[problem])
    assert (upload.state, upload.problems) == ("REFUSED", [problem.as_dict()])
    Request.objects.all().delete()
    upload = desk.described(upload, laboratory=None, number="J1")
    assert (upload.state, upload.problems, upload.number) == ("WAITING", [], "J1")
    assert due("assays.read_upload") == [str(upload.pk)]


@pytest.mark.parametrize(
    ("said", "problem"),
    [
        ({"number": " "}, "field-required number"),
        ({"number": "x" * 61}, "text-too-long number"),
        ({"number": "a\x07b"}, "text-unreadable number"),
        ({"purpose": "RESULT"}, "choice-unknown purpose"),
        ({"laboratory": "irel"}, "not-a-laboratory laboratory"),
    ],
)
def test_what_makes_no_sense_is_refused(desk, good, refused, said, problem):
    if "laboratory" in said:
        said = {"laboratory": organisation(said["laboratory"])}
    assert refused(Invalid, desk.described, upload=good, **said) == [problem]
    assert (now(good).number, now(good).purpose, now(good).state) == ("HY26000001", "RESULTS", "READ")


def test_number_and_purpose_are_said_without_reading_it_again(desk, good):
    Request.objects.all().delete()
    upload = desk.described(good, number="  Job   7 ", purpose="QC")
    assert (upload.state, upload.number, upload.purpose) == ("READ", "Job 7", "QC")
    assert due("assays.read_upload") == []


def test_another_profile_reads_the_file_again(desk, commas, points):
    sample = desk.bench.sample()
    content = f"Sample;Dy ppm\n{sample.tag.code};36,5\n".encode()
    upload = desk.read(desk.described(desk.read(desk.uploaded(content)), number="J1"))
    assert codes(desk.row(upload, 2).problems) == ["decimal-comma"]
    Request.objects.all().delete()
    upload = desk.described(upload, profile=commas)
    assert (upload.state, due("assays.read_upload")) == ("WAITING", [str(upload.pk)])
    upload = desk.read(upload)
    assert desk.row(upload, 2).problems == []
    certificate = desk.commit(upload)
    assert certificate.profile == commas
    assert [str(one.value.normalize()) for one in Determination.objects.all()] == ["36.5"]


def test_on_its_way_to_the_record_it_is_described_no_more(desk, good, refused):
    desk.ordered(good)
    assert refused(Conflict, desk.described, upload=good) == ["transition-refused state"]
    assert refused(Conflict, desk.described, upload=good, laboratory=None) == ["transition-refused state"]


def test_a_person_says_what_a_row_is(desk, crm, blank):
    one, two = desk.bench.sample(), desk.bench.sample()
    labels = ["J1", "J2", "J3", "J4", "J5"]
    upload = desk.preview([(label, ["1", "2"]) for label in labels])
    said = [
        {"match": "SAMPLE", "sample": one},
        {"match": "DUPLICATE", "sample": two},
        {"match": "CRM", "material": crm},
        {"match": "BLANK", "material": blank},
        {"match": "REJECTED"},
    ]
    for number, what in enumerate(said, FIRST):
        answering.match_row(actor=desk.technician, upload=upload, number=number, **what)
    rows = UploadRow.objects.filter(upload=upload).order_by("number")
    assert [(r.match, r.sample, r.material, r.mapped, r.problems) for r in rows] == [
        ("SAMPLE", one, None, True, []),
        ("DUPLICATE", two, None, True, []),
        ("CRM", None, crm, True, []),
        ("BLANK", None, blank, True, []),
        ("REJECTED", None, None, True, []),
    ]
    told = LabelMapping.objects.order_by("label").values_list(
        "label", "match", "sample", "material", "kept_by"
    )
    here = desk.laboratory.pk
    assert list(told) == [
        ("J1", "SAMPLE", one.pk, None, here),
        ("J2", "DUPLICATE", two.pk, None, here),
        ("J3", "CRM", None, crm.pk, here),
        ("J4", "BLANK", None, blank.pk, here),
    ]


def test_an_answer_takes_the_question_away_and_nothing_else(desk):
    sample = desk.bench.sample()
    upload = desk.preview([("J1", ["1?", "2"])])
    assert codes(desk.row(upload).problems) == ["id-unmatched", "cell-unreadable"]
    answering.match_row(actor=desk.technician, upload=upload, number=FIRST, match="SAMPLE", sample=sample)
    assert codes(desk.row(upload).problems) == ["cell-unreadable"]
    assert preview(upload).good == 0


def test_what_was_learnt_may_be_said_otherwise_later(desk, crm, blank):
    upload = desk.preview([("STD-A", ["1", "2"])])
    for match, material in (("CRM", crm), ("BLANK", blank)):
        answering.match_row(
            actor=desk.technician, upload=upload, number=FIRST, match=match, material=material
        )
    assert LabelMapping.objects.get().material == blank
    assert LabelMapping.objects.get().match == "BLANK"


@pytest.mark.parametrize(
    ("match", "named", "problem"),
    [
        ("SAMPLE", {}, "match-incomplete match"),
        ("DUPLICATE", {}, "match-incomplete match"),
        ("CRM", {}, "match-incomplete match"),
        ("BLANK", {}, "match-incomplete match"),
        ("UNMATCHED", {}, "match-incomplete match"),
        ("REJECTED", {"sample"}, "match-incomplete match"),
        ("SAMPLE", {"sample", "material"}, "match-incomplete match"),
        ("BLANK", {"material"}, "match-incomplete match"),  # it is a reference material
        ("OTHER", {}, "choice-unknown match"),
    ],
)
def test_an_answer_that_is_none_is_refused(desk, crm, refused, match, named, problem):
    things = {"sample": desk.bench.sample(), "material": crm}
    upload = desk.preview([("J1", ["1", "2"])])
    given = {"actor": desk.technician, "upload": upload, "number": FIRST, "match": match}
    given |= {name: things[name] for name in named}
    assert refused(Invalid, answering.match_row, **given) == [problem]
    row = desk.row(upload)
    assert (row.match, row.mapped, LabelMapping.objects.count()) == ("UNMATCHED", False, 0)


def test_a_sample_of_a_batch_that_is_not_tested_here_is_none(desk, refused):
    from samples.registry import services as registry  # noqa: PLC0415  # only here

    ground = desk.bench.ground
    batch = registry.open_batch(
        actor=ground.manager, mine=ground.mine, material_type="HARD_ROCK", campaign="x"
    )
    elsewhere = desk.bench.registered(0, batch=batch)
    upload = desk.preview([(elsewhere.tag.code, ["1", "2"])])
    assert codes(desk.row(upload).problems) == ["id-unmatched"]
    assert elsewhere.tag.code not in str(desk.row(upload).suggestions)
    given = {
        "actor": desk.technician,
        "upload": upload,
        "number": FIRST,
        "match": "SAMPLE",
        "sample": elsewhere,
    }
    assert refused(Invalid, answering.match_row, **given) == ["sample-not-tested sample"]


def test_a_good_row_is_left_out_and_taken_in_again(desk, good):
    leave = answering.leave_row
    for number in (FIRST + 1, FIRST, FIRST):
        upload = leave(actor=desk.technician, upload=good, number=number, leave=True)
    assert upload.understood["left_out"] == [FIRST, FIRST + 1]
    assert (preview(upload).good, preview(upload).left) == (0, 2)
    upload = leave(actor=desk.technician, upload=good, number=FIRST, leave=False)
    assert upload.understood["left_out"] == [FIRST + 1]
    assert preview(upload).sentence == "Commit 1 sample, 2 values; leave 1 row"


@pytest.mark.parametrize("number", [0, 1, FIRST - 1, FIRST + 2])
def test_a_row_that_is_not_there(desk, good, refused, number):
    given = {"actor": desk.technician, "upload": good, "number": number}
    assert refused(NotFound, answering.leave_row, leave=True, **given) == ["row-unknown row"]
    assert refused(NotFound, answering.match_row, match="REJECTED", **given) == ["row-unknown row"]


def test_rows_are_answered_in_the_preview_only(desk, good, refused):
    desk.ordered(good)
    given = {"actor": desk.technician, "upload": good, "number": FIRST}
    assert refused(Conflict, answering.leave_row, leave=True, **given) == ["transition-refused"]
    assert refused(Conflict, answering.match_row, match="REJECTED", **given) == ["transition-refused"]
