"""Which determination counts: every rule once, exactly, with its reason in words."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assays.catalogue import services as catalogue
from assays.quality import services
from assays.quality.queries import preferred

pytestmark = pytest.mark.django_db


@pytest.fixture
def rack(bench, crm, blank):
    """Return a function that makes the rows of a sound rack around (label, sample, values)."""

    def rows(*middle, crm_reads="20"):
        names = {name for _, _, values in middle for name in values}
        return [
            ("RM 20", crm, dict.fromkeys(names, crm_reads)),
            ("BLK", blank, dict.fromkeys(names, "<0.05")),
            *middle,
        ]

    return rows


def told(sample, **given):
    """Return what counts for Dy of a sample, and every analyte that has something."""
    found = preferred([sample], **given).get(sample.pk, {})
    return found.get("Dy"), set(found)


def test_the_only_result_counts(bench, rack):
    run, sample = bench.run(), bench.sample()
    certificate = bench.report(run, rack(("S1", sample, {"Dy": "28.4"})))
    bench.evaluate(run)
    one, analytes = told(sample)
    assert analytes == {"Dy"}
    assert (one.determination.ppm, one.certificate, one.run) == (Decimal("28.4"), certificate, run)
    assert (one.method.code, one.basis) == ("ME-MS81", "total-fusion")
    assert (one.verdict, one.withheld, one.overridden, one.duplicates) == ("PASS", False, False, ())
    assert one.qc_reason == "every reference material and blank passed"
    assert one.reason == "ME-MS81 is the only result; QC passed"


@pytest.mark.parametrize("state", ["REPORTED", "RETURNED"])
def test_what_nobody_has_approved_counts_for_nothing(bench, rack, state):
    run, sample = bench.run(), bench.sample()
    bench.report(run, rack(("S1", sample, {"Dy": "28.4"})), state=state)
    bench.evaluate(run)
    assert told(sample) == (None, set())


def test_before_its_evaluation_everything_is_withheld(bench, rack):
    run, sample = bench.run(), bench.sample()
    bench.report(run, rack(("S1", sample, {"Dy": "28.4"})))
    one, _ = told(sample)
    assert (one.verdict, one.withheld, one.qc_reason) == (
        "NONE",
        True,
        "QC of these results is not evaluated yet",
    )
    bench.evaluate(run)
    bench.report(run, rack(("S1", sample, {"Dy": "28.5"})))
    one, _ = told(sample)
    assert (one.determination.raw, one.verdict, one.withheld) == ("28.5", "NONE", True)


def test_a_reissue_supersedes(bench, rack):
    run, sample = bench.run(), bench.sample()
    bench.report(run, rack(("S1", sample, {"Dy": "28.4"})))
    newer = bench.report(run, rack(("S1", sample, {"Dy": "31"})))
    bench.evaluate(run)
    one, _ = told(sample)
    assert (one.determination.raw, one.certificate, one.certificate.version) == ("31", newer, 2)


def test_the_method_of_the_smaller_rank_comes_first(bench, rack):
    bench.method("XRF", rank=200)
    run, sample = bench.run(), bench.sample()
    bench.report(run, rack(("S1", sample, {"Dy@XRF": "40", "Dy": "28.4"})))
    bench.evaluate(run)
    one, _ = told(sample)
    assert (one.determination.raw, one.reason) == ("28.4", "ME-MS81 ranks first among 2 methods; QC passed")


def test_a_method_that_qc_accepts_comes_before_a_better_one_that_it_withholds(bench, rack, crm, blank):
    bench.method("XRF", rank=200)
    run, sample = bench.run(), bench.sample()
    rows = rack(("S1", sample, {"Dy@XRF": "40", "Dy": "28.4"}))
    rows[0] = ("RM 20", crm, {"Dy@XRF": "20", "Dy": "24"})
    bench.report(run, rows)
    bench.evaluate(run)
    one, _ = told(sample)
    assert (one.determination.raw, one.withheld) == ("40", False)
    assert one.reason == "XRF is not withheld by QC, as another is; QC passed"


def test_a_method_that_gave_a_number_comes_before_a_better_one_that_gave_none(bench, rack):
    bench.method("XRF", rank=200)
    run, sample = bench.run(), bench.sample()
    other = bench.sample()
    rows = rack(("S1", sample, {"Dy@XRF": "40", "Dy": "NSS"}), ("S2", other, {"Dy@XRF": "41", "Dy": "30"}))
    bench.report(run, rows)
    bench.evaluate(run)
    one, _ = told(sample)
    assert (one.determination.raw, one.reason) == ("40", "XRF gave a number where another did not; QC passed")
    assert told(other)[0].determination.raw == "30"


def test_with_a_basis_only_methods_of_it_compete(bench, rack, crm):
    bench.method("4A", rank=1, basis="total-four-acid")
    catalogue.certify(
        actor=bench.people("administrator", "irel"),
        material=crm,
        analyte="Dy",
        basis="total-four-acid",
        value_ppm=Decimal(20),
        sd_ppm=Decimal(1),
    )
    run, sample, other = bench.run(), bench.sample(), bench.sample()
    rows = rack(("S1", sample, {"Dy@4A": "15", "Dy": "28.4"}), ("S2", other, {"Dy@4A": "16"}))
    bench.report(run, rows)
    bench.evaluate(run)
    assert told(sample)[0].basis == "total-four-acid"
    one, _ = told(sample, basis="total-fusion")
    assert (one.determination.raw, one.reason) == ("28.4", "ME-MS81 is of the basis asked for; QC passed")
    lone, _ = told(other, basis="total-fusion")
    assert (lone.determination.raw, lone.basis) == ("16", "total-four-acid")


def test_a_method_that_the_catalogue_does_not_know_comes_last_and_has_no_basis(bench, rack):
    run, sample, other = bench.run(), bench.sample(), bench.sample()
    rows = rack(("S1", sample, {"Dy@QQ-9": "15", "Dy": "28.4"}), ("S2", other, {"Dy@QQ-9": "16"}))
    bench.report(run, rows)
    bench.evaluate(run)
    assert told(sample)[0].determination.raw == "28.4"
    one, _ = told(other)
    assert (one.determination.raw, one.method, one.basis, one.withheld) == ("16", None, "", True)


def test_among_equals_the_newest_certificate_counts(bench, rack):
    sample = bench.sample()
    for number, raw in (("R1", "28.4"), ("R2", "30")):
        run = bench.run(number)
        bench.report(run, rack(("S1", sample, {"Dy": raw})))
        bench.evaluate(run)
    one, _ = told(sample)
    assert (one.determination.raw, one.run.number, one.duplicates) == ("30", "R2", ())
    assert one.reason == "ME-MS81 was reported 2 times, and the newest counts; QC passed"


def test_a_rerun_that_qc_accepts_supersedes_one_that_it_withheld(bench, rack):
    sample = bench.sample()
    for number, raw, crm_reads in (("R1", "28.4", "20"), ("R2", "30", "24")):
        run = bench.run(number)
        bench.report(run, rack(("S1", sample, {"Dy": raw}), crm_reads=crm_reads))
        bench.evaluate(run)
    one, _ = told(sample)
    assert (one.run.number, one.withheld) == ("R1", False)


def test_element_and_oxide_are_never_mixed(bench, rack):
    bench.method("XRF", rank=1)
    run, sample = bench.run(), bench.sample()
    rows = rack(
        ("S1", sample, {"Dy2O3@XRF": "33", "Dy": "28.4"}),
        ("S1 dup", (sample,), {"Dy2O3@XRF": "34", "Dy": "28.8"}),
    )
    bench.report(run, rows)
    bench.evaluate(run)
    one, analytes = told(sample)
    assert analytes == {"Dy"}
    assert (one.determination.oxide, one.determination.raw) == ("Dy2O3", "33")
    assert [(twin.oxide, twin.raw) for twin in one.duplicates] == [("Dy2O3", "34")]


def test_planned_duplicates_of_the_same_run_are_handed_over(bench, rack):
    first, second, sample = bench.run("R1"), bench.run("R2"), bench.sample()
    bench.report(first, rack(("S1", sample, {"Dy": "20"}), ("S1 dup", (sample,), {"Dy": "21"})))
    rows = rack(
        ("S1", sample, {"Dy": "28.4"}),
        ("S1 dup", (sample,), {"Dy": "28.8"}),
        ("S1 dup 2", (sample,), {"Dy": "<0.05"}),
        ("S1 dup 3", (sample,), {"Dy": "NSS"}),
    )
    bench.report(second, rows)
    for run in (first, second):
        bench.evaluate(run)
    one, _ = told(sample)
    assert (one.determination.raw, [twin.raw for twin in one.duplicates]) == ("28.4", ["28.8", "<0.05"])


def test_a_duplicate_alone_stands_for_nothing(bench, rack):
    run, sample = bench.run(), bench.sample()
    bench.report(run, rack(("S1 dup", (sample,), {"Dy": "28.8"})))
    bench.evaluate(run)
    assert told(sample) == (None, set())


def test_a_duplicate_that_is_withheld_alone_is_not_averaged(bench, rack, crm, blank):
    run, sample = bench.run(), bench.sample()
    rows = rack(("S1", sample, {"Dy": "28.4"}))
    rows += [
        ("RM b", crm, {"Dy": "20"}),
        ("S1 dup", (sample,), {"Dy": "60"}),
        ("RM c", crm, {"Dy": "24"}),
    ]
    bench.report(run, rows)
    bench.evaluate(run)
    one, _ = told(sample)
    assert (one.withheld, one.verdict, one.duplicates) == (False, "FAIL", ())
    assert one.reason == "ME-MS81 is the only result; QC failed elsewhere in the run"


def test_loi_and_totals_are_no_analytes(bench, rack):
    run, sample = bench.run(), bench.sample()
    bench.report(run, rack(("S1", sample, {"Dy": "28.4", "LOI": "11", "Total": "99.9"})))
    bench.evaluate(run)
    assert told(sample)[1] == {"Dy"}


def test_an_override_lets_withheld_results_count(bench, rack):
    run, sample = bench.run(), bench.sample()
    bench.report(run, rack(("S1", sample, {"Dy": "28.4"}), crm_reads="24"))
    bench.evaluate(run)
    assert told(sample)[0].withheld
    made = services.propose_override(actor=bench.reviewer, run=run, analyte="Dy", reason="Bottle mixed up")
    assert told(sample)[0].withheld
    services.second_override(actor=bench.manager, override=made, reason="Seen in the log")
    one, _ = told(sample)
    assert (one.verdict, one.withheld, one.overridden) == ("WARN", False, True)
    assert one.qc_reason.endswith("(z = +4.00, 1-3s); overridden: Bottle mixed up")
    assert one.reason == "ME-MS81 is the only result; QC overridden by two persons"
    # it is bound to the results that they saw
    bench.report(run, rack(("S1", sample, {"Dy": "29"}), crm_reads="24"))
    bench.evaluate(run)
    one, _ = told(sample)
    assert (one.withheld, one.overridden) == (True, False)


def test_an_override_of_all_counts_for_each_and_of_one_for_no_other(bench, rack):
    run, sample = bench.run(), bench.sample()
    bench.report(run, rack(("S1", sample, {"Dy": "28.4", "La": "50"}), crm_reads="24"))
    bench.evaluate(run)
    assert {one.withheld for one in preferred([sample])[sample.pk].values()} == {True}
    for analyte, expected in (("La", {"Dy": True, "La": False}), ("", {"Dy": False, "La": False})):
        made = services.propose_override(actor=bench.reviewer, run=run, analyte=analyte, reason="Mixed up")
        services.second_override(actor=bench.manager, override=made, reason="Seen")
        found = preferred([sample])[sample.pk]
        assert {name: one.withheld for name, one in found.items()} == expected


def test_queries_do_not_grow_with_samples(bench, rack):
    run, many = bench.run(), [bench.sample() for _ in range(3)]
    bench.report(run, rack(*((f"S{n}", one, {"Dy": "28.4"}) for n, one in enumerate(many))))
    bench.evaluate(run)
    counts = []
    for samples in (many[:1], many):
        with CaptureQueriesContext(connection) as caught:
            found = preferred(samples)
            assert {one["Dy"].certificate.run.laboratory.code for one in found.values()} == {"NFC"}
        counts.append(len(caught))
    assert counts == [4, 4]
