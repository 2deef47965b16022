"""Things that stay behind and things that go, on a made floor: the scene memory is real, people and bags are drawn."""

from collections.abc import Callable
from dataclasses import dataclass, field

import cv2
import numpy as np
import pytest

from tests.analytics.scenes import T0, told
from tests.builders import camera, square, zone
from vitrail.analytics.contract import Analytic
from vitrail.analytics.left_object import LeftObject
from vitrail.analytics.removed_object import RemovedObject
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Detections, Label, Tracks
from vitrail.domain.events import Event, Phase
from vitrail.domain.frames import Picture
from vitrail.domain.streams import AnalyticSetting
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.scene_memory import SceneMemory

CAMERA = camera(zones=(zone(polygon=square(0.0, 0.0, 0.7, 1.0)),))
W, H = 480, 270
Path = Callable[[float], tuple[float, float] | None]
TALL = 0.4
BAG = (0.40, 0.72, 0.45, 0.80)


def walks(*stops: tuple[float, float, float]) -> Path:
    """Straight from stop to stop (second, x, y); there from the first to the last."""
    times, xs, ys = zip(*stops, strict=True)

    def at(t: float) -> tuple[float, float] | None:
        return (float(np.interp(t, times, xs)), float(np.interp(t, times, ys))) if times[0] <= t <= times[-1] else None

    return at


PASSES_AND_LEAVES = walks((20, 0.0, 0.82), (30, 0.40, 0.82), (33, 0.40, 0.82), (45, 1.0, 0.82))


@dataclass
class Floor:
    """Ten pictures a second. ``things``: (box, luma, from second, to second). ``missed``: people that are drawn, and
    that the detector does not see from then on."""

    people: list[Path] = field(default_factory=list)
    things: list[tuple[tuple[float, float, float, float], float, float, float]] = field(default_factory=list)
    missed: dict[int, float] = field(default_factory=dict)
    named: Label | None = None

    def play(self, analytic: Analytic, seconds: float) -> list[Event]:
        rng = np.random.default_rng(5)
        plain = cv2.resize(rng.integers(70, 120, (14, 24)).astype(np.float32), (W, H), interpolation=cv2.INTER_CUBIC)
        memory, found = SceneMemory(), []
        seen_at: dict[int, tuple[int, int]] = {}
        for step in range(round(seconds * 10)):
            t = step / 10
            luma = plain + rng.normal(0, 1.5, plain.shape).astype(np.float32)
            for box, level, start, end in self.things:
                if start <= t < end:
                    _fill(luma, box, level)
            rows = []
            for number, path in enumerate(self.people):
                if (foot := path(t)) is None:
                    continue
                box = (foot[0] - TALL * H / W * 0.2, foot[1] - TALL, foot[0] + TALL * H / W * 0.2, foot[1])
                _fill(luma, box, 30.0)
                if t < self.missed.get(number, 1e9):
                    rows.append((number, box))
                    seen_at[number] = seen_at.get(number, (step, step))[0], step
            found += analytic.update(self._scene(luma, rows, t, memory, seen_at)).events
        return found

    def _scene(
        self,
        luma: np.ndarray,
        rows: list[tuple[int, tuple[float, ...]]],
        t: float,
        memory: SceneMemory,
        seen_at: dict[int, tuple[int, int]],
    ) -> Scene:
        wall_us = T0 + round(t * SECOND_US)
        boxes = np.array([box for _, box in rows], np.float32).reshape(-1, 4)
        boxes = np.clip(boxes, 0, 1)
        n = len(rows)
        since = np.array([T0 + seen_at[number][0] * SECOND_US // 10 for number, _ in rows], np.int64)
        tracks = Tracks(
            np.array([number for number, _ in rows], np.int64),
            boxes,
            np.full(n, Label.PERSON, np.int8),
            np.full(n, 0.8, np.float32),
            since,
            np.full(n, wall_us, np.int64),
        )
        chroma = np.full((H // 2, W // 2), 128, np.uint8)
        picture = Picture(np.clip(luma, 0, 255).astype(np.uint8), chroma, chroma)
        seen = Detections.none()
        if self.named is not None:
            there = np.array([box for box, _, start, end in self.things if start <= t < end], np.float32).reshape(-1, 4)
            seen = Detections(there, np.full(len(there), self.named, np.int8), np.full(len(there), 0.4, np.float32))
        place = memory.update(picture, boxes, wall_us)
        return Scene("gate-main", "gate", wall_us, tracks, picture, boxes, False, True, seen, place)


def _fill(luma: np.ndarray, box: tuple[float, ...], level: float) -> None:
    left, top, right, bottom = box
    luma[max(0, round(top * H)) : round(bottom * H), max(0, round(left * W)) : max(0, round(right * W))] = level


def left(seconds: float = 10.0, **more: float) -> LeftObject:
    setting = AnalyticSetting("left_object", "closed-yard", zones=("yard",), parameters={"seconds": seconds, **more})
    return LeftObject(CAMERA, "gate-main", setting)


def removed(**parameters: float) -> RemovedObject:
    setting = AnalyticSetting(
        "removed_object", "closed-yard", zones=("yard",), parameters={"stood": 15, "seconds": 5, **parameters}
    )
    return RemovedObject(CAMERA, "gate-main", setting)


def test_a_bag_put_down_is_told_once_its_owner_has_been_away_for_long_enough() -> None:
    floor = Floor([PASSES_AND_LEAVES], [(BAG, 30.0, 32.0, 1e9)])
    (event,) = told(floor.play(left(), 90))
    assert event.kind == "left_object" and event.place.zone_id == "yard"
    away_s = 33 + 12 * (3.0 / 1.7 * TALL * H / W) / 0.6
    told_s = (event.interval.end_us - T0) / SECOND_US
    assert away_s + 9 <= told_s <= away_s + 25
    assert abs((event.interval.start_us - T0) / SECOND_US - 31) < 5


@pytest.mark.parametrize("lower_by", [15.0, 20.0])
def test_a_dark_bag_on_dark_ground_is_told(lower_by: float) -> None:
    floor = Floor([PASSES_AND_LEAVES], [(BAG, 95.0 - lower_by, 32.0, 1e9)])
    assert len(told(floor.play(left(), 90))) == 1


def test_a_bag_whose_owner_stays_beside_it_is_nobody_s_business() -> None:
    stays = walks((20, 0.0, 0.82), (30, 0.40, 0.82), (33, 0.47, 0.82), (1e9, 0.47, 0.82))
    assert not told(Floor([stays], [(BAG, 30.0, 32.0, 1e9)]).play(left(), 90))


def test_who_sits_down_and_is_lost_by_the_detector_is_not_told() -> None:
    """The field's failure: somebody asleep on the ground. Nobody was seen to leave."""
    sits = walks((20, 0.0, 0.82), (30, 0.42, 0.82), (32, 0.42, 0.82))
    assert not told(Floor([sits], [((0.36, 0.70, 0.50, 0.84), 30.0, 32.0, 1e9)]).play(left(), 120))


def test_who_lies_down_is_not_told_when_a_friend_leaves() -> None:
    lies = walks((20, 0.0, 0.82), (30, 0.42, 0.82), (32, 0.42, 0.82))
    friend = walks((20, 0.05, 0.86), (30, 0.47, 0.86), (34, 0.47, 0.86), (45, 1.0, 0.86))
    floor = Floor([lies, friend], [((0.33, 0.70, 0.53, 0.83), 30.0, 32.0, 1e9)])
    assert not told(floor.play(left(), 120))


def test_what_appears_without_anybody_is_not_told() -> None:
    """A shadow, a reflection, a lamp."""
    assert not told(Floor([], [(BAG, 30.0, 32.0, 1e9)]).play(left(), 90))
    far = walks((10, 0.0, 0.45), (40, 1.0, 0.45))
    assert not told(Floor([far], [(BAG, 30.0, 32.0, 1e9)]).play(left(), 90))


def test_what_was_always_there_is_not_told() -> None:
    assert not told(Floor([PASSES_AND_LEAVES], [(BAG, 30.0, 0.0, 1e9)], named=Label.SUITCASE).play(left(), 90))


def test_a_thing_outside_the_zone_is_not_told() -> None:
    comes = walks((20, 1.0, 0.82), (30, 0.85, 0.82), (33, 0.85, 0.82), (45, 0.0, 0.82))
    assert not told(Floor([comes], [((0.83, 0.72, 0.88, 0.80), 30.0, 32.0, 1e9)]).play(left(), 90))


def test_a_bag_that_is_fetched_closes_its_event() -> None:
    fetches = walks((70, 1.0, 0.82), (80, 0.42, 0.82), (82, 0.42, 0.82), (90, 1.0, 0.82))
    floor = Floor([PASSES_AND_LEAVES, fetches], [(BAG, 30.0, 32.0, 81.0)])
    found = floor.play(left(), 110)
    (opened,), (closed,) = told(found), told(found, Phase.CLOSED)
    assert closed.key == opened.key and 76 < (closed.interval.end_us - T0) / SECOND_US < 100


def test_passers_by_do_not_put_it_off() -> None:
    passing = [walks((t, 0.0, 0.84), (t + 8, 1.0, 0.84)) for t in range(48, 100, 12)]
    assert len(told(Floor([PASSES_AND_LEAVES, *passing], [(BAG, 30.0, 32.0, 1e9)]).play(left(), 110))) == 1


def test_who_crosses_slowly_passes_and_who_stops_beside_it_starts_the_time_anew() -> None:
    """Three metres either way take a stroller seven seconds, more than twice of what lingering is."""
    strolls = walks((46, 0.0, 0.84), (55, 1.0, 0.84))
    stops = walks((46, 0.0, 0.84), (52, 0.40, 0.84), (60, 0.40, 0.84), (66, 0.0, 0.84))
    (first,) = told(Floor([PASSES_AND_LEAVES, strolls], [(BAG, 30.0, 32.0, 1e9)]).play(left(12.0), 100))
    (second,) = told(Floor([PASSES_AND_LEAVES, stops], [(BAG, 30.0, 32.0, 1e9)]).play(left(12.0), 100))
    assert (first.interval.end_us - T0) / SECOND_US < 60
    assert (second.interval.end_us - T0) / SECOND_US > 70


def test_a_bag_that_falls_over_is_one_bag() -> None:
    over = (0.38, 0.745, 0.46, 0.80)
    floor = Floor([PASSES_AND_LEAVES], [(BAG, 30.0, 32.0, 65.0), (over, 30.0, 65.0, 1e9)])
    assert len(told(floor.play(left(), 110))) == 1


def test_a_bag_carried_in_is_known_where_nobody_knew_the_place() -> None:
    """Two stand there when the recording begins; the bag changes from a hand to the ground."""
    stands = walks((0, 0.42, 0.82), (10, 0.42, 0.82), (20, 1.0, 0.82))
    held = (0.40, 0.60, 0.45, 0.68)
    floor = Floor([stands], [(held, 25.0, 0.0, 2.0), (BAG, 25.0, 2.0, 1e9)], named=Label.BACKPACK)
    (event,) = told(floor.play(left(), 60))
    assert 1.5 <= (event.interval.start_us - T0) / SECOND_US <= 3.5


def test_the_end_of_the_stream_closes_what_is_open() -> None:
    analytic = left()
    (opened,) = told(Floor([PASSES_AND_LEAVES], [(BAG, 30.0, 32.0, 1e9)]).play(analytic, 90))
    (closed,) = analytic.finish(T0 + 95 * SECOND_US).events
    assert closed.key == opened.key and closed.phase is Phase.CLOSED


def test_a_thing_that_stood_there_and_was_taken_away_is_told() -> None:
    floor = Floor([PASSES_AND_LEAVES], [(BAG, 30.0, 0.0, 32.0)])
    (event,) = told(floor.play(removed(), 90))
    assert event.kind == "removed_object"
    assert event.interval.start_us <= T0 + 32 * SECOND_US <= event.interval.end_us + 8 * SECOND_US


def test_a_thing_that_stood_too_short_or_went_alone_is_no_removal() -> None:
    taken = [(BAG, 30.0, 0.0, 32.0)]
    assert not told(Floor([PASSES_AND_LEAVES], taken).play(removed(stood=60), 90))
    assert not told(Floor([], taken).play(removed(), 90))


def test_a_bag_that_comes_is_no_removal_and_one_that_goes_is_none_left() -> None:
    assert not told(Floor([PASSES_AND_LEAVES], [(BAG, 30.0, 32.0, 1e9)]).play(removed(), 90))
    assert not told(Floor([PASSES_AND_LEAVES], [(BAG, 30.0, 0.0, 32.0)]).play(left(), 90))
