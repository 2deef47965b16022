"""What is past its time goes, wholly, and the ledger says so."""

import os
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.media import FakeOpener, pictures
from tests.guard.world import World
from vitrail.adapters.sqlite import open_database
from vitrail.domain.errors import Refused, Unavailable
from vitrail.domain.events import AlertQuery, AlertState, Findings
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US, Interval
from vitrail.guard.retention import PATIENCE_US, UNJUDGED_US, Erased, alive

HOUR_S = 3600.0


def recorded(folder: Path, retention_us: int = HOUR_US, **changes: Any) -> World:
    """Twenty seconds of recording, an alert, a reading, a cached clip, all under one mandate."""
    opener = FakeOpener(pictures(200), NOW_US - 20 * SECOND_US, 10.0, 20)
    world = World(folder, mandates=[b.mandate(retention_us=retention_us)], opener=opener, **changes)
    with world.open() as opened:
        for packet in opened.source.packets():
            opened.record(packet)
        opened.accept(Findings((b.event(),), (b.reading(),)))
    clip = world.archive.clip_path("alert-1")
    clip.write_bytes(b"masked")
    os.utime(clip, ((NOW_US + retention_us) / SECOND_US,) * 2)
    return world


def left(world: World) -> tuple[int, int, int, int]:
    """Files, segment rows, alerts, clips."""
    return (
        len(list(world.archive.root.glob("*.raw"))),
        len(list(world.records.segments.every())),
        len(world.records.alerts.rows),
        len(list((world.archive.root / "clips").iterdir())),
    )


def test_before_its_time_nothing_goes(tmp_path: Path) -> None:
    world = recorded(tmp_path)
    entries = world.ledger.size
    world.clock.advance(HOUR_S - 21)  # the recording began 20 s ago
    assert world.eraser.sweep() == Erased(0, 0, 0)
    assert left(world) == (1, 1, 1, 1)
    assert world.ledger.size == entries


def test_file_row_and_cached_copy_are_gone_at_the_hour(tmp_path: Path) -> None:
    world = recorded(tmp_path)
    world.clock.advance(HOUR_S + 0.1)
    assert world.eraser.sweep() == Erased(1, 2, 1)
    assert left(world) == (0, 0, 0, 0)
    assert world.records.readings.rows == []
    assert world.eraser.sweep() == Erased(0, 0, 0)


def test_every_erasure_is_written_down_with_count_and_digest_of_the_list(tmp_path: Path) -> None:
    world = recorded(tmp_path)
    (segment,) = world.records.segments.every()
    before = world.ledger.size
    world.clock.advance(HOUR_S + 0.1)
    world.eraser.sweep()
    entries = [e for e in world.entries()[before:] if e.operation is Operation.ERASE]
    assert [(e.outcome, e.target, e.reason) for e in entries] == [
        (Outcome.OPENED, "segments", "retention"),
        (Outcome.DONE, "segments", ""),
        (Outcome.DONE, "alerts", "retention"),
        (Outcome.DONE, "readings", "retention"),
    ]
    assert entries[1].detail.startswith("1 of 1, list sha256 ")
    assert entries[1].detail.endswith(f"{segment.size_bytes} bytes")
    assert "alert-1" not in "".join(e.detail for e in entries), "a digest of the list, not the list"


def test_what_was_written_under_an_ended_mandate_goes_all_the_same(tmp_path: Path) -> None:
    world = recorded(tmp_path)
    world.gatekeeper.change([], world.profile)
    world.clock.advance(HOUR_S + 0.1)
    world.eraser.sweep()
    assert left(world) == (0, 0, 0, 0)


def test_a_file_that_will_not_go_keeps_its_row_and_is_told(tmp_path: Path) -> None:
    world = recorded(tmp_path)
    world.archive.stuck = True
    world.clock.advance(HOUR_S + 0.1)
    with pytest.raises(Unavailable) as caught:
        world.eraser.sweep()
    assert caught.value.rule == "L15"
    assert left(world)[:3] == (1, 1, 0), "the rest went"
    assert "erase failed segments" in world.said()
    world.archive.stuck = False
    assert world.eraser.sweep().files == 1
    assert left(world)[:2] == (0, 0)


def test_a_full_ledger_does_not_stop_the_erasing_and_gets_its_entries_later(tmp_path: Path) -> None:
    """A full disk stops the ledger, and erasing is what frees the disk."""
    world = recorded(tmp_path)
    world.ledger_full()
    world.clock.advance(HOUR_S + 0.1)
    with pytest.raises(Refused):
        world.eraser.sweep()
    assert left(world) == (0, 1, 1, 0), "files first; rows stay until it is written down"
    world.ledger_full(False)
    assert world.eraser.sweep() == Erased(1, 2, 0)
    assert left(world) == (0, 0, 0, 0)
    targets = [(e.outcome, e.target) for e in world.entries() if e.operation is Operation.ERASE]
    assert targets[-3:] == [(Outcome.DONE, "segments"), (Outcome.DONE, "alerts"), (Outcome.DONE, "readings")]


def test_alerts_nobody_judged_within_a_day_expire_and_are_written_down(tmp_path: Path) -> None:
    world = recorded(tmp_path, retention_us=10 * DAY_US)
    world.clock.advance(UNJUDGED_US / SECOND_US)
    assert world.eraser.sweep() == Erased(0, 0, 0)
    assert world.records.alerts.rows["alert-1"].state is AlertState.OPEN
    world.clock.advance(1)
    world.eraser.sweep()
    assert world.records.alerts.rows["alert-1"].state is AlertState.EXPIRED
    last = world.entries()[-1]
    assert (last.operation, last.outcome, last.target) == (Operation.CHANGE, Outcome.DONE, "alerts")
    assert last.detail.startswith("1, list sha256 ")


def test_a_damaged_clock_of_a_moment_erases_nothing_twice(tmp_path: Path) -> None:
    world = recorded(tmp_path)
    world.clock.advance(HOUR_S + 0.1)
    world.eraser.sweep()
    world.clock.set_back(2 * HOUR_S)
    assert world.eraser.sweep() == Erased(0, 0, 0)


def test_a_whole_sweep_is_a_sign_of_life_and_half_a_one_is_not(tmp_path: Path) -> None:
    world = recorded(tmp_path)
    assert world.heartbeat.last_us() is None
    world.eraser.sweep()
    assert world.heartbeat.last_us() == world.clock.now_us()
    world.archive.stuck = True
    world.clock.advance(HOUR_S + 0.1)
    with pytest.raises(Unavailable):
        world.eraser.sweep()
    assert not alive(world.heartbeat, world.clock.now_us())


def test_while_another_process_sweeps_this_one_does_nothing(tmp_path: Path) -> None:
    world = recorded(tmp_path)
    world.clock.advance(HOUR_S + 0.1)
    with world.heartbeat.turn() as mine:
        assert mine
        assert world.eraser.sweep() == Erased(0, 0, 0)
    assert world.eraser.sweep() == Erased(1, 2, 1)


@pytest.mark.parametrize("text", ["", "soon", "-", "1e99"])
def test_an_unreadable_sign_of_life_is_none(text: str, tmp_path: Path) -> None:
    world = World(tmp_path)
    world.eraser.sweep()
    (tmp_path / "eraser.beat").write_text(text)
    assert not alive(world.heartbeat, world.clock.now_us())


def test_a_dead_eraser_stops_what_is_collected_and_a_sweep_starts_it_again(tmp_path: Path) -> None:
    """L15: nothing is opened, and what runs stops, alert or recording."""
    world = World(tmp_path, erasing=lambda: alive(world.heartbeat, world.clock.now_us()))
    with pytest.raises(Refused) as caught:
        world.open()
    assert caught.value.rule == "L15" and world.opener.opened == []
    world.eraser.sweep()
    with world.open() as opened:
        world.clock.advance(PATIENCE_US / SECOND_US)
        opened.check()
        world.clock.advance(2.5)
        with pytest.raises(Refused):
            opened.check()
        with pytest.raises(Refused):
            opened.accept(Findings((b.event(),)))
    assert world.records.alerts.rows == {}
    world.eraser.sweep()
    world.open().close()


def test_a_sign_of_life_from_the_future_is_none(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.eraser.sweep()
    world.clock.set_back(2 * PATIENCE_US / SECOND_US)
    assert not alive(world.heartbeat, world.clock.now_us())


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(-100, 50), st.integers(1, 720)), max_size=8),
    st.lists(st.integers(-50, 800), min_size=1, max_size=4).map(sorted),
)
def test_at_every_sweep_exactly_what_is_past_its_time_is_gone(
    tmp_path: Path, rows: list[tuple[int, int]], sweeps: list[int]
) -> None:
    """Over SQLite, with rows and files of any age and any retention."""
    folder = Path(mkdtemp(dir=tmp_path))
    with open_database(folder / "state") as records:
        world = World(folder, records=records)
        until: dict[str, int] = {}
        for i, (end_h, retention_h) in enumerate(rows):
            span = Interval(NOW_US + (end_h - 1) * HOUR_US, NOW_US + end_h * HOUR_US)
            permit = b.permit(retention_us=retention_h * HOUR_US)
            until[f"r{i}"] = span.end_us + retention_h * HOUR_US
            records.alerts.add(permit, b.alert(id=f"r{i}", interval=span, evidence=span))
            segment = b.segment(id=f"r{i}", path=f"r{i}.raw", interval=span, erase_after_us=until[f"r{i}"])
            records.segments.put(permit, segment)
            world.archive.path(segment).write_bytes(b"pictures")
        for hour in sweeps:
            world.clock.advance((NOW_US + hour * HOUR_US - world.clock.now_us()) / SECOND_US)
            now_us = world.clock.now_us()
            world.eraser.sweep()
            alive = {name for name, until_us in until.items() if until_us > now_us}
            assert {s.id for s in records.segments.every()} == alive
            assert {p.stem for p in world.archive.root.glob("*.raw")} == alive
            assert records.alerts.erase(now_us) == []
            seen = b.grant(now_us=now_us)
            shown = {a.id for a in records.alerts.find(seen, AlertQuery(limit=200))}
            assert shown <= alive
        assert world.ledger.verify().problems == ()
