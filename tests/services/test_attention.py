"""Which cameras come first, and the reason that is given."""

from dataclasses import replace

import pytest

from tests import builders as b
from tests.builders import NOW_US
from vitrail.domain.events import Alert, AlertState, Place
from vitrail.domain.streams import Camera
from vitrail.domain.time import SECOND_US, Interval
from vitrail.runtime.health import StreamHealth, StreamState
from vitrail.services.attention import Why, rank

CAMERAS = [
    b.camera(id=name, streams=(b.stream(id=f"{name}-main", camera_id=name),)) for name in ("east", "north", "west")
]


def alert(
    camera: str, kind: str = "presence", ago_s: float = 10, over_s: float | None = None, **changes: object
) -> Alert:
    """Began so long ago; over for so long, or going on."""
    end_us = NOW_US - round((over_s or 0.0) * SECOND_US)
    made = b.alert(
        id=f"{camera}-{kind}-{ago_s}",
        kind=kind,
        stream_id=f"{camera}-main",
        place=Place(camera, zone_id="yard"),
        interval=Interval(NOW_US - round(ago_s * SECOND_US), end_us),
        ongoing=over_s is None,
        score=0.8,
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def health(camera: str, state: StreamState, for_s: float = 60) -> StreamHealth:
    return StreamHealth(f"{camera}-main", camera, state, NOW_US - round(for_s * SECOND_US))


def order(alerts: list[Alert] = [], rows: list[StreamHealth] = [], cameras: list[Camera] = CAMERAS) -> list[str]:  # noqa: B006 - not changed
    return [place.camera_id for place in rank(cameras, alerts, rows, NOW_US)]


def test_without_anything_to_tell_cameras_keep_their_own_order() -> None:
    assert order() == ["east", "north", "west"]
    assert {place.why for place in rank(CAMERAS, [], [], NOW_US)} == {Why.CALM}


def test_an_alert_that_goes_on_comes_before_one_that_is_over_and_both_before_motion() -> None:
    over, now = alert("north", ago_s=90, over_s=60), alert("west")
    moving = [health("east", StreamState.AWAKE, for_s=1)]
    assert order([over, now], moving) == ["west", "north", "east"]
    reasons = {p.camera_id: (p.why, p.kind, p.for_s) for p in rank(CAMERAS, [over, now], moving, NOW_US)}
    assert reasons["west"] == (Why.HAPPENS, "presence", 10.0)
    assert reasons["north"] == (Why.HAPPENED, "presence", 60.0)
    assert reasons["east"][0] is Why.MOVES


def test_danger_to_life_comes_before_a_line_that_was_crossed() -> None:
    assert order([alert("east", "line_crossing"), alert("north", "wrong_way"), alert("west", "fall")])[0] == "west"
    assert order([alert("east", "line_crossing"), alert("north", "wrong_way")])[0] == "north"


def test_what_alerts_all_day_tells_less() -> None:
    often = [alert("east", ago_s=10 + 120 * n, over_s=None if n == 0 else 100 * n) for n in range(12)]
    assert order([*often, alert("west")])[0] == "west"


def test_what_nobody_judged_stays_above_motion_and_what_was_confirmed_fades() -> None:
    old = alert("west", ago_s=7200, over_s=7000)
    moving = [health("north", StreamState.AWAKE, for_s=1)]
    assert order([old], moving)[0] == "west"
    assert order([replace(old, state=AlertState.CONFIRMED)], moving)[0] == "north"


@pytest.mark.parametrize("state", [AlertState.DISMISSED, AlertState.EXPIRED])
def test_what_was_dismissed_counts_no_more(state: AlertState) -> None:
    assert rank(CAMERAS, [alert("west", state=state)], [], NOW_US)[0].why is Why.CALM


def test_what_began_to_move_comes_before_what_always_moves_and_a_lost_picture_before_both() -> None:
    rows = [
        health("east", StreamState.AWAKE, for_s=3600),
        health("north", StreamState.AWAKE, for_s=2),
        health("west", StreamState.LOST),
    ]
    assert order([], rows) == ["west", "north", "east"]
    assert rank(CAMERAS, [], rows, NOW_US)[0].why is Why.GONE


def test_an_alert_of_sound_never_moves_a_camera_up() -> None:
    """L18: even where it bears the camera's name, it was not seen on one of its streams."""
    heard = alert("west", "gunshot", stream_id="microphone-3")
    assert order([heard]) == ["east", "north", "west"]
    assert {place.why for place in rank(CAMERAS, [heard], [], NOW_US)} == {Why.CALM}


def test_an_hour_from_now_the_same_alert_weighs_less() -> None:
    weights = [
        rank(CAMERAS, [alert("west", ago_s=300, over_s=minutes * 60)], [], NOW_US)[0].weight for minutes in (0, 1, 2, 4)
    ]
    assert weights == sorted(weights, reverse=True)
