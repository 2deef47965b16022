"""Bundles: who asks, who agrees, what is in them, and that they keep nobody longer than their case."""

import json
import resource
import signal
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import builders as b
from tests.builders import NOW_US
from tests.guard.test_casework import LAST_MINUTE, Office, faces
from tests.guard.test_hearing import microphone
from vitrail.adapters.bundle import container
from vitrail.adapters.bundle.report import _Page
from vitrail.domain.bundles import Bundle, Part, View
from vitrail.domain.cases import Case
from vitrail.domain.errors import Conflict, Invalid, NotFound, Refused, Unavailable
from vitrail.domain.events import Place
from vitrail.domain.ledger import Outcome
from vitrail.domain.people import Grant
from vitrail.domain.sound import Located, SoundTrace
from vitrail.domain.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Interval
from vitrail.guard.bundles import Bundles
from vitrail.guard.figures import count
from vitrail.guard.piecework import Reel
from vitrail.guard.stories import gaps_of, leaps_of, merged
from vitrail.guard.telling import Teller

GATE = Part("gate", Interval(NOW_US - 20 * SECOND_US, NOW_US))


class Bindery(Office):
    def __post_init__(self) -> None:
        super().__post_init__()
        world = self.world
        self.bundles = Bundles(self.work, world.records.bundles, world.ledger, world.clock, False)
        self.case = self.opened()

    def asked(self, name: str = "ines", **changes: Any) -> Bundle:  # type: ignore[override]
        given: dict[str, Any] = {
            "case_id": self.case.id,
            "parts": [GATE],
            "recipient": "Public prosecutor, Somewhere",
            "reason": "the hearing",
        }
        return self.bundles.ask(self.who(name), **(given | changes))

    def made(self, bundle: Bundle, case: Case | None = None) -> Path:
        found: Path = self.look("ines", case or self.case).bundle(bundle.id, lambda _: None)
        return found

    def read(self, path: Path, name: str) -> Any:
        return json.loads(zipfile.ZipFile(path).read(name))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Bindery]:
    office = Bindery(tmp_path)
    yield office
    office.live.close()


def names(path: Path) -> list[str]:
    return sorted(zipfile.ZipFile(path).namelist())


def test_a_masked_bundle_is_made_at_once_and_holds_nobody_unmasked(office: Bindery) -> None:
    path = office.made(office.asked())
    assert not [name for name in names(path) if name.startswith("original/")]
    masked = [name for name in names(path) if name.startswith("masked/") and name.endswith(".mp4")]
    assert masked
    copy = office.folder / "copy"
    copy.write_bytes(zipfile.ZipFile(path).read(masked[0]))
    frames = office.world.film.playback(copy)
    assert frames and faces(office, copy) == 0


def test_originals_wait_for_a_second_person_in_a_role_that_answers(office: Bindery) -> None:
    asked = office.asked(originals=True)
    with pytest.raises(Refused) as refused:
        office.made(asked)
    assert refused.value.rule == "L24"
    for name in ("ines", "ida", "marie", "adam"):
        with pytest.raises(Refused):
            office.bundles.answer(office.who(name), asked.id, True, "me too")
    office.bundles.answer(office.who("olga"), asked.id, True, "the court asks for them")
    path = office.made(asked)
    assert [name for name in names(path) if name.startswith("original/gate/")]
    entries = office.world.entries()
    assert count(iter(entries), len(entries)).uses().originals == 1


def test_what_was_declined_is_not_made(office: Bindery) -> None:
    asked = office.asked(originals=True)
    office.bundles.answer(office.who("olga"), asked.id, False, "the masked copy will do")
    with pytest.raises(Refused) as refused:
        office.made(asked)
    assert "declined" in refused.value.what
    entries = office.world.entries()
    assert count(iter(entries), len(entries)).uses().originals == 0


def test_originals_are_the_packets_as_recorded_key_to_key(office: Bindery) -> None:
    part = Part("gate", Interval(NOW_US - 13 * SECOND_US, NOW_US - 9 * SECOND_US))
    asked = office.asked(originals=True, parts=[part])
    office.bundles.answer(office.who("olga"), asked.id, True, "the court asks")
    (piece,) = [p for p in office.read(office.made(asked), "timeline.json")["pieces"] if p["kind"] == "original"]
    assert piece["interval"] == {"start_us": NOW_US - 14 * SECOND_US, "end_us": NOW_US - 8 * SECOND_US}
    assert not piece["whole"] and piece["pictures"] == 60


def test_a_bundle_stays_within_its_case_and_its_members(office: Bindery) -> None:
    for wrong in (
        Part("gate-2", GATE.interval),
        Part("gate", Interval(NOW_US - HOUR_US, NOW_US)),
        Part("gate", Interval(NOW_US - 5, NOW_US - 5)),
    ):
        with pytest.raises(Invalid):
            office.asked(parts=[wrong])
    with pytest.raises(Invalid):
        office.asked(parts=[])
    with pytest.raises(Refused):
        office.asked("ida")
    with pytest.raises(Invalid):
        office.asked(recipient=" ")
    other = office.opened()
    with pytest.raises(NotFound):
        office.made(office.asked(), other)


def test_the_chain_of_custody_tells_who_did_what_and_stands_in_the_ledger(office: Bindery) -> None:
    ines = office.who("ines")
    office.work.hold(ines, office.case.id, "gate", LAST_MINUTE, "it shows it", NOW_US + DAY_US)
    office.look("ines", office.case).minute("gate", LAST_MINUTE, lambda _: None)
    path = office.made(office.asked())
    deeds = office.read(path, "timeline.json")["deeds"]
    told = {(d["operation"], d["target"].split(":")[0], d["outcome"]) for d in deeds}
    assert {
        ("change", "case", "done"),
        ("change", "hold", "done"),
        ("consult", "camera", "done"),
        ("consult", "camera", "opened"),
        ("change", "bundle", "done"),
    } <= told
    assert {d["actor"] for d in deeds} == {"ines"}
    custody = office.read(path, "custody.json")
    proven = {row["index"] for row in custody["entries"]}
    assert {d["index"] for d in deeds} | {custody["bundle_entry"]} == proven


def test_a_sound_of_the_cases_microphones_is_told_without_a_camera_or_a_picture(office: Bindery) -> None:
    office.world.site = replace(office.world.site, microphones=(microphone(),))
    span = Interval(NOW_US - 5 * SECOND_US, NOW_US - 4 * SECOND_US)
    trace = SoundTrace((-3,), (-1,), Located(48.8567, 2.3521, 14.0, 6.0, 30.0, ("quay",)))
    heard = b.alert(id="shot", kind="gunshot", place=Place.heard("quay"), stream_id="quay-1", interval=span,
                    evidence=span, sound=trace)  # fmt: skip
    office.world.records.alerts.rows["shot"] = heard
    office.world.records.alerts.erase_after_us["shot"] = NOW_US + DAY_US
    told = telling(office).story(listening(office), office.case, office.asked(), [Reel(GATE, ())], [])[0]
    (sound,) = (h for h in told.happenings if h.kind == "sound")
    assert (sound.camera_id, sound.still) == ("", "") and "14 x 6 m" in sound.words and "quay: gunshot" in sound.words
    later = Reel(Part("gate", Interval(NOW_US, NOW_US + SECOND_US)), ())
    told = telling(office).story(listening(office), office.case, office.asked(), [later], [])[0]
    assert not [h for h in told.happenings if h.kind == "sound"]


def telling(office: Bindery) -> Teller:
    return office.reception._holdings.binder._teller


def listening(office: Bindery) -> Grant:
    """As a case over the microphone would give it."""
    given = office.look("ines", office.case).grant
    return replace(given, scope=replace(given.scope, microphones=frozenset({"quay"})))


def test_deeds_of_another_case_are_not_told(office: Bindery) -> None:
    other = office.opened(reference="PV 2026/99")
    office.look("ines", other).spans("gate", LAST_MINUTE)
    deeds = office.read(office.made(office.asked()), "timeline.json")["deeds"]
    assert not [d for d in deeds if other.id in d["target"] + d["detail"]]


def test_making_goes_on_where_a_full_disk_stopped_it(office: Bindery) -> None:
    asked = office.asked(originals=True, parts=[GATE])
    office.bundles.answer(office.who("olga"), asked.id, True, "the court asks")
    write, tries = office.world.film.write, []

    def full(*given: Any) -> Any:
        tries.append(given)
        raise Unavailable("the disk is full")

    office.world.film.write = full  # type: ignore[method-assign]
    with pytest.raises(Unavailable):
        office.made(asked)
    assert tries and office.world.entries()[-1].outcome is Outcome.FAILED
    folder = office.world.shelf.folder(asked.id)
    (kept,) = folder.rglob("original/gate/*.mp4")
    before = kept.stat().st_mtime_ns
    office.world.film.write = write  # type: ignore[method-assign]
    cuts = []
    office.world.film.cut = lambda *given: cuts.append(given)  # type: ignore[method-assign]
    path = office.made(asked)
    assert not cuts and before and any(name.startswith("original/") for name in names(path))
    assert not folder.exists() or not any(folder.iterdir())


def test_too_little_room_is_told_before_anything_is_begun(office: Bindery) -> None:
    office.world.shelf.free_bytes = lambda: 1  # type: ignore[method-assign]
    with pytest.raises(Unavailable) as told:
        office.made(office.asked())
    assert "MiB are free" in told.value.what
    assert office.world.shelf.kept() == []


def test_a_bundle_is_made_once_and_its_bytes_stay(office: Bindery) -> None:
    asked = office.asked()
    first = office.made(asked).read_bytes()
    assert office.made(asked).read_bytes() == first
    row = office.world.records.bundles.get(asked.id)
    assert (row.size_bytes, bool(row.sha256)) == (len(first), True)


def test_two_who_make_one_bundle_at_once_do_not_write_into_each_others_files(office: Bindery) -> None:
    asked = office.asked()
    with office.world.shelf.alone(asked.id), pytest.raises(Conflict):
        office.made(asked)
    path = office.made(asked)
    inside: list[Exception] = []

    def again(_: float) -> None:
        try:
            office.made(other)
        except Conflict as error:
            inside.append(error)

    other = office.asked()
    office.look("ines", office.case).bundle(other.id, again)
    assert inside and office.made(asked) == path and office.made(other).is_file()


@pytest.mark.parametrize("end", ["closed", "expired", "its time"])
def test_a_bundle_goes_with_its_case_or_at_its_time(office: Bindery, end: str) -> None:
    office.case = office.opened(length_us=(40 if end == "its time" else 2) * DAY_US)
    asked = office.asked()
    path = office.made(asked)
    if end == "closed":
        office.work.close(office.who("olga"), office.case.id, "solved")
    else:
        office.world.clock.advance((31 if end == "its time" else 2) * DAY_US / SECOND_US)
    office.world.eraser.sweep()
    assert not path.exists()
    assert "bundles" in {e.target for e in office.world.entries() if e.operation.value == "erase"}
    with pytest.raises(Refused):
        office.look("ines", office.case).bundled(asked.id)


def test_a_case_that_ends_while_it_is_open_ends_the_making(office: Bindery) -> None:
    asked = office.asked()
    desk = office.look("ines", office.case)
    office.work.close(office.who("olga"), office.case.id, "the legal basis fell away")
    with pytest.raises(Refused):
        desk.bundle(asked.id, lambda _: None)


@pytest.mark.parametrize("end", ["closed", "revoked", "expired"])
def test_a_legal_basis_that_falls_away_while_a_bundle_is_made_stops_it(office: Bindery, end: str) -> None:
    """Between two pieces; what was made until then is handed to nobody and goes with the next sweep."""
    office.case = office.opened(length_us=2 * DAY_US)
    asked = office.asked(parts=[Part("gate", Interval(NOW_US - 15 * SECOND_US, NOW_US - 5 * SECOND_US)), GATE])
    desk = office.look("ines", office.case)

    def happens(share: float) -> None:
        if share < 0.4:
            return
        if end == "closed" and office.work.sheet(office.who("olga"), office.case.id, "look").case.closed_us is None:
            office.work.close(office.who("olga"), office.case.id, "the legal basis fell away")
        elif end == "revoked":
            office.world.records.accounts.update(replace(office.who("ines"), revoked_us=NOW_US))
        elif end == "expired" and office.world.clock.now_us() == NOW_US:
            office.world.clock.advance(3 * DAY_US / SECOND_US)

    with pytest.raises(Refused):
        desk.bundle(asked.id, happens)
    assert office.world.entries()[-1].outcome is Outcome.REFUSED
    assert not office.world.shelf.path(asked.id).exists()
    assert office.world.records.bundles.get(asked.id).made_us is None
    if end != "revoked":
        office.world.eraser.sweep()
        assert asked.id not in office.world.shelf.kept()


@pytest.mark.parametrize(("share", "pieces"), [(0.4, 1), (0.9, 2)])
def test_no_piece_is_begun_and_nothing_sealed_once_the_legal_basis_fell_away(
    office: Bindery, share: float, pieces: int
) -> None:
    """After the first of two pieces; after the last, with only the report and the seal to come."""
    asked = office.asked(parts=[Part("gate", Interval(NOW_US - 15 * SECOND_US, NOW_US - 5 * SECOND_US)), GATE])

    def happens(told: float) -> None:
        if told >= share and office.world.records.cases.get(office.case.id).closed_us is None:
            office.work.close(office.who("olga"), office.case.id, "the legal basis fell away")

    with pytest.raises(Refused):
        office.look("ines", office.case).bundle(asked.id, happens)
    assert len(list(office.world.shelf.folder(asked.id).rglob("*.mp4"))) == pieces
    assert not [e for e in office.world.entries() if "contents sha256" in e.detail]


def test_a_disk_that_fills_while_all_is_bound_leaves_no_half_bundle_and_loses_nothing(office: Bindery) -> None:
    asked = office.asked()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    ignored = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    bind = office.world.press.bind

    def full(out: Path, files: Any, progress: Any) -> str:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
        try:
            return container.bind(out, files, progress)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    office.world.press.bind = full  # type: ignore[method-assign]
    try:
        with pytest.raises(Unavailable) as told:
            office.made(asked)
    finally:
        signal.signal(signal.SIGXFSZ, ignored)
    assert "cannot be written" in told.value.what and "disk space" in told.value.remedy
    assert [p.suffix for p in office.world.shelf.path(asked.id).parent.iterdir()] == [".work"]
    office.world.press.bind = bind  # type: ignore[method-assign]
    write = office.world.film.write
    office.world.film.write = lambda *_: pytest.fail("masked again")  # type: ignore[method-assign]
    assert office.made(asked).is_file()
    office.world.film.write = write  # type: ignore[method-assign]


def test_a_report_over_the_hour_that_comes_twice_says_which_is_meant(office: Bindery) -> None:
    """02:30 comes twice in the night when clocks go back: the bundle keeps UTC, and its report names the zone."""
    office.made(office.asked())
    told = office.world.press.told
    assert told is not None
    page = _Page(replace(told, zone="Europe/Paris"))
    first_us = round(datetime(2026, 10, 25, 0, 30, tzinfo=UTC).timestamp()) * SECOND_US
    said = [page._moment(first_us + hours * HOUR_US) for hours in range(2)]
    assert said == ["2026-10-25 02:30:00.000 CEST", "2026-10-25 02:30:00.000 CET"]


def test_nothing_kept_any_more_is_told(office: Bindery) -> None:
    asked = office.asked()
    office.world.clock.advance((DAY_US + HOUR_US) / SECOND_US)
    office.world.eraser.sweep()
    with pytest.raises(NotFound) as told:
        office.made(asked)
    assert "erased" in told.value.remedy


def test_missing_segments_and_a_clock_set_back_are_in_the_story(office: Bindery) -> None:
    permit = b.permit(retention_us=DAY_US)
    again = Interval(NOW_US - 15 * SECOND_US, NOW_US - 12 * SECOND_US)
    twice = b.segment(id="twice", path="twice.raw", interval=again, mandate_id=permit.mandate_id)
    office.world.records.segments.put(permit, twice)
    office.world.archive.path(twice).write_bytes(b"")
    part = Part("gate", LAST_MINUTE)
    (camera,) = office.read(office.made(office.asked(parts=[part])), "timeline.json")["cameras"]
    assert camera["gaps"] == [{"start_us": LAST_MINUTE.start_us, "end_us": NOW_US - 20 * SECOND_US}]
    assert camera["leaps"] == [{"start_us": again.start_us, "end_us": again.end_us}]


def test_a_recording_still_being_written_is_cut_as_far_as_it_goes(office: Bindery) -> None:
    rows = office.world.records.segments.rows
    rows |= {i: replace(s, sealed=False, sha256="") for i, s in rows.items()}
    asked = office.asked(originals=True)
    office.bundles.answer(office.who("olga"), asked.id, True, "the court asks")
    (piece,) = [p for p in office.read(office.made(asked), "timeline.json")["pieces"] if p["kind"] == "original"]
    assert not piece["whole"] and piece["recorded_sha256"] == "" and piece["pictures"] == 200


SPANS = st.lists(
    st.tuples(st.integers(0, 600), st.integers(1, 60)).map(lambda t: Interval(t[0] * SECOND_US, sum(t) * SECOND_US)),
    max_size=12,
)


@given(SPANS, st.integers(0, 300), st.integers(1, 300))
def test_gaps_and_what_is_recorded_fill_what_was_asked(spans: list[Interval], start: int, length: int) -> None:
    asked = Interval(start * SECOND_US, (start + length) * SECOND_US)
    gaps = gaps_of(asked, merged(spans))
    for second in range(start, start + length):
        at_us = second * SECOND_US + SECOND_US // 2
        assert any(s.holds(at_us) for s in spans) != any(gap.holds(at_us) for gap in gaps)


@given(SPANS)
def test_a_steady_clock_has_no_leap(spans: list[Interval]) -> None:
    at_us, steady = 0, []
    for span in spans:
        steady.append(b.segment(interval=Interval(at_us, at_us + span.length_us)))
        at_us += span.length_us + span.start_us
    assert leaps_of(steady) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=25, deadline=None)
@given(
    minutes=st.lists(st.integers(-59, -1), min_size=1, max_size=6, unique=True),
    held=st.tuples(st.integers(-59, -2), st.integers(1, 20)),
    wait=st.integers(1, 48),
)
def test_every_neighbour_minute_is_erased_on_time_whatever_is_held_and_bundled(
    tmp_path_factory: pytest.TempPathFactory, minutes: list[int], held: tuple[int, int], wait: int
) -> None:
    """L30: after a bundle was made, what no hold names is gone at its time, and what is in the bundle ends with it."""
    office = Bindery(tmp_path_factory.mktemp("minutes"))
    try:
        hour = Interval(NOW_US - HOUR_US, NOW_US)
        office.case = office.opened(window=hour)
        permit = b.permit(retention_us=DAY_US)
        for minute in minutes:
            span = Interval(NOW_US + minute * MINUTE_US, NOW_US + (minute + 1) * MINUTE_US)
            made = b.segment(id=f"m{minute}", path=f"m{minute}.raw", interval=span, mandate_id=permit.mandate_id)
            office.world.records.segments.put(permit, replace(made, erase_after_us=span.start_us + DAY_US))
            office.world.archive.path(made).write_bytes(b"")
        first, length = held
        end_us = min(NOW_US, NOW_US + (first + length) * MINUTE_US)
        span = Interval(NOW_US + first * MINUTE_US, end_us)
        office.work.hold(office.who("ines"), office.case.id, "gate", span, "it shows it", NOW_US + 60 * DAY_US)
        office.made(office.asked(parts=[Part("gate", hour)]))
        office.world.clock.advance(wait * HOUR_US / SECOND_US)
        office.world.eraser.sweep()
        now_us = office.world.clock.now_us()
        left = {s.id for s in office.world.records.segments.every()}
        for minute in minutes:
            own = Interval(NOW_US + minute * MINUTE_US, NOW_US + (minute + 1) * MINUTE_US)
            kept = own.touches(span) or own.start_us + DAY_US > now_us
            assert (f"m{minute}" in left) == kept
            assert (office.world.archive.root / f"m{minute}.raw").exists() == kept
    finally:
        office.live.close()


def test_full_copies_hold_every_picture(office: Bindery) -> None:
    keys = office.read(office.made(office.asked()), "timeline.json")["pieces"]
    full = office.read(office.made(office.asked(view=View.FULL)), "timeline.json")["pieces"]
    assert (sum(p["pictures"] for p in keys), sum(p["pictures"] for p in full)) == (10, 200)
