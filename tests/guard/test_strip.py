"""What a viewing keeps in memory: little, each picture decoded once, and nothing after its end."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOW_US
from tests.fakes.media import person
from tests.guard.test_casework import Office
from tests.guard.test_projector import START_US, bare, office, viewing  # noqa: F401 -- a fixture
from vitrail.domain.errors import NotFound
from vitrail.domain.frames import Frame
from vitrail.domain.time import SECOND_US
from vitrail.guard import strip as strips
from vitrail.guard.strip import HELD_PX, Beside, Strip


def frame(at_us: int, width: int = 64) -> Frame:
    return Frame("gate-main", 0, at_us, True, 0, person(0.5, width, width * 3 // 4))


def test_dragging_over_a_recording_decodes_each_key_picture_once(office: Office) -> None:  # noqa: F811
    near, decoded = office.world.film.near, []

    def counted(segments, at_us, wanted):  # type: ignore[no-untyped-def]
        found = near(segments, at_us, wanted)
        decoded.extend(us for us, shown in found if shown is not None)
        return found

    office.world.film.near = counted  # type: ignore[method-assign]
    with viewing(office) as seen:
        first = [seen.at("gate", START_US + n * SECOND_US // 2, 320) for n in range(36)]
        assert sorted(decoded) == [START_US + n * 2 * SECOND_US for n in range(10)]
        assert [seen.at("gate", START_US + n * SECOND_US // 2, 320) for n in range(36)] == first
        assert len(decoded) == 10
        wider = [seen.at("gate", START_US + n * SECOND_US // 2, 640) for n in range(36)]
    assert len(decoded) == 10 and [at for at, _ in wider] == [at for at, _ in first]
    assert not any(bare(jpeg) for _, jpeg in first + wider)


def test_a_tile_whose_neighbour_is_still_to_come_is_made_anew(office: Office) -> None:  # noqa: F811
    """Who is first seen in the next key picture is hidden in this one, too."""
    rows = office.world.records.segments.rows
    rows |= {i: replace(s, sealed=False, sha256="") for i, s in rows.items()}
    with viewing(office) as seen:
        looked = office.world.detector.looked
        (at_us, first), (again_us, again) = (seen.at("gate", NOW_US - 1, 320) for _ in range(2))
    assert at_us == again_us and not bare(first) and not bare(again)
    assert office.world.detector.looked > looked


def test_what_was_erased_is_not_shown_from_memory(office: Office) -> None:  # noqa: F811
    with viewing(office) as seen:
        seen.at("gate", START_US + SECOND_US, 320)
        office.world.records.segments.rows.clear()
        with pytest.raises(NotFound):
            seen.at("gate", START_US + SECOND_US, 320)


def test_nothing_is_left_of_a_viewing_that_is_over(office: Office) -> None:  # noqa: F811
    seen = viewing(office)
    at_us, _ = seen.at("gate", START_US + SECOND_US, 320)
    assert seen._strip.tile("gate-main", at_us, 320) and seen._strip.waiting("gate-main", at_us)
    seen.close()
    assert seen._strip.tile("gate-main", at_us, 320) is None and seen._strip.waiting("gate-main", at_us) is None
    assert seen._strip.beside("gate-main", at_us) is None


def test_waiting_pictures_are_small_and_few() -> None:
    held = Strip()
    small = [held.wait(frame(NOW_US + n, 1920)) for n in range(2 * strips._WAITING)]
    assert {each.picture.width for each in small} == {HELD_PX}
    assert held.waiting("gate-main", NOW_US) is None
    assert held.waiting("gate-main", NOW_US + 2 * strips._WAITING - 1) is not None


@given(st.lists(st.integers(0, 50), min_size=3, max_size=20, unique=True), st.integers(0, 60))
def test_a_moment_is_known_only_between_two_key_pictures_that_follow_each_other(times: list[int], at: int) -> None:
    held, times = Strip(), sorted(times)
    for i in range(1, len(times) - 1, 2):
        held.know("s", Beside(tuple(times[i - 1 : i + 2]), times[i], True))
    found = held.beside("s", at)
    before = [t for t in times if t <= at]
    own = before[-1] if before else None
    known = own is not None and times.index(own) % 2 == 1 and times.index(own) < len(times) - 1
    assert (found is not None) == known
    assert found is None or found.own_us == own


def test_what_has_nothing_after_it_is_not_remembered() -> None:
    held = Strip()
    held.know("s", Beside((1, 2), 2, False))
    assert held.beside("s", 2) is None
