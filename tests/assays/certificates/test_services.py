"""Uploads from the file to the record: what each verb keeps, refuses, and leaves as it was."""

from decimal import Decimal

import pytest

from assays.certificates import answering, services
from assays.certificates.digests import digest_of_rows
from assays.certificates.models import Certificate, Determination, LabelMapping, Upload
from assays.certificates.queries import preview, standing, version_of
from assays.certificates.reading import read
from assays.certificates.recording import record_certificate
from assays.runs import services as runs
from assays.runs.models import Run, RunItem
from lims.errors import Conflict, Invalid, NotFound, NotPermitted
from lims.work.models import Request
from samples.registry import sample_services
from samples.registry.models import Sample
from tests.assays.grading.ground import GOOD_QC, POOR, RICH, TESTS, Ground, make_ground
from tests.support.people import organisation, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground() -> Ground:
    return make_ground()


def in_preview(ground: Ground, content: bytes, number: str = "NFC-1") -> Upload:
    """Bring a file as far as its preview, with its laboratory said."""
    upload = ground.upload(content, f"{number}.csv")
    services.keep_reading(actor=TESTS, upload=upload, reading=read(content))
    described = {"laboratory": ground.laboratory, "number": number, "purpose": "RESULTS"}
    upload = services.describe_upload(actor=ground.technician, upload=upload, **described)
    return services.keep_reading(actor=TESTS, upload=upload, reading=read(content))


def committed(ground: Ground, upload: Upload, content: bytes) -> Certificate:
    upload = services.commit_upload(actor=ground.technician, upload=upload)
    return record_certificate(
        actor=ground.technician, upload=upload, reading=read(content), tell=lambda *_: None
    )


def code(refusal: pytest.ExceptionInfo[Invalid | Conflict | NotFound]) -> str:
    return refusal.value.problems[0].code


def test_the_same_file_is_refused_with_the_way_to_the_first(ground: Ground) -> None:
    content = ground.written("NFC-1", RICH, GOOD_QC)
    first = ground.upload(content)
    with pytest.raises(Conflict) as refused:
        ground.upload(content, "renamed.csv")
    assert code(refused) == "upload-file-once"
    assert refused.value.problems[0].extra == {"upload": str(first.pk)}
    services.discard_upload(actor=ground.technician, upload=first)
    assert ground.upload(content).pk != first.pk


@pytest.mark.parametrize(
    ("content", "said"), [(b"", "file-empty"), (b"x" * (25 * 1024 * 1024 + 1), "file-too-large")]
)
def test_files_out_of_bounds(ground: Ground, content: bytes, said: str) -> None:
    with pytest.raises(Invalid) as refused:
        ground.upload(content)
    assert (code(refused), Upload.objects.count()) == (said, 0)


@pytest.mark.parametrize("role", [("reviewer", "nfc"), ("manager", "irel"), ("custodian", "hillroad")])
def test_only_technicians_bring_certificates_in(ground: Ground, role: tuple[str, str]) -> None:
    with pytest.raises(NotPermitted):
        services.upload_certificate(
            actor=person(*role), kept_by=organisation("nfc"), name="a.csv", content=b"x"
        )
    assert not Upload.objects.exists()


def test_labels_are_tags_and_numbers_and_names_of_materials(ground: Ground) -> None:
    first, second = ground.samples[:2]
    for kind, number in (("LABORATORY", "J 62-5"), ("FIELD", "PN/7")):
        sample_services.add_external_number(actor=ground.manager, sample=second, kind=kind, number=number)
    labels = [
        str(first),
        "j 62-5",
        "pn/7",
        "crm 7",
        "lime",
        "WHO",
        first.tag.code[:-1] + ("Z" if first.tag.code[-1] != "Z" else "0"),
    ]
    upload = in_preview(ground, Ground.content("NFC-1", labels, RICH, []))
    found = [(row.match, row.sample or row.material) for row in upload.rows.order_by("number")]
    assert found[:2] == [("SAMPLE", first), ("SAMPLE", second)]
    assert [match for match, _ in found] == ["SAMPLE"] * 3 + ["CRM", "BLANK", "UNMATCHED", "UNMATCHED"]
    near = upload.rows.get(number=16).suggestions
    assert near[0]["kind"] == "SAMPLE"
    assert preview(upload).sentence == "Commit 3 samples, 2 QC items, 20 values; leave 2 rows"


def test_a_person_says_what_a_row_is_and_it_is_remembered(ground: Ground) -> None:
    upload = in_preview(ground, Ground.content("NFC-1", ["SHEET-2", "BOTTLE", "X"], RICH, []))
    act = {"actor": ground.technician, "upload": upload}
    material = RunItem._meta.get_field("material").related_model.objects.get(code="CRM-7")  # type: ignore[union-attr]  # a model
    answering.match_row(**act, number=10, match="SAMPLE", sample=ground.samples[3])
    answering.match_row(**act, number=11, match="CRM", material=material)
    answering.match_row(**act, number=12, match="REJECTED")
    assert preview(upload).sentence == "Commit 1 sample, 1 QC item, 8 values; leave 1 row"
    remembered = LabelMapping.objects.order_by("label").values_list("label", "sample", "material")
    assert list(remembered) == [("BOTTLE", None, material.pk), ("SHEET-2", ground.samples[3].pk, None)]
    with pytest.raises(Invalid) as refused:
        answering.match_row(**act, number=12, match="BLANK", material=material)
    assert code(refused) == "match-incomplete"
    with pytest.raises(NotFound):
        answering.match_row(**act, number=99, match="REJECTED")


def test_determinations_are_those_of_the_file_and_their_digest_can_be_made_again(ground: Ground) -> None:
    content = ground.written("NFC-1", RICH, GOOD_QC)
    certificate = committed(ground, in_preview(ground, content), content)
    rows = (
        Determination.objects.filter(certificate=certificate).select_related("item").order_by("row", "column")
    )
    reading = read(content)
    assert [(one.row, one.column, one.raw, one.value, one.ppm) for one in rows] == [
        (one.row, one.column, one.raw, one.value, one.ppm) for one in reading.determinations
    ]
    below = rows.get(item__label="LIME", analyte="Dy")
    assert (below.qualifier, below.value, below.limit, below.limit_ppm) == (
        "<",
        None,
        Decimal("0.05"),
        Decimal("0.05"),
    )
    fields = ("analyte", "form", "oxide", "method_code", "raw", "qualifier", "value", "limit", "unit", "ppm",
              "limit_ppm", "row", "column")  # fmt: skip
    again = digest_of_rows((one.item.label, *(getattr(one, name) for name in fields)) for one in rows)
    assert certificate.digest == again
    run = certificate.run
    assert (run.state, run.version, run.submitted_by) == ("REPORTED", version_of(run), ground.technician)
    assert {"assays.evaluate_run", "assays.decide_batch"} <= set(
        Request.objects.values_list("kind", flat=True)
    )


def test_rows_with_problems_and_rows_left_out_stay_out(ground: Ground) -> None:
    content = ground.written("NFC-1", [("BDL", "5.0"), *RICH[1:]], GOOD_QC)
    upload = in_preview(ground, content)
    bad = upload.rows.exclude(problems=[]).get()
    assert bad.problems[0]["code"] == "qualifier-needs-profile"
    answering.leave_row(actor=ground.technician, upload=upload, number=bad.number + 1, leave=True)
    upload.refresh_from_db()
    certificate = committed(ground, upload, content)
    assert certificate.rows == 9
    told = set(Determination.objects.values_list("sample", flat=True)) - {None}
    assert told == {sample.pk for sample in ground.samples[2:]}


def test_a_reissue_supersedes_and_the_old_one_stays(ground: Ground) -> None:
    first = committed(
        ground, in_preview(ground, ground.written("NFC-1", RICH, [])), ground.written("NFC-1", RICH, [])
    )
    run = Run.objects.get()
    runs.approve_run(actor=ground.reviewer, run=run, version=run.version)
    content = ground.written("NFC-1", POOR, [], comments="Corrected copy")
    upload = in_preview(ground, content, "nfc-1")
    assert preview(upload).reissue_of == first
    second = committed(ground, upload, content)
    run.refresh_from_db()
    assert (second.run, second.version, second.supersedes, run.state) == (run, 2, first, "REPORTED")
    assert list(standing(run)) == [second]
    assert Determination.objects.filter(certificate=first).count() == 32
    assert RunItem.objects.filter(run=run).count() == 8, "the same samples are the same items"


def test_nothing_good_no_laboratory_and_a_wrong_count_are_named(ground: Ground) -> None:
    content = Ground.content("NFC-1", ["WHO"], RICH, [])
    upload = ground.upload(content)
    services.keep_reading(actor=TESTS, upload=upload, reading=read(content))
    with pytest.raises(Invalid) as refused:
        services.commit_upload(actor=ground.technician, upload=upload)
    assert code(refused) == "laboratory-unknown"
    with pytest.raises(Conflict) as conflict:
        services.commit_upload(actor=ground.technician, upload=in_preview(ground, content + b" "))
    assert code(conflict) == "upload-nothing-good"
    short = ground.written("NFC-3", RICH, []).replace(b"# of SAMPLES : 8", b"# of SAMPLES : 9")
    upload = in_preview(ground, short, "NFC-3")
    with pytest.raises(Conflict) as conflict:
        services.commit_upload(actor=ground.technician, upload=upload)
    assert code(conflict) == "upload-has-errors"
    upload = services.commit_upload(actor=ground.technician, upload=upload, accept=True)
    assert upload.state == "COMMITTING"


def test_a_withdrawn_sample_is_warned_of(ground: Ground) -> None:
    sample_services.withdraw_sample(actor=ground.manager, sample=ground.samples[0], reason="Burst")
    upload = in_preview(ground, ground.written("NFC-1", RICH, []))
    row = upload.rows.order_by("number").first()
    assert row is not None
    assert [one["code"] for one in row.warnings] == ["sample-withdrawn"]
    assert Sample.objects.get(pk=ground.samples[0].pk).state == "WITHDRAWN"
