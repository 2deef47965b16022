"""Masked copies: no frame leaves without its mask, whatever the detector missed and whatever the disk does."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.media import BRIGHT, FakeArchive, FakeFilm, FakeHeads, WholeDetector, person
from vitrail.domain.errors import NotFound, Unavailable
from vitrail.domain.frames import Frame, Packet, Picture
from vitrail.domain.recordings import Segment
from vitrail.domain.streams import StreamFacts
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US, Interval
from vitrail.guard.render import CLIP_LIFE_US, Renderer, Shot
from vitrail.pipeline.lookback import PlaceLookback

STEP_US = SECOND_US // 10
HERE, AWAY = person(0.5), person(None)


class Room:
    """A renderer over fakes, and a recording of ten frames a second that starts at NOW."""

    def __init__(self, folder: Path) -> None:
        self.archive = FakeArchive(folder)
        self.film = FakeFilm(self.archive)
        self.progress: list[float] = []

    def record(self, shown: Sequence[Picture], start_us: int = NOW_US, retention_us: int = 72 * HOUR_US) -> Segment:
        permit = b.permit(retention_us=retention_us)
        packets = [
            Packet("gate-main", i * STEP_US, start_us + i * STEP_US, STEP_US, 1, i == 0, 0, picture)
            for i, picture in enumerate(shown)
        ]
        facts = StreamFacts("raw", shown[0].width, shown[0].height, 10.0, live=True)
        source: Any = None  # the fake archive copies packets and asks no source
        writer = self.archive.begin(permit, source, facts, (), packets[0])
        for packet in packets:
            writer.write(packet)
        return writer.seal()

    def renderer(self, detector: WholeDetector, film: Any = None) -> Renderer:
        return Renderer(film or self.film, detector, FakeHeads(), self.archive, PlaceLookback())

    def clip(self, shot: Shot, detector: WholeDetector, name: str = "alert-1", film: Any = None) -> Path:
        renderer = self.renderer(detector, film)
        return renderer.clip(name, shot, NOW_US, self.progress.append)

    def shown(self, path: Path) -> list[Frame]:
        return self.film.playback(path)

    def clips(self) -> list[str]:
        return sorted(path.name for path in (self.archive.root / "clips").iterdir())


@pytest.fixture
def room(tmp_path: Path) -> Room:
    return Room(tmp_path / "archive")


def bright(picture: Picture) -> int:
    return int((picture.y >= BRIGHT).sum())


def span(start_s: float, end_s: float) -> Interval:
    return Interval(NOW_US + round(start_s * SECOND_US), NOW_US + round(end_s * SECOND_US))


def blind_but(*seen: int) -> WholeDetector:
    """Sees on the frames of these running numbers only."""
    return WholeDetector(frozenset(range(1000)) - set(seen))


def test_every_frame_of_the_span_comes_out_and_every_one_is_masked(room: Room) -> None:
    segment = room.record([HERE] * 30)
    out = room.shown(room.clip(Shot((segment,), span(0, 3)), WholeDetector()))
    assert [frame.media_us for frame in out] == [i * STEP_US for i in range(30)]
    assert {bright(frame.picture) for frame in out} == {0}
    assert all(not np.array_equal(frame.picture.y, AWAY.y) for frame in out)  # hidden, not taken out


def test_the_control_a_detector_that_sees_nobody_hides_nobody(room: Room) -> None:
    segment = room.record([HERE] * 3)
    out = room.shown(room.clip(Shot((segment,), span(0, 1)), blind_but()))
    assert [bright(frame.picture) for frame in out] == [bright(HERE)] * 3


def test_one_sight_hides_the_second_before_and_the_second_after(room: Room) -> None:
    segment = room.record([HERE] * 40)
    out = room.shown(room.clip(Shot((segment,), span(0, 4)), blind_but(20)))
    naked = [i for i, frame in enumerate(out) if bright(frame.picture)]
    assert naked == [*range(10), *range(31, 40)]


def test_two_sights_hide_everything_between_them(room: Room) -> None:
    segment = room.record([HERE] * 40)
    out = room.shown(room.clip(Shot((segment,), span(0.5, 3.9)), blind_but(5, 34)))
    assert {bright(frame.picture) for frame in out} == {0}


def test_somebody_first_seen_just_after_the_end_is_hidden_before_it(room: Room) -> None:
    segment = room.record([HERE] * 40)
    out = room.shown(room.clip(Shot((segment,), span(1, 2)), blind_but(22)))  # 0.3 s after the last frame
    assert [bright(frame.picture) > 0 for frame in out] == [True] * 2 + [False] * 8


def test_somebody_last_seen_before_the_start_in_an_earlier_segment_is_hidden_after_it(room: Room) -> None:
    early, late = room.record([HERE] * 10), room.record([HERE] * 10, NOW_US + SECOND_US)
    out = room.shown(room.clip(Shot((early, late), span(1, 2)), blind_but(9)))
    assert [bright(frame.picture) > 0 for frame in out] == [False] * 10


def test_frames_of_another_size_are_left_out(room: Room) -> None:
    small, wide = person(0.5), person(0.5, 128, 96)
    segment = room.record([wide, wide, *[small] * 6, wide])
    out = room.shown(room.clip(Shot((segment,), span(0, 1)), WholeDetector()))
    assert [(frame.picture.width, frame.media_us) for frame in out] == [(64, i * STEP_US) for i in range(6)]


class LateFilm:
    """More frames appear between the first pass and the second: the recording goes on."""

    def __init__(self, room: Room, shown: Sequence[Picture]) -> None:
        self._room = room
        self._extra = shown
        self._passes = 0

    def frames(self, segments: Sequence[Segment], interval: Interval) -> Iterator[Frame]:
        self._passes += 1
        yield from self._room.film.frames(segments, interval)
        if self._passes > 1:
            for i, picture in enumerate(self._extra):
                at_us = interval.end_us - 1 - i
                yield Frame("gate-main", at_us, at_us, False, 0, picture)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._room.film, name)


def test_a_frame_that_the_first_pass_did_not_see_does_not_leave(room: Room) -> None:
    segment = room.record([HERE] * 5)
    out = room.shown(room.clip(Shot((segment,), span(0, 3)), WholeDetector(), film=LateFilm(room, [HERE] * 3)))
    assert len(out) == 5
    assert {bright(frame.picture) for frame in out} == {0}


def test_a_span_without_a_frame_makes_no_clip(room: Room) -> None:
    segment = room.record([HERE] * 5)
    with pytest.raises(NotFound):
        room.clip(Shot((segment,), span(60, 61)), WholeDetector())
    assert room.clips() == []


def test_the_same_clip_is_made_once(room: Room) -> None:
    shot, detector = Shot((room.record([HERE] * 5),), span(0, 1)), WholeDetector()
    first = room.clip(shot, detector)
    looked, data = detector.looked, first.read_bytes()
    again = room.clip(shot, detector)
    assert (again, detector.looked, room.film.written) == (first, looked, 1)
    assert again.read_bytes() == data
    assert room.progress[-1] == 1.0


@pytest.mark.parametrize("more_us", [STEP_US, 2 * SECOND_US])
def test_a_clip_whose_footage_grew_is_made_anew(room: Room, more_us: int) -> None:
    """Also when it grew just beyond the end: somebody seen there is masked here."""
    segment = room.record([HERE] * 5)
    grown = replace(segment, interval=Interval(segment.interval.start_us, segment.interval.end_us + more_us))
    first = room.clip(Shot((segment,), span(0, 0.5)), WholeDetector())
    second = room.clip(Shot((grown,), span(0, 0.5)), WholeDetector())
    assert first != second
    assert room.film.written == 2


def test_a_clip_whose_footage_grew_far_behind_its_end_stays(room: Room) -> None:
    segment = room.record([HERE] * 5)
    longer = [
        replace(segment, interval=Interval(segment.interval.start_us, NOW_US + many * SECOND_US)) for many in (10, 60)
    ]
    paths = {room.clip(Shot((grown,), span(0, 0.5)), WholeDetector()) for grown in longer}
    assert len(paths) == 1
    assert room.film.written == 1


class OtherModel(WholeDetector):
    @property
    def manifest(self) -> Any:
        return replace(super().manifest, version="2.0.0")


def test_another_model_makes_another_copy(room: Room) -> None:
    shot = Shot((room.record([HERE] * 5),), span(0, 1))
    assert room.clip(shot, WholeDetector()) != room.clip(shot, OtherModel())


@pytest.mark.parametrize(("retention_us", "gone_us"), [(3 * HOUR_US, 3 * HOUR_US), (29 * DAY_US, CLIP_LIFE_US)])
def test_a_clip_goes_with_its_footage_and_after_a_day_at_the_latest(
    room: Room, retention_us: int, gone_us: int
) -> None:
    segment = room.record([HERE], NOW_US - STEP_US, retention_us)
    kept = room.record([HERE], NOW_US - STEP_US, 30 * DAY_US)
    room.clip(Shot((kept, segment), Interval(NOW_US - STEP_US, NOW_US)), WholeDetector())
    assert room.archive.erase_clips(NOW_US + gone_us - SECOND_US) == 0
    assert room.archive.erase_clips(NOW_US + gone_us + SECOND_US) == 1
    assert room.clips() == []


class FailingWriter:
    def __init__(self, inner: Any, error: BaseException, at: str) -> None:
        self._inner = inner
        self._error = error
        self._at = at
        self.abandoned = False

    def add(self, picture: Picture, media_us: int) -> None:
        if self._at == "add" and media_us > 0:
            raise self._error
        self._inner.add(picture, media_us)

    def finish(self) -> None:
        if self._at == "finish":
            raise self._error
        self._inner.finish()

    def abandon(self) -> None:
        self.abandoned = True
        self._inner.abandon()


class FailingFilm(FakeFilm):
    def __init__(self, archive: FakeArchive, error: BaseException, at: str) -> None:
        super().__init__(archive)
        self._error = error
        self._at = at
        self.writers: list[FailingWriter] = []

    def write(self, path: Path, width: int, height: int, frames_per_s: float) -> Any:
        if self._at == "write":
            raise self._error
        self.writers.append(FailingWriter(super().write(path, width, height, frames_per_s), self._error, self._at))
        return self.writers[-1]


@pytest.mark.parametrize("at", ["write", "add", "finish"])
@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(28, "No space left on device"), Unavailable),
        (Unavailable("the encoder died"), Unavailable),
        (RuntimeError("a fault"), RuntimeError),
        (KeyboardInterrupt(), KeyboardInterrupt),
    ],
)
def test_whatever_fails_while_drawing_leaves_nothing_behind(
    room: Room, at: str, error: BaseException, told: type[BaseException]
) -> None:
    film = FailingFilm(room.archive, error, at)
    shot = Shot((room.record([HERE] * 5),), span(0, 1))
    with pytest.raises(told):
        room.clip(shot, WholeDetector(), film=film)
    assert room.clips() == []
    assert all(writer.abandoned for writer in film.writers)
    assert room.shown(room.clip(shot, WholeDetector()))  # and nothing is in the way of the next try


def test_while_a_clip_is_drawn_it_is_not_to_be_had(room: Room) -> None:
    shot = Shot((room.record([HERE] * 5),), span(0, 1))
    renderer = room.renderer(WholeDetector())
    seen: list[tuple[str, bool]] = []

    def look(part: float) -> None:
        if part < 1.0:
            folder = room.archive.root / "clips"
            seen.extend((path.name.split("-")[0], path.stem.startswith("alert")) for path in folder.iterdir())

    made = renderer.clip("alert-1", shot, NOW_US, look)
    assert seen
    assert set(seen) == {("unfinished", False)}
    assert renderer.holds(made, "alert-1")
    assert not renderer.holds(made, "alert")
    assert not renderer.holds(made.with_name("alert-1-other-copy.mp4"), "alert-1")
    assert not renderer.holds(room.archive.root / "gate-main-001.raw", "gate")


@pytest.mark.parametrize("batch", [1, 4, 16])
def test_no_more_than_a_batch_is_looked_at_at_once(room: Room, batch: int) -> None:
    detector = WholeDetector(batch=batch)
    segment = room.record([HERE] * 50)
    room.clip(Shot((segment,), span(0, 5)), detector)
    assert (detector.largest, detector.looked) == (batch, 50)


class HeldFilm(FakeFilm):
    """Counts the frames it gave that nobody has let go of yet."""

    most = 0

    def __init__(self, archive: FakeArchive, looked: Callable[[], int]) -> None:
        super().__init__(archive)
        self._looked = looked

    def frames(self, segments: Sequence[Segment], interval: Interval) -> Iterator[Frame]:
        before = self._looked()
        for given, frame in enumerate(super().frames(segments, interval), 1):
            self.most = max(self.most, given - (self._looked() - before))
            yield frame


def test_frames_are_asked_for_only_as_fast_as_they_are_looked_at(room: Room) -> None:
    detector = WholeDetector(batch=4)
    film = HeldFilm(room.archive, lambda: detector.looked)
    renderer = room.renderer(detector, film)
    shot = Shot((room.record([HERE] * 50),), span(0, 5))
    renderer._look(shot, 0, lambda _: None)
    assert film.most <= 4 + 4 + 1  # a batch, what waits for the next one, and what is being decoded


def test_progress_only_grows_and_ends_at_one(room: Room) -> None:
    room.clip(Shot((room.record([HERE] * 30),), span(0, 3)), WholeDetector())
    assert room.progress == sorted(room.progress)
    assert (room.progress[0] >= 0.0, room.progress[-1]) == (True, 1.0)


def test_a_still_is_masked_by_what_is_seen_around_it(room: Room) -> None:
    segment = room.record([HERE] * 30)
    shot = Shot((segment,), span(1, 2))
    data = Renderer(room.film, blind_but(6), FakeHeads(), room.archive, PlaceLookback()).still(
        "still-1", shot, 320, NOW_US
    )
    assert np.frombuffer(data.split(b"\n", 1)[1], np.uint8).max() < BRIGHT
    naked = Renderer(room.film, blind_but(), FakeHeads(), room.archive, PlaceLookback()).still(
        "still-2", shot, 320, NOW_US
    )
    assert np.frombuffer(naked.split(b"\n", 1)[1], np.uint8).max() >= BRIGHT


def test_a_still_is_made_once_for_each_width(room: Room) -> None:
    shot, detector = Shot((room.record([HERE] * 30),), span(1, 2)), WholeDetector()
    renderer = room.renderer(detector)
    first = renderer.still("still-1", shot, 320, NOW_US)
    looked = detector.looked
    assert renderer.still("still-1", shot, 320, NOW_US) == first
    assert detector.looked == looked
    assert b'"width": 640' in renderer.still("still-1", shot, 640, NOW_US)
    assert detector.looked > looked
    with pytest.raises(NotFound):
        renderer.still("still-1", Shot(shot.segments, span(60, 61)), 320, NOW_US)


def test_a_still_that_cannot_be_kept_is_not_half_kept(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    shot = Shot((room.record([HERE] * 30),), span(1, 2))

    def full(path: Path, data: bytes) -> int:
        with path.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Unavailable):
        Renderer(room.film, WholeDetector(), FakeHeads(), room.archive, PlaceLookback()).still(
            "still-1", shot, 320, NOW_US
        )
    assert room.clips() == []
