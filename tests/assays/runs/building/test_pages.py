"""Pages and API of building a run: the same acts, by people without a script and by programs."""

import re

import pytest
from django.urls import reverse

from assays.runs.building.queries import ordered_items, rack_of
from assays.runs.models import InsertionRule, Run
from lims.ids import uuid7
from lims.verbs import acting

pytestmark = pytest.mark.django_db


def test_a_run_is_built_moved_and_begun_without_a_script(hall, signed_in, strip):
    client, pulps = signed_in(hall.technician), hall.pulps(2)
    shown = client.get("/runs/new/").content.decode()
    assert all(one.label in shown for one in pulps)
    assert "Reference materials" in shown
    told = {"method": hall.method.pk, "portion": [one.pk for one in pulps], "number": "J20"}
    made = client.post("/runs/new/", told)
    run = Run.objects.get(number="J20")
    assert (made.status_code, made["Location"]) == (302, f"/runs/{run.pk}/rack/")
    before, version = strip(run), hall.version(run)
    item = ordered_items(run).first()
    moved = client.post(f"/runs/{run.pk}/rack/move/", {"version": version, "move": f"{item.pk}:2"})
    assert moved.status_code == 302
    assert strip(run) == [before[1], before[0], *before[2:]]
    stale = client.post(f"/runs/{run.pk}/rack/move/", {"version": version, "move": f"{item.pk}:3"})
    assert stale.status_code == 409
    assert "changed while you looked at it" in stale.content.decode()
    refused = client.post(f"/runs/{run.pk}/begin/", {"version": hall.version(run)})
    assert refused.status_code == 422
    assert "The rule asks for more QC" in refused.content.decode()
    begun = client.post(
        f"/runs/{run.pk}/begin/", {"version": hall.version(run), "reason": "No coarse reject is kept"}
    )
    assert begun.status_code == 302
    page = client.get(f"/runs/{run.pk}/rack/").content.decode()
    assert "J20-01" in page
    assert client.get(f"/runs/{run.pk}/sheet.pdf").content.startswith(b"%PDF-")
    assert client.get(f"/runs/{run.pk}/instrument.csv").content.decode().count("J20-0") == len(before)


def test_a_script_gets_the_rack_alone(hall, signed_in):
    client, run = signed_in(hall.technician), hall.build(2)
    item = ordered_items(run).last()
    told = {"version": hall.version(run), "move": f"{item.pk}:1"}
    answer = client.post(f"/runs/{run.pk}/rack/move/", told, headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert "<html" not in text
    assert re.search(rf'data-item="{item.pk}" data-position="1"', text)
    again = client.post(f"/runs/{run.pk}/rack/move/", told, headers={"HX-Request": "true"})
    assert again.status_code == 409
    assert "Nothing was changed" in again.content.decode()


def test_something_is_put_in_and_taken_out_on_the_page(hall, signed_in, strip):
    client, run = signed_in(hall.technician), hall.build(2)
    told = {"version": hall.version(run), "material": hall.blank.pk, "position": 99}
    assert client.post(f"/runs/{run.pk}/rack/place/", told).status_code == 302
    assert strip(run)[-1] == "Limestone"
    last = ordered_items(run).last()
    told = {"version": hall.version(run), "remove": last.pk}
    assert client.post(f"/runs/{run.pk}/rack/remove/", told).status_code == 302
    assert strip(run).count("Limestone") == 1


def test_a_manager_sets_the_rule_and_a_technician_does_not(hall, signed_in):
    shares = dict.fromkeys(("crm_pct", "blank_pct", "field_pct", "coarse_pct", "pulp_pct", "umpire_pct"), "5")
    client = signed_in(hall.manager)
    assert client.post("/runs/qc-rule/", shares | {"rationale": "As agreed"}).status_code == 302
    assert "As agreed" in client.get("/runs/qc-rule/").content.decode()
    assert InsertionRule.objects.get().crm_pct == 5
    assert signed_in(hall.technician).get("/runs/qc-rule/").status_code == 403


def test_a_late_run_stands_first_on_the_bench(hall, signed_in):
    run = hall.build(1, number="LATE-1")
    with acting(hall.store.bench.system, verb_name="make"):
        Run.objects.filter(pk=run.pk).update(due_on="2026-01-05")
    text = signed_in(hall.technician).get("/runs/").content.decode()
    assert "Overdue" in text
    assert reverse("building:new") in text


def test_the_api_does_the_same(hall, signed_in):
    pulps, client = hall.pulps(2), signed_in(hall.technician)

    def post(path, data):
        key = {"HTTP_IDEMPOTENCY_KEY": str(uuid7())}
        return client.post(f"/api/v1/built-runs/{path}", data, content_type="application/json", **key)

    told = {
        "method": str(hall.method.pk),
        "portions": [str(one.pk) for one in pulps],
        "number": "J30",
        "seed": 5,
    }
    made = post("", told)
    assert made.status_code == 201, made.json()
    body = made.json()
    assert [one["position"] for one in body["items"]] == [1, 2, 3, 4, 5]
    assert body["short"] == ["0 of 1 coarse duplicate"]
    item = body["items"][0]["id"]
    moved = post(f"{body['id']}/move/", {"item": item, "to": 3, "version": body["version"]})
    assert [one["id"] for one in moved.json()["items"]].index(item) == 2
    stale = post(f"{body['id']}/remove/", {"item": item, "version": body["version"]})
    assert (stale.status_code, stale.json()["code"]) == (409, "rack-changed")
    placed = post(
        f"{body['id']}/place/",
        {"material": str(hall.crm.pk), "position": 1, "version": moved.json()["version"]},
    )
    gone = post(
        f"{body['id']}/remove/",
        {"item": placed.json()["items"][0]["id"], "version": placed.json()["version"]},
    )
    begun = post(
        f"{body['id']}/begin/", {"version": gone.json()["version"], "reason": "No coarse reject is kept"}
    )
    assert begun.json()["state"] == "OPEN", begun.json()
    codes = client.get(f"/api/v1/built-runs/{body['id']}/codes/").json()
    assert codes[0] == {"position": 1, "sample": "J30-01"}
    assert client.get(f"/api/v1/built-runs/{body['id']}/sheet/").content.startswith(b"%PDF-")
    assert rack_of(Run.objects.get(pk=body["id"])).short == ["0 of 1 coarse duplicate"]
