"""The API: everything that the screens do, once per key, with problems that say which field."""

import json
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from lims.accounts.services import issue_token
from lims.ids import uuid7
from lims.verbs import SystemActor, acting
from samples.registry import sample_services, services
from samples.registry.drafts import Draft
from samples.registry.models import Batch, BatchParty, Correction, Hold, Mine, Sample, SampleList, Tag
from samples.registry.rules import make_tag, show_tag
from tests.samples.registry.conftest import COLLECTED
from tests.support.people import organisation

pytestmark = pytest.mark.django_db


class Api:
    """A caller: sends JSON, returns status and body."""

    def __init__(self, client: Client) -> None:
        self.client = client

    def __call__(self, method, path, body=None, key=None, **query):
        headers = {"Idempotency-Key": key} if key else {}
        content = {} if body is None else {"data": json.dumps(body), "content_type": "application/json"}
        address = f"/api/v1/{path}"
        answer = self.client.generic(
            method.upper(), address, headers=headers, QUERY_STRING=_query(query), **content
        )
        self.headers = answer.headers
        return answer.status_code, (answer.json() if answer.content else None)


def _query(query):
    from urllib.parse import urlencode  # noqa: PLC0415  # only here

    return urlencode(query)


@pytest.fixture
def coordinator(signed_in, ground):
    return Api(signed_in(ground.coordinator))


@pytest.fixture
def manager(signed_in, ground):
    return Api(signed_in(ground.manager))


def bag(ground, n=0, **changed):
    return {
        "batch": str(ground.batch.pk),
        "tag": show_tag(ground.tags[n]).lower(),
        "mass_g": "2150.5",
        "collected_at": "2026-11-03T14:20:00+05:30",
    } | changed


def refusal(answer):
    """Return status, code and the (code, field) of each problem, once the shape is right."""
    status, body = answer
    assert (body["status"], body["type"]) == (status, f"urn:lims:problem:{body['code']}")
    return status, body["code"], [(p["code"], p.get("field")) for p in body["problems"]]


# --- Samples ------------------------------------------------------------------------------------------


def test_a_sample_is_registered_and_answered_whole(coordinator, ground):
    mine = str(uuid7())
    sent = bag(
        ground,
        id=mine,
        latitude="26.04987654321",
        longitude=98.3512341,
        accuracy_m=4.25,
        depth_m="1.5",
        site="  pit  3 ",
        collector="  Naw  Seng",
        note="wet bag",
        field_number="F-1",
        laboratory_number=" J625001 ",
    )
    status, body = coordinator("post", "samples/", sent)
    assert status == 201
    registered_at = body.pop("registered_at")
    assert registered_at.endswith("Z") or "+" in registered_at
    assert body == {
        "id": mine,
        "tag": show_tag(ground.tags[0]),
        "batch_id": str(ground.batch.pk),
        "batch": ground.batch.code,
        "material_type": "ION_ADSORPTION_CLAY",
        "mass_g": "2150.500",
        "state": "REGISTERED",
        "withdrawn_reason": "",
        "held": [],
        "field_number": "F-1",
        "laboratory_number": "J625001",
        "mine_id": str(ground.mine.pk),
        "mine": "Pangwa North",
        "collected_at": "2026-11-03T14:20:00+05:30",
        "collector": "Naw Seng",
        "latitude": "26.049877",
        "longitude": "98.351234",
        "place_rounded": False,
        "accuracy_m": "4.2",
        "depth_m": "1.50",
        "site": "pit 3",
        "note": "wet bag",
    }
    assert coordinator("get", f"samples/{mine}/")[1] == body | {"registered_at": registered_at}


@pytest.mark.parametrize(
    ("changed", "status", "problem"),
    [
        ({"tag": "KC-000001-0"}, 422, ("tag-check-character", "tag")),
        ({"tag": "x"}, 422, ("tag-malformed", "tag")),
        ({"tag": make_tag("KC", 999)}, 422, ("tag-unknown", "tag")),
        ({"tag": None}, 422, ("field-required", "tag")),
        ({"mass_g": 0}, 422, ("mass-not-positive", "mass_g")),
        ({"mass_g": "1e999999"}, 422, ("mass-too-large", "mass_g")),
        ({"mass_g": "2,15"}, 422, ("field-invalid", "mass_g")),
        ({"mass_g": True}, 422, ("field-invalid", "mass_g")),
        ({"mass_g": [1]}, 422, ("field-invalid", "mass_g")),
        ({"collected_at": "03/04/2026"}, 422, ("field-invalid", "collected_at")),
        ({"collected_at": "2126-11-03T14:20Z"}, 422, ("date-in-future", "collected_at")),
        ({"latitude": 98.3, "longitude": 26.1}, 422, ("place-outside-region", "latitude")),
        ({"latitude": 26.1}, 422, ("place-half-given", "longitude")),
        ({"depth_m": -1}, 422, ("depth-out-of-range", "depth_m")),
        ({"note": "a\u0000b"}, 422, ("field-invalid", "note")),
        ({"note": "a\u0007b"}, 422, ("text-unreadable", "note")),
        ({"weight": 1}, 422, ("field-unknown", "weight")),
        ({"state": "WITHDRAWN"}, 422, ("field-unknown", "state")),
        ({"id": "1"}, 422, ("field-invalid", "id")),
        ({"batch": "B26-0001"}, 422, ("field-invalid", "batch")),
        ({"batch": "00000000-0000-7000-8000-000000000000"}, 404, ("batch-unknown", None)),
    ],
)
def test_a_sample_that_cannot_be_is_refused_by_field(coordinator, ground, changed, status, problem):
    got, _, problems = refusal(coordinator("post", "samples/", bag(ground, **changed)))
    assert (got, problems) == (status, [problem])
    assert Sample.objects.count() == 0


def test_every_problem_is_told_at_once(coordinator, ground):
    answer = coordinator(
        "post", "samples/", bag(ground, tag="x", mass_g="0", depth_m="-1", collected_at="2126-01-01T00:00Z")
    )
    assert refusal(answer) == (
        422,
        "invalid",
        [
            ("tag-malformed", "tag"),
            ("mass-not-positive", "mass_g"),
            ("date-in-future", "collected_at"),
            ("depth-out-of-range", "depth_m"),
        ],
    )


@pytest.mark.parametrize("body", [[], "x", 1, None, {"batch": {}}, [[]]])
def test_a_body_of_another_shape_is_refused(coordinator, body):
    status, answer = coordinator("post", "samples/", body)
    assert (status, answer["status"]) in {(422, 422), (400, 400)}


def test_a_used_tag_is_a_conflict(coordinator, ground, register):
    register(0)
    assert refusal(coordinator("post", "samples/", bag(ground))) == (409, "tag-used", [("tag-used", "tag")])


def test_an_id_is_taken_once(coordinator, ground, register):
    first = register(0)
    answer = coordinator("post", "samples/", bag(ground, 1, id=str(first.pk)))
    assert refusal(answer) == (409, "id-used", [("id-used", "id")])


def test_a_retry_with_the_same_key_happens_once_and_is_answered_alike(coordinator, ground):
    key = "0197-a-bag"
    first = coordinator("post", "samples/", bag(ground), key=key)
    again = coordinator("post", "samples/", bag(ground), key=key)
    assert again == first
    assert first[0] == 201
    assert coordinator.headers["Idempotency-Replayed"] == "true"
    assert Sample.objects.count() == 1
    other = coordinator("post", "samples/", bag(ground, mass_g="9"), key=key)
    assert refusal(other)[:2] == (409, "idempotency-key-reused")
    assert Sample.objects.get().mass_g == Decimal("2150.5")


def test_a_refusal_with_a_key_is_repeated_too(coordinator, ground):
    first = coordinator("post", "samples/", bag(ground, mass_g="0"), key="k")
    assert coordinator("post", "samples/", bag(ground, mass_g="0"), key="k") == first
    assert first[0] == 422
    # The corrected bag is new work: a new key.
    assert coordinator("post", "samples/", bag(ground), key="k2")[0] == 201


def test_a_sample_is_corrected_numbered_held_and_withdrawn(manager, ground, register):
    there = f"samples/{register(0, field_number='F-1').pk}/"
    assert refusal(manager("patch", there, {"mass_g": "2100"}))[2] == [("field-required", "reason")]
    status, body = manager("patch", there, {"mass_g": "2100", "reason": "tare"})
    assert (status, body["mass_g"]) == (200, "2100.000")
    assert Correction.objects.get().reason == "tare"
    assert refusal(manager("patch", there, {"mass_g": "2100", "reason": "x"}))[1] == "nothing-changed"

    for number in ("L-1", "L-2"):
        assert manager("post", f"{there}numbers/", {"kind": "LABORATORY", "number": number})[0] == 201
    again = manager("post", f"{there}numbers/", {"kind": "LABORATORY", "number": "l-1"})
    assert refusal(again)[:2] == (409, "external-number-once")
    assert [(n["kind"], n["number"]) for n in manager("get", f"{there}numbers/")[1]] == [
        ("FIELD", "F-1"),
        ("LABORATORY", "L-1"),
        ("LABORATORY", "L-2"),
    ]

    status, hold = manager("post", f"{there}holds/", {"kind": "RADIOLOGICAL", "reason": "1.2 µSv/h"})
    assert (status, hold["released_at"]) == (201, None)
    assert manager("get", there)[1]["held"] == ["RADIOLOGICAL"]
    twice = manager("post", f"{there}holds/", {"kind": "RADIOLOGICAL", "reason": "x"})
    assert refusal(twice)[:2] == (409, "hold-open-once")
    assert refusal(manager("post", f"{there}holds/", {"kind": "?", "reason": "x"}))[2] == [
        ("choice-unknown", "kind")
    ]
    status, released = manager("post", f"{there}holds/{hold['id']}/release/", {"reason": "0.2 µSv/h"})
    assert (status, released["release_reason"]) == (200, "0.2 µSv/h")
    gone = manager("post", f"{there}holds/{hold['id']}/release/", {"reason": "again"})
    assert refusal(gone)[:2] == (409, "hold-released")
    assert [h["release_reason"] for h in manager("get", f"{there}holds/")[1]] == ["0.2 µSv/h"]
    unknown = manager("post", f"{there}holds/{uuid7()}/release/", {"reason": "x"})
    assert refusal(unknown)[:2] == (404, "hold-unknown")

    status, body = manager("post", f"{there}withdraw/", {"reason": "bag burst"})
    assert (status, body["state"], body["withdrawn_reason"]) == (200, "WITHDRAWN", "bag burst")
    assert refusal(manager("post", f"{there}withdraw/", {"reason": "x"}))[:2] == (409, "sample-withdrawn")


def test_a_laboratory_hears_that_a_sample_is_held_not_why(ground, register, person, signed_in):
    services.add_party(
        actor=ground.manager, batch=ground.batch, organisation=organisation("nfc"), part="TESTER"
    )
    services.add_party(
        actor=ground.manager, batch=ground.batch, organisation=organisation("hillroad"), part="HOLDER"
    )
    sample = register(0, field_number="F-1")
    sample_services.add_external_number(actor=ground.manager, sample=sample, kind="LABORATORY", number="L-1")
    sample_services.set_hold(
        actor=ground.manager, sample=sample, kind="CUSTODY", reason="stopped at the Pangwa post"
    )
    laboratory = Api(signed_in(person("technician", "nfc")))
    (hold,) = laboratory("get", f"samples/{sample.pk}/holds/")[1]
    assert (hold["kind"], hold["reason"], hold["release_reason"]) == ("CUSTODY", "", "")
    assert [n["number"] for n in laboratory("get", f"samples/{sample.pk}/numbers/")[1]] == ["L-1"]
    parties = laboratory("get", f"batches/{ground.batch.pk}/parties/")[1]
    assert [p["organisation"] for p in parties] == ["Hyderabad Assay Laboratory"]
    carrier = Api(signed_in(person("custodian", "hillroad")))
    assert carrier("get", f"samples/{sample.pk}/holds/")[1][0]["reason"] == "stopped at the Pangwa post"
    assert len(carrier("get", f"batches/{ground.batch.pk}/parties/")[1]) == 2


# --- Lists --------------------------------------------------------------------------------------------


def test_filters_narrow_and_a_slip_in_a_filter_is_refused(coordinator, ground, register):
    first, second = register(0), register(1, field_number="F-9")
    sample_services.withdraw_sample(actor=ground.manager, sample=second, reason="x")
    sample_services.set_hold(actor=ground.manager, sample=first, kind="CUSTODY", reason="x")

    def found(**query):
        status, body = coordinator("get", "samples/", **query)
        assert status == 200
        return {row["id"] for row in body["results"]}

    one, other = {str(first.pk)}, {str(second.pk)}
    assert found() == one | other
    assert found(state="WITHDRAWN") == other
    assert found(held="yes") == one
    assert found(text="f-9") == other
    assert found(text=show_tag(ground.tags[0])[:6]) == one | other
    assert found(batch=ground.batch.code.lower(), mine=ground.mine.pk) == one | other
    assert found(mine=uuid7()) == set()
    today = timezone.localdate()
    assert found(since=today, until=today) == one | other
    assert found(since=today + timedelta(days=1)) == found(until=today - timedelta(days=1)) == set()
    for query, code in (
        ({"stat": "WITHDRAWN"}, "filter-unknown"),
        ({"state": "LOST"}, "choice-unknown"),
        ({"held": "no idea"}, "choice-unknown"),
        ({"mine": "Pangwa"}, "field-invalid"),
        ({"since": "yesterday"}, "field-invalid"),
        ({"sort": "mine"}, "sort-unknown"),
        ({"size": "0"}, "size-out-of-range"),
        ({"cursor": "x"}, "cursor-malformed"),
    ):
        status, _, problems = refusal(coordinator("get", "samples/", **query))
        assert (status, problems) == (422, [(code, next(iter(query)))])


@pytest.mark.parametrize("sort", ["newest", "tag"])
def test_pages_hold_every_sample_once_there_and_back(coordinator, ground, sort):
    drafts = [Draft(tag=tag, mass_g=Decimal(2000), collected_at=COLLECTED) for tag in ground.tags]
    # Registered in one transaction, so at one time: the order must not rest on the time alone.
    sample_services.register_samples(actor=ground.coordinator, batch=ground.batch, drafts=drafts)
    assert Sample.objects.values("registered_at").distinct().count() == 1
    pages, query = [], {"size": 3, "sort": sort}
    status, body = coordinator("get", "samples/", **query)
    while True:
        assert status == 200
        pages.append([row["tag"] for row in body["results"]])
        if body["next"] is None:
            break
        answer = coordinator.client.get(body["next"])
        status, body = answer.status_code, answer.json()
    assert [len(page) for page in pages] == [3, 3, 3, 1]
    everything = [tag for page in pages for tag in page]
    tags = [show_tag(tag) for tag in ground.tags]
    assert everything == (tags if sort == "tag" else everything)
    assert set(everything) == set(tags)
    assert [row["tag"] for row in coordinator.client.get(body["previous"]).json()["results"]] == pages[2]


# --- Mines, batches, tags -------------------------------------------------------------------------------


def test_a_mine_a_batch_and_tags_from_nothing(manager, ground):
    place = {"latitude": "26.1", "longitude": "98.4"}
    mine = {
        "owner": str(ground.owner.pk),
        "code": "CE-1",
        "name": "Chipwi East",
        "controlling_body": "x",
        "deposit_type": "y",
    }
    status, made = manager("post", "mines/", mine | place)
    assert (status, made["latitude"], made["exact"], made["due_diligence"]) == (
        201,
        "26.100000",
        True,
        "UNKNOWN",
    )
    away = {"latitude": "28.6139", "longitude": "77.209"}
    assert refusal(manager("post", "mines/", mine | away))[2] == [("place-outside-region", "latitude")]
    assert refusal(manager("post", "mines/", mine | place))[:2] == (409, "mine-code-once")
    assert manager("patch", f"mines/{made['id']}/", {"due_diligence": "RED"})[1]["due_diligence"] == "RED"
    assert refusal(manager("patch", f"mines/{made['id']}/", {"name": "x"}))[2] == [("field-unknown", "name")]

    opened = {"mine": made["id"], "material_type": "HARD_ROCK", "campaign": "December", "planned_count": 3}
    status, batch = manager("post", "batches/", opened)
    assert (status, batch["count"], batch["mass_g"], batch["planned_count"]) == (201, 0, "0.000", 3)
    for changed, field in (
        ({"planned_count": 0}, "planned_count"),
        ({"planned_count": 10**9}, "planned_count"),
        ({"material_type": "GOLD"}, "material_type"),
        ({"campaign": " "}, "campaign"),
    ):
        assert refusal(manager("post", "batches/", opened | changed))[2][0][1] == field
    assert manager("post", f"batches/{batch['id']}/close/")[1]["state"] == "CLOSED"
    assert refusal(manager("post", f"batches/{batch['id']}/close/"))[:2] == (409, "transition-refused")
    assert manager("post", f"batches/{batch['id']}/reopen/")[1]["state"] == "OPEN"
    rows = manager("get", "batches/", state="OPEN", material_type="HARD_ROCK")[1]["results"]
    assert [row["code"] for row in rows] == [batch["code"]]
    assert refusal(manager("get", "batches/", states="OPEN"))[2] == [("filter-unknown", "states")]
    assert refusal(manager("get", "batches/", state="LOST"))[2] == [("choice-unknown", "state")]

    status, tags = manager("post", "tags/", {"owner": str(ground.owner.pk), "count": 2})
    assert (status, [tag["tag"] for tag in tags]) == (201, [show_tag(make_tag("KC", n)) for n in (11, 12)])
    for count in (0, 1001, "many", 10**30):
        assert refusal(manager("post", "tags/", {"owner": str(ground.owner.pk), "count": count}))[0] == 422
    assert len(manager("get", "tags/", free="yes")[1]["results"]) == 12
    assert refusal(manager("get", "tags/", free="no"))[2] == [("choice-unknown", "free")]
    assert manager("get", "tags/letters/")[1] == [
        {"owner": str(ground.owner.pk), "prefix": "KC", "last_number": 12}
    ]
    assert (Mine.objects.count(), Batch.objects.count(), Tag.objects.count()) == (2, 2, 12)


def test_letters_are_given_once(person, signed_in, ground):
    midwest, caller = organisation("midwest"), Api(signed_in(person("manager", "midwest")))
    given = {"owner": str(midwest.pk), "prefix": "mw"}
    assert caller("post", "tags/letters/", given | {"prefix": "KC"})[0] == 409
    assert caller("post", "tags/letters/", given)[1]["prefix"] == "MW"
    assert caller("post", "tags/letters/", given | {"prefix": "MX"})[0] == 409
    foreign = caller("post", "tags/letters/", {"owner": str(ground.owner.pk), "prefix": "ZZ"})
    assert refusal(foreign)[:2] == (403, "not-permitted")


def test_parties_come_and_go(manager, ground):
    laboratory, there = organisation("nfc"), f"batches/{ground.batch.pk}/parties/"
    tester = {"organisation": str(laboratory.pk), "part": "TESTER"}
    assert manager("post", there, tester)[0] == 201
    assert refusal(manager("post", there, tester))[:2] == (409, "batch-party-once")
    assert refusal(manager("post", there, tester | {"part": "HOLDER"}))[2] == [
        ("part-does-not-fit", "organisation")
    ]
    assert refusal(manager("post", there, tester | {"organisation": str(uuid7())}))[2] == [
        ("not-found", "organisation")
    ]
    assert [p["part"] for p in manager("get", there)[1]] == ["TESTER"]
    assert refusal(manager("delete", there, part="TESTER"))[2] == [("field-required", "organisation")]
    assert manager("delete", there, **tester) == (204, None)
    assert refusal(manager("delete", there, **tester))[:2] == (404, "party-unknown")
    assert BatchParty.objects.count() == 0


# --- Files --------------------------------------------------------------------------------------------


def upload(caller, batch, content=b"tag,mass_kg,collected_at\n", name="list.csv", key=None):
    answer = caller.client.post(
        "/api/v1/lists/",
        {"batch": str(batch.pk), "file": SimpleUploadedFile(name, content)},
        headers={"Idempotency-Key": key} if key else {},
    )
    return answer.status_code, answer.json()


def test_a_list_is_uploaded_once_looked_at_and_put_away(coordinator, ground):
    status, made = upload(coordinator, ground.batch, name="../../etc/list.csv")
    assert (status, made["state"], made["file_name"]) == (201, "WAITING", "list.csv")
    status, twin = upload(coordinator, ground.batch, name="other.csv")
    assert (status, twin["code"], twin["problems"][0]["list"]) == (409, "list-file-once", made["id"])
    assert coordinator("get", "lists/")[1]["results"] == [made]
    assert coordinator("get", f"lists/{made['id']}/rows/")[1]["results"] == []
    assert refusal(coordinator("post", f"lists/{made['id']}/commit/", {}))[:2] == (409, "transition-refused")
    assert coordinator("post", f"lists/{made['id']}/discard/")[1]["state"] == "DISCARDED"
    assert upload(coordinator, ground.batch)[0] == 201
    assert SampleList.objects.count() == 2


def test_an_upload_sent_again_with_its_key_is_one_list(coordinator, ground):
    content = b"tag,mass_kg,collected_at\n" + b"x" * 5000
    file = SimpleUploadedFile("l.csv", content)
    body = {"batch": str(ground.batch.pk), "file": file}
    first = coordinator.client.post("/api/v1/lists/", body, headers={"Idempotency-Key": "u"})
    file.seek(0)
    again = coordinator.client.post("/api/v1/lists/", body, headers={"Idempotency-Key": "u"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert SampleList.objects.count() == 1


@pytest.mark.parametrize(
    ("content", "code"), [(b"", "field-invalid"), (b"x" * (10 * 1024 * 1024 + 1), "file-too-large")]
)
def test_a_file_that_cannot_be_a_list_is_refused_at_the_door(coordinator, ground, content, code):
    status, body = upload(coordinator, ground.batch, content)
    assert (status, body["problems"][0]["field"]) == (422, "file")
    assert body["problems"][0]["code"] in {code, "empty", "file-empty"}
    assert SampleList.objects.count() == 0


def test_a_list_without_file_or_as_json_is_refused(coordinator, ground):
    answer = coordinator("post", "lists/", {"batch": str(ground.batch.pk), "file": "tag,mass\n"})
    assert refusal(answer)[2] == [("field-invalid", "file")]
    assert refusal(coordinator("post", "lists/", {}))[2] == [
        ("field-required", "batch"),
        ("field-required", "file"),
    ]


# --- Callers ------------------------------------------------------------------------------------------


def test_a_token_is_enough_until_it_ends(ground):
    token, secret = issue_token(actor=ground.coordinator, user=ground.coordinator, days=1)
    caller = Api(Client(headers={"Authorization": f"Token {secret}"}))
    assert caller("post", "samples/", bag(ground))[0] == 201
    with acting(SystemActor("tests"), verb_name="end"):
        type(token).objects.filter(pk=token.pk).update(expiry=timezone.now() - timedelta(seconds=1))
    assert caller("get", "samples/")[0] == 401


def test_others_neither_find_nor_change(person, signed_in, ground, register):
    sample = register(0)
    held = sample_services.set_hold(actor=ground.manager, sample=sample, kind="CUSTODY", reason="x")
    stranger = Api(signed_in(person("manager", "midwest")))
    for method, path, body in (
        ("get", f"samples/{sample.pk}/", None),
        ("patch", f"samples/{sample.pk}/", {"reason": "x", "note": "y"}),
        ("post", f"samples/{sample.pk}/withdraw/", {"reason": "x"}),
        ("post", f"samples/{sample.pk}/holds/", {"kind": "CUSTODY", "reason": "x"}),
        ("post", f"samples/{sample.pk}/holds/{held.pk}/release/", {"reason": "x"}),
        ("post", f"batches/{ground.batch.pk}/close/", None),
        ("delete", f"batches/{ground.batch.pk}/parties/", None),
        ("patch", f"mines/{ground.mine.pk}/", {"due_diligence": "RED"}),
        ("post", "samples/", bag(ground, 1)),
    ):
        assert stranger(method, path, body)[0] == 404, (method, path)
    assert stranger("get", "samples/")[1]["results"] == []
    laboratory = Api(signed_in(person("technician", "nfc")))
    assert laboratory("post", "samples/", bag(ground, 1))[0] == 403
    assert (Sample.objects.count(), Hold.objects.filter(released_at=None).count()) == (1, 1)
