"""When a description speaks of: days and hours in English and French -> spans of wall time in the site's zone.

Local clocks are followed through daylight saving: an hour that a night has twice is searched both times, one that it
does not have begins when the clock has jumped.
"""

__all__ = ["NUMBER", "Times", "number_of", "spans_of", "times_in"]

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from vitrail.domain.time import SECOND_US, Interval

_DAYS = (
    "monday|lundi",
    "tuesday|mardi",
    "wednesday|mercredi",
    "thursday|jeudi",
    "friday|vendredi",
    "saturday|samedi",
    "sunday|dimanche",
)
_MONTHS = (
    "january|janvier",
    "february|fevrier",
    "march|mars",
    "april|avril",
    "may|mai",
    "june|juin",
    "july|juillet",
    "august|aout",
    "september|septembre",
    "october|octobre",
    "november|novembre",
    "december|decembre",
)
_COUNTED = (
    "one|un|une two|deux three|trois four|quatre five|cinq six|six seven|sept eight|huit nine|neuf ten|dix eleven|onze "
    "twelve|douze"
)
_NUMBERS = {word: number for number, words in enumerate(_COUNTED.split(" "), 1) for word in words.split("|")}
_PARTS = {
    r"mornings?|matinees?|matins?": (360, 720),
    r"afternoons?|apres-midi|apres midi": (720, 1080),
    r"evenings?|soirees?|soirs?": (1080, 1440),
    r"nights?|nuits?": (1320, 1800),
    r"dawn|sunrise|aube|lever du jour": (300, 480),
    r"dusk|sunset|crepuscule": (1050, 1260),
    r"noon|midday|midi": (705, 735),
    r"midnight|minuit": (1425, 1455),
}
NUMBER = rf"(?:\d{{1,3}}|{'|'.join(_NUMBERS)})"
_HALF = r"am|pm|a\.m\.|p\.m\.|du matin|du soir|de l'apres-midi"
_NAMED = r"(?P<w{0}>noon|midday|midi|midnight|minuit)"
_MARK = r"(?:h|:|heures?|o'clock)\s?(?P<m{0}>\d{{2}})?"
_CLOCK = rf"(?:(?P<h{{0}}>\d{{{{1,2}}}})(?:\s?{_MARK})?(?:\s?(?P<p{{0}}>{_HALF}))?|{_NAMED})"
"""A time that stands where only a time can: ``between 2 and``. ``_SURE`` is one by itself."""
_SURE = rf"(?:(?P<h{{0}}>\d{{{{1,2}}}})\s?(?:{_MARK}|(?=am|pm|a\.m\.|p\.m\.))\s?(?P<p{{0}}>{_HALF})?|{_NAMED})"
_UNIT = r"(?:heures?|hours?|minutes?|mins?|seconds?|secondes?|days?|jours?|km|m\b|metres?)"
_THE = "(?:the|le|la|les|de|du|en|ce|cet|cette|l'|a l'|a|dans la|au)"
_WHICH = "morning|matin|afternoon|apres-midi|evening|soir|night"
_AROUND_MIN = 20
_MOST_SPANS = 400
_DAY_MIN = 1440


@dataclass(frozen=True, slots=True)
class Times:
    """``days``: first and last, or None for every day; ``weekdays``: among those only (0 is Monday). ``minutes``: from
    and to, after local midnight; the end may lie in the next day. ``said``: the words, in the folded text's places."""

    days: tuple[date, date] | None = None
    weekdays: frozenset[int] = frozenset()
    minutes: tuple[int, int] | None = None
    said: tuple[tuple[int, int], ...] = ()

    @property
    def empty(self) -> bool:
        return self.days is None and not self.weekdays and self.minutes is None


def times_in(plain: str, today: date) -> Times:
    """``plain``: folded. ``today``: at the site."""
    said: list[tuple[int, int]] = []
    minutes = _minutes(plain, said)
    days, weekdays = _days(plain, today, said)
    if minutes is None:
        minutes = _part(plain, said)
    else:
        _part(plain, said)
    if re.search(r"\b(?:last night|la nuit derniere|cette nuit|hier soir|hier au soir)\b", plain):
        days, weekdays = (today - timedelta(days=1), today - timedelta(days=1)), frozenset()
    return Times(days, weekdays, minutes, tuple(said))


def spans_of(times: Times, zone: str, window: Interval) -> tuple[Interval, ...]:
    """Newest last, cut to ``window``; at most the 400 newest. Empty when none of it lies in the window."""
    place = ZoneInfo(zone)
    first, last = _local_day(window.start_us, place), _local_day(window.end_us, place)
    if times.days:
        first, last = max(first, times.days[0]), min(last, times.days[1])
    first -= timedelta(days=1) if times.minutes and times.minutes[1] > _DAY_MIN and not times.days else timedelta()
    found: list[Interval] = []
    day = last
    while day >= first and len(found) < _MOST_SPANS:
        if not times.weekdays or day.weekday() in times.weekdays:
            low, high = times.minutes or (0, _DAY_MIN)
            start_us, end_us = _moment_us(day, low, place, 0), _moment_us(day, high, place, 1)
            start_us, end_us = max(start_us, window.start_us), min(end_us, window.end_us + 1)
            if start_us < end_us:
                found.append(Interval(start_us, end_us))
        day -= timedelta(days=1)
    return tuple(_merged(found[::-1]))


def _merged(spans: Sequence[Interval]) -> list[Interval]:
    whole: list[Interval] = []
    for span in spans:
        if whole and span.start_us <= whole[-1].end_us:
            whole[-1] = Interval(whole[-1].start_us, max(whole[-1].end_us, span.end_us))
        else:
            whole.append(span)
    return whole


def _local_day(at_us: int, place: ZoneInfo) -> date:
    return datetime.fromtimestamp(at_us / SECOND_US, UTC).astimezone(place).date()


def _moment_us(day: date, minute: int, place: ZoneInfo, fold: int) -> int:
    """Local midnight and so many minutes on the clock; of an hour that comes twice, the first (fold 0) or second."""
    later, minute = divmod(minute, _DAY_MIN)
    day += timedelta(days=later)
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=place, fold=fold)
    return round(local.timestamp()) * SECOND_US


def _minutes(plain: str, said: list[tuple[int, int]]) -> tuple[int, int] | None:
    """Of the clock: between, before, after, at."""
    between = (
        rf"\b(?:between|entre|from|de)\s+{_CLOCK.format(1)}\s*(?:and|et|to|a|until|-|–|jusqu'a)\s*{_SURE.format(2)}(?!\w)",
        rf"\b{_SURE.format(1)}\s*(?:-|–|to|a|until)\s*{_SURE.format(2)}(?!\w)",
        rf"\b(?:between|entre)\s+{_CLOCK.format(1)}\s*(?:and|et)\s*{_CLOCK.format(2)}(?!\w)(?!\s*{_UNIT})",
    )
    for pattern in between:
        if match := re.search(pattern, plain):
            late = _late(plain, match.end(), match["p2"])
            low, high = _clock(match, 1, match["p1"] or late), _clock(match, 2, late)
            if low is not None and high is not None:
                said.append(match.span())
                return low, high if high > low else high + _DAY_MIN
    single: tuple[tuple[str, Callable[[int], tuple[int, int]]], ...] = (
        (rf"\b(?:before|avant)\s+{_CLOCK.format(1)}(?!\w)(?!\s*{_UNIT})", lambda m: (0, m)),
        (rf"\b(?:after|since|apres|depuis|des)\s+{_SURE.format(1)}(?!\w)", lambda m: (m, _DAY_MIN)),
        (
            rf"\b(?:at|around|about|a|vers|autour de)\s+{_SURE.format(1)}(?!\w)",
            lambda m: (m - _AROUND_MIN, m + _AROUND_MIN),
        ),
        (rf"\b{_SURE.format(1)}(?!\w)", lambda m: (m - _AROUND_MIN, m + _AROUND_MIN)),
    )
    for pattern, span in single:
        match = re.search(pattern, plain)
        minute = _clock(match, 1, _late(plain, match.end(), match["p1"])) if match else None
        if match and minute is not None:
            said.append(match.span())
            low, high = span(minute)
            return max(0, low), high
    return None


def _late(plain: str, after: int, said: str | None) -> str | None:
    """``5 in the evening``: which half of the day, when the clock itself does not say."""
    if said:
        return said
    match = re.match(rf"\s*(?:in the|at|le|du|de la|de l')?\s*({_WHICH})", plain[after:])
    return {"afternoon": "pm", "apres-midi": "pm", "evening": "pm", "soir": "pm"}.get(match[1]) if match else None


def _clock(match: "re.Match[str]", number: int, half: str | None) -> int | None:
    word = match[f"w{number}"]
    if word:
        return 720 if word in ("noon", "midday", "midi") else 0
    hour, minute = int(match[f"h{number}"]), int(match[f"m{number}"] or 0)
    if (half and half[0] == "p") or half in ("du soir", "de l'apres-midi"):
        hour += 12 if hour < 12 else 0
    elif half and half[0] == "a" and hour == 12:
        hour = 0
    return hour * 60 + minute if hour <= 24 and minute < 60 and hour * 60 + minute <= _DAY_MIN else None


def _part(plain: str, said: list[tuple[int, int]]) -> tuple[int, int] | None:
    for words, minutes in _PARTS.items():
        if match := re.search(
            rf"\b(?:(?:in|at|during|over|by|on) )?(?:{_THE} ?)?(?:{words})\b",
            plain,
        ):
            said.append(match.span())
            return minutes
    if match := re.search(r"\btonight\b", plain):
        said.append(match.span())
        return 1080, 1800
    return None


def _days(plain: str, today: date, said: list[tuple[int, int]]) -> tuple[tuple[date, date] | None, frozenset[int]]:
    def one(pattern: str) -> "re.Match[str] | None":
        match = re.search(rf"\b(?:{pattern})(?!\w)", plain)
        if match:
            said.append(match.span())
        return match

    if match := one(r"(\d{4})-(\d{1,2})-(\d{1,2})"):
        return _dated(int(match[1]), int(match[2]), int(match[3])), frozenset()
    for number, names in enumerate(_MONTHS, 1):
        before = rf"(?:on |le |the )?(\d{{1,2}})(?:st|nd|rd|th|er)?(?: of)? (?:{names})(?: (\d{{4}}))?"
        after = rf"(?:on )?(?:{names}) (\d{{1,2}})(?:st|nd|rd|th)?(?:,? (\d{{4}}))?"
        if match := one(f"{before}|{after}"):
            year = match[2] or match[4]
            return _recent(today, number, int(match[1] or match[3]), int(year) if year else None), frozenset()
    if match := one(r"(?:on |le )?(\d{1,2})/(\d{1,2})(?:/(\d{4}))?"):
        return _recent(today, int(match[2]), int(match[1]), int(match[3]) if match[3] else None), frozenset()
    for back, words in (
        (2, "the day before yesterday|day before yesterday|avant-hier"),
        (1, "yesterday|hier"),
        (0, "today|tonight|this (?=morning|afternoon|evening)|ce (?=matin|soir)|cet (?=apres)|aujourd'hui"),
    ):
        if one(words):
            day = today - timedelta(days=back)
            return (day, day), frozenset()
    if match := one(rf"(?:the )?(?:last|past) ({NUMBER}) days|(?:les |ces )?({NUMBER}) derniers jours"):
        count = number_of(match[1] or match[2])
        return (today - timedelta(days=count), today), frozenset()
    if one("last week|la semaine derniere|semaine derniere"):
        monday = today - timedelta(days=today.weekday() + 7)
        return (monday, monday + timedelta(days=6)), frozenset()
    if one("this week|cette semaine"):
        return (today - timedelta(days=today.weekday()), today), frozenset()
    if one("(?:on |at |the |this |last |le |ce )*week-?ends?(?: dernier)?"):
        return None, frozenset({5, 6})
    if one("(?:on )?weekdays|en semaine|jours ouvres"):
        return None, frozenset(range(5))
    for number, names in enumerate(_DAYS):
        if one(rf"(?:since|depuis)(?: le| last)? (?:{names})(?: dernier)?"):
            return (today - timedelta(days=(today.weekday() - number) % 7), today), frozenset()
        if one(rf"last (?:{names})|(?:{names}) dernier"):
            day = today - timedelta(days=(today.weekday() - number - 1) % 7 + 1)
            return (day, day), frozenset()
    named = frozenset(number for number, names in enumerate(_DAYS) if one(rf"(?:on |le |les )?(?:{names})s?"))
    return None, named


def _recent(today: date, month: int, day: int, year: int | None) -> tuple[date, date] | None:
    """Without a year the last such day that has come."""
    found = _dated(year or today.year, month, day)
    return _dated(today.year - 1, month, day) if found and year is None and found[0] > today else found


def _dated(year: int, month: int, day: int) -> tuple[date, date] | None:
    try:
        found = date(year, month, day)
    except ValueError:
        return None
    return found, found


def number_of(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS[word]
