"""The way in: permit, ledger, source, in this order; what the permit does not cover is left out."""

from dataclasses import replace
from pathlib import Path

import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.media import FakeOpener, pictures
from tests.guard.world import World
from vitrail.domain.errors import Invalid, Refused, Unavailable
from vitrail.domain.events import AlertQuery, AlertState, Findings, Phase, Place
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import Mode
from vitrail.domain.progress import Progress
from vitrail.domain.streams import DwellingMasks
from vitrail.domain.time import DAY_US, MINUTE_US, SECOND_US, Interval


def found(*events: object, readings: tuple[object, ...] = ()) -> Findings:
    return Findings(tuple(events), readings)  # type: ignore[arg-type]


def test_without_a_mandate_the_source_is_opened_zero_times(tmp_path: Path) -> None:
    world = World(tmp_path, mandates=[])
    with pytest.raises(Refused) as caught:
        world.open()
    assert caught.value.rule == "L01"
    assert world.opener.opened == []
    assert world.said() == ["rule refused stream:gate-main"]


def test_a_stream_is_opened_after_permit_and_entry_and_concluded_at_the_end(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as opened:
        assert opened.source.facts.width == 64
        assert opened.permit.mandate_id == "try-out"
    assert world.said() == [
        "rule done stream:gate-main",
        "collect opened stream:gate-main",
        "collect done stream:gate-main",
    ]
    assert world.opener.sources[0].closed
    assert [e.mandate_id for e in world.entries()] == ["try-out"] * 3


def test_a_ledger_that_cannot_be_written_opens_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.ledger_full()
    with pytest.raises(Refused) as caught:
        world.open()
    assert caught.value.rule == "L13"
    assert world.opener.opened == []


def test_a_ledger_that_fails_after_the_permit_opens_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.gatekeeper.permit("gate", "gate-main")
    world.ledger_full()
    with pytest.raises(Refused):
        world.open()
    assert world.opener.opened == []


def test_a_source_that_fails_is_concluded_as_failed_and_raised(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.opener.fails = Unavailable("the camera does not answer")
    with pytest.raises(Unavailable):
        world.open()
    assert world.said()[-1] == "collect failed stream:gate-main"
    assert world.entries()[-1].detail == "unavailable: the camera does not answer"


def test_a_stream_that_breaks_later_is_concluded_as_failed(tmp_path: Path) -> None:
    world = World(tmp_path)
    with pytest.raises(Unavailable), world.open():
        raise Unavailable("the camera went away")
    assert world.said()[-1] == "collect failed stream:gate-main"
    assert "the camera went away" in world.entries()[-1].detail


def test_dwelling_masks_reach_the_source(tmp_path: Path) -> None:
    window = b.square(0.0, 0.0, 0.5, 0.5)
    masks = DwellingMasks("A. Officer", "2026-11-01", (window,))
    world = World(tmp_path, site=b.site(cameras=(b.camera(dwellings=masks),)))
    with world.open() as opened:
        frame = opened.source.decode(next(opened.source.packets()))[0]
    assert world.opener.opened[0][1] == (window,)
    assert (frame.picture.y[:24, :32] == 16).all()


def test_a_camera_that_is_not_as_declared_is_refused(tmp_path: Path) -> None:
    """Otherwise a caller could bring one without its masks."""
    masks = DwellingMasks("A. Officer", "2026-11-01", (b.square(),))
    world = World(tmp_path, site=b.site(cameras=(b.camera(dwellings=masks),)))
    bare = replace(world.camera, dwellings=replace(masks, polygons=()))
    with pytest.raises(Refused) as caught:
        world.intake.open(bare, world.stream)
    assert caught.value.rule == "L02"
    with pytest.raises(Refused):
        world.intake.open(world.camera, replace(world.stream, address="rtsp://somewhere.else"))
    with pytest.raises(Refused):
        world.intake.open(b.camera(id="undeclared"), world.stream)
    assert world.opener.opened == []


def test_one_second_after_its_end_a_mandate_permits_nothing_more(tmp_path: Path) -> None:
    ending = b.mandate(valid=Interval(NOW_US - DAY_US, NOW_US + 3 * SECOND_US))
    world = World(tmp_path, mandates=[ending])
    with world.open() as opened:
        packets = opened.source.packets()
        assert opened.record(next(packets))
        world.clock.advance(2.9)
        assert opened.record(next(packets))
        world.clock.advance(1.1)
        for attempt in (opened.check, lambda: opened.permit, lambda: opened.record(next(packets))):
            with pytest.raises(Refused) as caught:
                attempt()
            assert caught.value.rule == "L07"
        with pytest.raises(Refused):
            opened.accept(found(b.event()))
        assert not opened.recording
    assert world.records.segments.unsealed() == []
    assert world.records.alerts.rows == {}
    assert world.said()[-2:] == ["rule refused stream:gate-main", "collect done stream:gate-main"]


def test_ending_a_mandate_by_hand_stops_the_stream_within_two_seconds(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as opened:
        world.gatekeeper.change([], world.profile)
        opened.check()
        world.clock.advance(2)
        with pytest.raises(Refused) as caught:
            opened.check()
    assert caught.value.rule == "L01"


def test_what_ended_a_stream_is_written_down(tmp_path: Path) -> None:
    world = World(tmp_path)
    opened = world.open()
    world.gatekeeper.change([], world.profile)
    world.clock.advance(2)
    with pytest.raises(Refused), opened:
        opened.check()
    last = world.entries()[-1]
    assert (last.outcome, last.rule) == (Outcome.DONE, "L01")


def test_renewals_are_not_written_down_changes_are(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as opened:
        for _ in range(10):
            world.clock.advance(2)
            opened.check()
        before = world.ledger.size
        world.gatekeeper.change([b.mandate(id="second")], world.profile)
        world.clock.advance(2)
        assert opened.permit.mandate_id == "second"
    assert before == 2
    assert world.said()[2] == "rule done stream:gate-main"


def test_a_clock_set_back_gives_no_longer_permit(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as opened:
        first = opened.permit
        world.clock.set_back(3600)
        assert opened.permit.valid == Interval(NOW_US - 3600 * SECOND_US, NOW_US - 3598 * SECOND_US)
        assert opened.permit != first


def test_an_opened_event_becomes_an_alert_written_down_first(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as opened:
        (alert,) = opened.accept(found(b.event()))
    assert (alert.id, alert.mandate_id, alert.state, alert.ongoing) == ("alert-1", "try-out", AlertState.OPEN, True)
    assert alert.measures == b.event().measures
    assert world.records.alerts.get(b.grant(), "alert-1") == replace(alert, ongoing=False)
    entry = world.entries()[2]
    assert (entry.operation, entry.outcome, entry.target) == (Operation.COLLECT, Outcome.DONE, "alert:alert-1")
    assert entry.detail == "presence at camera gate"
    assert entry.about == 1


def test_an_alert_that_cannot_be_written_down_does_not_exist(tmp_path: Path) -> None:
    world = World(tmp_path)
    opened = world.open()
    world.ledger_full()
    with pytest.raises(Refused):
        opened.accept(found(b.event()))
    assert world.records.alerts.rows == {}


def test_a_happening_opens_once_and_closes_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    whole = Interval(NOW_US - 2 * SECOND_US, NOW_US + 8 * SECOND_US)
    with world.open() as opened:
        assert len(opened.accept(found(b.event()))) == 1
        assert opened.accept(found(b.event())) == []
        assert opened.accept(found(b.event(phase=Phase.CLOSED, interval=whole))) == []
        assert opened.accept(found(b.event(phase=Phase.CLOSED, interval=whole))) == []
        (alert,) = world.records.alerts.rows.values()
        assert (alert.interval, alert.evidence, alert.ongoing) == (whole, whole, False)
        assert len(opened.accept(found(b.event()))) == 1


def test_a_crossing_is_over_at_once(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as opened:
        (alert,) = opened.accept(found(b.event(interval=Interval(NOW_US, NOW_US))))
    assert not alert.ongoing


def test_what_the_permit_does_not_list_yields_nothing(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as opened:
        strange = [b.event(analytic="dwell"), b.event(kind="climbing")]
        assert opened.accept(found(*strange, readings=(b.reading(name="faces"),))) == []
    assert world.records.alerts.rows == {}
    assert world.records.readings.rows == []
    assert world.entries()[-1].detail.endswith("left out 3")


def test_statistics_mode_makes_counts_and_no_alert(tmp_path: Path) -> None:
    world = World(tmp_path, mandates=[b.mandate(mode=Mode.STATISTICS)])
    with world.open() as opened:
        assert opened.accept(found(b.event(), readings=(b.reading(),))) == []
        assert not opened.record(next(opened.source.packets()))
    assert world.records.alerts.rows == {}
    assert world.records.readings.rows == []  # kept by the hour: tests/guard/test_statistics.py
    assert list(world.archive.root.glob("*.raw")) == []


@pytest.mark.parametrize("where", [{"stream_id": "yard-main"}, {"place": Place("yard")}])
def test_a_stream_may_not_speak_of_another_camera(tmp_path: Path, where: dict[str, object]) -> None:
    world = World(tmp_path)
    with world.open() as opened:
        for findings in (found(b.event(**where)), found(readings=(b.reading(**where),))):
            with pytest.raises(Refused) as caught:
                opened.accept(findings)
            assert caught.value.rule == "L04"
    assert world.records.alerts.rows == {}


def test_alerts_left_ongoing_by_a_crash_are_settled_when_the_stream_opens_again(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.open().accept(found(b.event()))
    with world.open():
        assert not world.records.alerts.get(b.grant(), "alert-1").ongoing


def test_an_analysis_that_goes_on_writes_no_alert_and_no_reading_twice(tmp_path: Path) -> None:
    world = World(tmp_path)
    event = b.event(interval=Interval(NOW_US, NOW_US + SECOND_US))
    with world.open() as opened:
        (first,) = opened.accept(found(event, readings=(b.reading(at_us=NOW_US),)))
    before = Progress(NOW_US, told_us=NOW_US + 2 * SECOND_US, alerts=(first.id,))
    with world.intake.open(world.camera, world.stream, NOW_US, before) as opened:
        again = replace(event, key="another key", interval=Interval(NOW_US + SECOND_US // 2, NOW_US + SECOND_US))
        assert opened.accept(found(again, readings=(b.reading(at_us=NOW_US),))) == []
        assert not opened.idle
        later = Interval(NOW_US, NOW_US + 9 * SECOND_US)
        opened.accept(found(replace(again, phase=Phase.CLOSED, interval=later)))
        assert opened.idle
        other = replace(event, key="a later one", interval=Interval(NOW_US + 8 * SECOND_US, NOW_US + 9 * SECOND_US))
        assert len(opened.accept(found(other, readings=(b.reading(at_us=NOW_US + 3 * SECOND_US),)))) == 1
    assert len(world.records.alerts.rows) == 2
    assert world.records.alerts.rows[first.id].interval == later
    assert [reading.at_us for reading, _ in world.records.readings.rows] == [NOW_US, NOW_US + 3 * SECOND_US]


# recording


def keep_all(world: World) -> list[bool]:
    with world.open() as opened:
        return [opened.record(packet) for packet in opened.source.packets()]


def long_world(tmp_path: Path, seconds: int = 152, group: int = 40, fps: float = 5.0) -> World:
    shown = pictures(4) * (int(seconds * fps) // 4)
    return World(tmp_path, opener=FakeOpener(shown, NOW_US, fps, group))


def test_a_recording_is_cut_at_key_packets_into_at_most_a_minute(tmp_path: Path) -> None:
    world = long_world(tmp_path)
    assert all(keep_all(world))
    later = b.grant(now_us=NOW_US + 200 * SECOND_US)
    segments = world.records.segments.covering(later, "gate-main", Interval(NOW_US, NOW_US + 152 * SECOND_US))
    assert [s.interval.length_us <= MINUTE_US for s in segments] == [True] * 3
    assert all(s.sealed and s.sha256 == world.archive.digest(s) for s in segments)
    spans = world.records.segments.spans(later, "gate", Interval(NOW_US, NOW_US + 200 * SECOND_US))
    assert spans == [Interval(NOW_US, NOW_US + 152 * SECOND_US)]
    starts = [(s.interval.start_us - NOW_US) // SECOND_US for s in segments]
    assert all(start % 8 == 0 for start in starts), "every segment begins with a key packet"


def test_no_packet_is_lost_or_doubled_at_the_cuts(tmp_path: Path) -> None:
    world = long_world(tmp_path)
    keep_all(world)
    segments = sorted(world.records.segments.every(), key=lambda s: s.interval.start_us)
    times = [f.wall_us for f in world.film.frames(segments, Interval(NOW_US, NOW_US + 200 * SECOND_US))]
    assert times == [NOW_US + i * SECOND_US // 5 for i in range(760)]


def test_groups_longer_than_a_minute_are_kept_whole(tmp_path: Path) -> None:
    world = long_world(tmp_path, seconds=140, group=350)
    assert all(keep_all(world))
    assert [s.interval.length_us // SECOND_US for s in world.records.segments.every()] == [70, 70]


def test_recording_waits_for_a_key_packet(tmp_path: Path) -> None:
    world = long_world(tmp_path, seconds=10, group=20)
    with world.open() as opened:
        packets = list(opened.source.packets())
        assert [opened.record(p) for p in packets[1:22]] == [False] * 19 + [True, True]


def test_a_segment_tells_by_how_much_it_runs_ahead_of_the_cameras_own_clock(tmp_path: Path) -> None:
    world = long_world(tmp_path, seconds=10, group=10)
    with world.open() as opened:
        for packet in opened.source.packets():
            late_us = 5 * SECOND_US if packet.media_us == 0 else 100_000  # the first report came before its time
            opened.record(replace(packet, sent_us=packet.wall_us - late_us if packet.key else None))
        (growing,) = world.records.segments.every()
        assert growing.ahead_us is not None and not growing.sealed
    (sealed,) = world.records.segments.every()
    assert sealed.sealed and sealed.ahead_us == 100_000
    other = long_world(tmp_path / "other", seconds=10, group=10)
    with other.open() as opened:
        for packet in opened.source.packets():
            opened.record(packet)
    assert [segment.ahead_us for segment in other.records.segments.every()] == [None]


def test_the_row_of_a_growing_segment_follows_its_file(tmp_path: Path) -> None:
    world = long_world(tmp_path, seconds=10)
    with world.open() as opened:
        for packet in opened.source.packets():
            opened.record(packet)
        assert opened.recording
        (row,) = world.records.segments.unsealed()
        assert row.interval.end_us >= NOW_US + 8 * SECOND_US


def test_a_full_disk_stops_the_recording_not_the_watching(tmp_path: Path) -> None:
    world = long_world(tmp_path, seconds=60, group=10)
    with world.open() as opened:
        packets = list(opened.source.packets())
        assert all(opened.record(p) for p in packets[:50])
        world.archive.full = True
        assert not any(opened.record(p) for p in packets[50:100])
        assert "full" in opened.problem and not opened.recording
        assert len(opened.accept(found(b.event()))) == 1
        world.archive.full = False
        assert not opened.record(packets[100]), "it is not tried at every packet"
        world.clock.advance(10)
        assert not opened.record(packets[101]), "a new segment needs a key packet"
        assert opened.record(packets[110])
        assert opened.problem == ""
    kept = sorted((s.interval for s in world.records.segments.every()), key=lambda i: i.start_us)
    assert len(kept) == 2 and kept[0].end_us == NOW_US + 10 * SECOND_US


def test_a_stream_that_cannot_be_stored_is_said_once_and_watched_on(tmp_path: Path) -> None:
    world = World(tmp_path)

    class NoCodec(type(world.archive)):  # type: ignore[misc]
        tries = 0

        def begin(self, *args: object) -> object:
            NoCodec.tries += 1
            raise Invalid("msmpeg4v2 does not fit into MP4")

    world.archive.__class__ = NoCodec
    assert not any(keep_all(world))
    assert NoCodec.tries == 1


@pytest.mark.parametrize("leap_s", [-20, 3600])
def test_a_clock_set_while_recording_begins_another_segment_so_that_each_tells_its_own_time(
    tmp_path: Path, leap_s: int
) -> None:
    world = long_world(tmp_path, seconds=40, group=10)
    with world.open() as opened:
        for packet in opened.source.packets():
            leap_us = leap_s * SECOND_US if packet.media_us >= 20 * SECOND_US else 0
            opened.record(replace(packet, wall_us=packet.wall_us + leap_us))
    spans = [(s.interval.start_us - NOW_US) // SECOND_US for s in world.records.segments.every()]
    assert sorted(spans) == sorted([0, 20 + leap_s])
    assert [s.interval.length_us // SECOND_US for s in world.records.segments.every()] == [20, 20]


def test_another_mandate_begins_another_segment(tmp_path: Path) -> None:
    world = long_world(tmp_path, seconds=20, group=10)
    with world.open() as opened:
        packets = list(opened.source.packets())
        for packet in packets[:20]:
            opened.record(packet)
        world.gatekeeper.change([b.mandate(id="second")], world.profile)
        world.clock.advance(2)
        for packet in packets[20:40]:
            opened.record(packet)
    assert sorted((s.mandate_id, s.interval.length_us // SECOND_US) for s in world.records.segments.every()) == [
        ("second", 4),
        ("try-out", 4),
    ]


def test_a_crash_in_the_middle_of_a_segment_is_mended_at_the_next_start(tmp_path: Path) -> None:
    world = long_world(tmp_path, seconds=10)
    crashed = world.open()
    for packet in crashed.source.packets():
        crashed.record(packet)
    empty = b.segment(id="empty", path="empty.raw", sealed=False, sha256="")
    world.records.segments.put(b.permit(), empty)
    (world.archive.root / "empty.raw").touch()
    (mended,) = world.intake.mend()
    assert mended.sealed and mended.interval.length_us >= 9 * SECOND_US
    assert list(world.records.segments.every()) == [mended]
    assert not (world.archive.root / "empty.raw").exists()
    assert world.said()[-2:] == ["erase opened segment:empty", "erase done segment:empty"]


def test_a_listing_shows_the_alerts_of_the_stream(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as opened:
        opened.accept(found(b.event(key="1"), b.event(key="2")))
    assert len(world.records.alerts.find(b.grant(), AlertQuery())) == 2
