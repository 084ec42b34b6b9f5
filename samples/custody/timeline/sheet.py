"""A custody record on paper: A4, PDF/UA-1, the same words as on the screen.

Set where it is asked for, not by a worker: 200 bags, 30 events and a chart took 0.14 to 0.17 s (1 s the first time in a
process, which loads fonts and the charts' engine).
"""

from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from lims.typesetting import pdf, qr_svg
from samples.custody.timeline import charts
from samples.custody.timeline.content import Paper, Step, Timeline

TEMPLATE: Final = Path(__file__).resolve().parent / "record.typ"
ZONE: Final = ZoneInfo("Asia/Kolkata")
#: an en dash stands where there is nothing
NONE: Final = "–"


def sheet(timeline: Timeline, *, made_at: datetime, made_for: str, address: str) -> bytes:
    """Return a custody record as PDF; `address` is where it stands on the screen, as a code in the corner."""
    return pdf(TEMPLATE, shown(timeline, made_at=made_at, made_for=made_for, address=address))


def shown(timeline: Timeline, *, made_at: datetime, made_for: str, address: str) -> dict[str, Any]:
    """Return what the template sets: texts only."""
    spec = charts.masses(timeline.masses)
    return {
        "name": timeline.name,
        "what": "Sample" if timeline.kind == "sample" else "Consignment",
        "facts": [[name, value] for name, value in timeline.facts],
        "sight": timeline.sight,
        "blocked": timeline.blocked,
        "made": f"{time_of(made_at)} for {made_for}",
        "address": address,
        "qr": qr_svg(address),
        "steps": [_step(one, on_bag=timeline.kind == "sample") for one in timeline.steps],
        "chart": {"svg": charts.svg(spec), "alt": charts.words_of(timeline.masses)} if spec else None,
        "masses": [
            [
                time_of(one.at),
                one.title,
                _grams(one.mass_g),
                _grams(one.change_g),
                NONE if one.low_g is None else f"{_grams(one.low_g)} to {_grams(one.high_g)}",
                f"{one.scale}, d = {_grams(one.division_g)} g" if one.scale else NONE,
                _grams(one.drying_loss_g),
            ]
            for one in timeline.masses
        ],
        "papers": [
            [
                one.kind,
                one.reference,
                one.authority or NONE,
                f"{one.expires_on.day} {one.expires_on:%b %Y}" if one.expires_on else NONE,
                quantity_of(one),
            ]
            for one in timeline.papers
        ],
        "kin": [[one.word, one.code, one.state] for one in timeline.kin],
        "seal": f"{timeline.seal.words}; sealed to {time_of(timeline.seal.sealed_to)}.",
        "chain": timeline.seal.chain,
        "legs": [
            [
                one.title,
                one.mode,
                time_of(one.due_at),
                time_of(one.done_at) if one.done_at else NONE,
                one.word,
            ]
            for one in timeline.legs
        ],
        "bags": [
            [
                one.tag,
                one.seal or NONE,
                one.state,
                _grams(one.sealed_mass_g),
                _grams(one.received_mass_g),
                _grams(one.change_g),
            ]
            for one in timeline.bags
        ],
    }


def time_of(at: datetime) -> str:
    """Return a time as it is printed, in Indian time, named as such.

    >>> from datetime import UTC
    >>> time_of(datetime(2026, 11, 4, 6, 5, tzinfo=UTC))
    '4 Nov 2026, 11:35 IST'
    """
    here = at.astimezone(ZONE)
    return f"{here.day} {here:%b %Y, %H:%M} IST"


def _grams(number: Decimal | None) -> str:
    return NONE if number is None else f"{number.normalize() + 0:f}"


def quantity_of(paper: Paper) -> str:
    """Return for how much a document holds: kg, bags, both; an en dash for one that says nothing."""
    said = [
        f"{_grams(paper.quantity_kg)} kg" if paper.quantity_kg is not None else "",
        f"{paper.most_bags} bags" if paper.most_bags is not None else "",
    ]
    return ", ".join(filter(None, said)) or NONE


def _step(step: Step, *, on_bag: bool) -> dict[str, Any]:
    words = [
        f"with {step.consignment}" if step.consignment and on_bag else "",
        f"at {step.place}" if step.place else "",
        f"{step.point[0]:f}, {step.point[1]:f}" if step.point else "",
        f"{_grams(step.mass_g)} g" if step.mass_g is not None else "",
        f"seals: {', '.join(step.seals)}" if step.seals else "",
        step.condition,
        step.confirmed,
        f"paper form {step.paper_form}" if step.paper_form else "",
        f"told at {time_of(step.told_at)}" if step.told_at else "",
        f"the phone's clock said {time_of(step.device_at)}" if step.device_at else "",
        step.state,
        step.note,
    ]
    return {
        "at": time_of(step.at),
        "title": step.title,
        "words": " · ".join(filter(None, words)),
        "incident": step.kind == "INCIDENT",
        "pictures": [one.sha256 for one in step.pictures],
    }
