"""Which recordings of a folder show events, by their labels: what is drawn on each, and when it can be known."""

__all__ = ["Span", "Staged", "staged"]

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

DWELL_S, LONGEST_S, MOST = 8.0, 600.0, {"visits": 3, "passes": 3, "ordinary": 4}
_KINDS = (".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v")
_WHOLE, _MIDDLE = (0.02, 0.05, 0.98, 0.99), (0.43, 0.14, 0.73, 0.995)
"""Of ordinary recordings only the middle is a zone: who stays in a room for long would be told rightly, and it is no
disturbance to be told what is so."""
_SENSES = {"up": "horizontal", "down": "horizontal", "right": "vertical", "left": "vertical"}
_FIRST = {"horizontal": "up", "vertical": "right"}
"""The sense that is told, where both are labelled: against the way that is drawn."""


@dataclass(frozen=True, slots=True)
class Span:
    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class Staged:
    """``kind``: ``visits`` and ``passes`` have events, ``ordinary`` none. ``drawn``: as in a site folder."""

    kind: str
    path: Path
    drawn: str
    truth: tuple[Span, ...] = ()


def staged(data: Path) -> list[Staged]:
    """Visits, passes, then ordinary ones; says what is left out, and why."""
    found = [one for folder in _folders(data) for one in _of(folder)]
    kept = []
    for kind, most in MOST.items():
        some = [one for one in found if one.kind == kind]
        kept += some[:most]
        if len(some) > most:
            print(f"{kind}: {most} of {len(some)} recordings, to be done in time", flush=True)
    return kept


def _folders(data: Path) -> Iterator[Path]:
    named = [data / name for name in ("fixed-camera-video", "abandoned-object") if (data / name).is_dir()]
    yield from named or [data]


def _of(folder: Path) -> Iterator[Staged]:
    labels = _labels(folder / "labels.json")
    for path in sorted(p for p in folder.iterdir() if p.suffix.lower() in _KINDS):
        length_s = _length_s(path)
        if length_s is None or not 2.0 <= length_s <= LONGEST_S:
            said = "cannot be read" if length_s is None else f"lasts {length_s:.0f} s"
            print(f"{path.name}: {said}: left out", flush=True)
            continue
        said = labels.get(path.name, {})
        yield _staged(path, said if isinstance(said, Mapping) else {})


def _labels(path: Path) -> Mapping[str, Any]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        print(f"{path.parent.name}: no labels that can be read: its recordings count as ordinary", flush=True)
        return {}
    return said if isinstance(said, Mapping) else {}


def _length_s(path: Path) -> float | None:
    try:
        with av.open(str(path)) as container:
            return float(container.duration / av.time_base) if container.duration and container.streams.video else None
    except (av.FFmpegError, OSError):
        return None


def _staged(path: Path, said: Mapping[str, Any]) -> Staged:
    events = [event for event in said.get("events", ()) if isinstance(event, Mapping)]
    visits = [span for event in events if (span := _span(event.get("at_table") or event.get("visible")))]
    passes = [(s, str(e.get("direction", ""))) for e in events if (s := _span([e.get("t_in"), e.get("t_out")]))]
    if visits:
        stays = [Span(v.start_s + DWELL_S, v.end_s) for v in visits if v.end_s - v.start_s >= DWELL_S]
        return Staged("visits", path, _dwell(_zone(str(said.get("zone_note", "")))), tuple(stays))
    if passes:
        return _road(path, passes)
    return Staged("ordinary", path, _dwell(_MIDDLE))


def _span(said: object) -> Span | None:
    if not isinstance(said, Sequence) or len(said) != 2 or not all(isinstance(v, int | float) for v in said):
        return None
    return Span(float(said[0]), float(said[1]))


def _road(path: Path, passes: Sequence[tuple[Span, str]]) -> Staged:
    """A line across the way that the labels name; where they name none, every crossing is told."""
    senses = [words.split()[0].lower() if words.split() else "" for _, words in passes]
    across = next((_SENSES[sense] for sense in senses if sense in _SENSES), "")
    first = _FIRST.get(across, "")
    truth = tuple(span for (span, _), sense in zip(passes, senses, strict=True) if not first or sense == first)
    ends = "from: [0.5, 0], to: [0.5, 1]" if across == "vertical" else "from: [0, 0.5], to: [1, 0.5]"
    drawn = f"    lines:\n      - {{id: road, name: Road, {ends}}}\n    analytics:\n"
    way = 1 if first else 0
    drawn += f"      - {{analytic: line, purpose: try, lines: [road], parameters: {{way: {way}}}}}\n"
    return Staged("passes", path, drawn, truth)


def _zone(note: str) -> tuple[float, float, float, float]:
    """``x 330-560, y 60-430 of 768x432``; the whole picture where the note says nothing of the kind."""
    read = re.search(r"x (\d+)-(\d+), y (\d+)-(\d+) of (\d+)x(\d+)", note)
    if not read:
        return _WHOLE
    x0, x1, y0, y1, width, height = (int(v) for v in read.groups())
    return x0 / width, y0 / height, min(0.995, x1 / width), min(0.995, y1 / height)


def _dwell(part: tuple[float, float, float, float]) -> str:
    x0, y0, x1, y1 = part
    corners = f"[[{x0:.3f}, {y0:.3f}], [{x1:.3f}, {y0:.3f}], [{x1:.3f}, {y1:.3f}], [{x0:.3f}, {y1:.3f}]]"
    drawn = f"    zones:\n      - {{id: place, name: Place, corners: {corners}}}\n    analytics:\n"
    parameters = f"{{seconds: {DWELL_S:g}, vehicles: 0}}"
    return drawn + f"      - {{analytic: dwell, purpose: try, zones: [place], parameters: {parameters}}}\n"
