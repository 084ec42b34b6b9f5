"""`grade_preview` as a function: JSON in, JSON out, nothing written; the command and the API both call it."""

import json
from collections.abc import Sequence
from typing import Any, Final

from assays.grading.estimator import answer, evaluate, read_case
from lims.errors import DomainError, Invalid, Place, Problem, invalid

#: what is taken at once
MOST_CASES: Final = 500
MOST_SAMPLES: Final = 20_000


def read_json(text: str | bytes) -> Any:
    """Return what JSON says. Raises `Invalid` ("json-malformed": not JSON, NaN, infinity, a name twice in an object).

    >>> read_json('{"a": 1}')
    {'a': 1}
    """
    try:
        found = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_object)
        # Half a pair of surrogates is a character in no encoding: it could be read, and never said again.
        json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise invalid(
            "json-malformed", f"This is not JSON: {error}.", "Correct the text at the place that is named."
        ) from error
    return found


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{twice}” stands twice in one object")
    return found


def preview(data: Any) -> Any:
    """Return the answer to one case, or a list of answers to a list of cases, in the same order.

    Raises `Invalid` with every problem; of a list, each begins with the number of its case, from 0.
    """
    if not isinstance(data, list):
        _bound([data])
        return answer(evaluate(read_case(data)))
    if not data or len(data) > MOST_CASES:
        raise invalid("cases-count", f"There are {len(data)} cases.", f"Send 1 to {MOST_CASES} at once.")
    _bound(data)
    cases, problems = [], list[Problem]()
    for number, one in enumerate(data):
        try:
            cases.append(read_case(one))
        except DomainError as error:
            problems += [_numbered(problem, number) for problem in error.problems]
    if problems:
        raise Invalid(*problems)
    return [answer(evaluate(case)) for case in cases]


def _bound(data: Sequence[Any]) -> None:
    """Refuse more samples than one answer may take. Raises `Invalid` ("samples-too-many")."""
    total = sum(
        len(one["samples"]) for one in data if isinstance(one, dict) and isinstance(one.get("samples"), list)
    )
    if total > MOST_SAMPLES:
        raise invalid("samples-too-many", f"There are {total} samples.", f"Send {MOST_SAMPLES} at most.")


def _numbered(problem: Problem, number: int) -> Problem:
    place = f"[{number}]" + (f".{problem.place.field}" if problem.place.field else "")
    return Problem(problem.code, problem.message, problem.remedy, Place(field=place))
