"""The desk: decide, write down, read within the scope, write the outcome, hand out; in this order or not at all."""

import inspect
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.builders import NOW_US
from tests.fakes.media import BRIGHT, WholeDetector, person
from tests.guard.front import MARIE, Front
from vitrail.domain.errors import Conflict, Invalid, NotFound, Refused
from vitrail.domain.events import AlertQuery, AlertState, Decision, Event, Place, Side
from vitrail.domain.frames import Frame, Picture
from vitrail.domain.ledger import Outcome
from vitrail.domain.people import Grant, Role, Use
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US, Interval
from vitrail.domain.upkeep import Said
from vitrail.guard.admit import GRANT_US
from vitrail.guard.desk import DESK_USES, Desk
from vitrail.guard.seen import Seen
from vitrail.guard.window import Window

BENCH = Place("gate", asset_id="bench")
LAST_TEN = Interval(NOW_US - 10 * SECOND_US, NOW_US)
Call = Callable[[Desk, Front], Any]


def hidden(picture: Picture) -> bool:
    """Whoever is bright is a flat block of 8 x 8 pixels: the pattern of the face is gone."""
    blocks = picture.y.reshape(picture.height // 8, 8, picture.width // 8, 8).swapaxes(1, 2).reshape(-1, 64)
    return all(np.ptp(block) == 0 for block in blocks if block.max() >= BRIGHT)


def made_clip(front: Front) -> Path:
    """A copy that was made before, found in the folder: no desk is asked."""
    clips = front.world.archive.root / "clips"
    return next(iter(sorted(clips.glob(f"alert-{front.alert.id}-*"))), clips / f"alert-{front.alert.id}-a-b.mp4")


PHOTO = cv2.imencode(".jpg", np.full((96, 128, 3), 40, np.uint8))[1].tobytes()


class Silent:
    """An analytic on trial that looks at every picture and tells nothing."""

    def run(self, frames: Iterator[Frame], detect: Any) -> list[Event]:
        for frame in frames:
            detect(frame.picture)
        return []


def played(desk: Desk) -> None:
    with desk.play() as viewing:
        viewing.at("gate", NOW_US - 5 * SECOND_US, 320)


CALLS: dict[str, Call] = {
    "cameras": lambda desk, front: desk.cameras(),
    "microphones": lambda desk, front: desk.microphones(),
    "alerts": lambda desk, front: desk.alerts(AlertQuery()),
    "alert": lambda desk, front: desk.alert(front.alert.id),
    "judge": lambda desk, front: desk.judge(front.alert.id, Decision.CONFIRMED, "a person in the yard", 12.0),
    "was_check": lambda desk, front: desk.was_check(front.alert.id),
    "tickets": lambda desk, front: desk.tickets(),
    "precision": lambda desk, front: desk.precision("gate", "presence"),
    "counts": lambda desk, front: desk.counts(),
    "shift": lambda desk, front: desk.shift(NOW_US - HOUR_US),
    "late": lambda desk, front: desk.late(),
    "handovers": lambda desk, front: desk.handovers(),
    "leave": lambda desk, front: desk.leave("the quay is closed until six"),
    "take": lambda desk, front: desk.take(front.note),
    "hours": lambda desk, front: desk.hours(0),
    "still": lambda desk, front: desk.still(front.alert.id),
    "picture": lambda desk, front: desk.picture(front.alert.id, Side.AFTER),
    "clip": lambda desk, front: desk.clip(front.alert.id, lambda _: None),
    "minute": lambda desk, front: desk.minute("gate", LAST_TEN, lambda _: None),
    "again": lambda desk, front: desk.again(made_clip(front), alert_id=front.alert.id),
    "spans": lambda desk, front: desk.spans("gate", LAST_TEN),
    "glance": lambda desk, front: desk.glance("gate", LAST_TEN.start_us),
    "changed": lambda desk, front: desk.changed("gate", LAST_TEN, (0.1, 0.1, 0.9, 0.9), lambda _: None),
    "unmasked": lambda desk, front: desk.unmasked("unmasking-1", lambda _: None),
    "play": lambda desk, front: played(desk),
    "clocks": lambda desk, front: desk.clocks(),
    "bundle": lambda desk, front: desk.bundle("bundle-1", lambda _: None),
    "bundled": lambda desk, front: desk.bundled("bundle-1"),
    "live": lambda desk, front: desk.live("gate").close(),
    "rehearse": lambda desk, front: desk.rehearse("gate", LAST_TEN, Silent(), "presence", lambda _: None),
    "readings": lambda desk, front: desk.readings("people"),
    "series": lambda desk, front: desk.series("people", "gate", Interval(NOW_US - HOUR_US, NOW_US + 1)),
    "entries": lambda desk, front: desk.entries(0, 10),
    "upkeep": lambda desk, front: desk.upkeep(),
    "upkept": lambda desk, front: desk.upkept(BENCH),
    "say_of": lambda desk, front: desk.say_of(BENCH, Said.WHOLE, "looked at it"),
    "notices": lambda desk, front: desk.notices(),
    "send_again": lambda desk, front: desk.send_again("alert-1.city"),
    "search": lambda desk, front: desk.search("white car"),
    "alike": lambda desk, front: desk.alike(1),
    "pictured": lambda desk, front: desk.pictured(PHOTO),
    "sighting": lambda desk, front: desk.sighting(1),
    "sighting_still": lambda desk, front: desk.sighting_still(1),
    "sighting_clip": lambda desk, front: desk.sighting_clip(1, lambda _: None),
}
ON_A_CAMERA: dict[str, Call] = {
    "precision": lambda desk, front: desk.precision("gate-2", "presence"),
    "minute": lambda desk, front: desk.minute("gate-2", LAST_TEN, lambda _: None),
    "again": lambda desk, front: desk.again(made_clip(front), camera_id="gate-2"),
    "spans": lambda desk, front: desk.spans("gate-2", LAST_TEN),
    "glance": lambda desk, front: desk.glance("gate-2", LAST_TEN.start_us),
    "changed": lambda desk, front: desk.changed("gate-2", LAST_TEN, (0.1, 0.1, 0.9, 0.9), lambda _: None),
    "live": lambda desk, front: desk.live("gate-2"),
    "rehearse": lambda desk, front: desk.rehearse("gate-2", LAST_TEN, Silent(), "presence", lambda _: None),
    "series": lambda desk, front: desk.series("people", "gate-2", LAST_TEN),
}
"""The same for the camera that is not Marie's."""
NAMED = pytest.mark.parametrize("method", sorted(CALLS))


class Spy:
    """Passes everything on, and writes down what was asked, in one common list."""

    def __init__(self, inner: Any, name: str, heard: list[tuple[str, tuple[Any, ...]]]) -> None:
        self._inner, self._name, self._heard = inner, name, heard

    def __getattr__(self, asked: str) -> Any:
        found = getattr(self._inner, asked)
        if not callable(found):
            return found

        def passed(*args: Any, **named: Any) -> Any:
            self._heard.append((f"{self._name}.{asked}", args))
            return found(*args, **named)

        return passed


class Watched(Front):
    """A front whose stores, film and live hub are listened to, as is the writing of the ledger."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.heard: list[tuple[str, tuple[Any, ...]]] = []
        world = self.world
        spied = {name: Spy(getattr(world.records, name), name, self.heard) for name in STORES}
        spied |= {"film": Spy(world.film, "film", self.heard), "live": Spy(self.live, "live", self.heard)}
        seen = world.records.seen
        spied["seen"] = Seen(Spy(seen.records, "sightings", self.heard), seen.index, seen.likeness)
        append = world.records.ledger.append

        def appended(payloads: Any) -> int:
            index: int = append(payloads)
            self.heard.append(("written", ()))
            return index

        world.records.ledger.append = appended
        self.reception = self.opened_reception(**spied)

    def reads(self) -> list[str]:
        return [name for name, _ in self.heard if name != "written"]


STORES = ("alerts", "segments", "readings", "upkeep", "notices")
ASKED = (*STORES, "sightings")
NOTES = {"handovers", "leave", "take"}
"""Of the ledger alone."""


@pytest.fixture
def front(tmp_path: Path) -> Iterator[Watched]:
    front = Watched(tmp_path)
    yield front
    front.live.close()


def ready(front: Watched, method: str, account_id: str = "marie") -> Desk:
    """A desk that opens the method, and a copy to ask for again; what was heard until now is forgotten."""
    use = next(use for use in (Use.REVIEW, Use.UPKEEP, Use.ACCOUNT, Use.INQUIRE) if use in DESK_USES[method])
    if use not in (Use.REVIEW, Use.UPKEEP):
        account_id = "auditor" if use is Use.ACCOUNT else "ines"
        if method == "bundled":
            front.desk(account_id, use).bundle("bundle-1", lambda _: None)
    elif method == "take":
        front.note = front.desk("both").leave("the quay is closed until six").id
    elif method == "again":
        front.desk(account_id).clip(front.alert.id, lambda _: None)
    desk = front.desk(account_id, use)
    front.heard.clear()
    return desk


def test_every_public_method_of_the_desk_is_named_with_its_uses_and_tried_here() -> None:
    public = {name for name, _ in inspect.getmembers(Desk, inspect.isfunction) if not name.startswith("_")}
    assert public == set(DESK_USES) == set(CALLS)
    assert all(DESK_USES.values())
    with_camera = {name for name in public if "camera_id" in inspect.signature(getattr(Desk, name)).parameters}
    assert with_camera == set(ON_A_CAMERA)


@NAMED
def test_the_opening_is_written_before_anything_is_read_and_the_outcome_after(front: Watched, method: str) -> None:
    desk = ready(front, method)
    before = len(front.world.entries())
    CALLS[method](desk, front)
    opened, *between, concluded = front.since(before)
    assert not between or method == "bundle", "which writes its contents down before they are sealed"
    assert (opened.outcome, concluded.outcome) == (Outcome.OPENED, Outcome.DONE)
    assert concluded.about == before
    assert opened.actor == desk.grant.account_id
    assert opened.reason
    assert front.heard[0][0] == front.heard[-1][0] == "written"
    assert len([name for name, _ in front.heard if name == "written"]) == 2 + len(between)


@NAMED
def test_every_question_to_a_store_carries_the_scope(front: Watched, method: str) -> None:
    CALLS[method](ready(front, method), front)
    asked = [args[0] for name, args in front.heard if name.split(".")[0] in ASKED]
    assert asked or method in {"bundled", "cameras", "microphones", "live", "entries", "was_check", *NOTES}
    for grant in asked:
        assert isinstance(grant, Grant)
        assert grant.scope.cameras == {"gate"}
        assert grant.scope.window.end_us == NOW_US


def revoked(front: Front) -> None:
    for name in ("marie", "auditor", "ines"):
        known = front.world.records.accounts.get(name)
        front.world.records.accounts.update(replace(known, revoked_us=NOW_US))


def out_of_training(front: Front) -> None:
    for name in ("marie", "auditor", "ines"):
        known = front.world.records.accounts.get(name)
        front.world.records.accounts.update(replace(known, trained_until_us=NOW_US))


def of_another_role(front: Front) -> None:
    for name, role in (("marie", Role.AUDITOR), ("auditor", Role.OPERATOR), ("ines", Role.OPERATOR)):
        known = front.world.records.accounts.get(name)
        front.world.records.accounts.update(replace(known, role=role))


def expired(front: Front) -> None:
    front.world.clock.advance(GRANT_US / SECOND_US)


def gone(front: Front) -> None:
    front.world.records.accounts.rows.clear()


@NAMED
@pytest.mark.parametrize("change", [revoked, out_of_training, of_another_role, expired, gone])
def test_a_grant_that_no_longer_holds_is_refused_written_down_and_nothing_is_read(
    front: Watched, method: str, change: Callable[[Front], None]
) -> None:
    desk = ready(front, method)
    before = len(front.world.entries())
    change(front)
    with pytest.raises(Refused) as refused:
        CALLS[method](desk, front)
    assert refused.value.rule == "L23"
    (entry,) = front.since(before)
    assert (entry.outcome, entry.rule, entry.actor) == (Outcome.REFUSED, "L23", desk.grant.account_id)
    assert front.reads() == []


@NAMED
def test_a_use_that_does_not_open_the_method_is_refused_written_down_and_nothing_is_read(
    front: Watched, method: str
) -> None:
    ready(front, method)
    boss = replace(MARIE, id="boss", role=Role.ADMINISTRATOR)
    front.world.records.accounts.add(boss)
    closed = set(Use) - DESK_USES[method]
    assert closed or method in {"cameras", "microphones"}
    for use in sorted(closed):
        desk = front.desk("boss", use)  # in lab, the first account may ask for everything
        front.heard.clear()
        before = len(front.world.entries())
        with pytest.raises(Refused) as refused:
            CALLS[method](desk, front)
        assert refused.value.rule == "L23"
        assert [(e.outcome, e.rule) for e in front.since(before)] == [(Outcome.REFUSED, "L23")]
        assert front.reads() == []


@pytest.mark.parametrize("method", sorted(ON_A_CAMERA))
def test_a_camera_outside_the_territory_is_refused_written_down_and_nothing_is_read(
    front: Watched, method: str
) -> None:
    desk = ready(front, method)
    before = len(front.world.entries())
    with pytest.raises(Refused) as refused:
        ON_A_CAMERA[method](desk, front)
    assert refused.value.rule == "L23"
    assert [(e.outcome, e.rule) for e in front.since(before)] == [(Outcome.REFUSED, "L23")]
    assert front.reads() == []


@pytest.mark.parametrize("method", ["alert", "judge", "still", "clip", "again"])
def test_an_alert_of_a_camera_outside_the_territory_is_not_found(front: Watched, method: str) -> None:
    theirs = front.another_alert("gate-2")
    desk = front.desk()
    front.alert = theirs
    with pytest.raises(NotFound):
        CALLS[method](desk, front)
    assert front.world.records.alerts.rows[theirs.id].state is AlertState.OPEN
    last = front.world.entries()[-1]
    assert (last.outcome, last.detail, last.target) == (Outcome.FAILED, "not_found", f"alert:{theirs.id}")


def test_a_territory_that_shrank_shows_less_at_once(front: Watched) -> None:
    theirs = front.another_alert("gate-2")
    desk = front.desk("both")
    assert {a.id for a in desk.alerts(AlertQuery())} == {front.alert.id, theirs.id}
    both = front.world.records.accounts.get("both")
    front.world.records.accounts.update(replace(both, territory=frozenset({"gate"})))
    assert {a.id for a in desk.alerts(AlertQuery())} == {front.alert.id}
    assert [camera.id for camera in desk.cameras()] == ["gate"]


@NAMED
def test_a_ledger_that_cannot_be_written_hands_nothing_out_and_nothing_is_read(front: Watched, method: str) -> None:
    desk = ready(front, method)
    front.world.ledger_full()
    with pytest.raises(Refused) as refused:
        CALLS[method](desk, front)
    assert refused.value.rule == "L13"
    assert front.heard == []


@NAMED
def test_an_outcome_that_cannot_be_written_hands_nothing_out_either(front: Watched, method: str) -> None:
    desk = ready(front, method)
    append = front.world.records.ledger.append

    def once(payloads: Any) -> int:
        index: int = append(payloads)
        front.world.ledger_full()
        return index

    front.world.records.ledger.append = once
    with pytest.raises(Refused) as refused:
        CALLS[method](desk, front)
    assert refused.value.rule == "L13"


def test_what_goes_wrong_is_written_as_the_outcome(front: Watched) -> None:
    desk = front.desk()
    before = len(front.world.entries())
    front.world.detector.detect = lambda *_: 1 / 0  # type: ignore[assignment]
    with pytest.raises(ZeroDivisionError):
        desk.clip(front.alert.id, lambda _: None)
    assert [(e.outcome, e.detail) for e in front.since(before)] == [
        (Outcome.OPENED, ""),
        (Outcome.FAILED, "ZeroDivisionError"),
    ]


def test_when_the_mandate_ended_nobody_looks_live_and_recordings_stay_until_they_are_erased(tmp_path: Path) -> None:
    front = Front(tmp_path, {"valid": Interval(NOW_US - DAY_US, NOW_US + HOUR_US)})
    desk = front.desk()
    window = desk.live("gate")
    front.world.clock.advance(3600)
    for look in (lambda: desk.live("gate"), lambda: front.desk().live("gate")):
        before = len(front.world.entries())
        with pytest.raises(Refused) as refused:
            look()
        assert refused.value.rule == "L01"
        assert front.since(before)[-1].rule == "L01"
    assert desk.clip(front.alert.id, lambda _: None).is_file()
    front.world.clock.advance(DAY_US / SECOND_US)
    late = front.desk()
    assert late.alerts(AlertQuery()) == []
    with pytest.raises(NotFound):
        late.minute("gate", LAST_TEN, lambda _: None)
    window.close()


def test_without_any_mandate_nothing_is_seen(front: Watched) -> None:
    front.reception = front.opened_reception(mandates=())
    front.world.clock.advance(1)
    assert front.desk().alerts(AlertQuery()) == []


def test_cameras_are_shown_without_their_addresses(front: Watched) -> None:
    cameras = front.desk("both").cameras()
    assert [camera.id for camera in cameras] == ["gate", "gate-2"]
    assert cameras[1].streams[0].address == "the back gate"
    assert "secret" not in repr(cameras)


def test_a_list_is_never_longer_than_two_hundred(front: Watched) -> None:
    for _ in range(220):
        front.another_alert()
    desk = front.desk()
    assert len(desk.alerts(AlertQuery(limit=10_000))) == 200
    assert len(desk.alerts(AlertQuery(limit=-1))) == 1
    auditor = front.desk("auditor", Use.ACCOUNT)
    for _ in range(120):
        auditor.counts()
    assert len(auditor.entries(0, 10_000)) == 200
    assert [stored.index for stored in auditor.entries(-5, 2)] == [0, 1]


def test_a_verdict_is_stored_once(front: Watched) -> None:
    judged = front.desk().judge(front.alert.id, Decision.DISMISSED, "  a cat  ", 7.25)
    assert judged.state is AlertState.DISMISSED
    verdict = judged.verdict
    assert verdict is not None
    assert (verdict.reason, verdict.account_id, verdict.at_us, verdict.seconds_spent) == (
        "a cat",
        "marie",
        NOW_US,
        7.25,
    )
    opened, concluded = front.world.entries()[-2:]
    assert (opened.reason, concluded.detail) == ("a cat", "dismissed after 7.2 s")
    with pytest.raises(Conflict):
        front.desk("both").judge(front.alert.id, Decision.CONFIRMED, "a person", 3.0)
    assert front.world.entries()[-1].detail == "conflict"
    assert front.desk().alert(front.alert.id) == judged


def test_an_alert_that_expired_takes_no_verdict(front: Watched) -> None:
    late = front.another_alert(state=AlertState.EXPIRED)
    with pytest.raises(Conflict):
        front.desk().judge(late.id, Decision.CONFIRMED, "a person", 3.0)


@pytest.mark.parametrize(
    ("reason", "spent_s"), [("", 1.0), ("  a ", 1.0), ("a cat", -1.0), ("a cat", float("nan")), ("a cat", float("inf"))]
)
def test_a_verdict_without_a_reason_or_with_an_impossible_time_is_not_stored(
    front: Watched, reason: str, spent_s: float
) -> None:
    with pytest.raises(Invalid):
        front.desk().judge(front.alert.id, Decision.DISMISSED, reason, spent_s)
    assert front.desk().alert(front.alert.id).state is AlertState.OPEN


def test_a_page_left_open_overnight_counts_twelve_hours_at_most(front: Watched) -> None:
    judged = front.desk().judge(front.alert.id, Decision.DISMISSED, "a cat", 1e9)
    assert judged.verdict is not None
    assert judged.verdict.seconds_spent == 12 * 3600


def test_fewer_than_five_verdicts_say_nothing_about_precision(front: Watched) -> None:
    front.judged(confirmed=3, dismissed=1)
    few = front.desk().precision("gate", "presence")
    assert (few.confirmed, few.dismissed, few.low, few.high) == (3, 1, None, None)
    front.judged(confirmed=1, dismissed=0)
    enough = front.desk().precision("gate", "presence")
    assert (enough.confirmed, enough.dismissed) == (4, 1)
    assert enough.low == pytest.approx(0.3755, abs=1e-4)  # Wilson, 4 of 5
    assert enough.high == pytest.approx(0.9638, abs=1e-4)


def test_counts_are_of_the_territory_only(front: Watched) -> None:
    front.another_alert("gate-2")
    front.judged(confirmed=2, dismissed=1)
    assert front.desk().counts()[AlertState.OPEN] == 1
    assert front.desk("both").counts()[AlertState.OPEN] == 2
    assert front.desk().counts()[AlertState.CONFIRMED] == 2


def test_a_clip_shows_five_seconds_on_either_side_masked(front: Watched) -> None:
    frames = front.world.film.playback(front.desk().clip(front.alert.id, lambda _: None))
    assert len(frames) == 70  # 7 s before the end of the recording: 5 s, and 2 s of evidence; nothing yet after it
    assert all(hidden(frame.picture) for frame in frames)


def test_the_control_the_recording_itself_hides_nobody(front: Watched) -> None:
    (segment,) = front.world.records.segments.rows.values()
    recorded = front.world.film.playback(front.world.archive.path(segment))
    assert not any(hidden(frame.picture) for frame in recorded)


def test_of_a_long_happening_the_clip_shows_the_first_two_minutes(front: Watched) -> None:
    start_us = NOW_US - 20 * SECOND_US
    long = front.another_alert(evidence=Interval(start_us, start_us + HOUR_US))
    front.desk().clip(long.id, lambda _: None)
    asked = [args[1] for name, args in front.heard if name == "film.frames"]
    spans = {(span.start_us, span.end_us) for span in asked}
    assert (start_us - 5 * SECOND_US, start_us + 115 * SECOND_US) in spans
    assert max(end for _, end in spans) == start_us + 118 * SECOND_US  # the first pass looks three seconds further


def test_footage_is_taken_from_three_seconds_around_so_that_a_gap_across_segments_is_filled(tmp_path: Path) -> None:
    """Seen 2 s before the excerpt in a segment that ends before it, and again only 1.5 s into it."""
    front = Front(tmp_path, shown=[person(0.5)] * 200)
    segments = front.world.records.segments
    (whole,) = segments.rows.values()
    cut_us = NOW_US - 11_500_000
    first = replace(whole, id="first", path="first.raw", interval=Interval(whole.interval.start_us, cut_us))
    split(front, whole.path, first.path, 85)
    segments.rows = {
        "first": first,
        whole.id: replace(whole, interval=Interval(cut_us, whole.interval.end_us)),
    }
    times_us = [NOW_US - 20 * SECOND_US + i * 100_000 for i in range(200)]
    start_us = NOW_US - 10 * SECOND_US
    looked = [at_us for at_us in times_us if start_us - 3 * SECOND_US <= at_us < start_us + 8 * SECOND_US]
    seen = {start_us - 2 * SECOND_US, start_us + 900_000}
    front.reception = front.opened_reception(
        detector=WholeDetector(frozenset(i for i, at_us in enumerate(looked) if at_us not in seen))
    )
    path = front.desk().minute("gate", Interval(start_us, start_us + 5 * SECOND_US), lambda _: None)
    naked = [i for i, frame in enumerate(front.world.film.playback(path)) if (frame.picture.y >= BRIGHT).any()]
    assert naked == list(range(20, 50))  # the gap is masked; a second after the last sight nothing is


def split(front: Front, whole: str, first: str, frames: int) -> None:
    root = front.world.archive.root
    data = (root / whole).read_bytes()
    at = len(data) // 200 * frames
    (root / first).write_bytes(data[:at])
    (root / whole).write_bytes(data[at:])


@pytest.mark.parametrize("length_us", [0, 120 * SECOND_US + 1])
def test_an_excerpt_is_at_most_two_minutes(front: Watched, length_us: int) -> None:
    with pytest.raises(Invalid):
        front.desk().minute("gate", Interval(NOW_US - HOUR_US, NOW_US - HOUR_US + length_us), lambda _: None)


def test_an_excerpt_is_masked_and_bounded_by_what_was_asked(front: Watched) -> None:
    frames = front.world.film.playback(front.desk().minute("gate", LAST_TEN, lambda _: None))
    assert len(frames) == 100
    assert all(hidden(frame.picture) for frame in frames)
    assert front.world.entries()[-1].detail == f"{LAST_TEN.start_us}..{LAST_TEN.end_us} us"


@pytest.mark.parametrize("method", ["still", "clip", "minute"])
def test_what_was_erased_is_not_found(front: Watched, method: str) -> None:
    front.world.records.segments.rows.clear()
    with pytest.raises(NotFound):
        CALLS[method](front.desk(), front)


@pytest.mark.parametrize(("asked", "given"), [(1, 64), (320, 320), (100_000, 1920)])
def test_a_still_has_a_sensible_width_and_hides_everybody(front: Watched, asked: int, given: int) -> None:
    head, pixels = front.desk().still(front.alert.id, asked).split(b"\n", 1)
    assert f'"width": {given},'.encode() in head
    assert max(pixels) < BRIGHT


def test_a_copy_is_had_again_without_making_it_anew(front: Watched) -> None:
    desk = front.desk()
    clip = desk.clip(front.alert.id, lambda _: None)
    minute = desk.minute("gate", LAST_TEN, lambda _: None)
    assert front.world.film.written == 2
    assert desk.again(clip, alert_id=front.alert.id) == clip
    assert desk.again(minute, camera_id="gate") == minute
    assert front.world.film.written == 2


def test_a_copy_under_another_name_or_place_is_not_had_again(front: Watched) -> None:
    clip = front.desk().clip(front.alert.id, lambda _: None)
    minute = front.desk().minute("gate", LAST_TEN, lambda _: None)
    other = front.another_alert(evidence=front.alert.evidence)
    theirs = front.desk("both").clip(other.id, lambda _: None)
    outside = clip.parent.parent / clip.name
    shutil.copy(clip, outside)
    elsewhere = clip.with_name(minute.name.replace("minute-gate-", "minute-gate-2-"))
    shutil.copy(clip, elsewhere)  # of the camera ``gate-2``, whose name begins like ours
    unfinished = clip.with_name("unfinished-0123456789abcdef.mp4")
    shutil.copy(clip, unfinished)
    for made in (
        minute,
        theirs,
        outside,
        clip.parent / ".." / "clips" / clip.name,
        clip.with_suffix(".raw"),
        unfinished,
        clip.with_name(f"alert-{front.alert.id}-.mp4"),
        clip.parent,
    ):
        with pytest.raises(NotFound):
            front.desk().again(made, alert_id=front.alert.id)
    for made in (clip, theirs, elsewhere, unfinished, outside):
        with pytest.raises(NotFound):
            front.desk().again(made, camera_id="gate")
    assert front.desk().again(clip, alert_id=front.alert.id) == clip
    clip.unlink()
    with pytest.raises(NotFound):
        front.desk().again(clip, alert_id=front.alert.id)


def test_a_copy_named_for_nothing_is_refused(front: Watched) -> None:
    clip = front.desk().clip(front.alert.id, lambda _: None)
    with pytest.raises((NotFound, Refused)):
        front.desk().again(clip)


def test_readings_are_of_the_territory(front: Watched) -> None:
    assert [reading.value for reading in front.desk().readings("people")] == [3.0]
    assert [reading.value for reading in CALLS["series"](front.desk(), front)] == [3.0]
    both = front.world.records.accounts.get("both")
    front.world.records.accounts.update(replace(both, territory=frozenset({"gate-2"})))
    assert front.desk("both").readings("people") == []


def test_spans_say_what_is_recorded(front: Watched) -> None:
    wide = Interval(NOW_US - HOUR_US, NOW_US)
    assert front.desk().spans("gate", wide) == [Interval(NOW_US - 20 * SECOND_US, NOW_US)]


def publish(front: Front, count: int = 12) -> None:
    picture = person(0.5)
    found = front.world.detector.detect([picture], 0.2)[0].boxes
    for i in range(count):
        at_us = NOW_US + i * 100_000
        front.live.publish("gate", Frame("gate-main", 0, at_us, False, 0, picture), found)


def test_live_pictures_are_masked_and_their_outcome_says_how_many_were_seen(front: Watched) -> None:
    with front.desk().live("gate") as window:
        assert isinstance(window, Window)
        publish(front)
        data = next(window.frames())
        assert max(data.split(b"\n", 1)[1]) < BRIGHT
        opened = front.world.entries()[-1]
        assert (opened.outcome, opened.target) == (Outcome.OPENED, "live:gate")
    window.close()  # twice is once
    last = front.world.entries()[-1]
    assert (last.outcome, last.detail) == (Outcome.DONE, "1 pictures")
    assert sum(e.target == "live:gate" for e in front.world.entries()) == 2


def test_somebody_revoked_while_looking_sees_not_one_picture_more(front: Watched) -> None:
    def look() -> None:
        with front.desk().live("gate") as window:
            publish(front)
            frames = window.frames()
            assert next(frames)
            revoked(front)
            publish(front, 24)
            next(frames)

    with pytest.raises(Refused) as refused:
        look()
    assert refused.value.rule == "L23"
    last = front.world.entries()[-1]
    assert (last.outcome, last.rule, last.target) == (Outcome.REFUSED, "L23", "live:gate")


def test_a_hub_that_cannot_show_is_written_as_the_outcome(front: Watched) -> None:
    def broken(camera_id: str) -> None:
        raise RuntimeError("no view")

    front.live.watch = broken  # type: ignore[assignment,method-assign]
    with pytest.raises(RuntimeError):
        front.desk().live("gate")
    assert (front.world.entries()[-1].outcome, front.world.entries()[-1].detail) == (Outcome.FAILED, "RuntimeError")
