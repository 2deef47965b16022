"""Recordings analysed: several at once, on from an interruption, and bad ones keep nobody from the others."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tests.builders import NOW_US
from tests.fakes.media import person
from tests.services.test_watch import House
from vitrail.adapters.progressbook import FileProgressBook
from vitrail.domain.errors import Invalid, Refused, Unavailable
from vitrail.domain.events import Event
from vitrail.domain.frames import Picture
from vitrail.domain.progress import Progress, under_way
from vitrail.domain.time import SECOND_US, Interval
from vitrail.services.analyse import Analysed, Analysis, Archive, Recording
from vitrail.services.keeping import Kept

_LONG_US = 12 * SECOND_US


class Shelf:
    """Recordings of twelve seconds in which somebody walks; opening one called ``bad`` fails."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        self.book = FileProgressBook(folder / "analyses")
        self.archive = Archive(self._open, self.book, self.house.world.clock, camera_id="gate")
        self.opened: list[str] = []
        self.stop = threading.Event()
        self.stop_at: int | None = None
        self.told: dict[str, int] = {}

    def run(self, *names: str, again: bool = False) -> dict[str, Analysed]:
        recordings = [Recording(Path(name), name, _LONG_US, NOW_US) for name in names]
        found = self.archive.analyse(recordings, self._tell, self.stop, again, many=1)
        return {recording.key: analysed for recording, analysed in found}

    def alerts(self) -> int:
        return len(self.house.world.records.alerts.rows)

    @contextmanager
    def _open(self, path: Path) -> Iterator[Analysis]:
        self.opened.append(path.name)
        if path.name in ("bad", "refused"):
            raise {"bad": Invalid("bad is no video"), "refused": Refused("no mandate", rule="L01")}[path.name]
        house = self.house
        self.house.world.opener.shown = [person(n % 60 / 60) for n in range(120)]
        yield Analysis(house.watch, house.world.site.cameras[0], house.detect, house.world.clock, _LONG_US)

    def _tell(self, recording: Recording, media_us: int) -> None:
        self.told[recording.key] = media_us
        if self.stop_at is not None and media_us >= self.stop_at:
            self.stop.set()


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path)


def test_when_all_are_through_nothing_is_remembered(shelf: Shelf, tmp_path: Path) -> None:
    found = shelf.run("a", "b")
    assert [one.before for one in found.values()] == [False, False]
    assert shelf.alerts() == 2
    assert list((tmp_path / "analyses").iterdir()) == []
    assert shelf.told == {"a": _LONG_US - SECOND_US // 10, "b": _LONG_US - SECOND_US // 10}


def test_an_interrupted_analysis_goes_on_and_writes_no_alert_twice(shelf: Shelf) -> None:
    shelf.run("a")
    whole = shelf.alerts()
    shelf.house.world.records.alerts.rows.clear()
    shelf.stop_at = 9 * SECOND_US
    shelf.run("b", "c")
    assert shelf.alerts() == 1
    progress = shelf.book.get("b")
    assert progress is not None
    assert (progress.camera_id, progress.length_us) == ("gate", _LONG_US)
    assert len(progress.alerts) == 1
    assert NOW_US < progress.told_us < NOW_US + 9 * SECOND_US
    shelf.stop.clear()
    shelf.stop_at = None
    shelf.run("b", "c")
    assert shelf.alerts() == 2 * whole
    assert shelf.book.get("b") is None


def test_what_was_through_before_the_interruption_is_not_analysed_again_unless_asked(shelf: Shelf) -> None:
    shelf.book.put("a", Progress(NOW_US, done=True))
    found = shelf.run("a", "b")
    assert shelf.opened == ["b"]
    assert found["a"].before
    shelf.book.put("a", Progress(NOW_US, done=True))
    shelf.run("a", again=True)
    assert shelf.opened == ["b", "a"]


def test_a_bad_recording_is_told_and_the_others_are_analysed(shelf: Shelf) -> None:
    found = shelf.run("bad", "a")
    assert isinstance(found["bad"].error, Invalid)
    assert shelf.alerts() == 1


def test_without_a_mandate_nothing_more_is_opened(shelf: Shelf) -> None:
    with pytest.raises(Refused):
        shelf.run("refused", "a")
    assert shelf.opened == ["refused"]


def test_progress_that_cannot_be_read_means_from_the_beginning(tmp_path: Path) -> None:
    book = FileProgressBook(tmp_path)
    book.put("a", Progress(NOW_US, 5, 6, ("x",)))
    assert book.get("a") == Progress(NOW_US, 5, 6, ("x",))
    (tmp_path / "a.json").write_text('{"start_us": 1, "nonsense": 2}', encoding="utf-8")
    assert book.get("a") is None


def test_progress_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Unavailable, match="how far"):
        FileProgressBook(tmp_path / "file").put("a", Progress(NOW_US))


def test_what_is_under_way_is_told_by_recording_and_ends_with_it(tmp_path: Path) -> None:
    book = FileProgressBook(tmp_path)
    first = Progress(NOW_US, told_us=NOW_US + 30 * SECOND_US, camera_id="gate", length_us=200 * SECOND_US)
    second = replace(first, told_us=NOW_US + 120 * SECOND_US, begun_us=100 * SECOND_US)
    book.put("a-1of2", first)
    book.put("a-2of2", second)
    book.put("b", replace(first, start_us=NOW_US - 1, camera_id="yard", done=True))
    book.put("old", Progress(NOW_US, 5, 6))  # as an earlier version wrote it
    rows = book.every()
    written_us = max(at_us for _, at_us in rows)
    (one,) = under_way(rows, written_us)
    assert (one.camera_id, one.interval) == ("gate", Interval(NOW_US, NOW_US + 200 * SECOND_US))
    assert (one.share, one.stopped) == (pytest.approx(0.25), False)
    (late,) = under_way(rows, written_us + 61 * SECOND_US)
    assert late.stopped
    book.put("a-1of2", replace(first, told_us=NOW_US + 100 * SECOND_US, done=True))
    book.put("a-2of2", replace(second, told_us=NOW_US + 199 * SECOND_US))
    assert under_way(book.every(), written_us) == []


_VISITS_S = ((3, 9), (14, 20), (27, 33), (45, 51))


def _visits(second: float) -> Picture:
    there = next(((second - a) / (b - a) for a, b in _VISITS_S if a <= second < b), None)
    return person(there)


def test_a_long_recording_is_cut_into_pieces_and_tells_what_it_tells_whole(tmp_path: Path) -> None:
    shown = [_visits(n / 10) for n in range(600)]
    whole, pieces = _Long(tmp_path / "whole", shown), _Long(tmp_path / "pieces", shown)
    (expected,), (found,) = whole.run(1), pieces.run(2)
    assert (len(whole.opened), len(pieces.opened)) == (1, 2)
    assert len(expected.events) == 2 * len(_VISITS_S)
    assert _told(found.events) == _told(expected.events)
    assert pieces.alerts() == whole.alerts()
    assert len(whole.alerts()) == len(_VISITS_S)
    assert whole.reached_us == [60 * SECOND_US - SECOND_US // 10]


class _Long(Shelf):
    """One recording of a minute; half a minute is long enough for a piece."""

    def __init__(self, folder: Path, shown: list[Picture]) -> None:
        folder.mkdir()
        super().__init__(folder)
        self.archive = Archive(self._minute, self.book, self.house.world.clock, 30 * SECOND_US)
        self._shown = shown

    def run(self, many: int) -> list[Analysed]:  # type: ignore[override]
        recording = Recording(Path("long"), "long", 60 * SECOND_US, NOW_US)
        self.reached_us = [0]
        found = self.archive.analyse([recording], self._reached, self.stop, many=many)
        return [analysed for _, analysed in found]

    def alerts(self) -> list[int]:  # type: ignore[override]
        return sorted(alert.interval.start_us for alert in self.house.world.records.alerts.rows.values())

    @contextmanager
    def _minute(self, path: Path) -> Iterator[Analysis]:
        house = self.house
        self.opened.append(path.name)
        house.world.opener.shown = self._shown
        yield Analysis(house.watch, house.world.site.cameras[0], house.detect, house.world.clock, 60 * SECOND_US)

    def _reached(self, _: Recording, media_us: int) -> None:
        self.reached_us = [max(*self.reached_us, media_us)]


def _told(events: tuple[Event, ...]) -> list[tuple[int, str]]:
    return [(event.interval.start_us, event.phase.value) for event in events]


def test_a_recording_that_is_to_be_kept_is_brought_in_once_before_it_is_looked_at(shelf: Shelf) -> None:
    brought: list[tuple[str, Interval, int]] = []

    def keep(path: Path, span: Interval, stop: threading.Event) -> Kept:
        brought.append((path.name, span, len(shelf.opened)))
        if path.name == "b":
            raise Invalid("filmed too long ago")
        return Kept(7)

    shelf.archive = replace(shelf.archive, keep=keep)
    found = shelf.run("a", "b")
    span = Interval(NOW_US, NOW_US + _LONG_US)
    assert brought == [("a", span, 0), ("b", span, 1)]
    assert found["a"].kept == Kept(7)
    assert found["b"].kept == Kept(problem="filmed too long ago")  # and analysed all the same
    assert found["b"].events
