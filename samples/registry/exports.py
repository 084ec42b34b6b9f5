"""A list of samples as CSV: what its reader sees on the screen, all of it, and nothing that could become a formula."""

import csv
import io
from collections.abc import Iterable, Iterator
from typing import Any, Final

from django.db.models import QuerySet

from lims.accounts.models import User
from samples.registry.models import Sample
from samples.registry.queries import seen_samples
from samples.registry.seen import SeenSample
from samples.registry.writers import safe

COLUMNS: Final = (
    "tag",
    "batch",
    "material_type",
    "mass_g",
    "state",
    "held",
    "field_number",
    "laboratory_number",
    "mine",
    "collected_at",
    "collector",
    "latitude",
    "longitude",
    "place_rounded",
    "accuracy_m",
    "depth_m",
    "site",
    "registered_at",
    "note",
)
CHUNK: Final = 500


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(value)
    return safe(value.isoformat() if hasattr(value, "isoformat") else str(value))


def lines(user: User, samples: QuerySet[Sample]) -> Iterator[bytes]:
    """Yield the CSV (UTF-8 with a byte order mark) line by line, reading 500 samples at a time."""
    yield "\ufeff".encode() + _line(COLUMNS)
    chunk: list[Sample] = []
    for sample in samples.iterator(chunk_size=CHUNK):
        chunk.append(sample)
        if len(chunk) == CHUNK:
            yield from _written(seen_samples(user, chunk))
            chunk = []
    yield from _written(seen_samples(user, chunk))


def _written(samples: Iterable[SeenSample]) -> Iterator[bytes]:
    for sample in samples:
        yield _line(_text(getattr(sample, name)) for name in COLUMNS)


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
