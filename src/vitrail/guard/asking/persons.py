"""Words that describe, name or point at a person: a search that holds one is refused (law.md L21, red lines 2 and 3).

Nothing that could answer such a search is kept: no picture, no embedding and no attribute of a person exists. The words
are refused so that whoever asks learns that, and how to ask for the thing, the event or the place instead.
"""

__all__ = ["Refusal", "person_words"]

import re
from dataclasses import dataclass

from vitrail.guard.asking.lexicon import folded, sections


@dataclass(frozen=True, slots=True)
class Refusal:
    """The words found, why they are refused, and how to ask."""

    words: tuple[str, ...]
    why: str
    instead: str


_LISTS = sections("persons.txt")
_ALLOWED = re.compile(rf"\b(?:{'|'.join(_LISTS['allowed'])})\b")
_SECTIONS = (
    (
        "identity",
        "it asks who somebody is, or for what leads to them",
        "name the event, the vehicle by class and colour, the place and the time",
    ),
    (
        "traits",
        "it describes a trait of a person",
        "ask for the vehicle, the thing or the event, and where and when it was",
    ),
    (
        "worn",
        "it describes what somebody wears or carries",
        "a thing can be searched once it is left alone: `backpack left in the hall`",
    ),
    (
        "people",
        "it looks for a person",
        "ask for an event (`fight`, `person on the ground`), a number (`how many people`), a vehicle or a thing",
    ),
)
_PATTERNS = tuple(
    (re.compile(rf"(?<![\w-])(?:{'|'.join(_LISTS[name])})(?!\w)"), why, instead) for name, why, instead in _SECTIONS
)
_FULL_NAME = re.compile(r"(?<![.\w])([A-ZÀ-Þ][a-zß-ÿ'-]+) ([A-ZÀ-Þ][a-zß-ÿ'-]+)\b")
_CAPITALISED = frozenset(_LISTS["capitalised"])
_PLATE = re.compile(r"\b[A-Z]{2}[- ]?\d{3}[- ]?[A-Z]{2}\b|\b\d{1,4} ?[A-Z]{2,3} ?\d{2}\b")


def person_words(text: str, known: frozenset[str] = frozenset()) -> Refusal | None:
    """What in the description is about a person; None when nothing is. ``known``: folded words of names of
    places, which may look like names of people."""
    if plate := _PLATE.search(text):
        return Refusal((plate[0],), *_SECTIONS[0][1:])
    plain = _ALLOWED.sub(" ", folded(text))
    for pattern, why, instead in _PATTERNS:
        words = tuple(dict.fromkeys(match[0].strip() for match in pattern.finditer(plain)))
        words = tuple(word for word in words if word not in known)
        if words:
            return Refusal(words, why, instead)
    for match in _FULL_NAME.finditer(text):
        if not {folded(part) for part in match.groups()} & (known | _CAPITALISED):
            return Refusal((match[0],), *_SECTIONS[0][1:])
    return None
