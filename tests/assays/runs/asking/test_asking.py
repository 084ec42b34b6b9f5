"""Asking for an analysis on its page, and what a batch's page says of it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assays.catalogue.models import Method
from assays.runs.models import AnalysisRequest

pytestmark = pytest.mark.django_db


def method() -> str:
    """Return the id of the laboratory's method."""
    return str(Method.objects.get(code="ME-MS81").pk)


def test_an_owner_asks_for_all_samples_but_one_and_sees_what_came(tested, signed_in):
    one, two = tested.sample(), tested.sample()
    batch = one.batch
    client = signed_in(tested.ground.manager)
    address = reverse("runs:ask", args=[batch.pk])
    shown = client.get(address).content.decode()
    assert shown.count("checked") == batch.samples.count()
    assert one.tag.code[:2] in shown
    due = timezone.localdate() + timedelta(days=12)
    form = {
        "method": method(),
        "samples": [str(one.pk)],
        "due_on": due.isoformat(),
        "agreed_rule": "Every tenth pulp twice",
        "hold_until": (due + timedelta(days=90)).isoformat(),
        "dispose_after": "",
    }
    answer = client.post(address, form)
    assert answer.status_code == 302, answer.content.decode()
    made = AnalysisRequest.objects.get()
    assert (made.due_on, made.agreed_rule) == (due, "Every tenth pulp twice")
    assert [row.sample for row in made.samples.all()] == [one]
    page = client.get(reverse("registry:batch", args=[batch.pk])).content.decode()
    assert "0 of 1 reported" in page
    assert "Every tenth pulp twice" in page
    tested.report(tested.run("HY26000088"), [("S", one, {"Dy": "3"}), ("T", two, {"Dy": "4"})])
    page = client.get(reverse("registry:batch", args=[batch.pk])).content.decode()
    assert "1 of 1 reported" in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"due_on": "2020-01-01"}, "2020-01-01 is over."),
        ({"samples": []}, "This field is required."),
        ({"hold_until": "2040-01-02", "dispose_after": "2040-01-01"}, "not thrown away before it"),
    ],
)
def test_what_cannot_be_asked_for_says_why_and_keeps_what_was_typed(tested, signed_in, change, said):
    sample = tested.sample()
    form = {
        "method": method(),
        "samples": [str(sample.pk)],
        "agreed_rule": "As in 2025",
    } | change
    answer = signed_in(tested.ground.manager).post(reverse("runs:ask", args=[sample.batch_id]), form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "As in 2025" in answer.content.decode()
    assert not AnalysisRequest.objects.exists()


def test_a_laboratory_asks_for_nothing(tested, signed_in):
    sample = tested.sample()
    client = signed_in(tested.technician)
    assert client.get(reverse("runs:ask", args=[sample.batch_id])).status_code == 403
    assert (
        "Ask for an analysis"
        not in client.get(reverse("registry:batch", args=[sample.batch_id])).content.decode()
    )
