"""Jerky motion among people who are close, in made pictures; what is never told."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt
import pytest

from tests.analytics.scenes import CAMERA, STEP_US, T0, setting, told
from vitrail.analytics.brawling import shipped, window
from vitrail.analytics.fight import Fight, Usual
from vitrail.analytics.unrest import MEASURES, Unrest
from vitrail.domain.analytics import Scene
from vitrail.domain.detections import Tracks
from vitrail.domain.events import Event, Phase
from vitrail.domain.frames import Picture
from vitrail.domain.stirs import Stir
from vitrail.domain.time import MINUTE_US, SECOND_US

SIZE = (384, 216)
_RNG = np.random.default_rng(5)
GROUND = cv2.GaussianBlur(_RNG.integers(60, 200, (SIZE[1] * 2, SIZE[0] * 2)).astype(np.uint8), (0, 0), 2)
CLOTH = cv2.GaussianBlur(_RNG.integers(0, 255, (400, 400)).astype(np.uint8), (0, 0), 3)

Shift = Callable[[int], tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Body:
    """A patch of cloth: where its middle is at each look, in pixels; how tall."""

    where: Shift
    tall: int = 60

    def box(self, look: int) -> tuple[float, float, float, float]:
        x, y = self.where(look)
        return x - self.tall / 4, y - self.tall / 2, x + self.tall / 4, y + self.tall / 2


def stands(x: float, y: float) -> Shift:
    return lambda look: (x, y)


def walks(x: float, y: float, step: float = 2.0) -> Shift:
    return lambda look: (x + step * look, y)


def jerks(x: float, y: float, reach: float, seed: int) -> Shift:
    at = np.random.default_rng(seed).uniform(-reach, reach, (400, 2))
    return lambda look: (x + float(at[look, 0]), y + float(at[look, 1]))


def picture(bodies: list[Body], look: int, pan: float = 0.0) -> Picture:
    canvas: npt.NDArray[np.uint8] = GROUND[: SIZE[1], round(pan * look) : round(pan * look) + SIZE[0]].copy()
    for body in bodies:
        x0, y0, x1, y1 = (round(v) for v in body.box(look))
        canvas[y0:y1, x0:x1] = CLOTH[: y1 - y0, : x1 - x0]
    grey = np.full((SIZE[1] // 2, SIZE[0] // 2), 128, np.uint8)
    return Picture(canvas, grey, grey)


def shaped(way: float) -> Stir:
    """What a network would make of motion that has the shape of a fight (1), of anything else (-1), or in between."""
    part = shipped().shape
    return Stir(
        (part.centre + way * 1.5 * part.scale * part.weights / (part.weights @ part.weights)).astype(np.float32)
    )


def scene(bodies: list[Body], look: int, pan: float = 0.0, way: float | None = 0.0) -> Scene:
    boxes = np.array([body.box(look) for body in bodies], np.float32).reshape(-1, 4) / np.array(SIZE * 2, np.float32)
    shown = picture(bodies, look, pan)
    stir = None if way is None or look % 2 else shaped(way)
    return Scene("gate-main", "gate", T0 + look * STEP_US, Tracks.none(), shown, np.clip(boxes, 0, 1), stir=stir)


def fight(**parameters: float) -> Fight:
    return Fight(CAMERA, "gate-main", setting("fight", **({"threshold": 0.6} | parameters)))


def play(analytic: Fight, bodies: list[Body], looks: int = 60, first: int = 0, way: float | None = 0.0) -> list[Event]:
    return [e for look in range(first, first + looks) for e in analytic.update(scene(bodies, look, 0.0, way)).events]


def measured(bodies: list[Body], tall: int = 60, pan: float = 0.0) -> dict[str, float]:
    unrest = Unrest()
    rows = [unrest.look(picture(bodies, n, pan), tall / SIZE[1], n * STEP_US) for n in range(12)]
    found = np.mean([row for row in rows if row is not None], axis=0)
    return dict(zip(MEASURES, found.tolist(), strict=True))


BRAWL = [Body(jerks(165, 110, 12, 1), 80), Body(jerks(205, 112, 12, 2), 80)]


def test_two_who_jerk_against_each_other_are_told_with_what_fired_and_nobody_in_it() -> None:
    analytic = fight()
    (opened,) = told(play(analytic, BRAWL))
    assert opened.kind == "fight" and opened.place.zone_id == "yard"
    assert {m.name for m in opened.measures} == {"likeness", "jerk"}
    assert opened.measures[0].value >= 60 == opened.measures[0].threshold
    (closed,) = analytic.finish(T0 + 60 * SECOND_US).events
    assert closed.key == opened.key and closed.phase is Phase.CLOSED


def test_motion_that_has_not_the_shape_of_a_fight_is_not_told_and_neither_is_what_no_network_saw() -> None:
    assert told(play(fight(), BRAWL, way=0.0))
    assert not told(play(fight(), BRAWL, way=-1.0))
    assert not told(play(fight(), BRAWL, way=None))


def test_the_shape_alone_is_not_enough_where_hardly_anything_moves() -> None:
    still = [Body(stands(170, 110)), Body(stands(200, 112))]
    assert told(play(fight(threshold=0.8), BRAWL, way=1.0))
    assert not told(play(fight(threshold=0.8), still, way=1.0))


def test_it_is_told_within_three_seconds() -> None:
    (opened,) = told(play(fight(), BRAWL))
    assert opened.interval.end_us - T0 <= 3 * SECOND_US


@pytest.mark.parametrize(
    "bodies",
    [
        [Body(stands(170, 110)), Body(stands(200, 112))],
        [Body(walks(150, 110)), Body(walks(180, 112))],
    ],
    ids=["two who stand and talk", "two who walk side by side"],
)
def test_ordinary_life_is_not_told(bodies: list[Body]) -> None:
    assert not told(play(fight(), bodies, looks=40))


def test_one_alone_is_never_measured() -> None:
    alone = [Body(jerks(170, 110, 12, 1))]
    analytic = fight(threshold=0.5)
    assert not told(play(analytic, alone))


def test_two_far_apart_are_not_close() -> None:
    apart = [Body(jerks(110, 110, 12, 1), 40), Body(jerks(270, 110, 12, 2), 40)]
    assert not told(play(fight(threshold=0.5), apart))


def test_two_outside_the_zone_are_let_be() -> None:
    outside = [Body(jerks(40, 45, 12, 1)), Body(jerks(70, 47, 12, 2))]
    assert not told(play(fight(threshold=0.5), outside))


def test_a_camera_that_pans_is_not_taken_for_motion() -> None:
    still = [Body(stands(170, 110)), Body(stands(200, 112))]
    plain, panned = measured(still), measured([], pan=3.0)
    assert plain["jerk 95"] < 0.2 and panned["jerk 95"] < 0.3
    assert measured(BRAWL)["jerk 95"] > 3 * max(plain["jerk 95"], panned["jerk 95"])


def test_looks_that_lie_far_apart_are_not_compared() -> None:
    unrest = Unrest()
    for n in range(6):
        assert unrest.look(picture(BRAWL, n), 0.3, n * SECOND_US) is None


def test_what_a_camera_shows_again_and_again_is_usual() -> None:
    usual = Usual(120 * MINUTE_US)
    for minute in range(10):
        assert usual.level == 0.0
        usual.see(0.9 if minute % 2 else 0.4, minute * MINUTE_US)
    usual.see(0.1, 10 * MINUTE_US)
    assert usual.level == 0.9


def test_one_real_fight_does_not_hide_the_next() -> None:
    usual = Usual(120 * MINUTE_US)
    for minute in range(30):
        usual.see(0.99 if minute == 12 else 0.4, minute * MINUTE_US)
    assert usual.level == 0.4


def test_after_a_reset_nothing_is_remembered() -> None:
    analytic = fight()
    play(analytic, BRAWL, looks=14)
    analytic.reset()
    assert not told(play(analytic, BRAWL, looks=10, first=14))


def test_a_shape_like_a_fight_is_believed_only_where_the_motion_is_jerky_too() -> None:
    """Far away the shape of motion says much by chance: people who pass each other are told by it alone."""
    model = shipped()
    roots = model.shape.centre + 50 * np.where(model.shape.weights > 0, model.shape.scale, 0.0)
    stirs = [roots] * 5
    looks = np.exp(model.unrest.centre[:17]) - 0.01
    jerky, calm = ([np.maximum(looks * factor, 0.0)] * 10 for factor in (3.0, 0.2))
    levels = [float(model.unrest.level(window(np.array(part)))) for part in (jerky, calm)]
    told_of, kept_back = sorted(zip(levels, (jerky, calm), strict=True), key=lambda pair: -pair[0])
    assert told_of[0] > 1.1 > kept_back[0]
    assert model.score(told_of[1], stirs) > 0.9
    assert model.score(kept_back[1], stirs) == 0.5
