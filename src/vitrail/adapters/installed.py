"""What is installed here: packages with versions and licences, the product's own files and those of analytics that
other packages add."""

__all__ = ["Package", "digests", "packages", "sources"]

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.metadata import Distribution, distributions, entry_points
from pathlib import Path

_READ = (".py", ".sql")
_LEFT_OUT = "__pycache__"
_SHORT = 80


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str
    licence: str


def packages() -> tuple[Package, ...]:
    """Every package of this environment, needed by us or not, by name."""
    found = {d.name.lower(): Package(d.name, d.version, _licence(d)) for d in distributions() if d.name}
    return tuple(found[name] for name in sorted(found))


def sources(plugins: str) -> dict[str, str]:
    """Path -> text of our own source files and of every package with an entry point in the group ``plugins``."""
    found = {name: path.read_text(encoding="utf-8") for name, path in _own() if path.suffix in _READ}
    for dist in {e.dist.name: e.dist for e in entry_points(group=plugins) if e.dist}.values():
        for file in dist.files or ():
            path = Path(str(file.locate()))
            if path.suffix in _READ and path.is_file():
                found[f"{dist.name}/{file}"] = path.read_text(encoding="utf-8", errors="replace")
    return found


def digests() -> dict[str, str]:
    """Path -> SHA-256 of every file of the product as it is installed."""
    return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in _own()}


def _own() -> Iterator[tuple[str, Path]]:
    root = Path(str(resources.files("vitrail")))
    for path in sorted(root.rglob("*")):
        if path.is_file() and _LEFT_OUT not in path.parts:
            yield f"vitrail/{path.relative_to(root).as_posix()}", path


def _licence(dist: Distribution) -> str:
    """As the package says: the SPDX expression, else a short licence text, else its classifiers."""
    said = dist.metadata
    short = (said["License"] or "").strip() if "License" in said else ""
    listed = [c.split(" :: ")[-1] for c in said.get_all("Classifier") or [] if c.startswith("License ::")]
    plain = short if short and "\n" not in short and len(short) <= _SHORT else ", ".join(listed)
    return said["License-Expression"] if "License-Expression" in said else plain or short.partition("\n")[0]
