"""Evaluating runs: swapped bottles, pooled duplicates, long-run blanks, what stands before a blank."""

from decimal import Decimal

import pytest

from assays.quality.rules import QcVerdict

pytestmark = pytest.mark.django_db
NAMES = ("Dy", "Tb", "Nd", "La", "Ce")


def rack(crm, blank, samples, *, end="20", blank_ppm="<0.05"):
    """Return the rows of a rack: material, samples, blank, material."""
    return [
        ("RM 20", crm, {"Dy": "20"}),
        *samples,
        ("BLK", blank, {"Dy": blank_ppm}),
        ("RM 20 end", crm, {"Dy": end}),
    ]


def test_a_bottle_that_looks_like_another_is_named(bench, blank):
    crm = bench.material("RM 20", "CRM", **dict.fromkeys(NAMES, ("20", "1")))
    bench.material("RM 40", "CRM", **dict.fromkeys(NAMES, ("40", "2")))
    run, read = bench.run(), dict.fromkeys(NAMES, "41")
    rows = [("RM 20", crm, read), ("BLK", blank, dict.fromkeys(NAMES, "<0.05"))]
    bench.report(run, [*rows, ("S1", bench.sample(), dict.fromkeys(NAMES, "30"))])
    one = bench.evaluate(run)["Dy"]
    assert one.verdict == "FAIL"
    assert one.marks[0]["words"].endswith("(z = +21.00, 1-3s); it looks like RM 40 on 5 elements: swapped?")


def test_a_failed_bottle_that_looks_like_nothing_is_not_guessed(bench, blank):
    crm = bench.material("RM 20", "CRM", **dict.fromkeys(NAMES, ("20", "1")))
    bench.material("RM 40", "CRM", **dict.fromkeys(NAMES[:4], ("40", "2")))
    run, read = bench.run(), dict.fromkeys(NAMES, "41")
    rows = [("RM 20", crm, read), ("BLK", blank, dict.fromkeys(NAMES, "<0.05"))]
    bench.report(run, [*rows, ("S1", bench.sample(), dict.fromkeys(NAMES, "30"))])
    assert "swapped" not in bench.evaluate(run)["Dy"].marks[0]["words"]


def test_the_sample_before_a_blank_is_the_one_in_the_rack(bench, crm, blank):
    run = bench.run()
    samples = [("S1", bench.sample(), {"Dy": "500"}), ("S2", bench.sample(), {"Dy": "30"})]
    bench.report(run, rack(crm, blank, samples, blank_ppm="0.7"))
    one = bench.evaluate(run)["Dy"]
    mark = next(mark for mark in one.marks if mark["kind"] == "BLANK")
    # 0.7 ppm is 2.3 % of the 30 ppm before it, and more than 5 · LOD
    assert (mark["before"], mark["lod"], mark["rules"]) == ("30", "0.05", ["blank-high", "blank-carry-over"])
    assert one.blank_excess_ppm == Decimal("0.7")


def earlier(bench, crm, blank, read):
    """Approve ten runs in which a blank read so much."""
    for number in range(10):
        run = bench.run(f"HY2500000{number}")
        bench.report(run, rack(crm, blank, [("S1", bench.samples[0], {"Dy": "30"})], blank_ppm=read))


def test_a_blank_with_a_long_run_is_measured_against_it(bench, crm, blank):
    bench.sample()
    earlier(bench, crm, blank, "0.9")
    run = bench.run()
    bench.report(run, rack(crm, blank, [("S1", bench.sample(), {"Dy": "30"})], blank_ppm="0.95"))
    one = bench.evaluate(run)["Dy"]
    assert (one.verdict, one.blank_excess_ppm) == ("WARN", Decimal("0.05"))
    assert next(mark for mark in one.marks if mark["kind"] == "BLANK")["expected"] == "0.9"


def test_nine_readings_are_no_long_run(bench, crm, blank):
    bench.sample()
    earlier(bench, crm, blank, "0.9")
    first = bench.run("HY24000000")
    assert first.created_at
    run = type(first).objects.order_by("created_at")[9]
    assert bench.evaluate(run)["Dy"].blank_excess_ppm == Decimal("0.9")


def twins(bench, crm, blank, poor, good, number):
    """Report a run with so many poor and good pairs."""
    rows = []
    for at in range(poor + good):
        sample = bench.samples[at]
        second = "45" if at < poor else "30.5"
        rows += [(f"S{at}", sample, {"Dy": "30"}), (f"S{at} D", (sample,), {"Dy": second})]
    run = bench.run(number)
    bench.report(run, rack(crm, blank, rows))
    return run


@pytest.mark.parametrize(("poor", "verdict"), [(2, "PASS"), (3, "FAIL")])
def test_duplicates_are_judged_with_those_of_earlier_runs(bench, crm, blank, poor, verdict):
    for _ in range(10):
        bench.sample()
    twins(bench, crm, blank, 2, 8, "HY25000001")
    # twenty pairs: 4 poor ones are chance, 5 are not
    run = twins(bench, crm, blank, poor, 10 - poor, "HY26000009")
    one = bench.evaluate(run)["Dy"]
    assert one.verdict == verdict
    if verdict == QcVerdict.FAIL:
        assert one.reason.startswith(
            "5 of the last 20 pairs of duplicates lie too far apart, where chance explains 4"
        )
        assert one.withheld is None


def test_one_run_has_too_few_pairs_to_judge(bench, crm, blank):
    for _ in range(10):
        bench.sample()
    one = bench.evaluate(twins(bench, crm, blank, 9, 1, "HY26000001"))["Dy"]
    assert (one.verdict, one.withheld) == ("PASS", [])
    mark = next(mark for mark in one.marks if mark["kind"] == "DUPLICATE")
    assert (mark["hard"], mark["expected"], mark["value"]) == ("0.20000", "30", "45")
    assert (mark["rules"], mark["verdict"]) == (["duplicate-poor"], "WARN")
