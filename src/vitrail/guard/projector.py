"""Masked pictures for looking at several cameras on one clock: small, each with its exact wall time (law.md L24).

Two ways out. ``at``: the key picture shown at any moment, for dragging over a day. ``pack``: every picture of a few
seconds (or the key pictures of a minute) in one file, for playing, stepping and looping. Packs are looked through as
clips are.
"""

__all__ = ["FULL_US", "KEYS_US", "Projector", "packed", "unpacked"]

import struct
from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from threading import Lock

import numpy as np

from vitrail.domain.detections import Label
from vitrail.domain.errors import NotFound
from vitrail.domain.frames import Frame
from vitrail.domain.geometry import Boxes
from vitrail.domain.recordings import Segment
from vitrail.domain.time import MINUTE_US, SECOND_US, Interval
from vitrail.guard.masking import MASK_FLOOR, Mask, apply
from vitrail.guard.render import LOOK_AROUND_US, Renderer, Shot, fresh_seed
from vitrail.guard.shrinking import shrunk
from vitrail.guard.sights import Sights, with_hair
from vitrail.guard.strip import Beside, Strip
from vitrail.guard.ways import Ways
from vitrail.ports.detector import Detector
from vitrail.ports.film import Film
from vitrail.ports.heads import HeadFinder

FULL_US, KEYS_US = 5 * SECOND_US, MINUTE_US
"""How long the packs of every picture and of key pictures are."""
_LOOK_US = SECOND_US // 5
"""Between two looks inside a pack of every picture: what is seen is held for a second both ways."""
_REMEMBERED = 4096
_QUALITY = 72
_MAGIC = b"VPK1"
_ROW = struct.Struct(">qI")

_Key = tuple[str, int]


class Projector:
    """Thread-safe as far as its detector is. Remembers where people were in key pictures; small pictures that wait for
    their masks are the viewing's (``strip``)."""

    def __init__(self, renderer: Renderer, film: Film, detector: Detector, heads: HeadFinder) -> None:
        self._renderer = renderer
        self._film = film
        self._detector = detector
        self._heads = heads
        self._lock = Lock()
        self._people: OrderedDict[_Key, Boxes] = OrderedDict()
        self._faces: OrderedDict[_Key, Boxes] = OrderedDict()

    def at(self, segments: Sequence[Segment], at_us: int, width: int, strip: Strip) -> tuple[int, bytes]:
        """The masked key picture shown at that moment: its wall time and a JPEG. People are looked for in it and in the
        key pictures beside it, heads in it alone. Raises ``NotFound``."""
        stream = segments[0].stream_id if segments else ""
        known = strip.beside(stream, at_us) if any(s.interval.holds(at_us) for s in segments) else None
        tile = strip.tile(stream, known.own_us, width) if known else None
        if known and tile:
            return known.own_us, tile
        shown = strip.waiting(stream, known.own_us) if known else None
        people = self._known(stream, known.times_us) if known else None
        if known is None or shown is None or people is None:
            known, shown, people = self._read(stream, segments, at_us, strip)
        ways, faces = Ways(), Ways()
        for us, boxes in people:
            ways.look(us, boxes)
        faces.look(shown.wall_us, self._found(shown))
        hidden = np.concatenate([ways.at(shown.wall_us), faces.at(shown.wall_us)])
        masked = apply(shrunk(shown.picture, width), Mask.of(hidden), fresh_seed())
        tile = self._film.still(masked, width, _QUALITY)
        if known.whole:
            strip.finish(stream, shown.wall_us, width, tile)
        return shown.wall_us, tile

    def _read(
        self, stream: str, segments: Sequence[Segment], at_us: int, strip: Strip
    ) -> tuple[Beside, Frame, list[tuple[int, Boxes]]]:
        """From the recording, each key picture decoded once: what was looked at before is remembered."""

        def wanted(us: int, own: bool) -> bool:
            return (own and strip.waiting(stream, us) is None) or (stream, us) not in self._people

        near = self._film.near(segments, at_us, wanted)
        people = self._looked(stream, near)
        times = tuple(us for us, _ in near)
        own_us = max((us for us in times if us <= at_us), default=times[0] if times else 0)
        small = {frame.wall_us: strip.wait(frame) for _, frame in near if frame is not None}
        shown = small.get(own_us) or strip.waiting(stream, own_us)
        if shown is None:
            raise NotFound("nothing was recorded at that moment", remedy="look at the recorded spans of the camera")
        known = Beside(times, own_us, bool(times) and times[-1] > at_us)
        strip.know(stream, known)
        return known, shown, people

    def pack(self, name: str, shot: Shot, width: int, keys: bool, now_us: int) -> Path:
        """From the cache when the footage is unchanged. Raises ``NotFound`` when nothing was recorded then."""

        def drawn(unfinished: Path) -> None:
            rows = [(f.wall_us, self._film.still(f.picture, width, _QUALITY)) for f in self._strip(shot, width, keys)]
            if not rows:
                raise NotFound("nothing was recorded at that moment", remedy="look at the recorded spans of the camera")
            unfinished.write_bytes(packed(rows))

        return self._renderer.cached(f"{name}-w{width}{'k' if keys else 'f'}", shot, now_us, drawn)

    def _strip(self, shot: Shot, width: int, keys: bool) -> Iterator[Frame]:
        """The pictures of the span, small and masked; decoded once, and no large one is kept."""
        small: list[Frame] = []

        def passing() -> Iterator[Frame]:
            for frame in self._keys(shot) if keys else self._full(shot):
                if shot.interval.holds(frame.wall_us):
                    small.append(replace(frame, picture=shrunk(frame.picture, width)))
                yield frame

        seen = Sights(self._detector, self._heads, shot.interval, 1 if keys else _LOOK_US).look(
            passing(), lambda _: None
        )
        for frame in small if seen else ():
            assert seen is not None
            yield replace(frame, picture=apply(frame.picture, seen.mask(frame), fresh_seed()))

    def _keys(self, shot: Shot) -> Iterator[Frame]:
        span = shot.interval
        wide = Interval(span.start_us - LOOK_AROUND_US, span.end_us + LOOK_AROUND_US)
        return self._film.keys(shot.segments, wide)

    def _full(self, shot: Shot) -> Iterator[Frame]:
        """Around the span only key pictures are looked at: a tenth of the price of decoding it."""
        span = shot.interval
        before = Interval(span.start_us - LOOK_AROUND_US, span.start_us)
        after = Interval(span.end_us, span.end_us + LOOK_AROUND_US)
        yield from (f for f in self._film.keys(shot.segments, before) if f.wall_us < span.start_us)
        yield from self._film.frames(shot.segments, span, rough=True)
        yield from (f for f in self._film.keys(shot.segments, after) if f.wall_us >= span.end_us)

    def _known(self, stream_id: str, times_us: Sequence[int]) -> list[tuple[int, Boxes]] | None:
        """Where people are in each; None where one was not looked at yet."""
        with self._lock:
            known = [(us, self._people[stream_id, us]) for us in times_us if (stream_id, us) in self._people]
        return known if len(known) == len(times_us) else None

    def _looked(self, stream_id: str, near: Sequence[tuple[int, Frame | None]]) -> list[tuple[int, Boxes]]:
        """Where people are in each; what was looked at before is remembered."""
        with self._lock:
            known = {us: self._people[stream_id, us] for us, _ in near if (stream_id, us) in self._people}
        fresh = [f for us, f in near if f is not None and us not in known]
        found = self._detector.detect([f.picture for f in fresh], MASK_FLOOR) if fresh else []
        for frame, detections in zip(fresh, found, strict=True):
            known[frame.wall_us] = detections.of(Label.PERSON).boxes
            self._remember(self._people, frame, known[frame.wall_us])
        return sorted(known.items())

    def _found(self, frame: Frame) -> Boxes:
        with self._lock:
            known = self._faces.get(_key(frame))
        if known is None:
            known = with_hair(self._heads.find([frame.picture])[0])
            self._remember(self._faces, frame, known)
        return known

    def _remember(self, where: OrderedDict[_Key, Boxes], frame: Frame, boxes: Boxes) -> None:
        with self._lock:
            where[_key(frame)] = boxes
            while len(where) > _REMEMBERED:
                where.popitem(last=False)


def packed(rows: Iterable[tuple[int, bytes]]) -> bytes:
    """``VPK1``, how many (4 bytes), wall time (8) and length (4) of each, then the JPEGs; big end first."""
    found = list(rows)
    head = _MAGIC + struct.pack(">I", len(found)) + b"".join(_ROW.pack(at_us, len(data)) for at_us, data in found)
    return head + b"".join(data for _, data in found)


def unpacked(data: bytes) -> list[tuple[int, bytes]]:
    """Raises ``ValueError``."""
    if data[:4] != _MAGIC:
        raise ValueError("no pack of pictures")
    (count,) = struct.unpack_from(">I", data, 4)
    at, rows = 8 + count * _ROW.size, []
    for number in range(count):
        at_us, length = _ROW.unpack_from(data, 8 + number * _ROW.size)
        rows.append((at_us, data[at : at + length]))
        at += length
    return rows


def _key(frame: Frame) -> _Key:
    return frame.stream_id, frame.wall_us
