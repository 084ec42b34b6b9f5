"""A list of samples as CSV: what its reader sees on the screen, all of it, and nothing that could become a formula."""

import csv
import io
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Final
from uuid import UUID

from django.db.models import QuerySet

from lims.accounts.models import User
from samples.registry.models import Sample
from samples.registry.plans.queries import outside_of
from samples.registry.queries import seen_samples
from samples.registry.seen import SeenSample
from samples.registry.sight import Sight
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
    "outside_plan",
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
    # Each batch's plan is asked for once, however many samples it has.
    outside = cache(outside_of)
    for sample in samples.iterator(chunk_size=CHUNK):
        chunk.append(sample)
        if len(chunk) == CHUNK:
            yield from _written(seen_samples(user, chunk), outside)
            chunk = []
    yield from _written(seen_samples(user, chunk), outside)


def _written(samples: Iterable[SeenSample], outside: Callable[[UUID], frozenset[UUID]]) -> Iterator[bytes]:
    for sample in samples:
        yield _line(_text(_cell(sample, name, outside)) for name in COLUMNS)


def _cell(sample: SeenSample, name: str, outside: Callable[[UUID], frozenset[UUID]]) -> Any:
    if name != "outside_plan":
        return getattr(sample, name)
    # A laboratory is not told of the plan: it names the sites.
    return sample.id in outside(sample.batch_id) if sample.sight > Sight.BLIND else None


def _line(cells: Iterable[str]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerow(cells)
    return text.getvalue().encode()
