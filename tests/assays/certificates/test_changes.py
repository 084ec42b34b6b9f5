"""What a re-issue changed stands on the run's page: cell for cell, and only of samples that one may see."""

import pytest
from django.urls import reverse

from assays.certificates import changes
from assays.certificates.changes import changes_of
from assays.certificates.models import Certificate
from tests.assays.quality.conftest import bench, blank, crm, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import good_run, tested  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def reissued(tested, crm):  # noqa: F811  # fixtures
    one, two, three = tested.sample(), tested.sample(), tested.sample()
    run = tested.run()
    first = [
        ("RM 20", crm, {"Dy": "20.4"}),
        (one.tag.code, one, {"Dy": "28.40", "Tb": "5.1"}),
        (two.tag.code, two, {"Dy": "<0.05", "Tb": "NSS"}),
    ]
    second = [
        ("RM 20", crm, {"Dy": "20.4"}),
        (one.tag.code, one, {"Dy": "28.4", "Tb": "<5.1"}),
        (three.tag.code, three, {"Dy": "30"}),
    ]
    tested.report(run, first)
    tested.report(run, second, state="REPORTED")
    tested.evaluate(run)
    return run, one.tag.code, two.tag.code, three.tag.code


def told(user, run):
    found = changes_of(user, Certificate.objects.standing().get(run=run))
    values = [(one.label, one.content, one.before, one.after) for one in found.values]
    return values, list(found.fresh), list(found.gone)


def test_every_difference_is_found_by_what_stands_in_the_cells(reissued, tested):  # noqa: F811  # a fixture
    run, one, two, three = reissued
    values = [(one, "Dy", "28.40", "28.4"), (one, "Tb", "5.1", "<5.1")]
    assert told(tested.reviewer, run) == (values, [three], [two])


def test_it_stands_on_the_runs_page(reissued, tested, signed_in):  # noqa: F811  # a fixture
    run, _, two, three = reissued
    answer = signed_in(tested.reviewer).get(reverse("runs:run", args=[run.pk]))
    text = " ".join(answer.content.decode().split())
    for words in ("What version 2 changed", "2 values changed", f">{three}<", f">{two}<", "&lt;5.1"):
        assert words in text


def test_a_first_version_changed_nothing_and_an_equal_one_says_so(good_run, tested, crm, signed_in):  # noqa: F811
    run = tested.run()
    tested.report(run, [("RM 20", crm, {"Dy": "20"})])
    assert changes_of(tested.reviewer, Certificate.objects.get(run=run)) is None
    tested.report(run, [("RM 20", crm, {"Dy": "20"})])
    assert changes_of(tested.reviewer, Certificate.objects.standing().get(run=run)).none
    assert "Every value is as it was." in (
        signed_in(tested.reviewer).get(reverse("runs:run", args=[run.pk])).content.decode()
    )


def test_whoever_sees_no_sample_reads_of_none(reissued, tested, person):  # noqa: F811  # a fixture
    run, *_ = reissued
    assert told(person("manager", "midwest"), run) == ([], [], [])


def test_long_ones_are_cut_and_the_longest_not_compared(reissued, tested, monkeypatch):  # noqa: F811  # a fixture
    run, *_ = reissued
    standing = Certificate.objects.standing().get(run=run)
    monkeypatch.setattr(changes, "MOST_LISTED", 1)
    found = changes_of(tested.reviewer, standing)
    assert (found.count, len(found.values), found.more) == (2, 1, 1)
    monkeypatch.setattr(changes, "MOST_COMPARED", 1)
    assert changes_of(tested.reviewer, standing).count is None
