"""Other people's files are what the list says."""

import json
import shutil
import subprocess
import sys

import pytest

from lims.web import vendor


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(vendor.VENDOR, tmp_path / "vendor")


def edit_list(copy, change):
    path = copy / "vendor.json"
    entries = json.loads(path.read_text())
    change(entries)
    path.write_text(json.dumps(entries))


def test_nothing_differs():
    assert list(vendor.differences()) == []


def test_a_changed_byte_is_found(copy):
    with (copy / "htmx.min.js").open("ab") as file:
        file.write(b"\n")
    found = list(vendor.differences(copy))
    assert len(found) == 1
    assert found[0].startswith("htmx.min.js: SHA-256 is ")


def test_missing_extra_and_unlisted(copy):
    (copy / "tabler.min.css").unlink()
    (copy / "extra.js").write_text("")
    assert list(vendor.differences(copy)) == [
        "extra.js: not listed in vendor.json",
        "tabler.min.css: missing",
    ]


def test_every_file_has_the_text_of_its_licence(copy):
    edit_list(copy, lambda entries: [entry.pop("text") for entry in entries if entry["name"] == "htmx"])
    assert list(vendor.differences(copy)) == ["htmx.min.js: the text of its licence (not named) is missing"]
    (copy / "licences" / "tabler.txt").unlink()
    edit_list(
        copy,
        lambda entries: entries.remove(next(e for e in entries if e["file"] == "licences/tabler.txt")),
    )
    assert list(vendor.differences(copy))[1:] == [
        "tabler.min.css: the text of its licence (licences/tabler.txt) is missing"
    ]


def test_an_entry_says_everything(copy):
    edit_list(copy, lambda entries: entries[0].update(licence="", version=""))
    assert list(vendor.differences(copy)) == [
        f"{json.loads((copy / 'vendor.json').read_text())[0]['file']}: vendor.json does not say its version, licence"
    ]


def test_the_command_names_it_and_fails(copy):
    (copy / "icons.svg").write_text("<svg/>")
    command = [sys.executable, "-m", "lims.web.vendor", "check"]
    good = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (good.returncode, good.stderr) == (0, "")
    bad = subprocess.run([*command, str(copy)], check=False, capture_output=True, text=True)
    assert bad.returncode == 1
    assert bad.stderr.startswith("icons.svg: SHA-256 is ")


def test_an_unknown_command_explains_itself():
    command = [sys.executable, "-m", "lims.web.vendor", "fetch"]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == 2
    assert "vendor check" in done.stderr


def test_the_sprite_has_every_icon_once():
    sprite = (vendor.VENDOR / "icons.svg").read_text()
    assert {name: sprite.count(f'id="{name}"') for name in vendor.icon_names()} == dict.fromkeys(
        vendor.icon_names(), 1
    )


def test_the_sprite_is_made_from_a_folder(tmp_path, monkeypatch):
    monkeypatch.setattr(vendor, "icon_names", lambda: frozenset({"dot"}))
    (tmp_path / "dot.svg").write_text('<svg\n  viewBox="0 0 24 24"\n>\n  <path d="M1 1" />\n</svg>\n')
    assert vendor.sprite(tmp_path) == (
        '<svg xmlns="http://www.w3.org/2000/svg">\n'
        '<symbol id="dot" viewBox="0 0 24 24"><path d="M1 1"/></symbol>\n</svg>\n'
    )


def test_sources_are_projects():
    entries = json.loads((vendor.VENDOR / "vendor.json").read_text())
    assert all(entry["source"].startswith("https://github.com/") for entry in entries)
