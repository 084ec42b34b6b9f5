"""Cases written short: what the estimator's tests decide."""

from collections.abc import Mapping, Sequence
from typing import Any

from assays.grading.estimator import answer, evaluate, read_case

DY = {"analyte": "Dy", "metric": "grade", "oxide": "Dy2O3", "threshold_ppm": 25}
TB = {"analyte": "Tb", "metric": "grade", "oxide": "Tb4O7", "threshold_ppm": 4.0}
TREO = {"analyte": "TREO", "metric": "grade", "oxide": "TREO", "threshold_ppm": 1000}
SHARE = {"analyte": "Dy", "metric": "share", "oxide": "Dy2O3", "of": "TREO", "threshold_pct": 3}
ELEMENTS = ("La", "Ce", "Pr", "Nd", "Sm", "Eu", "Gd", "Tb", "Dy", "Ho", "Er", "Tm", "Yb", "Lu", "Y")
#: a bias uncertainty of nothing: what is left can be followed by hand
NO_BIAS = {"relative": 0, "df": 20}


def sample(number: int, values: Mapping[str, str], **more: Any) -> dict[str, Any]:
    """Return one sample, S1 and so on, on total fusion."""
    return {"id": f"S{number}", "basis": "total-fusion", "values": dict(values)} | more


def case(
    samples: Sequence[Mapping[str, Any]],
    *criteria: Mapping[str, Any],
    qc: Mapping[str, str] | None = None,
    **policy: Any,
) -> dict[str, Any]:
    """Return a case by these criteria (Dy2O3 ≥ 25 ppm unless told otherwise), without bias uncertainty."""
    wanted = [dict(one) for one in criteria or (DY,)]
    given = {"criteria": wanted, "alpha": 0.05, "alpha_reject": 0.01, "bias": NO_BIAS} | policy
    passed = dict.fromkeys((*ELEMENTS, "TREO"), "pass")
    return {"policy": given, "samples": list(samples), "qc": passed if qc is None else dict(qc)}


def dy(*values: float | str, **policy: Any) -> dict[str, Any]:
    """Return a case on Dy2O3, a sample for each value (ppm of Dy2O3, or as written)."""
    texts = [one if isinstance(one, str) else f"{one!r} ppm" for one in values]
    return case([sample(n, {"Dy2O3": text}) for n, text in enumerate(texts, 1)], **policy)


def decide(data: Any) -> dict[str, Any]:
    """Return the answer to a case."""
    return answer(evaluate(read_case(data)))


def first(data: Any) -> dict[str, Any]:
    """Return the first criterion of the answer to a case."""
    return decide(data)["criteria"][0]
