"""The radiological screen on Th and U (METHODS.md section 5): what ICP can say before gamma spectrometry. Pure.

Specific activities of the natural chains' parents: 4.072 Bq/g a per mille of Th-232, 12.347 Bq/g a per mille of U-238.
Level: 1 Bq/g of a natural chain, tenfold for transport (IAEA SSR-6 (Rev. 1), 2018, paras 107 and 404). Limits are
configuration (D); regulatory use is confirmed by the owner's safety officer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from assays.chemistry.units import read_quantity
from lims.errors import invalid

#: 1 Bq/g per ppm
PER_PPM: Final = {"Th": 0.004072, "U": 0.012347}
REVIEW, HOLD, STOP = 0.5, 1.0, 10.0


@dataclass(frozen=True, slots=True)
class Screen:
    """What Th and U say: level, fraction of 1 Bq/g (None when not assessed), and a sentence."""

    level: str
    f: float | None
    sentence: str


def screen(th: str | None, u: str | None, *, processed: bool) -> Screen:
    """Return the screen of a sample from Th and U of the element, as in "26 ppm", "<0.05 ppm", ">1000 ppm".

    `<L` counts as L, `>U` as at least a hold. Where one is missing the other can still hold or stop a sample, and
    nothing is ever "none". Processed material is never below a review: actinium follows the lanthanides, and ICP
    sees neither it nor radium. Raises `Invalid` as `units.read_quantity` and `ppm_factor`, and "unit-unknown" for a
    unit that is no mass fraction.

    >>> screen("26 ppm", "5.84 ppm", processed=False).level
    'NONE'
    >>> screen("26 ppm", None, processed=False)
    Screen(level='NOT_ASSESSED', f=None, sentence='Not assessed: U is not reported.')
    """
    reads = {name: _read(name, text) for name, text in (("Th", th), ("U", u)) if text is not None}
    missing = [name for name in ("Th", "U") if name not in reads]
    f = sum(PER_PPM[name] * ppm for name, (_, ppm) in reads.items())
    over = any(qualifier == ">" for qualifier, _ in reads.values())
    level = _level(f, over=over, processed=processed)
    if missing and level not in {"RAD_HOLD", "RAD_STOP_TRANSPORT"}:
        return _not_assessed(missing, processed=processed)
    return Screen(level, f, _sentence(f, tuple(reads), over=over, processed=processed))


def _read(name: str, text: str) -> tuple[str, float]:
    """Return qualifier and ppm of a reading. Raises `Invalid`."""
    quantity = read_quantity(text)
    ppm = quantity.ppm
    if ppm is None:
        raise invalid(
            "unit-unknown", f"{name}: “{text[:40]}” is no mass fraction.", "Use %, ppm or ppb.", field=name
        )
    return quantity.qualifier, float(ppm)


def _not_assessed(missing: Sequence[str], *, processed: bool) -> Screen:
    what = f"Not assessed: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not reported."
    if processed:
        return Screen("RAD_REVIEW", None, f"{what} Processed material is reviewed.")
    return Screen("NOT_ASSESSED", None, what)


def _level(f: float, *, over: bool, processed: bool) -> str:
    if f > STOP:
        return "RAD_STOP_TRANSPORT"
    if f >= HOLD or over:
        return "RAD_HOLD"
    return "RAD_REVIEW" if f >= REVIEW or processed else "NONE"


def _sentence(f: float, names: Sequence[str], *, over: bool, processed: bool) -> str:
    what = "Th and U make" if len(names) == 2 else f"{names[0]} alone makes"
    said = f"{what} {_figure(f)} of 1 Bq/g (natural chains)."
    if f > STOP:
        return f"{said} Over the tenfold level: transport stops until a competent person has decided."
    if over:
        return f"{said} A value is over range: a stop is not excluded. Gamma spectrometry is needed."
    if f >= HOLD:
        return f"{said} Held for a competent person and gamma spectrometry."
    if processed:
        return f"{said} Processed material is reviewed before gamma spectrometry all the same."
    return f"{said} To be reviewed." if f >= REVIEW else said


def _figure(f: float) -> str:
    """Return f to two decimals; to more where two would show a level that it does not reach, or hide one that it passes.

    >>> _figure(0.178), _figure(0.99996), _figure(10.0004)
    ('0.18', '0.99996', '10.0004')
    """
    text = f"{f:.2f}"
    for level in (REVIEW, HOLD, STOP):
        if f != level and float(text) == level:
            return f"{f:.6g}"
    return text
