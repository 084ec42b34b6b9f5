"""What is sent to the API is read whole, or refused by name."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.exceptions import ParseError

from lims.api.parsers import BoundedJSONParser


def read(content):
    return BoundedJSONParser().parse(BytesIO(content), "application/json", {"encoding": "utf-8"})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"[" * 100_000, "nested too deeply"),
        (rb'{"kind": "\ud800"}', "half a sign"),
        (rb'{"\uDFFF": 1}', "half a sign"),
        (b'{"kind": ', "JSON parse error"),
    ],
)
def test_what_nobody_could_hold_is_refused(content, said):
    with pytest.raises(ParseError, match=said):
        read(content)


def test_a_sign_of_two_halves_and_a_word_like_one_are_read():
    assert read(rb'["\ud83d\ude00", "\\ud800"]') == ["\U0001f600", "\\ud800"]


@given(st.text())
def test_every_text_that_is_text_is_read(text):
    body = '"' + "".join(f"\\u{ord(sign):04x}" for sign in text if ord(sign) < 0x10000) + '"'
    assert read(body.encode()) == "".join(sign for sign in text if ord(sign) < 0x10000)
