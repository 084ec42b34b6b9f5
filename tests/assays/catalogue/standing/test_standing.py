"""What a laboratory stands on: recorded by its managers, judged by the day, gating by the first record."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from assays.catalogue import services as catalogue
from assays.catalogue.models import Calibration, Competence, Equipment, Method
from assays.catalogue.rules import CompetentTo
from assays.catalogue.standing import queries, services
from assays.catalogue.standing.arguments import check_competent_for
from assays.catalogue.standing.rules import Lapse
from lims.errors import Conflict, Invalid, NotPermitted
from tests.support.people import organisation

pytestmark = pytest.mark.django_db

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)


@pytest.fixture
def manager(person):
    return person("manager", "nfc")


@pytest.fixture
def method(manager):
    told = {"name": "Fusion", "technique": "ICP-MS", "digestion": "Fusion", "basis": "total-fusion"}
    return catalogue.add_method(actor=manager, laboratory=organisation("nfc"), code="ME-MS81", **told)


@pytest.fixture
def balance(manager):
    return services.add_equipment(
        actor=manager, laboratory=organisation("nfc"), code="BAL-2", name="Balance 220 g", kind="BALANCE"
    )


def granted(manager, method, person, able_to="ANALYSE", start=FIRST, end=LAST):
    return services.grant_competence(
        actor=manager,
        method=method,
        person=person,
        able_to=able_to,
        valid_from=start,
        valid_to=end,
        evidence="Blind sample 7",
    )


def calibrated(manager, balance, on, until, *, passed=True):
    return services.record_calibration(
        actor=manager, equipment=balance, calibrated_on=on, valid_until=until, done_by="NABL 7", passed=passed
    )


@pytest.mark.parametrize(
    ("day", "able"),
    [(FIRST - timedelta(1), False), (FIRST, True), (LAST, True), (LAST + timedelta(1), False)],
)
def test_competence_counts_on_its_days(manager, method, person, day, able):
    technician = person("technician", "nfc")
    granted(manager, method, technician)
    assert queries.competent(technician, method, CompetentTo.ANALYSE, day) is able


def test_the_first_record_begins_the_gate(manager, method, person):
    technician, other = person("technician", "nfc"), person("technician", "nfc", nick="other")
    assert queries.competent(other, method, CompetentTo.ANALYSE, FIRST)
    found = granted(manager, method, technician)
    assert not queries.competent(other, method, CompetentTo.ANALYSE, FIRST)
    # another act of the same method is not gated by it
    assert queries.competent(other, method, CompetentTo.APPROVE, FIRST)
    services.withdraw_competence(actor=manager, competence=found, reason="Left the group")
    # the gate stays: a record was made
    assert not queries.competent(technician, method, CompetentTo.ANALYSE, FIRST)
    with pytest.raises(Conflict) as refused:
        services.withdraw_competence(actor=manager, competence=found, reason="Again")
    assert refused.value.problems[0].code == "competence-withdrawn"


def test_whoever_was_not_found_able_is_told_what_to_do(manager, method, person):
    today = timezone.localdate()
    reviewer, other = person("reviewer", "nfc"), person("technician", "nfc")
    granted(manager, method, other, able_to="APPROVE", start=today, end=today)
    check_competent_for(other, Method.objects.filter(pk=method.pk), CompetentTo.APPROVE)
    with pytest.raises(NotPermitted) as refused:
        check_competent_for(reviewer, Method.objects.filter(pk=method.pk), CompetentTo.APPROVE)
    assert refused.value.problems[0].code == "competence-missing"
    assert "ME-MS81" in refused.value.problems[0].message


def test_nobody_finds_themselves_able_nor_a_stranger(manager, method, person):
    with pytest.raises(Invalid) as oneself:
        granted(manager, method, manager)
    with pytest.raises(Invalid) as stranger:
        granted(manager, method, person("technician", "irel"))
    codes = [refused.value.problems[0].code for refused in (oneself, stranger)]
    assert codes == ["competence-of-oneself", "person-not-of-laboratory"]
    assert not Competence.objects.exists()


def test_a_calibration_holds_until_its_last_day(manager, balance):
    assert "no calibration" in queries.calibration_warning(balance, FIRST)
    calibrated(manager, balance, FIRST, LAST)
    assert queries.calibration_warning(balance, LAST) == ""
    assert "ran out on 2026-12-31" in queries.calibration_warning(balance, LAST + timedelta(1))
    # a later one that failed counts from its day
    calibrated(manager, balance, date(2026, 6, 1), LAST, passed=False)
    assert queries.calibration_warning(balance, date(2026, 5, 31)) == ""
    assert "failed" in queries.calibration_warning(balance, date(2026, 6, 1))


def test_what_is_due_first_comes_first(manager, balance, django_assert_num_queries):
    laboratory = organisation("nfc")
    rest = {"laboratory": laboratory, "name": "x", "actor": manager}
    fine = services.add_equipment(code="A-1", kind="OVEN", **rest)
    soon = services.add_equipment(code="A-2", kind="OVEN", **rest)
    services.add_equipment(code="A-3", kind="SIEVE", needs_calibration=False, **rest)
    calibrated(manager, fine, FIRST, LAST)
    calibrated(manager, soon, FIRST, date(2026, 2, 1))
    with django_assert_num_queries(2):
        found = queries.equipment_in(laboratory, date(2026, 1, 10))
    assert [(one.equipment.code, one.tone) for one in found] == [
        ("BAL-2", "bad"),
        ("A-2", "warn"),
        ("A-1", "good"),
        ("A-3", "neutral"),
    ]


@pytest.mark.parametrize(
    ("analyte", "ppm", "day", "said"),
    [
        ("Dy", "30", FIRST, Lapse.IN_SCOPE),
        ("Dy", "5", FIRST, Lapse.IN_SCOPE),
        ("Dy", "500", FIRST, Lapse.IN_SCOPE),
        ("Dy", "4.9", FIRST, Lapse.OUT_OF_RANGE),
        ("Dy", "500.1", FIRST, Lapse.OUT_OF_RANGE),
        ("Dy", None, FIRST, Lapse.IN_SCOPE),
        ("Dy", "30", LAST + timedelta(1), Lapse.LAPSED),
        ("Tb", "30", FIRST, Lapse.NONE),
    ],
)
def test_accreditation_by_analyte_range_and_day(manager, method, analyte, ppm, day, said):
    services.record_accreditation(
        actor=manager,
        method=method,
        body="NABL",
        number="TC-7",
        analyte="Dy",
        range_low_ppm=Decimal(5),
        range_high_ppm=Decimal(500),
        valid_from=FIRST,
        valid_to=LAST,
    )
    assert queries.accredited(method, analyte, ppm and Decimal(ppm), day) == said


VALIDATED = {
    "lod_ppm": Decimal("0.05"),
    "loq_ppm": Decimal("0.15"),
    "range_low_ppm": Decimal("0.15"),
    "range_high_ppm": Decimal(1000),
    "recovery_pct": Decimal("98.5"),
    "u_relative": Decimal("0.03"),
    "evidence": "VR-26-3, OREAS 465, n 20",
    "validated_on": FIRST,
    "review_on": LAST,
}


def test_the_newest_validation_counts(manager, method):
    told = {"actor": manager, "method": method, "analyte": "Dy"}
    services.record_validation(**told, **VALIDATED)
    newer = VALIDATED | {"validated_on": date(2026, 3, 1), "lod_ppm": Decimal("0.04")}
    services.record_validation(**told, **newer)
    found = queries.validation_of(method, "Dy")
    assert found is not None
    assert found.lod_ppm == Decimal("0.04")
    assert queries.validation_of(method, "Dy", "Dy2O3") is None


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"loq_ppm": Decimal("0.01")}, "validation-limits-in-order"),
        ({"u_relative": Decimal(1)}, "validation-numbers-sensible"),
        ({"review_on": FIRST}, "validation-reviewed-later"),
        ({"oxide": "Tb4O7"}, "oxide-of-another"),
    ],
)
def test_a_validation_that_cannot_be_is_refused(manager, method, wrong, code):
    with pytest.raises(Invalid) as refused:
        services.record_validation(actor=manager, method=method, analyte="Dy", **VALIDATED | wrong)
    assert refused.value.problems[0].code == code


def test_a_calibration_is_not_foretold(manager, balance):
    tomorrow = timezone.localdate() + timedelta(1)
    with pytest.raises(Invalid) as refused:
        calibrated(manager, balance, tomorrow, tomorrow)
    assert refused.value.problems[0].code == "calibration-in-future"
    assert not Calibration.objects.exists()


def test_the_page_from_nothing_to_a_record(manager, method, person, signed_in):
    client, laboratory = signed_in(manager), organisation("nfc")
    page = reverse("standing:standing")
    assert "Nobody is recorded yet" in client.get(page).content.decode()
    told = {"laboratory": str(laboratory.pk), "code": "BAL-7", "name": "Balance", "kind": "BALANCE"}
    client.post(reverse("standing:add_equipment"), told | {"needs_calibration": "on"})
    balance = Equipment.objects.get()
    assert "BAL-7 Balance has no calibration on record." in client.get(page).content.decode()
    record = {
        "laboratory": str(laboratory.pk),
        "equipment": str(balance.pk),
        "calibrated_on": "2026-01-05",
        "valid_until": "2026-01-04",
        "done_by": "NABL 7",
        "passed": "on",
    }
    refused = client.post(reverse("standing:calibrate"), record)
    assert refused.status_code == 422
    assert "A calibration does not end before it was done." in refused.content.decode()
    client.post(reverse("standing:calibrate"), record | {"valid_until": "2036-01-04"})
    assert "calibrated" in client.get(page).content.decode()
    technician = person("technician", "nfc")
    competence = {
        "laboratory": str(laboratory.pk),
        "method": str(method.pk),
        "person": str(technician.pk),
        "able_to": "ANALYSE",
        "valid_from": "2026-01-05",
        "valid_to": "2036-01-04",
        "evidence": "Blind sample 7",
    }
    client.post(reverse("standing:grant"), competence)
    assert Competence.objects.get().granted_by == manager
    validation = {
        "laboratory": str(laboratory.pk),
        "method": str(method.pk),
        "analyte": "Dy",
        "lod_ppm": "0.05",
        "loq_ppm": "0.15",
        "range_low_ppm": "0.15",
        "range_high_ppm": "1000",
        "recovery_pct": "98.5",
        "u_percent": "3",
        "evidence": "VR-26-3",
        "validated_on": "2026-01-05",
        "review_on": "2028-01-05",
    }
    client.post(reverse("standing:validate"), validation)
    assert queries.validation_of(method, "Dy").u_relative == Decimal("0.03")
    # whoever works elsewhere sees the equipment, not the people
    stranger = signed_in(person("manager", "irel")).get(f"{page}?laboratory={laboratory.pk}").content.decode()
    assert "BAL-7" in stranger
    assert "Blind sample 7" not in stranger


def test_another_laboratory_s_manager_changes_nothing(method, person, signed_in):
    laboratory = organisation("nfc")
    told = {"laboratory": str(laboratory.pk), "code": "B", "name": "B", "kind": "BALANCE"}
    answer = signed_in(person("manager", "irel")).post(reverse("standing:add_equipment"), told)
    assert answer.status_code in {403, 404}
    assert not Equipment.objects.exists()


def test_the_same_over_the_api(manager, method, person, signed_in):
    client = signed_in(manager)
    sent = {"content_type": "application/json", "headers": {"Idempotency-Key": "k1"}}
    told = {"laboratory": str(organisation("nfc").pk), "code": "B-1", "name": "B", "kind": "BALANCE"}
    made = client.post("/api/v1/equipment/", told, **sent)
    assert made.status_code == 201
    listed = client.get("/api/v1/equipment/").json()["results"]
    assert [(one["code"], one["needs_calibration"]) for one in listed] == [("B-1", True)]
    granted(manager, method, person("technician", "nfc"))
    assert len(client.get("/api/v1/competences/").json()["results"]) == 1
    assert signed_in(person("manager", "irel")).get("/api/v1/competences/").json()["results"] == []
