"""Labels: every code on a sheet is read again from its pixels at 203 dpi, and holds its tag's address."""

import io
import re

import pytest
import segno
import zxingcpp
from PIL import Image, ImageDraw, ImageFilter
from pypdf import PdfReader

from lims.typesetting import picture
from samples.registry.models import Tag
from samples.registry.rules import read_tag, show_tag
from samples.registry.services import issue_tags
from samples.registry.tags.rules import LAYOUTS, LabelSize
from samples.registry.tags.sheets import (
    HEIGHT_DOTS,
    QR_DOTS,
    QUIET,
    TEMPLATE,
    WIDTH_DOTS,
    magnification,
    sheet_data,
    sheets,
    zpl,
)

pytestmark = pytest.mark.django_db
DPI = 203
SITE = "https://lims.example.org"


@pytest.fixture
def tags(ground, settings):
    settings.SITE_ADDRESS = SITE
    issue_tags(actor=ground.manager, owner=ground.owner, count=30)
    return list(Tag.objects.select_related("owner").order_by("code"))


def pages(tags, **options):
    """Return the pages of a sheet as a printer of 203 dpi sees them: grey, and black or white only."""
    made = picture(TEMPLATE, sheet_data(tags, **options), ppi=DPI)
    return [Image.open(io.BytesIO(page)).convert("L").point(lambda grey: 255 * (grey > 127)) for page in made]


def codes_in(image):
    """Return what a reader finds in a picture, row by row as the labels lie."""
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    corners = sorted(
        (round(code.position.top_left.y / 20), code.position.top_left.x, code.text) for code in found
    )
    return [text for _, _, text in corners]


@pytest.mark.parametrize("size", LabelSize)
def test_every_label_of_a_sheet_is_read_as_its_tags_address(tags, size):
    made = pages(tags, size=size)
    per = LAYOUTS[size].places
    assert len(made) == -(-len(tags) // per)
    read = [text for image in made for text in codes_in(image)]
    assert read == [f"{SITE}/t/{tag.code}" for tag in tags]
    assert [read_tag(text) for text in read] == [tag.code for tag in tags]


def test_a_sheet_is_a4_and_its_labels_lie_where_they_are_cut(tags):
    image = pages(tags[:24], size=LabelSize.SMALL)[0]
    assert (image.width, image.height) == (round(210 / 25.4 * DPI), round(297 / 25.4 * DPI))
    found = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    mm = 25.4 / DPI
    cells = {
        (int(code.position.top_left.x * mm // 70), int((code.position.top_left.y * mm - 0.5) // 37))
        for code in found
    }
    assert cells == {(column, row) for column in range(3) for row in range(8)}
    for code in found:
        # Whole within its label, 3 mm off its edges: printers feed a sheet that far askew.
        for corner in (code.position.top_left, code.position.bottom_right):
            assert 3 < corner.x * mm % 70 < 67
            assert 3 < (corner.y * mm - 0.5) % 37 < 34


def test_a_scratch_and_a_poor_print_are_survived(tags):
    image = pages(tags[:10], size=LabelSize.SMALL)[0]
    blurred = image.filter(ImageFilter.GaussianBlur(1.2))
    pen = ImageDraw.Draw(blurred)
    for row in range(8):
        y = (0.5 + 37 * row + 14) / 25.4 * DPI
        pen.line([(0, y), (blurred.width, y)], fill=255, width=3)
    assert codes_in(blurred) == [f"{SITE}/t/{tag.code}" for tag in tags[:10]]


def test_a_second_label_goes_inside_and_used_places_stay_empty(tags):
    data = sheet_data(tags[:3], size=LabelSize.LARGE, inside=True, skip=6)
    places = [
        [(label["x"], label["y"], label["code"], label["inside"]) for label in sheet]
        for sheet in data["sheets"]
    ]
    first, second, third = (tag.code for tag in tags[:3])
    assert places == [
        [
            (0.0, 177.0, first, False),
            (105.0, 177.0, first, True),
            (0.0, 234.0, second, False),
            (105.0, 234.0, second, True),
        ],
        [(0.0, 6.0, third, False), (105.0, 6.0, third, True)],
    ]
    text = "".join(
        page.extract_text()
        for page in PdfReader(io.BytesIO(sheets(tags[:3], size=LabelSize.LARGE, inside=True))).pages
    )
    assert (text.count("Inside the bag"), text.count("On the bag")) == (3, 3)


def test_a_pdf_shows_each_tag_in_letters_and_its_owner(tags, ground):
    reader = PdfReader(io.BytesIO(sheets(tags, size=LabelSize.SMALL)))
    assert [round(float(edge) / 72 * 25.4) for edge in reader.pages[0].mediabox[2:]] == [210, 297]
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
    assert all(show_tag(tag.code) in text for tag in tags)
    assert text.count(ground.owner.code) == len(tags)


def test_cut_marks_are_drawn_only_when_asked_for(tags):
    bare, marked = (pages(tags[:1], size=LabelSize.LARGE, marks=marks)[0] for marks in (False, True))
    corner = (int(102 / 25.4 * DPI), int(61 / 25.4 * DPI), int(108 / 25.4 * DPI), int(65 / 25.4 * DPI))
    assert bare.crop(corner).getextrema() == (255, 255)
    assert marked.crop(corner).getextrema() == (0, 255)
    assert codes_in(marked) == [f"{SITE}/t/{tags[0].code}"]


def test_labels_of_a_label_printer_hold_what_they_must(tags, ground):
    made = zpl(tags[:2], inside=True)
    labels = made.split("^XZ\n")
    assert [label.count("^XA") for label in labels] == [1, 1, 1, 1, 0]
    fields = re.findall(r"\^FO24,16\^BQN,2,(\d)\^FH\^FDMA,([^^]*)\^FS", made)
    address = [f"{SITE}/t/{tag.code}" for tag in tags[:2] for _ in range(2)]
    assert fields == [("6", text) for text in address]
    assert [label.count("INSIDE THE BAG") for label in labels] == [0, 1, 0, 1, 0]
    assert all(f"^FD{show_tag(tag.code)}^FS" in made for tag in tags[:2])
    assert made.count(f"^FH^FD{ground.owner.code}^FS") == 4
    assert made.count(f"^PW{WIDTH_DOTS}\n^LL{HEIGHT_DOTS}\n") == 4


@pytest.mark.parametrize(
    "site", [SITE, "http://127.0.0.1:8000", "https://" + "a" * 60 + ".example.org/rare/earth"]
)
def test_a_code_of_the_module_size_of_the_label_printer_is_read(tags, settings, site):
    """The printer draws ^BQ itself; what it draws at that size is drawn here by another program, and read."""
    settings.SITE_ADDRESS = site
    field = re.search(r"\^BQN,2,(\d)\^FH\^FDMA,([^^]*)\^FS", zpl(tags[:1]))
    assert field is not None
    scale, text = int(field[1]), re.sub("_([0-9A-F]{2})", lambda hexed: chr(int(hexed[1], 16)), field[2])
    code = segno.make(text, error="m", micro=False)
    assert code.symbol_size(scale=scale, border=0)[0] <= QR_DOTS
    out = io.BytesIO()
    code.save(out, kind="png", scale=scale, border=QUIET)
    assert codes_in(Image.open(out).convert("L")) == [f"{site}/t/{tags[0].code}"]


def test_commands_in_an_address_stay_text(tags, settings):
    settings.SITE_ADDRESS = "https://a_b^XZ~c.example"
    made = zpl(tags[:1])
    assert "^FDMA,https://a_5Fb_5EXZ_7Ec.example/t/" in made
    assert made.count("^XZ") == 1


def test_modules_are_as_large_as_the_label_allows():
    # Version 3 (29 modules) and version 10 (57 modules) by ISO/IEC 18004.
    assert (magnification("x" * 36), magnification("x" * 200)) == (6, 3)
