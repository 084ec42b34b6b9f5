"""The limits of the custody checks as they hold for an owner: ours, unless the owner set another with a reason."""

from dataclasses import replace
from decimal import Decimal
from uuid import UUID

from lims.accounts.models import Organisation
from lims.errors import invalid
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.custody import permissions  # noqa: F401  # permissions register by name
from samples.custody.checks import DEFAULT, FOR_ALL, LIMIT_WORDS, Limits
from samples.custody.models import CustodyLimit
from samples.registry.arguments import person_of, said


def limits_of(owner: UUID) -> Limits:
    """Return the limits that hold for an owner's bags now; the newest of a name counts. One query."""
    rows = CustodyLimit.objects.filter(owner=owner, name__in=LIMIT_WORDS).order_by("id")
    return replace(DEFAULT, **{row.name: row.value for row in rows})


@verb
def set_limit(
    *, actor: Actor, owner: Organisation, name: str, value: Decimal, rationale: str
) -> CustodyLimit:
    """Let another limit hold for an owner from now on, and say why: its managers decide.

    Raises `Invalid` ("limit-unknown", "limit-for-all", "limit-impossible", "field-required").
    """
    permit(actor, "custody.judge", owner)
    if name not in LIMIT_WORDS:
        known = ", ".join(LIMIT_WORDS)
        raise invalid("limit-unknown", f"There is no limit “{name[:60]}”.", f"Known: {known}.", field="name")
    if name in FOR_ALL:
        message = f"“{LIMIT_WORDS[name][0]}” is the same for everybody."
        raise invalid("limit-for-all", message, "Choose another one.", field="name")
    if not 0 < value < 10_000 or (name == "relative" and value >= 1) or value != round(value, 4):
        remedy = "Above nought, below 10 000 (a part of the mass below 1), with four decimals at most."
        raise invalid("limit-impossible", f"{value} cannot be a limit.", remedy, field="value")
    return CustodyLimit.objects.create(
        owner=owner,
        name=name,
        value=value,
        rationale=said(rationale, field="rationale", most=1000),
        set_by=person_of(actor),
    )
