"""One YAML file as plain values that remember their lines.

A site folder is written by hand, so this reads the plain core of YAML 1.2 only: mappings, lists and scalars. Anchors,
aliases, merge keys and tags are refused, since they serve bombs and surprises more than people; so are duplicate keys,
several documents in one file, and files or trees past a size that no hand writes.
"""

__all__ = ["Document", "Path", "read_document"]

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path as FilePath
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from vitrail.domain.errors import Problem

Path = tuple[str | int, ...]
"""Where a value stands in its file: ``("cameras", 0, "zones", 1)``."""

MAX_BYTES = 1_048_576
MAX_NODES = 50_000
MAX_DEPTH = 16

_TAG = "tag:yaml.org,2002:"


@dataclass(frozen=True, slots=True)
class Document:
    """``lines`` maps the path of every key and item to its line, counted from 1."""

    file: str
    value: object
    sha256: str
    lines: Mapping[Path, int] = field(default_factory=dict)

    def problem(self, path: Path, what: str, remedy: str = "") -> Problem:
        """A problem at ``path``, with the nearest line that is known."""
        return Problem(self.file, f"{_spell(path)} (line {self.line(path)})", what, remedy)

    def line(self, path: Path) -> int:
        for length in range(len(path), -1, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


def read_document(path: FilePath, name: str) -> tuple[Document, list[Problem]]:
    """Parse ``path``, called ``name`` in messages. With problems, the document's value is an empty mapping or what
    could still be read."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            return _unread(name, "", f"is {size:,} bytes long; at most {MAX_BYTES:,} are read", "split it up")
        data = path.read_bytes()
    except FileNotFoundError:
        return _unread(name, "", "is missing", "`vitrail init` writes a commented one")
    except OSError as error:
        return _unread(name, "", f"cannot be read: {error.strerror}", "check its kind and its permissions")
    digest = hashlib.sha256(data).hexdigest()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _unread(name, digest, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8", line)
    try:
        problems = _foreign(name, text)
        if problems:
            return Document(name, {}, digest), problems
        return _build(name, digest, text)
    except YAMLError as error:
        line, what, remedy = _syntax(error, text)
        return _unread(name, digest, what, remedy, line)


def _unread(name: str, digest: str, what: str, remedy: str, line: int = 1) -> tuple[Document, list[Problem]]:
    return Document(name, {}, digest), [Problem(name, f"(line {line})", what, remedy)]


def _yaml() -> YAML:
    return YAML(typ="safe", pure=True)


def _syntax(error: YAMLError, text: str) -> tuple[int, str, str]:
    """Line, what and remedy of a file that is not YAML."""
    mark = getattr(error, "problem_mark", None) if isinstance(error, MarkedYAMLError) else None
    if mark is None:
        position = getattr(error, "position", 0)
        character = text[position : position + 1]
        return (
            text.count("\n", 0, position) + 1,
            f"character U+{ord(character or chr(0)):04X} is not allowed",
            "remove it",
        )
    line = mark.line + 1
    rows = text.splitlines()
    row = rows[mark.line] if mark.line < len(rows) else ""
    if "\t" in row:
        return line, "a tab cannot start a token", "indent with spaces"
    return (
        line,
        f"is not YAML: {getattr(error, 'problem', None) or error}",
        "check indentation, colons and quotes around here",
    )


def _foreign(name: str, text: str) -> list[Problem]:
    """What is YAML but not the plain core that is read here. Looks at events, so nothing is expanded."""
    found: list[Problem] = []
    documents = nodes = depth = 0

    def say(event: Any, what: str, remedy: str) -> None:
        found.append(Problem(name, f"(line {event.start_mark.line + 1})", what, remedy))

    for event in _yaml().parse(StringIO(text)):
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents == 2:
                say(event, "a second document starts here", "keep one document a file")
        if not isinstance(event, NodeEvent):
            depth -= event.__class__.__name__ in {"MappingEndEvent", "SequenceEndEvent"}
            continue
        nodes += 1
        if isinstance(event, AliasEvent):
            say(event, f"aliases are not read (*{event.anchor})", "write the value out")
        elif event.anchor:
            say(event, f"anchors are not read (&{event.anchor})", "write the value out where it is needed")
        if isinstance(event, ScalarEvent | MappingStartEvent | SequenceStartEvent) and _tagged(event):
            say(event, f"tags are not read ({event.tag})", "remove the tag")
        depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
        if nodes > MAX_NODES or depth > MAX_DEPTH:
            say(event, f"holds more than {MAX_NODES:,} values or {MAX_DEPTH} levels", "split it up")
            return found
    return found


def _tagged(event: Any) -> bool:
    return event.tag is not None and str(event.tag) not in {"", "!"}


def _build(name: str, digest: str, text: str) -> tuple[Document, list[Problem]]:
    node = _yaml().compose(StringIO(text))
    lines: dict[Path, int] = {(): 1}
    problems: list[Problem] = []
    value = {} if node is None else _value(node, (), lines, problems, name)
    document = Document(name, value, digest, lines)
    if not isinstance(value, dict) or not value:
        problems.append(Problem(name, "(line 1)", "holds no keys", "`vitrail init` writes a commented file"))
        document = Document(name, {}, digest, lines)
    return document, problems


def _value(node: Node, path: Path, lines: dict[Path, int], problems: list[Problem], name: str) -> object:
    if isinstance(node, ScalarNode):
        return _scalar(node)
    if isinstance(node, SequenceNode):
        for index, item in enumerate(node.value):
            lines[*path, index] = item.start_mark.line + 1
        return [_value(item, (*path, index), lines, problems, name) for index, item in enumerate(node.value)]
    assert isinstance(node, MappingNode)
    return dict(_pairs(node, path, lines, problems, name))


def _pairs(
    node: MappingNode, path: Path, lines: dict[Path, int], problems: list[Problem], name: str
) -> Iterator[tuple[str, object]]:
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            problems.append(Problem(name, f"(line {line})", "a key must be a word", "write `key: value`"))
            continue
        key = str(key_node.value)
        here = (*path, key)
        if here in lines:
            what = f"`{_spell(here)}` stands here again (first on line {lines[here]})"
            problems.append(Problem(name, f"{_spell(here)} (line {line})", what, "keep one of the two"))
            continue
        lines[here] = line
        yield key, _value(value_node, here, lines, problems, name)


def _scalar(node: ScalarNode) -> object:
    """Numbers, truth values and null as such; everything else, dates too, as the text that was written."""
    text, kind = str(node.value), str(node.tag).removeprefix(_TAG)
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


def _spell(path: Path) -> str:
    """``cameras[0].zones[1]``."""
    spelt = ""
    for part in path:
        spelt += f"[{part}]" if isinstance(part, int) else f".{part}" if spelt else part
    return spelt
