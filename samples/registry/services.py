"""Verbs of mines, batches, parties and tags; those of samples are in `sample_services`."""

from decimal import Decimal

from django.db import connection
from django.utils import timezone

from lims.accounts.models import Organisation
from lims.accounts.rules import OrganisationKind
from lims.errors import conflict, invalid
from lims.permits import permit
from lims.transitions import check_transition
from lims.verbs import Actor, verb
from samples.registry import permissions, rules  # noqa: F401  # permissions register by name
from samples.registry.arguments import bounded, one_of, person_of, said
from samples.registry.models import Batch, BatchParty, Mine, Tag, TagSeries
from samples.registry.rules import (
    BATCH_TRANSITIONS,
    MOST_TAGS_AT_ONCE,
    BatchState,
    DueDiligence,
    MaterialType,
    Part,
)

# --- Mines and batches ------------------------------------------------------------------------------


@verb
def add_mine(
    *,
    actor: Actor,
    owner: Organisation,
    code: str,
    name: str,
    latitude: Decimal,
    longitude: Decimal,
    controlling_body: str,
    deposit_type: str,
    township: str = "",
    due_diligence: str = DueDiligence.UNKNOWN,
) -> Mine:
    """Add a mine (place in degrees, WGS 84). Raises `Invalid` ("place-outside-region", …), `Conflict` ("mine-code-once")."""
    permit(actor, "registry.manage", owner)
    rules.check_place(latitude, longitude)
    return Mine.objects.create(
        owner=owner,
        code=said(code, field="code", most=20),
        name=said(name, field="name"),
        latitude=latitude,
        longitude=longitude,
        controlling_body=said(controlling_body, field="controlling_body"),
        deposit_type=said(deposit_type, field="deposit_type"),
        township=bounded(" ".join(township.split()), field="township", most=100),
        due_diligence=one_of(DueDiligence, due_diligence, field="due_diligence"),
    )


@verb
def change_due_diligence(*, actor: Actor, mine: Mine, status: str) -> Mine:
    """Change what we hold of a mine's conditions; the record keeps who and when."""
    permit(actor, "registry.manage", mine)
    mine.due_diligence = one_of(DueDiligence, status, field="due_diligence")
    mine.save(update_fields=["due_diligence"])
    return mine


@verb
def open_batch(
    *, actor: Actor, mine: Mine, material_type: str, campaign: str, planned_count: int | None = None
) -> Batch:
    """Open a batch at a mine, for the mine's owner. Its code is the year and a number, so it does not tell the mine."""
    permit(actor, "registry.manage", mine)
    if planned_count is not None and planned_count < 1:
        raise invalid(
            "count-not-positive",
            "A plan has at least one sample.",
            "Leave it empty if open.",
            field="planned_count",
        )
    material = one_of(MaterialType, material_type, field="material_type")
    year = f"B{timezone.now():%y}-"
    # Numbers are given one at a time over all owners: whoever comes second waits here until the first has committed.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('registry.batch_code'))")
    last = (
        Batch.objects.filter(code__startswith=year).order_by("-code").values_list("code", flat=True).first()
    )
    number = int(last.removeprefix(year)) + 1 if last else 1
    return Batch.objects.create(
        code=f"{year}{number:04d}",
        mine=mine,
        owner=mine.owner,
        material_type=material,
        campaign=said(campaign, field="campaign"),
        planned_count=planned_count,
    )


@verb
def close_batch(*, actor: Actor, batch: Batch) -> Batch:
    """Let no more samples into a batch. Raises `Conflict` ("transition-refused") when it is closed."""
    return _move(actor, batch, BatchState.CLOSED)


@verb
def reopen_batch(*, actor: Actor, batch: Batch) -> Batch:
    """Let samples into a closed batch again. Raises `Conflict` ("transition-refused") when it is open."""
    return _move(actor, batch, BatchState.OPEN)


def _move(actor: Actor, batch: Batch, after: BatchState) -> Batch:
    permit(actor, "registry.manage", batch)
    held = (
        Batch.objects.select_for_update(of=("self",), no_key=True)
        .select_related("owner", "mine")
        .get(pk=batch.pk)
    )
    check_transition(BATCH_TRANSITIONS, BatchState(held.state), after)
    held.state = after
    held.save(update_fields=["state"])
    return held


@verb
def add_party(*, actor: Actor, batch: Batch, organisation: Organisation, part: str) -> BatchParty:
    """Let a carrier hold a batch or a laboratory test it; they see it from now on. Raises `Conflict` ("batch-party-once")."""
    permit(actor, "registry.manage", batch)
    kind = one_of(Part, part, field="part")
    fits = {Part.HOLDER: OrganisationKind.CARRIER, Part.TESTER: OrganisationKind.LABORATORY}[kind]
    if organisation.kind != fits:
        raise invalid(
            "part-does-not-fit",
            f"{organisation} is no {fits.lower()}.",
            "Carriers hold batches, laboratories test them.",
            field="organisation",
        )
    return BatchParty.objects.create(batch=batch, organisation=organisation, part=kind)


@verb
def remove_party(*, actor: Actor, party: BatchParty) -> None:
    """End an organisation's part in a batch; it does not see it any more."""
    permit(actor, "registry.manage", party.batch)
    party.delete()


# --- Tags -------------------------------------------------------------------------------------------


@verb
def start_tags(*, actor: Actor, owner: Organisation, prefix: str) -> TagSeries:
    """Give an owner the two letters of their tags. Raises `Conflict` ("tags-started", "tag-prefix-once") or `Invalid`."""
    permit(actor, "registry.manage", owner)
    letters = rules.read_prefix(prefix)
    begun = TagSeries.objects.filter(owner=owner).first()
    if begun is not None:
        raise conflict(
            "tags-started", f"Tags of {owner} begin with {begun} already.", "Issue tags.", field="prefix"
        )
    return TagSeries.objects.create(owner=owner, prefix=letters)


@verb
def issue_tags(*, actor: Actor, owner: Organisation, count: int) -> list[Tag]:
    """Issue the owner's next `count` tags (1 to 1000), in order. Raises `Invalid` ("count-out-of-range", "tags-not-started")."""
    permit(actor, "registry.manage", owner)
    if not 1 <= count <= MOST_TAGS_AT_ONCE:
        raise invalid(
            "count-out-of-range", f"1 to {MOST_TAGS_AT_ONCE} tags at once.", "Ask for fewer.", field="count"
        )
    series = TagSeries.objects.select_for_update().filter(owner=owner).first()
    if series is None:
        raise invalid(
            "tags-not-started",
            f"{owner} has no letters for tags yet.",
            "Choose two letters first.",
            field="prefix",
        )
    first = series.last_number + 1
    if first + count - 1 > rules.LAST_TAG_NUMBER:
        raise conflict(
            "tags-exhausted", f"{series.prefix} has no {count} numbers left.", "Ask for a second series."
        )
    series.last_number = first + count - 1
    series.save(update_fields=["last_number"])
    codes = [rules.make_tag(series.prefix, number) for number in range(first, first + count)]
    return Tag.objects.bulk_create(
        [Tag(code=code, owner=owner, issued_by=person_of(actor)) for code in codes]
    )
