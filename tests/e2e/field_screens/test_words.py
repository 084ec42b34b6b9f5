"""The words of the phone: each sentence in every catalogue, its places kept; and the language changes at once."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from playwright.sync_api import expect

FIELD = Path(__file__).resolve().parents[3] / "samples" / "field"
SCRIPTS = FIELD / "static" / "field"
SENTENCE = re.compile(r'\b(?:t|later)\(\s*"((?:[^"\\]|\\.)*)"')
PLACES = re.compile(r"\{\w+\}")
MACHINE = "machine-made, to be reviewed by a native speaker"


def spoken():
    files = [*SCRIPTS.glob("*.js"), *(SCRIPTS / "screens").glob("*.js")]
    return {sentence for file in files for sentence in SENTENCE.findall(file.read_text(encoding="utf-8"))}


def catalogue(language):
    file = FIELD / "locale" / language / "LC_MESSAGES" / "djangojs.po"
    with file.open("rb") as content:
        return {message.id: message for message in read_po(content) if message.id}


def test_the_template_has_every_sentence_and_no_other():
    with (FIELD / "locale" / "djangojs.pot").open("rb") as content:
        assert {message.id for message in read_po(content) if message.id} == spoken()


@pytest.mark.parametrize("language", ["my", "hi"])
def test_a_catalogue_is_whole_keeps_its_places_and_says_that_a_machine_made_it(language):
    found = catalogue(language)
    assert set(found) == spoken()
    for english, message in found.items():
        assert message.string, english
        assert sorted(PLACES.findall(message.string)) == sorted(PLACES.findall(english)), english
        assert MACHINE in message.user_comments, english


def test_jinghpaw_is_ready_to_be_filled():
    found = catalogue("kac")
    assert set(found) == spoken()
    assert not any(message.string for message in found.values())


@pytest.mark.parametrize(
    ("language", "words"), [("my", "နမူနာ မှတ်ပုံတင်ပါ"), ("hi", "नमूना दर्ज करें"), ("kac", "Register a sample")]
)
def test_the_language_changes_at_once_and_stays_after_a_kill(phone, to, reopened, language, words):
    to("/settings")
    phone.click(f"button[lang={language}]")
    expect(phone.locator(f"button[lang={language}]")).to_have_attribute("aria-checked", "true")
    assert phone.evaluate("document.documentElement.lang") == language
    to("/")
    expect(phone.locator("#go-register")).to_have_text(words)
    reopened()
    to("/")
    expect(phone.locator("#go-register")).to_have_text(words)


def test_a_language_can_be_chosen_without_a_network(phone, to):
    phone.wait_for_function("localStorage.getItem('field-words-hi')")
    phone.context.set_offline(True)
    to("/settings")
    phone.click("button[lang=hi]")
    to("/")
    expect(phone.locator("#go-register")).to_have_text("नमूना दर्ज करें")
