"""The files of the field application: what its service worker keeps on the phone, and under which version."""

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parent / "static" / "field"
ADDRESS: Final = "/static/field/"
PAGE: Final = "/field/"
#: what a phone does not need to run
_LEFT_OUT: Final = frozenset({".po", ".pot", ".mo", ".md", ".map", ".txt"})
_NOT_THESE: Final = frozenset({"sw.js", "vendor.json", "tsconfig.json", "package.json"})


def files(root: Path = ROOT) -> list[Path]:
    """Return the files of the application that a phone runs, in the order of their names."""
    found = []
    for file in sorted(root.rglob("*")) if root.is_dir() else []:
        parts = file.relative_to(root).parts
        hidden = any(part.startswith(".") or part == "licences" for part in parts)
        if not file.is_file() or hidden or file.name in _NOT_THESE or file.suffix in _LEFT_OUT:
            continue
        if not file.name.endswith(".d.ts"):
            found.append(file)
    return found


def precached(page: bytes, root: Path = ROOT) -> dict[str, Any]:
    """Return what the service worker keeps: `first` before it works offline, `later` the scanner's programs.

    `version` changes with any of the names or contents, the page among them.
    """
    stamp = tuple((str(file), file.stat().st_mtime_ns, file.stat().st_size) for file in files(root))
    first, later, inside = _listed(root, stamp)
    version = hashlib.sha256(inside.encode() + page).hexdigest()[:16]
    return {"version": version, "first": [PAGE, *first], "later": list(later)}


@lru_cache(maxsize=2)
def _listed(root: Path, _stamp: Any) -> tuple[tuple[str, ...], tuple[str, ...], str]:
    digest = hashlib.sha256()
    first: list[str] = []
    later: list[str] = []
    for file in files(root):
        name = file.relative_to(root).as_posix()
        digest.update(name.encode() + b"\0" + hashlib.sha256(file.read_bytes()).digest())
        (later if file.suffix == ".wasm" else first).append(ADDRESS + name)
    return tuple(first), tuple(later), digest.hexdigest()


def service_worker(page: bytes, root: Path = ROOT) -> str:
    """Return the service worker's program with its list in front."""
    listed = json.dumps(precached(page, root), separators=(",", ":"))
    worker = root / "sw.js"
    return f"self.PRECACHE = {listed};\n" + (worker.read_text(encoding="utf-8") if worker.exists() else "")
