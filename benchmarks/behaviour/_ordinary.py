"""Ordinary recordings and the films made of them: which clips show nothing, what their labels exclude, two minutes each
in other crops, light and speed."""

__all__ = ["FPS", "LENGTH_S", "Form", "Image", "Source", "film_of", "found", "shown"]

import csv
import itertools
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np

FPS, LENGTH_S, LONGEST_PX = 10, 120, 640
_LEAST_LOOKS = 10
"""A clip shorter than a second is no film."""
_KINDS = (".mp4", ".avi", ".mkv", ".mov", ".webm", ".m4v")
_SHOWS = {
    "fight": ("fight", "brawl", "assault"),
    "fall": ("fall",),
    "crowd": ("crowd", "panic", "stampede", "dispersal"),
    "fire": ("fire", "smoke", "flame"),
    "left_object": ("bag", "abandoned", "left_object", "put_down"),
    "removed_object": ("bag", "abandoned", "removed", "theft", "taken"),
    "stopped_vehicle": ("stopped", "parked", "vehicle_stop"),
}
"""Words in the type of a labelled event for which an analytic's alarm may be right: it is not judged there."""
Image = np.ndarray


@dataclass(frozen=True, slots=True)
class Source:
    """Clips of one place, in order. ``shows``: analytics whose alarms may be right there. ``nobody``, ``no_vehicle``:
    the labels say that none is in it."""

    name: str
    clips: tuple[Path, ...]
    short: bool = False
    """Cut around other things, seconds long, and played again and again."""
    shows: frozenset[str] = frozenset()
    nobody: bool = False
    no_vehicle: bool = False


@dataclass(frozen=True, slots=True)
class Form:
    """What is done to a recording. ``begins``: of a long one, so far in."""

    part: float
    left: float
    top: float
    gain: float
    pace: float
    mirrored: bool
    begins: float

    @classmethod
    def of(cls, name: str, number: int) -> "Form":
        """Number 0 is the recording as it is. Drawn from the name, so that adding recordings changes no other's."""
        if not number:
            return cls(1.0, 0.0, 0.0, 1.0, 1.0, False, 0.0)
        rng = np.random.default_rng([number, len(name), sum(map(ord, name))])
        part = float(rng.uniform(0.7, 1.0))
        left, top = (float(v) for v in rng.uniform(0, 1 - part, 2))
        gain, pace = float(rng.uniform(0.6, 1.3)), float(rng.uniform(0.8, 1.4))
        return cls(part, left, top, gain, pace, bool(number % 2), float(rng.random()))


def found(data: Path, cache: Path) -> list[Source]:
    """Long recordings first, then the short clips, by source. Says aloud what is not there."""
    folder = data / "fixed-camera-video"
    sources = list(_recordings(folder if folder.is_dir() else data))
    if not folder.is_dir():
        print("fixed-camera-video is not there: recordings are looked for in the folder itself", flush=True)
    if (data / "abandoned-object").is_dir():
        sources += _recordings(data / "abandoned-object")
    if (cache / "vtest.avi").exists():
        sources.append(Source("vtest", (cache / "vtest.avi",)))
    return sources + list(_surveillance(data / "fight-surveillance"))


def _recordings(folder: Path) -> Iterator[Source]:
    labels = _labels(folder / "labels.json")
    for clip in sorted(p for p in folder.iterdir() if p.suffix.lower() in _KINDS):
        said = labels.get(clip.name, {})
        said = said if isinstance(said, dict) else {}
        words = " ".join(str(said.get(key, "")) for key in ("note", "labels", "what")).lower()
        types = " ".join(str(e.get("type", "")) for e in said.get("events", ()) if isinstance(e, dict)).lower()
        shows = frozenset(name for name, marks in _SHOWS.items() if any(mark in types for mark in marks))
        nobody = said.get("persons_total") == 0 or bool(re.search(r"\bno (persons|people|pedestrians)\b", words))
        people_only = "vehicle" not in str(said) and ("max_simultaneous_persons" in said or "visits_total" in said)
        no_vehicle = said.get("vehicles_total") == 0 or "no vehicles" in words or people_only
        yield Source(clip.stem, (clip,), shows=shows, nobody=nobody, no_vehicle=no_vehicle)


def _labels(path: Path) -> dict[str, object]:
    try:
        said = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        print(f"{path.parent.name}: its labels cannot be read ({type(error).__name__}): nothing is known to be absent")
        return {}
    return said if isinstance(said, dict) else {}


def _surveillance(folder: Path) -> Iterator[Source]:
    if not (folder / "labels.csv").exists():
        print("fight-surveillance is not there: left out", flush=True)
        return
    groups: dict[str, list[Path]] = defaultdict(list)
    with (folder / "labels.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            clip = folder / (row.get("file") or "?")
            if row.get("label") == "nofight" and clip.exists():
                groups[row.get("source_video_id") or clip.stem].append(clip)
    for number, clips in enumerate(groups.values(), 1):
        yield Source(f"surveillance-{number}", tuple(clips), short=True)


def shown(source: Source, form: Form) -> list[Image]:
    """Ten pictures a second, never more than are played. Raises ``ValueError`` where a recording is too short."""
    pictures = list(itertools.islice(_pictures(source, form), LENGTH_S * FPS))
    if len(pictures) < _LEAST_LOOKS:
        raise ValueError(f"only {len(pictures)} pictures: a film needs a second")
    return pictures


def film_of(pictures: list[Image]) -> Iterator[Image]:
    """There and back until it is long enough: nothing jumps where a recording ends."""
    return itertools.islice(itertools.cycle([*pictures, *pictures[-2:0:-1]]), LENGTH_S * FPS)


def _pictures(source: Source, form: Form) -> Iterator[Image]:
    size = None
    for clip in source.clips:
        with av.open(str(clip)) as container:
            stream = container.streams.video[0]
            length_s = float((container.duration or 0) / av.time_base)
            due_s = form.begins * max(0.0, length_s - LENGTH_S * form.pace)
            if due_s > 1:
                container.seek(int(due_s * av.time_base))
            for number, frame in enumerate(container.decode(stream)):
                at_s = float(frame.time if frame.time is not None else number / float(stream.average_rate or 25))
                if at_s < due_s:
                    continue
                due_s = max(due_s + form.pace / FPS, at_s + form.pace / FPS / 2)
                made = _made(frame.to_ndarray(format="bgr24"), form, size)
                size = made.shape[1], made.shape[0]
                yield made


def _made(image: Image, form: Form, size: tuple[int, int] | None) -> Image:
    """``size``: of the pictures before, where clips of one source have several."""
    height, width = image.shape[:2]
    y, x = round(form.top * height), round(form.left * width)
    cut = image[y : y + max(16, round(form.part * height)), x : x + max(16, round(form.part * width))]
    scale = LONGEST_PX / max(cut.shape[:2])
    wanted = size or (round(cut.shape[1] * scale / 2) * 2, round(cut.shape[0] * scale / 2) * 2)
    small = cv2.resize(cut, wanted, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    small = cv2.flip(small, 1) if form.mirrored else small
    return np.asarray(np.clip(small.astype(np.float32) * form.gain, 0, 255), np.uint8)
