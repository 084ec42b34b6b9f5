"""Make the outlines that maps are drawn over: `python deploy/outlines.py countries-50m.json > outlines.json`.

The input is World Atlas 2.0.2 (countries of Natural Earth, 1:50 million, as TopoJSON); another file is refused. Kept is
every polygon with a point between Iran and Vietnam, the equator and Mongolia; its arcs are numbered anew, none is
changed. The result lies in lims/web/static/vendor and is pinned by its SHA-256 in vendor.json.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

SOURCE_SHA256: Final = "04342cdc1e3016bcd7db1630de95684d67b79fe3c8c460321e87aef469502394"
#: degrees east and north
WEST, EAST, SOUTH, NORTH = 60.0, 106.0, 0.0, 42.0


def numbers(arcs: Any) -> Iterator[int]:
    """Yield the numbers of arcs in a ring, a polygon or several; a backward one (~n) as n."""
    for one in arcs:
        if isinstance(one, int):
            yield one if one >= 0 else ~one
        else:
            yield from numbers(one)


def points(topology: dict[str, Any], arc: int) -> Iterator[tuple[float, float]]:
    """Yield an arc's points, east and north in degrees: they are kept as differences of whole numbers."""
    (dx, dy), (x0, y0) = topology["transform"]["scale"], topology["transform"]["translate"]
    x = y = 0
    for step_x, step_y in topology["arcs"][arc]:
        x, y = x + step_x, y + step_y
        yield x0 + x * dx, y0 + y * dy


def renumbered(arcs: Any, new: dict[int, int]) -> Any:
    """Return the same arcs by their new numbers."""
    if isinstance(arcs, int):
        return new[arcs] if arcs >= 0 else ~new[~arcs]
    return [renumbered(one, new) for one in arcs]


def clipped(topology: dict[str, Any]) -> dict[str, Any]:
    """Return the topology with the polygons of the region alone."""
    near = {
        arc
        for arc in range(len(topology["arcs"]))
        if any(WEST <= x <= EAST and SOUTH <= y <= NORTH for x, y in points(topology, arc))
    }

    def inside(polygons: Iterable[Any]) -> list[Any]:
        return [polygon for polygon in polygons if near & set(numbers(polygon))]

    kept = []
    for shape in topology["objects"]["countries"]["geometries"]:
        polygons = shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]
        if found := inside(polygons):
            kept.append({"type": "MultiPolygon", "arcs": found, "properties": shape["properties"]})
    used = sorted({arc for shape in kept for arc in numbers(shape["arcs"])})
    new = {arc: number for number, arc in enumerate(used)}
    return {
        "type": "Topology",
        "transform": topology["transform"],
        "objects": {
            "countries": {
                "type": "GeometryCollection",
                "geometries": [shape | {"arcs": renumbered(shape["arcs"], new)} for shape in kept],
            }
        },
        "arcs": [topology["arcs"][arc] for arc in used],
    }


def main() -> None:
    """Read the source, refuse another one, print the outlines."""
    content = Path(sys.argv[1]).read_bytes()
    if hashlib.sha256(content).hexdigest() != SOURCE_SHA256:
        raise SystemExit("This is not countries-50m.json of World Atlas 2.0.2.")
    json.dump(clipped(json.loads(content)), sys.stdout, ensure_ascii=False, separators=(",", ":"))


main()
