"""Following by place and movement."""

import itertools
import secrets
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitrail.domain.detections import Detections, Label, Tracks
from vitrail.domain.time import SECOND_US
from vitrail.pipeline.tracking import Tracker

T0 = 1_700_000_000 * SECOND_US
Sight = tuple[float, float, float, Label]
"""Centre x, centre y, score, label of a box a tenth wide and three tenths high."""


def seen(*sights: Sight, w: float = 0.1, h: float = 0.3) -> Detections:
    boxes = [(x - w / 2, y - h / 2, x + w / 2, y + h / 2) for x, y, _, _ in sights]
    return Detections(
        np.array(boxes, np.float32).reshape(-1, 4),
        np.array([label for *_, label in sights], np.int8),
        np.array([score for _, _, score, _ in sights], np.float32),
    )


def tracker() -> Tracker:
    ids = itertools.count(1)
    return Tracker(lambda: next(ids))


def follow(
    what: Callable[[float], Sequence[Sight]], seconds: float, fps: float = 10, own: Tracker | None = None
) -> list[Tracks]:
    own = own or tracker()
    return [own.update(seen(*what(i / fps)), T0 + round(i / fps * SECOND_US)) for i in range(round(seconds * fps) + 1)]


def walker(x: float, y: float, score: float = 0.7, label: Label = Label.PERSON) -> Sight:
    return (x, y, score, label)


def ids_of(tracks: Sequence[Tracks]) -> set[int]:
    return {int(i) for one in tracks for i in one.ids}


@pytest.mark.parametrize("fps", [2, 5, 10, 25])
def test_a_walker_is_one_track_at_any_frame_rate(fps: float) -> None:
    tracks = follow(lambda t: [walker(0.2 + 0.06 * t, 0.5)], 8, fps)
    assert len(ids_of(tracks)) == 1
    assert tracks[-1].seen_us[0] == T0 + 8 * SECOND_US
    assert tracks[-1].since_us[0] == T0
    assert abs(float(tracks[-1].boxes[0, [0, 2]].mean()) - 0.68) < 0.02


def test_a_sure_box_is_told_from_its_third_sight_on() -> None:
    counts = [len(one) for one in follow(lambda t: [walker(0.5, 0.5)], 0.5)]
    assert counts == [0, 0, 1, 1, 1, 1]


def test_one_false_box_is_no_track() -> None:
    assert not ids_of(follow(lambda t: [walker(0.5, 0.5, 0.9)] if t == 1.0 else [], 3))


def test_a_doubtful_box_that_keeps_still_is_never_believed() -> None:
    """A traffic cone that looks like a person a little, for a minute."""
    assert not ids_of(follow(lambda t: [walker(0.5 + 0.004 * np.sin(9 * t), 0.5, 0.43)], 60, 5))


def test_a_cone_keeps_still_also_after_somebody_has_left() -> None:
    def cone_and_walker(t: float) -> list[Sight]:
        passer = [walker(0.6 + 0.15 * t, 0.3)] if t < 2.6 else []
        return [*passer, walker(0.3, 0.6, 0.43)]

    tracks = follow(cone_and_walker, 10)
    assert len(ids_of(tracks)) == 1 and len(tracks[-1]) == 0


def test_a_doubtful_box_that_moves_is_believed_and_stays_so() -> None:
    tracks = follow(lambda t: [walker(0.3 + 0.1 * min(t, 2), 0.5, 0.42)], 20)
    assert len(ids_of(tracks)) == 1 and len(tracks[-1]) == 1


def test_low_confidence_keeps_alive_but_begins_nothing() -> None:
    def fading(t: float) -> list[Sight]:
        return [walker(0.3 + 0.03 * t, 0.5, 0.7 if t < 2 else 0.22), walker(0.8, 0.5, 0.25)]

    tracks = follow(fading, 10)
    assert len(ids_of(tracks)) == 1
    assert tracks[-1].seen_us[0] == T0 + 10 * SECOND_US


def test_an_occluded_walker_is_found_again_under_the_same_id() -> None:
    tracks = follow(lambda t: [] if 3 < t < 5 else [walker(0.2 + 0.05 * t, 0.5)], 9)
    assert len(ids_of(tracks)) == 1
    hidden = tracks[40]
    assert len(hidden) == 1 and hidden.seen_us[0] < T0 + 4 * SECOND_US


def test_after_long_absence_it_is_somebody_else() -> None:
    own = tracker()
    tracks = follow(lambda t: [] if 3 < t < 9 else [walker(0.5, 0.5)], 12, own=own)
    assert len(ids_of(tracks)) == 2
    (ended,) = {i for one in tracks for i in one.ended}
    assert ended in ids_of(tracks[:35])


def test_two_who_cross_keep_their_ids() -> None:
    def two(t: float) -> list[Sight]:
        left, right = 0.1 + 0.1 * t, 0.9 - 0.1 * t
        behind = abs(left - right) < 0.06
        return [walker(left, 0.55)] if behind else [walker(left, 0.55), walker(right, 0.45)]

    tracks = follow(two, 7.9)
    assert len(ids_of(tracks)) == 2
    start = {int(i): float(box[0]) for i, box in zip(tracks[10].ids, tracks[10].boxes, strict=True)}
    end = {int(i): float(box[0]) for i, box in zip(tracks[-1].ids, tracks[-1].boxes, strict=True)}
    assert all((start[i] < 0.5) == (end[i] > 0.5) for i in start)


def test_a_person_never_becomes_a_car() -> None:
    tracks = follow(lambda t: [walker(0.5, 0.5, label=Label.PERSON if t < 2 else Label.CAR)], 4)
    assert len(ids_of(tracks)) == 2


def test_a_van_that_looks_like_car_and_truck_is_one_vehicle() -> None:
    def van(t: float) -> list[Sight]:
        return [
            walker(0.2 + 0.1 * t, 0.5, 0.3, Label.CAR),
            walker(0.2 + 0.1 * t, 0.5, 0.29, Label.TRUCK),
            walker(0.2 + 0.1 * t, 0.5, 0.25, Label.BOAT),
        ]

    tracks = follow(van, 5)
    assert len(ids_of(tracks)) == 1
    assert Label(int(tracks[-1].labels[0])) is Label.CAR
    assert tracks[-1].scores[0] > 0.5


def test_who_leaves_the_picture_ends_soon() -> None:
    tracks = follow(lambda t: [walker(0.6 + 0.15 * t, 0.5)] if t < 2.6 else [], 5)
    assert len(ids_of(tracks)) == 1
    assert len(tracks[-10]) == 0


def test_ids_come_from_the_caller_one_for_each_track() -> None:
    given: list[int] = []

    def new_id() -> int:
        given.append(secrets.randbits(63))
        return given[-1]

    own = Tracker(new_id)
    tracks = follow(lambda t: [walker(0.2, 0.5), walker(0.8, 0.5), walker(0.5, 0.5, 0.3)], 3, own=own)
    assert ids_of(tracks) == set(given) and len(given) == 2


def test_reset_forgets_everything_and_tells_no_end() -> None:
    own = tracker()
    before = follow(lambda t: [walker(0.5, 0.5)], 2, own=own)
    own.reset()
    after = [own.update(seen(walker(0.5, 0.5)), T0 + round((3 + i / 10) * SECOND_US)) for i in range(10)]
    assert not ids_of(before) & ids_of(after)
    assert not any(one.ended for one in after)
    assert after[-1].since_us[0] >= T0 + 3 * SECOND_US


def test_time_that_goes_back_harms_nothing() -> None:
    own = tracker()
    follow(lambda t: [walker(0.5, 0.5)], 2, own=own)
    again = own.update(seen(walker(0.5, 0.5)), T0)
    assert len(again) == 1 and again.seen_us[0] == T0 + 2 * SECOND_US


_sights = st.lists(
    st.tuples(
        st.floats(0, 1), st.floats(0, 1), st.floats(0.05, 1), st.sampled_from([Label.PERSON, Label.CAR, Label.DOG])
    ),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(_sights, st.integers(1, 3_000_000)), max_size=25))
def test_whatever_is_seen_tracks_stay_whole(moments: list[tuple[list[Sight], int]]) -> None:
    """Ids are unique at each moment, ended ids never come back, boxes stay in the picture, times in order."""
    own, now_us, over = tracker(), T0, set[int]()
    for sights, step_us in moments:
        now_us += step_us
        tracks = own.update(seen(*sights), now_us)
        ids = [int(i) for i in tracks.ids]
        over |= set(tracks.ended)
        assert len(ids) == len(set(ids)) and not over & set(ids)
        assert np.isfinite(tracks.boxes).all()
        assert ((tracks.boxes >= 0) & (tracks.boxes <= 1)).all()
        assert (tracks.since_us <= tracks.seen_us).all() and (tracks.seen_us <= now_us).all()
