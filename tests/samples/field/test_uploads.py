"""Photographs in parts: resumed, checked at the end, taken up by their operation."""

import hashlib
import io
from datetime import timedelta
from itertools import pairwise

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lims.errors import Conflict, Invalid
from lims.ids import uuid7
from lims.verbs import SystemActor
from samples.field.models import PartialPhotograph
from samples.field.uploads import (
    LARGEST_PHOTOGRAPH,
    Part,
    content_of,
    keep_part,
    part_of,
    purge_parts,
    status_of,
)
from samples.registry.models import Photograph
from tests.samples.field.phones import body_of

pytestmark = pytest.mark.django_db


def picture(colour="darkred", kind="JPEG"):
    """Return a small picture."""
    content = io.BytesIO()
    Image.new("RGB", (320, 200), colour).save(content, kind)
    return content.getvalue()


PICTURE = picture()
SHA256 = hashlib.sha256(PICTURE).hexdigest()


def part(phone, content, first, size, sha256=SHA256):
    return keep_part(
        actor=phone.person,
        device=phone.device,
        sha256=sha256,
        part=Part(first, first + len(content) - 1, size),
        content=content,
    )


def whole(phone, content=PICTURE):
    """Send a photograph in one part and return its SHA-256."""
    sha256 = hashlib.sha256(content).hexdigest()
    part(phone, content, 0, len(content), sha256)
    return sha256


def shows(phone, sample_id, sha256=SHA256, **changed):
    body = {"photograph_id": str(uuid7()), "sha256": sha256, "of": {"sample": sample_id}}
    return phone.op("add_photograph", body | changed)


def test_a_photograph_comes_in_parts(phone):
    size, half = len(PICTURE), len(PICTURE) // 2
    assert status_of(phone.device, SHA256) is None
    held = part(phone, PICTURE[:half], 0, size)
    assert (held.received, held.finished_at) == (half, None)
    again = part(phone, PICTURE[:half], 0, size)
    assert again.received == half
    held = part(phone, PICTURE[half:], half, size)
    assert held.received == size
    assert held.finished_at is not None
    assert content_of(phone.device, SHA256) == PICTURE
    assert part(phone, PICTURE[half:], half, size).received == size


def test_a_part_that_is_not_next_is_told_where_to_go_on(phone):
    part(phone, PICTURE[:10], 0, len(PICTURE))
    with pytest.raises(Conflict) as refused:
        part(phone, PICTURE[20:30], 20, len(PICTURE))
    assert refused.value.problems[0].code == "part-not-next"
    assert refused.value.problems[0].as_dict()["received"] == 10


def test_what_is_not_what_its_hash_says_begins_anew(phone):
    altered = bytes(reversed(PICTURE))
    held = part(phone, altered, 0, len(PICTURE))
    assert (held.received, held.finished_at) == (0, None)
    assert part(phone, PICTURE, 0, len(PICTURE)).finished_at is not None


def test_another_size_begins_anew(phone):
    part(phone, PICTURE[:10], 0, len(PICTURE) + 7)
    assert part(phone, PICTURE, 0, len(PICTURE)).finished_at is not None


@pytest.mark.parametrize(
    "said",
    ["", "bytes", "bytes 0-3/*", "bytes 3-0/9", "bytes 0-9/9", "bytes 0-8/9", "items 0-3/9", "bytes 0-3/3"],
)
def test_a_range_that_does_not_fit_is_refused(said):
    with pytest.raises(Invalid) as refused:
        part_of(said, b"abcd")
    assert refused.value.problems[0].code == "range-malformed"


def test_a_photograph_that_is_too_large_is_refused():
    with pytest.raises(Invalid) as refused:
        part_of(f"bytes 0-3/{LARGEST_PHOTOGRAPH + 1}", b"abcd")
    assert refused.value.problems[0].code == "photograph-too-large"


def test_the_operation_waits_for_the_bytes(ground, phone):
    registered = phone.registers(ground.batch, ground.tags[0])
    sample_id = body_of(registered)["sample_id"]
    shown = shows(phone, sample_id)
    told = phone.take(registered, shown)
    assert [(one["answer"], one["code"]) for one in told] == [
        ("applied", ""),
        ("rejected", "photograph-awaited"),
    ]
    whole(phone)
    assert phone.take(shown)[0]["answer"] == "applied"
    assert phone.take(shown)[0]["answer"] == "duplicate"
    kept = Photograph.objects.get()
    assert (str(kept.sample_id), kept.added_by, kept.sha256) == (sample_id, ground.coordinator, SHA256)
    assert str(kept.pk) == body_of(shown)["photograph_id"]


def test_another_phones_bytes_are_not_mine(ground, phone, phone_of, register):
    whole(phone_of(ground.manager))
    assert phone.take(shows(phone, str(register(0).pk)))[0]["code"] == "photograph-awaited"


@pytest.mark.parametrize("of", [None, {}, {"sample": 7}, {"sample": str(uuid7())}, {"mountain": "x"}, []])
def test_a_photograph_of_nothing_is_refused(phone, of):
    whole(phone)
    told = phone.take(phone.op("add_photograph", {"photograph_id": str(uuid7()), "sha256": SHA256, "of": of}))
    assert told[0]["answer"] == "rejected"
    assert told[0]["code"] in {"field-required", "field-invalid", "awaits-earlier", "field-unknown"}


def test_what_is_no_picture_is_refused(phone, register):
    sha256 = whole(phone, b"no picture at all")
    told = phone.take(shows(phone, str(register(0).pk), sha256))
    assert (told[0]["answer"], told[0]["code"]) == ("rejected", "photograph-unreadable")


def test_a_hash_is_no_way_out_of_the_folder(phone):
    for told in ("../../keys/secret", "A" * 64, "", "\x00"):
        with pytest.raises(Invalid) as refused:
            status_of(phone.device, told)
        assert refused.value.problems[0].code == "hash-malformed"


def test_what_nobody_took_up_is_removed_after_a_month(phone, settings):
    whole(phone)
    other = whole(phone, picture("navy"))
    PartialPhotograph.objects.filter(sha256=SHA256).update(started_at=timezone.now() - timedelta(days=31))
    assert purge_parts(actor=SystemActor("tests")) == 1
    assert status_of(phone.device, SHA256) is None
    assert content_of(phone.device, other) == picture("navy")
    assert len([file for file in (settings.FILES_ROOT / "partial").rglob("*") if file.is_file()]) == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(1, 4000), min_size=1, max_size=6), seed=st.integers(0, 255))
def test_however_it_is_cut_it_comes_whole(phone, cuts, seed):
    content = bytes((seed + n * n) % 251 for n in range(4096))
    sha256 = hashlib.sha256(content).hexdigest()
    bounds = sorted({0, *cuts, len(content)})
    for first, last in pairwise(bounds):
        part(phone, content[first:last], first, len(content), sha256)
    assert content_of(phone.device, sha256) == content
