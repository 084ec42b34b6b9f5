"""What the demonstration's laboratory stands on: equipment, calibrations, validations, accreditation, competence. Invented."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Final

from django.utils import timezone

from assays.catalogue.models import Equipment, Method
from assays.catalogue.standing import services
from assays.demonstration.catalogue import IGNITION_CODE, MAJOR_CODE, TRACE_CODE
from assays.demonstration.rocks import TRACES
from lims.accounts.models import Organisation, User
from lims.accounts.rules import Role

#: code, name, kind, serial, days since its calibration, days for which it holds: the balance's ran out
EQUIPMENT: Final = (
    ("ICP-7", "ICP-MS, quadrupole", "INSTRUMENT", "JP2417", 96, 365),
    ("ICP-3", "ICP-OES", "INSTRUMENT", "MY1806", 340, 365),
    ("BAL-2", "Analytical balance, 0.1 mg", "BALANCE", "B-2231", 377, 365),
    ("OVEN-1", "Drying oven", "OVEN", "", 120, 365),
    ("FURN-1", "Muffle furnace", "FURNACE", "", 210, 365),
    ("MILL-4", "Ring mill, zirconia", "MILL", "", None, None),
)
BODY: Final = "Accreditation board (invented)"
#: what an accreditation of rare earths leaves out: too near to its limit
OUT_OF_SCOPE: Final = "Tm"
#: element → LOD, LOQ, least and most of the range in ppm, recovery in per cent, relative standard uncertainty
VALIDATED: Final = {
    "Dy": ("0.05", "0.2", "0.5", "500", "99.1", "0.031"),
    "Tb": ("0.01", "0.05", "0.1", "100", "98.4", "0.034"),
    "Nd": ("0.1", "0.4", "1", "3000", "100.6", "0.028"),
}

People = Mapping[tuple[str, Role], User]


def stand(
    laboratory: Organisation, methods: Mapping[tuple[str, str], Method], people: People
) -> dict[str, Equipment]:
    """Let the laboratory's manager record what it stands on; return its equipment by code."""
    code = laboratory.code
    manager = people[code, Role.MANAGER]
    by_code = {method.code: method for (owner, _), method in methods.items() if owner == code}
    made = {row[0]: _equipment(laboratory, manager, row) for row in EQUIPMENT}
    _validated(by_code[TRACE_CODE], manager)
    _accredited(by_code, manager)
    _competent(by_code, manager, people[code, Role.TECHNICIAN], people[code, Role.REVIEWER])
    return made


def _equipment(
    laboratory: Organisation, manager: User, row: tuple[str, str, str, str, int | None, int | None]
) -> Equipment:
    code, name, kind, serial, ago, days = row
    made = services.add_equipment(
        actor=manager,
        laboratory=laboratory,
        code=code,
        name=name,
        kind=kind,
        serial=serial,
        needs_calibration=ago is not None,
    )
    if ago is not None and days is not None:
        done = timezone.localdate() - timedelta(days=ago)
        services.record_calibration(
            actor=manager,
            equipment=made,
            calibrated_on=done,
            valid_until=done + timedelta(days=days),
            done_by="Calibration service (invented)",
            reference=f"CAL/{done:%y}/{code}",
        )
    return made


def _validated(method: Method, manager: User) -> None:
    done = timezone.localdate() - timedelta(days=410)
    for name, (lod, loq, low, high, recovery, u) in VALIDATED.items():
        services.record_validation(
            actor=manager,
            method=method,
            analyte=name,
            lod_ppm=Decimal(lod),
            loq_ppm=Decimal(loq),
            range_low_ppm=Decimal(low),
            range_high_ppm=Decimal(high),
            recovery_pct=Decimal(recovery),
            u_relative=Decimal(u),
            evidence="24 readings of RE-101 and RE-102 over 8 days, 12 spiked clays (invented)",
            validated_on=done,
            review_on=done + timedelta(days=730),
        )


def _accredited(methods: Mapping[str, Method], manager: User) -> None:
    """Record the rare earths within a range but one of them, and the major oxides, whose accreditation has ended."""
    today = timezone.localdate()
    for name in TRACES:
        if name != OUT_OF_SCOPE:
            services.record_accreditation(
                actor=manager,
                method=methods[TRACE_CODE],
                analyte=name,
                range_low_ppm=Decimal("0.1"),
                range_high_ppm=Decimal(5000),
                body=BODY,
                number="TC-2291 (invented)",
                valid_from=today - timedelta(days=500),
                valid_to=today + timedelta(days=230),
            )
    services.record_accreditation(
        actor=manager,
        method=methods[MAJOR_CODE],
        body=BODY,
        number="TC-2292 (invented)",
        valid_from=today - timedelta(days=740),
        valid_to=today - timedelta(days=9),
    )


def _competent(methods: Mapping[str, Method], manager: User, technician: User, reviewer: User) -> None:
    today = timezone.localdate()
    found = (
        (TRACE_CODE, technician, "ANALYSE", "Six blind pulps within 5 % of their value (invented)"),
        (MAJOR_CODE, technician, "ANALYSE", "Trained on the ICP-OES, ten check samples (invented)"),
        (IGNITION_CODE, technician, "ANALYSE", "Ten losses on ignition within 0.1 % (invented)"),
        (TRACE_CODE, reviewer, "APPROVE", "Twelve runs reviewed beside the manager (invented)"),
        (MAJOR_CODE, reviewer, "APPROVE", "Twelve runs reviewed beside the manager (invented)"),
        (IGNITION_CODE, reviewer, "APPROVE", "Twelve runs reviewed beside the manager (invented)"),
    )
    for code, person, able_to, evidence in found:
        services.grant_competence(
            actor=manager,
            method=methods[code],
            person=person,
            able_to=able_to,
            valid_from=today - timedelta(days=200),
            valid_to=today + timedelta(days=530),
            evidence=evidence,
        )
