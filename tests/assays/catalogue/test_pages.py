"""The catalogue on screen: read by everybody with a role, kept by administrators and laboratories' managers."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assays.catalogue import services
from assays.catalogue.models import CertifiedValue, Method, MethodAnalyte, ReferenceMaterial
from lims.accounts.models import Membership, Organisation
from lims.verbs import SystemActor, acting
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


def url(name, *args):
    return reverse(f"catalogue:{name}", args=args)


def text_of(answer):
    return " ".join(answer.content.decode().split())


@pytest.fixture
def manager(signed_in, person):
    return signed_in(person("manager", "nfc"))


def typed(**changed):
    return {
        "laboratory": str(organisation("nfc").pk),
        "code": "ME-MS81",
        "name": "Traces by fusion",
        "technique": "ICP-MS",
        "digestion": "Lithium borate fusion",
        "basis": "total-fusion",
        "rank": "10",
        "bias_percent": "2.5",
        "bias_df": "23",
        "bias_evidence": "24 reference materials, 2025",
    } | changed


def test_a_method_and_what_it_reports_are_added_by_pages(manager):
    answer = manager.post(url("add_method"), typed())
    made = Method.objects.get()
    assert answer.url == url("method", made.pk)
    assert (made.bias_relative, made.bias_df, made.rank) == (Decimal("0.025"), 23, 10)
    limits = {"analyte": "Dy", "unit": "ppm", "lower_limit": "0.05", "upper_limit": "1000"}
    assert manager.post(url("method_analyte", made.pk), limits).url == answer.url
    assert manager.post(url("method_analyte", made.pk), limits | {"lower_limit": "0.1"}).url == answer.url
    assert MethodAnalyte.objects.get().lower_limit == Decimal("0.1")
    text = text_of(manager.get(answer.url))
    for words in ("ME-MS81", "Total, by fusion", "0.1", "2.5", "24 reference materials, 2025", "the element"):
        assert words in text
    assert "ME-MS81" in text_of(manager.get(url("methods")))


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"code": ""}, "code", "required"),
        ({"code": "A" * 41}, "code", "40"),
        ({"basis": "leachable"}, None, "A leachable basis needs its conditions"),
        ({"bias_evidence": ""}, "bias_evidence", "rests on nothing"),
        ({"bias_percent": "NaN"}, "bias_percent", "number"),
        ({"bias_percent": "100"}, "bias_percent", "99"),
        ({"rank": "-1"}, "rank", "0"),
        ({"basis": "guess"}, "basis", "guess"),
        ({"name": "x\x00"}, "name", "Null"),
        ({"laboratory": "no uuid"}, "laboratory", ""),
    ],
)
def test_a_refused_method_says_why_and_keeps_what_was_typed(manager, changed, field, words):
    answer = manager.post(url("add_method"), typed(**changed))
    assert answer.status_code == 422
    errors = answer.context["form"].errors
    assert words in " ".join(errors[field] if field else [one for told in errors.values() for one in told])
    assert 'value="ICP-MS"' in text_of(answer)
    assert Method.objects.count() == 0


def test_a_code_is_a_laboratorys_once(manager):
    manager.post(url("add_method"), typed())
    again = manager.post(url("add_method"), typed(code="me-ms81"))
    assert again.status_code == 422
    assert "has a method with this code already" in text_of(again)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"unit": "mg/L"}, "content of a liquid"),
        ({"unit": "ppx"}, "no unit known"),
        ({"oxide": "Tb4O7"}, "no oxide of Dy"),
        ({"oxide": "Dy2O5"}, "no oxide here"),
        ({"lower_limit": "-1"}, "0"),
        ({"analyte": ""}, "required"),
    ],
)
def test_a_refused_analyte_is_told_on_the_methods_page(manager, changed, words):
    manager.post(url("add_method"), typed())
    made = Method.objects.get()
    given = {"analyte": "Dy", "unit": "ppm", "lower_limit": "0.05"} | changed
    answer = manager.post(url("method_analyte", made.pk), given)
    assert (answer.status_code, words in text_of(answer)) == (422, True)
    assert MethodAnalyte.objects.count() == 0


def test_a_material_and_its_values_are_added_by_pages(manager):
    given = {
        "code": "RM-101",
        "kind": "CRM",
        "description": "Clay",
        "maker": "Somebody",
        "lot": "A",
        "expires_on": "2020-01-31",
        "also": "Clay 101, rm101 , ",
    }
    answer = manager.post(url("add_material"), given)
    made = ReferenceMaterial.objects.get()
    assert answer.url == url("material", made.pk)
    assert made.label_keys == ["clay101", "rm101"]
    value = {
        "analyte": "Dy",
        "oxide": "Dy2O3",
        "basis": "total-fusion",
        "value_ppm": "27.75",
        "sd_ppm": "0.7",
    }
    assert manager.post(url("certify", made.pk), value).url == answer.url
    assert CertifiedValue.objects.get().value_ppm == Decimal("27.75")
    text = text_of(manager.get(answer.url))
    for words in ("Dy2O3", "27.75", "Expired", "clay101", "31 Jan 2020"):
        assert words in text
    twice = manager.post(url("certify", made.pk), value)
    assert twice.status_code == 422
    zero = manager.post(url("certify", made.pk), value | {"oxide": "", "sd_ppm": "0"})
    assert zero.status_code == 422
    assert CertifiedValue.objects.count() == 1
    taken = manager.post(url("add_material"), given | {"code": "RM-102"})
    assert (taken.status_code, "mean RM-101 by" in text_of(taken)) == (422, True)


def test_a_laboratorys_manager_keeps_what_is_theirs(manager, person):
    with acting(SystemActor("tests"), verb_name="make"):
        outside = Organisation.objects.create(code="ALS", name="Outside", kind="LABORATORY")
        rival = Organisation.objects.create(code="RIVAL", name="Rival", kind="LABORATORY")
        Membership.objects.create(user=person("technician", "nfc"), organisation=rival, role="TECHNICIAN")
    offered = manager.get(url("add_method")).context["form"].fields["laboratory"].queryset
    assert {one.code for one in offered} == {"NFC", "ALS"}
    assert manager.post(url("add_method"), typed(laboratory=str(rival.pk))).status_code == 422
    assert manager.post(url("add_method"), typed(laboratory=str(outside.pk))).status_code == 302


def test_others_read_and_change_nothing(signed_in, person):
    made = services.add_method(
        actor=person("manager", "nfc"), laboratory=organisation("nfc"), **_method("ME-MS81")
    )
    technician = signed_in(person("technician", "nfc"))
    assert "Add a method" not in text_of(technician.get(url("methods")))
    assert url("method_analyte", made.pk) not in text_of(technician.get(url("method", made.pk)))
    assert technician.get(url("add_method")).status_code == 403
    assert technician.post(url("method_analyte", made.pk), {}).status_code == 403
    assert technician.get(url("material", made.pk)).status_code == 404
    assert technician.get("/search/", {"q": "me-ms81"}).url == url("method", made.pk)


def _method(code):
    return {"code": code, "name": "x", "technique": "x", "digestion": "x", "basis": "total-fusion"}


def test_lists_ask_the_database_as_often_for_three_as_for_one(signed_in, person):
    actor, client = person("manager", "nfc"), signed_in(person("technician", "nfc"))

    def add(n):
        services.add_method(actor=actor, laboratory=organisation("nfc"), **_method(f"M{n}"))
        services.add_material(actor=actor, code=f"R{n}", kind="CRM", description="x", maker="x")

    def asked(address):
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    add(1)
    before = [asked(url(name)) for name in ("methods", "materials")]
    add(2)
    add(3)
    assert [asked(url(name)) for name in ("methods", "materials")] == before
