"""Falls, in metres, with boxes and with pictures: what is told, and everything on the ground that is none."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tests.analytics.plaza import CAMERA as OVER
from tests.analytics.plaza import GROUND
from tests.analytics.scenes import STEP_US, T0, setting, told
from tests.builders import zone
from vitrail.analytics.fall import MANIFEST, Fall
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Label, Tracks
from vitrail.domain.events import Event, Phase
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Polygon
from vitrail.domain.streams import AnalyticSetting, Zone
from vitrail.domain.time import SECOND_US


def drawn(name: str, *corners: tuple[float, float]) -> Zone:
    return zone(id=name, polygon=Polygon(tuple((float(x), float(y)) for x, y in GROUND.picture(corners))))


LAWN = drawn("lawn", (-5, 12.5), (5, 12.5), (5, 22), (-5, 22))
BENCH = drawn("bench", (1, 13), (3, 13), (3, 16), (1, 16))
CAMERA = replace(OVER, zones=(LAWN, BENCH))
SIZE = (640, 360)


@dataclass(frozen=True, slots=True)
class Person:
    """Where and how tall somebody is at a second: metres east, north, height; None while the detector does not see
    them. ``there``: whether they are in the picture at all."""

    shape: Callable[[float], tuple[float, float, float]]
    seen: Callable[[float], bool] = lambda t: True
    there: Callable[[float], bool] = lambda t: True
    id: int = 1
    half: float | None = None
    """Half of how wide they are in metres, where that does not follow from how tall they are."""


def falls(at: float, takes: float = 0.6, lowest: float = 0.5, x: float = 0.0, up_again: float = 1e9) -> Person:
    def shape(t: float) -> tuple[float, float, float]:
        share = 0.0 if t >= up_again else min(1.0, max(0.0, (t - at) / takes))
        return x, 15.0, 1.7 - share * (1.7 - lowest)

    return Person(shape)


def box(person: Person, t: float) -> tuple[float, float, float, float]:
    x, y, tall = person.shape(t)
    half = person.half or (0.3 if tall > 1.0 else 0.85)
    foot, left, right = GROUND.picture([(x, y), (x - half, y), (x + half, y)])
    head = GROUND.picture([(x, y)], tall)[0]
    return float(left[0]), float(head[1]), float(right[0]), float(foot[1])


def scene(people: Sequence[Person], t: float, with_picture: bool) -> Scene:
    present = [p for p in people if p.there(t)]
    seen = [p for p in present if p.seen(t)]
    rows = np.array([box(p, t) for p in seen], np.float32).reshape(-1, 4)
    n, now = len(seen), T0 + round(t * SECOND_US)
    times = np.full(n, now, np.int64)
    ids = np.array([p.id for p in seen], np.int64)
    labels, scores = np.full(n, Label.PERSON, np.int8), np.full(n, 0.8, np.float32)
    tracks = Tracks(ids, rows, labels, scores, times - STEP_US, times) if n else Tracks.none()
    return Scene("gate-main", "gate", now, tracks, picture(present, t) if with_picture else None, rows)


def picture(people: Sequence[Person], t: float) -> Picture:
    luma = np.full((SIZE[1], SIZE[0]), 90, np.uint8)
    luma[::7] = 100
    for person in people:
        x0, y0, x1, y1 = (round(v) for v in np.array(box(person, t)) * (SIZE * 2))
        luma[max(0, y0) : y1, max(0, x0) : x1] = 200
    grey = np.full((SIZE[1] // 2, SIZE[0] // 2), 128, np.uint8)
    return Picture(luma, grey, grey)


def fall(exempt: tuple[str, ...] = (), **parameters: float) -> Fall:
    asked = AnalyticSetting("fall", setting("fall").purpose, ("lawn",), exempt=exempt, parameters=parameters)
    return Fall(CAMERA, "gate-main", asked)


def play(analytic: Fall, people: Sequence[Person], seconds: float = 30, with_picture: bool = False) -> list[Event]:
    looks = range(round(seconds * 10) + 1)
    return [e for n in looks for e in analytic.update(scene(people, n / 10, with_picture)).events]


def test_who_falls_and_stays_down_is_told_from_the_fall_on() -> None:
    (opened,) = told(play(fall(), [falls(at=5)]))
    assert opened.kind == "fall" and opened.place.zone_id == "lawn"
    assert abs(opened.interval.start_us - T0 - 5 * SECOND_US) < SECOND_US
    assert abs(opened.interval.end_us - opened.interval.start_us - 10 * SECOND_US) < SECOND_US // 5
    assert opened.measures[0].threshold == 10.0


def test_who_gets_up_in_time_is_not_told_and_who_gets_up_later_ends_it() -> None:
    assert not told(play(fall(), [falls(at=5, up_again=12)]))
    events = play(fall(), [falls(at=5, up_again=20)], 40)
    (closed,) = told(events, Phase.CLOSED)
    assert abs(closed.interval.end_us - T0 - 20 * SECOND_US) < SECOND_US


def test_who_sits_down_is_not_told() -> None:
    assert not told(play(fall(), [falls(at=5, lowest=1.15)]))


def test_who_lies_down_slowly_to_rest_is_not_told() -> None:
    assert not told(play(fall(), [falls(at=5, takes=4.0)]))


def test_who_lay_there_before_is_never_told() -> None:
    assert not told(play(fall(), [falls(at=-10)], 60))
    assert not told(play(fall(), [falls(at=-10)], 60, with_picture=True))


def test_who_falls_on_an_excepted_bench_is_not_told() -> None:
    on_bench = falls(at=5, x=2.0)
    assert told(play(fall(), [on_bench]))
    assert not told(play(fall(("bench",)), [on_bench]))


def test_outside_the_zone_nothing_is_told() -> None:
    assert not told(play(fall(), [falls(at=5, x=8.0)]))


def test_a_lying_person_the_detector_does_not_see_is_told_by_the_changed_ground() -> None:
    """Detectors often miss people who lie."""
    lost = replace(falls(at=8), seen=lambda t: t < 8.3, there=lambda t: t > 3)
    assert len(told(play(fall(), [lost], with_picture=True))) == 1
    assert not told(play(fall(), [lost]))


def test_who_is_lost_by_the_detector_while_standing_is_not_told() -> None:
    stands = Person(lambda t: (0.0, 15.0, 1.7), seen=lambda t: t < 8, there=lambda t: t > 3)
    assert not told(play(fall(), [stands], with_picture=True))


def test_who_walks_away_leaves_nothing_lying() -> None:
    walks = Person(lambda t: (0.0, 15.0 + max(0.0, t - 5) * 1.4, 1.7), there=lambda t: 3 < t < 9)
    assert not told(play(fall(), [walks], with_picture=True))


def test_a_bag_that_is_left_is_no_person_on_the_ground() -> None:
    walks = Person(lambda t: (-4.0 + 0.8 * t, 15.0, 1.7), there=lambda t: t < 10)
    bag = Person(lambda t: (0.0, 15.0, 0.35), seen=lambda t: False, there=lambda t: t > 5, id=2)
    assert not told(play(fall(), [walks, bag], with_picture=True))


def test_two_who_fall_at_one_place_are_one_happening() -> None:
    together = [falls(at=5), replace(falls(at=5.1, x=0.6), id=2)]
    assert len(told(play(fall(), together))) == 1


def test_the_end_of_the_stream_closes_what_is_open() -> None:
    analytic = fall()
    (opened,) = told(play(analytic, [falls(at=5)], 20))
    (closed,) = analytic.finish(T0 + 60 * SECOND_US).events
    assert closed.key == opened.key and not analytic.finish(T0 + 61 * SECOND_US).events


def test_after_a_reset_nothing_is_remembered() -> None:
    analytic = fall()
    play(analytic, [falls(at=5)], 12)
    analytic.reset()
    assert not told([e for n in range(130, 400) for e in analytic.update(scene([falls(at=5)], n / 10, False)).events])


def test_this_test_ground_is_not_too_steep_and_the_near_one_is() -> None:
    assert GROUND.steepest_deg(LAWN.polygon) < MANIFEST.steepest_deg < GROUND.steepest_deg(OVER.zone("plaza").polygon)


def test_a_cone_that_is_taken_for_somebody_low_makes_no_fall_of_who_vanishes_beside_it() -> None:
    cone = Person(lambda t: (0.5, 15.0, 0.7), id=2)
    passing = Person(lambda t: (0.0, 15.0, 1.7 if t < 5 else 0.6), seen=lambda t: t < 5.4, there=lambda t: t < 5.4)
    assert not told(play(fall(), [cone, passing]))
    assert told(play(fall(), [falls(at=5)])), "without the cone it is one"


def test_who_vanishes_behind_somebody_who_stands_there_has_not_fallen() -> None:
    before = Person(lambda t: (0.6, 15.0, 1.7), there=lambda t: t > 3, id=2)
    gone = replace(falls(at=8), seen=lambda t: t < 8.3, there=lambda t: t > 3)
    assert told(play(fall(), [gone], with_picture=True)), "where nobody stands it is one"
    assert not told(play(fall(), [before, gone], with_picture=True))


def test_who_steps_behind_something_that_leaves_only_the_legs_in_sight_has_not_fallen() -> None:
    legs = replace(falls(at=5, lowest=0.8), half=0.25)
    assert told(play(fall(), [replace(legs, half=0.5)])), "as wide as somebody who lies it is one"
    assert not told(play(fall(), [legs]))


def test_legs_that_go_to_and_fro_are_no_body_that_stays() -> None:
    gone = replace(falls(at=8), seen=lambda t: t < 8.3, there=lambda t: 3 < t < 8.4)
    stays = Person(lambda t: (0.0, 15.0, 0.5), seen=lambda t: False, there=lambda t: t > 8.3, id=2)
    legs = replace(stays, shape=lambda t: (2.4 * abs(0.7 * t % 2.0 - 1.0) - 1.2, 15.0, 0.5), half=0.4)
    assert told(play(fall(), [gone, stays], with_picture=True)), "what stays is one"
    assert not told(play(fall(), [gone, legs], with_picture=True))


def test_what_looked_other_before_somebody_vanished_beside_it_is_no_body() -> None:
    was_there_at_first = Person(
        lambda t: (0.3, 15.0, 0.5), seen=lambda t: False, there=lambda t: t < 2.9, id=2, half=0.6
    )
    vanishes = Person(lambda t: (0.0, 15.0, 1.7), there=lambda t: 3 <= t < 12)
    assert not told(play(fall(), [was_there_at_first, vanishes], with_picture=True))


def test_who_stands_there_and_is_only_seen_now_and_then_is_nobody_on_the_ground() -> None:
    gone = replace(falls(at=8), seen=lambda t: t < 8.3, there=lambda t: 3 < t < 8.4)
    body = Person(lambda t: (0.0, 15.0, 0.5), seen=lambda t: False, there=lambda t: t > 8.3, id=2)
    glimpsed = Person(lambda t: (0.5, 15.0, 1.7), seen=lambda t: round(t * 10) % 8 == 0, there=lambda t: False, id=3)
    stands = replace(glimpsed, there=lambda t: t > 9 and round(t * 10) % 8 == 0)
    assert told(play(fall(), [gone, body, glimpsed], with_picture=True)), "where nobody stands it is one"
    assert not told(play(fall(), [gone, body, stands], with_picture=True))


def test_a_track_that_coasts_upright_hides_nobody_who_fell() -> None:
    """Who falls is often lost by the tracker, which expects them to walk on: nobody is seen there."""
    gone = replace(falls(at=8), seen=lambda t: t < 8.3, there=lambda t: t > 3)
    expected = np.array([box(Person(lambda t: (0.8, 15.0, 1.7)), 0.0)], np.float32)
    analytic, events = fall(), []
    for n in range(301):
        look = scene([gone], n / 10, True)
        coasting = np.concatenate([look.people, expected]) if n > 82 else look.people
        events += analytic.update(replace(look, people=coasting)).events
    assert len(told(events)) == 1


def test_who_lies_down_slowly_and_is_lost_half_way_down_did_not_fall() -> None:
    """Bent already when the detector loses them: what counts is how long ago they stood at their full height."""
    slowly = replace(falls(at=8, takes=3.0), seen=lambda t: t < 8.9, there=lambda t: t > 3)
    assert not told(play(fall(), [slowly], with_picture=True))
    fell = replace(falls(at=8), seen=lambda t: t < 8.3, there=lambda t: t > 3)
    assert told(play(fall(), [fell], with_picture=True))


def test_somebody_small_falls_from_their_own_height() -> None:
    child = Person(lambda t: (0.0, 15.0, 1.42 - min(1.0, max(0.0, (t - 8.0) / 0.6)) * 1.0))
    assert len(told(play(fall(), [child]))) == 1


def test_who_is_seen_half_way_up_a_moment_after_being_lost_is_lying_down_and_did_not_fall() -> None:
    body = Person(lambda t: (0.0, 15.0, 0.5), seen=lambda t: False, there=lambda t: t > 8.3, id=2)
    gone = replace(falls(at=8), seen=lambda t: t < 8.3, there=lambda t: 3 < t < 8.4)
    bent = Person(
        lambda t: falls(at=8).shape(t) if t < 8.5 else (0.0, 15.0, 1.2),
        seen=lambda t: t < 8.3 or 9.0 < t < 9.4,
        there=lambda t: 3 < t < 8.4 or 9.0 < t < 9.4,
    )
    assert told(play(fall(), [gone, body], with_picture=True)), "who is not seen again fell"
    assert not told(play(fall(), [bent, body], with_picture=True))


def test_a_part_of_somebody_taken_for_another_for_a_moment_did_not_stand_and_cannot_fall() -> None:
    for stood_s, fell in ((0.4, False), (3.0, True)):
        glimpse = replace(falls(at=8), seen=lambda t, stood_s=stood_s: t > 8 - stood_s, id=2)
        assert bool(told(play(fall(), [glimpse]))) is fell
