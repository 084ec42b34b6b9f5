"""The outlines under the maps: those of the region, small, and whole."""

import json
from pathlib import Path

from django.contrib.staticfiles import finders


def every(arcs):
    for one in arcs:
        if isinstance(one, int):
            yield one if one >= 0 else ~one
        else:
            yield from every(one)


def test_the_outlines_are_small_and_whole():
    with Path(finders.find("vendor/outlines-asia.json")).open(encoding="utf-8") as file:
        topology = json.load(file)
    shapes = topology["objects"]["countries"]["geometries"]
    assert {"India", "Myanmar", "China", "Bangladesh"} <= {shape["properties"]["name"] for shape in shapes}
    used = {arc for shape in shapes for arc in every(shape["arcs"])}
    assert used == set(range(len(topology["arcs"])))
    assert len(json.dumps(topology)) < 400_000
