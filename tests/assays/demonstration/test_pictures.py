"""Pictures of the demonstration: small, as phones send them, and with tags that a scanner reads."""

import io

import pytest
import zxingcpp
from PIL import Image

from assays.demonstration.pictures import GROUND, bag, sheet
from samples.registry.pictures import tidy


@pytest.mark.parametrize("material", sorted(GROUND))
def test_the_tag_on_a_drawn_bag_reads_as_it_is_written(material):
    picture = bag("KC-000042-H", "0001007", material)
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture)))
    assert [one.text for one in found] == ["KC-000042-H"]


@pytest.mark.parametrize(
    ("content", "size"),
    [
        (bag("KC-000042-H", "0001007", "HARD_ROCK"), (960, 720)),
        (sheet("Custody form", "F26-000001", [("From", "Tsering Dorji"), ("Bags", "17")]), (900, 1200)),
    ],
)
def test_a_drawn_picture_is_kept_as_it_is(content, size):
    kept = tidy(content)
    assert (kept.content, kept.media_type, (kept.width, kept.height)) == (content, "image/jpeg", size)


def test_two_bags_look_different_and_one_always_the_same():
    first = bag("KC-000042-H", "0001007", "HARD_ROCK")
    assert first == bag("KC-000042-H", "0001007", "HARD_ROCK")
    assert first != bag("KC-000043-F", "0001007", "HARD_ROCK")
