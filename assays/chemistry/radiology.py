"""The radiological screen on Th and U (METHODS.md section 5): what ICP can say before gamma spectrometry. Pure.

Specific activities of the natural chains' parents: 4.072 Bq/g a per mille of Th-232, 12.347 Bq/g a per mille of U-238.
Level: 1 Bq/g of a natural chain, tenfold for transport (IAEA SSR-6 (Rev. 1), 2018, paras 107 and 404). Limits are
configuration (D); regulatory use is confirmed by the owner's safety officer.
"""

from dataclasses import dataclass
from typing import Final

from assays.chemistry.units import read_quantity

TH_PER_PPM: Final = 0.004072
U_PER_PPM: Final = 0.012347
REVIEW, HOLD, STOP = 0.5, 1.0, 10.0


@dataclass(frozen=True, slots=True)
class Screen:
    """What Th and U say: level, fraction of 1 Bq/g (None when not assessed), and a sentence."""

    level: str
    f: float | None
    sentence: str


def screen(th: str | None, u: str | None, *, processed: bool) -> Screen:
    """Return the screen of a sample from Th and U of the element, as in "26 ppm", "<0.05 ppm", ">1000 ppm".

    `<L` counts as L, `>U` as at least a hold. Processed material is never below a review: actinium follows the
    lanthanides, and ICP sees neither it nor radium. Raises `Invalid` as `units.read_quantity` and `ppm_factor`.

    >>> screen("26 ppm", "5.84 ppm", processed=False).level
    'NONE'
    >>> screen("26 ppm", None, processed=False)
    Screen(level='NOT_ASSESSED', f=None, sentence='Not assessed: U is not reported.')
    """
    missing = [name for name, text in (("Th", th), ("U", u)) if text is None]
    if th is None or u is None:
        level = "RAD_REVIEW" if processed else "NOT_ASSESSED"
        what = f"Not assessed: {' and '.join(missing)} {'is' if len(missing) == 1 else 'are'} not reported."
        return Screen(level, None, f"{what} Processed material is reviewed." if processed else what)
    reads = [read_quantity(th), read_quantity(u)]
    amounts = [float(one.ppm or 0) for one in reads]
    f = TH_PER_PPM * amounts[0] + U_PER_PPM * amounts[1]
    over = any(one.qualifier == ">" for one in reads)
    return Screen(_level(f, over=over, processed=processed), f, _sentence(f, over=over, processed=processed))


def _level(f: float, *, over: bool, processed: bool) -> str:
    if f > STOP:
        return "RAD_STOP_TRANSPORT"
    if f >= HOLD or over:
        return "RAD_HOLD"
    return "RAD_REVIEW" if f >= REVIEW or processed else "NONE"


def _sentence(f: float, *, over: bool, processed: bool) -> str:
    said = f"Th and U make {f:.2f} of 1 Bq/g (natural chains)."
    if f > STOP:
        return f"{said} Over the tenfold level: transport stops until a competent person has decided."
    if over:
        return f"{said} A value is over range: a stop is not excluded. Gamma spectrometry is needed."
    if f >= HOLD:
        return f"{said} Held for a competent person and gamma spectrometry."
    if processed:
        return f"{said} Processed material is reviewed before gamma spectrometry all the same."
    return f"{said} To be reviewed." if f >= REVIEW else said
