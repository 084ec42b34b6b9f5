"""Sheets of labels: where each label lies, in mm. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, TypeVar

T = TypeVar("T")

#: labels that are set at once, inner ones included: about forty sheets
MOST_LABELS: Final = 1000


class LabelSize(StrEnum):
    """Self-adhesive A4 sheets as they are sold: 24 small labels on one, or 10 large ones."""

    SMALL = "SMALL"
    LARGE = "LARGE"


@dataclass(frozen=True, slots=True)
class Layout:
    """A sheet: columns and rows of labels, and the size of a label and of the sheet's edges in mm."""

    columns: int
    rows: int
    width_mm: float
    height_mm: float
    left_mm: float
    top_mm: float

    @property
    def places(self) -> int:
        """Return how many labels a sheet has."""
        return self.columns * self.rows

    def corner(self, place: int) -> tuple[float, float]:
        """Return the upper left corner of a label, in mm from that of the sheet; places go row by row.

        >>> LAYOUTS[LabelSize.LARGE].corner(3)
        (105.0, 63.0)
        """
        row, column = divmod(place, self.columns)
        return self.left_mm + column * self.width_mm, self.top_mm + row * self.height_mm


#: A4 is 210 x 297 mm (ISO 216): 3 x 8 labels of 70 x 37 mm, 2 x 5 of 105 x 57 mm, without gaps
LAYOUTS: Final[Mapping[LabelSize, Layout]] = {
    LabelSize.SMALL: Layout(3, 8, 70.0, 37.0, 0.0, 0.5),
    LabelSize.LARGE: Layout(2, 5, 105.0, 57.0, 0.0, 6.0),
}
SIZE_LABELS: Final[Mapping[LabelSize, str]] = {
    LabelSize.SMALL: "24 on a sheet, 70 × 37 mm",
    LabelSize.LARGE: "10 on a sheet, 105 × 57 mm",
}


def doubled(codes: Iterable[str], *, inside: bool) -> list[tuple[str, bool]]:
    """Return the labels to print: each tag once, or with another one beside it that goes inside the bag (True).

    >>> doubled(["KC000123J"], inside=True)
    [('KC000123J', False), ('KC000123J', True)]
    """
    return [(code, second) for code in codes for second in ((False, True) if inside else (False,))]


def on_sheets(labels: Sequence[T], layout: Layout, *, skip: int = 0) -> list[list[tuple[int, T]]]:
    """Return labels with their places, sheet by sheet; the first `skip` places of the first sheet stay empty.

    >>> on_sheets("abc", Layout(1, 2, 70.0, 37.0, 0.0, 0.5), skip=1)
    [[(1, 'a')], [(0, 'b'), (1, 'c')]]
    """
    sheets: list[list[tuple[int, T]]] = []
    for at, label in enumerate(labels, skip):
        sheet, place = divmod(at, layout.places)
        if sheet == len(sheets):
            sheets.append([])
        sheets[sheet].append((place, label))
    return sheets


def zpl_data(text: str) -> str:
    """Return text for a ZPL field after ^FH: its commands' signs, and what is not ASCII, as hexadecimal (UTF-8, ^CI28).

    >>> zpl_data("a_b^c")
    'a_5Fb_5Ec'
    """
    plain = (
        chr(byte) if 32 <= byte < 127 and chr(byte) not in "^~_" else f"_{byte:02X}" for byte in text.encode()
    )
    return "".join(plain)
