"""Every word on a screen exists in French too, and nothing is translated that no screen says."""

from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from tests.builders import NOW_US
from tests.console.errors_said import said_by
from vitrail.console import language
from vitrail.console.naming import ago, span

_CONSOLE = Path(language.__file__).parent
_HOUSE = _CONSOLE.parent
_HEARD_ON_SCREENS = (
    *("guard", "services", "console/pages", "console/sessions.py", "console/status.py", "domain", "runtime"),
    *(f"adapters/{room}" for room in ("av", "sqlite", "oidc", "onvif", "drafts.py", "orderbook.py", "heartbeat.py")),
    *(f"adapters/{room}" for room in ("keyfile.py", "progressbook.py", "witness.py", "sitefolder/joining.py")),
    *(
        f"adapters/sitefolder/{room}.py"
        for room in ("redrawing", "secrets", "drawings", "grounds", "settings", "shaping")
    ),
)
"""Where errors come from that a page may show. Commands speak English."""


def _said() -> dict[str, str]:
    found = extract_from_dir(
        _CONSOLE,
        method_map=[("**.html", "jinja2.ext:babel_extract"), ("**.py", "python")],
        options_map={"**.html": {"trim_blocks": "true", "lstrip_blocks": "true"}},
        keywords={"_": None, "N_": None},
    )
    return {str(message): f"{file}:{line}" for file, line, message, *_ in found}


def _errors() -> dict[str, str]:
    rooms = [_HOUSE / room for room in _HEARD_ON_SCREENS]
    files = [file for room in rooms for file in ([room] if room.suffix else sorted(room.rglob("*.py")))]
    return said_by({str(file.relative_to(_HOUSE)): file for file in files})


def _translated(name: str = "console") -> dict[str, str]:
    with (_CONSOLE / f"locale/fr/LC_MESSAGES/{name}.po").open("rb") as file:
        return {str(m.id): str(m.string) for m in read_po(file, locale="fr") if m.id}


def test_every_message_is_translated() -> None:
    missing = {message: where for message, where in _said().items() if not _translated().get(message)}
    assert not missing


def test_no_translation_is_left_over() -> None:
    assert not set(_translated()) - set(_said())


def test_placeholders_survive_translation() -> None:
    assert [m for m, t in _translated().items() if m.count("{}") != t.count("{}")] == []


def test_every_error_that_a_screen_may_show_is_translated() -> None:
    known = {**_translated(), **_translated("errors")}
    assert {text: where for text, where in _errors().items() if not known.get(text)} == {}


def test_no_error_is_translated_that_nobody_says() -> None:
    assert set(_translated("errors")) - set(_errors()) == set()


def test_errors_keep_as_much_to_fill_in() -> None:
    assert [m for m, t in _translated("errors").items() if m.count("{}") != t.count("{}")] == []


def test_an_error_with_words_filled_in_is_told_in_french() -> None:
    said = language.words_for("fr").said
    assert said("the site has no camera quay/7") == "le site n’a pas de caméra quay/7"
    assert said("the role operator may not export (all)") == "le rôle operator ne permet pas : export (all)"
    assert said("alert 12 is already confirmed") == "l’alerte 12 est déjà : confirmed"
    assert said("no camera gate in this case") == "pas de caméra gate dans ce dossier"


def test_an_error_within_an_error_is_told_in_french_too() -> None:
    said = language.words_for("fr").said
    told = said("make the ledger writable again (ledger.db is busy)")
    assert told == "rendez-le de nouveau inscriptible (ledger.db est occupé)"


def test_an_error_that_nobody_translated_is_told_as_it_is() -> None:
    assert language.words_for("fr").said("the moon fell into the {} of north") == "the moon fell into the {} of north"
    assert language.words_for("en").said("nobody is signed in") == "nobody is signed in"


@pytest.mark.parametrize(
    ("asked", "accept", "chosen"),
    [
        ("fr", "en", "fr"),
        (None, "fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        (None, "de,en;q=0.5", "en"),
        ("xx", "", "en"),
        (None, "de", "en"),
    ],
)
def test_the_language_is_the_one_asked_for_else_the_browsers(asked: str | None, accept: str, chosen: str) -> None:
    assert language.choose(asked, accept, "en") == chosen


def test_moments_are_written_in_the_sites_zone_with_24_hours() -> None:
    english = language.words_for("en").moment(NOW_US, "Europe/Paris")
    french = language.words_for("fr").moment(NOW_US, "Europe/Paris")
    assert english != french
    assert "PM" not in english
    assert "AM" not in english


@pytest.mark.parametrize(
    ("seconds", "english", "french"),
    [
        (4.25, "4.2 s", "4,2 s"),
        (59, "59 s", "59 s"),
        (125, "2 min 05 s", "2 min 05 s"),
        (11_520, "3 h 12 min", "3 h 12 min"),
    ],
)
def test_lengths_of_time_read_as_people_say_them(seconds: float, english: str, french: str) -> None:
    assert span(language.words_for("en"), seconds) == english
    assert span(language.words_for("fr"), seconds) == french


@pytest.mark.parametrize(
    ("seconds", "french"),
    [(2, "à l’instant"), (40, "il y a 40 s"), (720, "il y a 12 min"), (10_800, "il y a 3 h"), (200_000, "il y a 2 j")],
)
def test_how_long_ago(seconds: float, french: str) -> None:
    assert ago(language.words_for("fr"), seconds) == french
