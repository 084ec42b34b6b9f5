"""The whole demonstration: catalogue and policies before anything is received, then each batch on its way."""

from collections.abc import Mapping
from typing import Final

from assays.catalogue.models import Method
from assays.demonstration.analyses import Analysis, certificate, leave_in_preview
from assays.demonstration.bench import FRESH, LABORATORY, at_work
from assays.demonstration.catalogue import add_materials, add_methods, add_old_lot, add_policies
from assays.demonstration.due import do_due
from assays.demonstration.equipment import equip
from assays.demonstration.journeys import Journey, Organisations, People, travel
from assays.demonstration.past import bring_in_past
from assays.demonstration.phones import add_phones
from assays.demonstration.standing import stand
from assays.demonstration.teaching import teach
from lims.accounts.rules import Role
from lims.verbs import Actor
from samples.registry.models import Batch, Sample

CLAY, GRANITE, PRECIPITATE = "RE-101", "RE-102", "RE-301"
#: campaign → laboratory and journey: what a person finds in the demonstration
JOURNEYS: Final[Mapping[str, tuple[str, Journey]]] = {
    "Post-monsoon grid, block A": (
        "DECCAN",
        Journey("approved", 30, Analysis("DAL26-0411", 1.32, CLAY)),
    ),
    "Post-monsoon grid, block B": (
        "DECCAN",
        Journey(
            "reported",
            12,
            Analysis("DAL26-0437", 1.18, CLAY),
            asked=(
                8,
                "The outer bag is torn and damp inside; the inner one is whole. Shall it be dried and tested?",
            ),
        ),
    ),
    "Post-monsoon grid, block C": (
        "DECCAN",
        Journey(
            "approved",
            24,
            Analysis("DAL26-0420", 1.22, CLAY),
            again=Analysis("DAL26-0420", 1.29, CLAY, comments="Corrected copy: dilution of rack 2 corrected"),
        ),
    ),
    "Auger holes, October": (
        "ODISHA",
        Journey("approved", 25, Analysis("ORL-1187", 0.9, GRANITE)),
    ),
    "Auger holes, September": (
        "ODISHA",
        Journey("approved", 48, Analysis("ORL-1102", 2.05, GRANITE, spread=0.4)),
    ),
    "Channel samples, east face": ("DECCAN", Journey("registered", 6)),
    "Heap floor, first pass": (
        "ODISHA",
        Journey("approved", 20, Analysis("ORL-1170", 1.0, CLAY, spread=0.3)),
    ),
    "Heap floor, second pass": (
        "ODISHA",
        Journey("approved", 15, Analysis("ORL-1203", 1.35, CLAY, bias_sd=4.2)),
    ),
    "Ridge line, first pass": (
        "DECCAN",
        Journey("approved", 18, Analysis("DAL26-0431", 1.4, CLAY), light=(3, 4)),
    ),
    "Ponds 1 and 2": (
        "DECCAN",
        Journey("approved", 22, Analysis("DAL26-0425", 1.0, PRECIPITATE, thorium=3.0)),
    ),
    "Ponds 3 to 7": ("DECCAN", Journey("on the road", 3)),
    "Grid, block D": ("DECCAN", Journey("sealed", 2)),
    "Grid, block E": ("DECCAN", Journey("received", 10)),
}


#: of this campaign a lost phone still had a sample
UNSENT: Final = "Channel samples, east face"


def load(actor: Actor, organisations: Organisations, people: People) -> None:
    """Load catalogue and policies, then let every batch travel; `people` are named as those who did it."""
    methods = add_methods(actor, organisations)
    add_old_lot(actor)
    add_materials(actor)
    add_policies(organisations, people)
    do_due()
    equipment = equip(organisations, people)
    batches = Batch.objects.select_related("owner").order_by("code")
    for number, batch in enumerate(batches, 1):
        laboratory, journey = JOURNEYS[batch.campaign]
        travel(number, batch, laboratory, journey, organisations, people, equipment)
    add_phones(people, Batch.objects.select_related("owner", "mine").get(campaign=UNSENT))
    _waiting(organisations, people)
    _bench(organisations, people, methods)
    do_due()


def _bench(organisations: Organisations, people: People, methods: Mapping[tuple[str, str], Method]) -> None:
    """Let a laboratory record what it stands on, bring in its past, work at its bench, and teach a layout."""
    where = organisations[LABORATORY]
    at_work(organisations, people, methods, stand(where, methods, people))
    bring_in_past(people[LABORATORY, Role.REVIEWER], where)
    tags = Sample.objects.filter(batch__campaign=FRESH).order_by("tag__code")
    codes = list(tags.values_list("tag__code", flat=True)[:3])
    teach(people[LABORATORY, Role.TECHNICIAN], where, codes)


def _waiting(organisations: Organisations, people: People) -> None:
    """Leave a certificate in its preview, for a technician to go on with."""
    batch = Batch.objects.get(campaign="Post-monsoon grid, block B")
    samples = list(Sample.objects.filter(batch=batch, state="REGISTERED").order_by("tag__code"))
    job = Analysis("DAL26-0440", 1.2, CLAY)
    content = certificate(samples, batch.material_type, job)
    leave_in_preview(people["DECCAN", Role.TECHNICIAN], organisations["DECCAN"], job, content)
