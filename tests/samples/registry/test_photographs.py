"""Photographs: kept small and without a place, by whoever has the bag in hand, served by permission."""

import io
import random

import piexif
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lims import files
from lims.errors import DomainError, Invalid, NotPermitted
from lims.ids import uuid7
from samples.registry.models import Photograph
from samples.registry.photographs import keep_photograph, visible_photographs
from samples.registry.pictures import LARGEST_UPLOAD_BYTES, tidy


def picture(width=640, height=480, kind="JPEG", colour="grey", **options):
    out = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(out, kind, **options)
    return out.getvalue()


def noise(width, height):
    out = io.BytesIO()
    pixels = random.Random(7).randbytes(width * height * 3)
    Image.frombytes("RGB", (width, height), pixels).save(out, "PNG")
    return out.getvalue()


def with_place(width=640, height=480):
    exif = piexif.dump(
        {
            "0th": {piexif.ImageIFD.Make: b"Phone", piexif.ImageIFD.Orientation: 6},
            "GPS": {
                piexif.GPSIFD.GPSLatitudeRef: b"N",
                piexif.GPSIFD.GPSLatitude: ((25, 1), (53, 1), (24, 1)),
            },
        }
    )
    return picture(width, height, exif=exif)


def test_a_small_plain_picture_is_kept_byte_for_byte():
    content = picture()
    kept = tidy(content)
    assert (kept.content, kept.media_type, kept.width, kept.height) == (content, "image/jpeg", 640, 480)


def test_a_place_inside_is_taken_out_and_the_picture_turned_upright():
    content = with_place()
    assert b"Phone" in content
    kept = tidy(content)
    # Orientation 6 is a quarter turn: what was wide is high.
    assert (kept.width, kept.height) == (480, 640)
    assert b"Phone" not in kept.content
    assert not Image.open(io.BytesIO(kept.content)).getexif()


def test_a_large_picture_is_made_smaller():
    kept = tidy(noise(2400, 1800))
    assert max(kept.width, kept.height) <= 1600
    assert len(kept.content) <= 400_000
    assert kept.media_type == "image/jpeg"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "photograph-empty"),
        (b"%PDF-1.7 no picture", "photograph-unreadable"),
        (b"GIF89a" + bytes(20), "photograph-unreadable"),
        (picture()[:400], "photograph-unreadable"),
        (b"\xff\xd8" + bytes(LARGEST_UPLOAD_BYTES), "photograph-too-large"),
    ],
)
def test_what_is_no_picture_is_refused_by_name(content, code):
    with pytest.raises(Invalid) as refused:
        tidy(content)
    assert [problem.code for problem in refused.value.problems] == [code]


@given(st.binary(max_size=300), st.integers(0, 500), st.integers(0, 255))
def test_whatever_is_sent_is_a_picture_or_refused(extra, at, value):
    content = bytearray(picture(32, 32))
    content[min(at, len(content) - 1)] = value
    try:
        kept = tidy(bytes(content) + extra)
    except DomainError:
        return
    assert max(kept.width, kept.height) <= 1600


@pytest.fixture
def sample(register):
    return register()


@pytest.mark.django_db
def test_kept_for_a_bag_and_served_only_to_those_who_see_it(person, signed_in, sample):
    manager = person("manager", "irel")
    made = keep_photograph(actor=manager, owner=sample.batch.owner, content=picture(), sample=sample)
    assert files.get(made.sha256) == picture()
    answer = signed_in(manager).get(f"/photographs/{made.pk}/")
    assert (answer.status_code, answer["Content-Type"], answer.content) == (200, "image/jpeg", picture())
    assert answer["X-Content-Type-Options"] == "nosniff"
    stranger = person("manager", "midwest")
    assert signed_in(stranger).get(f"/photographs/{made.pk}/").status_code == 404
    assert not visible_photographs(stranger).exists()


@pytest.mark.django_db
def test_nobody_else_adds_one(person, sample):
    with pytest.raises(NotPermitted):
        keep_photograph(
            actor=person("manager", "midwest"), owner=sample.batch.owner, content=picture(), sample=sample
        )
    assert not Photograph.objects.exists()


@pytest.mark.django_db
def test_added_on_the_page_and_over_the_api(person, signed_in, sample):
    client = signed_in(person("field_coordinator", "irel"))
    upload = SimpleUploadedFile("bag.jpg", with_place(), "image/jpeg")
    answer = client.post(f"/samples/{sample.pk}/photographs/add/", {"photograph": upload})
    assert answer.status_code == 302
    shown = client.get(f"/samples/{sample.pk}/")
    assert f"/photographs/{Photograph.objects.get().pk}/" in shown.content.decode()
    made = uuid7()
    upload = SimpleUploadedFile("bag.png", picture(kind="PNG"), "image/png")
    body = {"sample": str(sample.pk), "photograph": upload, "id": str(made)}
    answer = client.post("/api/v1/photographs/", body)
    assert answer.status_code == 201, answer.content
    assert answer.json()["id"] == str(made)
    listed = client.get(f"/api/v1/photographs/?sample={sample.pk}").json()["results"]
    assert [one["media_type"] for one in listed] == ["image/png", "image/jpeg"]
    assert client.get(f"/api/v1/photographs/{made}/content/").content == picture(kind="PNG")


@pytest.mark.django_db
def test_a_bad_file_is_named_beside_its_field(person, signed_in, sample):
    client = signed_in(person("manager", "irel"))
    upload = SimpleUploadedFile("bag.jpg", b"not a picture", "image/jpeg")
    answer = client.post(f"/samples/{sample.pk}/photographs/add/", {"photograph": upload})
    assert answer.status_code == 422
    assert "no whole JPEG or PNG" in answer.content.decode()
    assert not Photograph.objects.exists()
