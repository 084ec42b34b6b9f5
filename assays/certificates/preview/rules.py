"""When a suggestion is sure, and in what a row of values differs from its file. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np

from assays.chemistry.normalisation import normalised

#: elements that a row and its file must share before one of them can stand out
LEAST_SHARED: Final = 4
#: how far an element may lie from where the rest of its row lies, in times
APART: Final = 3.0
#: what is near enough to a thousand times
THOUSAND: Final = (400.0, 2500.0)


def folded(text: str) -> str:
    """Return a label without case, blanks and what stands between its parts.

    >>> folded(" kc-000123_J ")
    'KC000123J'
    """
    return re.sub(r"[\s_./‐-―-]+", "", text).upper()


def sure(label: str, suggestions: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """Return the one suggestion that can be meant: the same signs, or a tag without its check character; or None.

    A sign that differs is never sure, however near: two samples of a batch differ by one sign as well.

    >>> sure("KC 000123", [{"kind": "SAMPLE", "label": "KC-000123-J"}])["label"]
    'KC-000123-J'
    >>> sure("KC-000124-J", [{"kind": "SAMPLE", "label": "KC-000123-J"}]) is None
    True
    """
    text = folded(label)
    if len(text) < LEAST_SHARED:
        return None
    found = [one for one in suggestions if _same(text, folded(str(one["label"])), str(one["kind"]))]
    return found[0] if len(found) == 1 else None


def _same(text: str, suggested: str, kind: str) -> bool:
    if text == suggested:
        return True
    # A tag is two letters, six digits and a check character: without the last it still names one sample.
    return kind == "SAMPLE" and re.fullmatch(r"[A-Z]{2}\d{6}", text) is not None and suggested[:-1] == text


def standing_out(ppm: Mapping[str, float], median: Mapping[str, float]) -> dict[str, float]:
    """Return by element how many times it lies above (below: under 1) where its row lies against the file's median.

    >>> median = {"La": 10.0, "Ce": 20.0, "Nd": 8.0, "Dy": 1.0, "Yb": 0.5}
    >>> standing_out({"La": 20.0, "Ce": 40.0, "Nd": 16000.0, "Dy": 2.0, "Yb": 1.0}, median)
    {'Nd': 1000.0}
    """
    row, usual = normalised(ppm), normalised(median)
    shared = [element for element in row if element in usual]
    if len(shared) < LEAST_SHARED:
        return {}
    ratios = {element: row[element] / usual[element] for element in shared}
    level = float(np.median(list(ratios.values())))
    times = {element: float(f"{ratio / level:.3g}") for element, ratio in ratios.items()}
    return {element: by for element, by in times.items() if not 1 / APART <= by <= APART}


def explained(ppm: Mapping[str, float], median: Mapping[str, float]) -> list[str]:
    """Return in a sentence each what of a row's rare earths does not lie as the rest of it.

    >>> explained({"La": 1, "Ce": 2, "Nd": 0.0008, "Dy": 0.1}, {"La": 10, "Ce": 20, "Nd": 8, "Dy": 1})
    ['Nd is 1000 times less than the rest of the row leads one to expect: a slip of unit (% and ppm differ by 10 000, ppm and ppb by 1000) or of a column.']
    """
    found = []
    for element, by in standing_out(ppm, median).items():
        times, way = (by, "more") if by > 1 else (1 / by, "less")
        slip = (
            ": a slip of unit (% and ppm differ by 10 000, ppm and ppb by 1000) or of a column."
            if THOUSAND[0] <= times <= THOUSAND[1] * 10
            else ": compare its column with the file."
        )
        said = f"{times:.0f}" if times >= THOUSAND[0] else f"{times:.3g}"
        found.append(f"{element} is {said} times {way} than the rest of the row leads one to expect{slip}")
    return found
