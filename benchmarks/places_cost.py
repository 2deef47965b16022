"""What watching a place costs on a quiet 1080p stream: all that looks for change, beside decoding its key frames.

A still camera of the studio (1920x1080, H.264, a key frame every two seconds) is really encoded and decoded. Nothing
moves on it, so two pictures of each group are judged and the detector's last answer stands, as in the stream loop.
Each of scene memory, ``left_object``, ``removed_object``, ``graffiti``, ``furniture`` and ``fire`` (with its network)
judges ``--hours`` of such pictures; processor time is taken one by one and given as percent of a core of the stream's
own time. Beside it, in the same run: the key frames decoded and nothing else. One thread.
"""

import itertools
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import av
import cv2
import numpy as np

from _data import options, say_json
from composite import Plate, plates
from composite.plates import Image
from composite.reel import picture_of
from vitrail import compose
from vitrail.adapters.openvino import PLACE_READER, ModelShelf, catalogue, load_place_reader
from vitrail.adapters.registry import PackageClients
from vitrail.analytics.contract import Analytic
from vitrail.analytics.fire import Fire
from vitrail.analytics.furniture import Furniture
from vitrail.analytics.graffiti import Graffiti
from vitrail.analytics.left_object import LeftObject
from vitrail.analytics.removed_object import RemovedObject
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Tracks
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Polygon
from vitrail.domain.streams import AnalyticSetting, Asset, Camera, DwellingMasks, Surface, Zone
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.looking import Looking
from vitrail.pipeline.scene_memory import SceneMemory
from vitrail.services.models import Models

SIZE, GROUP_S, GROUPS, GRAIN = (1920, 1080), 2.0, 24, 3.0
ROUNDS = 8
"""So often the key frames are decoded."""
BEGINNING_US = 1_700_000_000 * SECOND_US


class Clock:
    """Processor seconds by name."""

    def __init__(self) -> None:
        self.spent_s: dict[str, float] = {}

    @contextmanager
    def on(self, name: str) -> Iterator[None]:
        began = time.process_time()
        yield
        self.spent_s[name] = self.spent_s.get(name, 0.0) + time.process_time() - began


def main() -> None:
    given = options(
        __doc__ or "", ("--hours", {"type": float, "default": 1.5, "help": "of the stream's own time, as if it were"})
    )
    cv2.setNumThreads(1)
    compose.ensure_models(given.cache, print)
    Models(catalogue(), (PLACE_READER,), PackageClients(), ModelShelf(given.cache)).ensure_default(print)
    pool = plates(given.data, given.cache, "test", stills=1)
    if not pool:
        print(f"{given.data} holds no camera and no picture of a wall: nothing is measured")
        say_json(benchmark="places_cost")
        return
    packets, extradata = encoded(pool[0])
    pictures, key_s = decoded(packets, extradata)
    clock = Clock()
    seconds = watched(pool[0], pictures, given.more.hours * 3600, Looking(load_place_reader(given.cache, 1)), clock)
    shares = {name: round(100 * spent / seconds, 2) for name, spent in clock.spent_s.items()}
    keys = 100 * key_s / GROUP_S
    for name, share in shares.items():
        print(f"{name}: {share:.2f} % of a core")
    print(f"decoding its key frames: {keys:.2f} % of a core")
    total = sum(clock.spent_s.values()) / seconds * 100
    say_json(
        benchmark="places_cost", percent_of_core=shares, together=round(total, 2), key_frames=round(keys, 2),
        times_key_frames=round(total / max(keys, 1e-9), 2), stream_hours=round(seconds / 3600, 2),
    )  # fmt: skip


def encoded(plate: Plate) -> tuple[list[bytes], bytes | None]:
    """Key frames of the still camera, each with its own grain."""
    rng = np.random.default_rng(1)
    wide = cv2.resize(plate.clean, SIZE, interpolation=cv2.INTER_CUBIC).astype(np.float32)
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = *SIZE, "yuv420p"
    encoder.framerate = 25
    encoder.options = {"preset": "veryfast", "tune": "zerolatency", "g": "1", "crf": "26", "threads": "1"}
    packets = [bytes(packet) for _ in range(GROUPS) for packet in encoder.encode(_frame(wide, rng))]
    return packets + [bytes(packet) for packet in encoder.encode(None)], encoder.extradata


def _frame(wide: np.ndarray, rng: np.random.Generator) -> av.VideoFrame:
    seen: Image = np.clip(wide + rng.normal(0, GRAIN, wide.shape).astype(np.float32), 0, 255).astype(np.uint8)
    return av.VideoFrame.from_ndarray(seen, format="bgr24").reformat(format="yuv420p")


def decoded(packets: list[bytes], extradata: bytes | None) -> tuple[list[Picture], float]:
    """The pictures, and processor seconds a key frame takes."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.thread_count = 1
    decoder.extradata = extradata
    frames = [frame for data in packets for frame in decoder.decode(av.Packet(data))]
    began, count = time.process_time(), 0
    for data in itertools.chain.from_iterable(itertools.repeat(packets, ROUNDS)):
        count += len(decoder.decode(av.Packet(data)))
    key_s = (time.process_time() - began) / max(count, 1)
    return [picture_of(frame.to_ndarray(format="bgr24")) for frame in frames], key_s


def watched(plate: Plate, pictures: list[Picture], seconds: float, looking: Looking, clock: Clock) -> float:
    """Judges the pictures over and over; seconds of stream that were."""
    camera, settings = _camera(plate)
    made: dict[str, Callable[[Camera, str, AnalyticSetting], Analytic]] = {
        "left_object": LeftObject, "removed_object": RemovedObject, "graffiti": Graffiti,
        "furniture": Furniture, "fire": Fire,
    }  # fmt: skip
    analytics = {name: made[name](camera, "s", setting) for name, setting in settings.items()}
    memory, nobody = SceneMemory(), np.zeros((0, 4), np.float32)
    groups = max(1, round(seconds / GROUP_S))
    for group, half in itertools.product(range(groups), (0, 1)):
        picture = pictures[(2 * group + half) % len(pictures)]
        wall_us = BEGINNING_US + round((group * GROUP_S + half * 0.04) * SECOND_US)
        with clock.on("scene memory"):
            place = memory.update(picture, nobody, wall_us)
        with clock.on("fire"):
            look = looking.look(picture, nobody, wall_us)
        scene = Scene("s", "c", wall_us, Tracks.none(), picture, nobody, True, not half, place=place, look=look)
        for name, analytic in analytics.items():
            with clock.on(name):
                analytic.update(scene)
    return groups * GROUP_S


def _camera(plate: Plate) -> tuple[Camera, dict[str, AnalyticSetting]]:
    """A whole zone, a wall, and two pieces of furniture."""
    floor = Zone("floor", "Floor", Polygon(((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))))
    wall = Surface(
        "wall", "Wall", Polygon(tuple((min(max(x, 0.0), 1.0), min(max(y, 0.0), 1.0)) for x, y in plate.walls[0]))
    )
    assets = tuple(
        Asset(name, name, "bench", Polygon(((x, 0.6), (x + 0.15, 0.6), (x + 0.15, 0.8), (x, 0.8))))
        for name, x in (("one", 0.2), ("two", 0.6))
    )
    camera = Camera("c", "C", (), DwellingMasks("t", "2026-01-01"), zones=(floor,), surfaces=(wall,), assets=assets)
    return camera, {
        "left_object": AnalyticSetting("left_object", "try", zones=("floor",)),
        "removed_object": AnalyticSetting("removed_object", "try", zones=("floor",)),
        "graffiti": AnalyticSetting("graffiti", "try", surfaces=("wall",)),
        "furniture": AnalyticSetting("furniture", "try", assets=("one", "two")),
        "fire": AnalyticSetting("fire", "try"),
    }


if __name__ == "__main__":
    main()
