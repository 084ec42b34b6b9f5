"""How the things of the mine are told to a phone: mines, batches with their plans, blocks of tags, bags."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from lims.accounts.models import User
from samples.custody.models import CustodyEvent
from samples.custody.rules import EventKind
from samples.field.reference_words import applied, text
from samples.registry.models import Batch, Mine, Sample, Tag, TagBlock
from samples.registry.rules import SampleState, rounded
from samples.registry.sight import EXACT, Sight, sights_of


def mines(user: User, mines: list[Mine]) -> list[dict[str, Any]]:
    """Return mines; exact places for the owner's own people only."""
    exact = set(user.organisations_as(*EXACT))

    def degrees(mine: Mine, value: Decimal) -> str:
        return str(value if mine.owner_id in exact else rounded(value))

    return [
        {
            "id": str(mine.pk),
            "code": mine.code,
            "name": mine.name,
            "latitude": degrees(mine, mine.latitude),
            "longitude": degrees(mine, mine.longitude),
            "owner": str(mine.owner_id),
        }
        for mine in mines
    ]


def batches(user: User, batches: list[Batch]) -> list[dict[str, Any]]:
    """Return batches, each with its plan and how far it is; a laboratory sees neither mine nor campaign."""
    sights = sights_of(user, batches)
    known = [batch for batch in batches if sights[batch.pk] > Sight.BLIND]
    counted = _counted([batch for batch in known if hasattr(batch, "plan")])
    told = []
    for batch in batches:
        more = sights[batch.pk] > Sight.BLIND
        facts: dict[str, Any] = {
            "id": str(batch.pk),
            "code": batch.code,
            "campaign": batch.campaign if more else "",
            "material_type": batch.material_type,
            "mine": str(batch.mine_id) if more else None,
            "owner": str(batch.owner_id),
            "state": batch.state,
        }
        if more and hasattr(batch, "plan"):
            facts["plan"] = _plan(batch, counted[batch.pk])
        told.append(facts)
    return told


def _counted(batches: Iterable[Batch]) -> Mapping[UUID, Counter[str]]:
    """Return how many samples each batch has at each site, the sites in lower case; one query."""
    found: dict[UUID, Counter[str]] = defaultdict(Counter)
    rows = Sample.objects.filter(batch__in=list(batches), state=SampleState.REGISTERED)
    for batch, site in rows.values_list("batch", "site"):
        found[batch][site.casefold()] += 1
    return found


def _plan(batch: Batch, counted: Counter[str]) -> dict[str, Any]:
    plan = batch.plan
    return {
        "frozen": plan.frozen_at is not None,
        "planned_number": plan.planned_number,
        "registered": counted.total(),
        "sites": [
            {"name": site.name, "planned": site.planned_number, "registered": counted[site.name.casefold()]}
            for site in sorted(plan.sites.all(), key=lambda site: site.position)
        ],
    }


def tag_blocks(_user: User, blocks: list[TagBlock]) -> list[dict[str, Any]]:
    """Return blocks of tags with the codes that are on no bag yet."""
    unused: dict[UUID, list[str]] = defaultdict(list)
    free = Tag.objects.filter(block__in=blocks, sample=None, replaced_at=None)
    for block, code in free.order_by("code").values_list("block", "code"):
        unused[block].append(code)
    return [
        {"id": str(block.pk), "first": block.first, "last": block.last, "tags": unused[block.pk]}
        for block in blocks
    ]


def samples(_user: User, samples: list[Sample]) -> list[dict[str, Any]]:
    """Return bags with the seal that is on them and the mass at which they were sealed, g."""
    ids = [sample.pk for sample in samples]
    seals, masses = applied(ids), _sealed_masses(ids)
    return [
        {
            "id": str(sample.pk),
            "batch": str(sample.batch_id),
            "tag": sample.tag.code,
            "mass_g": str(sample.mass_g),
            "site": sample.site,
            "seal": seals.get(sample.pk),
            "sealed_mass_g": text(masses.get(sample.pk)),
            "state": sample.state,
        }
        for sample in samples
    ]


def _sealed_masses(samples: Iterable[UUID]) -> dict[UUID, Any]:
    rows = CustodyEvent.objects.filter(sample__in=list(samples), kind=EventKind.SEALED).order_by("at", "id")
    return dict(rows.values_list("sample", "gross_mass_g"))
