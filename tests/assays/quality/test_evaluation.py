"""Evaluating runs: what is judged from which certificates, what it says, and that it writes only what changed."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assays.quality.models import QcEvaluation
from assays.quality.services import evaluate_run
from lims.errors import NotPermitted
from lims.ledger.models import Entry
from lims.work.models import Request

pytestmark = pytest.mark.django_db


def good(bench, material, clean, /, *numbers, **read):
    """Return the rows of a sound rack around samples with these contents of Dy."""
    samples = [(f"S{n}", bench.sample(), {"Dy": number}) for n, number in enumerate(numbers, 1)]
    return [
        ("RM 20", material, {"Dy": read.get("crm", "20.3")}),
        ("BLK", clean, {"Dy": read.get("blank", "<0.05")}),
        *samples,
        ("RM 20 end", material, {"Dy": read.get("end", "19.8")}),
    ]


def test_a_sound_run_passes(bench, crm, blank):
    run = bench.run()
    bench.report(run, good(bench, crm, blank, "28.4", "31"))
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.reason) == ("PASS", "every reference material and blank passed")
    assert (one.method_code, one.analyte, one.oxide, one.version) == ("ME-MS81", "Dy", "", run.version)
    # 25 · (2·162.50) / (2·162.50 + 3·15.999), by IUPAC's atomic weights
    assert one.threshold_ppm == Decimal("21.783017021585")
    assert (one.blank_excess_ppm, one.withheld) == (0, [])
    assert [(m["label"], m["kind"], m["verdict"], m["z"], m["expected"]) for m in one.marks] == [
        ("RM 20", "CRM", "PASS", "0.300", "20"),
        ("BLK", "BLANK", "PASS", None, "0"),
        ("RM 20 end", "CRM", "PASS", "-0.200", "20"),
    ]


def test_a_failed_material_withholds_up_to_the_next_good_one(bench, crm, blank):
    run = bench.run()
    rows = good(bench, crm, blank, "28.4", "31")
    rows += [
        ("S9", bench.sample(), {"Dy": "30"}),
        ("RM bad", crm, {"Dy": "24"}),
        ("S10", bench.sample(), {"Dy": "29"}),
    ]
    bench.report(run, rows)
    one = bench.evaluate(run)["Dy"]
    items = {item.label: str(item.pk) for item in run.items.all()}
    assert one.verdict == "FAIL"
    assert one.reason == "RM 20 (RM bad) read 24 ppm, certified 20 ± 1 (z = +4.00, 1-3s)"
    assert one.withheld == [items["S9"], items["S10"]]


@pytest.mark.parametrize(
    ("left_out", "reason"),
    [
        ({"RM 20", "RM 20 end"}, "no reference material"),
        ({"BLK"}, "no blank"),
        ({"RM 20", "RM 20 end", "BLK"}, "no reference material; no blank"),
    ],
)
def test_without_material_or_blank_there_is_no_qc(bench, crm, blank, left_out, reason):
    run = bench.run()
    bench.report(run, [row for row in good(bench, crm, blank, "28.4") if row[0] not in left_out])
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.reason, one.withheld) == ("NONE", reason, None)


def test_a_material_far_from_the_threshold_is_none(bench, blank):
    run, far = bench.run(), bench.material("RM 500", "CRM", Dy=("500", "10"))
    bench.report(run, good(bench, far, blank, "28.4", crm="503", end="498"))
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.reason) == ("NONE", "no reference material near 25 ppm Dy2O3")
    # where nobody decides on it, any certified material will do
    assert bench.evaluate(run, thresholds={})["Dy"].verdict == "PASS"


def test_a_far_material_that_passes_frees_nothing_that_the_near_one_withholds(bench, crm, blank):
    run, far = bench.run(), bench.material("RM 500", "CRM", Dy=("500", "10"))
    rows = good(bench, crm, blank, "28.4", crm="25", end="20")
    bench.report(run, [rows[0], ("RM 500", far, {"Dy": "501"}), *rows[1:]])
    one = bench.evaluate(run)["Dy"]
    assert one.verdict == "FAIL"
    assert len(one.withheld) == 1


def test_another_basis_does_not_vouch(bench, blank):
    run = bench.run()
    acid = bench.material("RM acid", "CRM", basis="total-four-acid", Dy=("20", "1"))
    bench.report(run, good(bench, acid, blank, "28.4"))
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.reason) == ("NONE", "no reference material certified for Dy on this basis")


def test_a_method_that_the_catalogue_does_not_know_has_no_basis(bench, crm, blank):
    run = bench.run()
    bench.report(run, good(bench, crm, blank, "28.4"), method="XX-1")
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.withheld) == ("NONE", None)
    assert one.reason.startswith("the basis of XX-1 is unknown")


def test_a_value_certified_as_the_element_judges_a_reported_oxide(bench, crm, blank):
    run = bench.run()
    rows = [
        (label, thing, {"Dy2O3": values["Dy"]}) for label, thing, values in good(bench, crm, blank, "28.4")
    ]
    bench.report(run, [(label, what, {"Dy2O3": "22.954"} if what is crm else v) for label, what, v in rows])
    one = bench.evaluate(run)["Dy2O3"]
    assert (one.verdict, one.threshold_ppm) == ("PASS", 25)
    # 20 ppm Dy are 22.954 ppm Dy2O3
    assert [m["z"].lstrip("-") for m in one.marks if m["kind"] == "CRM"] == ["0.000", "0.000"]


def test_the_real_limestone_passes_with_an_excess(bench, crm, blank):
    """Dy at 19·LOD and 4.4 % of the threshold."""
    run = bench.run()
    bench.report(run, good(bench, crm, blank, "28.4", blank="0.96"))
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.blank_excess_ppm, one.withheld) == ("WARN", Decimal("0.96"), [])
    assert one.reason == "Limestone (BLK) read 0.96 ppm, 0.96 ppm above its background"


def test_the_level_of_a_blank_is_its_own(bench, crm):
    run, known = bench.run(), bench.material("Old limestone", "BLANK", Dy=("0.9", "0.1"))
    bench.report(run, good(bench, crm, known, "28.4", blank="0.96"))
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.blank_excess_ppm) == ("PASS", Decimal("0.06"))


def test_the_sample_before_a_blank_may_carry_over(bench, crm, blank):
    run = bench.run()
    rows = good(bench, crm, blank, "9")
    bench.report(run, [*rows, ("BLK2", blank, {"Dy": "0.2"})])
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.reason) == (
        "WARN",
        "Limestone (BLK2) read 0.2 ppm, 0.2 ppm above its background, more than 2 % of the sample before it",
    )


def test_the_laboratorys_own_qc_beside_the_results_lets_them_pass(bench, crm, blank):
    run, sample = bench.run(), bench.sample()
    bench.report(run, [("S1", sample, {"Dy": "28.4"})])
    assert bench.evaluate(run)["Dy"].verdict == "NONE"
    bench.report(run, [("RM 20", crm, {"Dy": "20.3"}), ("BLK", blank, {"Dy": "<0.05"})], purpose="QC")
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.withheld, [m["position"] for m in one.marks]) == ("PASS", [], [None, None])


def test_a_failure_in_a_separate_qc_certificate_withholds_the_whole_run(bench, crm, blank):
    run = bench.run()
    bench.report(run, [(f"S{n}", bench.sample(), {"Dy": "28.4"}) for n in (1, 2)])
    rows = [("RM 20", crm, {"Dy": "20.3"}), ("RM 20b", crm, {"Dy": "24"}), ("BLK", blank, {"Dy": "<0.05"})]
    bench.report(run, rows, purpose="QC")
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.withheld) == ("FAIL", None)


def test_two_in_a_row_of_a_separate_certificate_go_by_its_rows(bench, crm, blank):
    run = bench.run()
    bench.report(run, [("S1", bench.sample(), {"Dy": "28.4"})])
    rows = [("B", crm, {"Dy": "22.5"}), ("A", crm, {"Dy": "22.2"}), ("BLK", blank, {"Dy": "<0.05"})]
    bench.report(run, rows, purpose="QC")
    one = bench.evaluate(run)["Dy"]
    assert [m["rules"] for m in one.marks if m["kind"] == "CRM"] == [["1-2s", "2-2s"]] * 2


def test_a_reading_repeated_in_the_qc_certificate_is_one_reading(bench, crm, blank):
    run = bench.run()
    rows = good(bench, crm, blank, "28.4", crm="22.5")
    bench.report(run, rows)
    bench.report(run, [row for row in rows if row[1] in (crm, blank)], purpose="QC")
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, len(one.marks)) == ("WARN", 3)


def test_a_blank_that_could_not_see_is_none(bench, crm, blank):
    run = bench.run()
    bench.report(run, good(bench, crm, blank, "28.4", blank="<5"))
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.reason) == ("NONE", "no blank that could show a contamination that matters")


def test_what_is_no_analyte_or_has_no_number_is_not_judged(bench, crm, blank):
    run = bench.run()
    rows = good(bench, crm, blank, "28.4")
    rows += [("S8", bench.sample(), {"LOI": "11.2", "Total": "99.8", "Tb": "NSS"})]
    bench.report(run, rows)
    assert set(bench.evaluate(run)) == {"Dy"}


def test_the_same_again_writes_nothing_and_asks_for_nothing(bench, crm, blank):
    run = bench.run()
    bench.report(run, good(bench, crm, blank, "28.4"))
    first = bench.evaluate(run)["Dy"]
    wanted = Request.objects.filter(kind="assays.decide_batch")
    assert [row.key for row in wanted] == [str(bench.ground.batch.pk)]
    kept = Entry.objects.count()
    again = bench.evaluate(run)["Dy"]
    assert (again.pk, again.evaluated_at, Entry.objects.count(), wanted.count()) == (
        first.pk,
        first.evaluated_at,
        kept,
        1,
    )


def test_only_what_changed_is_written(bench, crm, blank):
    run = bench.run()
    rows = [(label, thing, values | {"La": "50"}) for label, thing, values in good(bench, crm, blank, "28.4")]
    bench.report(run, rows)
    before = bench.evaluate(run)
    after = bench.evaluate(run, thresholds={"Dy": ("Dy2O3", Decimal(500))})
    assert after["Dy"].pk == before["Dy"].pk
    assert (before["Dy"].verdict, after["Dy"].verdict) == ("PASS", "NONE")
    assert after["Dy"].evaluated_at >= before["Dy"].evaluated_at
    assert after["La"].evaluated_at == before["La"].evaluated_at
    last = Entry.objects.filter(table_name="assays_qcevaluation").order_by("-id")[:1]
    assert [(row.op, row.row_key) for row in last] == [("U", str(after["Dy"].pk))]
    assert Request.objects.filter(kind="assays.decide_batch").count() == 2


def test_a_reissue_is_judged_anew_and_what_it_lacks_is_gone(bench, crm, blank):
    run = bench.run()
    rows = good(bench, crm, blank, "28.4")
    bench.report(run, [(label, thing, values | {"La": "50"}) for label, thing, values in rows])
    assert set(bench.evaluate(run)) == {"Dy", "La"}
    old = run.version
    bench.report(run, [(label, what, {"Dy": "24"} if what is crm else v) for label, what, v in rows])
    found = bench.evaluate(run)
    assert {name: (one.verdict, one.version) for name, one in found.items()} == {"Dy": ("FAIL", run.version)}
    assert run.version != old
    assert QcEvaluation.objects.filter(run=run).count() == 1


def test_a_run_without_results_has_nothing_to_judge(bench):
    assert bench.evaluate(bench.run()) == {}


def test_queries_do_not_grow_with_samples_and_analytes(bench, crm, blank):
    counts = []
    for number, names in enumerate((["Dy"], ["Dy", "La", "Ce", "Nd"])):
        run = bench.run(f"R{number}")
        rows = good(bench, crm, blank, *["28.4"] * (1 + 2 * number))
        rows = [(label, thing, dict.fromkeys(names, values["Dy"])) for label, thing, values in rows]
        bench.report(run, rows)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            bench.evaluate(run)
        counts.append(len(caught))
    assert counts[0] == counts[1]


@pytest.mark.parametrize("role", ["technician", "receptionist"])
def test_only_the_system_and_those_who_may_override_evaluate(bench, crm, blank, role):
    run = bench.run()
    bench.report(run, good(bench, crm, blank, "28.4"))
    with pytest.raises(NotPermitted):
        evaluate_run(actor=bench.people(role, "nfc"), run=run, thresholds={})
    assert QcEvaluation.objects.count() == 0
