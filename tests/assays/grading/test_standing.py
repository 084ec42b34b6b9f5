"""What a method was not accredited for goes with the decision, and is said on its report."""

from datetime import date

import pytest

from assays.catalogue.models import Accreditation, Method
from assays.grading.deciding import decide_batch
from assays.grading.models import Decision
from assays.grading.rederiving import rederive
from assays.reports.compose import compose
from lims.verbs import acting
from tests.assays.grading.ground import TESTS, make_ground
from tests.assays.grading.test_services import approved

pytestmark = pytest.mark.django_db


def test_lapsed_accreditation_is_kept_with_the_decision_and_printed():
    ground = make_ground()
    with acting(TESTS, verb_name="tests"):
        for method in Method.objects.all():
            Accreditation.objects.create(
                method=method,
                body="NABL",
                number="TC-1",
                valid_from=date(2019, 1, 1),
                valid_to=date(2019, 12, 31),
            )
    approved(ground)
    decide_batch(actor=TESTS, batch=ground.batch)
    decision = Decision.objects.get()
    (certificate,) = decision.sources["certificates"]
    assert certificate["standing"] == ["NFC-MS: accreditation had lapsed (Dy, Tb)"]
    assert "subcontracted_by" not in certificate
    assert "Certificate NFC-1, NFC-MS: accreditation had lapsed (Dy, Tb)." in compose(decision).warnings
    assert not rederive(Decision.objects.all()).differences


def test_where_nothing_is_to_be_said_the_decision_is_what_it_was():
    ground = make_ground()
    approved(ground)
    decide_batch(actor=TESTS, batch=ground.batch)
    (certificate,) = Decision.objects.get().sources["certificates"]
    assert not {"standing", "subcontracted_by"} & set(certificate)
