"""The plain core of YAML 1.2: mappings, lists and scalars, with the line of every key and item.

Works on the parser's events, once through. Anchors, aliases, merge keys and tags are refused, since they serve bombs
and surprises more than people; so are duplicate keys, several documents in one file, and trees that no hand writes.
"""

__all__ = ["MAX_DEPTH", "MAX_NODES", "Complaint", "Path", "Plain", "read_plain", "spell"]

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import StringIO
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.nodes import ScalarNode

Path = tuple[str | int, ...]
"""Where a value stands in its file: ``("cameras", 0, "zones", 1)``."""

MAX_NODES = 300_000
MAX_DEPTH = 16
_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is no plain YAML, on which line."""

    line: int
    path: Path
    what: str
    remedy: str


@dataclass(slots=True)
class Plain:
    """``value`` is an empty mapping when ``complaints`` concern more than single keys."""

    value: object = None
    lines: dict[Path, int] = field(default_factory=lambda: {(): 1})
    complaints: list[Complaint] = field(default_factory=list)


class _TooMuch(Exception):
    """More values or levels than are read."""


def read_plain(text: str, max_nodes: int = MAX_NODES) -> Plain:
    reader = _Reader(text, max_nodes)
    try:
        value = reader.document()
    except _TooMuch:
        value = {}
    except YAMLError as error:
        value = {}
        reader.plain.complaints.append(_syntax(error, text))
    reader.plain.value = {} if reader.foreign else value
    return reader.plain


class _Reader:
    def __init__(self, text: str, max_nodes: int) -> None:
        yaml = YAML(typ="safe", pure=True)
        self._events: Iterator[Any] = yaml.parse(StringIO(text))
        self._resolve = yaml.resolver.resolve
        self._nodes_left = max_nodes
        self.plain = Plain()
        self.foreign = False

    def document(self) -> object:
        next(self._events)
        if isinstance(next(self._events), StreamEndEvent):
            return {}
        value = self._value(next(self._events), ())
        next(self._events)
        after = next(self._events)
        if not isinstance(after, StreamEndEvent):
            self._refuse(after, "a second document starts here", "keep one document a file")
        return value

    def _refuse(self, event: Any, what: str, remedy: str) -> None:
        self.foreign = True
        self.plain.complaints.append(Complaint(_line(event), (), what, remedy))

    def _value(self, event: Any, path: Path) -> object:
        self._nodes_left -= 1
        if self._nodes_left < 0 or len(path) > MAX_DEPTH:
            self._refuse(event, f"holds too many values, or more than {MAX_DEPTH} levels", "split it up")
            raise _TooMuch
        if isinstance(event, AliasEvent):
            self._refuse(event, f"aliases are not read (*{event.anchor})", "write the value out")
            return None
        if event.anchor:
            self._refuse(event, f"anchors are not read (&{event.anchor})", "write the value out where it is needed")
        if event.tag is not None and str(event.tag) not in {"", "!"}:
            self._refuse(event, f"tags are not read ({event.tag})", "remove the tag")
        if isinstance(event, SequenceStartEvent):
            return self._list(path)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        kind = str(self._resolve(ScalarNode, event.value, event.implicit)).removeprefix(_TAG)
        return _scalar(str(event.value), kind)

    def _list(self, path: Path) -> list[object]:
        items: list[object] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            here = (*path, len(items))
            self.plain.lines[here] = _line(event)
            items.append(self._value(event, here))
        return items

    def _mapping(self, path: Path) -> dict[str, object]:
        pairs: dict[str, object] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            if not isinstance(event, ScalarEvent):
                self._value(event, (*path, "?"))
                self._value(next(self._events), (*path, "?"))
                self.plain.complaints.append(
                    Complaint(_line(event), path, "a key must be a word", "write `key: value`")
                )
                continue
            here = (*path, str(event.value))
            first = self.plain.lines.setdefault(here, _line(event))
            value = self._value(next(self._events), here)
            if str(event.value) in pairs:
                what = f"`{spell(here)}` stands here again (first on line {first})"
                self.plain.complaints.append(Complaint(_line(event), here, what, "keep one of the two"))
            else:
                pairs[str(event.value)] = value
        return pairs


def _line(event: Any) -> int:
    return int(event.start_mark.line) + 1


def _scalar(text: str, kind: str) -> object:
    """Numbers, truth values and null as such; everything else, dates too, as the text that was written."""
    if kind == "null":
        return None
    if kind == "bool":
        return text.lower() == "true"
    if kind == "float":
        return float(re.sub(r"\.(?=inf|nan)", "", text.replace("_", "").lower()))
    return _whole(text.replace("_", "").lower()) if kind == "int" else text


def _whole(digits: str) -> object:
    for prefix, base in (("0x", 16), ("0o", 8), ("0b", 2)):
        if digits.lstrip("+-").startswith(prefix):
            return int(digits.replace(prefix, "", 1), base)
    return int(digits) if len(digits) < 20 else digits


def _syntax(error: YAMLError, text: str) -> Complaint:
    mark = getattr(error, "problem_mark", None) if isinstance(error, MarkedYAMLError) else None
    if mark is None:
        position = getattr(error, "position", 0)
        code = ord(text[position : position + 1] or chr(0))
        line = text.count("\n", 0, position) + 1
        return Complaint(line, (), f"character U+{code:04X} is not allowed", "remove it")
    line = int(mark.line) + 1
    rows = text.splitlines()
    if "\t" in (rows[mark.line] if mark.line < len(rows) else ""):
        return Complaint(line, (), "a tab cannot start a token", "indent with spaces")
    what = f"is not YAML: {getattr(error, 'problem', None) or error}"
    return Complaint(line, (), what, "check indentation, colons and quotes around here")


def spell(path: Path) -> str:
    """``cameras[0].zones[1]``."""
    spelt = ""
    for part in path:
        spelt += f"[{part}]" if isinstance(part, int) else f".{part}" if spelt else part
    return spelt
