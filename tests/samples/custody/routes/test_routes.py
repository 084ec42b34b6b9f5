"""Routes and legs: planned, taken, reached, and found overdue by a worker, each leg once."""

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from lims.errors import Conflict, DomainError, Invalid, NotPermitted
from lims.verbs import SystemActor, acting
from lims.work.services import request
from samples.custody import road_services, services
from samples.custody.happenings import Here
from samples.custody.models import Consignment, ConsignmentLeg, Incident, Route
from samples.custody.routes.legs import note_overdue, overdue_consignments
from samples.custody.routes.queries import legs_of
from samples.custody.routes.rules import LegDraft, due_times, read_legs, write_legs
from samples.custody.routes.services import add_route, retire_route, take_route
from samples.custody.tasks import WATCH
from tests.samples.custody.conftest import LEFT
from tests.support.worker import until

pytestmark = pytest.mark.django_db
WORKER = SystemActor("tests")
HERE, THERE = (Decimal("25.02"), Decimal("98.49")), (Decimal("24.01"), Decimal("97.85"))
LEGS = [
    LegDraft(
        "Pangwa", "Tengchong", "road", Decimal(9), Decimal(4), (Decimal("26.05"), Decimal("98.35")), HERE
    ),
    LegDraft("Tengchong", "Ruili", "road", Decimal(5), Decimal(2), HERE, THERE),
    LegDraft("Ruili", "Hyderabad", "air", Decimal(30), Decimal(12), THERE, None),
]


@pytest.fixture
def route(ground):
    return add_route(actor=ground.manager, owner=ground.owner, name="By Ruili", legs=LEGS)


@pytest.fixture
def going(ground, ready, route):
    """Return a consignment on the road on its route."""
    take_route(actor=ground.coordinator, consignment=ready, route=route)
    return services.dispatch(actor=ground.coordinator, consignment=ready, here=Here(LEFT))


def codes(caught):
    return [problem.code for problem in caught.value.problems]


def told(consignment, actor, hours, kind="CHECKPOINT", **where):
    here = Here(LEFT + timedelta(hours=hours), **where)
    return road_services.record_event(actor=actor, consignment=consignment, kind=kind, here=here)


@pytest.mark.parametrize(
    ("legs", "code"),
    [
        ([], "route-empty"),
        ([LegDraft("A", "B", "ship", Decimal(1))], "choice-unknown"),
        ([LegDraft("A", "B", "road", Decimal(0))], "leg-hours-impossible"),
        ([LegDraft("A", "B", "road", Decimal(1), Decimal(-1))], "leg-hours-impossible"),
        ([LegDraft("A", "B", "road", Decimal(1)), LegDraft("C", "D", "road", Decimal(1))], "legs-apart"),
        ([LegDraft("A", "B", "road", Decimal(1))] * 31, "route-too-long"),
    ],
)
def test_a_route_that_cannot_be_is_refused(ground, legs, code):
    with pytest.raises(DomainError) as caught:
        add_route(actor=ground.manager, owner=ground.owner, name="X", legs=legs)
    assert codes(caught) == [code]
    assert not Route.objects.exists()


def test_only_the_owners_managers_plan(ground, person):
    for stranger in (ground.coordinator, person("manager", "midwest"), person("manager", "hillroad")):
        with pytest.raises(NotPermitted):
            add_route(actor=stranger, owner=ground.owner, name="X", legs=LEGS)


def test_a_name_is_taken_until_its_route_is_retired(ground, route, packing):
    with pytest.raises(Conflict) as caught:
        add_route(actor=ground.manager, owner=ground.owner, name="by RUILI", legs=LEGS)
    assert codes(caught) == ["route-name-once"]
    retired = retire_route(actor=ground.manager, route=route)
    with pytest.raises(Conflict) as caught:
        retire_route(actor=ground.manager, route=retired)
    assert codes(caught) == ["route-retired"]
    with pytest.raises(Conflict) as caught:
        take_route(actor=ground.coordinator, consignment=packing, route=retired)
    assert codes(caught) == ["route-retired"]
    add_route(actor=ground.manager, owner=ground.owner, name="By Ruili", legs=LEGS)


def test_legs_are_due_one_after_the_other_from_the_departure(going):
    seen = legs_of(going, at=LEFT)
    hours = [(leg.due_at - LEFT).total_seconds() / 3600 for leg in seen]
    assert hours == [9, 14, 44]
    assert [leg.mode_label for leg in seen] == ["Road", "Road", "Air"]
    assert (seen[0].start, seen[0].end) == (LEGS[0].start, HERE)


@pytest.mark.parametrize(
    ("where", "done"),
    [
        ({"place": " tengCHONG "}, 1),
        ({"place": "Ruili"}, 2),
        ({"place": "Somewhere"}, 0),
        ({"latitude": HERE[0], "longitude": HERE[1]}, 1),
        # 4.9 and 5.1 km north of it
        ({"latitude": HERE[0] + Decimal("0.04406"), "longitude": HERE[1]}, 1),
        ({"latitude": HERE[0] + Decimal("0.04586"), "longitude": HERE[1]}, 0),
    ],
)
def test_a_leg_is_done_where_it_ends_and_those_before_it_too(going, custodian, where, done):
    event = told(going, custodian, 8, **where)
    legs = legs_of(going, at=LEFT)
    assert [leg.done_at is not None for leg in legs] == [position < done for position in range(3)]
    assert all(leg.done_at == event.at for leg in legs[:done])


def test_whoever_takes_over_at_the_end_of_a_leg_has_reached_it(going, custodian, person):
    here = Here(LEFT + timedelta(hours=8), place="Tengchong")
    road_services.hand_over(
        actor=custodian, consignment=going, here=here, to_name="U Tun", to_document="KC-77"
    )
    assert [leg.done_at for leg in legs_of(going, at=LEFT)] == [here.at, None, None]


def test_a_leg_that_was_done_late_says_by_how_much(going, custodian):
    told(going, custodian, 11, place="Tengchong")
    assert legs_of(going, at=LEFT)[0].late_by == timedelta(hours=2)


@pytest.mark.parametrize(("after", "overdue"), [(timedelta(0), 0), (timedelta(microseconds=1), 1)])
def test_overdue_beyond_the_grace(going, after, overdue):
    now = LEFT + timedelta(hours=13) + after
    assert overdue_consignments(now) == [going.pk] * overdue
    made = note_overdue(actor=WORKER, consignment=going.pk, at=now)
    assert len(made) == overdue
    if overdue:
        incident = Incident.objects.get()
        assert (incident.kind, incident.blocking) == ("OVERDUE_LEG", False)
        assert incident.facts["leg"] == "Pangwa to Tengchong"
        assert (incident.facts["grace_h"], incident.facts["late_h"]) == ("4", "4.0")


def test_each_leg_is_noticed_once(going):
    late = LEFT + timedelta(hours=17)
    assert len(note_overdue(actor=WORKER, consignment=going.pk, at=late)) == 2
    assert note_overdue(actor=WORKER, consignment=going.pk, at=late) == []
    assert overdue_consignments(late) == []
    assert len(note_overdue(actor=WORKER, consignment=going.pk, at=LEFT + timedelta(days=9))) == 1
    assert Incident.objects.count() == 3


def test_what_was_reached_or_is_on_its_way_back_is_not_overdue(going, custodian):
    late = LEFT + timedelta(hours=15)
    told(going, custodian, 8, place="Tengchong")
    assert overdue_consignments(late) == []
    with acting(WORKER, verb_name="tests"):
        Consignment.objects.filter(pk=going.pk).update(returning=True)
    assert overdue_consignments(LEFT + timedelta(days=9)) == []
    assert note_overdue(actor=WORKER, consignment=going.pk, at=LEFT + timedelta(days=9)) == []


def test_without_a_route_the_planned_arrival_counts(ground, on_road):
    due = on_road.planned_arrival
    assert overdue_consignments(due) == []
    late = due + timedelta(seconds=1)
    assert overdue_consignments(late) == [on_road.pk]
    assert len(note_overdue(actor=WORKER, consignment=on_road.pk, at=late)) == 1
    assert note_overdue(actor=WORKER, consignment=on_road.pk, at=late) == []
    assert overdue_consignments(late) == []


def test_the_end_of_the_receipt_ends_all_legs(going, receive, receptionist):
    from samples.custody.receiving import finish_receipt  # noqa: PLC0415  # shadows nothing at the top

    for number in range(3):
        receive(going, number)
    finish_receipt(actor=receptionist, consignment=going, here=Here(LEFT + timedelta(days=5)))
    assert all(leg.done_at is not None for leg in legs_of(going))


def test_legs_are_read_by_one_query(going):
    with CaptureQueriesContext(connection) as asked:
        assert len(legs_of(going)) == 3
    assert len(asked) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_notice_a_leg_once(going):
    made = []

    def look():
        try:
            made.extend(note_overdue(actor=WORKER, consignment=going.pk, at=LEFT + timedelta(hours=14)))
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 1 == Incident.objects.count()


@pytest.mark.django_db(transaction=True)
def test_a_real_worker_finds_what_is_overdue(going, worker):
    # The legs of `going` were due weeks ago.
    with acting(WORKER, verb_name="tests"):
        request(WATCH, key="all")
    until(lambda: Incident.objects.filter(kind="OVERDUE_LEG").count() == 3)
    assert ConsignmentLeg.objects.filter(overdue_at=None).count() == 0


def test_on_the_pages(ground, signed_in, person):
    client = signed_in(ground.manager)
    assert "No route yet" in client.get("/routes/").content.decode()
    body = {"owner": str(ground.owner.pk), "name": "By Ruili", "legs": "Pangwa; Tengchong; mule; 9"}
    answer = client.post("/routes/", body)
    assert answer.status_code == 422
    assert "Line 1: “mule” is none of road, rail, air." in answer.content.decode()
    answer = client.post("/routes/", body | {"legs": "Pangwa; Tengchong; road; 9; 4; ; 25.02, 98.49"})
    assert answer.status_code == 302
    page = client.get(answer["Location"]).content.decode()
    assert "25.02, 98.49" in page
    assert client.get("/routes/").status_code == 200
    assert client.post(f"{answer['Location']}retire/").status_code == 302
    assert "Retired" in client.get("/routes/").content.decode()
    assert signed_in(person("manager", "midwest")).get(answer["Location"]).status_code == 404


def test_limits_on_the_pages_and_over_the_api(ground, signed_in):
    client = signed_in(ground.manager)
    assert "Tolerance on a gross mass" in client.get("/limits/").content.decode()
    address = f"/limits/{ground.owner.pk}/least_g/"
    assert client.post(address, {"value": "0", "rationale": "x"}).status_code == 422
    assert client.post(address, {"value": "35", "rationale": "Wet season."}).status_code == 302
    assert "Wet season." in client.get("/limits/").content.decode()
    assert client.get(f"/limits/{ground.owner.pk}/most_g/").status_code == 404
    rows = client.get("/api/v1/custody-limits/").json()
    assert {row["name"]: row["value"] for row in rows}["least_g"] == "35.0000"
    body = {"owner": str(ground.owner.pk), "name": "near_km", "value": "6", "rationale": "Gorge."}
    assert client.post("/api/v1/custody-limits/", body, content_type="application/json").status_code == 201


def test_routes_over_the_api(ground, signed_in):
    client = signed_in(ground.manager)
    leg = {"from_name": "A", "to_name": "B", "mode": "rail", "hours": "4", "end": ["25.02", "98.49"]}
    body = {"owner": str(ground.owner.pk), "name": "R", "legs": [leg]}
    answer = client.post("/api/v1/routes/", body, content_type="application/json")
    assert answer.status_code == 201, answer.content
    assert answer.json()["legs"][0]["end"] == ["25.020000", "98.490000"]
    address = f"/api/v1/routes/{answer.json()['id']}/"
    assert client.get("/api/v1/routes/").json()["results"][0]["name"] == "R"
    assert client.post(f"{address}retire/").json()["retired_at"] is not None


NAMES = (
    st.text("abc XYZ-", min_size=1, max_size=12).filter(str.strip).map(lambda name: " ".join(name.split()))
)
POINTS = st.tuples(st.decimals(-90, 90, places=4), st.decimals(-180, 180, places=4))
DRAFTS = st.builds(
    LegDraft,
    NAMES,
    NAMES,
    st.sampled_from(["road", "rail", "air"]),
    st.decimals("0.01", 999, places=2),
    st.decimals(0, 99, places=2),
    st.none() | POINTS,
    st.none() | POINTS,
    st.lists(POINTS, max_size=3).map(tuple),
)


@given(st.lists(DRAFTS, max_size=4))
def test_what_is_written_is_read_again(legs):
    assert read_legs(write_legs(legs)) == legs


@given(st.text(max_size=120))
def test_whatever_is_typed_is_understood_or_named_by_its_line(text):
    try:
        read_legs(text)
    except Invalid as error:
        assert {problem.code for problem in error.problems} == {"leg-line"}


@given(st.lists(st.decimals("0.01", 100, places=2), min_size=1, max_size=6))
def test_due_times_rise_by_the_hours(hours):
    start = datetime(2026, 11, 4, tzinfo=UTC)
    times = [start, *due_times(hours, start)]
    for before, after, hour in zip(times, times[1:], hours, strict=False):
        assert abs((after - before).total_seconds() - float(hour) * 3600) < 0.001
