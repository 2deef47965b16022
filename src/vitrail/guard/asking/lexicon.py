"""The lexicon: what words of descriptions mean, in English and French, read from ``lexicon.txt``."""

__all__ = ["Meaning", "folded", "lexicon", "sections"]

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

_TYPES = frozenset({"kind", "colour", "event", "standing", "moving", "heading", "view", "gloss"})


@dataclass(frozen=True, slots=True)
class Meaning:
    """``type``: which filter it sets, or ``gloss`` for a word that likeness looks for. ``english`` stands
    for it there."""

    type: str
    values: tuple[str, ...]
    english: str


def folded(text: str) -> str:
    """Lower case, without accents, with plain apostrophes: as the lexicon is written."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("’", "'").replace("œ", "oe").replace("æ", "ae"))
    return "".join(c for c in plain if not unicodedata.combining(c))


@cache
def lexicon() -> Mapping[tuple[str, ...], Meaning]:
    """By the words of the expression, in order."""
    found: dict[tuple[str, ...], Meaning] = {}
    text = (resources.files(__package__) / "lexicon.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        head, said = line.split(":", 1)
        kind, value = head.split(" ", 1)
        if kind not in _TYPES:
            raise ValueError(f"lexicon.txt: {kind} is no type of meaning")
        english, french = (side.split(",") for side in said.split("|"))
        first = next((word.strip() for word in english if word.strip()), value)
        for word in (*english, *french):
            if word.strip():
                spoken = word.strip() if word in english else first
                found.setdefault(tuple(word.split()), Meaning(kind, tuple(value.split("+")), spoken))
    return found


@cache
def sections(name: str) -> Mapping[str, tuple[str, ...]]:
    """A file of lists: ``[section]``, then what it holds, `` | `` between them."""
    found: dict[str, tuple[str, ...]] = {}
    here = ""
    for line in (resources.files(__package__) / name).read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            here = line.strip("[]")
        elif line and not line.startswith("#"):
            found[here] = (*found.get(here, ()), *line.split(" | "))
    return found
