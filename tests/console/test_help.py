"""Help: the first steps of each role, once; the house's words, wherever they stand, in both languages."""

import re
from pathlib import Path

import pytest

from tests.console.desk import Console
from vitrail.console.first_steps import STEPS
from vitrail.console.glossary import GLOSSARY, explained
from vitrail.console.language import words_for
from vitrail.domain.people import Role

_GLOSSARY = Path(__file__).resolve().parents[2] / "docs/glossary.md"
_WELCOME = "Welcome. What to do first"


@pytest.mark.parametrize("role", list(Role))
def test_every_step_of_a_role_leads_to_a_page_that_opens_for_it(console: Console, role: Role) -> None:
    client = console.browser(role.value)
    addresses = {step.address for step in STEPS[role]}
    assert {path: client.get(path).status_code for path in addresses} == dict.fromkeys(addresses, 200)


def test_the_first_steps_come_once_and_never_again_in_any_browser(console: Console) -> None:
    client = console.browser()
    assert _WELCOME in client.get("/").text
    assert _WELCOME not in client.get("/alerts").text
    answer = client.post("/help/welcomed", data={"csrf": console.csrf(client)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert _WELCOME not in client.get("/").text
    assert _WELCOME not in console.browser().get("/").text
    assert "first steps are put away" in " ".join(entry.reason for entry in console.world.entries())
    assert "Look at what waits" in client.get("/help").text


def test_another_account_still_gets_its_own_first_steps(console: Console) -> None:
    client = console.browser()
    client.post("/help/welcomed", data={"csrf": console.csrf(client)})
    assert "Open a case" in console.browser("investigator").get("/").text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_word_opens_its_meaning_once_on_a_page(language: str) -> None:
    words = words_for(language)
    said = {"en": "A mandate, a Mandate", "fr": "Un mandat, un Mandat"}[language]
    page = explained(f"<main id='m'><p>{said}</p></main>", words)
    assert page.count('popovertarget="word-mandate"') == page.count('id="word-mandate"') == 1
    assert "published decision" in page or "décision publiée" in page
    assert re.search(r"<p>[^<]*<button[^>]*>[mM]andate?</button>, ", page)


@pytest.mark.parametrize(
    "untouched",
    [
        "<p>mandatee and remandate</p>",
        '<p title="the mandate">x</p>',
        "<button>mandate</button>",
        "<label>mandate <input></label>",
        '<div aria-live="polite"><p>mandate</p></div>',
        "<table><tr><td>mandate</td></tr></table>",
        "<form><p>mandate</p><form></form>mandate</form>",
        "<!-- mandate -->",
    ],
)
def test_what_people_typed_and_what_can_be_pressed_stays_as_it_is(untouched: str) -> None:
    assert explained(f"<main>{untouched}</main>", words_for("en")) == f"<main>{untouched}</main>"


def test_a_word_after_what_is_left_alone_is_still_found() -> None:
    page = explained("<main><button>mandate</button><br><p>mandate</p></main>", words_for("en"))
    assert 'popovertarget="word-mandate">mandate</button></p>' in page


def test_nothing_outside_the_page_itself_is_marked() -> None:
    page = "<nav>mandate</nav><main><p>nothing</p></main><footer>mandate</footer>"
    assert explained(page, words_for("en")) == page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_word_is_found_as_it_is_written_and_explained_on_the_help_page(console: Console, language: str) -> None:
    client = console.browser()
    client.get(f"/look?language={language}")
    page = client.get("/help").text
    words = words_for(language)
    for term in GLOSSARY:
        assert f'id="means-{term.id}"' in page
        word = words._(term.word)
        assert f'id="word-{term.id}"' in explained(f"<main><p>{word}</p></main>", words), word


def test_the_consoles_words_stand_in_the_glossary_too() -> None:
    rows = [line.split("|")[1] for line in _GLOSSARY.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    known = {word.strip() for row in rows for word in row.split(",")}
    assert {term.word for term in GLOSSARY} <= known
