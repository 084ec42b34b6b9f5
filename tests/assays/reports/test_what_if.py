"""The pages of what would change and of what changed: in sentences, with numbers, and only for the owner's people."""

import pytest
from django.urls import reverse

from assays.grading import services
from assays.grading import what_if as computing
from assays.grading.deciding import decide_batch
from assays.grading.models import Decision
from lims.work.models import Request
from lims.work.runner import look
from tests.assays.grading.ground import TESTS, make_ground
from tests.assays.grading.test_what_if import decided, draft
from tests.assays.reports import made

pytestmark = pytest.mark.django_db


def text_of(answer):
    return " ".join(answer.content.decode().split())


def url(name, *args):
    return reverse(f"reports:{name}", args=args)


@pytest.fixture
def ground():
    return make_ground()


def test_the_fragment_says_what_would_change_and_why(ground, signed_in):
    decided(ground)
    policy = draft(ground, dy=50)
    text = text_of(signed_in(ground.manager).get(url("what_if", policy.pk)))
    assert "1 of 1 decided batch would come out otherwise: 1 from flagged to not flagged." in text
    assert "Retrospective, on what stands now" in text
    assert "Dy₂O₃ must reach 50 ppm instead of 25 ppm." in text
    assert "Tb₄O₇ is asked for no longer (it was 4 ppm)." in text
    assert "this policy" in text
    assert 'data-chart="curve-0"' in text


def test_the_policys_page_asks_for_the_fragment(ground, signed_in):
    policy = draft(ground)
    client = signed_in(ground.manager)
    assert f'hx-get="{url("what_if", policy.pk)}"' in text_of(client.get(url("policy", policy.pk)))
    assert "No batch of this material is decided yet." in text_of(client.get(url("what_if", policy.pk)))


def test_many_batches_are_a_workers(ground, signed_in, monkeypatch):
    monkeypatch.setattr(computing, "AT_ONCE", 0)
    decided(ground)
    policy = draft(ground, dy=50)
    client, address = signed_in(ground.manager), url("what_if", policy.pk)
    assert "Show what would change" in text_of(client.get(address))
    client.post(url("ask_what_if", policy.pk))
    assert "Waiting for a worker" in text_of(client.get(address))
    assert Request.objects.filter(kind=services.WHAT_IF).count() == 1
    look(services.WHAT_IF, str(policy.pk))
    text = text_of(client.get(address))
    assert "1 of 1 decided batch would come out otherwise" in text
    assert "Compute it anew" in text


def test_others_see_neither(ground, signed_in, person):
    decided(ground)
    policy = draft(ground)
    assert signed_in(person("manager", "midwest")).get(url("what_if", policy.pk)).status_code == 404
    assert signed_in(ground.technician).get(url("what_if", policy.pk)).status_code == 403


def test_what_changed_compares_with_the_decision_before(signed_in, person):
    first = made.decided()
    case = {**first.case, "samples": [dict(one) for one in first.case["samples"]]}
    case["samples"][0]["values"] = {"Dy": "3 ppm", "Tb": "5.31 ppm"}
    second = made.decide(first.batch, case, first.sources)
    client = signed_in(person("manager", "irel"))
    text = text_of(client.get(url("changes", second.pk)))
    assert "30.1 ppm" in text
    assert "3 ppm" in text
    assert "Values that count otherwise" in text
    assert "against decision 1 of" in text
    assert "there is nothing to compare it with" in text_of(client.get(url("changes", first.pk)))
    assert client.get(url("changes", second.pk), {"since": "7"}).status_code == 404
    assert url("changes", second.pk) in text_of(client.get(url("decision", second.pk)))


def test_what_changed_may_be_asked_against_any_earlier_one(ground, signed_in):
    first = decided(ground)
    services.exclude_sample(actor=ground.manager, sample=ground.samples[0], reason="Wrong bag")
    exclusion = ground.samples[0].exclusion
    services.agree_exclusion(actor=ground.second, exclusion=exclusion)
    second = decide_batch(actor=TESTS, batch=ground.batch)
    text = text_of(signed_in(ground.manager).get(url("changes", second.pk), {"since": first.number}))
    assert "is left out (after its results were seen)." in text
    assert Decision.objects.count() == 2
