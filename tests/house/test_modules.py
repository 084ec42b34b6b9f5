"""Rules of the house that no linter knows: who may know HTTP, what a verb is, how big a module may be."""

import ast
import importlib
import inspect
from pathlib import Path

import pytest
from django.apps import apps

from lims.verbs import verb

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted(
    path
    for package in ("config", "lims", "samples", "assays")
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts
)
QUIET = {"services.py", "queries.py", "permissions.py", "models.py", "rules.py"}
HTTP = ("django.http", "django.shortcuts", "django.urls", "django.views", "rest_framework")
#: pages and API are the only rooms where HTTP is spoken; a web or API package is about nothing else
SPEAKERS = {"api", "web"}


def imported(tree: ast.AST) -> set[str]:
    """Return every module that a source imports."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names


def http_in(source: str) -> set[str]:
    """Return the HTTP modules that a source imports."""
    return {name for name in imported(ast.parse(source)) if name.startswith(HTTP)}


@pytest.mark.parametrize(
    "path", [p for p in SOURCES if p.name in QUIET], ids=lambda p: str(p.relative_to(ROOT))
)
def test_services_and_what_lies_below_know_no_http(path):
    assert http_in(path.read_text()) == set()


def test_a_service_that_knows_http_would_be_caught():
    assert http_in("from django.http import Http404") == {"django.http", "django.http.Http404"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_modules_stay_small(path):
    assert len(path.read_text().splitlines()) <= 300


def services():
    """Yield every public function that a services module defines."""
    for path in SOURCES:
        if path.name == "services.py":
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for name, value in vars(module).items():
                own = getattr(value, "__module__", "") == module.__name__
                if inspect.isfunction(value) and own and not name.startswith("_"):
                    yield module.__name__, name, value


#: services that write nothing of the record, or only inside somebody's verb
NOT_VERBS = {"lims.work.services.request"}


def test_every_service_is_a_verb():
    found = {f"{module}.{name}" for module, name, value in services() if not getattr(value, "is_verb", False)}
    assert found <= NOT_VERBS


def test_a_verb_without_an_actor_is_refused():
    with pytest.raises(TypeError, match="one of them actor"):

        @verb
        def nameless(*, sample: str) -> str:
            return sample


def test_every_model_of_a_feature_is_in_its_aggregator():
    """A model that the aggregator forgets silently has no table."""
    for path in SOURCES:
        if path.name != "models.py" or len(path.relative_to(ROOT).parts) != 3:
            continue
        declared = {
            node.name
            for node in ast.parse(path.read_text()).body
            if isinstance(node, ast.ClassDef)
            and any("Model" in ast.unparse(base) or "Base" in ast.unparse(base) for base in node.bases)
        }
        app = path.relative_to(ROOT).parts[0]
        aggregator = importlib.import_module(f"{app}.models")
        managers = {name for name in declared if name.endswith(("Manager", "QuerySet"))}
        assert declared - managers <= set(aggregator.__all__), path
        for name in declared - managers:
            assert apps.get_model(app, name)
