"""The radiological screen: Th and U hold a sample or stop its transport, independent of grade (METHODS.md section 5)."""

from decimal import Decimal

from assays.certificates.digests import plain
from assays.chemistry.oxides import factor
from assays.chemistry.radiology import Screen, screen
from assays.grading.casework import counts, reported_samples
from assays.grading.models import RadiologicalScreen
from assays.grading.rules import RadLevel
from assays.quality.queries import Preferred, preferred
from lims.permits import permit
from lims.verbs import Actor, verb
from samples.registry.models import Batch, Hold, Sample
from samples.registry.rules import HoldKind, MaterialType, SampleState
from samples.registry.sample_services import set_hold

#: materials that a process has made: never below RAD_REVIEW before gamma spectrometry
PROCESSED = frozenset({MaterialType.LEACH_PRECIPITATE, MaterialType.MIXED_CONCENTRATE})
HOLDING = frozenset({RadLevel.RAD_HOLD, RadLevel.RAD_STOP_TRANSPORT})


def _reading(one: Preferred | None) -> str | None:
    """Return Th or U as the screen takes it: "26 ppm", "<0.05 ppm" of the element; None when it is not reported."""
    if one is None or not counts(one.determination):
        return None
    found = one.determination
    ppm = found.limit_ppm if found.value is None else found.ppm
    if ppm is None:
        return None
    if found.oxide:
        ppm = (ppm / Decimal(factor(found.oxide))).quantize(Decimal("0.000001"))
    return f"{found.qualifier if found.value is None else ''}{plain(ppm)} ppm"


@verb
def screen_batch(*, actor: Actor, batch: Batch) -> list[RadiologicalScreen]:
    """Screen a batch's samples on what stands and is approved; keep what changed, and hold what must be held.

    A hold stays until a competent person releases it, whatever a later certificate says.
    """
    permit(actor, "grading.manage", batch)
    if not reported_samples(batch.pk):
        return []
    samples = list(
        Sample.objects.select_for_update(of=("self",), no_key=True)
        .filter(batch=batch, state=SampleState.REGISTERED)
        .order_by("pk")
    )
    chosen = preferred(samples)
    rows = RadiologicalScreen.objects.filter(sample__in=samples).order_by("sample", "-id")
    latest = {row.sample_id: row for row in rows.distinct("sample")}
    held = set(
        Hold.objects.filter(sample__in=samples, kind=HoldKind.RADIOLOGICAL, released_at=None).values_list(
            "sample", flat=True
        )
    )
    made = []
    for sample in samples:
        found = chosen.get(sample.pk, {})
        if not found:
            continue
        said = screen(
            _reading(found.get("Th")), _reading(found.get("U")), processed=batch.material_type in PROCESSED
        )
        ids = sorted(found[name].determination.pk for name in ("Th", "U") if name in found)
        before = latest.get(sample.pk)
        if before is not None and (before.level, before.determinations) == (said.level, ids):
            continue
        made.append(_row(sample, said, ids))
        if said.level in HOLDING and sample.pk not in held:
            set_hold(actor=actor, sample=sample, kind=HoldKind.RADIOLOGICAL, reason=said.sentence)
    return RadiologicalScreen.objects.bulk_create(made)


def _row(sample: Sample, said: Screen, ids: list[int]) -> RadiologicalScreen:
    fraction = None if said.f is None else Decimal(said.f).quantize(Decimal("0.000001"))
    return RadiologicalScreen(
        sample=sample, level=said.level, fraction=fraction, sentence=said.sentence[:300], determinations=ids
    )
