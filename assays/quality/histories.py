"""Bringing in QC results of the past as a history: kept once, for charts and bias; it decides about no run."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from typing import Any, Final, cast

from django.db import connection

from assays.catalogue.models import ReferenceMaterial
from assays.catalogue.queries import lots_by_key
from assays.catalogue.rules import label_key, lot_on
from assays.quality import permissions  # noqa: F401  # permissions register by name
from assays.quality.models import QcHistory, QcHistoryResult
from assays.quality.past import PastFile, read_past
from lims.accounts.models import Organisation, User
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb

LARGEST_BYTES: Final = 32 * 1024 * 1024
_COLUMNS: Final = (
    "history_id",
    "position",
    "code",
    "material_id",
    "analyte",
    "oxide",
    "method_code",
    "batch_name",
    "label",
    "measured_on",
    "value_ppm",
    "certified_ppm",
    "sd_ppm",
)


@verb
def import_history(
    *,
    actor: Actor,
    kept_by: Organisation,
    laboratory: Organisation,
    file_name: str,
    content: bytes,
    analyte: str,
) -> tuple[QcHistory, PastFile]:
    """Keep the results of reference materials in a file, in the order of date, batch name and sample id.

    Returns the history and what was read, with the rows left out. Raises `NotPermitted`, `Conflict`
    ("qc-history-file-once"), `Invalid` ("file-too-large", and as `past.read_past`).
    """
    permit(actor, "quality.keep_history", kept_by)
    if len(content) > LARGEST_BYTES:
        raise invalid("file-too-large", "The file has more than 32 MB.", "Split it.", field="file")
    # Twice the same file, for another element, is another history.
    digest = sha256(f"{analyte}\n".encode() + content).hexdigest()
    Organisation.objects.select_for_update(no_key=True).get(pk=kept_by.pk)
    if QcHistory.objects.filter(kept_by=kept_by, sha256=digest).exists():
        raise conflict("qc-history-file-once", "This file was imported before.", "Look at its charts.")
    found = read_past(content, analyte)
    history = QcHistory.objects.create(
        kept_by=kept_by,
        laboratory=laboratory,
        file_name=file_name[:200],
        sha256=digest,
        rows=len(found.results),
        imported_by=actor if isinstance(actor, User) else None,
    )
    # Asked for before the COPY begins: a connection in the middle of one answers no question.
    library = lots_by_key()
    _copy(_lines(history, found, library))
    return history, found


def _lines(
    history: QcHistory, found: PastFile, library: Mapping[str, Sequence[ReferenceMaterial]]
) -> Iterable[tuple[Any, ...]]:
    for position, one in enumerate(found.results, 1):
        lot = lot_on(library.get(label_key(one.code), ()), one.on)
        yield (
            history.pk,
            position,
            one.code,
            None if lot is None else lot.pk,
            one.analyte,
            "",
            one.method,
            one.batch,
            one.label,
            one.on,
            one.value_ppm,
            one.certified_ppm,
            one.sd_ppm,
        )


def _copy(lines: Iterable[tuple[Any, ...]]) -> None:
    """Bring results into their table by COPY: a history has thousands."""
    names = ", ".join(f'"{name}"' for name in _COLUMNS)
    with connection.cursor() as cursor:
        raw = cast("Any", cursor).cursor  # psycopg's own, which can COPY
        with raw.copy(f"COPY {QcHistoryResult._meta.db_table} ({names}) FROM STDIN") as copy:
            for line in lines:
                copy.write_row(line)
