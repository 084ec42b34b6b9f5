"""The verb by which a bag becomes a portion: taken up at the bench, weighed, its seal off."""

from datetime import datetime
from decimal import Decimal

from assays.runs.models import Portion, PortionEvent, StorePlace
from assays.runs.portions import permissions  # noqa: F401  # permissions register by name
from assays.runs.portions.arguments import check_moment, check_places
from assays.runs.portions.queries import laboratories_of
from assays.runs.portions.retention import day_of, retention_rules
from assays.runs.portions.rules import first_day
from assays.runs.rules import PortionEventKind, PortionKind
from lims.accounts.models import Organisation, User
from lims.accounts.rules import OrganisationKind, Role
from lims.errors import conflict, invalid, not_permitted
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody.bag_services import open_bag
from samples.custody.deviations import testing_stopped
from samples.custody.happenings import Here
from samples.custody.models import Seal
from samples.custody.returning import last_receipts
from samples.custody.rules import SealState
from samples.custody.whereabouts import whereabouts
from samples.registry.arguments import person_of
from samples.registry.models import Sample
from samples.registry.rules import SampleState, check_mass


@verb
def take_up_bag(
    *, actor: Actor, sample: Sample, mass_g: Decimal, at: datetime, place: StorePlace | None = None
) -> Portion:
    """Take a bag up at the bench as the first portion of its sample, at its net mass in g; a seal on it is taken off.

    The laboratory is the one that received the bag, or the person's own. Raises `NotPermitted` ("bag-elsewhere"), `Invalid` ("mass-not-positive",
    "laboratory-unclear", "date-in-future", …) or `Conflict` ("portion-of-bag-once", "sample-withdrawn", "bag-gone", "testing-stopped").
    """
    permit(actor, "runs.weigh", sample)
    check_mass(mass_g)
    check_moment(at)
    rows = Sample.objects.select_for_update(of=("self",), no_key=True).select_related("tag", "batch")
    bag = rows.get(pk=sample.pk)
    laboratory = _laboratory(actor, bag)
    permit(actor, "portions.handle", laboratory)
    check_places([place], laboratory)
    _check_may_be_opened(bag)
    if Portion.objects.filter(laboratory=laboratory, sample=bag, parent=None).exists():
        message = f"{bag} was taken up already."
        raise conflict("portion-of-bag-once", message, "Look at its portions.", field="sample")
    if Seal.objects.filter(sample=bag, state=SealState.APPLIED).exists():
        open_bag(actor=actor, sample=bag, here=Here(at))
    rule = retention_rules(laboratory).get(PortionKind.BAG)
    made = Portion.objects.create(
        laboratory=laboratory,
        sample=bag,
        label=bag.tag.code,
        kind=PortionKind.BAG,
        made_g=mass_g,
        left_g=mass_g,
        place=place,
        keep_until=first_day(day_of(at), rule.days if rule else None),
        made_at=at,
        created_by=person_of(actor),
    )
    if place is not None:
        PortionEvent.objects.create(
            portion=made, kind=PortionEventKind.STORED, place=place, at=at, recorded_by=person_of(actor)
        )
    return made


def _check_may_be_opened(bag: Sample) -> None:
    if bag.state == SampleState.WITHDRAWN:
        message = f"{bag} was withdrawn by its owner."
        raise conflict("sample-withdrawn", message, "Keep it as it is, and ask the owner.", field="sample")
    found = whereabouts([bag.pk]).get(bag.pk)
    if found is not None and found.is_lost:
        message = f"{bag} is recorded as {found.event.get_kind_display().lower()}."
        raise conflict(
            "bag-gone", message, "If it stands before you, clear its incident first.", field="sample"
        )
    if testing_stopped([bag.pk]):
        message = f"The laboratory asked the owner about {bag}, who has not said to test it."
        raise conflict("testing-stopped", message, "Wait for the answer on its incident.", field="sample")


def _laboratory(actor: Actor, bag: Sample) -> Organisation:
    """Return the laboratory that has the bag."""
    line = last_receipts([bag.pk]).get(bag.pk)
    there = line.consignment.destination if line is not None else None
    mine = list(laboratories_of(actor, Role.TECHNICIAN)) if isinstance(actor, User) else []
    if there is not None:
        at_laboratory = there.kind == OrganisationKind.LABORATORY
        if not at_laboratory or (isinstance(actor, User) and there not in mine):
            message = f"{bag} was received by {there.name}."
            raise not_permitted("bag-elsewhere", message, "Receive it before it is taken up.", field="sample")
        return there
    if len(mine) != 1:
        message = "It is not recorded which laboratory received this bag."
        raise invalid("laboratory-unclear", message, "Receive it first.", field="sample")
    return mine[0]
