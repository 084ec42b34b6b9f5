"""Custody over the API: the whole road by JSON, once per key, with problems that say which field."""

from decimal import Decimal

import pytest

from lims.ids import uuid7
from samples.custody.models import ConsignmentItem, CustodyEvent, Incident, Outsider, Seal
from samples.custody.rules import DocumentKind
from samples.registry.rules import show_tag
from tests.samples.custody.conftest import CAME, LEFT, SEALED
from tests.samples.registry.test_api import Api, refusal
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(signed_in, person):
    """Return a function that gives a caller by role and organisation."""
    return lambda role, where: Api(signed_in(person(role, where)))


@pytest.fixture
def coordinator(ground, signed_in):
    return Api(signed_in(ground.coordinator))


@pytest.fixture
def desk(api):
    return api("receptionist", "nfc")


def bag_of(ground, n=0, **changed):
    return {
        "tag": show_tag(ground.tags[n]).lower(),
        "mass_g": "2150",
        "seals": [{"maker": "Acme", "number": f"A-{n}"}],
        "condition": "INTACT",
        "at": CAME.isoformat(),
    } | changed


# --- The road -------------------------------------------------------------------------------------------


def test_the_whole_road_over_the_api(coordinator, api, desk, ground, register):
    bags = [register(n) for n in range(2)]
    for n, bag in enumerate(bags):
        sent = {
            "sample": str(bag.pk),
            "maker": "Acme",
            "number": f"A-{n}",
            "mass_g": "2150",
            "at": SEALED.isoformat(),
            "latitude": "26.0498127",
            "longitude": 98.35,
            "accuracy_m": "4",
        }
        status, body = coordinator("post", "seals/", sent)
        assert status == 201
        assert (body["tag"], body["maker"], body["number"], body["state"]) == (
            show_tag(ground.tags[n]), "Acme", f"A-{n}", "APPLIED",
        )  # fmt: skip
    parties = {
        "owner": str(ground.owner.pk),
        "carrier": str(organisation("hillroad").pk),
        "destination": str(organisation("nfc").pk),
    }
    status, made = coordinator("post", "consignments/", parties | {"planned_arrival": CAME.isoformat()})
    assert (status, made["state"], made["bags"], made["mass_g"]) == (201, "PACKING", 0, None)
    road = f"consignments/{made['id']}"
    status, body = coordinator("post", f"{road}/bags/", {"samples": [str(bag.pk) for bag in bags]})
    assert (status, [row["seal"] for row in body]) == (201, ["Acme A-0", "Acme A-1"])
    for kind in DocumentKind:
        status, body = coordinator("post", f"{road}/papers/", {"kind": kind, "reference": f"No. {kind}"})
    assert status == 201
    assert {paper["kind"]: paper["reference"] for paper in body} == {k: f"No. {k}" for k in DocumentKind}
    dose = {"instrument": "RadEye", "surface_usv_h": "0.3", "at_1m_usv_h": "0.1"}
    assert coordinator("post", f"{road}/dose-rate/", dose)[1]["dose_surface_usv_h"] == "0.300"
    status, body = coordinator("post", f"{road}/dispatch/", {"at": LEFT.isoformat(), "note": "rain"})
    assert (status, body["state"], len(body["manifest_sha256"])) == (200, "DISPATCHED", 64)

    driver = api("custodian", "hillroad")
    here = {"at": LEFT.isoformat(), "latitude": "25.86", "longitude": "97.74", "accuracy_m": "9"}
    status, body = driver("post", f"{road}/events/", here | {"kind": "CHECKPOINT"})
    assert (status, body["kind"], body["latitude"], body["longitude"]) == (201, "CHECKPOINT", "25.9", "97.7")
    given = {"at": LEFT.isoformat(), "to_name": "U Ba", "to_document": "NRC 12"}
    status, body = driver("post", f"{road}/hand-over/", given)
    assert (status, body["taker"], body["consignment_id"]) == (
        201,
        "U Ba for Hill Road Carriers",
        made["id"],
    )

    status, body = desk("post", f"{road}/receive/", bag_of(ground, 0))
    assert (status, body["state"], body["received_mass_g"], body["incidents"]) == (
        201, "RECEIVED", "2150.000", [],
    )  # fmt: skip
    status, body = desk("post", f"{road}/receive/", bag_of(ground, 1, mass_g="1000"))
    assert (status, len(body["incidents"])) == (201, 1)
    assert desk("get", f"{road}/receipt/")[1] == {
        "expected": 2, "received": 2, "missing": 0, "problems": 1,
    }  # fmt: skip
    status, body = desk("post", f"{road}/finish/", {"at": CAME.isoformat()})
    assert (status, body["state"]) == (200, "RECEIVED")

    incident = f"incidents/{Incident.objects.get().pk}"
    status, body = desk("post", f"{incident}/explain/", {"explanation": "A wet bag."})
    assert (status, body["state"], body["explanation"]) == (200, "EXPLAINED", "A wet bag.")
    manager = api("manager", "irel")
    status, body = manager("post", f"{incident}/clear/", {"reason": "Moisture agrees."})
    assert (status, body["state"], body["judged_by"]) == (200, "CLEARED", "Manager of IREL")


def test_a_bag_is_taken_out_again(coordinator, ready):
    item = ready.items.first()
    address = f"consignments/{ready.pk}/bags/{item.pk}/"
    assert coordinator("delete", address) == (204, None)
    assert refusal(coordinator("delete", address)) == (404, "bag-unknown", [("bag-unknown", "id")])
    assert ConsignmentItem.objects.count() == 2


def test_an_incident_is_upheld(desk, api, on_road, receive):
    receive(on_road, 0, seals=[])
    address = f"incidents/{Incident.objects.get().pk}"
    desk("post", f"{address}/explain/", {"explanation": "It fell off."})
    status, body = api("manager", "irel")("post", f"{address}/uphold/", {"reason": "Nobody saw it."})
    assert (status, body["state"], body["judgement"]) == (200, "UPHELD", "Nobody saw it.")


def test_people_report_incidents(api, on_road):
    driver = api("custodian", "hillroad")
    sent = {"kind": "OVERDUE_LEG", "detail": "A landslide.", "consignment": str(on_road.pk)}
    status, body = driver("post", "incidents/", sent)
    assert (status, body["kind"], body["blocking"], body["detail"]) == (
        201, "OVERDUE_LEG", False, "A landslide.",
    )  # fmt: skip
    assert driver("get", f"incidents/{body['id']}/")[1] == body


def test_bags_are_opened_and_lost(api, on_road, ground):
    driver = api("custodian", "hillroad")
    opened, lost = (str(item.sample_id) for item in on_road.items.order_by("sample__tag__code")[:2])
    facts = {"at": LEFT.isoformat()}
    status, body = driver("post", "custody-events/", facts | {"kind": "OPENED", "sample": opened})
    assert (status, body["kind"], body["sample_id"], body["seals"]) == (201, "OPENED", opened, ["Acme A-0"])
    status, body = driver("post", "custody-events/", facts | {"kind": "LOST", "sample": lost})
    assert (status, body["kind"]) == (201, "LOST")
    assert set(Incident.objects.values_list("kind", flat=True)) == {"OPENED_OUTSIDE", "LOST"}


# --- Once -----------------------------------------------------------------------------------------------


def test_what_is_sent_twice_with_a_key_happens_once(desk, on_road, ground):
    address = f"consignments/{on_road.pk}/receive/"
    first = desk("post", address, bag_of(ground), key="k-1")
    assert desk("post", address, bag_of(ground), key="k-1") == first
    assert refusal(desk("post", address, bag_of(ground), key="k-2")) == (
        409, "bag-received", [("bag-received", "tag")],
    )  # fmt: skip
    assert CustodyEvent.objects.filter(kind="RECEIVED").count() == 1


def test_an_event_has_the_id_that_its_maker_gave_it(desk, on_road, ground):
    mine = str(uuid7())
    address = f"consignments/{on_road.pk}/receive/"
    assert desk("post", address, bag_of(ground, id=mine))[0] == 201
    assert CustodyEvent.objects.get(pk=mine).kind == "RECEIVED"
    assert refusal(desk("post", address, bag_of(ground, 1, id=mine))) == (
        409,
        "id-used",
        [("id-used", "id")],
    )


# --- What is wrong --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changed", "status", "problem"),
    [
        ({"tag": "KC-000001-0"}, 422, ("tag-check-character", "tag")),
        ({"tag": "ZZ-000001-5"}, 404, ("tag-unknown", "tag")),
        ({"mass_g": "0"}, 422, ("mass-not-positive", "mass_g")),
        ({"mass_g": "NaN"}, 422, ("field-invalid", "mass_g")),
        ({"condition": "WET"}, 422, ("choice-unknown", "condition")),
        ({"at": "2126-01-01T00:00:00Z"}, 422, ("date-in-future", "at")),
        ({"at": "yesterday"}, 422, ("field-invalid", "at")),
        ({"latitude": "26.1"}, 422, ("place-half-given", "latitude")),
        (
            {"latitude": "26.1", "longitude": "98", "accuracy_m": "1e12"},
            422,
            ("accuracy-impossible", "accuracy_m"),
        ),
        ({"weight": "3"}, 422, ("field-unknown", "weight")),
        ({"seals": "A-0"}, 422, ("not-a-list", "seals")),
    ],
)
def test_a_bag_is_refused_with_a_code_and_a_field(desk, on_road, ground, changed, status, problem):
    if changed.get("tag") == "ZZ-000001-5":
        from samples.registry.rules import make_tag  # noqa: PLC0415  # only here

        changed = {"tag": make_tag("ZZ", 1)}
    answer = desk("post", f"consignments/{on_road.pk}/receive/", bag_of(ground, **changed))
    found, _, problems = refusal(answer)
    assert (found, problems) == (status, [problem])
    assert not CustodyEvent.objects.filter(kind="RECEIVED").exists()


def test_a_consignment_that_may_not_leave_says_why(coordinator, packing):
    answer = coordinator("post", f"consignments/{packing.pk}/dispatch/", {"at": LEFT.isoformat()})
    assert refusal(answer) == (
        409,
        "conflict",
        [("consignment-empty", None), ("papers-missing", None), ("dose-rate-missing", None)],
    )


def test_unknown_bags_are_named(coordinator, packing):
    strange = [str(uuid7()), str(uuid7())]
    answer = coordinator("post", f"consignments/{packing.pk}/bags/", {"samples": strange})
    assert refusal(answer) == (404, "not-found", [("sample-unknown", "samples")] * 2)


def test_nobody_takes_over_who_does_not_carry(api, on_road, person):
    driver = api("custodian", "hillroad")
    for stranger in (person("manager", "irel").pk, person("custodian", "hillroad").pk, uuid7()):
        sent = {"at": LEFT.isoformat(), "to_person": str(stranger)}
        answer = driver("post", f"consignments/{on_road.pk}/hand-over/", sent)
        assert refusal(answer) == (422, "receiver-elsewhere", [("receiver-elsewhere", "to_person")])
    assert not Outsider.objects.exists()
    taker = person("manager", "hillroad")
    status, body = driver(
        "post",
        f"consignments/{on_road.pk}/hand-over/",
        {"at": LEFT.isoformat(), "to_person": str(taker.pk), "seals": None, "mass_g": "6450"},
    )
    assert (status, body["taker"], body["mass_g"]) == (
        201, "Manager of HILLROAD, Hill Road Carriers", "6450.000",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("incidents/?state=LOST", "choice-unknown"),
        ("incidents/?sample=x", "id-malformed"),
        ("custody-events/?consignment=x", "id-malformed"),
        ("custody-events/?kind=DREAMT", "choice-unknown"),
        ("seals/?bag=1", "filter-unknown"),
        ("consignments/?state=GONE", "choice-unknown"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(coordinator, address, problem):
    path, query = address.split("?")
    name, value = query.split("=")
    assert refusal(coordinator("get", path, **{name: value}))[2] == [(problem, name)]


@pytest.mark.parametrize("name", ["incidents", "custody-events", "seals"])
def test_lists_are_narrowed_to_a_bag(coordinator, on_road, receive, ground, name):
    item = receive(on_road, 0, mass_g=Decimal(1000))
    receive(on_road, 1, mass_g=Decimal(1000))
    found = coordinator("get", f"{name}/", sample=str(item.sample_id))[1]["results"]
    assert {row["sample_id"] for row in found} == {str(item.sample_id)}
    assert len(coordinator("get", f"{name}/")[1]["results"]) > len(found)


def test_lists_are_narrowed_by_state_kind_and_consignment(coordinator, on_road, receive):
    receive(on_road, 0, mass_g=Decimal(1000))
    ours = {"consignment": str(on_road.pk)}
    for address, query, count in (
        ("incidents/", {"state": "OPEN"} | ours, 1),
        ("incidents/", {"state": "CLEARED"} | ours, 0),
        ("custody-events/", {"kind": "RECEIVED"} | ours, 1),
        ("custody-events/", {"kind": "LOST"} | ours, 0),
        ("consignments/", {"state": "DISPATCHED"}, 1),
        ("consignments/", {"state": "PACKING"}, 0),
    ):
        assert len(coordinator("get", address, **query)[1]["results"]) == count, (address, query)


# --- How much it asks of the database -------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "consignments/",
        "consignments/{pk}/bags/",
        "consignments/{pk}/events/",
        "custody-events/",
        "seals/",
        "incidents/",
    ],
)
@pytest.mark.parametrize("who", [("manager", "irel"), ("technician", "nfc")], ids=["owner", "laboratory"])
def test_a_list_asks_a_constant_number_of_queries(api, who, on_road, receive, receptionist, ground, address):
    from django.db import connection  # noqa: PLC0415  # only here
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from samples.custody import incident_services, road_services, services  # noqa: PLC0415
    from samples.custody.happenings import Here  # noqa: PLC0415

    caller, counts = api(*who), []
    for n in range(3):
        receive(on_road, n, mass_g=Decimal(1000))
        road_services.hand_over(
            actor=ground.manager, consignment=on_road, here=Here(CAME), to_name="U Ba", to_document="1"
        )
        services.start_consignment(
            actor=ground.manager, owner=ground.owner, carrier=on_road.carrier, destination=on_road.destination
        )
        newest = Incident.objects.order_by("-id").first()
        incident_services.explain_incident(actor=receptionist, incident=newest, explanation="wet")
        caller("get", address.format(pk=on_road.pk))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert caller("get", address.format(pk=on_road.pk))[0] == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] == counts[2], counts


# --- Who ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "where", "status"),
    [("auditor", "irel", 403), ("custodian", "hillroad", 403), ("manager", "midwest", 404)],
)
def test_who_may_not_pack_changes_nothing(api, ready, role, where, status):
    caller = api(role, where)
    address = f"consignments/{ready.pk}/dispatch/"
    assert caller("post", address, {"at": LEFT.isoformat()})[0] == status
    ready.refresh_from_db()
    assert ready.state == "PACKING"


@pytest.mark.parametrize("act", ["dispatch", "events", "hand-over", "papers", "dose-rate", "bags"])
def test_what_one_may_not_know_of_is_not_there_whatever_is_sent(api, on_road, act):
    """A refusal of the fields would tell that the consignment exists."""
    answer = api("manager", "midwest")("post", f"consignments/{on_road.pk}/{act}/", {})
    assert refusal(answer)[:2] == (404, "consignment-unknown")


def test_nobody_without_a_sign_in(client, on_road):
    for path in ("consignments", f"consignments/{on_road.pk}", "custody-events", "seals", "incidents"):
        assert Api(client)("get", f"{path}/")[0] == 401
    assert Seal.objects.count() == 3
