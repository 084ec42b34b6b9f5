"""What QC of a run is measured by: the lowest thresholds among the policies of its batches."""

from decimal import Decimal
from uuid import UUID

from assays.certificates.queries import determinations_of
from assays.chemistry.aggregates import members
from assays.chemistry.oxides import OXIDES, factor, oxide_of
from assays.grading.models import PinnedPolicy, Policy
from assays.runs.models import Run
from assays.runs.queries import batches_in

#: analyte → (oxide, ppm of that oxide)
Thresholds = dict[str, tuple[str, Decimal]]


def policies_of(run: Run) -> list[Policy]:
    """Return the policies by which the batches of a run are judged; one query."""
    pins = PinnedPolicy.objects.filter(batch__in=batches_in(run)).select_related("policy")
    newest = {pin.batch_id: pin.policy for pin in pins.order_by("batch", "id")}
    return list(newest.values())


def thresholds_of(run: Run) -> Thresholds:
    """Return for each analyte with a criterion the lowest threshold, as ppm of the criterion's oxide.

    A share counts as its threshold times the lowest TREO among the run's samples (METHODS.md section 3).
    """
    found: Thresholds = {}
    lowest: dict[str, Decimal | None] = {}
    for policy in policies_of(run):
        for one in policy.criteria:
            if members(one["analyte"]):
                continue
            if one["metric"] == "grade":
                ppm = Decimal(str(one["threshold_ppm"]))
            else:
                of = one["of"]
                if of not in lowest:
                    lowest[of] = lowest_aggregate(run, of)
                total = lowest[of]
                if total is None:
                    continue
                ppm = Decimal(str(one["threshold_pct"])) / 100 * total
            known = found.get(one["analyte"])
            if known is None or ppm < known[1]:
                found[one["analyte"]] = (one["oxide"], ppm)
    return found


def lowest_aggregate(run: Run, name: str) -> Decimal | None:
    """Return the lowest sum of an aggregate's oxides among the run's samples, in ppm; values below a limit count as 0."""
    wanted = set(members(name))
    sums: dict[UUID, dict[str, Decimal]] = {}
    rows = determinations_of(run).filter(sample__isnull=False, analyte__in=wanted).exclude(form="")
    for one in rows:
        ppm = one.ppm if one.ppm is not None else Decimal(0)
        oxide = oxide_of(one.analyte)
        if one.oxide != oxide:
            ppm = ppm / (Decimal(factor(one.oxide)) if one.oxide in OXIDES else 1) * Decimal(factor(oxide))
        assert one.sample_id is not None
        sums.setdefault(one.sample_id, {})[one.analyte] = ppm
    whole = [sum(found.values(), Decimal(0)) for found in sums.values() if set(found) == wanted]
    return min(whole) if whole else None
