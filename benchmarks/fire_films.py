"""Fires in films, through the whole product: when each is told, and what is told before it burns.

Recordings of real fires: all of ``fire-video`` in ``--data``; they burn from their first picture on. Composites: the
ordinary recordings of ``behaviour/ordinary.py`` with a made flame, an eighth to a third of the picture high, that
begins after twelve seconds. What is told earlier is false. Composites say nothing of smoke, nor of real flames.

How small a flame may be: made ones of known height before still walls of ``graffiti-images``, from twelve seconds on.
``--failures DIR`` writes pictures of those that were missed.
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
from _failures import Failures, Wrong
from composite.flames import Flame, pasted
from composite.plates import Plate, plates
from composite.reel import write_reel
from vitrail import compose
from vitrail.domain.events import Phase

LENGTH_S, BURNS_S = 40, 12
_LOW, _HIGH = 1 / 8, 1 / 3
_SMALL = (1 / 24, 1 / 16, 1 / 12, 1 / 8)
"""Heights of flames before still walls, shares of the picture's."""
_WALLS, _GRAIN = 3, 2.0
"""Grain: of a camera by day, in grey levels."""
_DRAWN = """    zones:
      - {id: part, name: Part, corners: [[0.02, 0.02], [0.98, 0.02], [0.98, 0.98], [0.02, 0.98]]}
    analytics:
      - {analytic: fire, purpose: try, zones: [part]}
"""
_AS_IT_IS = Form.of("", 0)
Image = np.ndarray
Box = tuple[float, float, float, float]


def main() -> None:
    given = options(
        __doc__ or "",
        ("--films", {"type": int, "default": 24, "help": "composites at most"}),
        ("--minutes", {"type": float, "default": 10.0, "help": "nothing is begun after so long"}),
        ("--walls", {"type": int, "default": _WALLS, "help": "still walls before which small flames burn"}),
        ("--failures", {"type": Path, "help": "a folder for small pictures of flames that were missed"}),
    )
    until = time.monotonic() + 60 * given.more.minutes
    compose.ensure_models(given.cache, print)
    cv2.setNumThreads(1)
    real = sorted((given.data / "fire-video").glob("*.mp4"))
    if not real:
        print("fire-video is not there: left out")
    walls = plates(given.data, given.cache, "test", given.more.walls) if given.more.walls else []
    small = ladder([wall for wall in walls if not len(wall.frames)], given.cache, until, Failures(given.more.failures))
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
    figures: dict[str, object] = small | {"told_before_it_burns": false, "left_out": len(sources) - len(after["made"])}
    for kind, seconds in after.items():
        right = [s for s in seconds if s is not None]
        figures |= {f"{kind}_films": len(seconds), f"{kind}_found": len(right)}
        figures[f"{kind}_median_s"] = round(float(np.median(right)), 1) if right else None
    say_json(benchmark="fire_films", **figures)


def told(source: Source, burns_s: float, cache: Path, seed: int) -> tuple[float | None, int]:
    """Seconds from the first flame to the first fire told after it, and how often fire or smoke was told before."""
    pictures = shown(source, _AS_IT_IS)[: LENGTH_S * FPS]
    film = burning(pictures, np.random.default_rng(seed)) if seed else iter(pictures)
    return judged(source.name, film, burns_s, cache)


def judged(name: str, film: Iterator[Image], burns_s: float, cache: Path) -> tuple[float | None, int]:
    with tempfile.TemporaryDirectory() as place:
        seen = watched(write_reel(Path(place) / "film.mp4", film, FPS), _DRAWN, cache)
    opened = [(seen.at(e.interval.end_us), e.kind) for e in seen.events if e.phase is Phase.OPENED]
    right = [at_s - burns_s for at_s, kind in opened if at_s >= burns_s and kind == "fire"]
    early = sum(at_s < burns_s for at_s, _ in opened)
    print(f"{name}: {f'told after {right[0]:.1f} s' if right else 'missed'}, {early} before", flush=True)
    return (right[0] if right else None), early


def ladder(walls: list[Plate], cache: Path, until: float, failures: Failures) -> dict[str, object]:
    """How many flames of each height are told."""
    figures: dict[str, object] = {}
    for height in _SMALL:
        after = []
        for number, wall in enumerate(walls):
            if time.monotonic() > until:
                break
            film, box = before_a_wall(wall.clean, height, np.random.default_rng([number, round(1 / height)]))
            after.append(judged(f"1/{1 / height:.0f} before {wall.name}", iter(film), BURNS_S, cache)[0])
            if after[-1] is None:
                caption = f"Missed - a made flame, 1/{1 / height:.0f} of the picture high, before a still wall."
                name, source = f"fire-small-{1 / height:.0f}-{number}", f"Composite on {wall.licence}."
                failures.keep(Wrong(name, caption, source, truth=(box,)), film[0], film[-1])
        figures[f"small_1_{1 / height:.0f}"] = f"{sum(s is not None for s in after)} of {len(after)}"
    return figures if walls else {}


def before_a_wall(wall: Image, height: float, rng: np.random.Generator) -> tuple[list[Image], Box]:
    """And where the flame stands, 0..1."""
    tall, wide = wall.shape[:2]
    high, broad = round(tall * height), round(0.7 * tall * height)
    flame = Flame(rng, broad, high, FPS)
    left, top = int(rng.uniform(0.2, 0.7) * wide), int(rng.uniform(0.55, 0.8) * tall)
    film = []
    for count in range(LENGTH_S * FPS):
        burns = count >= BURNS_S * FPS
        image = pasted(wall, *flame.at(count), left, top, shines=True) if burns else wall
        grain = rng.normal(0, _GRAIN, wall.shape).astype(np.float32)
        film.append(np.clip(image + grain, 0, 255).astype(np.uint8))
    return film, (left / wide, top / tall, (left + broad) / wide, (top + high) / tall)


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
