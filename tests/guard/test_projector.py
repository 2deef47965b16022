"""Pictures for replay: masked, each with its own time, from footage old and new; what the ledger says of looking."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW_US
from tests.guard.test_casework import Office
from vitrail.domain.errors import Invalid, NotFound, Refused
from vitrail.domain.ledger import Outcome
from vitrail.domain.time import DAY_US, HOUR_US, MINUTE_US, SECOND_US, Interval
from vitrail.guard.projector import FULL_US, KEYS_US, packed, unpacked
from vitrail.guard.viewing import LONGEST_VIEWING_US, Viewing

START_US = NOW_US - 20 * SECOND_US


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = Office(tmp_path)
    yield made
    made.live.close()


def viewing(office: Office, **case: object) -> Viewing:
    made: Viewing = office.look("ines", office.opened(**case)).play()
    return made


def bare(jpeg: bytes) -> bool:
    """Whether the face, a pattern of 210 beside 230, shows in what the fake camera's still holds."""
    head, _, planes = jpeg.partition(b"\n")
    assert json.loads(head)
    return b"\xd2\xe6" in planes or b"\xe6\xd2" in planes


def test_any_moment_has_its_masked_key_picture(office: Office) -> None:
    with viewing(office) as seen:
        for second in range(20):
            at_us = START_US + second * SECOND_US + 700_000
            wall_us, jpeg = seen.at("gate", at_us, 320)
            assert wall_us == START_US + second // 2 * 2 * SECOND_US
            assert not bare(jpeg)


def test_a_pack_holds_every_picture_of_its_span_masked_with_its_time(office: Office) -> None:
    with viewing(office) as seen:
        rows = unpacked(seen.pack("gate", START_US, 640, False).read_bytes())
    assert [at_us for at_us, _ in rows] == [START_US + n * SECOND_US // 10 for n in range(50)]
    assert not any(bare(jpeg) for _, jpeg in rows)


def test_a_pack_of_key_pictures_holds_those_of_the_minute(office: Office) -> None:
    with viewing(office) as seen:
        rows = unpacked(seen.pack("gate", NOW_US - KEYS_US, 320, True).read_bytes())
    assert [at_us for at_us, _ in rows] == [START_US + n * 2 * SECOND_US for n in range(10)]
    assert not any(bare(jpeg) for _, jpeg in rows)


def test_a_recording_still_being_written_is_shown_as_far_as_it_goes(office: Office) -> None:
    rows = office.world.records.segments.rows
    rows |= {i: replace(s, sealed=False, sha256="") for i, s in rows.items()}
    with viewing(office) as seen:
        assert len(unpacked(seen.pack("gate", NOW_US - FULL_US, 640, False).read_bytes())) == 50
        assert seen.at("gate", NOW_US - 1, 320)[0] == NOW_US - 2 * SECOND_US


def test_masks_are_held_over_looks_that_missed(office: Office) -> None:
    office.world.detector._blind = frozenset(range(3, 200, 2))
    with viewing(office) as seen:
        rows = unpacked(seen.pack("gate", START_US + FULL_US, 640, False).read_bytes())
    assert not any(bare(jpeg) for _, jpeg in rows)


def test_packs_are_made_once_and_belong_to_their_case(office: Office) -> None:
    case, other = office.opened(), office.opened()
    with office.look("ines", case).play() as seen:
        first = seen.pack("gate", START_US, 640, False)
        looked = office.world.detector.looked
        assert seen.pack("gate", START_US, 640, False) == first
        assert office.world.detector.looked == looked
    with office.look("ines", other).play() as seen:
        assert seen.pack("gate", START_US, 640, False) != first


def test_what_lies_outside_of_case_or_recording_is_not_shown(office: Office) -> None:
    with viewing(office, window=Interval(NOW_US - 10 * SECOND_US, NOW_US)) as seen:
        for camera, at_us in (("gate", NOW_US - 15 * SECOND_US), ("gate-2", NOW_US - SECOND_US), ("gate", NOW_US + 1)):
            with pytest.raises(NotFound):
                seen.at(camera, at_us, 320)
        with pytest.raises(NotFound):
            seen.pack("gate", NOW_US - 20 * SECOND_US, 640, False)
        rows = unpacked(seen.pack("gate", NOW_US - 10 * SECOND_US, 640, False).read_bytes())
        assert min(at_us for at_us, _ in rows) >= NOW_US - 10 * SECOND_US
        with pytest.raises(Invalid):
            seen.pack("gate", NOW_US - 10 * SECOND_US + 1, 640, False)
        with pytest.raises(Invalid):
            seen.at("gate", NOW_US - SECOND_US, 321)


def test_a_viewing_is_one_opening_and_one_outcome_that_says_what_was_seen(office: Office) -> None:
    case = office.opened()
    desk = office.look("ines", case)
    before = len(office.world.entries())
    with desk.play() as seen:
        for second in range(10):
            seen.at("gate", START_US + second * SECOND_US, 320)
    opened, concluded = office.since(before)
    assert (opened.target, opened.outcome) == (f"case:{case.id}", Outcome.OPENED)
    assert concluded.outcome is Outcome.DONE and concluded.detail.startswith("played gate 2026-11-23T11:59:40")
    assert "(10)" in concluded.detail and case.id in concluded.detail


@pytest.mark.parametrize("end", ["closed", "revoked", "its time"])
def test_a_viewing_ends_at_once_with_case_account_or_time(office: Office, end: str) -> None:
    case = office.opened()
    seen = office.look("ines", case).play()
    seen.at("gate", START_US, 320)
    if end == "closed":
        office.work.close(office.who("olga"), case.id, "the legal basis fell away")
    elif end == "revoked":
        office.world.records.accounts.update(replace(office.who("ines"), revoked_us=NOW_US))
    else:
        office.world.clock.advance(LONGEST_VIEWING_US / SECOND_US)
    for look in (lambda: seen.at("gate", START_US, 320), lambda: seen.pack("gate", START_US, 640, False)):
        with pytest.raises((Refused, NotFound)):
            look()


def test_packs_go_with_their_footage(office: Office) -> None:
    case = office.opened()
    ines = office.who("ines")
    office.work.hold(ines, case.id, "gate", case.window, "it shows it", NOW_US + 3 * DAY_US)
    with office.look("ines", case).play() as seen:
        pack = seen.pack("gate", START_US, 640, False)
    office.world.clock.advance((DAY_US + HOUR_US) / SECOND_US)
    office.world.eraser.sweep()
    assert not pack.exists()
    office.work.close(office.who("olga"), case.id, "solved")
    office.world.eraser.sweep()
    assert not list((office.world.archive.root / "clips").iterdir())


@given(st.lists(st.tuples(st.integers(0, 2**60), st.binary(max_size=40)), max_size=20))
def test_what_is_packed_is_unpacked(rows: list[tuple[int, bytes]]) -> None:
    assert unpacked(packed(rows)) == rows
    with pytest.raises(ValueError):
        unpacked(b"JPEG")


def test_minutes_are_whole_packs() -> None:
    assert MINUTE_US % FULL_US == 0 and KEYS_US % FULL_US == 0
