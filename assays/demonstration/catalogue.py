"""Methods, reference materials and policies of the demonstration. Every number is invented."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from assays.catalogue import services
from assays.catalogue.models import Method, ReferenceMaterial
from assays.chemistry.oxides import element_of
from assays.demonstration.rocks import LIMITS, MAJORS, PATTERNS, TRACES
from assays.grading import services as grading
from assays.grading.models import Policy
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role
from lims.verbs import Actor

BASIS: Final = "total-fusion"
#: what the demonstration's own laboratories call their methods
TRACE_CODE, MAJOR_CODE, IGNITION_CODE = "ICM-40", "ICO-10", "GRA-05"
#: laboratory's code → its methods: code, name, technique, digestion
METHODS: Final[Mapping[str, tuple[tuple[str, str, str, str], ...]]] = {
    "DECCAN": (
        (TRACE_CODE, "Rare earths and traces", "ICP-MS", "Lithium borate fusion"),
        (MAJOR_CODE, "Major oxides", "ICP-OES", "Lithium borate fusion"),
        (IGNITION_CODE, "Loss on ignition at 1000 °C", "Gravimetry", "None"),
    ),
    "ODISHA": (
        (TRACE_CODE, "Rare earths and traces", "ICP-MS", "Lithium borate fusion"),
        (MAJOR_CODE, "Major oxides", "ICP-OES", "Lithium borate fusion"),
        (IGNITION_CODE, "Loss on ignition at 1000 °C", "Gravimetry", "None"),
    ),
    "ALS": (
        ("ME-MS81", "Trace elements by fusion and ICP-MS", "ICP-MS", "Lithium borate fusion"),
        ("ME-ICP06", "Major oxides by fusion and ICP-AES", "ICP-AES", "Lithium borate fusion"),
        ("OA-GRA05", "Loss on ignition", "Gravimetry", "None"),
        ("TOT-ICP06", "Sum of major oxides and loss on ignition", "Calculation", "None"),
    ),
}
#: code → (kind, description, contents of: material and how much of it)
MATERIALS: Final[Mapping[str, tuple[str, str, str, float]]] = {
    "RE-101": ("CRM", "Invented clay, near the thresholds", "ION_ADSORPTION_CLAY", 0.78),
    "RE-102": ("CRM", "Invented weathered granite", "WEATHERED_GRANITE", 1.0),
    "RE-301": ("CRM", "Invented mixed precipitate", "LEACH_PRECIPITATE", 0.8),
    "LIME-1": ("BLANK", "Invented limestone, crushed with the samples", "", 0.0),
}
#: what the blank itself holds, in ppm
LIMESTONE: Final = {"Y": 4.1, "La": 1.9, "Ce": 2.4, "Nd": 1.6, "Dy": 0.42, "Tb": 0.07}
#: code → days for which the lot may still be used: one ends soon
DAYS_LEFT: Final = {"RE-101": 400, "RE-102": 41}
#: lot of RE-101 that was used up before, and how much it held of what the present one holds
OLD_LOT, OLD_SHARE = "2024-1", 0.985
#: certified standard deviation between laboratories, relative
CERTIFIED_SD: Final = 0.025

CLAY: Final = [
    {"analyte": "Dy", "metric": "grade", "oxide": "Dy2O3", "threshold_ppm": 25},
    {"analyte": "Tb", "metric": "grade", "oxide": "Tb4O7", "threshold_ppm": 4.0},
]
CONCENTRATE: Final = [
    {"analyte": "Dy", "metric": "share", "oxide": "Dy2O3", "of": "TREO", "threshold_pct": 3.0},
    {"analyte": "Tb", "metric": "share", "oxide": "Tb4O7", "of": "TREO", "threshold_pct": 0.5},
    {"analyte": "TREO", "metric": "grade", "oxide": "TREO", "threshold_ppm": 100_000},
]
#: owner, name, material, criteria, rationale
POLICIES: Final = (
    ("IREL", "Clay for magnets", "ION_ADSORPTION_CLAY", CLAY, "Leaching pays above these grades (invented)."),
    ("IREL", "Weathered granite for magnets", "WEATHERED_GRANITE", CLAY, "As for clay until there is more."),
    ("MIDWEST", "Heavy clay", "ION_ADSORPTION_CLAY", CLAY, "Agreed with the refinery (invented)."),
    ("MIDWEST", "Precipitate and concentrate", "LEACH_PRECIPITATE", CONCENTRATE, "Refinery's terms (invented)."),
    ("MIDWEST", "Mixed concentrate", "MIXED_CONCENTRATE", CONCENTRATE, "Refinery's terms (invented)."),
)  # fmt: skip


def add_methods(actor: Actor, organisations: Mapping[str, Organisation]) -> dict[tuple[str, str], Method]:
    """Add the methods of the demonstration's laboratories, with what they report and their limits."""
    made = {}
    for laboratory, found in METHODS.items():
        for code, name, technique, digestion in found:
            method = services.add_method(
                actor=actor,
                laboratory=organisations[laboratory],
                code=code,
                name=name,
                technique=technique,
                digestion=digestion,
                basis=BASIS,
                bias_relative=Decimal("0.03") if technique.startswith("ICP") else None,
                bias_df=20,
                bias_evidence="24 reference materials in 2025 and 2026 (invented)"
                if technique.startswith("ICP")
                else "",
            )
            made[laboratory, code] = method
            _limits(actor, method)
    return made


def _limits(actor: Actor, method: Method) -> None:
    if method.code in {TRACE_CODE, "ME-MS81"}:
        for name in TRACES:
            _limit(actor, method, name, "", "ppm", LIMITS[name])
    elif method.code in {MAJOR_CODE, "ME-ICP06"}:
        for name in MAJORS:
            _limit(actor, method, element_of(name), name, "%", 0.01)


def _limit(actor: Actor, method: Method, analyte: str, oxide: str, unit: str, lower: float) -> None:
    services.set_method_analyte(
        actor=actor, method=method, analyte=analyte, oxide=oxide, unit=unit, lower_limit=Decimal(str(lower))
    )


def contents_of(code: str) -> dict[str, float]:
    """Return what a reference material holds: ppm of elements, majors in per cent."""
    _, _, pattern, share = MATERIALS[code]
    if not pattern:
        return {name: LIMESTONE.get(name, 0.0) for name in PATTERNS["ION_ADSORPTION_CLAY"]} | {
            "CaO": 55.6,
            "LOI": 43.6,
        }
    return {name: typical * (share if name in TRACES else 1) for name, typical in PATTERNS[pattern].items()}


def add_materials(actor: Actor) -> dict[str, ReferenceMaterial]:
    """Add the reference materials and the blank, with what they hold of every trace element."""
    today, made = timezone.localdate(), {}
    for code, (kind, description, _, _) in MATERIALS.items():
        material = services.add_material(
            actor=actor,
            code=code,
            kind=kind,
            description=description,
            maker="Invented",
            lot="A",
            expires_on=today + timedelta(days=DAYS_LEFT[code]) if code in DAYS_LEFT else None,
        )
        made[code] = material
        for name, value in contents_of(code).items():
            if name not in TRACES or (kind == "BLANK" and not value):
                continue
            sd = value * (CERTIFIED_SD if kind == "CRM" else 0.08)
            services.certify(
                actor=actor,
                material=material,
                analyte=name,
                basis=BASIS,
                value_ppm=_rounded(value),
                sd_ppm=_rounded(sd),
                u95_ppm=_rounded(sd / 2),
            )
    return made


def add_old_lot(actor: Actor) -> ReferenceMaterial:
    """Add the lot of RE-101 that has expired, before the one that certificates mean now."""
    material = services.add_material(
        actor=actor,
        code="RE-101",
        kind="CRM",
        description=MATERIALS["RE-101"][1],
        maker="Invented",
        lot=OLD_LOT,
        expires_on=timezone.localdate() - timedelta(days=20),
    )
    for name in ("Dy", "Tb"):
        value = contents_of("RE-101")[name] * OLD_SHARE
        services.certify(
            actor=actor,
            material=material,
            analyte=name,
            basis=BASIS,
            value_ppm=_rounded(value),
            sd_ppm=_rounded(value * CERTIFIED_SD),
        )
    return material


def _rounded(value: float) -> Decimal:
    return Decimal(f"{value:.4g}") + 0


def add_policies(
    organisations: Mapping[str, Organisation], people: Mapping[tuple[str, Role], User]
) -> list[Policy]:
    """Make the owners' policies and put them in force, before anything is received."""
    made = []
    for owner, name, material, criteria, rationale in POLICIES:
        manager = people[owner, Role.MANAGER]
        policy = grading.make_policy(
            actor=manager,
            owner=organisations[owner],
            name=name,
            material_type=material,
            basis=BASIS,
            criteria=_plain(criteria),
            rationale=rationale,
        )
        made.append(grading.put_in_force(actor=manager, policy=policy))
    _draft(organisations["IREL"], people["IREL", Role.MANAGER])
    return made


def _draft(owner: Organisation, manager: User) -> None:
    """Make a stricter draft of the first policy: its page shows what it would change."""
    _, name, material, criteria, _ = POLICIES[0]
    stricter = [{**one, "threshold_ppm": 1.8 * one["threshold_ppm"]} for one in _plain(criteria)]
    grading.make_policy(
        actor=manager,
        owner=owner,
        name=name,
        material_type=material,
        basis=BASIS,
        criteria=stricter,
        rationale="Acid has become dearer: poorer clay would no longer pay (invented).",
    )


def _plain(criteria: Any) -> list[dict[str, Any]]:
    return [dict(one) for one in criteria]
