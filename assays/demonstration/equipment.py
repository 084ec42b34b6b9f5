"""What the demonstration's bags travel with: routes, scales with their daily check weights, permits, forms, tags to come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from assays.demonstration.pictures import sheet
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from samples.custody.models import Document, PaperForm, Route, Scale
from samples.custody.papers import form_services
from samples.custody.papers import services as papers
from samples.custody.routes import services as routes
from samples.custody.routes.rules import LegDraft, Point
from samples.custody.rules import DocumentKind, Mode
from samples.custody.scales import services as scales
from samples.registry.tags import services as tags

#: places on the way, in degrees north and east; what happens there is invented
FERRY: Final[Point] = (Decimal("25.861000"), Decimal("97.745000"))
PASS: Final[Point] = (Decimal("27.210000"), Decimal("96.120000"))
LEDO: Final[Point] = (Decimal("27.300000"), Decimal("95.740000"))
#: owner → where its bags set out; laboratory → where they arrive
STARTS: Final[Mapping[str, tuple[str, Point]]] = {
    "IREL": ("Chipwi", (Decimal("25.890000"), Decimal("98.130000"))),
    "MIDWEST": ("Tsawlaw", (Decimal("26.150000"), Decimal("98.280000"))),
}
ENDS: Final[Mapping[str, tuple[str, Point]]] = {
    "DECCAN": ("Hyderabad", (Decimal("17.385000"), Decimal("78.487000"))),
    "ODISHA": ("Bhubaneswar", (Decimal("20.296000"), Decimal("85.825000"))),
}
#: organisation → its scales: name, division and capacity in g, role of who checks it
SCALES: Final = (
    ("IREL", "Field scale 2", "5", "30000", Role.FIELD_COORDINATOR),
    ("MIDWEST", "Field scale 5", "5", "30000", Role.FIELD_COORDINATOR),
    ("DECCAN", "Door scale", "1", "35000", Role.RECEPTIONIST),
    ("ODISHA", "Door scale", "1", "35000", Role.TECHNICIAN),
)
#: owner → kg and bags of its plant-quarantine permit
PERMITS: Final = {"IREL": ("PQ/2026/1184", "360", 150), "MIDWEST": ("PQ/2026/1201", "150", 100)}
CHECK_WEIGHT_G: Final = Decimal(5000)
#: how many of the last days have a check weight
DAYS: Final = 12

People = Mapping[tuple[str, Role], User]


@dataclass(frozen=True, slots=True)
class Equipment:
    """What is there to travel with, by organisation code; routes by owner and laboratory."""

    routes: Mapping[tuple[str, str], Route] = field(default_factory=dict)
    scales: Mapping[str, Scale] = field(default_factory=dict)
    papers: Mapping[str, Mapping[DocumentKind, Document]] = field(default_factory=dict)
    forms: Mapping[str, list[PaperForm]] = field(default_factory=dict)


def equip(organisations: Mapping[str, Organisation], people: People) -> Equipment:
    """Plan routes, put up scales, record permits, print forms and reserve tags; people do it as they would."""
    made = Equipment(
        routes={
            (owner, laboratory): _route(organisations[owner], people[owner, Role.MANAGER], owner, laboratory)
            for owner in STARTS
            for laboratory in ENDS
        },
        scales={row[0]: _scale(organisations[row[0]], people[row[0], row[4]], row) for row in SCALES},
        papers={code: _papers(organisations[code], people[code, Role.FIELD_COORDINATOR]) for code in STARTS},
        forms={
            code: form_services.print_forms(
                actor=people[code, Role.FIELD_COORDINATOR], owner=organisations[code], count=6
            )
            for code in STARTS
        },
    )
    for code in STARTS:
        coordinator = people[code, Role.FIELD_COORDINATOR]
        form_services.spoil_form(
            actor=coordinator, paper=made.forms[code][1], reason="It fell into the river at the ferry."
        )
        tags.reserve_tags(
            actor=people[code, Role.MANAGER],
            owner=organisations[code],
            coordinator=coordinator,
            count=40,
            note="For the trip of December",
        )
    return made


def _route(owner: Organisation, manager: User, code: str, laboratory: str) -> Route:
    (start, begins), (end, ends) = STARTS[code], ENDS[laboratory]
    legs = (
        LegDraft(start, "N'Mai ferry", Mode.ROAD, Decimal(12), Decimal(4), begins, FERRY),
        LegDraft("N'Mai ferry", "Pangsau Pass", Mode.ROAD, Decimal(42), Decimal(6), FERRY, PASS),
        LegDraft("Pangsau Pass", "Ledo", Mode.ROAD, Decimal(8), Decimal(1), PASS, LEDO),
        LegDraft("Ledo", end, Mode.RAIL, Decimal(74), Decimal(12), LEDO, ends),
    )
    return routes.add_route(actor=manager, owner=owner, name=f"{start} to {end} by the pass", legs=legs)


def _scale(owner: Organisation, person: User, row: tuple[str, str, str, str, Role]) -> Scale:
    """Put up a scale with a check weight on each of the last days; one morning it shows it wrong, and is set right."""
    made = scales.add_scale(
        actor=person, owner=owner, name=row[1], division_g=Decimal(row[2]), capacity_g=Decimal(row[3])
    )
    now = timezone.now()
    for day in reversed(range(DAYS)):
        at = now - timedelta(days=day, hours=2)
        if day == 4:
            check_scale(person, made, at - timedelta(minutes=20), shown_g=CHECK_WEIGHT_G - 35)
        check_scale(person, made, at)
    return made


def check_scale(person: User, scale: Scale, at: datetime, *, shown_g: Decimal | None = None) -> None:
    """Put the check weight on a scale: it shows `shown_g`, or what is right."""
    shown = CHECK_WEIGHT_G if shown_g is None else shown_g
    scales.record_scale_check(actor=person, scale=scale, nominal_g=CHECK_WEIGHT_G, read_g=shown, at=at)


def _papers(owner: Organisation, coordinator: User) -> Mapping[DocumentKind, Document]:
    """Record a permit that every bag draws down, a survey of the mine, and a permit of last year that has expired."""
    number, kg, bags = PERMITS[owner.code]
    day = timezone.localdate()
    authority = "Plant quarantine office (invented)"
    lines = (("Permit for", owner.name), ("Soil samples", f"{kg} kg, {bags} bags"), ("Number", number))
    papers.add_document(
        actor=coordinator,
        owner=owner,
        kind=DocumentKind.PLANT_QUARANTINE,
        authority=authority,
        number=number.replace("2026", "2025"),
        issued_on=day - timedelta(days=430),
        expires_on=day - timedelta(days=66),
        quantity_kg=Decimal(200),
    )
    permit = papers.add_document(
        actor=coordinator,
        owner=owner,
        kind=DocumentKind.PLANT_QUARANTINE,
        authority=authority,
        number=number,
        issued_on=day - timedelta(days=65),
        expires_on=day + timedelta(days=25),
        quantity_kg=Decimal(kg),
        most_bags=bags,
        scan=sheet("Import permit (invented)", number, lines),
    )
    diligence = papers.add_document(
        actor=coordinator,
        owner=owner,
        kind=DocumentKind.DUE_DILIGENCE,
        authority="Office of responsible sourcing (invented)",
        number=f"DD-{owner.code}-26/3",
        issued_on=day - timedelta(days=80),
        expires_on=day + timedelta(days=285),
    )
    return {DocumentKind.PLANT_QUARANTINE: permit, DocumentKind.DUE_DILIGENCE: diligence}
