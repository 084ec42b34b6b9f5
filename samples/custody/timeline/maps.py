"""What the map of a custody record draws: the planned way, the places that were told, in the order of time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from samples.custody.seen import SeenEvent
from samples.custody.timeline.content import Place, Timeline

#: a place with what happened there, when, and its name
Told = tuple[Place, str, datetime, str]


def map_of(timeline: Timeline) -> dict[str, Any] | None:
    """Return way and places as plain values in degrees (WGS 84); None where nothing could be drawn."""
    told = [(step.point, step.title, step.at, step.place) for step in timeline.points if step.point]
    return drawn(timeline.way, told)


def places_of(events: Iterable[SeenEvent]) -> list[Told]:
    """Return the places of events as their reader may know them."""
    return [
        ((one.latitude, one.longitude), one.label, one.at, "")
        for one in events
        if one.latitude is not None and one.longitude is not None
    ]


def drawn(way: Sequence[Place], told: Sequence[Told]) -> dict[str, Any] | None:
    """Return a way and places as js/map.js draws them; None where nothing could be drawn."""
    if not way and not told:
        return None
    return {
        "way": [[float(north), float(east)] for north, east in way],
        "points": [
            {
                "at": [float(place[0]), float(place[1])],
                "title": title,
                "time": at.isoformat(),
                "place": name,
                "number": number,
            }
            for number, (place, title, at, name) in enumerate(told, 1)
        ],
    }
