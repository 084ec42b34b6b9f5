"""The search box asks every feature, and goes straight to what is unmistakable."""

import pytest

from lims.web import search
from lims.web.search import Hit, are_cut, find, register_finder, straight_to

SEVEN = Hit("sample", "KC-0007-X", "/samples/7/", "IREL · Batch 7")
SEVENTY = Hit("sample", "KC-0070-2", "/samples/70/")
BATCH = Hit("batch", "kc-0007-x", "/batches/7/")


@pytest.fixture(autouse=True)
def _own_finders(monkeypatch):
    monkeypatch.setattr(search, "_FINDERS", {})


def test_exact_hits_come_first():
    register_finder("batch", lambda _user, _text: [SEVENTY])
    register_finder("sample", lambda _user, _text: [SEVEN])
    assert find(None, " kc-0007-x ") == [SEVEN, SEVENTY]


def test_finders_get_the_person_and_the_trimmed_text():
    asked = []
    register_finder("sample", lambda user, text: asked.append((user, text)) or [])
    find("asha", "  KC-1 ")
    assert asked == [("asha", "KC-1")]


def test_what_a_database_refuses_is_left_out():
    asked = []
    register_finder("sample", lambda _user, text: asked.append(text) or [])
    find(None, "KC-\x001\x00")
    assert (find(None, "\x00"), asked) == ([], ["KC-1"])


def test_nothing_is_asked_without_a_text():
    register_finder("sample", lambda _user, _text: pytest.fail("asked"))
    assert find(None, "   ") == []


def test_a_long_text_is_cut_and_a_long_list_too():
    lengths = []
    register_finder("sample", lambda _user, text: lengths.append(len(text)) or [SEVENTY] * 50)
    assert (len(find(None, "9" * 5000)), lengths) == (8, [200])


@pytest.mark.parametrize(
    ("hits", "address"),
    [([SEVEN, SEVENTY], "/samples/7/"), ([SEVEN, BATCH], None), ([SEVENTY], None), ([], None)],
)
def test_straight_to_the_only_one_called_so(hits, address):
    assert straight_to(hits, "Kc-0007-X") == address


@pytest.mark.django_db
def test_the_page(person, signed_in):
    register_finder("sample", lambda _user, text: [SEVEN] if text == "KC-0007-X" else [SEVEN, SEVENTY])
    client = signed_in(person("manager", "irel"))
    assert client.get("/search/", {"q": "KC-0007-X"})["Location"] == "/samples/7/"
    page = client.get("/search/", {"q": "KC"}).content.decode()
    assert "2 found" in page
    assert page.index("KC-0007-X") < page.index("IREL · Batch 7") < page.index("KC-0070-2")


def test_it_is_known_that_there_may_be_more():
    assert (are_cut([SEVENTY] * 7 + [BATCH]), are_cut([SEVENTY] * 8), are_cut([])) == (False, True, False)


@pytest.mark.django_db
def test_the_page_says_when_there_may_be_more(person, signed_in):
    register_finder("sample", lambda _user, _text: [SEVENTY] * 20)
    page = signed_in(person("manager", "irel")).get("/search/", {"q": "KC"}).content.decode()
    assert page.count("/samples/70/") == 8
    assert "The first 8: type more of it to see fewer." in page


@pytest.mark.django_db
def test_the_page_without_hits(person, signed_in):
    client = signed_in(person("manager", "irel"))
    page = client.get("/search/", {"q": "<b>"}).content.decode()
    assert "Search for “&lt;b&gt;”" in page
    assert "Nothing of yours answers to that" in page
    assert "Scan or type" in client.get("/search/").content.decode()
