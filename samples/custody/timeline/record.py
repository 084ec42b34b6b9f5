"""A custody record as JSON: format "custody-record-1", for another system or for whoever checks it later."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from samples.custody.timeline.content import Bag, LegView, Paper, Place, Step, Timeline, Weighing

FORMAT: Final = "custody-record-1"


def as_record(timeline: Timeline, *, made_at: datetime, made_for: str) -> dict[str, Any]:
    """Return a custody record as plain values: times in ISO 8601 UTC, masses in g as text, places in degrees (WGS 84).

    What its reader may not know is not in it; `sight` says how much that is.
    """
    return {
        "format": FORMAT,
        "made_at": made_at.isoformat(),
        "made_for": made_for,
        "sight": timeline.sight,
        "subject": {
            "kind": timeline.kind,
            "id": str(timeline.id),
            "name": timeline.name,
            "owner": timeline.owner,
            **{_key(name): value for name, value in timeline.facts if _key(name) != "owner"},
        },
        "blocked": timeline.blocked,
        "events": [_step(one) for one in timeline.steps if one.kind != "INCIDENT"],
        "incidents": [_incident(one) for one in timeline.incidents],
        "masses": [_mass(one) for one in timeline.masses],
        "legs": [_leg(one) for one in timeline.legs],
        "bags": [_bag(one) for one in timeline.bags],
        "way": [_place(one) for one in timeline.way],
        "documents": [_paper(one) for one in timeline.papers],
        "lineage": [
            {"relation": one.word, "id": str(one.id), "consignment": one.code, "state": one.state}
            for one in timeline.kin
        ],
        "record_seal": {
            "words": timeline.seal.words,
            "sealed_to": _time(timeline.seal.sealed_to),
            "number": timeline.seal.number,
            "chain_sha256": timeline.seal.chain,
        },
    }


def _key(name: str) -> str:
    """Return a name as a key.

    >>> _key("Manifest, SHA-256")
    'manifest_sha_256'
    """
    return "_".join(name.lower().replace(",", "").replace("-", " ").split())


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def _time(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _place(place: Place | None) -> dict[str, str] | None:
    return None if place is None else {"latitude": f"{place[0]:f}", "longitude": f"{place[1]:f}"}


def _step(step: Step) -> dict[str, Any]:
    return {
        "kind": step.kind,
        "title": step.title,
        "at": _time(step.at),
        "told_at": _time(step.told_at),
        "device_at": _time(step.device_at),
        "from": step.giver,
        "to": step.taker,
        "consignment": step.consignment,
        "place": step.place,
        "position": _place(step.point),
        "gross_mass_g": _text(step.mass_g),
        "seals": list(step.seals),
        "condition": step.condition,
        "confirmed": step.confirmed,
        "paper_form": step.paper_form,
        "note": step.note,
        "photographs": [{"id": str(one.id), "sha256": one.sha256} for one in step.pictures],
    }


def _incident(step: Step) -> dict[str, Any]:
    return {
        "kind": step.title,
        "opened_at": _time(step.at),
        "of": _time(step.pin),
        "state": step.state,
        "detail": step.note,
        "facts": dict(step.facts),
    }


def _mass(one: Weighing) -> dict[str, Any]:
    return {
        "at": _time(one.at),
        "what": one.title,
        "gross_mass_g": _text(one.mass_g),
        "change_g": _text(one.change_g),
        "least_allowed_g": _text(one.low_g),
        "most_allowed_g": _text(one.high_g),
        "scale": one.scale,
        "division_g": _text(one.division_g),
        "drying_loss_g": _text(one.drying_loss_g),
        "scale_unfit": one.unfit,
    }


def _paper(one: Paper) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "reference": one.reference,
        "authority": one.authority,
        "expires_on": one.expires_on.isoformat() if one.expires_on else None,
        "quantity_kg": _text(one.quantity_kg),
        "most_bags": one.most_bags,
    }


def _leg(leg: LegView) -> dict[str, Any]:
    return {
        "leg": leg.title,
        "mode": leg.mode,
        "due_at": _time(leg.due_at),
        "done_at": _time(leg.done_at),
        "grace_h": _text(leg.grace_hours),
        "standing": leg.word,
    }


def _bag(bag: Bag) -> dict[str, Any]:
    return {
        "tag": bag.tag,
        "seal": bag.seal,
        "state": bag.state,
        "sealed_mass_g": _text(bag.sealed_mass_g),
        "received_mass_g": _text(bag.received_mass_g),
        "change_g": _text(bag.change_g),
        "condition": bag.condition,
    }
