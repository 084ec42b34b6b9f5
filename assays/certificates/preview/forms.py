"""What a person says of a file's columns, shaped into a layout; services decide."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from assays.certificates.reading.sheet import Sheet
from assays.chemistry.headings import read_heading

#: columns that a page asks about: a form has bounds; more columns than these are taught over the API
MOST_ASKED: Final = 200
#: rows of the file shown above the questions, and values shown of a column
ROWS_SHOWN, VALUES_SHOWN = 15, 3
#: how the column of labels is headed, mostly
_LABEL: Final = re.compile(r"sample|label|\btag\b|ident|(?:^|[ _])(?:id|no)$", re.IGNORECASE)
LEAVE, SAMPLE, KIND, VALUE = "", "sample", "kind", "value"
USES: Final = (
    (LEAVE, "Leave it"),
    (SAMPLE, "Label of the sample"),
    (KIND, "Kind of the row"),
    (VALUE, "Values"),
)


@dataclass(frozen=True, slots=True)
class Question:
    """One column of a file: its heading, some values, and what is said of it so far."""

    number: int
    heading: str
    examples: Sequence[str]
    use: str
    symbol: str
    unit: str
    method: str


def whole(text: str, default: int) -> int:
    """Return a whole number as typed; `default` for what is none.

    >>> whole("12", 1), whole("x", 1), whole("", 3)
    (12, 1, 3)
    """
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else default


def likely_head(sheet: Sheet) -> int:
    """Return the row (from 1) that has most headings of values among the first; 1 where none has any."""
    counts = [sum(read_heading(cell) is not None for cell in cells[:MOST_ASKED]) for cells in sheet.rows[:40]]
    best = max(counts, default=0)
    return counts.index(best) + 1 if best else 1


def questions(sheet: Sheet, head: int, said: Mapping[str, str]) -> list[Question]:
    """Return what is asked of each column under the headings in row `head`, with what was said or seems likely."""
    heads = sheet.rows[head - 1] if 1 <= head <= len(sheet.rows) else []
    rows = sheet.rows[head : head + 40]
    label = _likely_label(heads[:MOST_ASKED])
    found = []
    for number, heading in enumerate(heads[:MOST_ASKED], 1):
        values = [cells[number - 1].strip() for cells in rows if number <= len(cells)]
        examples = [value for value in values if value][:VALUES_SHOWN]
        known = read_heading(heading)
        likely = SAMPLE if number == label else VALUE if known is not None else LEAVE
        symbol = (known.analyte.oxide or known.analyte.analyte) if known is not None else ""
        found.append(
            Question(
                number,
                heading.strip(),
                examples,
                said.get(f"use-{number}", likely),
                said.get(f"symbol-{number}", symbol),
                said.get(f"unit-{number}", known.unit if known is not None else ""),
                said.get(f"method-{number}", known.method if known is not None else ""),
            )
        )
    return found


def _likely_label(heads: Sequence[str]) -> int:
    """Return the column (from 1) that is headed as labels are, or the first that is no value; 0 where none is."""
    unknown = [at for at, head in enumerate(heads, 1) if head.strip() and read_heading(head) is None]
    named = (at for at in unknown if _LABEL.search(heads[at - 1].strip()))
    return next(named, unknown[0] if unknown else 0)


def as_mapping(asked: Sequence[Question], head: int, *, comma: bool) -> dict[str, Any]:
    """Return the answers as the plain data of a layout; `reading.mapping` refuses what cannot be."""
    labels = [one.number for one in asked if one.use == SAMPLE]
    kinds = [one.number for one in asked if one.use == KIND]
    return {
        "headings_row": head,
        "sample_column": labels[0] if len(labels) == 1 else 0,
        "type_column": kinds[0] if kinds else None,
        "decimal_comma": comma,
        "columns": [
            {
                "column": one.number,
                "symbol": one.symbol.strip(),
                "unit": one.unit.strip(),
                "method": one.method.strip(),
            }
            for one in asked
            if one.use == VALUE
        ],
    }
