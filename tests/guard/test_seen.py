"""Sightings come in under a permit, go at their time, and are searched inside a case only."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests import builders as b
from tests.builders import NOW_US
from tests.guard.front import Front
from tests.guard.world import World
from vitrail.domain.clearing import Cleared
from vitrail.domain.errors import NotFound, Refused
from vitrail.domain.events import AlertState, Findings
from vitrail.domain.frames import Picture
from vitrail.domain.ledger import Outcome
from vitrail.domain.people import Role, Use
from vitrail.domain.progress import UnderWay
from vitrail.domain.search import Filters
from vitrail.domain.sightings import Draft, Sighting, Subject, Tint
from vitrail.domain.time import DAY_US, HOUR_US, SECOND_US, Interval


def draft(**changes: Any) -> Draft:
    given: dict[str, Any] = {
        "stream_id": "gate-main",
        "camera_id": "gate",
        "subject": Subject.VEHICLE,
        "kind": "car",
        "interval": Interval(NOW_US - 5 * SECOND_US, NOW_US),
        "score": 0.7,
        "box": (0.1, 0.1, 0.4, 0.4),
    }
    return Draft(**(given | changes))


def look(level: int = 90) -> Cleared:
    half = np.full((20, 30), 128, np.uint8)
    made = Cleared.of(Picture(np.full((40, 60), level, np.uint8), half, half), np.zeros((0, 4), np.float32))
    assert made is not None
    return made


def lawful(tmp_path: Path, **law: Any) -> World:
    """A world whose one analytic may write sightings."""
    manifest = replace(b.analytic(), kinds=frozenset({"presence", "sighting"}))
    return World(tmp_path, mandates=[b.mandate(**law)], analytics=[manifest])


def test_sightings_are_written_under_the_permit_with_the_forms_of_what_was_seen_well(tmp_path: Path) -> None:
    world = lawful(tmp_path)
    with world.open() as opened:
        opened.accept(Findings(sightings=(draft(look=look()), draft(kind="bus"))))
    first, second = world.records.seen.records.rows.values()
    assert (first.mandate_id, first.kind, first.form is None) == ("try-out", "car", False)
    assert (second.kind, second.form) == ("bus", None)
    assert "sightings 2" in world.entries()[-1].detail


def test_without_a_permit_for_sightings_none_is_written_and_none_is_embedded(tmp_path: Path) -> None:
    world = World(tmp_path)
    with world.open() as opened:
        opened.accept(Findings(sightings=(draft(look=look()),)))
    assert world.records.seen.records.rows == {}
    assert world.records.seen.likeness.asked == []
    assert "left out 1" in world.entries()[-1].detail


def test_a_stream_may_not_speak_of_another_camera(tmp_path: Path) -> None:
    world = lawful(tmp_path)
    with world.open() as opened, pytest.raises(Refused) as refused:
        opened.accept(Findings(sightings=(draft(camera_id="gate-2"),)))
    assert refused.value.rule == "L04"
    assert world.records.seen.records.rows == {}


def test_sightings_go_at_their_time_from_rows_and_index(tmp_path: Path) -> None:
    world = lawful(tmp_path, retention_us=HOUR_US)
    with world.open() as opened:
        opened.accept(Findings(sightings=(draft(look=look()),)))
    world.clock.advance(3599)
    world.eraser.sweep()
    assert len(world.records.seen.records.rows) == 1
    world.clock.advance(2)
    assert world.eraser.sweep().rows >= 1
    assert world.records.seen.records.rows == {}
    assert world.records.seen.index.forgotten == [1]
    assert "erase done sightings" in world.said()


@pytest.mark.parametrize("subject", list(Subject))
@pytest.mark.parametrize("kind", ["person", "people", "face", "jacket", "rider", ""])
def test_a_sighting_of_a_person_cannot_even_be_made(subject: Subject, kind: str) -> None:
    with pytest.raises(ValueError, match="never of people"):
        draft(subject=subject, kind=kind)
    with pytest.raises(ValueError, match="never of people"):
        b.sighting(subject=subject, kind=kind)


@pytest.fixture
def front(tmp_path: Path) -> Front:
    return Front(tmp_path)


def put(front: Front, number: int, **changes: Any) -> Sighting:
    one = b.sighting(**({"id": number, "form": b.form(number)} | changes))
    records = front.world.records.seen.records
    records.rows[number], records.ends[number], records.last = one, NOW_US + DAY_US, number
    return one


def desk(front: Front) -> Any:
    return front.desk("ines", Use.INQUIRE)


def test_a_search_answers_with_what_was_understood_and_what_was_found(front: Front) -> None:
    put(front, 2, tints=(Tint("red", 0.9),))
    answer = desk(front).search("red car")
    assert [found.sighting.id for found in answer.results.found] == [2]
    assert answer.understood.filters.colours == {"red"}
    assert answer.results.indexed_until_us == NOW_US - 4 * SECOND_US


def test_the_surest_colour_comes_first(front: Front) -> None:
    put(front, 2, tints=(Tint("white", 0.95),))
    put(front, 3, tints=(Tint("black", 0.5), Tint("white", 0.2)))
    found = desk(front).search("white car").results.found
    assert [one.sighting.id for one in found] == [2, 1, 3]
    assert found[0].fit > found[1].fit > found[2].fit


def test_what_a_detector_takes_for_the_class_asked_for_comes_after_it(front: Front) -> None:
    put(front, 2, kind="bus", tints=(Tint("white", 0.95),))
    put(front, 3, kind="bicycle", tints=(Tint("white", 0.95),))
    put(front, 4, tints=(Tint("white", 0.6),))
    put(front, 5, tints=(Tint("grey", 0.9),))
    put(front, 6, tints=(Tint("red", 0.8), Tint("grey", 0.2)))
    answer = desk(front).search("white car")
    assert answer.understood.filters.near and answer.understood.filters.mistaken == {"truck", "bus", "grey"}
    assert [found.sighting.id for found in answer.results.found] == [1, 4, 2, 5]
    exact = desk(front).search("white car", replace(answer.understood.filters, near=False))
    assert [found.sighting.id for found in exact.results.found] == [1, 4]


def test_events_are_found_beside_things_and_what_was_dismissed_comes_last(front: Front) -> None:
    dismissed = front.another_alert(state=AlertState.DISMISSED)
    answer = desk(front).search("intrusion")
    assert [found.alert.id for found in answer.results.found] == [front.alert.id, dismissed.id]


def test_words_about_a_person_are_refused_written_down_and_nothing_is_read(front: Front) -> None:
    before = len(front.world.entries())
    with pytest.raises(Refused) as refused:
        desk(front).search("man in a red jacket")
    assert refused.value.rule == "L21"
    entries = front.since(before)
    assert (entries[-1].outcome, entries[-1].rule) == (Outcome.REFUSED, "L21")


def test_what_was_searched_stands_in_the_ledger(front: Front) -> None:
    desk(front).search("white car in the yard")
    assert "white car in the yard" in front.world.entries()[-1].detail


def test_only_the_cameras_of_the_case_and_the_territory_are_searched(front: Front) -> None:
    put(front, 2, camera_id="gate-2", stream_id="gate-2-main")
    assert [found.sighting.id for found in desk(front).search("white car").results.found] == [1]
    with pytest.raises(NotFound):
        desk(front).sighting(2)


def test_words_that_only_likeness_can_answer_are_asked_of_it(front: Front) -> None:
    put(front, 2, subject=Subject.PLACE, kind="view", tints=())
    answer = desk(front).search("a mattress")
    assert front.world.records.seen.likeness.said == ["mattress"]
    assert [found.sighting.id for found in answer.results.found] == [2]


def test_edited_filters_are_searched_as_they_are(front: Front) -> None:
    put(front, 2, kind="bus")
    answer = desk(front).search("white car", Filters(kinds=frozenset({"bus"})))
    assert [found.sighting.id for found in answer.results.found] == [2]


def test_where_the_camera_was_not_recorded_is_said(front: Front) -> None:
    outages = desk(front).search("white car").results.outages
    assert {outage.camera_id for outage in outages} == {"gate"}
    assert outages[0].interval.length_us > 60 * SECOND_US


def test_what_is_still_being_read_is_said_as_far_as_the_search_reaches(front: Front) -> None:
    span = Interval(NOW_US - HOUR_US, NOW_US)
    here, elsewhere = UnderWay("gate", span, 0.4, False), UnderWay("gate-9", span, 0.4, False)
    later = UnderWay("gate", Interval(NOW_US + DAY_US * 400, NOW_US + DAY_US * 401), 0.1, True)
    seen = replace(front.world.seen, under_way=lambda: [here, elsewhere, later])
    front.reception = front.opened_reception(seen=seen)
    asked = desk(front)
    assert asked.search("white car").results.under_way == (here,)
    assert asked.alike(1).under_way == (here,)
    before = Filters(kinds=frozenset({"car"}), spans=(Interval(0, 1),))
    answer = asked.search("white car", before).results
    assert (answer.under_way, answer.outages) == ((), ())


def test_more_like_this_finds_others_of_its_kind_and_not_itself(front: Front) -> None:
    put(front, 2, form=b.form(1))
    put(front, 3, subject=Subject.PLACE, kind="view", form=b.form(1))
    found = desk(front).alike(1).found
    assert [one.sighting.id for one in found][:1] == [2]
    assert 1 not in [one.sighting.id for one in found] and 3 not in [one.sighting.id for one in found]


def test_what_was_not_seen_well_has_no_others_like_it(front: Front) -> None:
    put(front, 2, form=None)
    with pytest.raises(NotFound):
        desk(front).alike(2)


def test_a_renamed_camera_is_searched_by_its_new_name_and_one_that_is_gone_by_nobody(front: Front) -> None:
    """What a camera saw that the site declares no more waits for the eraser, or for being declared again."""
    both = frozenset({"gate", "gate-2"})
    front.world.records.cases.put(b.case(cameras=both))
    front.world.records.accounts.update(b.account(id="ines", role=Role.INVESTIGATOR, territory=both))
    back = front.world.site.cameras[1]
    for cameras, found in (((b.camera(name="The mill"), back), 1), ((back,), 0)):
        front.reception = front.opened_reception(site=b.site(cameras=cameras))
        assert len(desk(front).search("white car near the mill").results.found) == found
        assert len(desk(front).search("white car").results.found) == found


def test_the_picture_of_a_sighting_is_of_the_moment_that_its_box_is_of(
    front: Front, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[int] = []
    film = front.world.film
    frames = film.frames

    def watched(segments: Any, interval: Interval, rough: bool = False) -> Any:
        begun.append(interval.start_us)
        return frames(segments, interval, rough)

    monkeypatch.setattr(film, "frames", watched)
    one = put(front, 2, best_us=NOW_US - 5 * SECOND_US)
    put(front, 3)
    desk(front).sighting_still(2)
    assert begun[0] == NOW_US - 5 * SECOND_US
    begun.clear()
    desk(front).sighting_still(3)  # as an earlier version wrote it: from the middle
    assert begun[0] == (one.interval.start_us + one.interval.end_us) // 2


def test_results_say_when_there_is_more(front: Front) -> None:
    for number in range(2, 200):
        put(front, number)
    results = desk(front).search("white car").results
    assert len(results.found) == 120 and results.more
