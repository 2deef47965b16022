"""The promises of the stores, kept by the fakes and by SQLite alike."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import builders as b
from tests.builders import NOW_US
from tests.fakes.records import MemoryRecords
from vitrail.adapters.sqlite import open_database
from vitrail.domain.board import CameraClock, ClockSource, Pin
from vitrail.domain.bundles import Share
from vitrail.domain.errors import Conflict, Invalid, NotFound, Refused
from vitrail.domain.events import AlertQuery, AlertState, Decision, Place, Verdict
from vitrail.domain.ledger import BLOCK, FIRST_LINK, Checkpoint, SealingKey, leaf_hash, link_after
from vitrail.domain.people import Role, Session, Use
from vitrail.domain.sound import Habit
from vitrail.domain.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Interval
from vitrail.guard import admit
from vitrail.guard.merkle import root_of

WEEK = Interval(NOW_US - 7 * DAY_US, NOW_US + DAY_US)


@pytest.fixture(params=["memory", "sqlite"])
def records(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    if request.param == "memory":
        yield MemoryRecords()
        return
    with open_database(tmp_path) as opened:
        yield opened


def other_camera(camera_id: str) -> Any:
    return b.camera(id=camera_id, streams=(b.stream(id=f"{camera_id}-main", camera_id=camera_id),))


def at(camera_id: str, **changes: Any) -> dict[str, Any]:
    return {"stream_id": f"{camera_id}-main", "place": Place(camera_id)} | changes


def verdict(**changes: Any) -> Verdict:
    return replace(Verdict(Decision.CONFIRMED, "somebody is there", "marie", NOW_US + SECOND_US, 4.5), **changes)


# the ledger


def test_entries_come_back_in_order_with_their_hashes(records: Any) -> None:
    payloads = [f"entry {i}".encode() for i in range(5)]
    assert records.ledger.append(payloads[:2]) == 0
    assert records.ledger.append(payloads[2:]) == 2
    assert records.ledger.size() == 5
    assert list(records.ledger.read(1, 4)) == [(i, payloads[i]) for i in range(1, 4)]
    assert list(records.ledger.leaf_hashes(0, 5)) == [leaf_hash(p) for p in payloads]
    link, links = FIRST_LINK, []
    for payload in payloads:
        link = link_after(link, leaf_hash(payload))
        links.append(link)
    assert list(records.ledger.links(0, 5)) == links


def test_reading_beyond_the_end_stops_at_the_end(records: Any) -> None:
    records.ledger.append([b"one"])
    assert list(records.ledger.read(0, 10)) == [(0, b"one")]
    assert list(records.ledger.read(5, 10)) == []
    assert list(records.ledger.leaf_hashes(0, 10)) == [leaf_hash(b"one")]


def test_a_long_ledger_is_read_whole(records: Any) -> None:
    payloads = [str(i).encode() for i in range(1300)]
    records.ledger.append(payloads)
    assert [payload for _, payload in records.ledger.read(0, 1300)] == payloads


def test_checkpoints_come_back_as_they_were_signed(records: Any) -> None:
    heads = [Checkpoint(n, bytes([n]) * 32, NOW_US + n, b"s" * 64, b"k" * 32) for n in (1, 2, 2)]
    for head in heads:
        records.ledger.add_checkpoint(head)
    assert list(records.ledger.checkpoints()) == heads


def test_the_roots_of_whole_blocks_are_those_of_their_leaves(records: Any) -> None:
    payloads = [f"entry {i}".encode() for i in range(3 * BLOCK + 5)]
    for start, stop in ((0, 5), (5, BLOCK), (BLOCK, 2 * BLOCK + 1), (2 * BLOCK + 1, 3 * BLOCK + 5)):
        records.ledger.append(payloads[start:stop])
    leaves = [leaf_hash(payload) for payload in payloads]
    roots = [root_of(leaves[i * BLOCK : (i + 1) * BLOCK]) for i in range(3)]
    assert list(records.ledger.blocks(0, 99)) == roots
    assert list(records.ledger.blocks(1, 2)) == roots[1:2]
    assert list(records.ledger.blocks(3, 4)) == []


def test_there_is_one_key_for_a_subject_and_a_period_until_it_is_destroyed(records: Any) -> None:
    keys = records.ledger.keys
    first = SealingKey("aa", "marie", "2026-11", b"1" * 32, 100)
    assert keys.of(first) == first
    assert keys.of(replace(first, id="bb", secret=b"2" * 32)) == first
    other = keys.of(SealingKey("cc", "paul", "2026-11", b"3" * 32, 200))
    assert (keys.get("aa"), keys.get("bb"), keys.ids()) == (first, None, {"aa", "cc"})
    assert keys.due(99) == [] and keys.due(100) == [first] and keys.due(200) == [first, other]
    assert keys.destroy(99) == 0
    assert keys.destroy(100) == 1
    assert (keys.get("aa"), keys.ids()) == (None, {"cc"})
    fresh = replace(first, id="dd")
    assert keys.of(fresh) == fresh


# alerts


def test_an_alert_comes_back_whole(records: Any) -> None:
    alert = b.alert(place=Place("gate", zone_id="yard", line_id="door", surface_id="wall", asset_id="bench"))
    records.alerts.add(b.permit(), alert)
    assert records.alerts.get(b.grant(), "alert-1") == alert


def test_a_permit_writes_only_rows_of_its_own_mandate_and_stream(records: Any) -> None:
    for alert in (b.alert(mandate_id="another"), b.alert(stream_id="yard-main"), b.alert(place=Place("yard"))):
        with pytest.raises(Invalid):
            records.alerts.add(b.permit(), alert)
    with pytest.raises(Invalid):
        records.segments.put(b.permit(), b.segment(mandate_id="another"))
    with pytest.raises(Invalid):
        records.readings.add(b.permit(), [b.reading(stream_id="yard-main")])


def test_the_same_alert_twice_is_a_conflict(records: Any) -> None:
    records.alerts.add(b.permit(), b.alert())
    with pytest.raises(Conflict):
        records.alerts.add(b.permit(), b.alert())


def test_alerts_outside_the_scope_do_not_exist(records: Any) -> None:
    yard = other_camera("yard")
    records.alerts.add(b.permit(), b.alert())
    records.alerts.add(b.permit(yard), b.alert(id="alert-2", **at("yard")))
    only_yard = b.grant(frozenset({"yard"}))
    assert [a.id for a in records.alerts.find(only_yard, AlertQuery())] == ["alert-2"]
    with pytest.raises(NotFound):
        records.alerts.get(only_yard, "alert-1")
    with pytest.raises(NotFound):
        records.alerts.judge(only_yard, "alert-1", verdict())
    assert records.alerts.counts(only_yard)[AlertState.OPEN] == 1
    assert records.alerts.get(b.grant(), "alert-1").state is AlertState.OPEN


def test_alerts_are_found_and_counted_by_the_hour_in_which_they_began(records: Any) -> None:
    yard, hour = other_camera("yard"), NOW_US - 5 * HOUR_US
    for number, began_us in enumerate((hour - 1, hour, hour + HOUR_US - 1, hour + HOUR_US)):
        span = Interval(began_us, began_us + SECOND_US)
        records.alerts.add(b.permit(), b.alert(id=f"alert-{number}", interval=span, evidence=span))
    span = Interval(hour, hour + 1)
    records.alerts.add(b.permit(yard), b.alert(id="alert-9", interval=span, evidence=span, **at("yard")))
    found = records.alerts.find(b.grant(), AlertQuery(within=Interval(hour, hour + HOUR_US)))
    assert {alert.id for alert in found} == {"alert-1", "alert-2"}
    assert records.alerts.hours(b.grant(), hour) == {0: 2, 1: 1}
    assert records.alerts.hours(b.grant(frozenset({"yard"})), hour) == {0: 1}
    assert records.alerts.hours(b.grant(frozenset({"nowhere"})), hour) == {}


def test_alerts_before_the_window_do_not_exist(records: Any) -> None:
    old = Interval(NOW_US - 80 * HOUR_US, NOW_US - 79 * HOUR_US)
    records.alerts.add(b.permit(), b.alert(interval=old, evidence=old))
    assert records.alerts.find(b.grant(), AlertQuery()) == []
    with pytest.raises(NotFound):
        records.alerts.get(b.grant(), "alert-1")


def test_an_alert_past_its_time_is_not_shown_even_when_the_eraser_is_late(records: Any) -> None:
    records.alerts.add(b.permit(retention_us=HOUR_US), b.alert())
    assert records.alerts.find(b.grant(now_us=NOW_US + HOUR_US - 1), AlertQuery())
    assert records.alerts.find(b.grant(now_us=NOW_US + HOUR_US), AlertQuery()) == []


def test_a_listing_is_newest_first_and_continues_where_it_stopped(records: Any) -> None:
    for i in range(7):
        records.alerts.add(b.permit(), b.alert(id=f"alert-{i}", created_us=NOW_US + i // 2))
    first = records.alerts.find(b.grant(), AlertQuery(limit=3))
    then = records.alerts.find(b.grant(), AlertQuery(before_id=first[-1].id, limit=10))
    assert [a.id for a in first + then] == [f"alert-{i}" for i in (6, 5, 4, 3, 2, 1, 0)]


def test_a_listing_is_chosen_by_state_camera_and_kind(records: Any) -> None:
    yard = other_camera("yard")
    records.alerts.add(b.permit(), b.alert(id="a"))
    records.alerts.add(b.permit(), b.alert(id="b", kind="dwell"))
    records.alerts.add(b.permit(yard), b.alert(id="c", **at("yard")))
    both = b.grant(frozenset({"gate", "yard"}))
    records.alerts.judge(both, "a", verdict())

    def ids(**query: Any) -> set[str]:
        return {a.id for a in records.alerts.find(both, AlertQuery(**query))}

    assert ids() == {"a", "b", "c"}
    assert ids(states=frozenset({AlertState.OPEN})) == {"b", "c"}
    assert ids(states=frozenset({AlertState.OPEN, AlertState.CONFIRMED})) == {"a", "b", "c"}
    assert ids(camera_id="yard") == {"c"}
    assert ids(kind="dwell") == {"b"}
    assert ids(kind="dwell", camera_id="yard") == set()


def test_a_happening_that_ends_keeps_its_place_and_gets_its_end(records: Any) -> None:
    records.alerts.add(b.permit(), b.alert())
    whole = Interval(NOW_US - 2 * SECOND_US, NOW_US + 9 * SECOND_US)
    records.alerts.close(b.permit(), "alert-1", whole, whole)
    later = records.alerts.get(b.grant(), "alert-1")
    assert (later.interval, later.evidence, later.ongoing) == (whole, whole, False)
    assert later.place == b.alert().place


def test_one_stream_cannot_end_the_happening_of_another(records: Any) -> None:
    records.alerts.add(b.permit(), b.alert())
    with pytest.raises(NotFound):
        records.alerts.close(b.permit(other_camera("yard")), "alert-1", WEEK, WEEK)


def test_what_a_stopped_process_left_ongoing_is_settled_for_its_own_stream_only(records: Any) -> None:
    yard = other_camera("yard")
    records.alerts.add(b.permit(), b.alert())
    records.alerts.add(b.permit(yard), b.alert(id="alert-2", **at("yard")))
    assert records.alerts.settle(b.permit()) == 1
    both = b.grant(frozenset({"gate", "yard"}))
    assert not records.alerts.get(both, "alert-1").ongoing
    assert records.alerts.get(both, "alert-2").ongoing


def test_an_interrupted_analysis_finds_its_alerts_again_and_no_other_streams(records: Any) -> None:
    records.alerts.add(b.permit(), b.alert())
    records.alerts.add(b.permit(), b.alert(id="alert-3"))
    records.alerts.add(b.permit(other_camera("yard")), b.alert(id="alert-2", **at("yard")))
    found = records.alerts.known(b.permit(), ["alert-1", "alert-2", "gone"])
    assert [alert.id for alert in found] == ["alert-1"]


def test_the_first_verdict_stands(records: Any) -> None:
    records.alerts.add(b.permit(), b.alert())
    judged = records.alerts.judge(b.grant(), "alert-1", verdict())
    assert (judged.state, judged.verdict) == (AlertState.CONFIRMED, verdict())
    with pytest.raises(Conflict):
        records.alerts.judge(b.grant(), "alert-1", verdict(decision=Decision.DISMISSED))
    assert records.alerts.get(b.grant(), "alert-1").verdict == verdict()


def test_only_open_alerts_expire_and_an_expired_one_takes_no_verdict(records: Any) -> None:
    for name, age_us in (("old", DAY_US), ("judged", DAY_US), ("new", 0)):
        records.alerts.add(b.permit(), b.alert(id=name, created_us=NOW_US - age_us))
    records.alerts.judge(b.grant(), "judged", verdict())
    assert records.alerts.expire(NOW_US - HOUR_US) == ["old"]
    assert records.alerts.get(b.grant(), "old").state is AlertState.EXPIRED
    with pytest.raises(Conflict):
        records.alerts.judge(b.grant(), "old", verdict())


def test_verdicts_are_tallied_by_camera_and_kind(records: Any) -> None:
    said = [Decision.CONFIRMED, Decision.DISMISSED, Decision.DISMISSED, None]
    for i, decision in enumerate(said):
        records.alerts.add(b.permit(), b.alert(id=str(i)))
        if decision:
            records.alerts.judge(b.grant(), str(i), verdict(decision=decision))
    records.alerts.add(b.permit(), b.alert(id="other", kind="dwell"))
    assert records.alerts.tally(b.grant(), "gate", "presence") == (1, 2)
    assert records.alerts.tally(b.grant(), "gate", "dwell") == (0, 0)
    assert records.alerts.counts(b.grant()) == {
        AlertState.OPEN: 2,
        AlertState.CONFIRMED: 1,
        AlertState.DISMISSED: 2,
        AlertState.EXPIRED: 0,
    }


def test_an_alert_is_erased_when_its_evidence_is_older_than_the_retention_it_was_written_under(records: Any) -> None:
    records.alerts.add(b.permit(retention_us=HOUR_US), b.alert(id="short"))
    records.alerts.add(b.permit(retention_us=2 * HOUR_US), b.alert(id="long"))
    assert records.alerts.erase(NOW_US + HOUR_US - 1) == []
    assert records.alerts.erase(NOW_US + HOUR_US) == ["short"]
    assert [a.id for a in records.alerts.find(b.grant(), AlertQuery())] == ["long"]


def test_a_happening_that_lasts_is_kept_until_its_end_is_old_enough(records: Any) -> None:
    records.alerts.add(b.permit(retention_us=HOUR_US), b.alert())
    whole = Interval(NOW_US, NOW_US + 30 * MINUTE_US)
    records.alerts.close(b.permit(retention_us=HOUR_US), "alert-1", whole, whole)
    assert records.alerts.erase(NOW_US + HOUR_US) == []
    assert records.alerts.erase(NOW_US + 90 * MINUTE_US) == ["alert-1"]


# segments


def piece(i: int, **changes: Any) -> Any:
    start_us = NOW_US + (i - 3) * MINUTE_US
    given = {"id": f"s{i}", "path": f"s{i}.mp4", "interval": Interval(start_us, start_us + MINUTE_US)}
    return b.segment(**(given | changes))


def test_a_segment_grows_and_is_sealed_in_its_row(records: Any) -> None:
    growing = piece(0, sealed=False, sha256="")
    records.segments.put(b.permit(), growing)
    assert records.segments.unsealed() == [growing]
    records.segments.put(b.permit(), piece(0))
    assert records.segments.unsealed() == []
    assert list(records.segments.every()) == [piece(0)]


def test_what_a_camera_said_of_its_own_clock_is_kept_with_the_segment(records: Any) -> None:
    permit = b.permit()
    for told_us in (None, -37, 104_000):
        records.segments.put(permit, b.segment(ahead_us=told_us))
        (found,) = records.segments.every()
        assert found.ahead_us == told_us


def test_a_mended_segment_replaces_the_broken_one(records: Any) -> None:
    records.segments.put(b.permit(), piece(0, sealed=False, sha256=""))
    records.segments.mended(piece(0, size_bytes=10))
    assert list(records.segments.every()) == [piece(0, size_bytes=10)]


def test_segments_covering_an_interval_come_in_wall_order(records: Any) -> None:
    for i in (2, 0, 1):
        records.segments.put(b.permit(), piece(i))
    middle = Interval(piece(1).interval.start_us, piece(1).interval.end_us)
    found = records.segments.covering(b.grant(), "gate-main", middle)
    assert [s.id for s in found] == ["s1"]
    wide = Interval(middle.start_us - 1, middle.end_us + 1)
    assert [s.id for s in records.segments.covering(b.grant(), "gate-main", wide)] == ["s0", "s1", "s2"]
    assert records.segments.covering(b.grant(), "another-stream", wide) == []
    assert records.segments.covering(b.grant(frozenset({"yard"})), "gate-main", wide) == []


def test_a_growing_segment_reaches_to_now(records: Any) -> None:
    records.segments.put(b.permit(), piece(0, sealed=False, sha256=""))
    late = Interval(NOW_US - SECOND_US, NOW_US)
    assert [s.id for s in records.segments.covering(b.grant(), "gate-main", late)] == ["s0"]


def test_recorded_spans_are_merged_and_cut_to_what_was_asked(records: Any) -> None:
    for i in (0, 1, 3):
        records.segments.put(b.permit(), piece(i))
    start_us = piece(0).interval.start_us
    asked = Interval(start_us + SECOND_US, start_us + 10 * MINUTE_US)
    assert records.segments.spans(b.grant(), "gate", asked) == [
        Interval(start_us + SECOND_US, start_us + 2 * MINUTE_US),
        Interval(start_us + 3 * MINUTE_US, start_us + 4 * MINUTE_US),
    ]
    assert records.segments.spans(b.grant(frozenset({"yard"})), "gate", asked) == []


def test_what_is_recorded_already_is_told_of_the_permits_own_stream(records: Any) -> None:
    for i in (0, 1, 3):
        records.segments.put(b.permit(), piece(i))
    start_us = piece(0).interval.start_us
    asked = Interval(start_us + MINUTE_US, start_us + 4 * MINUTE_US)
    assert records.segments.already(b.permit(), asked) == [piece(1).interval, piece(3).interval]
    assert records.segments.already(b.permit(stream_=b.stream(id="gate-sub")), asked) == []


def test_segments_past_their_time_are_due_and_not_shown(records: Any) -> None:
    records.segments.put(b.permit(), piece(0, erase_after_us=NOW_US))
    records.segments.put(b.permit(), piece(1))
    assert [s.id for s in records.segments.due(NOW_US)] == ["s0"]
    assert records.segments.due(NOW_US - 1) == []
    assert [s.id for s in records.segments.covering(b.grant(), "gate-main", WEEK)] == ["s1"]
    records.segments.forget(["s0", "unknown"])
    assert [s.id for s in records.segments.every()] == ["s1"]


def test_every_segment_is_listed_once(records: Any) -> None:
    for i in range(1100):
        records.segments.mended(piece(i, id=f"{i:04}"))
    assert [s.id for s in records.segments.every()] == [f"{i:04}" for i in range(1100)]


# readings


def test_the_newest_reading_of_each_place(records: Any) -> None:
    places = (Place("gate"), Place("gate", zone_id="yard"), Place("gate", line_id="door"))
    rows = [b.reading(place=place, at_us=NOW_US - i, value=float(i)) for place in places for i in (0, 2, 1)]
    records.readings.add(b.permit(), rows)
    assert {r.place: r.value for r in records.readings.latest(b.grant(), "people")} == dict.fromkeys(places, 0.0)
    assert records.readings.latest(b.grant(), "cars") == []
    assert records.readings.latest(b.grant(frozenset({"yard"})), "people") == []


def test_a_series_is_in_order_and_inside_the_interval(records: Any) -> None:
    records.readings.add(b.permit(), [b.reading(at_us=NOW_US - i * SECOND_US, value=float(i)) for i in range(5)])
    asked = Interval(NOW_US - 3 * SECOND_US, NOW_US)
    assert [r.value for r in records.readings.series(b.grant(), "people", "gate", asked)] == [3.0, 2.0, 1.0]


def test_readings_are_erased_with_their_retention(records: Any) -> None:
    records.readings.add(b.permit(retention_us=HOUR_US), [b.reading(), b.reading(at_us=NOW_US + 1)])
    assert records.readings.erase(NOW_US + HOUR_US) == 1
    assert records.readings.erase(NOW_US + HOUR_US) == 0


# accounts


def test_an_account_is_kept_and_changed(records: Any) -> None:
    records.accounts.add(b.account())
    with pytest.raises(Conflict):
        records.accounts.add(b.account(name="Another"))
    revoked = b.account(revoked_us=NOW_US, territory=frozenset())
    records.accounts.update(revoked)
    assert records.accounts.get("marie") == revoked
    assert records.accounts.every() == [revoked]


def test_putting_the_first_steps_away_changes_nothing_else_of_an_account(records: Any) -> None:
    records.accounts.add(b.account())
    revoked = b.account(revoked_us=NOW_US)
    records.accounts.update(revoked)
    records.accounts.welcome("marie", NOW_US + 1)
    assert records.accounts.get("marie") == replace(revoked, welcomed_us=NOW_US + 1)
    records.accounts.update(revoked)
    assert records.accounts.get("marie").welcomed_us == NOW_US + 1


def test_an_unknown_account_is_not_found(records: Any) -> None:
    with pytest.raises(NotFound):
        records.accounts.get("nobody")
    with pytest.raises(NotFound):
        records.accounts.update(b.account())


def session(name: str, account_id: str = "marie", expires_us: int = NOW_US + HOUR_US) -> Session:
    return Session(name * 64, account_id, "a shift", "csrf", NOW_US, expires_us)


def test_sessions_end_one_by_one_by_account_and_by_age(records: Any) -> None:
    records.accounts.add(b.account())
    records.accounts.add(b.account(id="paul"))
    rows = [session("a"), session("b"), session("c", "paul"), session("d", "paul", NOW_US - 1)]
    for row in rows:
        records.accounts.add_session(row)
    assert records.accounts.session("a" * 64) == rows[0]
    records.accounts.end_session("a" * 64)
    assert records.accounts.session("a" * 64) is None
    assert records.accounts.end_sessions(None, NOW_US) == 1
    assert records.accounts.end_sessions("marie", None) == 1
    assert records.accounts.session("c" * 64) == rows[2]


# properties


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_sqlite_and_the_fake_agree_on_what_a_grant_shows(tmp_path: Path, data: st.DataObject) -> None:
    cameras = ("gate", "yard", "bridge")
    memory = MemoryRecords()
    folder = Path(mkdtemp(dir=tmp_path))
    with open_database(folder) as sqlite:
        for i in range(data.draw(st.integers(0, 12))):
            camera_id = data.draw(st.sampled_from(cameras))
            end_us = NOW_US - data.draw(st.integers(0, 100)) * HOUR_US
            span = Interval(end_us - data.draw(st.integers(0, 3)) * HOUR_US, end_us)
            created_us = data.draw(st.integers(NOW_US - 3, NOW_US))
            alert = b.alert(id=f"a{i}", interval=span, evidence=span, created_us=created_us, **at(camera_id))
            permit = b.permit(other_camera(camera_id), retention_us=data.draw(st.integers(1, 100)) * HOUR_US)
            for records in (memory, sqlite):
                records.alerts.add(permit, alert)
        seen = data.draw(st.frozensets(st.sampled_from(cameras), min_size=1))
        grant = b.grant(seen, now_us=NOW_US + data.draw(st.integers(-2, 50)) * HOUR_US)
        query = AlertQuery(
            camera_id=data.draw(st.sampled_from((None, *cameras))),
            before_id=data.draw(st.sampled_from((None, "a0", "a3", "none such"))),
            limit=data.draw(st.integers(1, 6)),
        )
        found = sqlite.alerts.find(grant, query)
        assert found == memory.alerts.find(grant, query)
        assert all(alert.place.camera_id in seen for alert in found)
        assert sqlite.alerts.counts(grant) == memory.alerts.counts(grant)
        now_us = NOW_US + data.draw(st.integers(-100, 100)) * HOUR_US
        assert sqlite.alerts.erase(now_us) == memory.alerts.erase(now_us)
        assert sqlite.alerts.find(grant, query) == memory.alerts.find(grant, query)


# cases, holds, requests


def in_case(case_id: str = "case-1", now_us: int = NOW_US) -> Any:
    """The grant of an investigator in that case, as the guard gives it."""
    place = b.site(cameras=(b.camera(),))
    who = b.account(id="ines", role=Role.INVESTIGATOR)
    case = b.case(id=case_id, window=WEEK)
    ask = admit.Ask(Use.INQUIRE, "a test reads", case_id)
    answer = admit.grant(who, ask, place, (b.mandate(),), b.profile(), now_us, case)
    assert not isinstance(answer, Refused)
    return answer


def test_cases_holds_and_unmaskings_come_back_as_they_were_put(records: Any) -> None:
    records.cases.put(b.case())
    records.cases.put_hold(b.hold())
    records.cases.put_unmasking(b.unmasking())
    assert records.cases.get("case-1") == b.case()
    assert records.cases.hold("hold-1") == b.hold()
    assert records.cases.holds("case-1") == [b.hold()] and records.cases.holds("other") == []
    assert records.cases.unmasking("unmasking-1") == b.unmasking()
    assert records.cases.unmaskings("case-1") == records.cases.unmaskings(None) == [b.unmasking()]
    assert records.cases.unmaskings("other") == []


def test_bundles_come_back_as_they_were_put_newest_first(records: Any) -> None:
    records.cases.put(b.case())
    records.bundles.put(b.bundle())
    records.bundles.put(b.bundle(id="bundle-2", asked_us=NOW_US + 1, originals=False))
    records.bundles.put(b.bundle(made_us=NOW_US, sha256="ab" * 32, size_bytes=7))
    assert [x.id for x in records.bundles.of("case-1")] == ["bundle-2", "bundle-1"]
    assert records.bundles.get("bundle-1") == b.bundle(made_us=NOW_US, sha256="ab" * 32, size_bytes=7)
    assert records.bundles.of("other") == [] and len(records.bundles.of(None)) == 2
    with pytest.raises(NotFound):
        records.bundles.get("none")


def test_pins_and_clocks_are_versioned_and_go_with_their_case(records: Any) -> None:
    pin = Pin("p", "case-1", "gate", NOW_US, "van", "turns", "ines", NOW_US, 0.5, 0.5)
    clock = CameraClock("case-1", "gate", 5, 7, ClockSource.EVENT, "the lamp", "ines", NOW_US)
    records.cases.put(b.case())
    records.board.put_pin(pin)
    records.board.put_pin(replace(pin, words="stops", version=2))
    records.board.put_clock(clock)
    records.board.put_clock(replace(clock, offset_us=6, version=2))
    for again in (pin, replace(pin, version=2), replace(pin, version=4)):
        with pytest.raises(Conflict):
            records.board.put_pin(again)
    for stale in (clock, replace(clock, version=2)):
        with pytest.raises(Conflict):
            records.board.put_clock(stale)
    assert records.board.pins("case-1") == [replace(pin, words="stops", version=2)] == [records.board.pin("p")]
    assert [c.offset_us for c in records.board.clocks("case-1")] == [6]
    assert records.board.erase(NOW_US) == 0
    records.board.put_pin(replace(pin, version=3, removed_us=NOW_US))
    assert records.board.pins("case-1") == []
    records.cases.put(b.case(closed_us=NOW_US))
    assert records.board.erase(NOW_US) == 2 and records.board.clocks("case-1") == []
    with pytest.raises(NotFound):
        records.board.pin("p")


def test_of_two_who_change_a_case_at_once_the_later_is_told_and_a_closed_one_stays_closed(records: Any) -> None:
    seen = b.case()
    records.cases.put(seen)
    ida = replace(seen, members=seen.members | {"ida"})
    records.cases.put(ida, was=seen)
    with pytest.raises(Conflict):
        records.cases.put(replace(seen, window=Interval(0, NOW_US)), was=seen)
    assert records.cases.get(seen.id) == ida
    closed = replace(ida, closed_us=NOW_US)
    records.cases.put(closed)
    with pytest.raises(Conflict):
        records.cases.put(replace(ida, members=frozenset({"marie"})), was=ida)
    assert records.cases.get(seen.id) == closed


def test_of_two_who_answer_at_once_the_later_is_told(records: Any) -> None:
    records.cases.put(b.case())
    asked = b.bundle(answered_by="", answer="", answered_us=None, granted=False)
    share = Share("s", "bundle-1", "case-1", "ab" * 32, "ines", "the court", NOW_US, NOW_US + 5, 2)
    for put, fresh, read in (
        (records.bundles.put, asked, records.bundles.get),
        (records.bundles.put_share, share, records.bundles.share),
        (
            records.cases.put_unmasking,
            b.unmasking(answered_us=None, answered_by="", answer="", granted=False),
            records.cases.unmasking,
        ),
    ):
        put(fresh)
        declined = replace(fresh, answered_by="olga", answer="no", answered_us=NOW_US, granted=False)
        put(declined)
        with pytest.raises(Conflict):
            put(replace(fresh, answered_by="omar", answer="yes", answered_us=NOW_US + 1, granted=True))
        assert read(fresh.id) == declined


def test_a_share_that_was_taken_back_stays_so_whoever_writes_late(records: Any) -> None:
    records.cases.put(b.case())
    records.bundles.put(b.bundle())
    share = Share("s", "bundle-1", "case-1", "ab" * 32, "ines", "the court", NOW_US, NOW_US + 5, 2)
    granted = replace(share, answered_by="olga", answer="it is theirs", answered_us=NOW_US, granted=True)
    records.bundles.put_share(share)
    records.bundles.put_share(replace(share, revoked_us=NOW_US))
    records.bundles.put_share(granted)
    assert records.bundles.share("s") == replace(granted, revoked_us=NOW_US)
    other = replace(share, id="t", token_sha256="cd" * 32)
    records.bundles.put_share(other)
    records.bundles.put_share(replace(granted, id="t", token_sha256="cd" * 32))
    records.bundles.put_share(replace(other, revoked_us=NOW_US))
    kept = records.bundles.share("t")
    assert (kept.granted, kept.answered_by, kept.revoked_us) == (True, "olga", NOW_US)


def test_shares_are_found_by_their_token_and_counted_to_their_end(records: Any) -> None:
    share = Share("s", "bundle-1", "case-1", "ab" * 32, "ines", "the court", NOW_US, NOW_US + 5, 2)
    records.cases.put(b.case())
    records.bundles.put(b.bundle())
    records.bundles.put_share(share)
    assert records.bundles.share("s") == share == records.bundles.share_of("ab" * 32)
    assert records.bundles.shares("case-1") == [share] and records.bundles.shares("other") == []
    assert records.bundles.share_of("cd" * 32) is None
    assert [records.bundles.count_taken("s") for _ in range(3)] == [True, True, False]
    granted = replace(share, answered_by="olga", answer="it is theirs", answered_us=NOW_US, granted=True)
    records.bundles.put_share(granted)
    assert records.bundles.share("s") == replace(granted, taken=2)
    with pytest.raises(NotFound):
        records.bundles.share("none")


def test_a_case_put_again_is_replaced_and_the_newest_comes_first(records: Any) -> None:
    records.cases.put(b.case())
    records.cases.put(b.case(id="case-2", opened_us=NOW_US))
    records.cases.put(b.case(closed_us=NOW_US, members=frozenset({"ines", "ida"})))
    assert [c.id for c in records.cases.every()] == ["case-2", "case-1"]
    assert records.cases.get("case-1").closed_us == NOW_US


def test_holds_and_unmaskings_need_their_case(records: Any) -> None:
    for put in (lambda: records.cases.put_hold(b.hold()), lambda: records.cases.put_unmasking(b.unmasking())):
        with pytest.raises((NotFound, Conflict)):
            put()
    for get in (records.cases.get, records.cases.hold, records.cases.unmasking, records.rights.get):
        with pytest.raises(NotFound):
            get("nobody")


def test_what_is_held_is_neither_due_nor_erased_and_is_read_in_its_case_alone(records: Any) -> None:
    permit = b.permit(retention_us=HOUR_US)
    span = Interval(NOW_US - MINUTE_US, NOW_US)
    records.segments.put(permit, b.segment(interval=span, erase_after_us=NOW_US + HOUR_US))
    records.alerts.add(permit, b.alert(interval=span, evidence=span))
    records.cases.put(b.case())
    records.cases.put(b.case(id="case-2"))
    records.cases.put_hold(b.hold(interval=Interval(NOW_US - SECOND_US, NOW_US + SECOND_US)))
    late_us = NOW_US + DAY_US
    assert records.segments.due(late_us) == [] and records.alerts.erase(late_us) == []
    mine, other = in_case(now_us=late_us), in_case("case-2", now_us=late_us)
    assert len(records.segments.covering(mine, "gate-main", span)) == 1
    assert records.segments.spans(mine, "gate", span) == [span]
    assert records.alerts.get(mine, "alert-1")
    for grant in (other, b.grant(now_us=late_us)):
        assert records.segments.covering(grant, "gate-main", span) == []
        assert records.alerts.find(grant, AlertQuery()) == []
    ended_us = NOW_US + 30 * DAY_US
    assert len(records.segments.due(ended_us)) == 1 and records.alerts.erase(ended_us) == ["alert-1"]


def test_a_released_hold_keeps_nothing(records: Any) -> None:
    permit = b.permit(retention_us=HOUR_US)
    span = Interval(NOW_US - MINUTE_US, NOW_US)
    records.segments.put(permit, b.segment(interval=span, erase_after_us=NOW_US))
    records.cases.put(b.case())
    records.cases.put_hold(b.hold())
    assert records.segments.due(NOW_US) == []
    records.cases.put_hold(b.hold(released_us=NOW_US))
    assert len(records.segments.due(NOW_US)) == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20), st.integers(-2, 4)), max_size=4),
)
def test_holds_keep_what_they_touch_and_nothing_else(
    tmp_path: Path, recorded: list[tuple[int, int]], held: list[tuple[int, int, int]]
) -> None:
    def at_s(start: int, length: int) -> Interval:
        return Interval(NOW_US + start * SECOND_US, NOW_US + (start + length) * SECOND_US)

    with open_database(Path(mkdtemp(dir=tmp_path))) as sqlite:
        for store in (sqlite, MemoryRecords()):
            store.cases.put(b.case())
            permit = b.permit()
            for i, span in enumerate(recorded):
                segment = b.segment(id=f"s{i}", path=f"s{i}", interval=at_s(*span), erase_after_us=NOW_US + DAY_US)
                store.segments.put(permit, segment)
            for i, (start, length, hours) in enumerate(held):
                until_us = NOW_US + DAY_US + hours * HOUR_US
                store.cases.put_hold(b.hold(id=f"h{i}", interval=at_s(start, length), until_us=until_us))
            kept = {
                f"s{i}"
                for i, span in enumerate(recorded)
                if any(hours > 0 and at_s(*span).touches(at_s(start, length)) for start, length, hours in held)
            }
            due = {s.id for s in store.segments.due(NOW_US + DAY_US)}
            assert due == {f"s{i}" for i in range(len(recorded))} - kept


def test_requests_come_back_and_lose_words_and_contact_at_their_time(records: Any) -> None:
    records.rights.put(b.request())
    records.rights.put(b.request(id="request-2", interval=None, camera_id="", received_us=NOW_US + 1))
    assert records.rights.get("request-1") == b.request()
    assert [r.id for r in records.rights.every()] == ["request-2", "request-1"]
    assert records.rights.kept() == 2
    due_us = b.request().erase_after_us
    assert records.rights.erase(due_us - 1) == 0
    assert records.rights.erase(due_us) == 2
    emptied = records.rights.get("request-1")
    assert (emptied.words, emptied.contact, emptied.kind) == ("", "", b.request().kind)
    assert records.rights.erase(due_us) == 0 and records.rights.kept() == 0


def test_what_a_microphone_hears_daily_is_kept_for_it_alone_and_overwritten(records: Any) -> None:
    quay = replace(b.permit(), camera_id="", stream_id="quay.sound", microphone_id="quay")
    dock = replace(quay, stream_id="dock.sound", microphone_id="dock")
    assert records.alerts.habits(quay) == []
    records.alerts.keep_habits(quay, [Habit("gunshot", 10, 1, 0.5), Habit("scream", 10, 0, 0.0)])
    records.alerts.keep_habits(quay, [Habit("gunshot", 20, 3, 2.5)])
    assert records.alerts.habits(quay) == [Habit("gunshot", 20, 3, 2.5), Habit("scream", 10, 0, 0.0)]
    assert records.alerts.habits(dock) == []
