"""The examples in docstrings are tests."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for package in ("config", "lims", "samples", "assays", "tests/support")
    for path in (ROOT / package).rglob("*.py")
    if ">>>" in path.read_text() and "migrations" not in path.parts
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_say_what_happens(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0


def test_there_are_examples():
    assert len(MODULES) > 20
