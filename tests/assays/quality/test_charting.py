"""Pages of quality control over time: what they show, to whom, and with how many queries."""

from decimal import Decimal
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assays.quality.charting import drawing, queries
from assays.quality.charting.insertion import insertion_report
from assays.quality.charting.rules import blank_of, pair_of
from assays.quality.charting.scorecard import scorecard
from assays.quality.charting.umpires import umpire_lines
from assays.runs.models import InsertionRule
from assays.runs.rules import ItemKind
from lims.verbs import acting
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture

pytestmark = pytest.mark.django_db
PAGES = ("charts", "blanks", "duplicates", "umpire", "rates", "laboratories")


@pytest.fixture
def runs(tested, crm, blank):  # noqa: F811  # a fixture
    """Return a function that reports and evaluates so many runs, their material 0, 1, 2 … s above its value."""

    def make(count, start=0):
        bag = tested.samples[0] if tested.samples else tested.sample()
        found = []
        for number in range(start, start + count):
            run = tested.run(f"HY2600{number:04}")
            rows = [
                ("RM 20", crm, {"Dy": str(20 + number)}),
                (bag.tag.code, bag, {"Dy": "30"}),
                (f"{bag.tag.code} D", (bag,), {"Dy": "33"}),
                ("BLK", blank, {"Dy": "0.06"}),
            ]
            tested.report(run, rows)
            tested.evaluate(run)
            found.append(run)
        return found

    return make


def text_of(answer):
    return " ".join(answer.content.decode().split())


def address(name, key):
    asked = {
        "laboratory": key.laboratory,
        "method": key.method,
        "analyte": key.analyte,
        "material": key.material,
    }
    return f"{reverse(f'quality:{name}')}?{urlencode(asked)}"


@pytest.mark.parametrize("name", PAGES)
def test_without_anything_measured_a_page_says_so(name, tested, signed_in):  # noqa: F811
    answer = signed_in(tested.technician).get(reverse(f"quality:{name}"))
    assert answer.status_code == 200
    assert "yet" in text_of(answer)


def test_the_chart_of_a_material(runs, tested, signed_in):  # noqa: F811
    runs(5)
    (line,) = queries.charts_for(tested.technician)
    assert [one.z for one in line.chart.points] == [0, 1, 2, 3, 4]
    assert line.chart.points[4].rules == ("1-3s", "2-2s")
    assert (line.chart.rules["1-3s"], line.chart.rules["2-2s"], line.chart.bias.relative) == (1, 1, 0.1)
    text = text_of(signed_in(tested.technician).get(reverse("quality:charts")))
    for words in ("RM 20", "Dy", "ME-MS81", "+4.00", "+10.0 %", "Bias over 5 %", "Failed"):
        assert words in text
    shown = text_of(signed_in(tested.technician).get(address("chart", line.chart.key)))
    for words in ("1-3s, 2-2s", "24", "Results, the newest first", "vega-lite", "± 9.8 %"):
        assert words in shown


def test_a_chart_that_is_not_there_is_refused(runs, tested, signed_in, person):  # noqa: F811
    runs(1)
    (line,) = queries.charts_for(tested.technician)
    client = signed_in(tested.technician)
    # A chart that was not chosen is chosen among all of them.
    assert client.get(reverse("quality:chart")).headers["Location"] == reverse("quality:charts")
    for query in ("?laboratory=x", f"?laboratory={line.chart.key.laboratory}&analyte=Zz"):
        for name in ("chart", "blanks", "duplicates"):
            answer = client.get(f"{reverse(f'quality:{name}')}{query}")
            assert answer.status_code == 404, (name, query)
    stranger = signed_in(person("manager", "midwest"))
    assert stranger.get(address("chart", line.chart.key)).status_code == 404
    assert "RM 20" not in text_of(stranger.get(reverse("quality:charts")))


def test_blanks_and_what_they_carried(runs, tested, signed_in):  # noqa: F811
    runs(2)
    ((key, laboratory, count),) = queries.method_contents(tested.technician, ItemKind.BLANK)
    assert (laboratory, count) == (tested.laboratory.name, 2)
    found = [blank_of(one) for one in queries.of_key(tested.technician, ItemKind.BLANK, key)]
    # 0.06 ppm after 33 ppm of the duplicate
    assert [(one.ppm, one.before_ppm, one.warn_ppm) for one in found] == [
        (Decimal("0.06"), Decimal(33), Decimal("0.25"))
    ] * 2
    text = text_of(signed_in(tested.technician).get(address("blanks", key)))
    for words in ("Carry-over", "0.06", "0.2 %", "Sample before, ppm"):
        assert words in text


def test_duplicates_with_both_plots(runs, tested, signed_in):  # noqa: F811
    runs(2)
    ((key, _, count),) = queries.method_contents(tested.technician, ItemKind.DUPLICATE)
    assert count == 2
    text = text_of(signed_in(tested.technician).get(address("duplicates", key)))
    # |30 − 33| / 63
    for words in ("4.8 %", "+9.5 %", "Too few to judge", "HARD", "9.5 %"):
        assert words in text


def test_duplicates_of_others_samples_are_not_shown(runs, tested, person, signed_in):  # noqa: F811
    runs(1)
    assert queries.seen(person("manager", "midwest"), ItemKind.DUPLICATE) == []
    assert len(queries.seen(tested.ground.manager, ItemKind.DUPLICATE)) == 1


def test_insertion_rates_beside_the_rule(runs, tested, signed_in):  # noqa: F811
    runs(2)
    (line,) = insertion_report(tested.technician)
    assert (line.samples, line.runs, line.version) == (2, 2, 0)
    assert [(rate.name, rate.count, rate.share, rate.wanted) for rate in line.rates][:3] == [
        ("Reference materials", 2, 100, 5),
        ("Blanks", 2, 100, 3),
        ("Duplicates", 2, 100, 4),
    ]
    text = text_of(signed_in(tested.technician).get(reverse("quality:rates")))
    assert "the defaults" in text


def test_a_rule_of_the_laboratory_counts(runs, tested):  # noqa: F811
    runs(1)
    shares = dict.fromkeys(("crm_pct", "blank_pct", "field_pct", "coarse_pct", "pulp_pct", "umpire_pct"), 4)
    with acting(tested.system, verb_name="tests"):
        for version in (1, 2):
            given = {"laboratory": tested.laboratory, "version": version, "rationale": "Agreed."}
            InsertionRule.objects.create(**given, **shares | {"crm_pct": 10 * version})
    (line,) = insertion_report(tested.technician)
    wanted = {rate.name: rate.wanted for rate in line.rates}
    assert (line.version, wanted["Reference materials"], wanted["Duplicates"]) == (2, 20, 8)
    assert (wanted["Pulp duplicates"], wanted["Field duplicates"]) == (4, 4)


def test_the_scorecard(runs, tested, signed_in):  # noqa: F811
    runs(5)
    (one,) = scorecard(tested.technician)
    assert (one.laboratory, one.runs, one.samples) == (tested.laboratory.name, 5, 5)
    assert (one.crm, one.crm_failed, one.blanks, one.blanks_failed) == (5, 1, 5, 0)
    assert (one.pairs, one.pairs_poor, one.evaluations, one.failed) == (5, 0, 5, 1)
    assert (one.bias, one.bias_of) == (0.1, "Dy in RM 20")
    text = text_of(signed_in(tested.technician).get(reverse("quality:laboratories")))
    for words in ("20.0 %", "1 of 5", "+10.0 %", "Dy in RM 20"):
        assert words in text


def test_an_umpire_run_is_compared_with_what_stood_before(tested, crm, blank):  # noqa: F811
    bags = [tested.sample() for _ in range(3)]
    first = tested.run("FIRST")
    tested.report(first, [(bag.tag.code, bag, {"Dy": "30"}) for bag in bags])
    home, other = tested.laboratory, _second_laboratory(tested)
    tested.laboratory = other
    tested.method()
    second = tested.run("SECOND")
    tested.laboratory = home
    tested.report(second, [(bag.tag.code, bag, {"Dy": "31"}) for bag in bags])
    assert umpire_lines(tested.ground.manager) == []
    second.umpire = True
    with acting(tested.system, verb_name="tests"):
        second.save(update_fields=["umpire"])
    (line,) = umpire_lines(tested.ground.manager)
    assert (line.number, line.umpire, line.first, line.content) == ("SECOND", other.name, home.name, "Dy")
    assert (line.comparison.n, line.comparison.says) == (3, "TOO_FEW")
    assert line.comparison.mean == pytest.approx(2 / 61)


def _second_laboratory(tested):  # noqa: F811
    from lims.accounts.models import Organisation  # noqa: PLC0415

    with acting(tested.system, verb_name="tests"):
        return Organisation.objects.create(code="SECOND", name="Second laboratory", kind="LABORATORY")


def test_specifications_are_drawn(runs, tested):  # noqa: F811
    runs(4)
    (line,) = queries.charts_for(tested.technician)
    spec = drawing.control(line.chart)
    assert spec["width"] == "container"
    blanks = [blank_of(one) for one in queries.seen(tested.technician, ItemKind.BLANK)]
    pairs = [pair_of(one) for one in queries.seen(tested.technician, ItemKind.DUPLICATE)]
    for made in (drawing.blanks(blanks), drawing.carry_over(blanks), drawing.hard_plot(pairs)):
        assert made is not None
        assert "vega-lite/v6" in made["$schema"]
    assert "mean" in str(drawing.mean_difference(pairs))


@pytest.mark.parametrize("name", PAGES)
def test_queries_do_not_grow_with_runs(name, runs, tested, signed_in):  # noqa: F811
    client = signed_in(tested.technician)
    runs(1)
    counts = []
    for more in (0, 3):
        runs(more, start=1)
        client.get(reverse(f"quality:{name}"))
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse(f"quality:{name}")).status_code == 200
        counts.append(len(caught))
    assert counts[0] == counts[1]
