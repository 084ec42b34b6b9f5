"""The rail shows each person their places."""

import importlib

import pytest
import rules
from django.contrib.auth.models import AnonymousUser

from lims.web import navigation
from lims.web.navigation import Place, for_phone, places_for, register

pytestmark = pytest.mark.django_db


def a_place(number, **more: object):
    return Place(f"Place {number}", f"test:{number}", "tag", "signed-in", number, **more)


@pytest.fixture
def own_places(monkeypatch):
    # The features register theirs when the addresses are first read; that must have happened before.
    importlib.import_module("config.urls")
    monkeypatch.setattr(navigation, "_PLACES", {})


@pytest.mark.usefixtures("own_places")
def test_at_most_seven_by_order_then_name(person):
    for number in (9, 3, 1, 8, 2, 7, 4, 6, 5):
        register(a_place(number))
    assert [place.order for place in places_for(person("manager", "irel"))] == [1, 2, 3, 4, 5, 6, 7]


@pytest.mark.usefixtures("own_places")
def test_a_permission_is_asked(person):
    register(Place("Record", "test:record", "history", "record.read", 80))
    register(Place("Home", "web:home", "home", "signed-in", 10))
    assert rules.perm_exists("record.read")
    assert [place.name for place in places_for(person("auditor", "irel"))] == ["Home", "Record"]
    assert [place.name for place in places_for(person("manager", "irel"))] == ["Home"]


@pytest.mark.usefixtures("own_places")
def test_nobody_has_no_places():
    register(a_place(1))
    assert places_for(AnonymousUser()) == []


@pytest.mark.usefixtures("own_places")
def test_registering_again_replaces(person):
    register(a_place(1))
    register(a_place(1, letter="x"))
    assert [place.letter for place in places_for(person("manager", "irel"))] == ["x"]


@pytest.mark.parametrize(
    ("wide", "bar", "more"),
    [
        ("", [1, 2], []),
        ("", [1, 2, 3, 4, 5], []),
        ("", [1, 2, 3, 4], [5, 6]),
        ("", [1, 2, 3, 4], [5, 6, 7]),
        ("12", [1, 2], []),
        ("2", [1, 3, 4, 5], [2, 6]),
        ("123456", [1, 2, 3, 4], [5, 6]),
        ("1234", [1, 2, 5, 6], [3, 4]),
    ],
)
def test_a_phone_has_five_slots(wide, bar, more):
    places = [a_place(number, phone=str(number) not in wide) for number in sorted(bar + more)]
    shown, behind = for_phone(places)
    assert ([p.order for p in shown], [p.order for p in behind]) == (bar, more)


@pytest.mark.parametrize(
    ("path", "inside"),
    [("/notices/", True), ("/notices/7/", True), ("/notices-old/", False), ("/", False)],
)
def test_the_place_of_a_page(path, inside):
    assert Place("Notices", "web:notices", "bell", "signed-in", 1).holds(path) is inside


def test_home_holds_only_itself():
    home = Place("Home", "web:home", "home", "signed-in", 1)
    assert (home.holds("/"), home.holds("/notices/")) == (True, False)


@pytest.mark.usefixtures("own_places")
def test_home_goes_to_the_first_place(person, signed_in):
    register(Place("Notices", "web:notices", "bell", "signed-in", 5))
    answer = signed_in(person("manager", "irel")).get("/")
    assert (answer.status_code, answer["Location"]) == (302, "/notices/")


@pytest.mark.usefixtures("own_places")
def test_home_of_a_person_without_places(person, signed_in):
    answer = signed_in(person("manager", "irel")).get("/")
    assert answer.status_code == 200
    assert "You have no role yet" in answer.content.decode()


@pytest.mark.usefixtures("own_places")
def test_the_page_marks_where_one_is(person, signed_in):
    register(Place("Notices", "web:notices", "bell", "signed-in", 5, letter="n"))
    page = signed_in(person("manager", "irel")).get("/notices/").content.decode()
    assert page.count('aria-current="page"') == 2
    assert 'data-letter="n"' in page
