"""Templates keep to the content policy; colours keep their contrast; the script's library keeps to its limits."""

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from lims.web import vendor

ROOT = Path(__file__).resolve().parents[3]
TEMPLATES = sorted(
    path for top in ("lims", "samples", "assays") for path in (ROOT / top).rglob("templates/**/*.html")
)
CSS = ROOT / "lims" / "web" / "static" / "css"
#: what the policy would block, or what would need eval
FORBIDDEN = {
    "inline style": re.compile(r"<[^>{]*\sstyle\s*="),
    "style element": re.compile(r"<style\b"),
    "inline script": re.compile(r"<script\b(?![^>]*\b(?:src|type=\"application/json\"))"),
    "event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "htmx that needs eval": re.compile(r"\bhx-on\b|\bhx-vars\b|hx-(?:vals|headers)\s*=\s*[\"']js:"),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "somebody else's server": re.compile(r"(?:src|href)\s*=\s*[\"'](?:https?:)?//(?!www\.w3\.org)"),
}


def violations(source):
    source = re.sub(r"{#.*?#}", "", source)
    return [name for name, pattern in FORBIDDEN.items() if pattern.search(source)]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_inline(path):
    assert violations(path.read_text()) == []


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ('<p style="color:red">', "inline style"),
        ("<style>p{}</style>", "style element"),
        ("<script>alert(1)</script>", "inline script"),
        ('<button onclick="go()">', "event handler"),
        ('<p hx-on:click="go()">', "htmx that needs eval"),
        ('<a href="JavaScript:go()">', "script address"),
        ('<img src="//cdn.example/x.png">', "somebody else's server"),
    ],
)
def test_violations_would_be_caught(source, name):
    assert violations(source) == [name]


def test_there_are_templates_to_look_at():
    assert ROOT / "lims" / "web" / "templates" / "shell.html" in TEMPLATES


def test_named_icons_exist():
    used = {
        (path.name, name)
        for path in TEMPLATES
        for name in re.findall(r'{%\s*icon\s+"([^"]+)"|\bicon="([^"]+)"', path.read_text())
        for name in name
        if name
    }
    assert {(path, name) for path, name in used if name not in vendor.icon_names()} == set()


# --- Contrast (WCAG 2.2, success criteria 1.4.3 and 1.4.11) ------------------------------------------

TOKENS = dict(re.findall(r"--([a-z-]+):\s*(#[0-9a-f]{6});", (CSS / "lims.css").read_text()))


def luminance(colour):
    """Return the relative luminance of "#rrggbb" (WCAG 2.2, definitions)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one, other):
    light, dark = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


TEXT = [
    *[
        (ink, ground)
        for ink in ("ink", "ink-soft", "accent", "accent-strong")
        for ground in ("paper", "surface", "sunk")
    ],
    *[("on-petrol", "petrol"), ("on-petrol", "petrol-raised"), ("on-petrol-soft", "petrol")],
    *[
        ("on-petrol-soft", "petrol-raised"),
        ("on-accent", "accent"),
        ("on-accent", "accent-strong"),
        ("ink", "ochre"),
    ],
    *[(tone, f"{tone}-ground") for tone in ("good", "warn", "bad", "info", "neutral")],
    *[("ink", f"{tone}-ground") for tone in ("good", "warn", "bad", "info", "neutral")],
    *[(tone, "surface") for tone in ("good", "warn", "bad", "info", "neutral")],
    *[
        (ink, f"{tone}-ground")
        for ink in ("ink-soft", "accent")
        for tone in ("good", "warn", "bad", "info", "neutral")
    ],
    ("surface", "bad"),
    *[("on-outcome", outcome) for outcome in ("flagged", "not-flagged", "inconclusive", "blocked")],
]
EDGES = [
    ("line-strong", "surface"),
    ("line-strong", "paper"),
    ("focus", "surface"),
    ("focus", "paper"),
    ("ochre", "petrol"),
]


@pytest.mark.parametrize(("ink", "ground"), TEXT)
def test_text_can_be_read(ink, ground):
    assert contrast(ink, ground) >= 4.5


@pytest.mark.parametrize(("edge", "ground"), EDGES)
def test_edges_and_focus_can_be_seen(edge, ground):
    assert contrast(edge, ground) >= 3


def test_contrast_is_computed_right():
    assert (round(contrast("surface", "surface"), 3), round(luminance("#808080"), 4)) == (1.0, 0.2159)


def test_outcomes_have_the_colours_for_every_eye():
    """Okabe and Ito, Color Universal Design (2008)."""
    assert [TOKENS[name] for name in ("flagged", "inconclusive", "blocked")] == [
        "#009e73",
        "#56b4e9",
        "#d55e00",
    ]


def test_colours_are_tokens():
    for path in CSS.glob("*.css"):
        rules = re.sub(r":root\s*{.*?}", "", path.read_text(), flags=re.DOTALL)
        assert re.findall(r":[^;{]*#[0-9a-fA-F]{3,8}\b", rules) == []


# --- The page itself -----------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_policy_and_the_library_settings_of_a_page():
    answer = Client().get("/account/login/")
    policy = answer["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    config = re.search(r"name=\"htmx-config\" content='([^']+)'", answer.content.decode())
    assert config is not None
    told = json.loads(config[1])
    assert (told["includeIndicatorStyles"], told["allowEval"], told["allowScriptTags"]) == (
        False,
        False,
        False,
    )


def test_the_shell_is_where_features_may_override_nothing():
    assert any(
        Path(folder) == ROOT / "lims" / "web" / "templates" for folder in settings.TEMPLATES[0]["DIRS"]
    )
