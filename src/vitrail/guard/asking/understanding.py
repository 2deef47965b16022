"""A description -> visible filters. What is understood is told word by word, and so is what is not."""

__all__ = ["Answer", "Pictured", "Understood", "Word", "understand"]

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from vitrail.domain.errors import Invalid
from vitrail.domain.people import Grant
from vitrail.domain.search import Filters, Results
from vitrail.domain.sightings import Heading
from vitrail.domain.streams import Camera, Site
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.asking.lexicon import Meaning, folded, lexicon, sections
from vitrail.guard.asking.persons import person_words
from vitrail.guard.asking.times import NUMBER, number_of, spans_of, times_in
from vitrail.guard.refusal import refuse

LONGEST_TEXT = 2_000
_LONGEST_WORDS = 300
_TOKEN = re.compile(r"[\w'-]+")
_LONGEST_EXPRESSION = 6
_STANDING = re.compile(
    rf"\b(?:more than|over|at least|for|longer than|plus de|pendant|depuis(?: plus de)?|au moins)\s+"
    rf"({NUMBER}|an|une)\s*"
    r"(hours?|heures?|minutes?|mins?|seconds?|secondes?)\b"
)
_SPEED = re.compile(r"(?:more than|over|above|faster than|plus de|a plus de|at)\s+(\d{1,3})\s*(km ?/? ?h|kmh|mph)\b")
_LENGTH = re.compile(
    r"\b(?:longer than|more than|over|at least|plus longue?s? que|plus de|d'au moins|au moins)\s+"
    r"(\d{1,2}(?:[.,]\d)?)\s*(?:m|metres?|meters?)\b(?:\s+(?:long|in length|de long|de longueur)\b)?"
    r"(?!\s+(?:from|of|away|du|de|des|d'|after|before|behind))"
)
_UNIT_S = {"h": 3600.0, "m": 60.0, "s": 1.0}
_MPH = 1.609344
_LISTS = sections("plain_words.txt")
_FRENCH = frozenset(_LISTS["french"])
_EMPTY, _GENERIC_NAMES = frozenset(_LISTS["empty"]), frozenset(_LISTS["generic"])


@dataclass(frozen=True, slots=True)
class Word:
    """Words of the description and what they were taken for: ``colour``, ``place``, ``time`` ...; ``likeness`` for
    those that only the look of things can answer, ``unknown`` for those that were left out."""

    text: str
    meaning: str
    value: str = ""


@dataclass(frozen=True, slots=True)
class Understood:
    text: str
    words: tuple[Word, ...]
    filters: Filters


@dataclass(frozen=True, slots=True)
class Answer:
    understood: Understood
    results: Results


@dataclass(frozen=True, slots=True, eq=False)
class Pictured:
    """``shown``: the photograph as it was searched with, people painted over; JPEG."""

    shown: bytes
    results: Results


@dataclass(slots=True)
class _Draft:
    filters: dict[str, Any] = field(default_factory=dict)
    words: list[Word] = field(default_factory=list)
    english: list[str] = field(default_factory=list)
    alike: bool = False

    def add(self, name: str, values: frozenset[str]) -> None:
        self.filters[name] = self.filters.get(name, frozenset()) | values


def understand(text: str, site: Site, grant: Grant, edited: Filters | None = None) -> Understood:
    """Raises ``Refused`` (L21) for words about people, also among edited ones, ``Invalid`` for what is far too long or
    says nothing. With ``edited`` the filters are those; the words are still explained."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if len(text) > LONGEST_TEXT:
        raise Invalid(
            f"the description is {len(text)} characters long",
            where="words",
            rule=f"at most {LONGEST_TEXT}",
            remedy="say it shorter",
        )
    known = frozenset(word for name, _, _ in _names(site) for word in folded(name).split())
    for part in (text, edited.words if edited else ""):
        if about := person_words(part, known):
            said = ", ".join(about.words[:5])
            raise refuse("L21", f"this describes a person ({said}): {about.why}", "search", about.instead)
    found = _understood(text, site, grant) if text else Understood(text, (), Filters())
    if edited is not None:
        return replace(found, filters=edited)
    if found.filters.empty:
        raise Invalid(
            "no word of this could be searched for",
            where="words",
            remedy="name a vehicle, a thing, an event, a place or a time",
        )
    return found


def _understood(text: str, site: Site, grant: Grant) -> Understood:
    plain = folded(text)
    draft = _Draft()
    taken = [False] * len(plain)
    _when(plain, site, grant, draft, taken)
    _how(plain, draft, taken)
    _where(plain, site, grant, draft, taken)
    _what(plain, draft, taken)
    filters = _settled(draft)
    return Understood(text, tuple(draft.words), filters)


def _when(plain: str, site: Site, grant: Grant, draft: _Draft, taken: list[bool]) -> None:
    window = grant.scope.window
    asked = datetime.fromtimestamp(grant.scope.asked_us / SECOND_US, UTC).astimezone(ZoneInfo(site.zone)).date()
    times = times_in(plain, asked)
    if times.empty:
        return
    spans = spans_of(times, site.zone, window)
    for start, end in sorted(times.said):
        if not any(taken[start:end]):
            _take(taken, start, end)
            draft.words.append(Word(plain[start:end].strip(), "time"))
    draft.filters["spans"] = spans or (Interval(window.start_us, window.start_us),)


def _how(plain: str, draft: _Draft, taken: list[bool]) -> None:
    for match in _SPEED.finditer(plain):
        speed = int(match[1]) * (_MPH if match[2] == "mph" else 1.0)
        draft.filters["least_speed_kmh"] = speed
        draft.words.append(Word(match[0], "speed", f"{speed:.0f} km/h"))
        _take(taken, *match.span())
    for match in _LENGTH.finditer(plain):
        draft.filters["least_length_m"] = float(match[1].replace(",", "."))
        draft.words.append(Word(match[0], "length", f"{match[1]} m"))
        _take(taken, *match.span())
    for match in _STANDING.finditer(plain):
        if any(taken[match.start() : match.end()]):
            continue
        count = 1 if match[1] in ("an", "une") else number_of(match[1])
        draft.filters["least_standing_s"] = count * _UNIT_S[match[2][0]]
        draft.words.append(Word(match[0], "standing", f"{count * _UNIT_S[match[2][0]]:.0f} s"))
        _take(taken, *match.span())


def _where(plain: str, site: Site, grant: Grant, draft: _Draft, taken: list[bool]) -> None:
    """Names of cameras and of what is drawn on them: whole, or a word of them that says enough."""
    tokens = {match[0]: match.span() for match in _TOKEN.finditer(plain) if not any(taken[match.start() : match.end()])}
    for name, kind, ids in _names(site, grant.scope.cameras):
        words = folded(name).split()
        whole = re.search(rf"\b{re.escape(' '.join(words))}\b", plain)
        telling = [
            w
            for w in words
            if w in tokens and len(w) > 3 and w not in _GENERIC_NAMES and w not in _EMPTY and (w,) not in lexicon()
        ]
        if not whole and not telling:
            continue
        draft.add("cameras" if kind == "camera" else "places", frozenset(ids))
        said = " ".join(words) if whole else " ".join(telling)
        draft.words.append(Word(said, "place", name))
        for start, end in [whole.span()] if whole else [tokens[w] for w in telling]:
            _take(taken, start, end)


def _names(site: Site, cameras: frozenset[str] | None = None) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for camera in site.cameras:
        if cameras is None or camera.id in cameras:
            yield camera.name, "camera", (camera.id,)
            yield from ((drawn.name, "place", (drawn.id,)) for drawn in _drawn(camera))


def _drawn(camera: Camera) -> Iterator[Any]:
    yield from (*camera.zones, *camera.lines, *camera.surfaces, *camera.assets)


def _what(plain: str, draft: _Draft, taken: list[bool]) -> None:
    """The lexicon, longest expression first; the rest goes to likeness, as far as it is a word at all. Likeness reads
    English: of a French description, words that the lexicon lacks are only tried when there is nothing else."""
    unknown: list[str] = []
    tokens = [match for match in _TOKEN.finditer(plain) if not any(taken[match.start() : match.end()])]
    place = 0
    while place < len(tokens):
        length, meaning = _longest([token[0] for token in tokens[place : place + _LONGEST_EXPRESSION]])
        said = " ".join(token[0] for token in tokens[place : place + length])
        if meaning:
            _mean(draft, said, meaning)
        elif said in _EMPTY or len(said) < 2 or said.isdigit():
            pass
        else:
            unknown.append(said)
        place += length
    french = any(token[0].split("'")[0] in _FRENCH for token in _TOKEN.finditer(plain))
    tried = not french or not (draft.filters or draft.alike)
    for said in unknown:
        draft.words.append(Word(said, "likeness" if tried else "unknown"))
    if unknown and tried:
        draft.alike = True
        draft.english += unknown


def _longest(words: list[str]) -> tuple[int, Meaning | None]:
    for length in range(len(words), 0, -1):
        expression = tuple(words[:length])
        meaning = lexicon().get(expression) or lexicon().get(tuple(_bare(word) for word in expression))
        if meaning:
            return length, meaning
    return 1, None


def _bare(word: str) -> str:
    """Without a French article that is stuck to it, and without what joins it to another word."""
    return re.sub(r"^(?:[ldcjnsmt]|qu)'", "", word).strip("'-")


def _mean(draft: _Draft, said: str, meaning: Meaning) -> None:
    values = frozenset(meaning.values)
    if meaning.type == "gloss":
        draft.alike = True
        draft.english.append(meaning.values[0])
        draft.words.append(Word(said, "likeness", meaning.values[0]))
        return
    draft.english.append(meaning.english)
    if meaning.type in ("kind", "colour", "event"):
        draft.add({"kind": "kinds", "colour": "colours", "event": "events"}[meaning.type], values)
    elif meaning.type == "standing":
        draft.filters.setdefault("least_standing_s", float(meaning.values[0]))
    elif meaning.type == "heading":
        draft.filters["heading"] = Heading(meaning.values[0])
    elif meaning.type == "moving":
        draft.filters["moving"] = True
    elif meaning.type == "view":
        draft.add("kinds", frozenset({"view"}))
    draft.words.append(Word(said, meaning.type, ", ".join(sorted(values))))


def _settled(draft: _Draft) -> Filters:
    """What belongs together: a bag that was left is a thing and an event, a car that was left is not; graffiti are on
    walls; a colour of a bin is for likeness to find."""
    made = dict(draft.filters)
    kinds: frozenset[str] = made.get("kinds", frozenset())
    events: frozenset[str] = made.get("events", frozenset())
    if events and made.get("least_standing_s") == 10.0:
        del made["least_standing_s"]
    if "graffiti" in events:
        made["kinds"] = kinds | {"surface", "asset"}
        draft.alike = True
    if kinds & {"view"} and kinds != {"view"}:
        made["kinds"] = kinds - {"view"}
    if events & {"left_object"} and events == {"left_object"} and kinds and not kinds & _LEAVABLE:
        made.pop("events")
    if draft.alike and not kinds and not events:
        made["kinds"] = frozenset({"view", "surface", "asset"}) if not made.get("colours") else frozenset()
        made.pop("colours", None)
    if draft.alike:
        made["words"] = " ".join(dict.fromkeys(draft.english))[:_LONGEST_WORDS]
    found = Filters(**made, near=bool(made.get("kinds")))
    return found if found.mistaken else replace(found, near=False)


_LEAVABLE = frozenset({"backpack", "handbag", "suitcase", "umbrella"})


def _take(taken: list[bool], start: int, end: int) -> None:
    taken[start:end] = [True] * (end - start)
