"""Invented certificates of batches, written in ALS's layout and brought in by the verbs, as a technician would."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from assays.certificates import services
from assays.certificates.models import Upload
from assays.certificates.rules import UploadState
from assays.certificates.writing import WrittenColumn, als_csv
from assays.demonstration import rocks
from assays.demonstration.catalogue import IGNITION_CODE, MAJOR_CODE, TRACE_CODE, contents_of
from assays.demonstration.due import do_due
from lims.accounts.models import Organisation, User
from samples.registry.models import Sample


@dataclass(frozen=True, slots=True)
class Analysis:
    """What an invented job finds: how rich the material is, what its QC says, and what the laboratory remarks."""

    number: str
    richness: float
    #: reference material near the thresholds
    material: str
    spread: float = 0.22
    #: how many certified standard deviations the reference material is read too high
    bias_sd: float = 0.0
    with_qc: bool = True
    comments: str = ""
    preliminary: bool = False
    thorium: float = 1.0


def columns() -> list[WrittenColumn]:
    """Return the columns that the demonstration's laboratories report."""
    return rocks.columns(TRACE_CODE, MAJOR_CODE, IGNITION_CODE)


def certificate(samples: Sequence[Sample], kind: str, job: Analysis) -> bytes:
    """Return the certificate of a job: its samples, with a reference material and a blank between them.

    The samples of one site are alike; the same job written twice says the same.
    """
    dice = random.Random(f"{job.number} {job.richness}")  # noqa: S311  # invented numbers, no secret
    sites: dict[str, dict[str, float]] = {}
    rows: list[tuple[str, list[str]]] = []
    for count, sample in enumerate(samples):
        if job.with_qc and count % 12 == 0:
            rows += qc_rows(job, dice)
        where = sample.site or str(sample.pk)
        if where not in sites:
            made = rocks.site(kind, job.richness, dice, spread=job.spread)
            sites[where] = made | {name: made[name] * job.thorium for name in ("Th", "U")}
        rows.append((sample.tag.code, rocks.row(sites[where], dice, noise=0.03)))
    if job.with_qc:
        rows += qc_rows(job, dice)
    day = timezone.now().date()
    return als_csv(
        number=job.number,
        client="Invented Client",
        columns=columns(),
        rows=rows,
        received_on=day - timedelta(days=9),
        finalized_on=day - timedelta(days=2),
        comments=job.comments,
        preliminary=job.preliminary,
    )


def qc_rows(job: Analysis, dice: random.Random) -> list[tuple[str, list[str]]]:
    """Return a reading of the reference material and one of the blank."""
    known = contents_of(job.material)
    high = {
        name: value * (1 + 0.025 * job.bias_sd) if name in {"Dy", "Tb"} else value
        for name, value in known.items()
    }
    blank = contents_of("LIME-1")
    return [
        (job.material, rocks.row(high, dice, noise=0.006)),
        ("LIME-1", rocks.row({name: max(value, 0.0) for name, value in blank.items()}, dice, noise=0.02)),
    ]


def leave_in_preview(technician: User, laboratory: Organisation, job: Analysis, content: bytes) -> None:
    """Upload a certificate as it comes from a hurried laboratory: two labels that nobody knows, and a word of its own."""
    lines = content.decode().split("\r\n")
    lines[-3] = lines[-3].replace("KC0000", "KC000O", 1)
    lines[-5] = "SHEET-2" + lines[-5][lines[-5].index(",") :]
    cells = lines[-7].split(",")
    cells[4], cells[9] = "NSS", "BDL"
    lines[-7] = ",".join(cells)
    upload = services.upload_certificate(
        actor=technician,
        kept_by=laboratory,
        name=f"{job.number}.csv",
        content="\r\n".join(lines).encode(),
    )
    do_due()
    services.describe_upload(
        actor=technician, upload=upload, laboratory=laboratory, number=job.number, purpose="RESULTS"
    )
    do_due()


def bring_in(technician: User, laboratory: Organisation, job: Analysis, content: bytes) -> Upload:
    """Upload a certificate, say who issued it, and commit it: all by the verbs."""
    upload = services.upload_certificate(
        actor=technician, kept_by=laboratory, name=f"{job.number}.csv", content=content
    )
    do_due()
    upload.refresh_from_db()
    if upload.state != UploadState.READ:
        raise RuntimeError(f"{job.number} was not read: {upload.problems}")
    services.describe_upload(
        actor=technician, upload=upload, laboratory=laboratory, number=job.number, purpose="RESULTS"
    )
    do_due()
    services.commit_upload(actor=technician, upload=upload)
    do_due()
    upload.refresh_from_db()
    if upload.state != UploadState.COMMITTED:
        raise RuntimeError(f"{job.number} was not committed: {upload.problems}")
    return upload
