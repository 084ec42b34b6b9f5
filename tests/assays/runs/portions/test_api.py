"""Portions over the API: the same verbs, the same refusals."""

from datetime import timedelta
from decimal import Decimal

import pytest

from assays.runs.models import Portion, PortionEvent, RetentionRule
from assays.runs.portions import services
from lims.ids import uuid7
from tests.assays.runs.portions.conftest import TAKEN

pytestmark = pytest.mark.django_db

URL = "/api/v1/portions/"


@pytest.fixture
def call(signed_in, store):
    """Return a function that calls the API as the technician, or as somebody else."""

    def send(path, data=None, *, who=None):
        client = signed_in(who or store.technician)
        if data is None:
            return client.get(path)
        key = {"HTTP_IDEMPOTENCY_KEY": str(uuid7())}
        return client.post(path, data, content_type="application/json", **key)

    return send


def code(answer):
    body = answer.json()
    return (answer.status_code, body.get("code") or body["errors"][0]["code"])


def test_from_the_bag_to_the_aliquot(call, store):
    sample, shelf = store.bench.sample(), store.place()
    at = TAKEN.isoformat()
    made = call(URL, {"sample": str(sample.pk), "mass_g": "2000", "at": at, "place": str(shelf.pk)})
    assert made.status_code == 201, made.json()
    bag = made.json()
    assert (bag["label"], bag["left_g"], bag["place_id"]) == (sample.tag.code, "2000.0000", str(shelf.pk))
    split = call(
        f"{URL}{bag['id']}/split/",
        {
            "parts": [{"kind": "COARSE", "mass_g": "1500"}, {"kind": "PULP", "mass_g": "250"}],
            "loss_g": "2",
            "rest_g": "248",
            "seen_g": "2000",
        },
    )
    assert split.status_code == 201, split.json()
    assert (split.json()["mass_g"], split.json()["loss_g"]) == ("1752.0000", "2.0000")
    pulp = split.json()["parts"][1]
    assert pulp["label"] == f"{sample.tag.code}-P1"
    done = {"step": "PULVERISE", "before_g": "250", "after_g": "249", "sieve_um": 75, "passing_pct": "80"}
    step = call(f"{URL}{pulp['id']}/prepare/", done)
    assert step.status_code == 201, step.json()
    assert step.json()["warning"].startswith("80 % passed 75 µm")
    used = call(f"{URL}{pulp['id']}/use/", {"mass_g": "0.25", "reason": "Fusion"})
    assert (used.status_code, used.json()["mass_g"]) == (201, "0.2500")
    assert call(f"{URL}{pulp['id']}/store/", {"place": str(shelf.pk)}).json()["kind"] == "STORED"
    assert call(f"{URL}{pulp['id']}/return/", {"reason": "Asked for"}).json()["mass_g"] == "248.7500"
    tree = call(f"{URL}{bag['id']}/lineage/").json()
    assert [(one["portion"]["label"], one["depth"]) for one in tree] == [
        (sample.tag.code, 0),
        (f"{sample.tag.code}-C1", 1),
        (f"{sample.tag.code}-P1", 1),
    ]
    last = tree[2]
    assert (last["used_g"], last["gone_g"], last["prepared_loss_g"]) == ("0.2500", "248.7500", "1.0000")
    assert [one["label"] for one in call(f"{URL}?kind=PULP").json()["results"]] == [pulp["label"]]


@pytest.mark.parametrize(
    ("act", "data", "expected"),
    [
        ("split", {"parts": [{"kind": "PULP", "mass_g": "1"}], "loss_g": "0"}, (422, "mass-balance")),
        ("split", {"parts": [], "loss_g": "0"}, (422, "parts-none")),
        (
            "split",
            {"parts": [{"kind": "PULP", "mass_g": "2000"}], "loss_g": "0", "seen_g": "1"},
            (409, "portion-changed"),
        ),
        ("use", {"mass_g": "2001", "reason": "x"}, (409, "portion-too-small")),
        ("dispose", {"reason": "x"}, (409, "retention-unset")),
        ("prepare", {"step": "x", "before_g": "1", "after_g": "1"}, (422, "choice-unknown")),
        ("store", {"place": "00000000-0000-7000-8000-000000000000"}, (404, "place-unknown")),
        (
            "prepare",
            {
                "step": "CRUSH",
                "before_g": "2000",
                "after_g": "1",
                "equipment": "00000000-0000-7000-8000-000000000000",
            },
            (404, "equipment-unknown"),
        ),
    ],
)
def test_refusals_are_named(call, store, act, data, expected):
    bag = store.bag("2000")
    assert code(call(f"{URL}{bag.pk}/{act}/", data)) == expected
    bag.refresh_from_db()
    assert (bag.left_g, bag.state) == (2000, "HELD")


def test_portions_are_thrown_away_all_or_none(call, store):
    store.rule("BAG", 0)
    one, two = store.bag("2000"), store.bag("1000")
    services.return_portion(actor=store.technician, portion=two, reason="x", at=TAKEN + timedelta(hours=1))
    data = {"portions": [str(one.pk), str(two.pk)], "reason": "Old"}
    assert code(call(f"{URL}dispose-chosen/", data)) == (409, "portion-gone")
    unknown = data | {"portions": [str(uuid7())]}
    assert code(call(f"{URL}dispose-chosen/", unknown)) == (404, "portion-unknown")
    assert call(f"{URL}dispose-chosen/", data | {"portions": [str(one.pk)]}).status_code == 201
    assert PortionEvent.objects.filter(kind="DISPOSED").get().mass_g == Decimal(2000)


def test_places_rules_and_ignitions(call, store):
    where = str(store.laboratory.pk)
    place = call("/api/v1/store-places/", {"laboratory": where, "name": "Room 2"})
    assert (place.status_code, place.json()["count"]) == (201, 0)
    assert call("/api/v1/store-places/").json()["results"] == [place.json()]
    retired = call(f"/api/v1/store-places/{place.json()['id']}/retire/", {})
    assert retired.json()["retired_at"] is not None
    rule = {"laboratory": where, "kind": "PULP", "days": 90, "rationale": "Agreed"}
    assert call("/api/v1/retention-rules/", rule).status_code == 403
    assert call("/api/v1/retention-rules/", rule, who=store.manager).json()["version"] == 1
    assert call("/api/v1/retention-rules/").json()["results"][0]["days"] == 90
    other = rule | {"laboratory": str(store.bench.ground.owner.pk)}
    assert code(call("/api/v1/retention-rules/", other, who=store.manager)) == (404, "laboratory-unknown")
    assert RetentionRule.objects.count() == 1
    burnt = {
        "sample": str(store.bench.sample().pk),
        "dry_g": "2",
        "ignited_g": "1.7",
        "temperature_c": "1000",
        "measured_at": TAKEN.isoformat(),
    }
    assert call("/api/v1/ignitions/", burnt).status_code == 201
    assert code(call("/api/v1/ignitions/", burnt | {"ignited_g": "5"})) == (422, "ignition-masses-sensible")


def test_others_do_not_know_of_a_portion(call, store, person):
    bag = store.bag("2000")
    assert call(f"{URL}{bag.pk}/", who=person("manager", "midwest")).status_code == 404
    assert call(f"{URL}{bag.pk}/", who=store.owner).status_code == 200
    use = {"mass_g": "1", "reason": "x"}
    assert call(f"{URL}{bag.pk}/use/", use, who=store.owner).status_code == 403
    assert Portion.objects.get().left_g == 2000
