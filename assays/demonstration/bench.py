"""The demonstration's bench: what was asked for, portions, a run that began and one that is being built, all by the verbs."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Final

from django.utils import timezone

from assays.catalogue.models import Equipment, Method
from assays.certificates.entry import services as entry
from assays.certificates.entry.rules import Typed
from assays.demonstration import portions
from assays.demonstration.catalogue import TRACE_CODE
from assays.quality.investigating import open_investigation
from assays.runs import services as runs
from assays.runs.building import services as building
from assays.runs.building.queries import ordered_items, rack_of
from assays.runs.models import Portion, Run
from assays.runs.portions.services import use_portion
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from samples.registry.models import Batch, Sample
from samples.registry.rules import SampleState

#: batches of which there are portions: one whose results are old, and one at the bench
OLD, FRESH, ASKED = "Post-monsoon grid, block A", "Grid, block E", "Post-monsoon grid, block B"
LABORATORY: Final = "DECCAN"
#: bags of the fresh batch that are taken up; the others wait for a person
TAKEN_UP, BEGUN = 8, 4
#: job of which QC failed, where it is looked into
FAILED: Final = "ORL-1203"
#: what was typed so far: texts of the columns' first cells, item by item; one has a comma, one lies below the limit
TYPED: Final = (
    {"La": "182", "Ce": "141", "Pr": "35.6", "Nd": "128", "Sm": "27.1", "Eu": "3.52", "Tb": "4.41", "Dy": "26.9"},
    {"La": "196", "Ce": "155", "Pr": "38.0", "Nd": "137", "Sm": "29.4", "Eu": "3.81", "Tb": "4.83", "Dy": "28,7"},
    {"La": "174", "Ce": "139", "Pr": "34.1", "Nd": "122", "Tb": "0.004", "Dy": "25.8"},
)  # fmt: skip

People = Mapping[tuple[str, Role], User]


def at_work(
    organisations: Mapping[str, Organisation],
    people: People,
    methods: Mapping[tuple[str, str], Method],
    equipment: Mapping[str, Equipment],
) -> None:
    """Let the laboratory work: what is asked for, portions, two runs, results half typed, a failure looked into."""
    laboratory, method = organisations[LABORATORY], methods[LABORATORY, TRACE_CODE]
    technician = people[LABORATORY, Role.TECHNICIAN]
    bench = portions.set_up(laboratory, technician, people[LABORATORY, Role.MANAGER], equipment)
    now = timezone.now()
    portions.old_ones(_bags(OLD, 4), bench, now - timedelta(days=25))
    fresh = _bags(FRESH)
    ask(people["IREL", Role.MANAGER], method, fresh)
    pulps = [pulp for _, pulp in portions.prepared(fresh[:TAKEN_UP], bench, now - timedelta(days=5))]
    portions.weigh(fresh[0], technician, now - timedelta(days=4))
    build = partial(
        building.build_run,
        actor=technician,
        laboratory=laboratory,
        method=method,
        instrument=equipment["ICP-7"],
    )
    begun = build(portions=pulps[:BEGUN], seed=7)
    _begin(technician, begun, pulps[:BEGUN])
    build(portions=pulps[BEGUN:], seed=11, highest=pulps[BEGUN + 1])
    type_some(technician, begun)
    look_into(people["ODISHA", Role.TECHNICIAN])


def _bags(campaign: str, most: int | None = None) -> list[Sample]:
    rows = Sample.objects.filter(batch__campaign=campaign, state=SampleState.REGISTERED)
    return list(rows.select_related("tag", "batch").order_by("tag__code")[:most])


def ask(manager: User, method: Method, fresh: Sequence[Sample]) -> None:
    """Ask for two batches: of one a sample is still missing on the day it is due, since the laboratory has a question."""
    today = timezone.localdate()
    late = _bags(ASKED)
    runs.request_analysis(
        actor=manager,
        batch=Batch.objects.get(campaign=ASKED),
        method=method,
        samples=late,
        agreed_rule="Results beyond 500 ppm Dy are analysed again. Reported as elements, in ppm.",
        due_on=today,
    )
    runs.request_analysis(
        actor=manager,
        batch=Batch.objects.get(campaign=FRESH),
        method=method,
        samples=fresh,
        agreed_rule="One coarse and one pulp duplicate in each run. Reported as elements, in ppm.",
        due_on=today + timedelta(days=6),
        hold_until=today + timedelta(days=60),
        dispose_after=today + timedelta(days=90),
    )


def _begin(technician: User, run: Run, pulps: Sequence[Portion]) -> None:
    rack = rack_of(run)
    why = "The coarse rejects of this job come with the next run (invented)." if rack.short else ""
    building.begin_run(actor=technician, run=run, version=rack.version, reason=why)
    for pulp in pulps:
        use_portion(actor=technician, portion=pulp, mass_g=Decimal("0.1004"), reason=f"Weighed in for {run}")


def type_some(technician: User, run: Run) -> None:
    """Begin to type a run's results: a draft that anybody of the bench goes on with."""
    grid = entry.open_grid(actor=technician, run=run)
    places = {column["oxide"] or column["analyte"]: at for at, column in enumerate(grid.columns)}
    samples = [item for item in ordered_items(run) if item.kind == "SAMPLE"]
    cells = [
        Typed(item.pk, places[name], text)
        for item, texts in zip(samples, TYPED, strict=False)
        for name, text in texts.items()
    ]
    entry.save_cells(actor=technician, grid=grid, cells=cells)


def look_into(technician: User) -> None:
    """Let a technician begin to look into the reference material that failed."""
    open_investigation(
        actor=technician,
        run=Run.objects.get(number=FAILED),
        analyte="Dy",
        method_code=TRACE_CODE,
        finding="RE-101 reads 10 % high in both positions, Dy and Tb alike. Calibration standard 3 was new (invented).",
    )
