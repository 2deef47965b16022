"""Makes masked copies of recordings: clips and stills. The only place that takes recorded pictures out.

Two passes, so that a mask reaches back to before somebody was first seen: the first looks for people and keeps boxes
and small grey copies only (``sights``), the second masks and writes. No more than one batch of frames is in memory.
"""

__all__ = ["LOOK_AROUND_US", "Renderer", "Shot", "Shown", "fresh_seed"]

import contextlib
import hashlib
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from vitrail.domain.detections import VEHICLES, Label
from vitrail.domain.errors import NotFound, Unavailable
from vitrail.domain.events import Event
from vitrail.domain.frames import Frame, Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.moments import Moment
from vitrail.domain.places import Box
from vitrail.domain.recordings import Segment
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US, Interval
from vitrail.guard.ahead import ahead
from vitrail.guard.masking import MASK_FLOOR, apply
from vitrail.guard.photo import PHOTO_FLOOR, Photo, cleared_photo, decoded, people_in
from vitrail.guard.roll import Roll
from vitrail.guard.shrinking import shrunk
from vitrail.guard.sights import MADE_BY, Seen, Sights
from vitrail.guard.watermark import mark, reveal
from vitrail.ports.archive import Archive
from vitrail.ports.detector import Detector
from vitrail.ports.film import Cut, Film
from vitrail.ports.heads import HeadFinder
from vitrail.ports.lookback import Lookback
from vitrail.ports.rehearsal import Rehearsal

CLIP_LIFE_US = DAY_US
"""A cached clip goes after a day, or with the first of its footage if that is sooner."""
_HELD_LIFE_US = HOUR_US
_LOOKING = 0.7
"""Share of the work that is detection; the rest is drawing and encoding."""
LOOK_AROUND_US = 3 * SECOND_US
"""How far outside its span a clip's first pass looks: as far as masks are filled in between two sights. The footage of
a shot reaches so far, where there is any."""
_CLIP_STEP_US = SECOND_US // 10
"""Between two looks at a film: people walk 15 cm meanwhile."""
_STILL_AROUND_US = SECOND_US
_STILL_STEP_US = SECOND_US // 4
"""The same around a still: its list is the first thing an operator sees, and eight looks beside it hide as well."""

_AHEAD = 4
"""Frames that wait between two steps of the work, which go on side by side."""
_KEY_STEP_US, _KEY_WIDTH = 2 * SECOND_US, 1280

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Shot:
    """What to render: which recording, which span of it."""

    segments: tuple[Segment, ...]
    interval: Interval

    def digest(self) -> str:
        """Changes when the footage of the span does: a cached copy of this digest is still right."""
        parts = [f"{self.interval.start_us}..{self.interval.end_us}"]
        for segment in self.segments:
            reach_us = min(segment.interval.end_us, self.interval.end_us + LOOK_AROUND_US)
            parts.append(f"{segment.id} {segment.interval.start_us} {reach_us}")
        return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:24]

    def best_before_us(self, now_us: int) -> int:
        """Footage that only a hold keeps has no time of its own left: its copies are short-lived."""
        ends = [s.erase_after_us if s.erase_after_us > now_us else now_us + _HELD_LIFE_US for s in self.segments]
        return min(ends)


@dataclass(frozen=True, slots=True)
class Shown:
    """The words that lie across a copy, and the box of the picture that two people agreed to see without masks, if
    any."""

    region: tuple[float, float, float, float] | None
    words: tuple[str, ...]
    until_us: int


class Renderer:
    """Thread-safe as far as its detector and finder of heads are."""

    def __init__(self, film: Film, detector: Detector, heads: HeadFinder, archive: Archive, lookback: Lookback) -> None:
        self._lookback = lookback
        self._film = film
        self._detector = detector
        self._heads = heads
        self._archive = archive

    def clip(self, name: str, shot: Shot, now_us: int, progress: Progress, shown: Shown | None = None) -> Path:
        """The masked clip of the shot, from the cache when its footage is unchanged. Raises ``NotFound`` when nothing
        was recorded then."""
        path = self._archive.clip_path(self._cache_id(name, shot, shown))
        if path.exists():
            progress(1.0)
            return path
        until_us = shown.until_us if shown else now_us + CLIP_LIFE_US
        seen = self._look(shot, LOOK_AROUND_US, lambda part: progress(part * _LOOKING))
        with self._appearing(path, shot, now_us, until_us) as unfinished:
            self._draw(unfinished, shot, seen, lambda part: progress(_LOOKING + part * (1 - _LOOKING)), shown)
        progress(1.0)
        return path

    def cached(self, name: str, shot: Shot, now_us: int, drawn: Callable[[Path], None]) -> Path:
        """A masked copy of another form, which ``drawn`` writes when there is none of this footage yet."""
        path = self._archive.clip_path(self._cache_id(name, shot))
        if not path.exists():
            with self._appearing(path, shot, now_us, now_us + CLIP_LIFE_US) as unfinished:
                drawn(unfinished)
        return path

    def original(self, segment: Segment, interval: Interval, path: Path) -> Cut | None:
        """Packets as they were recorded, for a bundle that two people agreed on: the only unmasked way out."""
        return self._film.cut(segment, interval, path)

    def view(self, path: Path, shot: Shot, shown: Shown, keys: bool, progress: Progress) -> int:
        """A masked copy with words across it, at ``path``; how many pictures. ``keys``: key pictures only, one in two
        seconds, no wider than 1280."""
        if keys:
            return self._key_view(path, shot, shown, progress)
        seen = self._look(shot, LOOK_AROUND_US, lambda part: progress(part * _LOOKING))
        self._draw(path, shot, seen, lambda part: progress(_LOOKING + part * (1 - _LOOKING)), shown)
        return len(seen.masks)

    def _key_view(self, path: Path, shot: Shot, shown: Shown, progress: Progress) -> int:
        """Decoded once: what is to be drawn waits, small, until all is looked through."""
        wide = Interval(shot.interval.start_us - LOOK_AROUND_US, shot.interval.end_us + LOOK_AROUND_US)
        waiting: list[Frame] = []

        def passing() -> Iterator[Frame]:
            last_us = wide.start_us - _KEY_STEP_US
            for frame in self._film.keys(shot.segments, wide):
                if frame.wall_us - last_us < _KEY_STEP_US * 3 // 4:
                    continue
                last_us = frame.wall_us
                if shot.interval.holds(frame.wall_us):
                    waiting.append(replace(frame, picture=shrunk(frame.picture, _KEY_WIDTH)))
                yield frame
                progress(min(1.0, max(0.0, (frame.wall_us - wide.start_us) / wide.length_us)))

        seen = Sights(self._detector, self._heads, shot.interval, 1).look(passing(), lambda _: None)
        if seen is None or not waiting:
            raise _nothing()
        size = (waiting[0].picture.width, waiting[0].picture.height)
        writer = self._film.write(path, *size, seen.frames_per_s)
        try:
            for frame in waiting:
                if (frame.picture.width, frame.picture.height) == size:
                    picture = mark(apply(frame.picture, seen.mask(frame), fresh_seed()), shown.words)
                    writer.add(picture, frame.wall_us - waiting[0].wall_us)
            writer.finish()
        except BaseException:
            writer.abandon()
            raise
        return len(waiting)

    def photo(self, upload: bytes) -> Photo:
        """An uploaded photograph with everybody painted over, and the things in it. Raises ``Refused`` (L21) when
        nothing but people would be left, ``Invalid`` for what is no photograph."""
        picture = decoded(upload)
        found = self._detector.detect([picture], PHOTO_FLOOR)[0]
        return cleared_photo(picture, people_in(found, self._heads.find([picture])[0]), found, self._film.still)

    def holds(self, path: Path, name: str) -> bool:
        """Whether this is a finished copy that ``clip`` made under that name."""
        made_as, *digests = path.stem.rsplit("-", 2)
        ours = made_as == name and len(digests) == 2
        return ours and path == self._archive.clip_path(path.stem) and path.is_file()

    def still(self, name: str, shot: Shot, width: int, now_us: int) -> bytes:
        """A masked JPEG of the first frame of the shot."""
        path = self._archive.clip_path(self._cache_id(f"{name}-w{width}", shot))
        if path.exists():
            return path.read_bytes()
        frame = next(self._film.frames(shot.segments, shot.interval), None)
        if frame is None:
            raise _nothing()
        moment = Shot(shot.segments, Interval(frame.wall_us, frame.wall_us + 1))
        seen = self._look(moment, _STILL_AROUND_US, lambda _: None, _STILL_STEP_US)
        picture = apply(frame.picture, seen.mask(frame), fresh_seed())
        data = self._film.still(picture, width)
        with self._appearing(path, shot, now_us, now_us + CLIP_LIFE_US) as unfinished:
            unfinished.write_bytes(data)
        return data

    def changed(self, shot: Shot, box: Box, progress: Progress) -> list[Moment]:
        """When the box changed for good during the shot, from few key frames. No picture leaves."""
        roll = Roll(self._film.keys, shot.segments, shot.interval)

        def people(picture: Picture) -> Boxes:
            return self._detector.detect([picture], MASK_FLOOR)[0].of(Label.PERSON, *VEHICLES).boxes

        return self._lookback.find(roll.look, people, roll.times_us(), box, progress)

    def rehearse(self, shot: Shot, rehearsal: Rehearsal, progress: Progress) -> list[Event]:
        """What an analytic would have told of the shot. No picture leaves."""

        def passing() -> Iterator[Frame]:
            for frame in self._film.frames(shot.segments, shot.interval):
                yield frame
                progress(min(1.0, max(0.0, (frame.wall_us - shot.interval.start_us) / shot.interval.length_us)))

        return rehearsal.run(passing(), lambda picture: self._detector.detect([picture], MASK_FLOOR)[0])

    def _cache_id(self, name: str, shot: Shot, shown: Shown | None = None) -> str:
        """The masks are part of what makes a copy: another model or margin makes another one."""
        manifest = self._detector.manifest
        made_by = f"{manifest.id} {manifest.version} {MASK_FLOOR} {MADE_BY} {shown}"
        return f"{name}-{shot.digest()}-{hashlib.sha256(made_by.encode()).hexdigest()[:8]}"

    def _look(self, shot: Shot, around_us: int, progress: Progress, step_us: int = _CLIP_STEP_US) -> Seen:
        """Look for people in the span and around it: who is seen just outside is masked just inside. Raises
        ``NotFound`` when no frame lies inside the span."""
        wide = Interval(shot.interval.start_us - around_us, shot.interval.end_us + around_us)
        sights = Sights(self._detector, self._heads, shot.interval, step_us)
        with closing(ahead(self._film.frames(shot.segments, wide), _AHEAD)) as frames:
            seen = sights.look(frames, lambda at_us: progress(min(1.0, (at_us - wide.start_us) / wide.length_us)))
        if seen is None:
            raise _nothing()
        return seen

    def _draw(
        self,
        path: Path,
        shot: Shot,
        seen: Seen,
        progress: Progress,
        shown: Shown | None,
    ) -> None:
        """Frames that the first pass did not see, or of another size (the camera changed its format), are left out:
        nothing leaves without its mask. The clip's time starts with its first frame."""
        first_us: int | None = None
        writer = self._film.write(path, seen.width, seen.height, seen.frames_per_s)
        try:
            with closing(ahead(self._drawn(shot, seen, shown), _AHEAD)) as drawn:
                for count, (wall_us, picture) in enumerate(drawn, 1):
                    first_us = wall_us if first_us is None else first_us
                    writer.add(picture, wall_us - first_us)
                    progress(min(1.0, count / len(seen.masks)))
            writer.finish()
        except BaseException:
            writer.abandon()
            raise

    def _drawn(self, shot: Shot, seen: Seen, shown: Shown | None) -> Iterator[tuple[int, Picture]]:
        """Masked pictures with their wall times."""
        with closing(ahead(self._film.frames(shot.segments, shot.interval), _AHEAD)) as frames:
            for frame in frames:
                size = (frame.picture.width, frame.picture.height)
                if size != (seen.width, seen.height) or frame.wall_us not in seen.masks:
                    continue
                picture = apply(frame.picture, seen.mask(frame), fresh_seed())
                if shown and shown.region:
                    picture = reveal(picture, frame.picture, shown.region)
                yield frame.wall_us, mark(picture, shown.words) if shown else picture

    @contextmanager
    def _appearing(self, path: Path, shot: Shot, now_us: int, until_us: int) -> Iterator[Path]:
        """Written beside, then renamed: nobody ever sees half a clip. Its file date is the moment it must go, which
        ``Archive.erase_clips`` compares with."""
        unfinished = self._archive.clip_path(f"unfinished-{secrets.token_hex(8)}")
        try:
            unfinished.parent.mkdir(parents=True, exist_ok=True)
            yield unfinished
            gone_s = min(shot.best_before_us(now_us), now_us + CLIP_LIFE_US, until_us) / SECOND_US
            os.utime(unfinished, (gone_s, gone_s))
            unfinished.replace(path)
        except OSError as error:
            raise Unavailable(
                f"the clip cannot be written ({error.strerror})", where=path.name, remedy="free some disk space"
            ) from error
        finally:
            with contextlib.suppress(OSError):
                unfinished.unlink()


def _nothing() -> NotFound:
    return NotFound("nothing was recorded at that moment", remedy="look at the recorded spans of the camera")


def fresh_seed() -> int:
    """Fresh noise for every frame: what is the same in many frames could be averaged out."""
    return secrets.randbits(63)
