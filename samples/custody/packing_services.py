"""The verb of the packing table: one bag after the other, sealed and packed at once."""

from decimal import Decimal

from lims.errors import NotFound, Place, Problem, conflict, invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.checks import seal_key
from samples.custody.happenings import Here
from samples.custody.models import Consignment, ConsignmentItem, Scale
from samples.custody.page_queries import applied_seal, owners_bag
from samples.custody.services import pack, seal_sample
from samples.custody.tag_checks import replacement_of
from samples.registry.models import Sample
from samples.registry.rules import read_tag, show_tag


@verb
def seal_and_pack(
    *,
    actor: Actor,
    consignment: Consignment,
    tag: str,
    maker: str,
    number: str,
    mass_g: Decimal | None,
    here: Here,
    scale: Scale | None = None,
) -> ConsignmentItem:
    """Seal the bag with this tag, at its gross mass (g), and pack it; a bag that is sealed already is only packed.

    All or nothing. Raises `Invalid` ("tag-malformed", "tag-check-character", "seal-missing", "mass-missing"),
    `NotFound` ("tag-unknown") or `Conflict` ("seal-another", "tag-replaced", and those of `seal_sample` and `pack`).
    """
    permit(actor, "custody.pack", consignment)
    sample = _bag(consignment, tag)
    applied = applied_seal(sample)
    if applied is None:
        if not number.strip():
            raise invalid("seal-missing", f"{sample} carries no seal.", "Give its number.", field="number")
        if mass_g is None:
            raise invalid(
                "mass-missing", f"{sample} is not weighed.", "Weigh the sealed bag.", field="mass_g"
            )
        seal_sample(
            actor=actor,
            sample=sample,
            maker=maker,
            number=number,
            mass_g=mass_g,
            here=here,
            scale=scale,
        )
    elif number.strip() and seal_key("", number) != seal_key("", applied.number):
        raise conflict(
            "seal-another",
            f"{sample} was sealed with {applied}, not with {number.strip()[:60]}.",
            "Look at the seal again; if it is another one, keep the bag back and report it.",
            field="number",
        )
    return pack(actor=actor, consignment=consignment, samples=[sample])[0]


def _bag(consignment: Consignment, tag: str) -> Sample:
    code = read_tag(tag)
    sample = owners_bag(consignment, code)
    if sample is None:
        old = replacement_of(code)
        if old is not None and old.sample.batch.owner_id == consignment.owner_id:
            message = f"{old.old_tag} was replaced by {old.new_tag}."
            raise conflict("tag-replaced", message, "Scan the tag that is on the bag now.", field="tag")
        message = f"No bag of {consignment.owner} has the tag {show_tag(code)}."
        raise NotFound(Problem("tag-unknown", message, "Register the sample first.", Place(field="tag")))
    return sample
