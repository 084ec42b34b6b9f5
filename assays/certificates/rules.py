"""Words of certificates: where an upload is on its way from a file to the record. Pure."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

#: bounds on what may be uploaded (the issue "The main job"); more is refused by name
LARGEST_BYTES: Final = 25 * 1024 * 1024


class UploadState(StrEnum):
    """Where an uploaded certificate is."""

    WAITING = "WAITING"
    READ = "READ"
    REFUSED = "REFUSED"
    COMMITTING = "COMMITTING"
    COMMITTED = "COMMITTED"
    DISCARDED = "DISCARDED"


class Purpose(StrEnum):
    """What a certificate reports: results of samples, or the laboratory's own QC of a job, beside them."""

    RESULTS = "RESULTS"
    QC = "QC"


class Match(StrEnum):
    """What a row of an upload was found to be."""

    SAMPLE = "SAMPLE"
    DUPLICATE = "DUPLICATE"
    CRM = "CRM"
    BLANK = "BLANK"
    UNMATCHED = "UNMATCHED"
    REJECTED = "REJECTED"


UPLOAD_TRANSITIONS: Final[Mapping[UploadState, frozenset[UploadState]]] = {
    UploadState.WAITING: frozenset({UploadState.READ, UploadState.REFUSED, UploadState.DISCARDED}),
    # Another profile or method reads the same file anew.
    UploadState.READ: frozenset({UploadState.WAITING, UploadState.COMMITTING, UploadState.DISCARDED}),
    UploadState.REFUSED: frozenset({UploadState.WAITING, UploadState.DISCARDED}),
    # A commit that meets what has changed meanwhile goes back to the preview.
    UploadState.COMMITTING: frozenset({UploadState.COMMITTED, UploadState.READ}),
    UploadState.COMMITTED: frozenset(),
    UploadState.DISCARDED: frozenset(),
}
PURPOSE_LABELS: Final[Mapping[Purpose, str]] = {
    Purpose.RESULTS: "Results of samples",
    Purpose.QC: "The laboratory's own QC",
}
MATCH_LABELS: Final[Mapping[Match, str]] = {
    Match.SAMPLE: "Sample",
    Match.DUPLICATE: "Duplicate",
    Match.CRM: "Reference material",
    Match.BLANK: "Blank",
    Match.UNMATCHED: "Not matched",
    Match.REJECTED: "Left out",
}
#: rows that become items of a run
KEPT: Final = frozenset({Match.SAMPLE, Match.DUPLICATE, Match.CRM, Match.BLANK})
