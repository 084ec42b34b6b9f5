"""Whoever builds a run learns which reference materials lie near its samples' thresholds."""

from decimal import Decimal

import pytest

from assays.catalogue import services as catalogue
from assays.catalogue.models import ReferenceMaterial
from assays.catalogue.rules import Basis
from assays.grading.aims import levels, near_thresholds
from assays.grading.services import pin_policy
from assays.runs.building.aiming import near_ids
from lims.verbs import SystemActor
from tests.assays.grading.ground import make_ground

pytestmark = pytest.mark.django_db
TESTS = SystemActor("tests")


def _material(code: str, **values: str) -> ReferenceMaterial:
    made = catalogue.add_material(actor=TESTS, code=code, kind="CRM", description="Clay", maker="Somebody")
    for oxide_or_element, ppm in values.items():
        oxide = oxide_or_element if "O" in oxide_or_element else ""
        catalogue.certify(
            actor=TESTS,
            material=made,
            analyte=oxide_or_element[:2],
            oxide=oxide,
            basis=Basis.TOTAL_FUSION,
            value_ppm=Decimal(ppm),
            sd_ppm=Decimal(1),
        )
    return made


def test_materials_between_a_fifth_and_five_times_a_threshold_are_near():
    ground = make_ground()
    samples = [one.pk for one in ground.batch.samples.all()]
    found = [
        _material("AT LEVEL", Dy="20"),
        _material("AS OXIDE", Dy2O3="24"),
        _material("FAR OFF", Dy="900"),
        _material("OTHER ELEMENT", La="25"),
    ]
    assert near_thresholds(samples, found, Basis.TOTAL_FUSION) is None, "nothing is pinned yet"
    assert near_ids(samples, found, Basis.TOTAL_FUSION) == {one.pk for one in found}
    pin_policy(actor=TESTS, batch=ground.batch)
    assert levels(samples)["Dy"], "the policy has a threshold for it"
    near = {found[0].pk, found[1].pk}
    assert near_thresholds(samples, found, Basis.TOTAL_FUSION) == near
    assert near_ids(samples, found, Basis.TOTAL_FUSION) == near
    assert near_thresholds(samples, found, Basis.LEACHABLE) == set()
