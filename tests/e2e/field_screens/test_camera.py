"""The camera reads a tag: our own reader, in its worker, compiled under its own policy."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import segno
from playwright.sync_api import Page, expect

from samples.registry.rules import show_tag
from tests.e2e.field_screens.conftest import contexts, join, listening, sign_in
from tests.support import browser as support

WIDTH, HEIGHT = 640, 480


def film(text: str) -> bytes:
    """Return one second of film (YUV4MPEG2) that shows a QR code on white, a little off the middle."""
    code = [list(row) for row in segno.make_qr(text, error="m").matrix_iter(scale=8, border=4)]
    grey = bytearray(b"\xeb" * (WIDTH * HEIGHT))
    for y, row in enumerate(code):
        for x, dark in enumerate(row):
            if dark:
                grey[(y + 60) * WIDTH + x + 150] = 16
    frame = b"FRAME\n" + bytes(grey) + b"\x80" * (WIDTH * HEIGHT // 2)
    return f"YUV4MPEG2 W{WIDTH} H{HEIGHT} F10:1 Ip A1:1 C420jpeg\n".encode() + frame * 10


@pytest.fixture
def filming(chromium, site, mine, tmp_path: Path) -> Iterator[Page]:
    """Return a joined phone whose camera sees the first tag's label."""
    reel = tmp_path / "label.y4m"
    reel.write_bytes(film(f"{site}/t/{mine.tags[0]}"))
    camera = [
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={reel}",
    ]
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    running = chromium.browser_type.launch(
        executable_path=support.chromium(), args=[*support.OPTIONS, *root, *camera]
    )
    page = contexts(running, site).new_page()
    page.set_default_timeout(15_000)
    complaints = listening(page)
    sign_in(page, mine)
    join(page)
    yield page
    running.close()
    assert complaints == []


def test_the_camera_fills_in_the_tag_and_closes(filming, mine):
    filming.click("#go-register")
    filming.get_by_role("button", name="Camera").click()
    expect(filming.locator("#f-tag")).to_have_value(show_tag(mine.tags[0]), timeout=30_000)
    expect(filming.locator("#f-mass_g")).to_be_focused()
    expect(filming.locator("video")).to_have_count(0)


def test_afterwards_it_opens_by_itself(filming, mine):
    filming.click("#go-register")
    filming.get_by_role("button", name="Camera").click()
    expect(filming.locator("#f-tag")).to_have_value(show_tag(mine.tags[0]), timeout=30_000)
    filming.fill("#f-mass_g", "2150")
    filming.click("#save-next")
    expect(filming.locator("#f-tag-fault")).to_contain_text("on a bag already", timeout=30_000)
