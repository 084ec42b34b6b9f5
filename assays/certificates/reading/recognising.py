"""Which layout a file has: told by its content, with the reason, never by its name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from assays.certificates.reading import als_csv, plain_wide
from assays.certificates.reading.model import Profile, Reading
from assays.certificates.reading.sheet import Sheet, read_sheet
from lims.sheets import refuse


@dataclass(frozen=True, slots=True)
class Layout:
    """One layout: why a sheet is of it (or None), and how it is read."""

    name: str
    recognise: Callable[[Sheet], str | None]
    read: Callable[[Sheet, Profile], Reading]


#: the more particular first
LAYOUTS: Final = (
    Layout(als_csv.NAME, als_csv.recognise, als_csv.read),
    Layout(plain_wide.NAME, plain_wide.recognise, plain_wide.read),
)


def read(content: bytes, *, name: str = "", profile: Profile | None = None) -> Reading:
    """Return how a certificate's file is understood; nothing of it is written anywhere.

    Raises `Invalid` as `sheet.read_sheet`, and "not-a-certificate" when no layout fits or there is no row.
    """
    sheet = read_sheet(content, name=name)
    for layout in LAYOUTS:
        if layout.recognise(sheet) is not None:
            reading = layout.read(sheet, profile or Profile())
            if not reading.rows or not reading.columns:
                raise refuse(
                    "not-a-certificate",
                    f"It looks like {layout.name}, but there is no {'row' if reading.columns else 'column'} of values.",
                    "Is the file whole?",
                    name,
                )
            return reading
    known = ", ".join(layout.name for layout in LAYOUTS)
    raise refuse(
        "not-a-certificate",
        "The layout of this file is not known.",
        f"Known are: {known}. A plain table has headings such as “Dy ppm”.",
        name,
    )
