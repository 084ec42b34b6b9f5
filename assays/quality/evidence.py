"""What the QC of a run is judged from: its standing determinations and what the catalogue knows; constant queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, NamedTuple
from uuid import UUID

from assays.catalogue.models import CertifiedValue, Method, MethodAnalyte, ReferenceMaterial
from assays.catalogue.queries import limits, methods_by_code
from assays.certificates.queries import determinations_of
from assays.certificates.rules import Purpose
from assays.chemistry.oxides import OXIDES, factor
from assays.chemistry.units import ppm_factor
from assays.runs.models import Run
from assays.runs.rules import ItemKind
from lims.errors import Invalid

#: (method code in lower case, analyte, oxide or empty)
Key = tuple[str, str, str]
QC_KINDS: Final = frozenset({ItemKind.CRM, ItemKind.BLANK})
_FIELDS: Final = (
    "item",
    "item__label",
    "item__kind",
    "item__material",
    "item__position",
    "certificate__purpose",
    "row",
    "column",
    "method_code",
    "analyte",
    "oxide",
    "qualifier",
    "ppm",
    "limit_ppm",
)


class Line(NamedTuple):
    """One standing determination of a run, as far as QC looks at it."""

    item: UUID
    label: str
    kind: str
    material: UUID | None
    position: int | None
    purpose: str
    row: int
    column: int
    method_code: str
    analyte: str
    oxide: str
    qualifier: str
    ppm: Decimal | None
    limit_ppm: Decimal | None

    @property
    def key(self) -> Key:
        """Return what it is a value of: method, analyte, oxide."""
        return self.method_code.casefold(), self.analyte, self.oxide

    @property
    def number(self) -> Decimal | None:
        """Return the value, or the limit that it lies below or above, in ppm of its form; None for anything else."""
        if self.qualifier == "":
            return self.ppm
        return self.limit_ppm if self.qualifier in {"<", ">"} else None


def rack_order(line: Line) -> tuple[bool, int, bool, int, int]:
    """Return what lines are sorted by: place in the rack; what has none follows, in the order of its certificate."""
    return (
        line.position is None,
        line.position or 0,
        line.purpose != Purpose.RESULTS,
        line.row,
        line.column,
    )


def in_form(ppm: Decimal, given: str, wanted: str) -> Decimal:
    """Return ppm of an oxide (empty: the element) as ppm of another form of the same element.

    >>> round(in_form(Decimal(25), "Dy2O3", ""), 2), in_form(Decimal(25), "Dy2O3", "Dy2O3")
    (Decimal('21.78'), Decimal('25'))
    """
    given, wanted = (name if name in OXIDES else "" for name in (given, wanted))
    if given == wanted:
        return ppm
    element = ppm / Decimal(factor(given)) if given else ppm
    return element * Decimal(factor(wanted)) if wanted else element


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the QC of a run is judged from."""

    laboratory: str
    #: by key, in rack order
    lines: Mapping[Key, Sequence[Line]]
    methods: Mapping[str, Method]
    limits: Mapping[tuple[UUID, str, str], MethodAnalyte]
    #: by material, analyte and basis
    certified: Mapping[tuple[UUID, str, str], Sequence[CertifiedValue]]
    materials: Mapping[UUID, str]

    def keys(self) -> list[Key]:
        """Return what was reported of samples as a mass fraction, in a fixed order."""
        of_samples = (ItemKind.SAMPLE, ItemKind.DUPLICATE)
        return sorted(
            key
            for key, lines in self.lines.items()
            if any(one.kind in of_samples and one.number is not None for one in lines)
        )

    def lod_ppm(self, key: Key) -> Decimal:
        """Return the detection limit in ppm of the reported form: the method's, else the lowest "<L"; 0 if unknown."""
        method = self.methods.get(key[0])
        known = self.limits.get((method.pk, key[1], key[2])) if method else None
        if known is not None and known.lower_limit is not None:
            try:
                of_unit = ppm_factor(known.unit)
            except Invalid:
                of_unit = None
            if of_unit is not None:
                return known.lower_limit * of_unit
        below = [one.limit_ppm for one in self.lines[key] if one.qualifier == "<" and one.limit_ppm]
        return min(below, default=Decimal(0))

    def certified_ppm(self, material: UUID | None, key: Key) -> tuple[Decimal, Decimal] | None:
        """Return value and standard deviation of a material on the method's basis, in ppm of the reported form."""
        method = self.methods.get(key[0])
        if method is None or material is None:
            return None
        found = self.certified.get((material, key[1], method.basis), ())
        if not found:
            return None
        # A value certified in the reported form needs no factor.
        best = min(found, key=lambda one: (one.oxide != key[2], one.oxide))
        value, sd = (in_form(number, best.oxide, key[2]) for number in (best.value_ppm, best.sd_ppm))
        return value, sd


def evidence_of(run: Run) -> Evidence:
    """Return what the QC of a run is judged from, as it stands now; five queries."""
    rows = determinations_of(run).exclude(form="").select_related(None).values_list(*_FIELDS)
    grouped: dict[Key, list[Line]] = defaultdict(list)
    for line in sorted((Line(*row) for row in rows), key=rack_order):
        grouped[line.key].append(line)
    methods = methods_by_code(run.laboratory_id)
    used = {one.material for lines in grouped.values() for one in lines if one.material is not None}
    certified: dict[tuple[UUID, str, str], list[CertifiedValue]] = defaultdict(list)
    for value in CertifiedValue.objects.filter(material__in=used).order_by("id"):
        certified[value.material_id, value.analyte, value.basis].append(value)
    return Evidence(
        laboratory=run.laboratory.name,
        lines=grouped,
        methods=methods,
        limits=limits(methods.values()),
        certified=certified,
        materials=dict(ReferenceMaterial.objects.filter(pk__in=used).values_list("pk", "code")),
    )
