"""Which reference materials lie near the thresholds of samples, told to whoever builds a run of them."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from decimal import Decimal
from uuid import UUID

from assays.catalogue.models import CertifiedValue, ReferenceMaterial
from assays.chemistry.aggregates import members
from assays.chemistry.oxides import factor
from assays.grading.models import PinnedPolicy
from assays.quality.checks import is_near
from assays.runs.building.aiming import register_near
from samples.registry.models import Batch


def levels(samples: Sequence[UUID]) -> dict[str, set[tuple[str, Decimal]]]:
    """Return for each analyte the thresholds, as (oxide, ppm), of the policies by which the samples' batches are judged.

    A share has no level before anything is measured: its criteria are left out. One query.
    """
    pins = PinnedPolicy.objects.filter(batch__in=Batch.objects.filter(samples__in=samples).distinct())
    newest = {pin.batch_id: pin.policy for pin in pins.select_related("policy").order_by("batch", "id")}
    found: dict[str, set[tuple[str, Decimal]]] = {}
    for policy in newest.values():
        for one in policy.criteria:
            if one["metric"] == "grade" and not members(one["analyte"]):
                found.setdefault(one["analyte"], set()).add(
                    (one["oxide"], Decimal(str(one["threshold_ppm"])))
                )
    return found


def near_thresholds(
    samples: Sequence[UUID], materials: Sequence[ReferenceMaterial], basis: str
) -> AbstractSet[UUID] | None:
    """Return the ids of the materials certified near a threshold of the samples (T/5 to 5 T); None: no threshold is known."""
    wanted = levels(samples)
    if not wanted:
        return None
    rows = CertifiedValue.objects.filter(material__in=materials, basis=basis, analyte__in=wanted)
    return {
        row.material_id
        for row in rows
        if any(is_near(_as(row, oxide), ppm) for oxide, ppm in wanted[row.analyte])
    }


def _as(value: CertifiedValue, oxide: str) -> Decimal:
    """Return a certified value in ppm of an oxide; an empty one is the element itself."""
    if value.oxide == oxide:
        return value.value_ppm
    element = value.value_ppm / Decimal(factor(value.oxide)) if value.oxide else value.value_ppm
    return element * Decimal(factor(oxide)) if oxide else element


register_near(near_thresholds)
