"""Recordings analysed: several at once, on from an interruption, and bad ones keep nobody from the others."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.builders import NOW_US
from tests.fakes.media import person
from tests.services.test_watch import House
from vitrail.adapters.progressbook import FileProgressBook
from vitrail.domain.errors import Invalid, Refused, Unavailable
from vitrail.domain.progress import Progress
from vitrail.domain.time import SECOND_US
from vitrail.services.analyse import Analysed, Analysis, Archive, Recording

_LONG_US = 12 * SECOND_US


class Shelf:
    """Recordings of twelve seconds in which somebody walks; opening one called ``bad`` fails."""

    def __init__(self, folder: Path) -> None:
        self.house = House(folder)
        self.book = FileProgressBook(folder / "analyses")
        self.archive = Archive(self._open, self.book, self.house.world.clock)
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
