"""The owner's blind blanks and reference materials: in the consignment, in the certificate, never in the decision."""

import pytest

from assays.grading import services
from assays.grading.casework import gather
from assays.grading.deciding import decide_batch
from assays.grading.thresholds import thresholds_of
from assays.quality import services as quality
from assays.runs import services as runs
from lims.verbs import SystemActor, acting
from samples.registry.models import BlindItem
from tests.assays.grading.ground import GOOD_QC, RICH, TESTS, Ground, make_ground

pytestmark = pytest.mark.django_db
#: seven rich samples, and a blank among them
VALUES = [*RICH[:7], ("<0.05", "<0.01")]


@pytest.fixture
def ground() -> Ground:
    return make_ground()


def blank(ground: Ground) -> None:
    """Let the last bag be the owner's blank."""
    with acting(SystemActor("tests"), verb_name="tests"):
        BlindItem.objects.create(sample=ground.samples[7], kind="BLANK", material="Quartz sand")


def approved(ground: Ground) -> None:
    run = ground.commit("NFC-1", ground.written("NFC-1", VALUES, GOOD_QC))
    services.pin_policy(actor=TESTS, batch=ground.batch)
    quality.evaluate_run(actor=TESTS, run=run, thresholds=thresholds_of(run))
    run.refresh_from_db()
    runs.approve_run(actor=ground.reviewer, run=run, version=run.version)


def test_a_blind_blank_is_no_sample_of_the_batch(ground):
    blank(ground)
    approved(ground)
    decision = decide_batch(actor=TESTS, batch=ground.batch)
    assert decision.outcome == "FLAGGED"
    case = gather(ground.batch, ground.policy, [])
    assert [one["id"] for one in case.case["samples"]] == [sample.tag.code for sample in ground.samples[:7]]
    assert ground.samples[7].tag.code not in str(decision.sources)


def test_without_the_word_of_the_owner_it_counts(ground):
    approved(ground)
    assert len(gather(ground.batch, ground.policy, []).case["samples"]) == 8


def test_called_so_after_its_results_it_stays_a_sample(ground):
    approved(ground)
    blank(ground)
    samples = gather(ground.batch, ground.policy, []).case["samples"]
    assert samples[7]["id"] == ground.samples[7].tag.code
    assert samples[7]["values"]["Dy"] == "<0.05 ppm"
