"""Real recordings with labels, through decoder, detector, tracker and analytic: the first visit to the table, and all
passing vehicles. The whole recordings, through the whole product, are in ``benchmarks/events.py``."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path

from tests.analytics.scenes import told
from tests.builders import camera, permit, square, stream, zone
from tests.fakes.clock import FakeClock
from tests.models import detector_model
from tests.shared_data import shared
from vitrail.adapters.av import AvOpener
from vitrail.analytics.contract import Analytic
from vitrail.analytics.registry import Registry
from vitrail.domain.analytics import Scene
from vitrail.domain.events import Event, Phase
from vitrail.domain.frames import Frame
from vitrail.domain.geometry import DirectedLine
from vitrail.domain.streams import AnalyticSetting, Camera, Line
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.tracking import Tracker

CLIPS = "data/fixed-camera-video"
TABLE = zone(id="table", polygon=square(0.43, 0.14, 0.73, 0.995))
MIDDLE = Line("middle", "Middle", DirectedLine((0.0, 0.5), (1.0, 0.5)))


def frames(path: Path, place: Camera, seconds: float) -> Iterator[Frame]:
    """At most ten a second, as the stream loop chooses them."""
    feed = stream(address=str(path), label=path.name)
    source = AvOpener(FakeClock()).open(feed, (), permit(place, feed), start_us=0)
    due_us = 0
    try:
        for packet in source.packets():
            for frame in source.decode(packet):
                if frame.wall_us > seconds * SECOND_US:
                    return
                if frame.wall_us >= due_us:
                    due_us = frame.wall_us + SECOND_US * 9 // 100
                    yield frame
    finally:
        source.close()


def found(path: Path, place: Camera, setting: AnalyticSetting, seconds: float) -> list[Event]:
    detector, ids = detector_model(), itertools.count(1)
    tracker = Tracker(lambda: next(ids))
    analytic: Analytic = Registry.load(()).make(place, "gate-main", setting)
    events: list[Event] = []
    watched, last_us = frames(path, place, seconds), 0
    while batch := list(itertools.islice(watched, detector.batch)):
        for frame, seen in zip(batch, detector.detect([one.picture for one in batch], 0.2), strict=True):
            last_us = frame.wall_us
            scene = Scene("gate-main", place.id, last_us, tracker.update(seen, last_us))
            events += analytic.update(scene).events
    return [*events, *analytic.finish(last_us).events]


def test_the_first_visit_to_the_table_is_one_dwell_of_its_length() -> None:
    path = shared(f"{CLIPS}/one-by-one-person-detection.mp4")
    labels = json.loads(shared(f"{CLIPS}/labels.json").read_text(encoding="utf-8"))
    start_s, end_s = labels[path.name]["events"][0]["at_table"]
    setting = AnalyticSetting("dwell", "closed-yard", zones=("table",), parameters={"seconds": 8})
    (closed,) = told(found(path, camera(zones=(TABLE,)), setting, 22.0), Phase.CLOSED)
    assert abs(closed.interval.start_us / SECOND_US - start_s) < 2.0
    assert abs(closed.interval.end_us / SECOND_US - end_s) < 2.0


def test_the_four_vehicles_pass_in_their_right_directions() -> None:
    path = shared(f"{CLIPS}/car-detection.mp4")
    labels = json.loads(shared(f"{CLIPS}/labels.json").read_text(encoding="utf-8"))[path.name]["events"]
    setting = AnalyticSetting("line", "closed-yard", lines=("middle",))
    events = told(found(path, camera(lines=(MIDDLE,)), setting, 60.0))
    expected = ["backward" if label["direction"].startswith("up") else "forward" for label in labels]
    inside = [
        [e for e in events if label["t_in"] <= e.interval.end_us / SECOND_US <= label["t_out"]] for label in labels
    ]
    assert len(events) == len(labels)
    for sense, near in zip(expected, inside, strict=True):
        assert any(event.measures[0].name == f"crossings {sense}" for event in near)
