"""The manifest: a consignment named, held while it is changed, what keeps it from leaving, and the digest that locks it."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from django.db import connection
from django.utils import timezone

from lims.errors import Place, Problem, conflict
from samples.custody.limits import limits_of
from samples.custody.models import Consignment, ConsignmentItem, Seal
from samples.custody.queries import papers_missing
from samples.custody.rules import ConsignmentState, SealState
from samples.registry.models import BatchParty, Hold
from samples.registry.rules import HoldKind, Part, SampleState

_BAGS = Place(field="samples")


def held_consignment(consignment: Consignment, *states: ConsignmentState) -> Consignment:
    """Return the consignment, locked, if it is in one of these states. Raises `Conflict` ("consignment-not-so")."""
    rows = Consignment.objects.select_for_update(of=("self",), no_key=True)
    held = rows.select_related("owner", "carrier", "destination").get(pk=consignment.pk)
    if states and held.state not in states:
        raise conflict(
            "consignment-not-so",
            f"{held} is {held.get_state_display().lower()}.",
            "Look at it again: somebody was faster, or its manifest is locked.",
            field="state",
        )
    return held


def next_code() -> str:
    """Return the next code of the year; whoever comes second waits until the first has committed."""
    year = f"C{timezone.now():%y}-"
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('custody.consignment_code'))")
    rows = Consignment.objects.filter(code__startswith=year).order_by("-code")
    last = rows.values_list("code", flat=True).first()
    return f"{year}{int(last.removeprefix(year)) + 1 if last else 1:04d}"


def let_see(consignment: Consignment, items: Sequence[ConsignmentItem]) -> None:
    """Let carrier and laboratory see the batches whose bags they get; the owner, to whom they go back, sees them."""
    parts = [(consignment.carrier, Part.HOLDER)]
    if not consignment.returning:
        parts.append((consignment.destination, Part.TESTER))
    for batch in sorted({item.sample.batch_id for item in items}):
        for organisation, part in parts:
            BatchParty.objects.get_or_create(batch_id=batch, organisation=organisation, part=part)


def seals_on(samples: Iterable[UUID]) -> dict[UUID, Seal]:
    """Return the seal that is on each of these bags, by the bag's id."""
    rows = Seal.objects.filter(sample__in=list(samples), state=SealState.APPLIED)
    return {seal.sample_id: seal for seal in rows}


def against_dispatch(consignment: Consignment, items: Sequence[ConsignmentItem]) -> list[Problem]:
    """Return what keeps a consignment from leaving: the papers, the dose rate, and bags that may not travel.

    Codes: "consignment-empty", "papers-missing", "dose-rate-missing", "dose-rate-too-high", "sample-withdrawn",
    "sample-not-sealed", "sample-on-hold".
    """
    found = []
    if not items:
        found.append(Problem("consignment-empty", "There is no bag in it.", "Pack at least one."))
    missing = papers_missing(consignment)
    if missing:
        found.append(
            Problem("papers-missing", f"Missing: {', '.join(missing)}.", "Record each with its number.")
        )
    return found + _against_dose_rate(consignment) + _against_bags(items)


def _against_dose_rate(consignment: Consignment) -> list[Problem]:
    surface, far = consignment.dose_surface_usv_h, consignment.dose_1m_usv_h
    if surface is None or far is None:
        return [
            Problem("dose-rate-missing", "No dose rate is recorded.", "Measure at the surface and at 1 m.")
        ]
    most = limits_of(consignment.owner_id)
    if surface > most.surface_usv_h or far > most.at_1m_usv_h:
        limits = f"{_plain(most.surface_usv_h)} µSv/h at the surface, {_plain(most.at_1m_usv_h)} at 1 m"
        message = f"{surface} µSv/h at the surface and {far} at 1 m are over the limit ({limits})."
        return [Problem("dose-rate-too-high", message, "Ask the safety officer.")]
    return []


def _plain(number: Decimal) -> str:
    return format(number.normalize() + 0, "f")


def _against_bags(items: Sequence[ConsignmentItem]) -> list[Problem]:
    ids = [item.sample_id for item in items]
    sealed = seals_on(ids)
    holds = Hold.objects.filter(sample__in=ids, kind=HoldKind.RADIOLOGICAL, released_at=None)
    radiant = set(holds.values_list("sample", flat=True))
    found = []
    for sample in (item.sample for item in items):
        if sample.state == SampleState.WITHDRAWN:
            found.append(Problem("sample-withdrawn", f"{sample} was withdrawn.", "Take it out again.", _BAGS))
        if sample.pk not in sealed:
            found.append(Problem("sample-not-sealed", f"{sample} carries no seal.", "Seal the bag.", _BAGS))
        if sample.pk in radiant:
            message = f"{sample} has a radiological hold."
            found.append(Problem("sample-on-hold", message, "Take it out, or have it released.", _BAGS))
    return found


def manifest_digest(items: Sequence[ConsignmentItem]) -> str:
    """Return the SHA-256 over tag, sealed mass in g, and seal of each bag, in the order of tags, as JSON in UTF-8.

    A bag whose seal was taken off on the way stands in it with an empty maker and number.
    """
    seals = seals_on(item.sample_id for item in items)
    lines = sorted(
        [item.sample.tag.code, format(item.sealed_mass_g.normalize(), "f"), *_seal(seals.get(item.sample_id))]
        for item in items
    )
    text = json.dumps(lines, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _seal(seal: Seal | None) -> tuple[str, str]:
    return (seal.maker, seal.number) if seal is not None else ("", "")
