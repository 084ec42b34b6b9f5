"""Scales: added, checked with a weight at its boundary, retired; what is said of one that was not checked."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from lims.errors import Conflict, DomainError, Invalid, NotPermitted
from lims.ids import uuid7
from samples.custody.models import Scale, ScaleCheck
from samples.custody.scales.queries import scale_unfit, seen_scales
from samples.custody.scales.rules import shows_right
from samples.custody.scales.services import add_scale, record_scale_check, retire_scale
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def scale(person):
    user = person("field_coordinator", "irel")
    return add_scale(actor=user, owner=organisation("irel"), name="Camp scale 2", division_g=Decimal(5))


def checked(user, scale, read, *, nominal=1000, ago=timedelta(0), **more):
    return record_scale_check(
        actor=user,
        scale=scale,
        nominal_g=Decimal(nominal),
        read_g=Decimal(read),
        at=timezone.now() - ago,
        **more,
    )


@pytest.mark.parametrize(
    ("nominal", "read", "right"),
    [
        (1000, "1005", True),
        (1000, "1005.001", False),
        (1000, "995", True),
        (1000, "994.999", False),
        (20_000, "20020", True),
        (20_000, "20020.001", False),
    ],
)
def test_a_weight_is_shown_right_to_the_division_or_a_thousandth(nominal, read, right):
    assert shows_right(Decimal(nominal), Decimal(read), Decimal(5)) is right


def test_checked_once_a_day(person, scale):
    user, now = person("field_coordinator", "irel"), timezone.now()
    assert scale_unfit(scale, now) == "It was never checked."
    made = checked(user, scale, 1003)
    assert (made.passed, scale_unfit(scale, made.at)) == (True, "")
    assert scale_unfit(scale, made.at + timedelta(hours=24)) == ""
    late = made.at + timedelta(hours=24, microseconds=1)
    assert scale_unfit(scale, late) == "It was not checked in the last 24 hours."
    assert not checked(user, scale, 1010).passed
    assert scale_unfit(scale, timezone.now()) == "Its last check failed."
    assert [one.unfit for one in seen_scales(Scale.objects.select_related("owner"))] == [
        "Its last check failed."
    ]


def test_a_check_is_recorded_once_with_the_clients_id(person, scale):
    user, key = person("field_coordinator", "irel"), uuid7()
    checked(user, scale, 1000, check_id=key)
    with pytest.raises(Conflict) as caught:
        checked(user, scale, 1000, check_id=key)
    assert caught.value.problems[0].code == "id-used"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"division_g": Decimal(0)}, "division-impossible"),
        ({"division_g": Decimal(5), "capacity_g": Decimal(5)}, "capacity-impossible"),
        ({"division_g": Decimal(5), "capacity_g": Decimal(1_000_001)}, "capacity-impossible"),
        ({"division_g": Decimal(5), "name": " "}, "field-required"),
        ({"division_g": Decimal(5), "name": "camp SCALE 2"}, "scale-name-once"),
    ],
)
def test_a_scale_that_cannot_be_is_refused(person, scale, given, code):
    with pytest.raises(DomainError) as caught:
        add_scale(
            actor=person("manager", "irel"), owner=organisation("irel"), **({"name": "Another"} | given)
        )
    assert caught.value.problems[0].code == code
    assert Scale.objects.count() == 1


def test_a_retired_scale_is_not_checked_any_more(person, scale):
    user = person("manager", "irel")
    retire_scale(actor=user, scale=scale)
    for act in (lambda: retire_scale(actor=user, scale=scale), lambda: checked(user, scale, 1000)):
        with pytest.raises(Conflict) as caught:
            act()
        assert caught.value.problems[0].code == "scale-retired"
    assert not ScaleCheck.objects.exists()


def test_nobody_else_checks_it_and_no_check_is_of_tomorrow(person, scale):
    for stranger in (person("manager", "midwest"), person("auditor", "irel"), person("technician", "nfc")):
        with pytest.raises(NotPermitted):
            checked(stranger, scale, 1000)
    with pytest.raises(Invalid) as caught:
        checked(person("manager", "irel"), scale, 1000, ago=timedelta(days=-2))
    assert caught.value.problems[0].code == "date-in-future"
    with pytest.raises(Invalid) as caught:
        checked(person("manager", "irel"), scale, 1000, nominal=0)
    assert caught.value.problems[0].code == "mass-not-positive"


def test_scales_are_read_by_one_query_however_many(person, scale):
    user = person("manager", "irel")
    with CaptureQueriesContext(connection) as one:
        seen_scales(Scale.objects.select_related("owner"))
    for name in ("B", "C"):
        made = add_scale(actor=user, owner=organisation("irel"), name=name, division_g=Decimal(1))
        checked(user, made, 1000)
    with CaptureQueriesContext(connection) as three:
        assert len(seen_scales(Scale.objects.select_related("owner"))) == 3
    assert len(one) == len(three) == 1


def test_on_the_pages(person, signed_in):
    client = signed_in(person("receptionist", "nfc"))
    assert "No scale yet" in client.get("/scales/").content.decode()
    answer = client.post("/scales/", {"owner": organisation("nfc").pk, "name": "Door", "division_g": "0"})
    assert answer.status_code == 422
    owner = str(organisation("nfc").pk)
    answer = client.post(
        "/scales/", {"owner": owner, "name": "Door", "division_g": "2", "capacity_g": "30000"}
    )
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "It was never checked." in page
    assert "division 2 g, at most 30000 g" in page
    client.post(answer["Location"], {"nominal_g": "5000", "read_g": "5004"})
    page = client.get(answer["Location"]).content.decode()
    assert "Right" in page
    assert ">4<" in page
    assert "Fit for use" in client.get("/scales/").content.decode()
    client.post(f"{answer['Location']}retire/")
    assert "Retired" in client.get("/scales/").content.decode()


def test_over_the_api(person, signed_in, scale):
    client = signed_in(person("manager", "irel"))
    body = {"owner": str(organisation("irel").pk), "name": "B", "division_g": "1"}
    made = client.post("/api/v1/scales/", body, content_type="application/json")
    assert (made.status_code, made.json()["unfit"]) == (201, "It was never checked.")
    address = f"/api/v1/scales/{made.json()['id']}/"
    answer = client.post(
        f"{address}checks/", {"nominal_g": "500", "read_g": "500"}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["passed"]) == (201, True)
    assert client.get(address).json()["unfit"] == ""
    assert [one["name"] for one in client.get("/api/v1/scales/").json()["results"]] == ["B", "Camp scale 2"]
    assert client.post(f"{address}retire/").json()["retired"] is True
    assert signed_in(person("manager", "midwest")).get(address).status_code == 404
