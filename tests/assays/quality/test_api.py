"""Quality control over the API: investigations, histories of the past, and charts in numbers."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from assays.quality.models import Investigation, QcHistory, QcHistoryResult
from tests.assays.quality.test_charting import runs  # noqa: F401  # a fixture
from tests.assays.quality.test_past import file_of, row
from tests.assays.runs.conftest import good_run, tested  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db
CHARTS = "/api/v1/qc-charts/"
LISTS = ("", "duplicates/", "blanks/", "rates/", "umpire/", "laboratories/")
JSON = {"content_type": "application/json"}


def key_of(bench, **more):
    return {"laboratory": str(bench.laboratory.pk), "method": "ME-MS81", "analyte": "Dy"} | more


@pytest.fixture
def failed(good_run):  # noqa: F811  # a fixture
    return good_run(rm="24", state="APPROVED")


def test_an_investigation_is_opened_listed_and_closed(bench, failed, signed_in):
    client = signed_in(bench.technician)
    sent = {"run": str(failed.pk), "method": "me-ms81", "analyte": "Dy", "finding": "The bottle stood open."}
    answer = client.post("/api/v1/qc-investigations/", sent, **JSON)
    assert answer.status_code == 201
    told = answer.json()
    assert (told["method"], told["analyte"], told["cause"], told["closed_at"]) == ("ME-MS81", "Dy", "", None)
    assert told["opened_at"] is not None
    twice = client.post("/api/v1/qc-investigations/", sent, **JSON)
    assert (twice.status_code, "investigation-open-once" in twice.content.decode()) == (409, True)
    listed = client.get("/api/v1/qc-investigations/", {"run": str(failed.pk)}).json()
    assert [one["id"] for one in listed["results"]] == [told["id"]]
    close = f"/api/v1/qc-investigations/{told['id']}/close/"
    assert client.post(close, {"cause": "Seen.", "action": "PRAY"}, **JSON).status_code == 422
    done = client.post(close, {"cause": "Evaporated.", "action": "RERUN"}, **JSON)
    assert (done.status_code, done.json()["cause"], done.json()["action"]) == (200, "Evaporated.", "RERUN")
    assert Investigation.objects.get().closed_by == bench.technician


def test_an_investigation_of_others_is_not_there(bench, failed, signed_in, person):
    sent = {"run": str(failed.pk), "method": "ME-MS81", "analyte": "Dy", "finding": "Seen."}
    made = signed_in(bench.technician).post("/api/v1/qc-investigations/", sent, **JSON).json()
    other = signed_in(person("technician", "midwest"))
    answer = other.post(
        f"/api/v1/qc-investigations/{made['id']}/close/", {"cause": "x", "action": "RERUN"}, **JSON
    )
    assert answer.status_code in {403, 404}
    assert Investigation.objects.get().closed_at is None


def sent_file(bench, content, **changed):
    file = SimpleUploadedFile("past.csv", content, content_type="text/csv")
    lab = str(bench.laboratory.pk)
    return {"kept_by": lab, "laboratory": lab, "analyte": "Dy", "file": file} | changed


PAST = file_of(row("S2", "22.2"), row("S1", "22.1"), row("S3", "24", on="2024-06-01"), row("S4", ""))


def test_a_history_is_kept_and_counted(bench, signed_in):
    client = signed_in(bench.reviewer)
    answer = client.post("/api/v1/qc-histories/", sent_file(bench, PAST))
    assert answer.status_code == 201
    told = answer.json()
    assert (told["rows"], told["left_out"]) == (3, [{"row": 5, "why": "no result"}])
    (material,) = told["materials"]
    assert (material["code"], material["results"]) == ("RM 20", 3)
    assert (material["rules"]["1-3s"], material["rules"]["2-2s"]) == (1, 2)
    assert client.get("/api/v1/qc-histories/").json()["results"][0]["id"] == told["id"]
    again = client.post("/api/v1/qc-histories/", sent_file(bench, PAST))
    assert (again.status_code, QcHistory.objects.count()) == (409, 1)
    points = client.get(f"{CHARTS}points/", key_of(bench, method="", material="RM 20")).json()["points"]
    assert [Decimal(one["ppm"]) for one in points] == [Decimal("22.1"), Decimal("22.2"), Decimal(24)]
    assert [Decimal(one["z"]) for one in points] == [Decimal("2.1"), Decimal("2.2"), Decimal(4)]


def test_a_history_for_another_laboratory_or_by_a_technician_is_refused(bench, signed_in, person):
    assert (
        signed_in(bench.technician).post("/api/v1/qc-histories/", sent_file(bench, PAST)).status_code == 403
    )
    other = signed_in(person("manager", "midwest")).post("/api/v1/qc-histories/", sent_file(bench, PAST))
    assert other.status_code in {403, 404}
    mine = signed_in(bench.reviewer)
    unknown = sent_file(bench, PAST, laboratory=str(bench.ground.owner.pk))
    assert mine.post("/api/v1/qc-histories/", unknown).status_code == 404
    assert mine.post("/api/v1/qc-histories/", sent_file(bench, PAST, analyte="Tb")).status_code == 422
    assert not QcHistoryResult.objects.exists()


def test_a_chart_has_its_points_with_their_marks(runs, bench, signed_in):  # noqa: F811  # a fixture
    runs(4)  # 0, 1, 2 and 3 s above
    client = signed_in(bench.technician)
    (line,) = client.get(CHARTS).json()
    assert (line["material"], line["results"], line["laboratory_id"]) == (
        "RM 20",
        4,
        str(bench.laboratory.pk),
    )
    chart = client.get(f"{CHARTS}points/", key_of(bench, material="RM 20")).json()
    assert [(Decimal(one["ppm"]), Decimal(one["z"]), one["rules"]) for one in chart["points"]] == [
        (20, 0, []),
        (21, 1, []),
        (22, 2, []),
        (23, 3, ["1-2s"]),
    ]
    assert (chart["rules"]["1-2s"], chart["bias"]["n"], chart["bias"]["standing"]) == (1, 4, "TOO_FEW")


def test_duplicates_and_blanks_in_numbers(runs, bench, signed_in):  # noqa: F811  # a fixture
    runs(3)
    client = signed_in(bench.technician)
    assert [one["count"] for one in client.get(f"{CHARTS}duplicates/").json()] == [3]
    pairs = client.get(f"{CHARTS}pairs/", key_of(bench)).json()
    assert [(Decimal(one["first_ppm"]), Decimal(one["second_ppm"])) for one in pairs["pairs"]] == [
        (30, 33)
    ] * 3
    assert pairs["spread"]["n"] == 3
    assert pairs["spread"]["hard_median"] == pytest.approx(3 / 63)
    assert [one["count"] for one in client.get(f"{CHARTS}blanks/").json()] == [3]
    readings = client.get(f"{CHARTS}readings/", key_of(bench)).json()
    assert [(one["read"], Decimal(one["lod_ppm"])) for one in readings] == [("0.06", Decimal("0.05"))] * 3
    (score,) = client.get(f"{CHARTS}laboratories/").json()
    assert (score["runs"], score["crm"], score["blanks"], score["pairs"]) == (3, 3, 3, 3)
    (rates,) = client.get(f"{CHARTS}rates/").json()
    assert [(one["name"], one["count"], one["share_pct"]) for one in rates["rates"]][:2] == [
        ("Reference materials", 3, "100.00"),
        ("Blanks", 3, "100.00"),
    ]


@pytest.mark.parametrize("name", LISTS)
def test_lists_are_empty_for_others_and_refuse_unknown_filters(runs, signed_in, person, name):  # noqa: F811
    runs(1)
    client = signed_in(person("manager", "midwest"))
    assert client.get(f"{CHARTS}{name}").json() == []
    assert client.get(f"{CHARTS}{name}", {"laboratry": "x"}).status_code == 422


@pytest.mark.parametrize("name", ["points", "pairs", "readings"])
@pytest.mark.parametrize("asked", [{"laboratory": "x"}, {"analyte": "Xx"}, {"method": "a\x00b"}])
def test_a_chart_that_is_not_there(bench, signed_in, name, asked):
    given = key_of(bench, **({"material": "RM 24"} if name == "points" else {})) | asked
    assert signed_in(bench.technician).get(f"{CHARTS}{name}/", given).status_code == 404


@pytest.mark.parametrize("name", ["points", "pairs", "readings"])
@pytest.mark.parametrize("missing", ["laboratory", "analyte"])
def test_a_chart_asked_for_in_part_says_what_is_missing(bench, signed_in, name, missing):
    given = {part: value for part, value in key_of(bench).items() if part != missing}
    answer = signed_in(bench.technician).get(f"{CHARTS}{name}/", given)
    assert answer.status_code == 422
    assert [one["code"] for one in answer.json()["problems"]] == ["chart-key-missing"]


@pytest.mark.parametrize("name", LISTS)
def test_more_runs_take_no_more_queries(runs, bench, signed_in, name):  # noqa: F811  # a fixture
    client = signed_in(bench.technician)

    def queries():
        with CaptureQueriesContext(
            connection,
        ) as found:
            assert client.get(f"{CHARTS}{name}").status_code == 200
        return len(found)

    runs(1)
    client.get(f"{CHARTS}{name}")
    before = queries()
    runs(3, start=1)
    assert queries() == before
