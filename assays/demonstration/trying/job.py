"""What a file to try is made of: samples by their labels, and what a laboratory would read in them. Invented."""

import csv
import io
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from assays.demonstration import rocks
from assays.demonstration.catalogue import TRACE_CODE, contents_of
from assays.demonstration.rocks import LIMITS, TRACES

METHOD: Final = TRACE_CODE
CLIENT: Final = "Invented Client"
MATERIAL, BLANK = "RE-101", "LIME-1"
RICHNESS: Final = 1.15
#: what a file with few columns reports
FEW: Final = ("La", "Ce", "Pr", "Nd", "Sm", "Gd", "Tb", "Dy", "Y", "Th")

Cells = dict[str, str]


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a laboratory: its number, the labels of its samples, and the day on which it is reported."""

    number: str
    labels: Sequence[str]
    today: date

    @property
    def received_on(self) -> date:
        """Return the day on which the samples arrived."""
        return self.today - timedelta(days=6)

    def rows(self) -> list[tuple[str, Cells]]:
        """Return each sample with the text of its cells; one sample reads the same in every file."""
        return [(label, sample_cells(label)) for label in self.labels]


def as_csv(lines: Iterable[Sequence[str]], *, delimiter: str = ",") -> bytes:
    """Return lines as a file."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(lines)
    return out.getvalue().encode()


def sample_cells(label: str) -> Cells:
    """Return what is read in a sample, by symbol: the same label always gives the same.

    >>> sample_cells("KC0000019") == sample_cells("KC0000019")
    True
    """
    dice = random.Random(label)  # noqa: S311  # invented numbers, no secret
    contents = rocks.site("ION_ADSORPTION_CLAY", RICHNESS, dice, spread=0.15)
    return {name: rocks.measured(contents, name, dice) for name in LIMITS}


def material_cells(code: str, *, times: float = 1.0, seed: str = "") -> Cells:
    """Return what is read in a reference material or blank; dysprosium and terbium `times` as much as they are."""
    dice = random.Random(f"{code} {seed}")  # noqa: S311  # as above
    known = contents_of(code)
    contents = {name: value * (times if name in {"Dy", "Tb"} else 1) for name, value in known.items()}
    return {name: rocks.measured(contents, name, dice, noise=0.006) for name in LIMITS}


def again(cells: Cells, seed: str) -> Cells:
    """Return what a duplicate reads: a per cent or so beside its parent."""
    dice = random.Random(seed)  # noqa: S311  # as above
    told = {}
    for name, text in cells.items():
        number = text.removeprefix("<")
        places = len(number.partition(".")[2])
        told[name] = text if text != number else f"{float(number) * dice.gauss(1, 0.012):.{places}f}"
    return told


def limits(names: Sequence[str]) -> list[str]:
    """Return the limits of detection of columns, as they are written."""
    return [f"{LIMITS[name]:g}" for name in names]


def of(cells: Cells, names: Sequence[str] = TRACES) -> list[str]:
    """Return the texts of some cells, in order."""
    return [cells[name] for name in names]
