"""The words of the field application in other languages, read from its catalogues (gettext)."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from babel.messages.pofile import read_po

FOLDER: Final = Path(__file__).parent / "locale"
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(_[A-Z][A-Za-z]{1,3})?")


def languages(folder: Path = FOLDER) -> list[str]:
    """Return the languages that have a catalogue, in order."""
    return sorted(file.parents[1].name for file in folder.glob("*/LC_MESSAGES/*.po"))


def words(language: str, folder: Path = FOLDER) -> dict[str, Any]:
    """Return message → translation, for what is translated; `__review` lists what no native speaker has looked at.

    Nothing for a language without a catalogue: the application then speaks English.
    """
    if not _LANGUAGE.fullmatch(language):
        return {}
    found = sorted((folder / language / "LC_MESSAGES").glob("*.po"))
    return _read(tuple((file, file.stat().st_mtime_ns) for file in found))


@lru_cache(maxsize=16)
def _read(catalogues: tuple[tuple[Path, int], ...]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    review: list[str] = []
    for file, _ in catalogues:
        with file.open("rb") as content:
            for message in read_po(content):
                one = message.id[0] if isinstance(message.id, list | tuple) else message.id
                text = message.string[0] if isinstance(message.string, list | tuple) else message.string
                if one and text:
                    told[one] = text
                    if message.fuzzy:
                        review.append(one)
    return told | {"__review": sorted(review)} if told else {}
