import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from rest_framework import exceptions, serializers

from lims.api.problems import CONTENT_TYPE, handler
from lims.errors import Invalid, Place, Problem, conflict, not_permitted


class Bag(serializers.Serializer):
    mass_g = serializers.DecimalField(max_digits=6, decimal_places=1)
    tag = serializers.CharField(max_length=5)


class Bags(serializers.Serializer):
    bags = Bag(many=True)


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (conflict("tag-used", "The tag is on another bag."), 409, "tag-used"),
        (not_permitted("not-permitted", "No."), 403, "not-permitted"),
        (Http404(), 404, "not-found"),
        (PermissionDenied(), 403, "not-permitted"),
        (RequestDataTooBig(), 413, "too-large"),
        (exceptions.ParseError(), 400, "parse-error"),
        (exceptions.NotAuthenticated(), 401, "not-authenticated"),
        (exceptions.MethodNotAllowed("PUT"), 405, "method-not-allowed"),
        (exceptions.UnsupportedMediaType("text/plain"), 415, "unsupported-media-type"),
        (exceptions.Throttled(wait=3.2), 429, "throttled"),
    ],
)
def test_each_refusal_has_one_shape(error, status, code):
    response = handler(error, {})
    assert response is not None
    assert (response.status_code, response.content_type) == (status, CONTENT_TYPE)
    assert set(response.data) == {"type", "title", "status", "detail", "code", "request_id", "problems"}
    assert (response.data["code"], response.data["type"]) == (code, f"urn:lims:problem:{code}")
    assert response.data["problems"]


def test_a_throttled_caller_learns_when_to_come_back():
    response = handler(exceptions.Throttled(wait=3.2), {})
    assert response is not None
    assert response["Retry-After"] == "5"


def test_our_own_faults_are_not_dressed_up_as_problems():
    assert handler(ZeroDivisionError(), {}) is None


def test_every_field_and_row_is_named():
    given = Bags(
        data={"bags": [{"mass_g": "1.0", "tag": "A"}, {"mass_g": "x", "tag": "ABCDEFG"}, {"tag": "B"}]}
    )
    assert not given.is_valid()
    response = handler(exceptions.ValidationError(given.errors), {})
    assert response is not None
    places = {(problem["field"], problem["code"]) for problem in response.data["problems"]}
    assert response.status_code == 422
    assert places == {
        ("bags.1.mass_g", "field-invalid"),
        ("bags.1.tag", "field-too-long"),
        ("bags.2.mass_g", "field-required"),
    }


def test_a_list_of_problems_keeps_rows_and_remedies():
    row = Problem("mass-not-positive", "The mass is 0 g.", "Weigh it again.", Place(row=3, column="mass_g"))
    response = handler(Invalid(row, row), {})
    assert response is not None
    assert response.data["code"] == "invalid"
    assert response.data["problems"][1] == {
        "code": "mass-not-positive",
        "message": "The mass is 0 g.",
        "remedy": "Weigh it again.",
        "row": 3,
        "column": "mass_g",
    }
