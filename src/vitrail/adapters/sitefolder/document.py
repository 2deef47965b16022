"""One YAML file of a site folder, as plain values that remember their lines."""

__all__ = ["Document", "Path", "parse_document", "read_document"]

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath

from vitrail.adapters.sitefolder.plain_yaml import Path, read_plain, spell
from vitrail.domain.errors import Problem

MAX_BYTES = 4_194_304
"""About two thousand cameras."""


@dataclass(frozen=True, slots=True)
class Document:
    """``lines`` maps the path of every key and item to its line, counted from 1."""

    file: str
    value: object
    sha256: str
    lines: Mapping[Path, int] = field(default_factory=dict)

    def problem(self, path: Path, what: str, remedy: str = "") -> Problem:
        """A problem at ``path``, with the nearest line that is known."""
        return Problem(self.file, f"{spell(path)} (line {self.line(path)})".lstrip(), what, remedy)

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
    return parse_document(data, name)


def parse_document(data: bytes, name: str) -> tuple[Document, list[Problem]]:
    """The same of what a file would hold."""
    digest = hashlib.sha256(data).hexdigest()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _unread(name, digest, f"byte 0x{data[error.start]:02x} is not UTF-8", "save the file as UTF-8", line)
    return _parsed(name, digest, text)


def _unread(name: str, digest: str, what: str, remedy: str, line: int = 1) -> tuple[Document, list[Problem]]:
    return Document(name, {}, digest), [Problem(name, f"(line {line})", what, remedy)]


def _parsed(name: str, digest: str, text: str) -> tuple[Document, list[Problem]]:
    plain = read_plain(text)
    problems = [Problem(name, f"{spell(c.path)} (line {c.line})".lstrip(), c.what, c.remedy) for c in plain.complaints]
    if isinstance(plain.value, dict) and plain.value:
        return Document(name, plain.value, digest, plain.lines), problems
    if not problems:
        return _unread(name, digest, "holds no keys", "`vitrail init` writes a commented file")
    return Document(name, {}, digest, plain.lines), problems
