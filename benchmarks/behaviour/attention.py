"""Which eight of 64 cameras: share of events that stand among the first eight, against random and motion-only order.

Real recordings go through the whole product once each: those whose ``labels.json`` says when somebody is there or when
a vehicle passes have events; of the others what they alert is a disturbance (at hand: people at a table, vehicles on a
road; a highway, a room where a bag is left). 64 cameras then play them in a loop, each from a moment of its own: eight
show events, 56 are ordinary. Every camera's alerts, true and false, and its motion go to the product's ranking at each
half second of ten minutes; an event counts when its camera was among the first eight for at least half of the time
between the moment it can be known and five seconds after its end. The alerts are real, the wall is composed.
Motion-only order ranks by the share of the picture that changed.

Whatever recordings a folder has will do, with labels in this form; at most three with events and four ordinary ones, of
ten minutes each. Without one of either kind there is no wall to judge, and that is said.
"""

import itertools
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import av
import cv2
import numpy as np
from _staged import Span, Staged, staged

from _data import options, say_json, watched
from vitrail.domain.events import Alert, AlertState, Event, Phase
from vitrail.domain.streams import Camera, DwellingMasks, Stream
from vitrail.domain.time import SECOND_US, Interval
from vitrail.runtime.health import StreamHealth, StreamState
from vitrail.services.attention import rank

CAMERAS, WALL, LENGTH_S, STEP_S = 64, 8, 600.0, 0.5
EVENTFUL, AFTER_S = 8, 5.0
_MOVES = 0.004
"""Share of the picture that changes when something moves; sensor noise stays below."""
_FAR_US = 10_000 * SECOND_US


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """``told``: alerts from when they were told to when they were over. ``motion``: share that changed, each step."""

    length_s: float
    told: tuple[tuple[Span, Event], ...]
    truth: tuple[Span, ...]
    motion: np.ndarray


def main() -> None:
    given = options(__doc__ or "")
    found = staged(given.data)
    eventful = [one for one in found if one.truth]
    ordinary = [one for one in found if one.kind == "ordinary"]
    if not eventful or not ordinary:
        print("skipped: it takes a recording with labelled visits or passes, and one that is ordinary")
        say_json(benchmark="attention", skipped=True)
        return
    made = {one.path: _recording(one, given.cache) for one in [*eventful, *ordinary]}
    rng = np.random.default_rng(7)
    wall = [eventful[n * len(eventful) // EVENTFUL] for n in range(EVENTFUL)]
    wall += list(itertools.islice(itertools.cycle(ordinary), CAMERAS - EVENTFUL))
    shows = [(made[wall[n].path], float(rng.uniform(0, made[wall[n].path].length_s))) for n in rng.permutation(CAMERAS)]
    orders: dict[str, Callable[[float], list[int]]] = {
        "ranked": lambda now_s: _ranked(shows, now_s),
        "motion": lambda now_s: _by_motion(shows, now_s),
        "random": lambda now_s: list(rng.permutation(CAMERAS)),
    }
    figures: dict[str, object] = {}
    total = 0
    for name, order in orders.items():
        seen, total, shown_s, all_s = _judged(shows, order)
        if not total:
            break
        share = shown_s / all_s
        print(f"{name}: {seen} of {total} events among the first {WALL} of {CAMERAS}; {share:.2f} of their time")
        figures |= {f"{name}_events": round(seen / total, 3), f"{name}_time": round(share, 3)}
    say_json(benchmark="attention", cameras=CAMERAS, wall=WALL, events=total, recordings=len(made), **figures)


def _recording(one: Staged, cache: Path) -> Recording:
    seen = watched(one.path, one.drawn, cache)
    opened = {e.key: e for e in seen.events if e.phase is Phase.OPENED}
    closed = {e.key: e for e in seen.events if e.phase is Phase.CLOSED}
    told = []
    for key, event in opened.items():
        end_us = closed[key].interval.end_us if key in closed else event.interval.end_us
        told.append((Span(seen.at(event.interval.end_us), max(seen.at(end_us), seen.at(event.interval.end_us))), event))
    motion = _motion(one.path)
    print(f"{one.path.name} ({one.kind}, {len(one.truth)} events): {len(told)} alerts", flush=True)
    return Recording(len(motion) * STEP_S, tuple(told), one.truth, motion)


def _motion(path: Path) -> np.ndarray:
    shares: list[float] = []
    before: np.ndarray | None = None
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if float(frame.time or 0) < len(shares) * STEP_S:
                continue
            luma = frame.to_ndarray(format="gray")
            small = cv2.resize(luma, (160, 90), interpolation=cv2.INTER_AREA).astype(np.int16)
            shares.append(0.0 if before is None else float((np.abs(small - before) > 12).mean()))
            before = small
    return np.array(shares)


Show = tuple[Recording, float]


def _at(show: Show, now_s: float) -> float:
    return (now_s + show[1]) % show[0].length_s


def _judged(shows: list[Show], order: Callable[[float], list[int]]) -> tuple[int, int, float, float]:
    """Events that were among the first eight for half of their time, of how many; and seconds of them."""
    found: dict[tuple[int, int, int], list[bool]] = {}
    shown = total = 0.0
    for step in range(int(LENGTH_S / STEP_S)):
        now_s = step * STEP_S
        first = set(order(now_s)[:WALL])
        for camera, (recording, offset) in enumerate(shows):
            at_s, lap = _at((recording, offset), now_s), int((now_s + offset) // recording.length_s)
            for n, span in enumerate(recording.truth):
                if span.start_s <= at_s <= span.end_s + AFTER_S:
                    found.setdefault((camera, lap, n), []).append(camera in first)
                    total += STEP_S
                    shown += STEP_S * (camera in first)
    half = sum(sum(steps) >= len(steps) / 2 for steps in found.values())
    return half, len(found), shown, total


def _by_motion(shows: list[Show], now_s: float) -> list[int]:
    moves = [show[0].motion[min(int(_at(show, now_s) / STEP_S), len(show[0].motion) - 1)] for show in shows]
    return list(np.argsort(-np.array(moves), kind="stable"))


def _ranked(shows: list[Show], now_s: float) -> list[int]:
    now_us = _FAR_US + round(now_s * SECOND_US)
    cameras = [_camera(n) for n in range(CAMERAS)]
    alerts = [alert for n, show in enumerate(shows) for alert in _alerts(n, show, now_s, now_us)]
    rows = [_health(n, show, now_s, now_us) for n, show in enumerate(shows)]
    return [int(place.camera_id) for place in rank(cameras, alerts, rows, now_us)]


def _camera(n: int) -> Camera:
    stream = Stream(f"{n}-main", str(n), "", "", frozenset({"detect"}))
    return Camera(str(n), str(n), (stream,), DwellingMasks("", ""))


def _alerts(n: int, show: Show, now_s: float, now_us: int) -> list[Alert]:
    """Those of this lap and the one before; nobody judges any."""
    recording, _ = show
    at_s = _at(show, now_s)
    made = []
    for lap in (0, 1):
        for span, event in recording.told:
            start_s, end_s = (s - at_s - lap * recording.length_s for s in (span.start_s, span.end_s))
            if start_s > 0 or now_s + start_s < 0:
                continue
            interval = Interval(now_us + round(start_s * SECOND_US), now_us + round(min(0.0, end_s) * SECOND_US))
            alert = Alert(
                f"{n}-{lap}-{event.key}", "", event.kind, event.analytic, event.version, f"{n}-main",
                type(event.place)(str(n)), interval, end_s > 0, event.score, event.measures, interval,
                AlertState.OPEN, interval.start_us,
            )  # fmt: skip
            made.append(alert)
    return made


def _health(n: int, show: Show, now_s: float, now_us: int) -> StreamHealth:
    step = min(int(_at(show, now_s) / STEP_S), len(show[0].motion) - 1)
    since = step
    moving = bool(show[0].motion[step] > _MOVES)
    while since > 0 and bool(show[0].motion[since - 1] > _MOVES) == moving:
        since -= 1
    state = StreamState.AWAKE if moving else StreamState.QUIET
    return StreamHealth(f"{n}-main", str(n), state, now_us - round((step - since) * STEP_S * SECOND_US))


if __name__ == "__main__":
    main()
