"""Looking into a failure of QC: opened with what was seen, closed with the cause and what was done."""

import pytest
from django.urls import reverse

from assays.quality.investigating import close_investigation, open_investigation
from assays.quality.models import Investigation
from lims.errors import Conflict, Invalid, NotPermitted
from tests.assays.runs.conftest import good_run, tested  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(good_run):  # noqa: F811  # a fixture
    return good_run(rm="24", state="APPROVED")


def opened(bench, run, **changed):
    given = {"analyte": "Dy", "method_code": "me-ms81", "finding": "The bottle stood open."} | changed
    return open_investigation(actor=bench.technician, run=run, **given)


def test_opened_and_closed(bench, failed):
    made = opened(bench, failed)
    assert (made.method_code, made.analyte, made.version) == ("ME-MS81", "Dy", failed.version)
    closed = close_investigation(
        actor=bench.reviewer, investigation=made, cause="Evaporated.", action="RERUN"
    )
    closed.refresh_from_db()
    assert (closed.cause, closed.action, closed.closed_by) == ("Evaporated.", "RERUN", bench.reviewer)
    assert closed.closed_at is not None


def test_only_what_qc_blocks_is_looked_into(bench, failed):
    with pytest.raises(Invalid) as caught:
        opened(bench, failed, analyte="Eu")
    assert caught.value.problems[0].code == "nothing-failed"


def test_once_at_a_time(bench, failed):
    made = opened(bench, failed)
    with pytest.raises(Conflict) as caught:
        opened(bench, failed)
    assert caught.value.problems[0].code == "investigation-open-once"
    close_investigation(actor=bench.reviewer, investigation=made, cause="Seen.", action="NOTHING")
    assert opened(bench, failed).pk != made.pk
    with pytest.raises(Conflict) as caught:
        close_investigation(actor=bench.reviewer, investigation=made, cause="Again.", action="NOTHING")
    assert caught.value.problems[0].code == "investigation-closed"


@pytest.mark.parametrize(
    ("changed", "code"), [({"cause": " "}, "field-required"), ({"action": "PRAY"}, "choice-unknown")]
)
def test_closed_with_cause_and_deed(bench, failed, changed, code):
    made = opened(bench, failed)
    with pytest.raises(Invalid) as caught:
        close_investigation(
            actor=bench.reviewer, investigation=made, **({"cause": "Seen.", "action": "RERUN"} | changed)
        )
    assert caught.value.problems[0].code == code


def test_owners_do_not_look_into_a_laboratorys_failure(bench, failed):
    with pytest.raises(NotPermitted):
        open_investigation(actor=bench.ground.manager, run=failed, analyte="Dy", finding="?")


def test_on_the_page_of_the_run(bench, failed, signed_in):
    client, page = signed_in(bench.technician), reverse("runs:run", args=[failed.pk])
    text = client.get(page).content.decode()
    assert "Look into a failure" in text
    sent = {"of": "ME-MS81|Dy|", "finding": "The bottle stood open."}
    assert (
        client.post(reverse("quality:investigate", args=[failed.pk]), sent | {"finding": ""}).status_code
        == 422
    )
    answer = client.post(reverse("quality:investigate", args=[failed.pk]), sent)
    assert answer.url == f"{page}#investigations"
    made = Investigation.objects.get()
    text = client.get(page).content.decode()
    assert "The bottle stood open." in text
    assert "Being looked into" in text
    close = reverse("quality:close_investigation", args=[made.pk])
    assert client.post(close, {"cause": "", "action": "RERUN"}).status_code == 422
    assert client.post(close, {"cause": "Evaporated.", "action": "RERUN"}).status_code == 302
    assert "Analysed again" in client.get(page).content.decode()
    made.refresh_from_db()
    assert made.cause == "Evaporated."
