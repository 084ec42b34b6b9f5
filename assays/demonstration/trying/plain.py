"""Files of one plain table: wide, long, transposed. Invented; each has something to find."""

from typing import Final

from assays.demonstration.trying.job import FEW, METHOD, Job, as_csv, limits, of

#: ppm of Dy to per cent of Dy2O3
DY2O3_PCT: Final = 1.1477 / 10_000


def wide(job: Job) -> bytes:
    """Return a spreadsheet's table; neodymium of one sample is a thousand times too high, in ppb and not in ppm."""
    rows = job.rows()
    rows[3][1]["Nd"] = str(int(float(rows[3][1]["Nd"]) * 1000))
    heads = ["Sample ID", "Remarks", *(f"{name}_ppm {METHOD}" for name in FEW)]
    return as_csv([heads, *([label, "", *of(cells, FEW)] for label, cells in rows)])


def long(job: Job) -> bytes:
    """Return one value a row, dysprosium as element and as oxide; of one sample the two differ by ten times."""
    heads = ["Sample", "Element", "Value", "Unit", "Method", "Detection limit", "Certificate"]
    lines = [heads]
    for count, (label, cells) in enumerate(job.rows()):
        for name, low in zip(FEW, limits(FEW), strict=True):
            lines.append([label, name, cells[name], "ppm", METHOD, low, job.number])
        percent = float(cells["Dy"]) * DY2O3_PCT * (10 if count == 2 else 1)
        lines.append([label, "Dy2O3", f"{percent:.5f}", "%", METHOD, "", job.number])
    return as_csv(lines, delimiter=";")


def transposed(job: Job) -> bytes:
    """Return elements in rows; one label has the letter O for the nought, and one stands there twice."""
    rows = job.rows()
    labels = [label for label, _ in rows]
    labels[1] = labels[1].replace("0", "O", 1)
    labels[4] = labels[3]
    lines = [
        [f"Job {job.number}"],
        [],
        ["Element", "Unit", "Method", "LOD", *labels],
        *(
            [name, "ppm", METHOD, low, *(cells[name] for _, cells in rows)]
            for name, low in zip(FEW, limits(FEW), strict=True)
        ),
    ]
    return as_csv(lines)
