"""Typed results become a certificate: its file, its rows, what it supersedes, what is refused."""

from decimal import Decimal

import pytest

from assays.certificates.entry.services import discard_grid
from assays.certificates.models import Certificate, Determination, Grid, Upload
from assays.runs.models import Run, RunItem
from assays.runs.services import approve_run
from lims import files
from lims.errors import Conflict, Invalid, NotPermitted
from lims.verbs import acting
from lims.work.models import Request

pytestmark = pytest.mark.django_db

FULL = ["1 1 20.1", "2 1 28.4", "2 2 <0.01", "2 3 0.61", "3 1 NSS", "3 2 5", "4 1 1,234.5"]


def codes(error):
    return [one.code for one in error.value.problems]


def test_typed_results_are_a_certificate_with_a_file(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, *FULL)
    certificate = made.submit(grid)
    run = Run.objects.get(pk=made.run.pk)
    assert (run.state, run.submitted_by, run.version != "") == ("REPORTED", made.technician, True)
    assert (certificate.run, certificate.version, certificate.layout) == (run, 1, "typed-at-bench")
    assert (certificate.rows, certificate.purpose) == (4, "RESULTS")
    content = files.get(certificate.sha256).decode()
    assert "Typed at the bench by,Technician of NFC\r\n" in content
    assert content.endswith(
        "Sample,Dy ppm,Ho ppm,Nd2O3 %\r\nR-7-01,20.1,,\r\nR-7-02,28.4,<0.01,0.61\r\nR-7-03,NSS,5,\r\n"
        'R-7-04,"1,234.5",,\r\n'
    )
    upload = Upload.objects.get()
    assert (upload.state, upload.certificate, upload.grid.pk) == ("COMMITTED", certificate, grid.pk)
    assert [(row.label, row.match) for row in upload.rows.order_by("number")] == [
        ("R-7-01", "CRM"),
        ("R-7-02", "SAMPLE"),
        ("R-7-03", "SAMPLE"),
        ("R-7-04", "SAMPLE"),
    ]
    assert set(Request.objects.values_list("kind", flat=True)) >= {
        "assays.evaluate_run",
        "assays.decide_batch",
    }


def test_values_stand_with_the_items_of_the_rack(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, *FULL)
    made.submit(grid)
    assert RunItem.objects.filter(run=made.run).count() == 4
    rows = Determination.objects.filter(raw__gt="").order_by("row", "column")
    found = [(one.item.label, one.oxide or one.analyte, one.raw, one.qualifier, one.ppm) for one in rows]
    assert found == [
        ("R-7-01", "Dy", "20.1", "", Decimal("20.1")),
        ("R-7-02", "Dy", "28.4", "", Decimal("28.4")),
        ("R-7-02", "Ho", "<0.01", "<", None),
        ("R-7-02", "Nd2O3", "0.61", "", Decimal(6100)),
        ("R-7-03", "Dy", "NSS", "insufficient-sample", None),
        ("R-7-03", "Ho", "5", "", Decimal(5)),
        ("R-7-04", "Dy", "1,234.5", "", Decimal("1234.5")),
    ]
    assert {one.method_code for one in rows} == {"ME-MS81"}


def test_items_and_columns_without_a_value_are_not_in_the_file(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, "3 2 5", "4 1 7")
    made.type(grid, "4 1 ", seen=1)
    certificate = made.submit(grid)
    assert (certificate.rows, certificate.determination_count) == (1, 1)
    assert files.get(certificate.sha256).decode().endswith("Sample,Ho ppm\r\nR-7-03,5\r\n")


def test_of_two_items_of_one_name_each_gets_its_own_values(typing, crm):
    made = typing(1)
    with acting(made.bench.system, verb_name="build"):
        known = {"run": made.run, "label": "RM", "kind": "CRM", "material": crm}
        made.items += [RunItem.objects.create(**known, occurrence=at, position=10 - at) for at in (1, 2, 3)]
    grid = made.begun()
    made.type(grid, "4 1 20.2", "5 1 20.3")
    made.submit(grid)
    rows = Determination.objects.values_list("item__occurrence", "raw")
    assert sorted(rows) == [(2, "20.2"), (3, "20.3")]


def test_what_is_reported_stands_in_the_next_grid_to_be_corrected(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, *FULL)
    first = made.submit(grid)
    again = made.begun()
    assert again != grid
    assert made.texts(again) == {("R-7-0" + one[0], int(one[2])): one[4:] for one in FULL}
    made.type(again, "2 1 28.6", seen=1)
    second = made.submit(again)
    assert (second.version, second.supersedes) == (2, first)
    dy = Determination.objects.get(certificate=second, item__label="R-7-02", analyte="Dy")
    assert dy.raw == "28.6"
    assert RunItem.objects.filter(run=made.run).count() == 4


def test_an_approved_run_waits_for_review_again_after_a_correction(typing):
    made = typing()
    made.type(made.begun(), "2 1 28.4")
    made.submit(made.begun())
    run = Run.objects.get(pk=made.run.pk)
    approve_run(actor=made.bench.reviewer, run=run, version=run.version)
    again = made.begun()
    made.type(again, "2 1 28.5", seen=1)
    made.submit(again)
    assert Run.objects.get(pk=run.pk).state == "REPORTED"


def test_what_a_file_reported_by_another_method_is_kept_in_a_correction(typing):
    made = typing(1)
    made.bench.report(made.run, [("R-7-02", made.items[1].sample, {"Dy": "28.4", "Y@XRF-9": "77"})])
    grid = made.begun()
    assert [f"{one['analyte']} {one['method']}" for one in grid.columns] == [
        "Dy ME-MS81",
        "Ho ME-MS81",
        "Nd ME-MS81",
        "Y XRF-9",
    ]
    made.type(grid, "2 2 5")
    certificate = made.submit(grid)
    content = files.get(certificate.sha256).decode()
    assert content.endswith("Sample,Dy ppm,Ho ppm,Y ppm XRF-9\r\nR-7-02,28.4,5,77\r\n")
    rows = Determination.objects.filter(certificate=certificate).order_by("column")
    assert [one.method_code for one in rows] == ["ME-MS81", "ME-MS81", "XRF-9"]


def test_wrong_cells_are_named_and_nothing_is_recorded(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, "2 1 28.4", "2 2 what", "3 1 1,5", "3 3 105")
    with pytest.raises(Invalid) as refused:
        made.submit(grid)
    assert codes(refused) == ["cell-unreadable", "decimal-comma", "more-than-whole"]
    first = refused.value.problems[0]
    assert (first.place.row, first.place.column) == (2, "Ho")
    assert first.message.startswith("R-7-02, Ho: “what”")
    assert (Certificate.objects.count(), Upload.objects.count()) == (0, 0)


def test_an_empty_grid_is_no_certificate(typing):
    made = typing()
    with pytest.raises(Invalid) as refused:
        made.submit(made.begun())
    assert codes(refused) == ["grid-empty"]


def test_what_somebody_typed_meanwhile_is_looked_at_first(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    made.type(grid, "3 1 5", actor=made.other)
    with pytest.raises(Conflict) as refused:
        made.submit(grid, version=1)
    assert codes(refused) == ["grid-changed"]


def test_a_submitted_grid_is_closed(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    made.submit(grid)
    for act in (
        lambda: made.submit(grid),
        lambda: made.type(grid, "2 1 5", seen=1),
        lambda: discard_grid(actor=made.technician, grid=grid),
    ):
        with pytest.raises(Conflict) as refused:
            act()
        assert codes(refused) == ["grid-closed"]
    assert Grid.objects.get().upload is not None


def test_only_technicians_submit(typing):
    made = typing()
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    with pytest.raises(NotPermitted):
        made.submit(grid, actor=made.bench.reviewer)
    assert Certificate.objects.count() == 0


def test_cells_are_read_by_the_laboratorys_profile(typing, commas):
    made = typing()
    grid = made.begun()
    made.type(grid, "2 1 1,5")
    certificate = made.submit(grid)
    assert certificate.profile == commas
    assert Determination.objects.get(item__label="R-7-02").value == Decimal("1.5")


def built(made, run, **changed):
    """Say that a run was built here, by the tests' method."""
    with acting(made.bench.system, verb_name="build"):
        Run.objects.filter(pk=run.pk).update(built_by=made.bench.manager, method=made.method, **changed)
    return Run.objects.get(pk=run.pk)


def test_a_run_built_here_is_reported_by_its_codes(typing):
    made = typing()
    made.run = built(made, made.run)
    grid = made.begun(method=None)
    made.type(grid, "1 1 20.1", "3 1 5")
    certificate = made.submit(grid)
    assert (certificate.run, Run.objects.get(pk=made.run.pk).state) == (made.run, "REPORTED")
    rows = Determination.objects.values_list("item__position", "item__kind", "raw")
    assert sorted(rows) == [(1, "CRM", "20.1"), (3, "SAMPLE", "5")]
    assert RunItem.objects.filter(run=made.run).count() == 4


def test_results_never_land_in_another_run_whose_codes_are_the_same(typing):
    made = typing()
    with acting(made.bench.system, verb_name="build"):
        other = Run.objects.create(number="Z", laboratory=made.laboratory, kept_by=made.laboratory)
        known = {"kind": "SAMPLE", "sample": made.items[1].sample, "position": 1}
        RunItem.objects.create(run=other, label="R-7-02", **known)
    built(made, other)
    grid = made.begun()
    made.type(grid, "2 1 28.4")
    try:
        certificate = made.submit(grid)
    except Conflict as refused:
        assert refused.problems[0].code == "grid-another-run"
        assert not Certificate.objects.exists()
    else:
        assert certificate.run == made.run
    assert not Determination.objects.filter(item__run=other).exists()
    assert Run.objects.get(pk=other.pk).state == "OPEN"
