"""What the demonstration shows of the bench, looked at once it is loaded."""

from decimal import Decimal

from django.test import Client, override_settings
from django.utils import timezone

from assays.catalogue.models import Competence, Method, Profile, ReferenceMaterial
from assays.catalogue.rules import CompetentTo
from assays.catalogue.standing.queries import accredited, competent, equipment_in
from assays.catalogue.standing.rules import Lapse
from assays.certificates.entry.queries import whole_state
from assays.certificates.models import Grid, Upload
from assays.certificates.services import upload_certificate
from assays.demonstration.bench import FRESH
from assays.demonstration.due import do_due
from assays.demonstration.trying.shelf import examples_for
from assays.grading.models import Decision
from assays.quality.charting.queries import charts_for
from assays.quality.models import Investigation, QcHistory
from assays.runs.building.queries import rack_of, waiting_for
from assays.runs.expected import asked_of
from assays.runs.models import Moisture, Portion, PortionEvent, Preparation, Run, Split
from assays.runs.portions.measuring import Ignition
from assays.runs.portions.retention import due_for_disposal
from lims.accounts.models import Organisation, User
from samples.custody.models import Incident
from samples.registry.models import Sample
from tests.support.world import BACKEND


def look() -> None:
    """Look at everything that belongs to the bench."""
    portions()
    runs()
    standing()
    quality()
    certificates()
    files_to_try()


def portions() -> None:
    """Look at twelve bags that became portions: each balances, one is too coarse, one was thrown away, some may be."""
    laboratory = Organisation.objects.get(code="DECCAN")
    assert Portion.objects.filter(kind="BAG").count() == Split.objects.count() == 12
    for split in Split.objects.all():
        parts = sum(one.made_g for one in split.portions.all())
        assert parts + split.loss_g == split.mass_g
        assert split.loss_g == Decimal(2)
    states = sorted(
        (one.kind, one.state) for one in Portion.objects.exclude(kind="BAG").exclude(state="HELD")
    )
    assert states == [("COARSE", "DISPOSED"), ("PULP", "RETURNED")]
    assert due_for_disposal(laboratory, timezone.localdate()).count() == 3
    assert PortionEvent.objects.filter(kind="USED", mass_g=Decimal("0.1004")).count() == 4
    coarse = Preparation.objects.filter(step="PULVERISE", passing_pct__lt=85)
    assert coarse.count() == 2
    assert (Moisture.objects.count(), Ignition.objects.count()) == (1, 1)
    assert not Incident.objects.filter(kind="OPENED_OUTSIDE").exists()
    # Two bags of the batch are left for a person to take up.
    assert Sample.objects.filter(batch__campaign=FRESH, portions=None).count() == 2


def runs() -> None:
    """Look at two runs: one that waits for results under codes, one whose rack may be changed; and at what is asked for."""
    begun, planned = Run.objects.exclude(built_by=None).order_by("number")
    assert (begun.state, planned.state) == ("OPEN", "PLANNED")
    assert begun.qc_reason == ""
    for run in (begun, planned):
        rack = rack_of(run)
        assert (rack.routine, rack.short) == (4, [])
        assert {item.kind for item in rack.items} == {"SAMPLE", "DUPLICATE", "CRM", "BLANK"}
        assert all(
            item.material.expires_on > timezone.localdate() for item in rack.items if item.kind == "CRM"
        )
    assert {item.label for item in rack_of(begun).items} == {f"{begun.number}-{n:02d}" for n in range(1, 9)}
    technician = User.objects.get(email="technician@deccan.example")
    asked = [(one["expected"], one["received"], one["due_on"]) for one in asked_of(technician)]
    today = timezone.localdate()
    assert [(expected, received) for expected, received, _ in asked] == [(25, 24), (10, 0)]
    assert asked[0][2] == today < asked[1][2]
    assert not waiting_for(begun.laboratory, begun.method).filter(wanted=True).exists()
    # What only was asked for is no reason to decide about a batch.
    assert not Decision.objects.filter(batch__campaign=FRESH).exists()


def standing() -> None:
    """Look at what the laboratory stands on: one balance overdue, one element out of scope, one scope that has ended."""
    laboratory, today = Organisation.objects.get(code="DECCAN"), timezone.localdate()
    kept = {one.equipment.code: one for one in equipment_in(laboratory, today)}
    assert {code: one.tone for code, one in kept.items()} == {
        "BAL-2": "bad", "ICP-3": "warn", "ICP-7": "good", "OVEN-1": "good", "FURN-1": "good", "MILL-4": "neutral",
    }  # fmt: skip
    assert "ran out" in kept["BAL-2"].words
    by_code = {one.code: one for one in Method.objects.filter(laboratory=laboratory)}
    trace, major = by_code["ICM-40"], by_code["ICO-10"]
    assert accredited(trace, "Dy", Decimal(25), today) == Lapse.IN_SCOPE
    assert accredited(trace, "Dy", Decimal(12_300), today) == Lapse.OUT_OF_RANGE
    assert accredited(trace, "Tm", Decimal(2), today) == Lapse.NONE
    assert accredited(major, "Si", Decimal(500_000), today) == Lapse.LAPSED
    assert Competence.objects.count() == 6
    reviewer = User.objects.get(email="reviewer@deccan.example")
    assert competent(reviewer, trace, CompetentTo.APPROVE, today)
    assert not competent(reviewer, trace, CompetentTo.ANALYSE, today)
    lots = {(one.code, one.lot): one.expires_on for one in ReferenceMaterial.objects.all()}
    assert lots["RE-101", "2024-1"] < today < lots["RE-102", "A"] < lots["RE-101", "A"]
    assert (lots["RE-102", "A"] - today).days == 41


def quality() -> None:
    """Look at a year of a reference material: one point beyond three, two in a row beyond two; and at a failure looked into."""
    assert sorted(QcHistory.objects.values_list("rows", flat=True)) == [72, 72]
    reviewer = User.objects.get(email="reviewer@deccan.example")
    lines = charts_for(reviewer, analyte="Dy")
    chart = next(one.chart for one in lines if one.chart.key.material == "RE-101")
    rules = [rule for one in chart.points for rule in one.rules]
    assert (rules.count("1-3s"), rules.count("2-2s")) == (1, 1)
    assert len(chart.points) > 72
    inquiry = Investigation.objects.get()
    assert (inquiry.run.number, inquiry.analyte, inquiry.closed_at) == ("ORL-1203", "Dy", None)


def certificates() -> None:
    """Look at a layout that was taught, and at results that are half typed: what is wrong in them shows."""
    taught = Profile.objects.get()
    assert (taught.name, taught.version, len(taught.mapping["columns"])) == ("Screening by XRF", 1, 5)
    assert Upload.objects.get(profile=taught).state == "DISCARDED"
    grid = Grid.objects.get()
    assert (grid.discarded_at, grid.upload) == (None, None)
    codes = {note.code for one in whole_state(grid).cells for note in one.look.notes}
    assert {"decimal-comma", "below-range"} <= codes


def files_to_try() -> None:
    """Look at the files to try: each is offered to the technician, is downloaded whole, and is read with the rows it should have."""
    technician = User.objects.get(email="technician@deccan.example")
    laboratory = Organisation.objects.get(code="DECCAN")
    found = examples_for(technician)
    keys = [one.key for one in found]
    assert keys[:2] == ["results", "results-failing"]
    assert keys[-1] == "reissue"
    assert len(set(keys)) == len(keys) == 15
    client = Client()
    client.force_login(technician, backend=BACKEND)
    with override_settings(TRIAL=True):
        page = client.get("/demonstration/").content.decode()
        uploads = {}
        for one in found:
            assert one.shows.split(":")[0] in page
            answer = client.get("/demonstration/file/", {"name": one.key})
            assert answer.headers["Content-Disposition"] == f'attachment; filename="{one.file_name}"'
            uploads[one.key] = upload_certificate(
                actor=technician, kept_by=laboratory, name=one.file_name, content=answer.content
            )
        assert client.get("/demonstration/file/", {"name": "nothing"}).status_code == 404
        outsider = User.objects.get(email="custodian@hillroad.example")
        client.force_login(outsider, backend=BACKEND)
        assert "No bags of yours" in client.get("/demonstration/").content.decode()
        assert client.get("/demonstration/file/", {"name": "sgs"}).status_code == 404
    with override_settings(TRIAL=False):
        assert client.get("/demonstration/").status_code == 404
    do_due()
    matched = {}
    for key, upload in uploads.items():
        upload.refresh_from_db()
        matched[key] = (upload.state, *(upload.rows.filter(match=what).count() for what in MATCHES))
    assert matched == MATCHED
    assert uploads["screening"].profile.name == "Screening by XRF"
    assert {one["code"] for one in uploads["template"].findings} == {"sample-count"}


MATCHES = ("SAMPLE", "DUPLICATE", "CRM", "BLANK", "UNMATCHED")
#: file → what its rows are found to be
MATCHED = {
    "results": ("READ", 4, 2, 1, 1, 0),
    "results-failing": ("READ", 4, 2, 1, 1, 0),
    "als": ("READ", 10, 0, 2, 2, 0),
    "sgs": ("READ", 10, 1, 2, 1, 0),
    "job-a": ("READ", 10, 0, 1, 1, 0),
    **dict.fromkeys(("job-b", "actlabs", "plain-wide", "long", "screening"), ("READ", 10, 0, 0, 0, 0)),
    # One label is nobody's; of the one that stands there twice both rows are its sample, and the second is a question.
    "transposed": ("READ", 9, 0, 0, 0, 1),
    **dict.fromkeys(("template", "template-sheet"), ("READ", 10, 0, 1, 1, 0)),
    "instrument": ("READ", 10, 0, 2, 1, 0),
    "reissue": ("READ", 24, 0, 3, 3, 0),
}
