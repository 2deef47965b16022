"""An archive is brought in once, for as long as it may be kept, and never over what the camera recorded."""

import threading
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.media import FakeOpener, pictures
from tests.guard.world import World
from vitrail.domain.errors import Invalid, Refused
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US, Interval
from vitrail.services.keeping import Kept, keep

_START_US = NOW_US - HOUR_US
_PACKETS = 120
_STEP_US = SECOND_US // 10


class Hall(World):
    """One camera that is recorded, and twelve seconds of it on a disk, filmed an hour ago."""

    def __init__(self, folder: Path, start_us: int = _START_US, **mandate: object) -> None:
        site = b.site(cameras=(b.camera(streams=(b.stream(id="gate-main", roles=frozenset({"record"})),)),))
        opener = FakeOpener(pictures(_PACKETS), start_us, 10.0, 10)
        super().__init__(folder, site, [b.mandate(**({"retention_us": DAY_US} | mandate))], opener=opener)
        self.span = Interval(start_us, start_us + _PACKETS * _STEP_US)

    def bring(self, stop: threading.Event | None = None) -> Kept:
        return keep(self.intake, self.camera, self.stream, self.span, stop or threading.Event())

    def recorded(self) -> list[Interval]:
        rows = self.records.segments.rows.values()
        return sorted((row.interval for row in rows), key=lambda interval: interval.start_us)


def test_what_is_kept_lies_where_it_was_filmed_and_goes_when_the_mandate_says(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    assert hall.bring() == Kept(_PACKETS)
    (segment,) = hall.records.segments.rows.values()
    assert (segment.camera_id, segment.stream_id, segment.sealed) == ("gate", "gate-main", True)
    assert segment.interval.start_us == _START_US
    assert segment.erase_after_us == _START_US + DAY_US
    assert "collect done stream:gate-main" in hall.said()


def test_the_same_archive_is_kept_once(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    hall.bring()
    before = hall.recorded()
    assert hall.bring() == Kept(0, _PACKETS)
    assert hall.recorded() == before


def test_interrupted_it_goes_on_between_two_groups_of_pictures(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    stop = threading.Event()
    hall.opener.shown = pictures(_PACKETS)[:47]
    hall.bring(stop)  # as much as had come when the process died
    hall.opener.shown = pictures(_PACKETS)
    again = hall.bring(stop)
    assert again.left == 47
    first, second = hall.recorded()
    assert second.start_us == _START_US + 50 * _STEP_US
    assert first.end_us <= second.start_us


def test_what_the_camera_recorded_is_never_recorded_over(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    hall.bring()
    (segment,) = hall.records.segments.rows.values()
    live = Interval(_START_US + 4 * SECOND_US, _START_US + 6 * SECOND_US)
    hall.records.segments.rows = {segment.id: replace(segment, interval=live)}
    assert hall.bring() == Kept(_PACKETS - 20, 20)
    spans = hall.recorded()
    assert len(spans) == 3
    assert all(one.end_us <= other.start_us for one, other in pairwise(spans))


def test_only_what_is_not_due_for_erasure_is_kept(tmp_path: Path) -> None:
    hall = Hall(tmp_path, NOW_US - DAY_US - 6 * SECOND_US)
    assert hall.bring() == Kept(60, 60)
    assert hall.recorded()[0].start_us >= NOW_US - DAY_US


def test_what_is_too_old_is_not_kept_and_why_is_said(tmp_path: Path) -> None:
    hall = Hall(tmp_path, NOW_US - 2 * DAY_US)
    with pytest.raises(Invalid, match="keeps recordings for 24 hours"):
        hall.bring()
    assert hall.recorded() == []


def test_without_leave_to_record_nothing_is_opened(tmp_path: Path) -> None:
    hall = Hall(tmp_path, recording=frozenset())
    with pytest.raises(Refused, match="be recorded"):
        hall.bring()
    assert hall.opener.opened == []


def test_told_to_stop_it_ends_before_the_next_group_of_pictures(tmp_path: Path) -> None:
    hall = Hall(tmp_path)
    stop = threading.Event()
    stop.set()
    assert hall.bring(stop) == Kept()
    assert hall.recorded() == []
