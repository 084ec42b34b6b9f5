"""A value and what its neighbours say of it (a mark of below detection, a sign of its own) as one cell. Pure."""

import re
from typing import Final

from assays.certificates.reading.model import Profile

#: what a column of marks says; anything else is not guessed
YES: Final = frozenset({"1", "1.0", "y", "yes", "true", "t", "x", "<", "bdl", "below"})
NO: Final = frozenset({"", "0", "0.0", "n", "no", "false", "f", "=", "none"})
#: what a column of signs says; "U" is the mark of environmental laboratories for what was not detected
BELOW_SIGNS: Final = frozenset({"<", "lt", "u", "bdl", "below", "belowdetection", "below detection"})
OVER_SIGNS: Final = frozenset({">", "gt", "over", "over range", "overrange"})
NO_SIGNS: Final = frozenset({"", "=", "none"})
_ZERO: Final = re.compile(r"0*(?:[.,]0*)?")


def signed(value: str, *, flag: str, sign: str, limit: str, profile: Profile) -> str:
    """Return the value as a cell would have it that says all by itself.

    A value marked as below detection is the limit; one that is empty or zero takes it from the column of limits. A mark
    that is not known stays before the value, which then is not understood, instead of being taken for a plain one.

    >>> signed("0.05", flag="1", sign="", limit="", profile=Profile())
    '<0.05'
    >>> signed("0", flag="", sign="<", limit="0.1", profile=Profile())
    '<0.1'
    >>> signed("8.2", flag="", sign="~", limit="", profile=Profile())
    '~: 8.2'
    """
    flag, key = flag.strip().casefold(), sign.strip().casefold()
    below = flag in YES or key in BELOW_SIGNS or (bool(key) and key in profile.below)
    over = key in OVER_SIGNS
    unknown = flag if flag not in YES | NO else key if not (below or over) and key not in NO_SIGNS else ""
    if unknown or (below and over):
        return f"{flag or key}: {value}"
    mark = "<" if below else ">" if over else ""
    if not mark or value.startswith(mark) or value.casefold() in profile.below:
        return value
    if value.startswith(("<", ">")):
        return f"{key or flag}: {value}"  # it says two things
    if below and value.startswith("-") and profile.leading_minus_below:
        return value
    if below and limit and _ZERO.fullmatch(value):
        value = limit
    return f"{mark}{value.lstrip('<') if below else value}"
