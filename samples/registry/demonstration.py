"""What the demonstration holds of the registry: invented mines, batches and bags, made by the verbs themselves."""

import random
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from samples.registry import list_services, sample_services, services
from samples.registry.drafts import Draft
from samples.registry.models import Batch, Mine, Sample, SampleList
from samples.registry.plans import services as plans
from samples.registry.plans.rules import SiteDraft
from samples.registry.rules import show_tag
from samples.registry.writers import csv_file

#: the same samples each time
SEED: Final = 7
#: code, name, owner, latitude, longitude, township, controlling body, deposit, due diligence
MINES: Final = (
    (
        "PN-1", "Pangwa North", "IREL", "26.051420", "98.412300", "Chipwi", "Village land committee",
        "Ion-adsorption clay over granite", "YELLOW",
    ),
    (
        "CR-2", "Chipwi Ridge", "IREL", "25.934150", "98.286700", "Chipwi", "Cooperative of smallholders",
        "Weathered granite, 4 to 9 m", "GREEN",
    ),
    (
        "LK-4", "Laukkha Terrace", "MIDWEST", "26.217830", "98.503900", "Tsawlaw", "Private licence holder",
        "Ion-adsorption clay, leached in heaps", "UNKNOWN",
    ),
    (
        "ZM-3", "Zinmai Creek", "MIDWEST", "26.362410", "98.556200", "Tsawlaw", "Unknown, said to be changing",
        "Leach precipitate from ponds", "RED",
    ),
)  # fmt: skip
#: mine, material, campaign, planned, bags, days ago, typical mass in g, laboratory, whether it is closed
BATCHES: Final = (
    ("PN-1", "ION_ADSORPTION_CLAY", "Post-monsoon grid, block A", 24, 24, 34, 2400, "DECCAN", True),
    ("PN-1", "ION_ADSORPTION_CLAY", "Post-monsoon grid, block B", 26, 26, 14, 2300, "DECCAN", False),
    ("PN-1", "ION_ADSORPTION_CLAY", "Post-monsoon grid, block C", 16, 16, 27, 2350, "DECCAN", True),
    ("CR-2", "WEATHERED_GRANITE", "Auger holes, October", 16, 16, 28, 3100, "ODISHA", True),
    ("CR-2", "WEATHERED_GRANITE", "Auger holes, September", 14, 14, 52, 3000, "ODISHA", True),
    ("CR-2", "HARD_ROCK", "Channel samples, east face", 12, 9, 6, 4200, None, False),
    ("LK-4", "ION_ADSORPTION_CLAY", "Heap floor, first pass", 18, 18, 22, 2150, "ODISHA", False),
    ("LK-4", "ION_ADSORPTION_CLAY", "Heap floor, second pass", 16, 16, 17, 2150, "ODISHA", False),
    ("LK-4", "ION_ADSORPTION_CLAY", "Ridge line, first pass", 14, 14, 20, 2250, "DECCAN", False),
    ("ZM-3", "LEACH_PRECIPITATE", "Ponds 1 and 2", 12, 12, 24, 1250, "DECCAN", True),
    ("ZM-3", "LEACH_PRECIPITATE", "Ponds 3 to 7", 18, 18, 4, 1250, "DECCAN", False),
    ("PN-1", "ION_ADSORPTION_CLAY", "Grid, block D", 14, 14, 4, 2300, "DECCAN", False),
    ("PN-1", "ION_ADSORPTION_CLAY", "Grid, block E", 10, 10, 11, 2300, "DECCAN", True),
)
#: campaign → pits that its plan asks for, two bags each, and blind blanks among them
PLANS: Final = {
    "Post-monsoon grid, block A": (12, 1),
    "Post-monsoon grid, block B": (12, 1),
    "Channel samples, east face": (6, 1),
    "Grid, block D": (7, 0),
}
LETTERS: Final = {"IREL": "KC", "MIDWEST": "MW"}

People = Mapping[tuple[str, Role], User]


def load(organisations: Mapping[str, Organisation], people: People) -> SampleList:
    """Make mines, tags, batches, samples, holds, numbers; return a list that waits to be read.

    The record names the coordinators and managers in `people` as those who did it.
    """
    dice = random.Random(SEED)  # noqa: S311  # invented masses and places, no secret
    mines = {row[0]: _mine(organisations[row[2]], people[row[2], Role.MANAGER], row) for row in MINES}
    tags = {code: _tags(organisations[code], people[code, Role.FIELD_COORDINATOR]) for code in LETTERS}
    loaded: list[tuple[Batch, list[Sample]]] = []
    for row in BATCHES:
        mine = mines[row[0]]
        loaded.append(_batch(row, mine, organisations, people, tags[mine.owner.code], dice))
    _happenings(loaded, people)
    return _list(loaded[1][0], people["IREL", Role.FIELD_COORDINATOR], tags["IREL"])


def _mine(owner: Organisation, manager: User, row: tuple[str, ...]) -> Mine:
    code, name, _, latitude, longitude, township, body, deposit, status = row
    mine = services.add_mine(
        actor=manager,
        owner=owner,
        code=code,
        name=name,
        latitude=Decimal(latitude),
        longitude=Decimal(longitude),
        township=township,
        controlling_body=body,
        deposit_type=deposit,
    )
    if status == "UNKNOWN":
        return mine
    return services.change_due_diligence(actor=manager, mine=mine, status=status)


def _tags(owner: Organisation, coordinator: User) -> list[str]:
    """Issue a block of tags and return them, the first to be used last in the list."""
    services.start_tags(actor=coordinator, owner=owner, prefix=LETTERS[owner.code])
    tags = services.issue_tags(actor=coordinator, owner=owner, count=150)
    return [tag.code for tag in reversed(tags)]


def _batch(
    row: tuple[str, str, str, int, int, int, int, str | None, bool],
    mine: Mine,
    organisations: Mapping[str, Organisation],
    people: People,
    tags: list[str],
    dice: random.Random,
) -> tuple[Batch, list[Sample]]:
    _, material, campaign, planned, bags, days, mass, laboratory, closed = row
    coordinator = people[mine.owner.code, Role.FIELD_COORDINATOR]
    manager = people[mine.owner.code, Role.MANAGER]
    batch = services.open_batch(
        actor=coordinator, mine=mine, material_type=material, campaign=campaign, planned_count=planned
    )
    parties = [("HILLROAD", "HOLDER")] + ([(laboratory, "TESTER")] if laboratory else [])
    if campaign in PLANS:
        _plan(batch, coordinator, manager)
    for code, part in parties:
        services.add_party(actor=manager, batch=batch, organisation=organisations[code], part=part)
    drafts = [_draft(tags.pop(), n, mine, coordinator, days, mass, dice) for n in range(bags)]
    samples = sample_services.register_samples(actor=coordinator, batch=batch, drafts=drafts)
    return (services.close_batch(actor=manager, batch=batch) if closed else batch), samples


def _plan(batch: Batch, coordinator: User, manager: User) -> None:
    """Plan a campaign pit by pit, along its grid; the manager freezes the plan before anything is known."""
    pits, blanks = PLANS[batch.campaign]
    sites = [
        SiteDraft(
            f"Pit {n + 1}",
            2,
            batch.mine.latitude + Decimal(n % 3) * Decimal("0.00072"),
            batch.mine.longitude + Decimal(n // 3) * Decimal("0.0004"),
            "deepest" if n % 3 == 2 else "",
        )
        for n in range(pits)
    ]
    plan = plans.make_plan(
        actor=coordinator,
        batch=batch,
        sites=sites,
        interval="0 to 2 m, 2 to 4 m, at 40 m spacing",
        method="Channel of 10 cm in the pit's wall, quartered on a sheet",
        sampler=coordinator.name,
        planned_blanks=blanks,
    )
    plans.freeze_plan(actor=manager, plan=plan)


def _draft(
    tag: str, n: int, mine: Mine, coordinator: User, days: int, mass: int, dice: random.Random
) -> Draft:
    """Return the n-th bag of a campaign: a grid of about 40 m, four bags a morning."""
    start = timezone.now() - timedelta(days=days)
    morning = start.replace(hour=3, minute=10, second=0, microsecond=0) + timedelta(days=n // 12)
    at = min(morning + timedelta(minutes=23 * (n % 12) + dice.randint(0, 9)), timezone.now())
    return Draft(
        tag=tag,
        mass_g=Decimal(round(mass * dice.lognormvariate(0, 0.12))),
        collected_at=at,
        collector=coordinator.name,
        latitude=mine.latitude
        + Decimal(n % 6) * Decimal("0.00036")
        + Decimal(dice.randint(-9, 9)) / 1_000_000,
        longitude=mine.longitude
        + Decimal(n // 6) * Decimal("0.0004")
        + Decimal(dice.randint(-9, 9)) / 1_000_000,
        accuracy_m=Decimal(dice.randint(3, 14)),
        depth_m=Decimal(dice.randint(2, 36)) / 4,
        site=f"Pit {n // 2 + 1}",
        field_number=f"{mine.code}/{n + 1:02d}",
        note=dice.choice(["", "", "", "", "wet", "reddish, roots", "pale, kaolin", "second bag inside"]),
    )


def _happenings(loaded: list[tuple[Batch, list[Sample]]], people: People) -> None:
    """Let the things happen that make a record: numbers, holds, a correction, a withdrawal."""
    manager, coordinator = people["IREL", Role.MANAGER], people["IREL", Role.FIELD_COORDINATOR]
    first, second = loaded[0][1], loaded[1][1]
    for n, sample in enumerate(first):
        sample_services.add_external_number(
            actor=manager, sample=sample, kind="LABORATORY", number=f"DAL-26-{4310 + n}"
        )
    hold = sample_services.set_hold(
        actor=manager, sample=first[3], kind="RADIOLOGICAL", reason="1.4 µSv/h at the surface of the bag."
    )
    sample_services.release_hold(
        actor=manager, hold=hold, reason="0.2 µSv/h when measured away from the heap."
    )
    sample_services.set_hold(
        actor=manager,
        sample=second[2],
        kind="CUSTODY",
        reason="The seal's number was read differently twice.",
    )
    sample_services.set_hold(
        actor=people["MIDWEST", Role.MANAGER],
        sample=loaded[10][1][4],
        kind="RADIOLOGICAL",
        reason="2.1 µSv/h at the surface: thorium suspected.",
    )
    sample_services.correct_sample(
        actor=coordinator,
        sample=second[5],
        reason="The scale was not tared: 180 g of bucket.",
        changes={"mass_g": second[5].mass_g - 180},
    )
    plans.register_blind_item(
        actor=coordinator, sample=loaded[5][1][6], kind="BLANK", material="Washed quartz sand"
    )
    sample_services.withdraw_sample(
        actor=manager, sample=second[7], reason="The bag burst on the path; half of it is lost."
    )


def _list(batch: Batch, coordinator: User, tags: list[str]) -> SampleList:
    """Upload a list as it comes from the field: mostly good, and four rows that are not."""
    day = (timezone.now() - timedelta(days=1)).date().isoformat()
    rows = [
        [
            show_tag(tags[-1 - n]),
            f"{2.1 + n / 20:.2f}",
            f"{day} 0{8 + n // 6}:{10 + 8 * (n % 6)}",
            f"PN-1/B{n:02d}",
        ]
        for n in range(8)
    ]
    rows[2][0] = rows[1][0]
    rows[4][1] = "0"
    rows[5][0] = rows[5][0][:-1] + ("0" if rows[5][0][-1] != "0" else "1")
    rows[6][2] = "3/11/2026"
    content = csv_file(["tag", "mass_kg", "collected_at", "field_number"], rows)
    return list_services.upload_list(
        actor=coordinator, batch=batch, name="block-B-second-week.csv", content=content
    )
