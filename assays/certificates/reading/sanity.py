"""What makes no sense in a row of values, although each cell is understood (METHODS.md section 1)."""

from collections.abc import Iterable, Sequence

from assays.certificates.reading.model import Determination, Finding
from assays.chemistry.normalisation import slips, total_off
from assays.chemistry.oxides import OXIDES, factor


def of_elements(found: Iterable[Determination]) -> dict[str, float]:
    """Return a row's contents in ppm of the element, the first given of each; values below a limit are left out."""
    ppm: dict[str, float] = {}
    for one in found:
        if one.ppm is None or one.analyte in ppm or one.ppm <= 0:
            continue
        divisor = factor(one.oxide) if one.oxide in OXIDES and one.oxide is not None else 1.0
        ppm[one.analyte] = float(one.ppm) / divisor
    return ppm


def sane(determinations: Sequence[Determination]) -> list[Finding]:
    """Return warnings on rows: totals that do not add up, patterns that are not smooth, odd ratios, odd negatives."""
    by_row: dict[int, list[Determination]] = {}
    for one in determinations:
        by_row.setdefault(one.row, []).append(one)
    findings = []
    for row, found in by_row.items():
        findings += [
            Finding("warning", "pattern-not-smooth", row, None, said, "Compare with the laboratory.")
            for said in slips(of_elements(found))
        ]
        for one in found:
            if one.analyte == "Total" and one.value is not None and one.unit.strip() == "%":
                said = total_off(float(one.value))
                if said:
                    findings.append(Finding("warning", "total-off", row, one.column, said))
            if one.form is not None and one.value is not None and one.value < 0:
                message = f"{one.oxide or one.analyte} is {one.raw}: less than nothing."
                remedy = "If it means below detection, choose the profile that says so."
                findings.append(Finding("warning", "negative-value", row, one.column, message, remedy))
    return findings
