"""Which files there are to try, in which order, what each shows, and how it is made for the person who asks."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import rules
from django.utils import timezone

from assays.demonstration.analyses import Analysis, certificate
from assays.demonstration.bench import ASKED, FRESH
from assays.demonstration.catalogue import MATERIALS
from assays.demonstration.loading import JOURNEYS
from assays.demonstration.teaching import NAME, screening
from assays.demonstration.trying import headed, ours, plain
from assays.demonstration.trying.job import Job, again, material_cells, sample_cells
from assays.runs.building.queries import ordered_items
from assays.runs.models import Run
from assays.runs.rules import ItemKind, RunState
from lims.accounts.models import User
from samples.registry.models import Sample
from samples.registry.rules import SampleState

CSV: Final = "text/csv; charset=utf-8"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Example:
    """A file to try: its key in addresses, its layout as the preview calls it, its ending, and what it shows."""

    key: str
    layout: str
    number: str
    shows: str
    make: Callable[[Job], bytes]
    ending: str = "csv"

    @property
    def file_name(self) -> str:
        """Return the name under which it is kept."""
        return f"{self.number} {self.key}.{self.ending}"

    @property
    def mime(self) -> str:
        """Return what kind of file it is."""
        return XLSX if self.ending == "xlsx" else CSV


def als(job: Job) -> bytes:
    """Return a job of ALS's layout in which nothing is wrong, with its QC in rack order."""
    known = list(Sample.objects.filter(tag__code__in=job.labels).select_related("tag").order_by("tag__code"))
    return certificate(known, "ION_ADSORPTION_CLAY", Analysis(job.number, 1.2, "RE-101"))


#: what is made of the bags that wait at the bench
OF_BAGS: Final = (
    Example("als", "ALS CSV", "DAL26-0461", "Nothing is wrong: commit it. Its two reference materials and blanks are in order.", als),
    Example("sgs", "SGS", "DAL26-0462", "Rows say what they are: SMP, DUP, STD, BLANK. Say who issued it. RE-101 reads Dy and Tb 12 % too high: after the commit QC fails.", headed.sgs),
    Example("job-a", "Job type A", "DAL26-0463", "An interim report: what is decided on it is provisional. Dy of one sample is over the range.", headed.job_a),
    Example("job-b", "Job type B", "DAL26-0464", "Dy by two methods, both are kept. One value of the second is a thousand times too high, and its method is not in the catalogue.", headed.job_b),
    Example("actlabs", "Actlabs", "DAL26-0465", "Cells that are no numbers: NSS, LNR, Interference, below a limit, and an empty one, which is never zero.", headed.actlabs),
    Example("plain-wide", "Plain table", "DAL26-0466", "Nd of one sample is in ppb, not in ppm: its pattern is not smooth.", plain.wide),
    Example("long", "One value a row", "DAL26-0467", "Dy and Dy₂O₃ of one sample differ by ten times: a form or a unit is mixed up.", plain.long),
    Example("transposed", "Elements in rows", "DAL26-0468", "One label has the letter O for a nought, and one label stands there twice.", plain.transposed),
    Example("template", "Our template, CSV", "DAL26-0469", "It says that one sample more is in it than there is: ask for it again, or accept it when you commit.", ours.template_csv),
    Example("template-sheet", "Our template, XLSX", "DAL26-0470", "The same as a spreadsheet, as a laboratory would send it.", ours.template_xlsx, "xlsx"),
    Example("instrument", "ICP-MS sequence", "DAL26-0471", "Contents of solutions, made ppm by weight and volume. One tube was rejected, of another the weight is missing.", ours.instrument),
    Example("screening", "Taught here", "second-day", f"Headings that no layout knows, and that were taught as “{NAME}”: it is read at once.", lambda job: screening(job.labels, "second day")),
)  # fmt: skip
#: the certificate of a batch that waits for review, anew
REISSUE: Final = Example(
    "reissue",
    "ALS CSV",
    "DAL26-0437",
    "A corrected copy of a job that waits for review: it supersedes the first, which stays; the run is reviewed again.",
    als,
)
RESULTS: Final = Example(
    "results",
    "Plain table",
    "",
    "Results of the run that waits for them, under its codes: CRM, blank and duplicates are in order.",
    als,
)
FAILING: Final = replace(
    RESULTS, key="results-failing", shows="The same, but the reference material reads Dy and Tb 12 % too high: three ways on."
)  # fmt: skip


def bags_of(user: User) -> list[str]:
    """Return the tags of the bags at the bench that the person may see; one query."""
    rows = Sample.objects.visible_to(user).filter(batch__campaign=FRESH, state=SampleState.REGISTERED)
    return list(rows.order_by("tag__code").values_list("tag__code", flat=True))


def waiting_run(user: User) -> Run | None:
    """Return the newest run that was built here and waits for results, if the person may see one; one query."""
    rows = (
        Run.objects.visible_to(user)
        .filter(state=RunState.OPEN, built_by__isnull=False)
        .select_related("method")
    )
    return rows.order_by("-id").first()


def examples_for(user: User) -> list[Example]:
    """Return the files that can be made for a person who brings certificates in, of what they may see."""
    if not rules.has_perm("certificates.log", user):
        return []
    found = list(OF_BAGS) if bags_of(user) else []
    run = waiting_run(user)
    if run is not None:
        found = [replace(one, number=run.number) for one in (RESULTS, FAILING)] + found
    if found and _reissued(user):
        found.append(REISSUE)
    return found


def content_for(user: User, key: str) -> tuple[Example, bytes] | None:
    """Return a file to try with its content; None where there is none for this person."""
    example = next((one for one in examples_for(user) if one.key == key), None)
    if example is None:
        return None
    if example.key == REISSUE.key:
        return example, corrected_copy(_reissued(user))
    run = waiting_run(user) if example.key in {RESULTS.key, FAILING.key} else None
    if run is not None:
        return example, results_of(run, times=headed.TOO_HIGH if key == FAILING.key else 1.0)
    return example, example.make(Job(example.number, bags_of(user), timezone.localdate()))


def _reissued(user: User) -> list[Sample]:
    rows = Sample.objects.visible_to(user).filter(run_items__run__number=REISSUE.number).distinct()
    return list(rows.select_related("tag").order_by("tag__code"))


def corrected_copy(samples: Sequence[Sample]) -> bytes:
    """Return the certificate of a job once more, with other numbers and the word that says so."""
    job = JOURNEYS[ASKED][1].job
    assert job is not None
    remark = "Corrected copy: dilution of rack 1 corrected (invented)"
    return certificate(samples, "ION_ADSORPTION_CLAY", replace(job, richness=1.24, comments=remark))


def results_of(run: Run, *, times: float = 1.0) -> bytes:
    """Return what an instrument found in a run's positions, under their codes; `times` what is certified of Dy and Tb."""
    rows = []
    for item in ordered_items(run):
        if item.kind in {ItemKind.CRM, ItemKind.BLANK}:
            assert item.material is not None
            # What somebody added since is read as the blank: nothing is known of it here.
            known = item.material.code if item.material.code in MATERIALS else "LIME-1"
            off = times if item.kind == ItemKind.CRM else 1.0
            cells = material_cells(known, times=off, seed=item.label)
        else:
            assert item.sample is not None
            cells = sample_cells(item.sample.tag.code)
            cells = again(cells, item.label) if item.kind == ItemKind.DUPLICATE else cells
        rows.append((item.label, cells))
    assert run.method is not None
    return ours.by_codes(run.number, rows, run.method.code)
