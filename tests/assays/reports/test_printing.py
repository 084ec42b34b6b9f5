"""The report on paper: a tagged PDF that says what the decision says, and takes nobody's text for its own language."""

import io
import json
from dataclasses import replace

import pypdf
import pytest

from assays.reports import charts, printing
from assays.reports.compose import compose
from assays.reports.drawing import FONTS, svg
from assays.reports.models import GradeReport
from assays.reports.rules import read_code
from assays.reports.services import MAKE, keep_report, request_report
from assays.reports.tasks import make_report
from lims import files
from lims.errors import NotPermitted
from lims.verbs import SystemActor
from lims.web.vendor import differences
from lims.work.models import Request
from lims.work.runner import look
from tests.assays.reports import made

pytestmark = pytest.mark.django_db


def words_of(pdf):
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    return reader, " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_the_pdf_is_tagged_and_says_what_the_decision_says():
    decision = made.decided()
    report = compose(decision)
    reader, text = words_of(printing.pdf_of(report))
    assert "pdfuaid:part" in reader.xmp_metadata.rdf_root.toxml()
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    assert reader.trailer["/Root"]["/Lang"] == "en"
    assert reader.metadata.title == f"Grade report {decision.batch.code}, decision 1"
    for said in (
        f"Batch {decision.batch.code}",
        "The batch holds enough.",
        "Flagged at 95 % confidence",
        report.code,
        "35.3",
        "pit 6",
        "Hyderabad Assay Laboratory",
        made.SHA,
        "Clay, demonstration, version 1",
        "2 reference materials inside 2 s.",
        "IUPAC 2021",
        decision.digest,
        "carries no accreditation mark",
    ):
        assert said in text, said


def test_the_answer_is_on_the_first_page():
    reader, _ = words_of(printing.pdf_of(compose(made.decided())))
    first = " ".join(reader.pages[0].extract_text().split())
    assert "The batch holds enough." in first
    assert "Against the thresholds" in first
    assert "Threshold" in first
    assert "Quality control Verdicts by run and analyte: 2 passed." in first
    assert "6 samples collected" in first
    assert "For the owner: name" in first
    assert "Determinations" not in first


def test_what_people_wrote_stays_text():
    evil = '#read("/etc/passwd") *x* <b> $ @ref \\ #{1/0} "quote"'
    decision = made.decided()
    report = compose(decision)
    _, text = words_of(printing.pdf_of(replace(report, mine=evil, policy_rationale=evil)))
    assert text.count('#read("/etc/passwd")') == 2


def test_a_report_without_any_result_can_be_printed():
    batch = made.ground()
    made.policy(batch)
    samples = made.bags(batch, 3)
    case = made.case_of(samples, made.GOOD[:3])
    for sample in case["samples"]:
        sample["values"] = {}
    decision = made.decide(batch, case, made.sources_of([], None, qc=[]))
    _, text = words_of(printing.pdf_of(compose(decision)))
    assert "only 0 of 3 samples have what Dy₂O₃ needs" in text
    assert "No certificate yet." in text


def test_a_worker_prints_a_report_once():
    decision = made.decided()
    request_report(actor=SystemActor("tests"), decision=decision)
    assert Request.objects.filter(kind=MAKE, key=str(decision.pk)).count() == 1
    assert look(MAKE, str(decision.pk)) == 1
    kept = GradeReport.objects.get()
    assert (kept.decision_id, kept.code) == (decision.pk, read_code(kept.code))
    assert files.get(kept.sha256).startswith(b"%PDF-1.7")
    request_report(actor=SystemActor("tests"), decision=decision)
    assert not Request.objects.exists()
    again = keep_report(actor=SystemActor("tests"), decision=decision, sha256="f" * 64)
    assert (again.pk, again.sha256) == (kept.pk, kept.sha256)


def test_a_handler_that_comes_twice_prints_nothing_new():
    decision = made.decided()
    keep_report(actor=SystemActor("tests"), decision=decision, sha256="e" * 64)

    class Claimed:
        key = str(decision.pk)

    make_report(Claimed())
    assert GradeReport.objects.get().sha256 == "e" * 64


@pytest.mark.parametrize(("role", "where"), [("reviewer", "nfc"), ("manager", "nfc"), ("manager", "midwest")])
def test_nobody_else_has_a_report_made(person, role, where):
    decision = made.decided()
    with pytest.raises(NotPermitted):
        request_report(actor=person(role, where), decision=decision)
    assert not Request.objects.exists()


def test_the_fonts_are_those_that_are_listed():
    assert list(differences(FONTS)) == []


def test_the_same_specification_is_shown_and_printed():
    report = compose(made.decided())
    spec = charts.interval(report.criteria[0])
    assert spec["width"] == "container"
    assert {**spec, "width": 700} == charts.printed(spec, 700)
    drawn = svg(spec, width=700)
    assert "▲ Flagged" in drawn
    assert "threshold 25 ppm" in drawn
    assert "http" not in json.dumps({key: value for key, value in spec.items() if key != "$schema"})
