"""A phone whose clock is wrong: its times are corrected, and somebody has to look, once a day and batch or consignment."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import pairwise

from django.utils import timezone

from samples.custody.models import Consignment, Incident
from samples.custody.rules import IncidentKind
from samples.field.models import Device, Operation
from samples.field.reading import Sent
from samples.registry.models import Batch


def tell_clock(
    device: Device, offset: timedelta, *, batch: Batch | None, consignment: Consignment | None
) -> None:
    """Open an incident about a device's clock unless there is one of this day; its caller holds the device.

    `offset` is by how much the clock is ahead; an operation that concerned neither opens none.
    """
    if not offset:
        return
    seconds = round(offset.total_seconds())
    way = "ahead" if seconds > 0 else "behind"
    detail = (
        f"The clock of the phone “{device.name}” is {said(abs(seconds))} {way}; its times were corrected."
    )
    _tell(device, detail, {"offset_s": seconds}, batch=batch, consignment=consignment)


def tell_put_back(
    device: Device, sents: Sequence[Sent], *, batch: Batch | None, consignment: Consignment | None
) -> None:
    """Open an incident if a device's clock went back between two of its entries, in the order in which it made them.

    Only the phone's own numbers tell: an entry that comes late is none that was made with another clock.
    """
    if not sents:
        return
    earlier = Operation.objects.filter(device=device, sequence__lt=sents[0].sequence).order_by("-sequence")
    before = earlier.values_list("made_at", flat=True).first()
    times = [*([before] if before is not None else []), *(sent.made_at for sent in sents)]
    back = max(((one - other).total_seconds() for one, other in pairwise(times)), default=0.0)
    if back > 0:
        seconds = max(1, round(back))
        detail = f"The clock of the phone “{device.name}” went back by {said(seconds)} between two entries."
        _tell(device, detail, {"behind_s": seconds}, batch=batch, consignment=consignment)


def _tell(
    device: Device,
    detail: str,
    facts: Mapping[str, int],
    *,
    batch: Batch | None,
    consignment: Consignment | None,
) -> None:
    if batch is None and consignment is None:
        return
    day = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    about = {"consignment": consignment} if consignment is not None else {"batch": batch, "sample": None}
    told = Incident.objects.filter(
        kind=IncidentKind.CLOCK, opened_at__gte=day, facts__device=str(device.pk), **about
    )
    if told.filter(facts__has_key=next(iter(facts))).exists():
        return
    # It leaves no bag in doubt, so nothing is decided again for it.
    Incident.objects.create(
        kind=IncidentKind.CLOCK,
        batch=None if consignment is not None else batch,
        consignment=consignment,
        blocking=False,
        detail=detail[:500],
        facts={"device": str(device.pk)} | dict(facts),
    )


def said(seconds: int) -> str:
    """Return a duration in the largest units that say it.

    >>> said(301), said(7380), said(172_800)
    ('5 min 1 s', '2 h 3 min', '2 d')
    """
    units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)]
    parts = []
    for name, size in units:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 s"
