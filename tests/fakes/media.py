"""A camera, an archive, a film and a detector that need no codec: pictures are written as they are.

A segment's file is a run of records ``wall_us, media_us, width, height, key`` and the three planes; a person is
whatever is brighter than ``BRIGHT``.
"""

__all__ = [
    "BRIGHT",
    "FakeArchive",
    "FakeDetector",
    "FakeFilm",
    "FakeHeads",
    "FakeOpener",
    "FakeSource",
    "WholeDetector",
    "person",
    "pictures",
]

import hashlib
import json
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from vitrail.domain.detections import Detections, Label
from vitrail.domain.errors import NotFound, Unavailable
from vitrail.domain.frames import Frame, Packet, Picture
from vitrail.domain.geometry import Boxes, Polygon
from vitrail.domain.mandates import Permit
from vitrail.domain.models import ModelManifest
from vitrail.domain.recordings import Segment
from vitrail.domain.streams import Stream, StreamFacts
from vitrail.domain.time import SECOND_US, Interval
from vitrail.ports.film import Cut
from vitrail.ports.source import Source

BRIGHT = 200
WIDTH, HEIGHT = 64, 48
_RECORD = struct.Struct("<qqHH?")


def person(at: float | None, width: int = WIDTH, height: int = HEIGHT) -> Picture:
    """A dark yard with, at ``at`` (0..1 from left to right), somebody: a bright patch of 8 x 16 pixels with a face
    (a pattern) on it."""
    y = np.full((height, width), 40, np.uint8)
    if at is not None:
        x = int(at * (width - 8))
        patch = np.full((16, 8), 230, np.uint8)
        patch[2:6:2, 1:7:2] = 210
        y[16:32, x : x + 8] = patch
    half = ((height + 1) // 2, (width + 1) // 2)
    return Picture(y, np.full(half, 128, np.uint8), np.full(half, 128, np.uint8))


def pictures(count: int) -> list[Picture]:
    """Somebody walks from left to right."""
    return [person(i / max(1, count - 1)) for i in range(count)]


class FakeSource:
    def __init__(
        self, stream: Stream, shown: Sequence[Picture], start_us: int, fps: float, group: int, masks: Sequence[Polygon]
    ) -> None:
        self._stream = stream
        self._shown = shown
        self._start_us = start_us
        self._step_us = round(SECOND_US / fps)
        self._fps = fps
        self._group = group
        self._masks = masks
        self.closed = False

    @property
    def facts(self) -> StreamFacts:
        return StreamFacts("raw", self._shown[0].width, self._shown[0].height, self._fps, live=True)

    def packets(self) -> Iterator[Packet]:
        for i, picture in enumerate(self._shown):
            media_us = i * self._step_us
            yield Packet(
                self._stream.id,
                media_us,
                self._start_us + media_us,
                self._step_us,
                picture.y.size * 3 // 2,
                i % self._group == 0,
                0,
                _masked(picture, self._masks),
            )

    def decode(self, packet: Packet) -> list[Frame]:
        assert isinstance(packet.payload, Picture)
        return [Frame(packet.stream_id, packet.media_us, packet.wall_us, packet.key, packet.session, packet.payload)]

    def drain(self) -> list[Frame]:
        return []

    def close(self) -> None:
        self.closed = True


def _masked(picture: Picture, masks: Sequence[Polygon]) -> Picture:
    if not masks:
        return picture
    rows, columns = np.mgrid[0 : picture.height, 0 : picture.width]
    spots = np.stack([(columns + 0.5) / picture.width, (rows + 0.5) / picture.height], axis=-1)
    copy = picture.copy()
    for mask in masks:
        copy.y[mask.contain(spots.reshape(-1, 2).astype(np.float32)).reshape(picture.y.shape)] = 16
    return copy


class FakeOpener:
    """Counts how often it was asked to open anything. ``fails`` is raised instead of opening."""

    def __init__(self, shown: Sequence[Picture] = (), start_us: int = 0, fps: float = 10.0, group: int = 10) -> None:
        self.shown = list(shown) or pictures(20)
        self.start_us = start_us
        self.fps = fps
        self.group = group
        self.opened: list[tuple[str, tuple[Polygon, ...], Permit]] = []
        self.sources: list[FakeSource] = []
        self.fails: Exception | None = None

    def open(self, stream: Stream, masks: Sequence[Polygon], permit: Permit, start_us: int | None = None) -> FakeSource:
        self.opened.append((stream.id, tuple(masks), permit))
        if self.fails:
            raise self.fails
        begin_us = self.start_us if start_us is None else start_us
        self.sources.append(FakeSource(stream, self.shown, begin_us, self.fps, self.group, masks))
        return self.sources[-1]


class _FakeWriter:
    def __init__(self, archive: "FakeArchive", segment: Segment) -> None:
        self._archive = archive
        self._segment = segment
        self._file = (archive.root / segment.path).open("wb")

    @property
    def segment(self) -> Segment:
        return self._segment

    def write(self, packet: Packet) -> None:
        if self._archive.full:
            raise Unavailable("the archive is full")
        assert isinstance(packet.payload, Picture)
        _put(self._file, packet.payload, packet.wall_us, packet.media_us, packet.key)
        self._file.flush()
        end_us = packet.wall_us + packet.duration_us
        self._segment = replace(
            self._segment,
            interval=Interval(self._segment.interval.start_us, end_us),
            size_bytes=self._file.tell(),
        )

    def seal(self) -> Segment:
        self._file.close()
        self._segment = replace(self._segment, sha256=self._archive.digest(self._segment), sealed=True)
        return self._segment


class FakeArchive:
    """In a folder. ``full`` makes every write fail, ``stuck`` every erasure."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.full = False
        self.stuck = False
        self._count = 0
        (root / "clips").mkdir(parents=True, exist_ok=True)

    def begin(
        self, permit: Permit, source: Source, facts: StreamFacts, masks: Sequence[Polygon], first: Packet
    ) -> _FakeWriter:
        if self.full:
            raise Unavailable("the archive is full")
        self._count += 1
        segment_id = f"{permit.stream_id}-{self._count:03}"
        segment = Segment(
            id=segment_id,
            mandate_id=permit.mandate_id,
            camera_id=permit.camera_id,
            stream_id=permit.stream_id,
            interval=Interval(first.wall_us, first.wall_us),
            path=f"{segment_id}.raw",
            size_bytes=0,
            sha256="",
            codec=facts.codec,
            width=facts.width,
            height=facts.height,
            erase_after_us=first.wall_us + permit.retention_us,
            sealed=False,
        )
        return _FakeWriter(self, segment)

    def path(self, segment: Segment) -> Path:
        return self.root / segment.path

    def mend(self, segment: Segment) -> Segment:
        frames = list(_read(self.root / segment.path)) if (self.root / segment.path).exists() else []
        if not frames:
            raise NotFound("nothing in it")
        end_us = frames[-1].wall_us + SECOND_US // 10
        return replace(
            segment,
            interval=Interval(segment.interval.start_us, end_us),
            size_bytes=(self.root / segment.path).stat().st_size,
            sha256=self.digest(segment),
            sealed=True,
        )

    def digest(self, segment: Segment) -> str:
        try:
            return hashlib.sha256((self.root / segment.path).read_bytes()).hexdigest()
        except FileNotFoundError:
            raise NotFound(f"{segment.path} is gone") from None

    def erase(self, segment: Segment) -> None:
        if self.stuck:
            raise Unavailable("the file will not go")
        (self.root / segment.path).unlink(missing_ok=True)

    def orphans(self, known: frozenset[str]) -> list[str]:
        return sorted(p.name for p in self.root.glob("*.raw") if p.name not in known)

    def clip_path(self, clip_id: str) -> Path:
        return self.root / "clips" / f"{clip_id}.mp4"

    def erase_clips(self, before_us: int) -> int:
        old = [p for p in (self.root / "clips").iterdir() if p.stat().st_mtime * SECOND_US < before_us]
        for path in old:
            path.unlink()
        return len(old)

    def free_bytes(self) -> int:
        return 0 if self.full else 10**12


class FakePictures:
    """In memory. ``full`` makes every write fail."""

    def __init__(self) -> None:
        self.full = False
        self.files: dict[str, bytes] = {}

    def keep(self, name: str, jpeg: bytes) -> None:
        if self.full:
            raise Unavailable("the disk is full")
        self.files[name] = jpeg

    def read(self, name: str) -> bytes:
        if name not in self.files:
            raise NotFound("the picture is gone")
        return self.files[name]

    def erase_all_but(self, kept: frozenset[str]) -> int:
        gone = set(self.files) - kept
        self.files = {name: jpeg for name, jpeg in self.files.items() if name in kept}
        return len(gone)


class _FakeFilmWriter:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb")

    def add(self, picture: Picture, media_us: int) -> None:
        _put(self._file, picture, media_us, media_us, True)

    def finish(self) -> None:
        self._file.close()

    def abandon(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)


class FakeFilm:
    """``written`` counts clips, ``held`` is the most frames that were alive at once."""

    def __init__(self, archive: FakeArchive) -> None:
        self._archive = archive
        self.written = 0

    def frames(self, segments: Sequence[Segment], interval: Interval, rough: bool = False) -> Iterator[Frame]:
        last_us = interval.start_us - 1
        for segment in segments:
            for frame in _read(self._archive.path(segment)):
                if interval.holds(frame.wall_us) and frame.wall_us > last_us:
                    last_us = frame.wall_us
                    yield replace(frame, stream_id=segment.stream_id)

    def keys(self, segments: Sequence[Segment], interval: Interval) -> Iterator[Frame]:
        held: Frame | None = None
        for segment in segments:
            for frame in _read(self._archive.path(segment)):
                if not frame.key or frame.wall_us >= interval.end_us:
                    continue
                if held is not None and frame.wall_us > interval.start_us:
                    yield held
                held = replace(frame, stream_id=segment.stream_id)
        if held is not None:
            yield held

    def near(
        self, segments: Sequence[Segment], at_us: int, wanted: Callable[[int, bool], bool]
    ) -> list[tuple[int, Frame | None]]:
        inside = [s for s in segments if s.interval.holds(at_us) or not s.sealed]
        keys = [f for s in inside[-1:] for f in _read(self._archive.path(s)) if f.key]
        before, after = [f for f in keys if f.wall_us <= at_us], [f for f in keys if f.wall_us > at_us]
        found = [replace(f, stream_id=inside[-1].stream_id) for f in (before[-2:] + after[:1])]
        own = before[-1].wall_us if before else found[0].wall_us if found else 0
        return [(f.wall_us, f if wanted(f.wall_us, f.wall_us == own) else None) for f in found]

    def cut(self, segment: Segment, interval: Interval, path: Path) -> Cut | None:
        if self._archive.full:
            raise Unavailable("the archive is full")
        source = self._archive.path(segment)
        frames = list(_read(source)) if source.exists() else []
        keys = [f.wall_us for f in frames if f.key]
        end_us = frames[-1].wall_us + SECOND_US // 10 if frames else 0
        if not keys or interval.end_us <= keys[0] or interval.start_us >= end_us:
            return None
        first = max((k for k in keys if k <= interval.start_us), default=keys[0])
        last = min((k for k in keys if k >= interval.end_us), default=end_us)
        taken = [f for f in frames if first <= f.wall_us < last]
        whole = segment.sealed and len(taken) == len(frames)
        if whole:
            path.write_bytes(source.read_bytes())
        else:
            with path.open("wb") as file:
                for f in taken:
                    _put(file, f.picture, f.wall_us, f.media_us, f.key)
        return Cut(Interval(first, last), whole, len(taken))

    def write(self, path: Path, width: int, height: int, frames_per_s: float) -> _FakeFilmWriter:
        self.written += 1
        return _FakeFilmWriter(path)

    def still(self, picture: Picture, width: int, quality: int = 80) -> bytes:
        head = json.dumps({"width": width, "size": [picture.width, picture.height]}).encode()
        return head + b"\n" + picture.y.tobytes()

    def playback(self, path: Path) -> list[Frame]:
        return list(_read(path))


class FakeDetector:
    """Finds the bright patch. Blind on the calls whose running picture number is in ``blind``."""

    def __init__(self, blind: frozenset[int] = frozenset(), batch: int = 4) -> None:
        self._batch = batch
        self._blind = blind
        self.looked = 0
        self.largest = 0

    @property
    def manifest(self) -> ModelManifest:
        return ModelManifest("bright", "tests", "npm", "bright", "1.0.0", "", (), "", "", "", (), (), (), ())

    @property
    def batch(self) -> int:
        return self._batch

    def detect(
        self, pictures: Sequence[Picture], floor: float, shares: Sequence[float] | None = None
    ) -> list[Detections]:
        self.largest = max(self.largest, len(pictures))
        return [self._one(picture) for picture in pictures]

    def _one(self, picture: Picture) -> Detections:
        self.looked += 1
        rows, columns = np.nonzero(picture.y >= BRIGHT)
        if self.looked - 1 in self._blind or not len(rows):
            return Detections.none()
        box = (
            columns.min() / picture.width,
            rows.min() / picture.height,
            (columns.max() + 1) / picture.width,
            (rows.max() + 1) / picture.height,
        )
        return Detections(np.array([box], np.float32), np.array([Label.PERSON], np.int8), np.array([0.9], np.float32))


class WholeDetector(FakeDetector):
    """Sees nobody on parts of a picture, which are not counted either."""

    def detect(
        self, pictures: Sequence[Picture], floor: float, shares: Sequence[float] | None = None
    ) -> list[Detections]:
        if pictures[0].width < WIDTH:
            return [Detections.none() for _ in pictures]
        return super().detect(pictures, floor, shares)


class FakeHeads:
    """Finds what it is told. ``looked`` counts pictures."""

    def __init__(self, found: Boxes | None = None) -> None:
        self._found = np.zeros((0, 4), np.float32) if found is None else found
        self.looked = 0

    def find(self, pictures: Sequence[Picture]) -> list[Boxes]:
        self.looked += len(pictures)
        return [self._found for _ in pictures]


def _put(file: object, picture: Picture, wall_us: int, media_us: int, key: bool) -> None:
    file.write(_RECORD.pack(wall_us, media_us, picture.width, picture.height, key))  # type: ignore[attr-defined]
    for plane in (picture.y, picture.u, picture.v):
        file.write(plane.tobytes())  # type: ignore[attr-defined]


def _read(path: Path) -> Iterator[Frame]:
    with path.open("rb") as file:
        while len(head := file.read(_RECORD.size)) == _RECORD.size:
            wall_us, media_us, width, height, key = _RECORD.unpack(head)
            half = ((height + 1) // 2, (width + 1) // 2)
            planes = [np.frombuffer(file.read(h * w), np.uint8) for h, w in ((height, width), half, half)]
            if len(planes[2]) < half[0] * half[1]:
                return
            y, u, v = planes[0].reshape(height, width), planes[1].reshape(half), planes[2].reshape(half)
            yield Frame("", media_us, wall_us, key, 0, Picture(y, u, v))
