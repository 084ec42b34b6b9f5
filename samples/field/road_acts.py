"""Operations on the road: handed over, what happens on the way, split, a tag replaced, a scale checked."""

from typing import Any

from lims.errors import DomainError, NotFound, Place, Problem, invalid
from samples.custody import road_services
from samples.custody.confirming import Confirmation
from samples.custody.page_queries import carriers_people
from samples.custody.replacing import replace_tag as replace
from samples.custody.scales.services import record_scale_check as check_scale
from samples.custody.splitting import split_consignment as split
from samples.field.acts import Act, Done, awaited, kind
from samples.field.bodies import Body
from samples.field.envelopes import SECRET, opened
from samples.field.keys import opening_key
from samples.field.uploads import content_of
from samples.registry.photographs import visible_photographs


@kind("hand_over")
def hand_over(act: Act) -> Done:
    """Hand a consignment on; a confirmation that does not fit is kept as none, because the bags have moved."""
    body, consignment = act.body, act.consignment()
    given: dict[str, Any] = {
        "to_name": body.text("to_name", most=200),
        "to_document": body.text("to_document", most=100),
        "mass_g": body.maybe_number("mass_g"),
        "seals": body.pairs("seals") if body.has("seals") else None,
        "condition": body.text("condition", most=20),
        "here": act.here(body.id("event_id")),
        **act.among("scale"),
    }
    taker = body.maybe_id("to_person")
    if taker is not None:
        given["to_person"] = carriers_people(consignment, besides=act.person).filter(pk=taker).first()
        if given["to_person"] is None:
            raise invalid(
                "receiver-elsewhere",
                f"That is nobody else of {consignment.carrier}.",
                "Choose another of the carrier's people, or write name and document number.",
                field="to_person",
            )
    confirmation = body.inner("confirmation")
    if confirmation is not None:
        given["confirmation"] = _confirmation(act, confirmation)
    body.finish()
    road_services.hand_over(actor=act.person, consignment=consignment, **given)
    return Done(consignment=consignment)


def _confirmation(act: Act, told: Body) -> Confirmation:
    """Return how the receiver confirmed: a secret that only we can open, or a signature drawn on the phone."""
    how, sealed, sha256 = (
        told.text("how", most=20),
        told.raw("sealed"),
        told.text("signature_sha256", most=64),
    )
    told.finish()
    if sha256:
        return Confirmation(how=how, signature=content_of(act.device, sha256))
    try:
        secret = opened(opening_key(), SECRET, sealed).decode()[:500]
    except (DomainError, UnicodeDecodeError):
        secret = ""  # as good as a wrong one
    return Confirmation(how=how, secret=secret)


@kind("record_event")
def record_event(act: Act) -> Done:
    """Record a checkpoint, a border or the arrival."""
    body, consignment = act.body, act.consignment()
    what, here = body.text("kind", most=20), act.here(body.id("event_id"))
    body.finish()
    road_services.record_event(actor=act.person, consignment=consignment, kind=what, here=here)
    return Done(consignment=consignment)


@kind("split_consignment")
def split_consignment(act: Act) -> Done:
    """Let some bags travel on by themselves; the device is told the new consignment's code."""
    consignment, samples, here = act.consignment(), act.samples(), act.here()
    consignment_id = act.body.id("consignment_id")
    act.body.finish()
    made = split(
        actor=act.person, consignment=consignment, samples=samples, here=here, consignment_id=consignment_id
    )
    return Done({"code": made.code}, consignment=consignment)


@kind("replace_tag")
def replace_tag(act: Act) -> Done:
    """Put another tag on a bag, before two witnesses and with a photograph that was sent before."""
    body, sample = act.body, act.sample()
    given: dict[str, Any] = {
        "new_tag": body.text("new_tag", most=200),
        "reason": body.text("reason", most=1000),
        "witnesses": [_witness(one) for one in body.objects("witnesses")],
        "here": act.here(),
        "replacement_id": body.id("replacement_id"),
    }
    photograph_id = body.id("photograph_id")
    body.finish()
    photograph = visible_photographs(act.person).filter(pk=photograph_id).first()
    if photograph is None:
        raise awaited("photograph", "photograph_id")
    replace(actor=act.person, sample=sample, photograph=photograph, **given)
    return Done(batch=sample.batch)


def _witness(told: Body) -> tuple[str, str]:
    witness = told.text("name", most=200), told.text("document", most=100)
    told.finish()
    return witness


@kind("record_scale_check")
def record_scale_check(act: Act) -> Done:
    """Record what a scale showed under a check weight; the device is told whether it passed."""
    body = act.body
    scale = act.among("scale").get("scale")
    given: dict[str, Any] = {
        "nominal_g": body.number("nominal_g"),
        "read_g": body.number("read_g"),
        "check_id": body.id("check_id"),
    }
    at = act.corrected(body.moment("at"))
    body.finish()
    if scale is None:
        raise NotFound(
            Problem("scale-unknown", "There is no such scale.", "Choose another.", Place(field="scale"))
        )
    made = check_scale(actor=act.person, scale=scale, at=at, **given)
    return Done({"passed": made.passed})
