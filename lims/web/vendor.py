"""Other people's files that the screens use: listed with version, licence and digest, and checked against the list.

`python -m lims.web.vendor check` names every file that is not as the list says; `python -m lims.web.vendor sprite
FOLDER` makes the icons' sprite anew from the outline icons in FOLDER, for the names in icons.txt.
"""

import hashlib
import json
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).resolve().parent
VENDOR: Final = HERE / "static" / "vendor"
NAMES: Final = HERE / "icons.txt"
LIST: Final = "vendor.json"
#: here lie the licences' texts; each other entry names its own under "text"
TEXTS: Final = "licences/"
WANTED: Final = ("file", "name", "version", "licence", "source", "sha256")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def differences(folder: Path = VENDOR) -> Iterator[str]:
    """Yield one sentence for each thing in `folder` that is not as its vendor.json says."""
    entries = json.loads((folder / LIST).read_text(encoding="utf-8"))
    listed = {str(entry.get("file", "")) for entry in entries}
    present = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} - {LIST}
    for extra in sorted(present - listed):
        yield f"{extra}: not listed in {LIST}"
    for entry in entries:
        name = str(entry.get("file", ""))
        if missing := [key for key in WANTED if not entry.get(key)]:
            yield f"{name}: {LIST} does not say its {', '.join(missing)}"
        elif name not in present:
            yield f"{name}: missing"
        elif (found := digest(folder / name)) != entry["sha256"]:
            yield f"{name}: SHA-256 is {found}, listed is {entry['sha256']}"
        elif not name.startswith(TEXTS) and entry.get("text") not in present & listed:
            yield f"{name}: the text of its licence ({entry.get('text', 'not named')}) is missing"


def icon_names() -> frozenset[str]:
    """Return the names of the icons in the sprite."""
    return frozenset(NAMES.read_text(encoding="utf-8").split())


def symbol(name: str, svg: str) -> str:
    """Return one icon as a symbol of the sprite.

    >>> symbol("dot", '<svg viewBox="0 0 24 24"><path stroke="none" d="M0 0h24v24H0z" fill="none"/><path d="M1 1"/></svg>')
    '<symbol id="dot" viewBox="0 0 24 24"><path d="M1 1"/></symbol>'
    """
    inner = re.sub(r"^.*?<svg[^>]*>|</svg>.*$", "", svg, flags=re.DOTALL)
    inner = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*/>', "", inner)
    inner = re.sub(r"\s*\n\s*", "", inner).replace(" />", "/>")
    return f'<symbol id="{name}" viewBox="0 0 24 24">{inner}</symbol>'


def sprite(folder: Path) -> str:
    """Return the sprite of the icons of icons.txt, read from `folder`/<name>.svg."""
    symbols = "\n".join(
        symbol(name, (folder / f"{name}.svg").read_text(encoding="utf-8")) for name in sorted(icon_names())
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}\n</svg>\n'


def main(arguments: Sequence[str]) -> int:
    """Run the command; return 1 when something differs, 2 when it was not understood."""
    match list(arguments):
        case ["check"]:
            found = list(differences())
            sys.stderr.writelines(f"{line}\n" for line in found)
            return 1 if found else 0
        case ["check", folder]:
            found = list(differences(Path(folder)))
            sys.stderr.writelines(f"{line}\n" for line in found)
            return 1 if found else 0
        case ["sprite", folder]:
            (VENDOR / "icons.svg").write_text(sprite(Path(folder)), encoding="utf-8")
            return 0
        case _:
            sys.stderr.write(__doc__ or "")
            return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
