"""Operations at the mine: samples registered, photographs added."""

from collections.abc import Callable, Sequence
from inspect import unwrap
from typing import Final

import rules
from django.db import connection

from lims.accounts.models import Organisation
from lims.errors import invalid
from samples.custody.attachments import attach_to_incident
from samples.custody.models import CustodyEvent, Incident
from samples.custody.pictures import attach_photograph
from samples.field.acts import Act, Done, kind
from samples.field.bodies import Body, missing
from samples.field.uploads import content_of
from samples.registry.drafts import Draft
from samples.registry.models import Batch, Sample
from samples.registry.photographs import keep_photograph
from samples.registry.pictures import tidy
from samples.registry.plans.services import register_blind_item
from samples.registry.sample_services import register_samples

REGISTER: Final = "register_sample"


#: what the verb does, within ours: one operation of one person needs no savepoint and no name of its own
_registered: Final[Callable[..., list[Sample]]] = unwrap(register_samples)


#: all that is asked of a batch before it is locked
_BATCH: Final = f"SELECT id, owner_id FROM {Batch._meta.db_table} WHERE id = %s"  # noqa: S608  # our own name


def _batch(act: Act) -> Batch:
    """Return the batch; one that the person may not even see is not known. Raises `NotFound` ("batch-unknown")."""
    with connection.cursor() as cursor:
        cursor.execute(_BATCH, [act.body.id("batch")])
        row = cursor.fetchone()
    batch = None if row is None else Batch.from_db(None, ("id", "owner_id"), row)
    if batch is None or not rules.has_perm("registry.register", act.person, batch):
        return act.batch()  # says that there is none, or lets the verb say that it is not permitted
    return batch


def draft_of(act: Act) -> Draft:
    """Return the sample that a body describes; its time is that of `here`. Raises `Invalid`."""
    body, here = act.body, act.here()
    body.maybe_id("batch"), body.maybe_id("scale"), body.inner("blind")
    draft = Draft(
        id=body.id("sample_id"),
        tag=body.text("tag", most=60),
        mass_g=body.number("mass_g"),
        collected_at=here.at,
        collector=body.text("collector", most=200),
        latitude=here.latitude,
        longitude=here.longitude,
        accuracy_m=here.accuracy_m,
        depth_m=body.maybe_number("depth_m"),
        site=body.text("site", most=60),
        note="\n".join(words for words in (body.text("note"), here.note) if words)[:4000],
        field_number=body.text("field_number", most=60),
    )
    body.finish()
    return draft


@kind(REGISTER)
def register_sample(act: Act) -> Done:
    """Register a sample; a blind blank or reference material is said to be one in the same act."""
    batch, draft = _batch(act), draft_of(act)
    sample = _registered(actor=act.person, batch=batch, drafts=[draft])[0]
    blind = act.body.inner("blind")
    if blind is not None:
        _say_blind(act, sample, blind)
    return Done(batch=batch)


def register_together(acts: Sequence[Act]) -> Batch:
    """Register the samples of several operations of one batch, all or none. Raises as `register_samples`."""
    batch = _batch(acts[0])
    _registered(actor=acts[0].person, batch=batch, drafts=[draft_of(act) for act in acts])
    return batch


def _say_blind(act: Act, sample: Sample, blind: Body) -> None:
    register_blind_item(
        actor=act.person,
        sample=sample,
        kind=blind.text("kind", most=20),
        material=blind.text("material", most=100),
    )
    blind.finish()


@kind("add_photograph")
def add_photograph(act: Act) -> Done:
    """Keep a photograph whose bytes came by themselves. Raises `Conflict` ("photograph-awaited") until they are here."""
    body = act.body
    of, taken_at = body.inner("of"), body.maybe_moment("taken_at")
    photograph_id, sha256 = body.id("photograph_id"), body.text("sha256", most=64)
    body.finish()
    if of is None:
        raise missing("of")
    target = _target(act, of)
    content = content_of(act.device, sha256)
    if isinstance(target, Incident):
        return _attach(act, target, content, sha256)
    sample = target if isinstance(target, Sample) else target.sample
    picture = keep_photograph(
        actor=act.person,
        owner=_owner(target),
        content=content,
        sample=sample,
        taken_at=None if taken_at is None else act.corrected(taken_at),
        photograph_id=photograph_id,
    )
    if isinstance(target, CustodyEvent):
        attach_photograph(actor=act.person, event=target, photograph=picture)
    return Done()


def _target(act: Act, of: Body) -> Sample | CustodyEvent | Incident:
    """Return what a photograph shows: a bag, an event or an incident. Raises `Invalid`, `NotFound`."""
    for what in ("event", "incident", "sample"):
        if of.has(what):
            found: Sample | CustodyEvent | Incident = act.found(what, of.id(what), f"of.{what}")
            of.finish()
            return found
    raise missing("of")


def _owner(target: Sample | CustodyEvent) -> Organisation:
    sample = target if isinstance(target, Sample) else target.sample
    if sample is not None:
        return sample.batch.owner
    assert isinstance(target, CustodyEvent)
    if target.consignment is None:
        raise invalid("field-invalid", "That event is of nothing.", "Choose another.", field="of.event")
    return target.consignment.owner


def _attach(act: Act, incident: Incident, content: bytes, sha256: str) -> Done:
    plain = tidy(content)  # without the place inside
    ending = plain.media_type.removeprefix("image/")
    attach_to_incident(
        actor=act.person, incident=incident, name=f"{sha256[:12]}.{ending}", content=plain.content
    )
    return Done()
