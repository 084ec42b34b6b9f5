"""The file store: by content, whole or not at all, and never by a path that somebody gave."""

import hashlib
import threading
from pathlib import Path

import pytest

from lims import files
from lims.errors import NotFound


@pytest.fixture(autouse=True)
def root(tmp_path, settings) -> Path:
    settings.FILES_ROOT = tmp_path / "files"
    return settings.FILES_ROOT


def stored(root: Path) -> list[Path]:
    return sorted(path for path in root.rglob("*") if path.is_file())


def test_a_file_is_kept_under_its_digest(root):
    sha256 = files.put(b"tag,mass\n")
    assert sha256 == hashlib.sha256(b"tag,mass\n").hexdigest()
    assert stored(root) == [root / sha256[:2] / sha256]
    assert files.get(sha256) == b"tag,mass\n"


@pytest.mark.parametrize("content", [b"", b"\x00" * 100_000])
def test_any_bytes_come_back_equal(content):
    assert files.get(files.put(content)) == content


def test_keeping_a_file_again_changes_nothing(root):
    sha256 = files.put(b"x")
    before = (root / sha256[:2] / sha256).stat()
    assert files.put(b"x") == sha256
    after = (root / sha256[:2] / sha256).stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)
    assert len(stored(root)) == 1


def test_many_at_once_keep_one_file(root):
    threads = [threading.Thread(target=files.put, args=(b"same" * 10_000,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [path.read_bytes() for path in stored(root)] == [b"same" * 10_000]


def test_a_write_that_fails_leaves_nothing(root, monkeypatch):
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space left"):
        files.put(b"x")
    assert stored(root) == []


def test_a_missing_file_is_named():
    with pytest.raises(NotFound) as caught:
        files.get("a" * 64)
    assert caught.value.problems[0].code == "file-missing"


def test_an_altered_file_is_not_given_out(root):
    sha256 = files.put(b"2150 g")
    (root / sha256[:2] / sha256).write_bytes(b"9150 g")
    with pytest.raises(NotFound) as caught:
        files.get(sha256)
    assert caught.value.problems[0].code == "file-altered"


@pytest.mark.parametrize("name", ["", "../../etc/passwd", "A" * 64, "a" * 63, "a" * 63 + "/", "a" * 65])
def test_a_name_that_is_no_digest_reaches_no_file(name):
    with pytest.raises(ValueError, match="not a SHA-256"):
        files.get(name)
