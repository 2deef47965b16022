"""What was measured of an analytic and where it fails, as its page in the handbook shows it.

One small file for each: ``docs/figures/ANALYTIC.yaml``, written by hand after a benchmark, with a list ``measured`` and
a list ``fails``. Pictures of failures lie in ``docs/pictures/failures``; benchmarks write them with ``--failures DIR``.
Everything that is wrong in a file is said at once.
"""

__all__ = ["MOST_BYTES", "MOST_PICTURES", "PICTURES", "Failure", "Figure", "Figures", "orphans", "read"]

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from vitrail.adapters.sitefolder.plain_yaml import read_plain

ROOT = Path(__file__).resolve().parents[1]
PICTURES = Path("docs") / "pictures" / "failures"
MOST_BYTES, MOST_PICTURES = 40_000, 3
_MEASURED = ("what", "figure", "conditions", "command", "date")
_FAILS = ("picture", "caption", "source")


@dataclass(frozen=True, slots=True)
class Figure:
    """``command``: what prints it again, from the repository's root. ``date``: when it was measured."""

    what: str
    figure: str
    conditions: str
    command: str
    date: str


@dataclass(frozen=True, slots=True)
class Failure:
    """``picture``: a file in ``PICTURES``. ``source``: what it was made of, and under which licence."""

    picture: str
    caption: str
    source: str


@dataclass(frozen=True, slots=True)
class Figures:
    measured: tuple[Figure, ...]
    fails: tuple[Failure, ...]


def read(analytics: Mapping[str, object], root: Path = ROOT) -> dict[str, Figures]:
    """By analytic. Raises ``ValueError`` with every problem: file, key, what would be right."""
    found, wrong = {}, []
    for path in sorted((root / "docs" / "figures").glob("*")):
        problems = list(_problems(path, analytics, root))
        wrong += [f"{path.relative_to(root)}: {problem}" for problem in problems]
        if not problems:
            said = _said(path)
            found[path.stem] = Figures(
                tuple(Figure(**row) for row in said["measured"]), tuple(Failure(**row) for row in said.get("fails", []))
            )
    if wrong:
        raise ValueError("\n".join(wrong))
    return found


def orphans(figures: Mapping[str, Figures], root: Path = ROOT) -> set[str]:
    """Pictures of failures that no page shows."""
    shown = {failure.picture for one in figures.values() for failure in one.fails}
    return {path.name for path in (root / PICTURES).glob("*")} - shown


def _said(path: Path) -> dict[str, list[dict[str, str]]]:
    plain = read_plain(path.read_text(encoding="utf-8"))
    if plain.complaints:
        raise ValueError("; ".join(f"line {one.line}: {one.what}; {one.remedy}" for one in plain.complaints))
    if not isinstance(plain.value, dict):
        raise ValueError("is no mapping; write `measured:` with a list, and `fails:` with another")
    return plain.value


def _problems(path: Path, analytics: Mapping[str, object], root: Path) -> Iterator[str]:
    if path.suffix != ".yaml" or path.stem not in analytics:
        yield f"there is no analytic {path.stem}; name the file after one, with .yaml"
        return
    try:
        said = _said(path)
    except ValueError as error:
        yield str(error)
        return
    if set(said) - {"measured", "fails"} or not said.get("measured"):
        yield "holds other lists than `measured` (at least one row) and `fails`"
        return
    for name, keys in (("measured", _MEASURED), ("fails", _FAILS)):
        for number, row in enumerate(said.get(name) or []):
            if not isinstance(row, dict) or set(row) != set(keys) or not all(_filled(row[key]) for key in keys):
                yield f"{name}[{number}]: give exactly {', '.join(keys)}, each a text"
            elif name == "measured":
                yield from (f"measured[{number}].{problem}" for problem in _wrong_figure(row, root))
            else:
                yield from (f"fails[{number}].{problem}" for problem in _wrong_picture(row, root))
    if len(said.get("fails") or []) > MOST_PICTURES:
        yield f"fails: show at most {MOST_PICTURES} pictures"


def _filled(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _wrong_figure(row: Mapping[str, str], root: Path) -> Iterator[str]:
    script = row["command"].split()[0]
    if not script.startswith("benchmarks/") or not (root / script).is_file():
        yield f"command: {script} is no file of benchmarks/; name the command that prints the figure again"
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", row["date"]):
        yield f"date: write {row['date']} as 2026-11-25, in quotation marks"


def _wrong_picture(row: Mapping[str, str], root: Path) -> Iterator[str]:
    path = root / PICTURES / row["picture"]
    if not path.is_file():
        yield f"picture: {PICTURES / row['picture']} is not there"
    elif not path.read_bytes().startswith(b"\xff\xd8") or path.stat().st_size > MOST_BYTES:
        yield f"picture: make {row['picture']} a JPEG of at most {MOST_BYTES // 1000} kB"
