"""A layout that nobody knew and that the demonstration's technician taught: the next file with its headings is read at once."""

import random
from collections.abc import Sequence
from typing import Final

from assays.certificates import services
from assays.certificates.models import Upload
from assays.certificates.preview.layouts import said_mapping
from assays.certificates.preview.services import teach_layout
from assays.certificates.reading.sheet import read_sheet
from assays.demonstration import rocks
from assays.demonstration.due import do_due
from lims import files
from lims.accounts.models import Organisation, User

NAME: Final = "Screening by XRF"
METHOD: Final = "XRF-S1"
#: what the file heads its columns with → what they hold, in ppm
HEADINGS: Final = {
    "Yttrium found": "Y",
    "Lanthanum found": "La",
    "Cerium found": "Ce",
    "Neodymium found": "Nd",
    "Thorium found": "Th",
}


def screening(labels: Sequence[str], seed: str) -> bytes:
    """Return a screening as its instrument writes it: semicolons, decimal commas, headings of its own.

    >>> screening(["KC0000019"], "a").decode().splitlines()[1]
    'Bag;Yttrium found;Lanthanum found;Cerium found;Neodymium found;Thorium found;Operator'
    """
    dice = random.Random(seed)  # noqa: S311  # invented numbers, no secret
    lines = [f"Screening of the day;{seed}", ";".join(["Bag", *HEADINGS, "Operator"])]
    for label in labels:
        found = rocks.site("ION_ADSORPTION_CLAY", 1.1, dice)
        numbers = [f"{found[name]:.1f}".replace(".", ",") for name in HEADINGS.values()]
        lines.append(";".join([label, *numbers, "SN"]))
    return "\r\n".join([*lines, ""]).encode()


def teach(technician: User, laboratory: Organisation, labels: Sequence[str]) -> Upload:
    """Bring in a file that no layout fits, say what its columns hold, and put it away: it was a trial of the layout."""
    upload = services.upload_certificate(
        actor=technician,
        kept_by=laboratory,
        name="Screening, first day.csv",
        content=screening(labels, "first day"),
    )
    do_due()
    upload.refresh_from_db()
    sheet = read_sheet(files.get(upload.sha256), name=upload.file_name)
    columns = [
        {"column": at, "symbol": symbol, "unit": "ppm", "method": METHOD}
        for at, symbol in enumerate(HEADINGS.values(), 2)
    ]
    said = {"headings_row": 2, "sample_column": 1, "columns": columns, "decimal_comma": True}
    teach_layout(actor=technician, upload=upload, name=NAME, mapping=said_mapping(sheet, said))
    do_due()
    return services.discard_upload(actor=technician, upload=upload)
