"""Pictures of the demonstration, drawn and not taken: bags with their tags, a paper form, a permit."""

import io
import random
from collections.abc import Sequence
from typing import Final

import segno
from PIL import Image, ImageDraw, ImageFont

#: px: small, as a phone sends them
SIZE: Final = (960, 720)
SHEET: Final = (900, 1200)
#: material type → the colour of what lies around it
GROUND: Final = {
    "ION_ADSORPTION_CLAY": (158, 98, 66),
    "WEATHERED_GRANITE": (171, 150, 122),
    "HARD_ROCK": (116, 118, 120),
    "LEACH_PRECIPITATE": (196, 190, 176),
}
BAG, SHADE, INK, WHITE = (226, 224, 212), (196, 193, 178), (28, 34, 40), (252, 252, 248)
BLUE: Final = (32, 52, 128)


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=72)
    return out.getvalue()


def bag(tag: str, seal: str, material: str) -> bytes:
    """Return a JPEG of a sealed bag with its tag (as people write it), its code and its seal."""
    dice = random.Random(tag)  # noqa: S311  # pebbles, no secret
    ground = GROUND.get(material, GROUND["HARD_ROCK"])
    image = Image.new("RGB", SIZE, ground)
    pen = ImageDraw.Draw(image)
    for _ in range(420):
        x, y, r = dice.randrange(SIZE[0]), dice.randrange(SIZE[1]), dice.randint(2, 13)
        tone = dice.randint(-26, 26)
        pen.ellipse((x - r, y - r * 0.7, x + r, y + r * 0.7), fill=tuple(c + tone for c in ground))
    lean = dice.randint(-14, 14)
    outline = [
        (270 + lean, 650), (240 + lean, 330), (330 + lean, 210), (430 + lean, 170), (530 + lean, 170),
        (640 + lean, 215), (715 + lean, 340), (690 + lean, 655), (480 + lean, 680),
    ]  # fmt: skip
    pen.polygon([(x + 16, y + 14) for x, y in outline], fill=tuple(c // 2 for c in ground))
    pen.polygon(outline, fill=BAG)
    for x in (330, 400, 560, 620):
        pen.line([(x + lean, 250), (x + lean + dice.randint(-20, 20), 640)], fill=SHADE, width=5)
    pen.polygon([(430 + lean, 170), (400 + lean, 70), (560 + lean, 66), (530 + lean, 170)], fill=SHADE)
    pen.rectangle((415 + lean, 158, 545 + lean, 182), fill=(196, 44, 36))
    pen.text((480 + lean, 170), seal, font=_font(19), fill=WHITE, anchor="mm")
    _label(image, (335 + lean, 330), tag)
    return _jpeg(image)


def _label(image: Image.Image, at: tuple[int, int], tag: str) -> None:
    """Draw a tag: its code and its text."""
    pen, (x, y) = ImageDraw.Draw(image), at
    pen.rectangle((x, y, x + 290, y + 200), fill=WHITE, outline=INK, width=2)
    rows = [list(row) for row in segno.make(tag, error="m", micro=False).matrix]
    step = 150 // len(rows)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                left, top = x + 70 + across * step, y + 12 + down * step
                pen.rectangle((left, top, left + step - 1, top + step - 1), fill=INK)
    pen.text((x + 145, y + 180), tag, font=_font(27), fill=INK, anchor="mm")


def sheet(title: str, number: str, lines: Sequence[tuple[str, str]]) -> bytes:
    """Return a JPEG of a paper: what is printed, and what was written beside it by hand."""
    image = Image.new("RGB", SHEET, (122, 104, 84))
    pen = ImageDraw.Draw(image)
    pen.polygon([(44, 34), (866, 52), (850, 1170), (30, 1150)], fill=(248, 246, 238))
    pen.text((90, 90), title, font=_font(40), fill=INK)
    pen.text((820, 96), number, font=_font(34), fill=(150, 30, 30), anchor="ra")
    for place, (printed, written) in enumerate(lines):
        y = 200 + place * 104
        pen.text((90, y), printed, font=_font(24), fill=(90, 90, 90))
        pen.text((330, y - 8 + place % 2 * 5), written, font=_font(33), fill=BLUE)
        pen.line([(320, y + 40), (810, y + 44)], fill=(160, 160, 150), width=2)
    return _jpeg(image)
