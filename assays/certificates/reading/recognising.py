"""Which layout a file has: told by its content, with the reason, never by its name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from assays.certificates.reading import (
    actlabs,
    als_csv,
    instrument,
    job_a,
    job_b,
    long,
    plain_wide,
    sgs,
    taught,
    template_layout,
    transposed,
)
from assays.certificates.reading.mapping import Mapping
from assays.certificates.reading.model import Profile, Reading
from assays.certificates.reading.pivot import TooSparse
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
    Layout(template_layout.NAME, template_layout.recognise, template_layout.read),
    Layout(sgs.NAME, sgs.recognise, sgs.read),
    Layout(job_a.NAME, job_a.recognise, job_a.read),
    Layout(job_b.NAME, job_b.recognise, job_b.read),
    Layout(actlabs.NAME, actlabs.recognise, actlabs.read),
    Layout(instrument.NAME, instrument.recognise, instrument.read),
    Layout(long.NAME, long.recognise, long.read),
    Layout(transposed.NAME, transposed.recognise, transposed.read),
    Layout(plain_wide.NAME, plain_wide.recognise, plain_wide.read),
)


def read(
    content: bytes, *, name: str = "", profile: Profile | None = None, mappings: Sequence[Mapping] = ()
) -> Reading:
    """Return how a certificate's file is understood; nothing of it is written anywhere.

    A layout that was taught on its very headings (`mappings`) comes before all that are known by themselves.
    Raises `Invalid` as `sheet.read_sheet`, and "not-a-certificate" when no layout fits or there is no row.
    """
    sheet, profile = read_sheet(content, name=name), profile or Profile()
    mapping = taught.fitting(sheet, mappings)
    if mapping is not None:
        return _whole(taught.read_taught(sheet, mapping, profile), name)
    for layout in LAYOUTS:
        if layout.recognise(sheet) is not None:
            try:
                return _whole(layout.read(sheet, profile), name)
            except TooSparse as error:
                raise refuse("file-too-large", str(error), "Split the file by method.", name) from error
    known = ", ".join(layout.name for layout in LAYOUTS)
    raise refuse(
        "not-a-certificate",
        "The layout of this file is not known.",
        f"Known are: {known}. A plain table has headings such as “Dy ppm”.",
        name,
    )


def _whole(reading: Reading, name: str) -> Reading:
    """Return a reading that has rows and columns. Raises `Invalid` ("not-a-certificate")."""
    if not reading.rows or not reading.columns:
        missing = "row" if reading.columns else "column"
        message = f"It looks like {reading.layout}, but there is no {missing} of values."
        raise refuse("not-a-certificate", message, "Is the file whole?", name)
    return reading
