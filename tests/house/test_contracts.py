"""The contracts hold, and each is seen to catch a violation planted into a copy of the tree."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "lims", "samples", "assays")

#: contract → (module to plant into, line to plant)
VIOLATIONS = {
    "Floors: config over assays over samples over lims": ("lims/ids.py", "import samples.registry.rules"),
    "Inside lims: people, record, due work, API, web, and the stones under them": (
        "lims/work/rules.py",
        "import lims.accounts.rules",
    ),
    "Inside samples: field over custody over registry": (
        "samples/registry/rules.py",
        "import samples.custody",
    ),
    "Inside assays: reports down to chemistry": ("assays/chemistry/__init__.py", "import assays.reports"),
    "Inside a feature: pages and API over tasks over services over queries over models over rules": (
        "samples/registry/rules.py",
        "import samples.registry.services",
    ),
    "Rules and chemistry are pure: no Django, DRF, Celery or PostgreSQL": (
        "samples/registry/rules.py",
        "import django.db",
    ),
}


def lint(tree: Path) -> subprocess.CompletedProcess[str]:
    """Run import-linter over `tree`."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [program, "--no-cache"],
        cwd=tree,
        env=os.environ | {"COLUMNS": "250"},
        check=False,
        capture_output=True,
        text=True,
    )


def broken(output: str) -> set[str]:
    """Return the names of the contracts that import-linter calls broken."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", output)
    return {name.strip() for name in re.findall(r"^(.+?) BROKEN", plain, re.MULTILINE)}


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of the source tree."""
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("static", "__pycache__")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def test_contracts_hold():
    result = lint(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("contract", VIOLATIONS)
def test_a_planted_violation_breaks_its_contract(tree, contract):
    module, line = VIOLATIONS[contract]
    with (tree / module).open("a") as file:
        file.write(f"\n{line}\n")
    result = lint(tree)
    assert result.returncode == 1
    assert contract in broken(result.stdout), result.stdout


def test_every_contract_has_a_violation():
    names = set(re.findall(r'^name = "(.+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE))
    assert names - {"rare-earth-lims"} == set(VIOLATIONS)


def test_a_new_package_without_a_layer_breaks_the_contract(tree):
    (tree / "samples" / "stowaway").mkdir()
    (tree / "samples" / "stowaway" / "__init__.py").touch()
    assert lint(tree).returncode == 1
