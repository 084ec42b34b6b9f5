"""Files under several rows of headings: SGS, job types A and B, Actlabs and the like. Invented; each has something to find."""

from typing import Final

from assays.demonstration.rocks import TRACES
from assays.demonstration.trying.job import (
    BLANK,
    CLIENT,
    FEW,
    MATERIAL,
    METHOD,
    Job,
    again,
    as_csv,
    limits,
    material_cells,
    of,
)

#: how much too high the reference material is read where QC is to fail
TOO_HIGH: Final = 1.12
#: by which dysprosium is told a second time, with a lower limit
SECOND: Final = "ICM-20"


def sgs(job: Job) -> bytes:
    """Return a job with types of rows; its reference material reads dysprosium and terbium 12 % too high."""
    rows = job.rows()
    high = [material_cells(MATERIAL, times=TOO_HIGH, seed=str(n)) for n in range(2)]
    lines = [
        ["COA", job.number],
        ["CLIENT", CLIENT],
        ["# OF SAMPLES", str(len(rows))],
        ["DATE RECEIVED", job.received_on.isoformat()],
        ["DATE FINALIZED", job.today.isoformat()],
        [],
        ["METHOD", "", *(METHOD for _ in TRACES)],
        ["SAMPLE", "Type", *TRACES],
        ["DESCRIPTION", "", *("ppm" for _ in TRACES)],
        ["LD", "", *limits(TRACES)],
        [BLANK, "BLANK", *of(material_cells(BLANK))],
        [MATERIAL, "STD", *of(high[0])],
        *([label, "SMP", *of(cells)] for label, cells in rows),
        [rows[0][0], "DUP", *of(again(rows[0][1], "twin"))],
        [MATERIAL, "STD", *of(high[1])],
    ]
    return as_csv(lines)


def job_a(job: Job) -> bytes:
    """Return an interim report: it decides provisionally; dysprosium of one sample lies over the range."""
    rows = job.rows()
    rows[1][1]["Dy"] = ">100"
    lines = [
        ["LabjobNo", job.number],
        ["DespatchNo", "D-0031 (invented)"],
        ["Client", CLIENT],
        ["No of Samples", str(len(rows) + 2)],
        ["Date Received", f"{job.received_on:%d-%b-%Y}"],
        ["Date Reported", f"{job.today:%d-%b-%Y}"],
        ["Status", "Interim"],
        [],
        ["METHOD", *(METHOD for _ in FEW)],
        ["SAMPLE", *FEW],
        ["DESCRIPTION", *("PPM" for _ in FEW)],
        ["MIN DETECTION", *limits(FEW)],
        ["MAX DETECTION", *("100" if name in {"Dy", "Tb"} else "5000" for name in FEW)],
        *([label, *of(cells, FEW)] for label, cells in rows),
        [MATERIAL, *of(material_cells(MATERIAL), FEW)],
        [BLANK, *of(material_cells(BLANK), FEW)],
    ]
    return as_csv(lines)


def job_b(job: Job) -> bytes:
    """Return elements below each other, dysprosium by two methods; of one sample the second says a thousand times more."""
    rows = job.rows()
    labels = [label for label, _ in rows]
    second = [cells["Dy"] for _, cells in rows]
    second[2] = str(int(float(second[2]) * 1000))
    lines = [
        ["Job Number", job.number],
        ["Client", CLIENT],
        ["No of Samples", str(len(rows))],
        ["Date Received", job.received_on.isoformat()],
        ["Date Reported", job.today.isoformat()],
        [],
        ["ELEMENT", "Method", "Units", "Det. Lim", "Upper Lim", *labels],
        *(
            [name, METHOD, "ppm", low, "", *(cells[name] for _, cells in rows)]
            for name, low in zip(FEW, limits(FEW), strict=True)
        ),
        ["Dy", SECOND, "ppm", "0.01", "", *second],
    ]
    return as_csv(lines)


def actlabs(job: Job) -> bytes:
    """Return a report with what a cell may say but a number: not asked for, too little of it, interference, nothing."""
    rows = job.rows()
    rows[0][1].update({"Th": ""})
    rows[1][1].update({"Sm": "NSS", "Gd": "NSS"})
    rows[2][1].update({"Tb": "Interference"})
    rows[3][1].update({"Y": "LNR", "Th": "<0.05"})
    lines = [
        [f"Analyses for {CLIENT}"],
        ["Report Number:", job.number],
        ["Report Date:", job.today.isoformat()],
        ["Received Date:", job.received_on.isoformat()],
        ["Number of Samples:", str(len(rows))],
        [],
        ["Analyte Symbol", *FEW],
        ["Unit Symbol", *("ppm" for _ in FEW)],
        ["Detection Limit", *limits(FEW)],
        ["Analysis Method", *(METHOD for _ in FEW)],
        *([label, *of(cells, FEW)] for label, cells in rows),
    ]
    return as_csv(lines)
