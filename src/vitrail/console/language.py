"""French and English: message catalogues (gettext .po, read with Babel), dates and numbers as each language writes
them."""

__all__ = ["LANGUAGES", "N_", "Words", "choose", "words_for"]

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, get_day_names
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent

from vitrail.console.saying import Forms
from vitrail.domain.time import SECOND_US

LANGUAGES = ("en", "fr")
_AS_WRITTEN = {"en": "en_GB", "fr": "fr"}
"""Dates: day before month and 24 hours, in both languages."""


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate this later"
    """Marks a message for the catalogues where it is written; it is translated where it is shown."""
    return message


class Words:
    """One language's words. ``_`` is gettext; an unknown message is shown as it is."""

    def __init__(self, language: str, messages: Mapping[str, str], errors: Mapping[str, str]) -> None:
        self.language = language
        self._messages = messages
        self._errors = Forms(errors)

    def _(self, message: str) -> str:
        return self._messages.get(message) or message

    def said(self, text: str) -> str:
        """What an error says; as it was said where nobody translated it."""
        return self._messages.get(text) or self._errors.translated(text) or text

    def number(self, value: float, digits: int = 1) -> str:
        return format_decimal(round(value, digits), locale=self.language)

    def moment(self, at_us: int, zone: str) -> str:
        """Date and time to the second, in the site's zone."""
        return format_datetime(_local(at_us, zone), "medium", locale=_AS_WRITTEN[self.language])

    def clock(self, at_us: int, zone: str) -> str:
        return format_time(_local(at_us, zone), "HH:mm:ss", locale=self.language)

    def day(self, at_us: int, zone: str) -> str:
        return format_date(_local(at_us, zone).date(), "full", locale=_AS_WRITTEN[self.language])

    def date(self, day: date) -> str:
        """A day as short as people read it."""
        return format_date(day, "medium", locale=_AS_WRITTEN[self.language])

    def percent(self, share: float) -> str:
        return format_percent(share, locale=self.language)

    def weekday(self, number: int) -> str:
        """0 is Monday."""
        return str(get_day_names("abbreviated", locale=self.language)[number])


@cache
def words_for(language: str) -> Words:
    """Raises ``KeyError`` for a language that is not there."""
    if language not in LANGUAGES:
        raise KeyError(language)
    if language == "en":
        return Words(language, {}, {})
    return Words(language, _catalogue(language, "console"), _catalogue(language, "errors"))


def choose(asked: str | None, accept: str, otherwise: str) -> str:
    """What was chosen in this browser, else the first of Accept-Language that there is, else what is usual here."""
    if asked in LANGUAGES:
        return asked
    for part in accept.split(","):
        name = part.split(";")[0].strip().lower()[:2]
        if name in LANGUAGES:
            return name
    return otherwise if otherwise in LANGUAGES else LANGUAGES[0]


def _catalogue(language: str, name: str) -> dict[str, str]:
    source = resources.files(__package__) / "locale" / language / "LC_MESSAGES" / f"{name}.po"
    with source.open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale=language) if message.id}


def _local(at_us: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at_us / SECOND_US, UTC).astimezone(ZoneInfo(zone))
