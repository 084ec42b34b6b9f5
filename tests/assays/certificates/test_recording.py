"""A committed certificate: its determinations are those of the file, it can be proved, and a re-issue supersedes it."""

import itertools
from datetime import date
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from assays.certificates.answering import leave_row, match_row
from assays.certificates.copying import COLUMNS
from assays.certificates.digests import digest_of_rows
from assays.certificates.models import Certificate, Determination, Upload
from assays.certificates.queries import determinations_of, version_of
from assays.runs.models import Run, RunItem
from assays.runs.services import approve_run
from lims.errors import Conflict, NotPermitted
from lims.ledger.models import Entry
from lims.verbs import acting
from lims.work.models import Request
from tests.assays.certificates.conftest import FIRST

pytestmark = pytest.mark.django_db

#: columns of every kind, and cells with every qualifier
WIDE = "ME-MS81 Dy ppm, ME-MS81 Tb ppm, ME-ICP06 Dy2O3 %, OA-GRA05 LOI %, ME-MS81 U ppb"


def told(certificate):
    """Return (label, what is counted, raw, qualifier, value, limit, unit, ppm, limit in ppm, row, column) of each value."""
    rows = (
        Determination.objects.filter(certificate=certificate).order_by("row", "column").select_related("item")
    )
    return [
        (
            one.item.label, one.oxide or one.analyte, one.raw, one.qualifier, one.value, one.limit, one.unit, one.ppm,
            one.limit_ppm, one.row, one.column,
        )
        for one in rows
    ]  # fmt: skip


def due(kind):
    return set(Request.objects.filter(kind=kind).values_list("key", flat=True))


def state_of(run):
    return Run.objects.get(pk=run.pk).state


def test_every_cell_is_in_the_record_as_the_file_says_it(desk):
    one, two = desk.bench.sample(), desk.bench.sample()
    a, b = one.tag.code, two.tag.code
    certificate = desk.commit(
        desk.preview(
            [(a, ["36.50", "<0.01", "0.0042", "-0.02", "2300"]), (b, [">1000", "NSS", "", "12.4", "LNR"])],
            columns=WIDE,
        )
    )
    d = Decimal
    assert told(certificate) == [
        (a, "Dy", "36.50", "", d("36.5"), None, "ppm", d("36.5"), None, 10, 2),
        (a, "Tb", "<0.01", "<", None, d("0.01"), "ppm", None, d("0.01"), 10, 3),
        (a, "Dy2O3", "0.0042", "", d("0.0042"), None, "%", d(42), None, 10, 4),
        (a, "LOI", "-0.02", "", d("-0.02"), None, "%", None, None, 10, 5),
        (a, "U", "2300", "", d(2300), None, "ppb", d("2.3"), None, 10, 6),
        (b, "Dy", ">1000", ">", None, d(1000), "ppm", None, d(1000), 11, 2),
        (b, "Tb", "NSS", "insufficient-sample", None, None, "ppm", None, None, 11, 3),
        (b, "Dy2O3", "", "blank", None, None, "%", None, None, 11, 4),
        (b, "LOI", "12.4", "", d("12.4"), None, "%", None, None, 11, 5),
        (b, "U", "LNR", "not-requested", None, None, "ppb", None, None, 11, 6),
    ]
    kept = Determination.objects.filter(certificate=certificate).order_by("id")
    # COPY keeps the file's order in the ids as well, and the method of each column.
    assert [(one.row, one.column) for one in kept] == list(itertools.product((10, 11), (2, 3, 4, 5, 6)))
    assert [one.method_code for one in kept[:5]] == ["ME-MS81", "ME-MS81", "ME-ICP06", "OA-GRA05", "ME-MS81"]
    assert [one.form for one in kept[:5]] == ["element", "element", "oxide", "", "element"]
    assert {one.sample_id for one in kept} == {one.pk, two.pk}


def test_the_certificate_says_what_the_file_said_of_itself(desk):
    content = desk.file([(desk.bench.sample().tag.code, ["1", "2"])], comments="Pulps kept 90 days")
    upload = desk.previewed(content)
    made = desk.commit(upload)
    assert (made.number, made.version, made.purpose, made.supersedes) == ("HY26000001", 1, "RESULTS", None)
    assert (made.received_on, made.finalized_on) == (date(2026, 1, 2), date(2026, 1, 9))
    assert (made.layout, made.file_name, made.sha256) == ("als-csv", "certificate.csv", upload.sha256)
    assert (made.stated_samples, made.rows, made.determination_count) == (1, 1, 2)
    assert (made.preliminary, made.version_note, made.committed_by) == (False, "", desk.technician)
    upload.refresh_from_db()
    assert (upload.state, upload.certificate) == ("COMMITTED", made)


def test_a_preliminary_certificate_is_known_as_one(desk):
    rows = [(desk.bench.sample().tag.code, ["1", "2"])]
    assert desk.commit(desk.preview(rows, preliminary=True)).preliminary


def test_the_digest_is_over_what_the_database_keeps(desk, crm):
    sample = desk.bench.sample()
    rows = [("RM 20", ["20.10", "<0.01"]), (sample.tag.code, ["1E+3", "NSS"])]
    certificate = desk.commit(desk.preview(rows))
    names = [name for name in COLUMNS if name not in {"certificate_id", "item_id", "sample_id"}]
    kept = Determination.objects.filter(certificate=certificate).order_by("row", "column")
    assert digest_of_rows(kept.values_list("item__label", *names)) == certificate.digest
    altered = [tuple(row) for row in kept.values_list("item__label", *names)]
    altered[0] = (*altered[0][:4], "20.11", *altered[0][5:])
    assert digest_of_rows(altered) != certificate.digest


def test_what_is_kept_is_never_changed_nor_taken_away(desk):
    certificate = desk.commit(desk.preview([(desk.bench.sample().tag.code, ["1", "2"])]))
    for rows, change in (
        (Determination.objects.filter(certificate=certificate), {"value": 3}),
        (Certificate.objects.filter(pk=certificate.pk), {"digest": "0" * 64}),
    ):
        for act in (
            lambda rows=rows, change=change: rows.update(**change),
            lambda rows=rows: rows._raw_delete(rows.db),
        ):
            with pytest.raises(DatabaseError), acting(desk.system, verb_name="tamper"), transaction.atomic():
                act()
    assert told(certificate)[0][4] == Decimal(1)


def test_the_run_waits_for_a_review_and_its_work_is_due(desk, crm):
    sample = desk.bench.sample()
    certificate = desk.commit(desk.preview([(sample.tag.code, ["1", "2"]), ("RM 20", ["20", "3"])]))
    run = Run.objects.get()
    assert (run.number, run.state, run.submitted_by) == ("HY26000001", "REPORTED", desk.technician)
    assert (run.laboratory, run.kept_by) == (desk.laboratory, desk.laboratory)
    assert run.version == version_of(run) != ""
    assert certificate.run == run
    assert due("assays.evaluate_run") == {str(run.pk)}
    assert due("assays.decide_batch") == {str(sample.batch_id)}
    items = RunItem.objects.filter(run=run).order_by("position")
    assert [(i.label, i.kind, i.occurrence, i.position) for i in items] == [
        (sample.tag.code, "SAMPLE", 1, 1),
        ("RM 20", "CRM", 1, 2),
    ]
    assert [(i.sample, i.material) for i in items] == [(sample, None), (None, crm)]


def test_three_bottles_of_one_material_are_three_items(desk, crm):
    upload = desk.preview([("RM 20", ["20", "1"]), ("RM 20", ["21", "1"]), ("RM 20", ["22", "1"])])
    certificate = desk.commit(upload)
    found = Determination.objects.filter(certificate=certificate, analyte="Dy").order_by("item__occurrence")
    assert [(one.item.occurrence, one.raw) for one in found] == [(1, "20"), (2, "21"), (3, "22")]


def test_a_duplicate_is_an_item_of_its_own_of_the_same_sample(desk):
    sample = desk.bench.sample()
    upload = desk.preview([(sample.tag.code, ["28.4", "5"]), (sample.tag.code, ["28.1", "5"])])
    match_row(actor=desk.technician, upload=upload, number=FIRST + 1, match="DUPLICATE", sample=sample)
    certificate = desk.commit(upload)
    items = RunItem.objects.filter(run=certificate.run).order_by("position")
    assert [(i.kind, i.occurrence, i.sample) for i in items] == [
        ("SAMPLE", 1, sample),
        ("DUPLICATE", 2, sample),
    ]
    assert Determination.objects.filter(sample=sample).count() == 4


def test_only_the_rows_that_were_chosen_are_committed(desk):
    good, left, bad = desk.bench.sample(), desk.bench.sample(), desk.bench.sample()
    rows = [
        ("J-UNKNOWN", ["1", "2"]),
        (good.tag.code, ["3", "4"]),
        (left.tag.code, ["5", "6"]),
        (bad.tag.code, ["7?", "8"]),
    ]
    upload = desk.preview(rows)
    leave_row(actor=desk.technician, upload=upload, number=FIRST + 2, leave=True)
    certificate = desk.commit(upload)
    assert [(one[0], one[2], one[9]) for one in told(certificate)] == [
        (good.tag.code, "3", FIRST + 1),
        (good.tag.code, "4", FIRST + 1),
    ]
    assert (certificate.rows, certificate.determination_count, certificate.stated_samples) == (1, 2, 4)
    assert [one.label for one in RunItem.objects.filter(run=certificate.run)] == [good.tag.code]


def test_a_reissue_supersedes_and_the_old_version_stays(desk):
    sample, other = desk.bench.sample(), desk.bench.sample()
    first = desk.commit(desk.preview([(sample.tag.code, ["28.4", "5"])]))
    before = told(first)
    run = Run.objects.get()
    approve_run(actor=desk.bench.reviewer, run=run, version=run.version)
    Request.objects.all().delete()
    rows = [(sample.tag.code, ["29.4", "5"]), (other.tag.code, ["7", "1"])]
    second = desk.commit(desk.preview(rows, comments="Corrected copy: dilution"))
    assert (second.run, second.version, second.supersedes) == (run, 2, first)
    assert second.version_note == "Corrected copy: dilution"
    assert list(Certificate.objects.standing()) == [second]
    assert told(first) == before
    assert [one.raw for one in determinations_of(run)] == ["29.4", "5", "7", "1"]
    old = run.version
    run.refresh_from_db()
    assert (run.state, run.version) == ("REPORTED", version_of(run))
    assert run.version != old
    # The same label is the same item; the new one comes behind.
    items = RunItem.objects.filter(run=run).order_by("position")
    assert [(i.label, i.occurrence) for i in items] == [(sample.tag.code, 1), (other.tag.code, 1)]
    assert due("assays.decide_batch") == {str(sample.batch_id)}


def test_the_number_in_another_case_is_the_same_job(desk):
    sample = desk.bench.sample()
    first = desk.commit(desk.preview([(sample.tag.code, ["28.4", "5"])], number="HY26-a1"))
    second = desk.commit(desk.preview([(sample.tag.code, ["28.5", "5"])], number="HY26-A1"))
    assert (second.run, second.version) == (first.run, 2)


def test_a_sample_that_a_correction_takes_out_has_its_batch_decided_again(desk):
    """What was reported of a batch no longer counts: that is news for the batch too."""
    sample = desk.bench.sample()
    desk.commit(desk.preview([(sample.tag.code, ["28.4", "5"]), ("J1", ["1", "2"])]))
    Request.objects.all().delete()
    other = desk.bench.sample()
    desk.commit(desk.preview([(other.tag.code, ["28.4", "5"])]))
    assert list(determinations_of(Run.objects.get()).values_list("sample", flat=True)) == [other.pk] * 2
    assert due("assays.decide_batch") == {str(sample.batch_id)}


def test_a_label_that_is_something_else_in_the_correction_is_another_item(desk, crm):
    sample = desk.bench.sample()
    desk.commit(desk.preview([("RM 20", ["20", "1"]), (sample.tag.code, ["1", "2"])]))
    upload = desk.preview([("RM 20", ["20.5", "1"]), (sample.tag.code, ["1", "2"])])
    match_row(actor=desk.technician, upload=upload, number=FIRST, match="SAMPLE", sample=sample)
    leave_row(actor=desk.technician, upload=upload, number=FIRST + 1, leave=True)
    second = desk.commit(upload)
    found = Determination.objects.filter(certificate=second).order_by("column")
    assert [(one.item.label, one.item.occurrence, one.item.kind, one.sample) for one in found] == [
        ("RM 20", 2, "SAMPLE", sample)
    ] * 2


def test_the_laboratorys_own_qc_stands_beside_the_results(desk, crm, blank):
    sample = desk.bench.sample()
    results = desk.commit(desk.preview([(sample.tag.code, ["28.4", "5"])]))
    run = Run.objects.get()
    approve_run(actor=desk.bench.reviewer, run=run, version=run.version)
    rows = [("RM 20", ["20.1", "3"]), ("Limestone", ["<0.05", "<0.01"])]
    qc = desk.commit(desk.preview(rows, number="QC-HY26000001"))
    assert (qc.run, qc.purpose, qc.version, qc.supersedes) == (run, "QC", 1, None)
    assert list(Certificate.objects.standing().filter(run=run).order_by("purpose")) == [qc, results]
    before = run.version
    run.refresh_from_db()
    # What was approved stays approved; its version says that something stands beside it now.
    assert (run.state, run.version) == ("APPROVED", version_of(run))
    assert run.version != before
    assert [
        (i.label, i.position) for i in RunItem.objects.filter(run=run, sample=None).order_by("label")
    ] == [
        ("Limestone", None),
        ("RM 20", None),
    ]
    again = desk.commit(desk.preview([("RM 20", ["20.2", "3"])], number="QC-HY26000001"))
    assert (again.version, again.supersedes, results.version) == (2, qc, 1)
    assert list(Certificate.objects.standing().filter(run=run).order_by("purpose")) == [again, results]


def test_qc_before_any_results_opens_the_run(desk, crm):
    desk.commit(desk.preview([("RM 20", ["20.1", "3"])], number="QCHY26000001"))
    run = Run.objects.get()
    assert (run.number, run.state) == ("HY26000001", "REPORTED")
    sample = desk.bench.sample()
    results = desk.commit(desk.preview([(sample.tag.code, ["28.4", "5"])]))
    assert (results.run, results.version) == (run, 1)


def test_the_method_of_the_file_is_that_of_columns_without_one(desk):
    sample = desk.bench.sample()
    content = f"Sample,Dy ppm,Tb (ppm) XRF-7\n{sample.tag.code},36.5,5\n".encode()
    method = desk.bench.method("ICP-9")
    upload = desk.described(desk.read(desk.uploaded(content)), number="J-1", method=method)
    certificate = desk.commit(desk.read(upload))
    kept = Determination.objects.filter(certificate=certificate).order_by("column")
    assert [(one.analyte, one.method_code) for one in kept] == [("Dy", "ICP-9"), ("Tb", "XRF-7")]
    names = [name for name in COLUMNS if name not in {"certificate_id", "item_id", "sample_id"}]
    assert digest_of_rows(kept.values_list("item__label", *names)) == certificate.digest


def test_the_record_names_who_committed_and_holds_each_part(desk):
    certificate = desk.commit(desk.preview([(desk.bench.sample().tag.code, ["1", "2"])]))
    entries = Entry.objects.filter(verb="record_certificate")
    assert {entry.actor for entry in entries} == {desk.technician.actor_key}
    tables = list(entries.values_list("table_name", flat=True))
    assert {"assays_certificate", "assays_run", "assays_runitem", "assays_upload"} <= set(tables)
    # The determinations themselves are vouched for by the certificate's digest.
    assert Determination._meta.db_table not in tables
    recorded = entries.get(table_name="assays_certificate")
    assert certificate.digest in str(recorded.after)


def test_a_commit_copies_with_as_many_queries_for_many_rows_as_for_few(desk, django_assert_max_num_queries):
    def rows(count, sample):
        return [(sample.tag.code, ["1", "2"]), *((f"RM{n}", [str(n), "2"]) for n in range(count))]

    for n in range(40):
        desk.bench.material(f"RM{n}", "CRM")
    few = desk.ordered(desk.preview(rows(2, desk.bench.sample()), number="HY-A1"))
    many = desk.ordered(desk.preview(rows(40, desk.bench.sample()), number="HY-A2"))
    with django_assert_max_num_queries(200) as first:
        desk.recorded(few)
    with django_assert_max_num_queries(len(first)):
        assert desk.recorded(many).rows == 41


def test_two_certificates_in_one_transaction(desk):
    one, two = (
        desk.ordered(desk.preview([(desk.bench.sample().tag.code, ["1", "2"])], number=n))
        for n in ("HY-A1", "HY-A2")
    )
    with transaction.atomic():
        made = [desk.recorded(one), desk.recorded(two)]
    assert [certificate.determinations.count() for certificate in made] == [2, 2]


def test_it_is_told_how_far_it_is(desk, monkeypatch):
    from assays.certificates import copying, recording  # noqa: PLC0415  # its size of a chunk is changed

    monkeypatch.setattr(copying, "CHUNK", 2)
    upload = desk.ordered(desk.preview([(desk.bench.sample().tag.code, ["1", "2"]) for _ in range(3)]))
    heard = []
    recording.record_certificate(
        actor=desk.technician,
        upload=upload,
        reading=desk.reading(upload),
        tell=lambda *said: heard.append(said),
    )
    assert heard == [(0, 6), (2, 6), (4, 6)]


def test_what_cannot_be_committed_leaves_nothing(desk, refused):
    sample = desk.bench.sample()
    upload = desk.preview([(sample.tag.code, ["1", "2"])])

    def record(actor=desk.technician):
        from assays.certificates.recording import record_certificate  # noqa: PLC0415

        record_certificate(actor=actor, upload=upload, reading=desk.reading(upload), tell=lambda *_: None)

    assert refused(Conflict, record) == ["transition-refused state"]  # nobody ordered it
    desk.ordered(upload)
    assert refused(NotPermitted, record, actor=desk.bench.reviewer) == ["not-permitted"]
    with acting(desk.system, verb_name="change"):
        upload.rows.update(match="UNMATCHED", sample=None)
    assert refused(Conflict, record) == ["upload-nothing-good"]
    assert not Run.objects.exists()
    assert not Certificate.objects.exists()
    assert not Determination.objects.exists()
    assert Upload.objects.get().state == "COMMITTING"


def test_the_same_file_twice_in_one_run_is_refused(desk, refused):
    """Uploads see to it before; the record sees to it as well."""
    upload = desk.ordered(desk.preview([(desk.bench.sample().tag.code, ["1", "2"])]))
    run = desk.bench.run()
    with acting(desk.system, verb_name="record"):
        Certificate.objects.create(
            run=run,
            purpose="QC",
            number=run.number,
            version=1,
            preliminary=False,
            layout="als-csv",
            file_name="x.csv",
            sha256=upload.sha256,
            rows=1,
            determination_count=2,
            digest="0" * 64,
            committed_by=desk.technician,
        )
    assert refused(Conflict, desk.recorded, upload=upload) == ["certificate-file-once"]
    assert Certificate.objects.count() == 1
