"""Which method counts where ranks are equal, and where the first one was over its range."""

from decimal import Decimal

import pytest

from assays.quality.preference import family
from assays.quality.queries import preferred

pytestmark = pytest.mark.django_db


def told(sample, **given):
    return preferred([sample], **given)[sample.pk]["Dy"]


def recorded(bench, crm, blank, values, *, crm_reads=None):
    """Return a sample of an approved and evaluated run with these values of Dy."""
    run, sample = bench.run(), bench.sample()
    rows = [
        ("RM 20", crm, dict.fromkeys(values, "20") | (crm_reads or {})),
        ("BLK", blank, dict.fromkeys(values, "<0.05")),
        ("S1", sample, values),
    ]
    bench.report(run, rows)
    bench.evaluate(run)
    return sample


def test_the_over_range_method_counts_where_the_first_is_over_range(bench, crm, blank):
    bench.method("ORE", rank=200)
    one = told(recorded(bench, crm, blank, {"Dy": ">1000", "Dy@ORE": "1840"}))
    assert (one.determination.raw, one.method.code, one.withheld) == ("1840", "ORE", False)
    assert one.reason == "ORE read a value where ME-MS81 says > 1000 ppm; QC passed"


def test_the_best_of_the_over_range_methods_counts(bench, crm, blank):
    bench.method("ORE", rank=200)
    bench.method("XRF", rank=300)
    one = told(recorded(bench, crm, blank, {"Dy": ">1000", "Dy@XRF": "1700", "Dy@ORE": "1840"}))
    assert one.determination.raw == "1840"


@pytest.mark.parametrize("other", ["<5", ">500", "NSS"])
def test_what_read_no_value_takes_no_place(bench, crm, blank, other):
    bench.method("ORE", rank=200)
    one = told(recorded(bench, crm, blank, {"Dy": ">1000", "Dy@ORE": other}))
    assert (one.determination.raw, one.determination.limit_ppm) == (">1000", Decimal(1000))


def test_a_withheld_over_range_method_does_not_compete(bench, crm, blank):
    bench.method("ORE", rank=200)
    values = {"Dy": ">1000", "Dy@ORE": "1840"}
    one = told(recorded(bench, crm, blank, values, crm_reads={"Dy@ORE": "25"}))
    assert (one.determination.raw, one.withheld) == (">1000", False)


def test_an_over_range_method_of_another_basis_does_not_compete(bench, crm, blank):
    bench.method("ORE", rank=200, basis="total-four-acid")
    sample = recorded(bench, crm, blank, {"Dy": ">1000", "Dy@ORE": "1840"})
    assert told(sample, basis="total-fusion").determination.raw == ">1000"


def test_of_equal_rank_fusion_counts_before_four_acid(bench, crm, blank):
    from assays.catalogue import services  # noqa: PLC0415

    bench.method("4A", basis="total-four-acid")
    known = {"analyte": "Dy", "basis": "total-four-acid", "value_ppm": Decimal(20), "sd_ppm": Decimal(1)}
    services.certify(actor=bench.people("administrator", "irel"), material=crm, **known)
    one = told(recorded(bench, crm, blank, {"Dy@4A": "25", "Dy": "28"}))
    assert (one.determination.raw, one.withheld) == ("28", False)
    assert one.reason == "ME-MS81 ranks first among 2 methods; QC passed"


def test_of_equal_rank_icp_ms_counts_before_portable_xrf(bench, crm, blank):
    bench.method("FIELD", technique="pXRF")
    one = told(recorded(bench, crm, blank, {"Dy@FIELD": "33", "Dy": "28"}))
    assert one.determination.raw == "28"


def test_a_rank_that_was_given_comes_before_the_family(bench, crm, blank):
    bench.method("FIELD", technique="pXRF", rank=1)
    one = told(recorded(bench, crm, blank, {"Dy@FIELD": "33", "Dy": "28"}))
    assert one.determination.raw == "33"


def test_families_stand_in_order(bench):
    fusion, acid = bench.method("F1"), bench.method("A1", basis="total-four-acid")
    leach, field = (
        bench.method("L1", basis="leachable", conditions="0.3 M, pH 5, 1:10, 1 h"),
        bench.method("P1", technique="Portable XRF"),
    )
    other = bench.method("O1", technique="INAA", basis="total-INAA")
    assert [family(one) for one in (fusion, other, acid, leach, field, None)] == [
        (0, 0),
        (1, 1),
        (2, 0),
        (3, 0),
        (0, 2),
        (3, 1),
    ]
