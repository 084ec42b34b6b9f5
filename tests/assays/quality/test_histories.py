"""QC of the past: kept once, drawn on charts, seen by those who keep it; the command that brings it in."""

import io
import json

import pytest
from django.core.management import call_command
from django.urls import reverse

from assays.quality.charting import queries
from assays.quality.histories import import_history
from assays.quality.models import QcHistory, QcHistoryResult
from lims.errors import Conflict, Invalid, NotPermitted
from tests.assays.quality.test_past import file_of, row

pytestmark = pytest.mark.django_db
CONTENT = file_of(row("S2", "22.2"), row("S1", "22.1"), row("S3", "24", on="2024-06-01"), row("S4", ""))


def bring(bench, actor=None, **changed):
    given = {"file_name": "past.csv", "content": CONTENT, "analyte": "Dy"} | changed
    return import_history(
        actor=actor or bench.reviewer, kept_by=bench.laboratory, laboratory=bench.laboratory, **given
    )


def test_results_are_kept_in_order_with_their_material(bench, crm):
    history, found = bring(bench)
    rows = QcHistoryResult.objects.filter(history=history).order_by("position")
    assert [(one.position, one.label, one.value_ppm, one.material) for one in rows] == [
        (1, "S1", rows[0].value_ppm, crm),
        (2, "S2", rows[1].value_ppm, crm),
        (3, "S3", 24, crm),
    ]
    assert (history.rows, history.imported_by, found.left_out) == (3, bench.reviewer, [(5, "no result")])


def test_the_chart_of_a_history(bench, signed_in):
    bring(bench)
    (line,) = queries.charts_for(bench.technician)
    assert (line.chart.key.material, line.chart.rules["1-3s"], line.chart.rules["2-2s"]) == ("RM 20", 1, 2)
    text = signed_in(bench.technician).get(reverse("quality:charts")).content.decode()
    assert "RM 20" in text


def test_others_do_not_see_it(bench, person):
    bring(bench)
    assert queries.charts_for(person("manager", "midwest")) == []


def test_the_same_file_twice_is_refused(bench):
    bring(bench)
    with pytest.raises(Conflict) as caught:
        bring(bench)
    assert caught.value.problems[0].code == "qc-history-file-once"
    assert QcHistory.objects.count() == 1


def test_a_technician_keeps_no_history(bench):
    with pytest.raises(NotPermitted):
        bring(bench, actor=bench.technician)


def test_a_file_without_such_results_changes_nothing(bench):
    with pytest.raises(Invalid):
        bring(bench, analyte="Tb")
    assert not QcHistory.objects.exists()


def called(*arguments):
    out, err, status = io.StringIO(), io.StringIO(), 0
    try:
        call_command("import_qc_history", *arguments, stdout=out, stderr=err)
    except SystemExit as stopped:
        status = stopped.code
    return (
        status,
        json.loads(out.getvalue() or "null"),
        [json.loads(line) for line in err.getvalue().splitlines()],
    )


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "past.csv"
    made.write_bytes(CONTENT)
    return str(made)


def test_the_command_counts_and_keeps(bench, path):
    told = {"results": 3, "left_out": [{"row": 5, "why": "no result"}]}
    status, dry, _ = called(path, "--analyte", "Dy", "--dry-run")
    assert (status, dry["history"], QcHistory.objects.count()) == (0, None, 0)
    who = bench.reviewer.email
    status, found, _ = called(path, "--analyte", "Dy", "--lab", bench.laboratory.code, "--as", who)
    assert status == 0
    assert found["history"] == str(QcHistory.objects.get().pk)
    assert {name: found[name] for name in told} == told
    material = found["materials"][0]
    assert (material["code"], material["results"], material["1-3s"], material["2-2s"]) == ("RM 20", 3, 1, 2)


def test_what_the_command_refuses(bench, path):
    lab, who = bench.laboratory.code, bench.reviewer.email
    refused = {
        "file-missing": (f"{path}x", "--lab", lab, "--as", who),
        "laboratory-unknown": (path, "--lab", "Nowhere", "--as", who),
        "person-unknown": (path, "--lab", lab, "--as", "nobody@example.org"),
        "not-a-reviewer": (path, "--lab", lab, "--as", bench.technician.email),
    }
    for code, arguments in refused.items():
        status, told, problems = called(*arguments, "--analyte", "Dy")
        assert (status, told, [one["code"] for one in problems]) == (2, None, [code])
