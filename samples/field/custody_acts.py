"""Operations with bags and consignments before and after the road: sealed, packed, sent off, received, opened, lost."""

from typing import Any

from lims.errors import NotFound, Place, Problem
from samples.custody import bag_services, incident_services, receiving, services
from samples.custody.models import ConsignmentItem
from samples.field.acts import Act, Done, kind


@kind("seal_sample")
def seal_sample(act: Act) -> Done:
    """Put a seal on a bag."""
    body, sample = act.body, act.sample()
    given: dict[str, Any] = {
        "sample": sample,
        "maker": body.text("maker", most=60),
        "number": body.text("number", most=60),
        "mass_g": body.number("mass_g"),
        "here": act.here(body.id("event_id")),
        **act.among("scale"),
    }
    body.finish()
    services.seal_sample(actor=act.person, **given)
    return Done(batch=sample.batch)


@kind("reseal_bag")
def reseal_bag(act: Act) -> Done:
    """Put a new seal on a bag that was opened, on the road or in a laboratory."""
    body, sample = act.body, act.sample()
    given: dict[str, Any] = {
        "sample": sample,
        "maker": body.text("maker", most=60),
        "number": body.text("number", most=60),
        "mass_g": body.number("mass_g"),
        "here": act.here(body.id("event_id")),
        **act.among("scale"),
    }
    body.finish()
    bag_services.reseal_bag(actor=act.person, **given)
    return Done(batch=sample.batch)


@kind("open_bag")
def open_bag(act: Act) -> Done:
    """Take the seal off a bag."""
    sample, here = act.sample(), act.here(act.body.id("event_id"))
    act.body.finish()
    bag_services.open_bag(actor=act.person, sample=sample, here=here)
    return Done(batch=sample.batch)


@kind("report_lost")
def report_lost(act: Act) -> Done:
    """Say that a bag is lost."""
    sample, here = act.sample(), act.here(act.body.id("event_id"))
    act.body.finish()
    bag_services.report_lost(actor=act.person, sample=sample, here=here)
    return Done(batch=sample.batch)


@kind("start_consignment")
def start_consignment(act: Act) -> Done:
    """Begin to pack a consignment; the device is told its code."""
    body = act.body
    given: dict[str, Any] = {
        "owner": act.organisation("owner"),
        "carrier": act.organisation("carrier"),
        "destination": act.organisation("destination"),
        "planned_arrival": body.maybe_moment("planned_arrival"),
        "consignment_id": body.id("consignment_id"),
        **act.among("route"),
    }
    body.finish()
    made = services.start_consignment(actor=act.person, **given)
    return Done({"code": made.code})


@kind("pack")
def pack(act: Act) -> Done:
    """Put sealed bags into a consignment."""
    consignment, samples = act.consignment(), act.samples()
    act.body.finish()
    services.pack(actor=act.person, consignment=consignment, samples=samples)
    return Done()


@kind("unpack")
def unpack(act: Act) -> Done:
    """Take a bag out of a consignment that is being packed."""
    consignment, sample = act.consignment(), act.body.id("sample")
    act.body.finish()
    rows = ConsignmentItem.objects.select_related("consignment").filter(
        consignment=consignment, sample=sample
    )
    item = rows.first()
    if item is None:
        problem = Problem(
            "item-unknown", f"The bag is not in {consignment}.", "Look at the list.", Place(field="sample")
        )
        raise NotFound(problem)
    services.unpack(actor=act.person, item=item)
    return Done()


@kind("record_document")
def record_document(act: Act) -> Done:
    """Say that a paper is there."""
    body = act.body
    given: dict[str, Any] = {
        "consignment": act.consignment(),
        "kind": body.text("kind", most=40),
        "reference": body.text("reference", most=100),
        **act.among("document"),
    }
    body.finish()
    services.record_document(actor=act.person, **given)
    return Done()


@kind("record_dose_rate")
def record_dose_rate(act: Act) -> Done:
    """Record the dose rate at the surface and at 1 m, in µSv/h."""
    body = act.body
    given: dict[str, Any] = {
        "consignment": act.consignment(),
        "instrument": body.text("instrument", most=100),
        "surface_usv_h": body.number("surface_usv_h"),
        "at_1m_usv_h": body.number("at_1m_usv_h"),
    }
    body.finish()
    services.record_dose_rate(actor=act.person, **given)
    return Done()


@kind("dispatch")
def dispatch(act: Act) -> Done:
    """Lock the manifest and hand the consignment to its carrier."""
    consignment, here = act.consignment(), act.here()
    act.body.finish()
    services.dispatch(actor=act.person, consignment=consignment, here=here)
    return Done(consignment=consignment)


@kind("receive_bag")
def receive_bag(act: Act) -> Done:
    """Receive a bag in the laboratory; the device is told whether it was expected."""
    body, consignment = act.body, act.consignment()
    given: dict[str, Any] = {
        "tag": body.text("tag", most=200),
        "mass_g": body.number("mass_g"),
        "seals": body.pairs("seals"),
        "condition": body.text("condition", most=20),
        "here": act.here(body.id("event_id")),
        **act.among("scale"),
    }
    drying_loss_g = body.maybe_number("drying_loss_g")
    if drying_loss_g is not None:
        given["drying_loss_g"] = drying_loss_g
    body.finish()
    item = receiving.receive_bag(actor=act.person, consignment=consignment, **given)
    return Done({"state": item.state}, consignment=consignment)


@kind("finish_receipt")
def finish_receipt(act: Act) -> Done:
    """End a receipt; the device is told whether bags are missing."""
    consignment, here = act.consignment(), act.here()
    act.body.finish()
    held = receiving.finish_receipt(actor=act.person, consignment=consignment, here=here)
    return Done({"state": held.state}, consignment=consignment)


@kind("report_incident")
def report_incident(act: Act) -> Done:
    """Open an incident that a person noticed."""
    body = act.body
    given: dict[str, Any] = {
        "kind": body.text("kind", most=40),
        "detail": body.text("detail", most=500),
        "sample": act.sample() if body.has("sample") else None,
        "consignment": act.consignment() if body.has("consignment") else None,
        "incident_id": body.id("incident_id"),
    }
    body.finish()
    incident_services.report_incident(actor=act.person, **given)
    return Done()
