"""The order to commit a preview, its way back, putting it away, and who may do any of it."""

import pytest

from assays.certificates import answering, services
from assays.certificates.models import Certificate, Upload
from lims import files
from lims.errors import Conflict, Invalid, NotPermitted, Problem
from lims.verbs import acting
from lims.work.models import Request
from tests.assays.certificates.conftest import FIRST

pytestmark = pytest.mark.django_db


def due(kind):
    return list(Request.objects.filter(kind=kind).values_list("key", flat=True))


def now(upload):
    return Upload.objects.get(pk=upload.pk)


def codes(found):
    return [one["code"] for one in found]


def test_a_commit_is_ordered_by_a_person_and_done_by_a_worker(desk, good):
    upload = desk.ordered(good, leave_out=[FIRST + 1])
    assert (upload.state, upload.committed_by) == ("COMMITTING", desk.technician)
    assert (upload.understood["left_out"], upload.understood["accepted"]) == ([FIRST + 1], False)
    assert due("assays.commit_upload") == [str(upload.pk)]
    assert not Certificate.objects.exists()
    assert desk.recorded(upload).rows == 1


def test_without_laboratory_number_or_a_good_row_nothing_is_ordered(desk, good, refused):
    without = desk.read(desk.uploaded(desk.file([("J1", ["1", "2"])], number="HY7")))
    assert refused(Invalid, desk.ordered, upload=without) == ["laboratory-unknown laboratory"]
    content = f"Sample,Dy ppm\n{desk.bench.sample().tag.code},1\n".encode()
    plain = desk.uploaded(content)
    with acting(desk.system, verb_name="change"):
        Upload.objects.filter(pk=plain.pk).update(laboratory=desk.laboratory)
    plain = desk.read(now(plain))
    assert refused(Invalid, desk.ordered, upload=plain) == ["number-missing number"]
    unmatched = desk.preview([("J1", ["1", "2"])], number="HY8")
    assert refused(Conflict, desk.ordered, upload=unmatched) == ["upload-nothing-good"]
    assert refused(Conflict, desk.ordered, upload=good, leave_out=[FIRST, FIRST + 1]) == [
        "upload-nothing-good"
    ]
    assert now(good).understood.get("left_out") is None
    assert {upload.state for upload in Upload.objects.all()} == {"READ"}
    assert due("assays.commit_upload") == []


def test_what_is_wrong_with_the_whole_file_must_be_accepted(desk, refused):
    content = desk.file([(desk.bench.sample().tag.code, ["1", "2"])]).replace(b"SAMPLES : 1", b"SAMPLES : 2")
    upload = desk.previewed(content)
    assert refused(Conflict, desk.ordered, upload=upload) == ["upload-has-errors accept"]
    upload = desk.ordered(upload, accept=True)
    assert upload.understood["accepted"] is True
    assert desk.recorded(upload).stated_samples == 2


def test_what_could_not_be_committed_comes_back_with_the_reason_and_is_ordered_again(desk, good):
    desk.ordered(good)
    problem = Problem("certificate-file-once", "It is recorded.", "Look at the run.")
    upload = services.return_upload(actor=desk.system, upload=good, problems=[problem])
    assert (upload.state, upload.problems) == ("READ", [problem.as_dict()])
    assert desk.ordered(upload).problems == []


def test_a_file_is_put_away_and_stays(desk, good, refused):
    upload = services.discard_upload(actor=desk.technician, upload=good)
    assert upload.state == "DISCARDED"
    assert files.get(upload.sha256)
    assert refused(Conflict, desk.ordered, upload=good) == ["transition-refused state"]
    assert refused(Conflict, services.discard_upload, actor=desk.technician, upload=good) == [
        "transition-refused state"
    ]


@pytest.mark.parametrize("step", ["ordered", "commit"])
def test_what_is_on_its_way_into_the_record_is_not_put_away(desk, good, refused, step):
    getattr(desk, step)(good)
    assert refused(Conflict, services.discard_upload, actor=desk.technician, upload=good) == [
        "transition-refused state"
    ]


def test_technicians_of_the_keeping_laboratory_do_all_of_it_and_nobody_else_any(
    desk, good, refused, person, elsewhere
):
    strangers = [
        elsewhere,
        desk.bench.reviewer,
        person("receptionist", "nfc"),
        person("manager", "nfc"),
        person("manager", "irel"),
        person("auditor", "mines"),
        person("administrator", "mines"),
    ]
    acts = [
        (services.upload_certificate, {"kept_by": desk.laboratory, "name": "a", "content": b"x"}),
        (services.keep_reading, {"reading": desk.reading(good)}),
        (services.refuse_upload, {"problems": []}),
        (services.describe_upload, {"laboratory": desk.laboratory, "number": "1", "purpose": "QC"}),
        (answering.match_row, {"number": FIRST, "match": "REJECTED"}),
        (answering.leave_row, {"number": FIRST, "leave": True}),
        (services.commit_upload, {}),
        (services.return_upload, {"problems": []}),
        (services.discard_upload, {}),
    ]
    for stranger in strangers:
        for act, given in acts:
            of = {} if act is services.upload_certificate else {"upload": good}
            assert refused(NotPermitted, act, actor=stranger, **of, **given) == ["not-permitted"]
    assert (now(good).state, now(good).understood, Upload.objects.count()) == ("READ", good.understood, 1)


def test_who_sees_an_upload(desk, good, person):
    inside = [desk.technician, desk.bench.reviewer, desk.bench.manager, person("receptionist", "nfc")]
    assert all(Upload.objects.visible_to(user).filter(pk=good.pk).exists() for user in inside)
    outside = [person("manager", "irel"), person("manager", "midwest"), person("auditor", "mines")]
    assert not any(Upload.objects.visible_to(user).exists() for user in outside)
