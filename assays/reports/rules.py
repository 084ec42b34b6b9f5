"""Words, colours and codes of reports: the same on screen, on paper and in spreadsheets. Pure."""

import hashlib
from collections.abc import Mapping
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from stdnum.iso7064 import mod_37_36

#: outcome → word, sign, colour (Okabe and Ito, Color Universal Design, 2008: safe for colour-blind readers)
OUTCOMES: Final[Mapping[str, tuple[str, str, str]]] = {
    "FLAGGED": ("Flagged", "▲", "#009e73"),
    "NOT_FLAGGED": ("Not flagged", "▽", "#a9aeb1"),
    "INCONCLUSIVE": ("Inconclusive", "?", "#56b4e9"),
    "BLOCKED_QC": ("Blocked: QC", "■", "#d55e00"),
    "BLOCKED_DATA": ("Blocked: data", "■", "#d55e00"),
}
#: a report says the same to every reader: its days and times are those of its owners
ZONE: Final = ZoneInfo("Asia/Kolkata")
_SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_SUFFIX: Final = 8


class Stage(StrEnum):
    """How far a sample has come: the furthest of these."""

    REGISTERED = "registered"
    IN_TRANSIT = "in-transit"
    RECEIVED = "received"
    ANALYSED = "analysed"
    REVIEWED = "reviewed"
    DECIDED = "decided"


STAGE_LABELS: Final[Mapping[Stage, str]] = {
    Stage.REGISTERED: "Registered",
    Stage.IN_TRANSIT: "In transit",
    Stage.RECEIVED: "Received",
    Stage.ANALYSED: "Analysed",
    Stage.REVIEWED: "Reviewed",
    Stage.DECIDED: "Decided",
}
#: from the clay to the decision
STAGE_COLOURS: Final[Mapping[Stage, str]] = {
    Stage.REGISTERED: "#c9b68a",
    Stage.IN_TRANSIT: "#e8b04a",
    Stage.RECEIVED: "#9cc3c9",
    Stage.ANALYSED: "#5d9ba5",
    Stage.REVIEWED: "#2a7482",
    Stage.DECIDED: "#0e3b43",
}
#: what a sample in a stage waits for
STAGE_WAITS: Final[Mapping[Stage, str]] = {
    Stage.REGISTERED: "at the mine or in store, not on the road yet",
    Stage.IN_TRANSIT: "on the road to a laboratory",
    Stage.RECEIVED: "in a laboratory, no result yet",
    Stage.ANALYSED: "reported, waiting for a second person",
    Stage.REVIEWED: "approved, waiting for a decision",
    Stage.DECIDED: "part of a decision",
}


def formula(oxide: str) -> str:
    """Return an oxide as it is written in print; names of sums stay as they are.

    >>> formula("Dy2O3"), formula("Tb4O7/TREO"), formula("TREO")
    ('Dy₂O₃', 'Tb₄O₇/TREO', 'TREO')
    """
    return oxide.translate(_SUBSCRIPTS)


def report_code(digest: str, number: int) -> str:
    """Return the code under which a paper copy is looked up: made from the decision's digest and its number in the batch.

    A change back brings a decision with the digest of an earlier one: the number tells them apart. Check character:
    ISO 7064 MOD 37,36, as on tags.

    >>> report_code("ab" * 32, 1)
    'GR-G4TR-2H2T-I'
    """
    number = int(hashlib.sha256(f"{digest} {number}".encode()).hexdigest(), 16)
    body = ""
    for _ in range(_SUFFIX):
        number, rest = divmod(number, 32)
        # Crockford's letters: none that is read as another one.
        body += "0123456789ABCDEFGHJKMNPQRSTVWXYZ"[rest]
    return f"GR-{body[:4]}-{body[4:]}-{mod_37_36.calc_check_digit(f'GR{body}')}"


def read_code(text: str) -> str:
    """Return a report's code as it is printed, from whatever spelling of it; empty for what is none.

    >>> read_code(" gr-g4tr 2h2ti "), read_code("GR-G4TR-2H2T-J"), read_code("KC-0001")
    ('GR-G4TR-2H2T-I', '', '')
    """
    body = "".join(text.upper().replace("-", " ").split())
    if len(body) != 2 + _SUFFIX + 1 or not body.startswith("GR") or not body.isascii() or not body.isalnum():
        return ""
    if not mod_37_36.is_valid(body):
        return ""
    return f"GR-{body[2:6]}-{body[6:10]}-{body[10]}"


def age(days: float | None) -> str:
    """Return an age in a few words; an en dash when there is none.

    >>> age(0.02), age(0.6), age(12.4), age(None)
    ('29 min', '14 h', '12 days', '–')
    """
    if days is None:
        return "–"
    minutes = max(round(days * 1440), 0)
    if minutes < 1:
        return "under 1 min"
    if minutes < 60:
        return f"{minutes} min"
    if minutes < 2880:
        return f"{minutes // 60} h"
    return f"{round(days)} days"
