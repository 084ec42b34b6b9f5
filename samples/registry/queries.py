"""Reads of the registry: rows that hold what their reader may see and nothing else."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Count, Exists, Model, OuterRef, Prefetch, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from lims.accounts.models import Organisation, User
from lims.errors import NotFound, Problem
from samples.registry.models import (
    Batch,
    BatchParty,
    BlindItem,
    ExternalNumber,
    Hold,
    Mine,
    Sample,
    SampleList,
    Tag,
)
from samples.registry.rules import NumberKind, SampleState, rounded, show_tag
from samples.registry.seen import SeenBatch, SeenMine, SeenSample
from samples.registry.sight import EXACT, Sight, sights_of

Row = TypeVar("Row", bound=Model)


def samples_for(user: User) -> QuerySet[Sample]:
    """Return the samples that `user` may see, ready for `seen_samples` (three queries for any number of rows)."""
    numbers = Prefetch("external_numbers", ExternalNumber.objects.order_by("id"))
    holds = Prefetch("holds", Hold.objects.filter(released_at=None).order_by("kind"), to_attr="open_holds")
    visible = Sample.objects.visible_to(user).select_related("tag", "batch__mine", "batch__owner")
    return visible.prefetch_related(numbers, holds)


def seen_samples(user: User, samples: Iterable[Sample]) -> list[SeenSample]:
    """Return these samples as `user` sees them; at most one query of its own."""
    samples = list(samples)
    sights = sights_of(user, {sample.batch_id: sample.batch for sample in samples}.values())
    return [_seen(sample, sights[sample.batch_id]) for sample in samples]


def _seen(sample: Sample, sight: Sight) -> SeenSample:
    numbers = {number.kind: number.number for number in sample.external_numbers.all()}
    blind: dict[str, Any] = {
        "id": sample.pk,
        "tag": show_tag(sample.tag.code),
        "batch_id": sample.batch_id,
        "batch": sample.batch.code,
        "material_type": sample.batch.material_type,
        "mass_g": sample.mass_g,
        "state": sample.state,
        "withdrawn_reason": sample.withdrawn_reason if sight > Sight.BLIND else "",
        "registered_at": sample.registered_at,
        "held": tuple(hold.kind for hold in getattr(sample, "open_holds", [])),
        "laboratory_number": numbers.get(NumberKind.LABORATORY, ""),
        "sight": sight,
    }
    if sight <= Sight.BLIND:
        return SeenSample(**blind)
    exact = sight is Sight.FULL
    return SeenSample(
        **blind,
        field_number=numbers.get(NumberKind.FIELD, ""),
        mine_id=sample.batch.mine_id,
        mine=sample.batch.mine.name,
        collected_at=sample.collected_at,
        collector=sample.collector,
        latitude=_placed(sample.latitude, exact=exact),
        longitude=_placed(sample.longitude, exact=exact),
        accuracy_m=sample.accuracy_m if exact else None,
        depth_m=sample.depth_m,
        site=sample.site,
        note=sample.note,
    )


def _placed(degrees: Decimal | None, *, exact: bool) -> Decimal | None:
    return degrees if exact or degrees is None else rounded(degrees)


def batches_for(user: User) -> QuerySet[Batch]:
    """Return the batches that `user` may see, each with the count and mass (g) of its registered samples.

    The owner's blind items are no samples; whoever is not told of them counts them, or the difference would tell.
    """
    # Subqueries, not a join: only the batches of one page are counted, however many there are.
    blind = BlindItem.objects.visible_to(user).filter(sample=OuterRef("pk"))
    rows = Sample.objects.filter(~Exists(blind), batch=OuterRef("pk"), state=SampleState.REGISTERED)
    counted = rows.order_by().values("batch")
    return (
        Batch.objects.visible_to(user)
        .select_related("mine", "owner")
        .annotate(
            count=Coalesce(Subquery(counted.annotate(n=Count("pk")).values("n")), 0),
            mass_g=Coalesce(Subquery(counted.annotate(m=Sum("mass_g")).values("m")), Decimal(0)),
        )
    )


def seen_batches(user: User, batches: Iterable[Batch]) -> list[SeenBatch]:
    """Return these batches as `user` sees them; at most one query of its own."""
    batches = list(batches)
    sights = sights_of(user, batches)
    return [_seen_batch(batch, sights[batch.pk]) for batch in batches]


def _seen_batch(batch: Batch, sight: Sight) -> SeenBatch:
    more = sight > Sight.BLIND
    return SeenBatch(
        id=batch.pk,
        code=batch.code,
        owner=batch.owner.name,
        material_type=batch.material_type,
        state=batch.state,
        planned_count=batch.planned_count,
        count=batch.count,  # type: ignore[attr-defined]  # annotated by batches_for
        mass_g=batch.mass_g,  # type: ignore[attr-defined]  # annotated by batches_for
        created_at=batch.created_at,
        sight=sight,
        mine_id=batch.mine_id if more else None,
        mine=batch.mine.name if more else None,
        campaign=batch.campaign if more else None,
    )


def mines_for(user: User) -> QuerySet[Mine]:
    """Return the mines that `user` may know of."""
    return Mine.objects.visible_to(user).select_related("owner")


def seen_mines(user: User, mines: Iterable[Mine]) -> list[SeenMine]:
    """Return these mines as `user` sees them."""
    exact = set(user.organisations_as(*EXACT))
    return [_seen_mine(mine, exact=mine.owner_id in exact) for mine in mines]


def _seen_mine(mine: Mine, *, exact: bool) -> SeenMine:
    names = ("code", "name", "township", "controlling_body", "deposit_type", "due_diligence", "created_at")
    return SeenMine(
        id=mine.pk,
        owner=mine.owner.name,
        latitude=mine.latitude if exact else rounded(mine.latitude),
        longitude=mine.longitude if exact else rounded(mine.longitude),
        exact=exact,
        **{name: getattr(mine, name) for name in names},
    )


def _found(rows: QuerySet[Row], pk: UUID | str, what: str, remedy: str) -> Row:
    """Return the one row with this id. Raises `NotFound` ("<what>-unknown"): nothing tells whether it exists elsewhere."""
    row = rows.filter(pk=pk).first()
    if row is None:
        raise NotFound(Problem(f"{what}-unknown", f"There is no such {what}.", remedy))
    return row


def sample_for(user: User, pk: UUID | str) -> Sample:
    """Return one sample that `user` may see. Raises `NotFound` ("sample-unknown")."""
    return _found(samples_for(user), pk, "sample", "Search for its tag.")


def batch_for(user: User, pk: UUID | str) -> Batch:
    """Return one batch that `user` may see. Raises `NotFound` ("batch-unknown")."""
    return _found(batches_for(user), pk, "batch", "Search for its code.")


def mine_for(user: User, pk: UUID | str) -> Mine:
    """Return one mine that `user` may know of. Raises `NotFound` ("mine-unknown")."""
    return _found(mines_for(user), pk, "mine", "Look at the list of mines.")


def hold_for(sample: Sample, pk: UUID | str) -> Hold:
    """Return one hold of a sample. Raises `NotFound` ("hold-unknown")."""
    return _found(Hold.objects.filter(sample=sample), pk, "hold", "Look at the sample again.")


def lists_for(user: User) -> QuerySet[SampleList]:
    """Return the lists of the owners for whom `user` registers."""
    mine = user.organisations_as(*EXACT)
    return SampleList.objects.filter(batch__owner__in=mine).select_related("batch__owner", "uploaded_by")


def list_for(user: User, pk: UUID | str) -> SampleList:
    """Return one list of the owners for whom `user` registers. Raises `NotFound` ("list-unknown")."""
    return _found(lists_for(user), pk, "list", "Look at the batch's lists.")


def registered_since(user: User, since: datetime) -> dict[str, Any]:
    """Return `count` and `mass_g` of the samples that the person registered since then and did not withdraw."""
    mine = Sample.objects.filter(registered_by=user, registered_at__gte=since, state=SampleState.REGISTERED)
    return mine.aggregate(count=Count("pk"), mass_g=Sum("mass_g"))


def free_tags(user: User) -> QuerySet[Tag]:
    """Return the tags that are on no bag yet and never were, of the owners for whom the person registers."""
    return Tag.objects.visible_to(user).filter(sample=None, replaced_at=None)


def parties_for(user: User, batch: Batch) -> list[BatchParty]:
    """Return who holds or tests a batch; a laboratory hears of its own part only."""
    parties = batch.parties.select_related("organisation").order_by("part", "organisation__name")
    if sights_of(user, [batch])[batch.pk] <= Sight.BLIND:
        parties = parties.filter(organisation__in=[m.organisation_id for m in user.roles])
    return list(parties)


def party_for(batch: Batch, *, organisation: Organisation, part: str) -> BatchParty:
    """Return one organisation's part in a batch. Raises `NotFound` ("party-unknown")."""
    parties = BatchParty.objects.select_related("batch__owner", "organisation")
    found = parties.filter(batch=batch, organisation=organisation, part=part).first()
    if found is None:
        raise NotFound(
            Problem("party-unknown", f"{organisation} has no such part in it.", "Look at the batch.")
        )
    return found
