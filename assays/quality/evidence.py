"""What the QC of a run is judged from: its standing determinations and what the catalogue knows; constant queries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any, Final, NamedTuple
from uuid import UUID

from assays.catalogue.models import CertifiedValue, Method, MethodAnalyte, ReferenceMaterial
from assays.catalogue.queries import limits, methods_by_code
from assays.catalogue.rules import MaterialKind
from assays.certificates.queries import determinations_of
from assays.certificates.rules import Purpose
from assays.chemistry.oxides import OXIDES, factor
from assays.chemistry.units import ppm_factor
from assays.quality.duplicates import Pair
from assays.quality.earlier import earlier_pairs, long_run_levels
from assays.runs.models import Run, RunItem
from assays.runs.rules import ItemKind
from lims.errors import Invalid

#: (method code in lower case, analyte, oxide or empty)
Key = tuple[str, str, str]
#: a value and its standard deviation, in ppm of one form
Known = tuple[Decimal, Decimal]
QC_KINDS: Final = frozenset({ItemKind.CRM, ItemKind.BLANK})
_FIELDS: Final = (
    "item_id",
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
_ITEM_FIELDS: Final = ("pk", "label", "kind", "material_id", "position", "sample_id", "stage")


class Item(NamedTuple):
    """One thing in the rack; `blind` when its kind is the owner's secret."""

    item: UUID
    label: str
    kind: str
    material: UUID | None
    position: int | None
    sample: UUID | None
    stage: str
    blind: bool = False


class Line(NamedTuple):
    """One standing determination of a run, as far as QC looks at it."""

    what: Item
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
    def number(self) -> Decimal | None:
        """Return the value, or the limit that it lies below or above, in ppm of its form; None for anything else."""
        if self.qualifier == "":
            return self.ppm
        return self.limit_ppm if self.qualifier in {"<", ">"} else None


def rack_order(line: Line) -> tuple[bool, int, bool, int, int]:
    """Return what lines are sorted by: place in the rack; what has none follows, in the order of its certificate."""
    position = line.what.position
    return position is None, position or 0, line.purpose != Purpose.RESULTS, line.row, line.column


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


class Certified(NamedTuple):
    """A certified value of a material on one basis."""

    oxide: str
    value_ppm: Decimal
    sd_ppm: Decimal


@dataclass(frozen=True)
class Evidence:
    """All that the QC of a run is judged from."""

    laboratory: str
    #: by key, in rack order
    lines: Mapping[Key, Sequence[Line]]
    methods: Mapping[str, Method]
    limits: Mapping[tuple[UUID, str, str], MethodAnalyte]
    #: by material, analyte and basis: of every material in the library, since bottles are swapped
    certified: Mapping[tuple[UUID, str, str], Sequence[Certified]]
    materials: Mapping[UUID, str]
    blank_materials: frozenset[UUID] = frozenset()
    #: long-run level of a blank material by (material, key), where nothing is certified of it
    long_run: Mapping[tuple[UUID, Key], Known] = field(default_factory=dict)
    #: pairs of duplicates of earlier runs by key, the newest first, each with its stage
    pairs: Mapping[Key, Sequence[tuple[Pair, str]]] = field(default_factory=dict)

    def keys(self) -> list[Key]:
        """Return what was reported of samples as a mass fraction, in a fixed order."""
        of_samples = (ItemKind.SAMPLE, ItemKind.DUPLICATE)
        return sorted(
            key
            for key, lines in self.lines.items()
            if any(one.what.kind in of_samples and one.number is not None for one in lines)
        )

    @cached_property
    def of_materials(self) -> Mapping[tuple[str, UUID], Sequence[tuple[Key, Line]]]:
        """Return what was read of each reference material in the rack, by method code and item."""
        found: dict[tuple[str, UUID], list[tuple[Key, Line]]] = defaultdict(list)
        for key, lines in self.lines.items():
            for one in lines:
                if one.what.kind == ItemKind.CRM:
                    found[key[0], one.what.item].append((key, one))
        return found

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

    def certified_ppm(self, material: UUID | None, key: Key) -> Known | None:
        """Return value and standard deviation of a material on the method's basis, in ppm of the reported form."""
        method = self.methods.get(key[0])
        if method is None or material is None:
            return None
        found = self.certified.get((material, key[1], method.basis), ())
        if not found:
            return None
        # A value certified in the reported form needs no factor.
        best = min(found, key=lambda one: (one.oxide != key[2], one.oxide))
        return in_form(best.value_ppm, best.oxide, key[2]), in_form(best.sd_ppm, best.oxide, key[2])

    def background_ppm(self, material: UUID | None, key: Key) -> Known:
        """Return a blank's own level with its spread: certified, else long-run, else nothing at all."""
        certified = self.certified_ppm(material, key)
        if certified is not None or material is None:
            return certified or (Decimal(0), Decimal(0))
        return self.long_run.get((material, key), (Decimal(0), Decimal(0)))


def evidence_of(run: Run) -> Evidence:
    """Return what the QC of a run is judged from, as it stands now; constant queries."""
    items = {row[0]: Item(*row) for row in RunItem.objects.filter(run=run).values_list(*_ITEM_FIELDS)}
    rows = determinations_of(run).exclude(form="").select_related(None).order_by()
    grouped: dict[Key, list[Line]] = defaultdict(list)
    keys: dict[tuple[str, str, str], Key] = {}
    for row in rows.values_list(*_FIELDS).iterator(chunk_size=20_000):
        named = (row[4], row[5], row[6])
        key = keys.get(named)
        if key is None:
            key = keys[named] = (row[4].casefold(), row[5], row[6])
        grouped[key].append(Line(items[row[0]], *row[1:]))
    for lines in grouped.values():
        lines.sort(key=rack_order)
    methods = methods_by_code(run.laboratory_id)
    library = list(ReferenceMaterial.objects.values_list("pk", "code", "kind"))
    blanks = {one.material for one in items.values() if one.kind == ItemKind.BLANK and one.material}
    return Evidence(
        laboratory=run.laboratory.name,
        lines=grouped,
        methods=methods,
        limits=limits(methods.values()),
        certified=_certified(),
        materials={pk: code for pk, code, _ in library},
        blank_materials=frozenset(pk for pk, _, kind in library if kind == MaterialKind.BLANK),
        long_run=long_run_levels(run, blanks),
        pairs=earlier_pairs(run),
    )


def _certified() -> Mapping[tuple[UUID, str, str], Sequence[Certified]]:
    """Return every certified value of the library, by material, analyte and basis; one query."""
    found: dict[tuple[UUID, str, str], list[Certified]] = defaultdict(list)
    names = ("material_id", "analyte", "basis", "oxide", "value_ppm", "sd_ppm")
    rows: Any = CertifiedValue.objects.order_by("id").values_list(*names)
    for material, analyte, basis, *numbers in rows:
        found[material, analyte, basis].append(Certified(*numbers))
    return found


def swap_candidates(evidence: Evidence, method: Method) -> dict[UUID, dict[str, Known]]:
    """Return what every material holds on a method's basis, by element, as ppm of the element.

    Blanks are left out: a material mistaken for a blank is seen without asking.
    """
    found: dict[UUID, dict[str, Known]] = defaultdict(dict)
    for (material, analyte, basis), values in evidence.certified.items():
        if basis == method.basis and material not in evidence.blank_materials:
            best = min(values, key=lambda one: one.oxide)
            numbers = in_form(best.value_ppm, best.oxide, ""), in_form(best.sd_ppm, best.oxide, "")
            found[material][analyte] = numbers
    return dict(found)
