"""Results whose method was not accredited for them are marked: in words, on the run, in the decision."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from assays.catalogue.models import Accreditation, Method
from assays.catalogue.rules import CompetentTo
from assays.catalogue.standing.marks import Measured, standing_marks
from assays.catalogue.standing.rules import Lapse, lapse_of
from assays.catalogue.standing.services import grant_competence
from assays.certificates.queries import accreditation_marks, methods_in
from assays.runs.parts import methods_of
from assays.runs.services import approve_run
from lims.errors import NotPermitted
from lims.verbs import acting
from tests.assays.quality.conftest import bench, blank, crm, ground, register  # noqa: F401  # fixtures
from tests.assays.runs.conftest import tested  # noqa: F401  # a fixture
from tests.support.people import organisation

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 1)


def scope(analyte="", start=date(2026, 1, 1), end=date(2026, 12, 31), low=None, high=None):
    told = {"body": "NABL", "number": "TC-1", "valid_from": start, "valid_to": end}
    return Accreditation(analyte=analyte, range_low_ppm=low, range_high_ppm=high, **told)


@given(st.decimals(0, 1000, places=2), st.dates(date(2025, 1, 1), date(2027, 12, 31)))
def test_a_value_is_in_scope_on_its_days_and_in_its_range_only(ppm, on):
    found = lapse_of([scope("Dy", low=Decimal(1), high=Decimal(500))], "Dy", [ppm], on)
    if on.year != 2026:
        assert found == Lapse.LAPSED
    else:
        assert found == (Lapse.IN_SCOPE if 1 <= ppm <= 500 else Lapse.OUT_OF_RANGE)


def test_of_an_analyte_that_no_scope_names_it_is_not_accredited():
    assert lapse_of([scope("Dy")], "Tb", [None], ON) == Lapse.NONE
    assert lapse_of([scope("")], "Tb", [None], ON) == Lapse.IN_SCOPE


def accredited(bench, method, *scopes):  # noqa: F811  # a fixture
    with acting(bench.system, verb_name="tests"):
        for one in scopes:
            one.method = method
            one.save()


def test_words_name_method_what_is_wrong_and_the_elements(bench, django_assert_num_queries):  # noqa: F811
    method, other = bench.method("FUS-X"), bench.method("LEACH-X")
    accredited(bench, method, scope("Dy", end=date(2026, 3, 1)), scope("La", high=Decimal(10)))
    measured = [
        Measured(method.pk, "FUS-X", name, (Decimal(5), Decimal(40)), ON) for name in ("Dy", "La", "Tb")
    ] + [Measured(other.pk, "LEACH-X", "Dy", (None,), ON)]
    with django_assert_num_queries(1):
        found = standing_marks({"a": measured, "b": measured[3:]})
    assert found == {
        "a": [
            "FUS-X: accreditation had lapsed (Dy)",
            "FUS-X: not accredited (Tb)",
            "FUS-X: outside the accredited range (La)",
        ],
        "b": [],
    }


@pytest.fixture
def run(tested, crm):  # noqa: F811  # fixtures
    """Return a run that a certificate brought, by ME-MS81, not reviewed yet."""
    found = tested.run("HY26000077")
    tested.report(
        found, [("S1", tested.sample(), {"Dy": "28.4"}), ("C1", crm, {"Dy": "24"})], state="REPORTED"
    )
    return found


def test_a_run_says_what_its_methods_were_not_accredited_for(run, tested, signed_in):  # noqa: F811
    method = Method.objects.get(code="ME-MS81", laboratory=tested.laboratory)
    assert list(methods_in(run)) == [method]
    assert accreditation_marks(run) == []
    accredited(tested, method, scope("Dy", start=date(2020, 1, 1), end=date(2020, 12, 31)))
    assert accreditation_marks(run) == ["ME-MS81: accreditation had lapsed (Dy)"]
    page = signed_in(tested.reviewer).get(reverse("runs:run", args=[run.pk])).content.decode()
    assert "ME-MS81: accreditation had lapsed (Dy)" in page
    assert "Subcontracted" not in page
    with acting(tested.system, verb_name="tests"):
        run.laboratory = organisation("mines")
        run.save(update_fields=["laboratory"])
    page = signed_in(tested.reviewer).get(reverse("runs:run", args=[run.pk])).content.decode()
    assert "Subcontracted" in page


def test_a_run_that_came_as_a_certificate_is_approved_by_those_found_able(run, tested, person):  # noqa: F811
    method = Method.objects.get(code="ME-MS81", laboratory=tested.laboratory)
    assert list(methods_of(run)) == [method]
    able = person("reviewer", "nfc", nick="able")
    grant_competence(
        actor=tested.manager,
        method=method,
        person=able,
        able_to=CompetentTo.APPROVE,
        valid_from=date(2020, 1, 1),
        valid_to=date(2040, 1, 1),
        evidence="Ten reviews beside another",
    )
    with pytest.raises(NotPermitted) as refused:
        approve_run(actor=tested.reviewer, run=run, version=run.version)
    assert refused.value.problems[0].code == "competence-missing"
    assert approve_run(actor=able, run=run, version=run.version).verdict == "APPROVED"
