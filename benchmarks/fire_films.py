"""Fires in films, through the whole product: when each is told, and what is told before it burns.

Recordings of real fires: all of ``fire-video`` in ``--data``; they burn from their first picture on. Composites: the
ordinary recordings of ``behaviour/ordinary.py`` with a made flame, an eighth to a third of the picture high, that
begins after twelve seconds. What is told earlier is false. Composites say nothing of smoke, nor of real flames.
"""

import itertools
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent / "behaviour"))

from _ordinary import FPS, Form, Source, found, shown

from _data import options, say_json, watched
from composite.flames import Flame, pasted
from composite.reel import write_reel
from vitrail import compose
from vitrail.domain.events import Phase

LENGTH_S, BURNS_S = 40, 12
_LOW, _HIGH = 1 / 8, 1 / 3
_DRAWN = """    zones:
      - {id: part, name: Part, corners: [[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98]]}
    analytics:
      - {analytic: fire, purpose: try, zones: [part]}
"""
_AS_IT_IS = Form.of("", 0)
Image = np.ndarray


def main() -> None:
    given = options(
        __doc__ or "",
        ("--films", {"type": int, "default": 24, "help": "composites at most"}),
        ("--minutes", {"type": float, "default": 10.0, "help": "nothing is begun after so long"}),
    )
    until = time.monotonic() + 60 * given.more.minutes
    compose.ensure_models(given.cache, print)
    cv2.setNumThreads(1)
    real = sorted((given.data / "fire-video").glob("*.mp4"))
    if not real:
        print("fire-video is not there: left out")
    sources = found(given.data, given.cache)[: given.more.films]
    after: dict[str, list[float | None]] = {"real": [], "made": []}
    false = 0
    for clip in (c for c in real if time.monotonic() < until):
        after["real"].append(told(Source(clip.stem, (clip,)), 0.0, given.cache, 0)[0])
    for number, source in enumerate(sources):
        if time.monotonic() < until:
            first, early = told(source, BURNS_S, given.cache, 1 + number)
            after["made"].append(first)
            false += early
    figures: dict[str, object] = {"told_before_it_burns": false, "left_out": len(sources) - len(after["made"])}
    for kind, seconds in after.items():
        right = [s for s in seconds if s is not None]
        figures |= {f"{kind}_films": len(seconds), f"{kind}_found": len(right)}
        figures[f"{kind}_median_s"] = round(float(np.median(right)), 1) if right else None
    say_json(benchmark="fire_films", **figures)


def told(source: Source, burns_s: float, cache: Path, seed: int) -> tuple[float | None, int]:
    """Seconds from the first flame to the first fire told after it, and how often fire or smoke was told before."""
    pictures = shown(source, _AS_IT_IS)[: LENGTH_S * FPS]
    film = burning(pictures, np.random.default_rng(seed)) if seed else iter(pictures)
    with tempfile.TemporaryDirectory() as place:
        seen = watched(write_reel(Path(place) / "film.mp4", film, FPS), _DRAWN, cache)
    opened = [(seen.at(e.interval.end_us), e.kind) for e in seen.events if e.phase is Phase.OPENED]
    right = [at_s - burns_s for at_s, kind in opened if at_s >= burns_s and kind == "fire"]
    early = sum(at_s < burns_s for at_s, _ in opened)
    print(f"{source.name}: {f'told after {right[0]:.1f} s' if right else 'missed'}, {early} before", flush=True)
    return (right[0] if right else None), early


def burning(pictures: list[Image], rng: np.random.Generator) -> Iterator[Image]:
    """There and back, with a flame that grows for ten seconds from its beginning on."""
    tall, wide = pictures[0].shape[:2]
    height = int(tall * rng.uniform(_LOW, _HIGH))
    width = int(height * rng.uniform(0.5, 0.9))
    left, top = int(rng.uniform(0, wide - width)), int(rng.uniform(0.3 * tall, 0.95 * tall - height))
    flame = Flame(rng, width, height, FPS)
    looped = itertools.islice(itertools.cycle([*pictures, *pictures[-2:0:-1]]), LENGTH_S * FPS)
    for count, image in enumerate(looped):
        since = count - BURNS_S * FPS
        if since < 0:
            yield image
        else:
            yield pasted(image, *flame.at(count, min(1.0, 0.4 + since / (17 * FPS))), left, top, shines=True)


if __name__ == "__main__":
    main()
