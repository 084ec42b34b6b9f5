"""How fast a certificate is read, against the bare limit: csv.reader over the same text, cells not even looked at.

    make bench NAME=certificates

Prints one JSON object: cells, seconds and cells per second of both, their ratio, and what a determination costs in memory.
"""

import csv
import io
import json
import os
import random
import sys
import time
import tracemalloc
from collections.abc import Callable
from datetime import date
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from assays.certificates.reading import read
from assays.certificates.writing import WrittenColumn, als_csv

ROWS = int(os.environ.get("ROWS", "5000"))
TIMES = int(os.environ.get("TIMES", "3"))
TRACES = "Ba Ce Cr Cs Dy Er Eu Ga Gd Hf Ho La Lu Nb Nd Pr Rb Sc Sm Sn Sr Ta Tb Th Tm U V W Y Yb Zr".split()  # noqa: SIM905
OXIDES = ["SiO2", "Al2O3", "Fe2O3", "CaO", "MgO", "Na2O", "K2O", "TiO2", "MnO", "P2O5"]


def certificate(rows: int) -> bytes:
    """Return a certificate of as many samples, with values of three or four figures and one in fifty below detection."""
    chance = random.Random(1)  # noqa: S311  # nothing is hidden by it
    columns = [
        *(WrittenColumn("ME-MS81", symbol, "ppm") for symbol in TRACES),
        *(WrittenColumn("ME-ICP06", symbol, "%") for symbol in OXIDES),
        WrittenColumn("OA-GRA05", "LOI", "%"),
    ]

    def cell() -> str:
        number = chance.lognormvariate(2, 1)
        return "<0.05" if chance.random() < 0.02 else f" {number:.{2 if number < 10 else 1}f}"

    return als_csv(
        number="XX26000005",
        client="Bench",
        columns=columns,
        rows=[(f"S{number:06d}", [cell() for _ in columns]) for number in range(rows)],
        received_on=date(2026, 2, 1),
        finalized_on=date(2026, 2, 9),
    )


def fastest(of: Callable[[], object]) -> float:
    """Return the seconds of the fastest of several runs."""
    seconds = []
    for _ in range(TIMES):
        begun = time.perf_counter()
        of()
        seconds.append(time.perf_counter() - begun)
    return min(seconds)


def main() -> None:
    content = certificate(ROWS)
    cells = len(read(content).determinations)
    ours = fastest(lambda: read(content))
    bare = fastest(lambda: list(csv.reader(io.StringIO(content.decode(), newline=""))))
    tracemalloc.start()
    kept = read(content)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(
        json.dumps(
            {
                "name": "certificates",
                "rows": len(kept.rows),
                "cells": cells,
                "bytes": len(content),
                "seconds": round(ours, 4),
                "cells_per_s": round(cells / ours),
                "bare_seconds": round(bare, 4),
                "bare_cells_per_s": round(cells / bare),
                "ratio_to_bare_reader": round(ours / bare, 1),
                "peak_bytes_per_cell": round(peak / cells),
            }
        )
    )


main()
