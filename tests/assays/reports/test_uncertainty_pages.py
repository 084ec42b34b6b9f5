"""The page that proposes b and r0, and the API beside it: numbers with units, adoption as a draft, refusals beside the form."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from assays.grading.deciding import decide_batch
from assays.grading.models import Policy
from assays.grading.proposals import bias_proposals
from lims.verbs import acting
from tests.assays.grading.ground import TESTS, make_ground
from tests.assays.grading.test_uncertainty import five_runs

pytestmark = pytest.mark.django_db
LATER = (timezone.localdate() + timedelta(days=365)).isoformat()


@pytest.fixture
def ground():
    made = make_ground()
    five_runs(made)
    decide_batch(actor=TESTS, batch=made.batch)
    return made


def text_of(answer):
    return " ".join(answer.content.decode().split())


def address(policy):
    return reverse("reports:uncertainty", args=[policy.pk])


def test_the_page_shows_what_b_is_made_of(ground, signed_in):
    text = text_of(signed_in(ground.manager).get(address(ground.policy)))
    for said in (
        "CRM-7",
        "nearest the threshold",
        "U95/2C, %",
        "2.50",
        ground.batch.code,
        ground.batch.mine.name,
    ):
        assert said in text, said


def test_what_is_ticked_becomes_a_draft_and_its_page_shows_the_evidence(ground, signed_in):
    client = signed_in(ground.manager)
    key = next(one.key for one in bias_proposals(ground.manager, ground.policy) if one.analyte == "Dy")
    given = {"biases": [key], "priors": [str(ground.batch.mine_id)], "review_on": LATER, "rationale": "CRM-7"}
    answer = client.post(address(ground.policy), given)
    made = Policy.objects.get(version=2)
    assert answer["Location"] == reverse("reports:policy", args=[made.pk])
    text = text_of(client.get(answer["Location"]))
    assert "b of Dy by NFC-MS" in text
    assert "10 results of CRM-7 in 5 runs" in text
    assert f"Dy in 1 batch ({ground.batch.code})" in text or f"Tb in 1 batch ({ground.batch.code})" in text


def test_a_refusal_keeps_what_was_ticked(ground, signed_in):
    key = next(one.key for one in bias_proposals(ground.manager, ground.policy) if one.analyte == "Tb")
    answer = signed_in(ground.manager).post(
        address(ground.policy), {"biases": [key], "review_on": "2020-01-01", "rationale": "x"}
    )
    assert answer.status_code == 422
    text = text_of(answer)
    assert "The day of review is not in the future." in text
    assert text.count(" checked") == 1
    assert Policy.objects.count() == 1


def test_a_review_that_is_due_is_called_out(ground, signed_in):
    line = {"mine": "m", "name": "Site 1", "relative": 0.4, "df": 9, "analyte": "Dy", "batches": ["B"]}
    with acting(TESTS, verb_name="make_policy"):
        Policy.objects.filter(pk=ground.policy.pk).update(
            priors=[line | {"from": "2024-01-01", "to": "2025-01-01", "review_on": "2026-01-01"}]
        )
    text = text_of(signed_in(ground.manager).get(reverse("reports:policy", args=[ground.policy.pk])))
    assert "was to be looked at again by 2026-01-01" in text


def test_the_api_proposes_and_adopts_the_same(ground, signed_in):
    client = signed_in(ground.manager)
    url = reverse("api-policy-uncertainty", args=[ground.policy.pk])
    found = client.get(url).json()
    keys = [one["key"] for one in found["biases"] if one["suggested"]]
    assert len(keys) == 2
    assert found["priors"][0]["batches"] == [ground.batch.code]
    given = {"biases": keys, "review_on": LATER, "rationale": "CRM-7"}
    made = client.post(url, given, content_type="application/json")
    assert made.status_code == 201
    assert [one["analyte"] for one in made.json()["biases"]] == ["Dy", "Tb"]
    refused = client.post(url, given | {"biases": ["x"]}, content_type="application/json")
    assert (refused.status_code, refused.json()["problems"][0]["code"]) == (422, "proposal-gone")
