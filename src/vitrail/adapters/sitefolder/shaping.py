"""From a value of a document to one of our shapes, or to problems in plain words.

Lists are checked item by item: one bad zone hides neither the next zone nor what refers to them.
"""

__all__ = ["Item", "Report", "did_you_mean"]

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from vitrail.adapters.sitefolder.document import Document, Path
from vitrail.adapters.sitefolder.words import ID_PATTERN, TIME_PATTERN, Shape
from vitrail.domain.errors import Problem

S = TypeVar("S", bound=Shape)

_KINDS = {
    "string_type": "text, in quotes if it looks like a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "a mapping",
    "model_type": "a mapping",
    "model_attributes_type": "a mapping",
}
_PATTERNS = {
    ID_PATTERN: "small letters, digits, `-` and `_`, at most 40",
    TIME_PATTERN: "a time HH:MM between 00:00 and 24:00, in quotes",
}


@dataclass(frozen=True, slots=True)
class Item(Generic[S]):
    """A shaped value and where it stands."""

    path: Path
    shape: S


@dataclass(slots=True)
class Report:
    """Collects the problems of one document."""

    document: Document
    problems: list[Problem] = field(default_factory=list)

    def say(self, path: Path, what: str, remedy: str = "") -> None:
        self.problems.append(self.document.problem(path, what, remedy))

    def shape(self, kind: type[S], value: object, path: Path) -> S | None:
        """``value`` as ``kind``; ``None`` when it is not, with every reason said."""
        try:
            return kind.model_validate(value)
        except ValidationError as error:
            for detail in error.errors(include_url=False):
                here = (*path, *detail["loc"])
                if detail["type"] == "missing":
                    what = f"`{detail['loc'][-1]}` is missing"
                    self.say(here[:-1], what, _purpose_of(kind, detail["loc"]))
                else:
                    self.say(here, *_plain(detail, kind, here))
            return None

    def items(self, kind: type[S], parent: object, path: Path) -> list[Item[S]]:
        """The items of the list at ``path`` (whose last part is a key of ``parent``), each shaped on its own."""
        value = parent.get(path[-1], []) if isinstance(parent, dict) else []
        if not isinstance(value, list):
            self.say(path, f"must be a list, not {_seen(value)}", "start each item with `- `")
            return []
        shaped = [((*path, index), self.shape(kind, item, (*path, index))) for index, item in enumerate(value)]
        return [Item(here, shape) for here, shape in shaped if shape is not None]

    def twice(self, ids: Iterable[tuple[Path, str]], what: str) -> None:
        """Say every id that appears again."""
        first: dict[str, Path] = {}
        for path, name in ids:
            if name in first:
                line = self.document.line((*first[name], "id"))
                self.say(
                    (*path, "id"), f"{what} `{name}` is declared twice (first on line {line})", "rename one of them"
                )
            first.setdefault(name, path)

    def unknown(self, path: Path, what: str, name: str, known: Iterable[str]) -> None:
        """``name`` refers to nothing."""
        names = sorted(known)
        listed = f"known: {', '.join(names)}" if names else f"no {what} is declared"
        self.say(path, f"unknown {what} `{name}`", did_you_mean(name, names) or listed)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else ""


def _seen(value: object) -> str:
    if value is None:
        return "empty"
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return f"`{str(value)[:60]}`"


def _plain(detail: ErrorDetails, kind: type[Shape], path: Path) -> tuple[str, str]:
    """What and remedy for one pydantic error."""
    what, value, context = detail["type"], detail["input"], detail.get("ctx", {})
    if what == "extra_forbidden":
        keys = _keys(kind, detail["loc"][:-1])
        return f"unknown key `{path[-1]}`", did_you_mean(str(path[-1]), keys) or f"known keys: {', '.join(keys)}"
    if what in _KINDS:
        return f"must be {_KINDS[what]}, not {_seen(value)}", ""
    if what == "literal_error":
        expected = str(context.get("expected", ""))
        return f"must be {expected}, not {_seen(value)}", did_you_mean(str(value), re.findall(r"'([^']+)'", expected))
    if what == "string_pattern_mismatch":
        right = _PATTERNS.get(str(context.get("pattern")), _meaning(str(context.get("pattern"))))
        return f"`{str(value)[:60]}` must be {right}", ""
    if what in {"less_than_equal", "greater_than_equal"} and isinstance(path[-1], int):
        return f"{value} lies outside the picture (0..1)", "divide pixels by the picture's width or height"
    if what == "blank":
        return "is empty", _purpose_of(kind, detail["loc"])
    if what == "wildcard":
        return str(detail["msg"]), "write one entry for each"
    return str(detail["msg"]).lower().replace("input should", "must"), ""


def _meaning(pattern: str) -> str:
    if pattern.startswith("^[0-9]{4}"):
        return "a date YYYY-MM-DD" + (" or YYYY-MM-DDTHH:MM" if "T" in pattern else "")
    return "64 hexadecimal digits (`sha256sum FILE` prints them)"


def _inner(kind: type[Shape], loc: tuple[str | int, ...]) -> type[Shape]:
    """The shape that stands at ``loc`` inside ``kind``."""
    for part in loc:
        if isinstance(part, int):
            continue
        for name, info in kind.model_fields.items():
            if (info.alias or name) == part:
                kind = next((k for k in _types(info.annotation) if isinstance(k, type) and issubclass(k, Shape)), kind)
    return kind


def _types(annotation: object) -> list[object]:
    inner = getattr(annotation, "__args__", ())
    return [annotation, *(found for argument in inner for found in _types(argument))]


def _keys(kind: type[Shape], loc: tuple[str | int, ...]) -> list[str]:
    return [info.alias or name for name, info in _inner(kind, loc).model_fields.items()]


def _purpose_of(kind: type[Shape], loc: tuple[str | int, ...]) -> str:
    """What a missing or empty key is for."""
    for name, info in _inner(kind, loc[:-1]).model_fields.items():
        if (info.alias or name) == loc[-1]:
            return (info.description or "").split(". ")[0].rstrip(".")
    return ""
