"""What is written down of a scene: vehicles, things left standing, walls and the place; nothing of anybody."""

from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest

from tests.analytics.plaza import CAMERA as PLAZA_CAMERA
from tests.analytics.scenes import CAMERA, T0, Thing, scene, setting
from vitrail.analytics.colours import colours_of
from vitrail.analytics.sightings import Sightings
from vitrail.domain.clearing import Cleared
from vitrail.domain.detections import Label, Tracks
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes, Polygon
from vitrail.domain.sightings import COLOURS, Draft, Heading, Subject
from vitrail.domain.streams import Surface
from vitrail.domain.time import SECOND_US

NOBODY = np.zeros((0, 4), np.float32)
RGB = {
    "black": (18, 18, 20),
    "white": (235, 236, 238),
    "grey": (128, 129, 130),
    "red": (180, 25, 30),
    "orange": (235, 120, 20),
    "yellow": (235, 210, 40),
    "green": (30, 120, 50),
    "blue": (30, 60, 160),
    "purple": (110, 40, 140),
    "pink": (235, 120, 170),
    "brown": (95, 60, 30),
}


def painted(colour: tuple[int, int, int], box: tuple[float, float, float, float], ground: int = 110) -> Picture:
    """A grey street with one box of the colour, 640 x 360."""
    image = np.full((360, 640, 3), ground, np.uint8)
    x0, y0, x1, y1 = (round(side * length) for side, length in zip(box, (640, 360, 640, 360), strict=True))
    image[y0:y1, x0:x1] = colour
    planes = cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420).reshape(-1)
    luma, chroma = 360 * 640, 180 * 320
    u, v = planes[luma : luma + chroma].reshape(180, 320), planes[luma + chroma :].reshape(180, 320)
    return Picture(planes[:luma].reshape(360, 640), u, v)


def box_of(thing: Thing, t: float) -> tuple[float, float, float, float]:
    x, y = thing.feet(t) or (0.0, 0.0)
    return x - thing.height / 6, y - thing.height, x + thing.height / 6, y


def watch(
    things: list[Thing],
    seconds: float,
    colour: tuple[int, int, int] = RGB["red"],
    people: Boxes = NOBODY,
    camera: Any = CAMERA,
    **parameters: float,
) -> list[Draft]:
    analytic = Sightings(camera, "gate-main", setting("sightings", **parameters))
    found: list[Draft] = []
    for step in range(round(seconds * 10) + 1):
        t = step / 10
        shown = next((thing for thing in things if thing.start <= t <= thing.end), None)
        picture = painted(colour, box_of(shown, t) if shown else (0, 0, 0, 0))
        found += analytic.update(replace(scene(things, t), picture=picture, people=people)).sightings
    return found + list(analytic.finish(T0 + round(seconds * SECOND_US)).sightings)


def of(found: list[Draft], subject: Subject) -> list[Draft]:
    return [draft for draft in found if draft.subject is subject]


def drives(t: float) -> tuple[float, float]:
    return 0.1 + 0.08 * t, 0.6


def stands(t: float) -> tuple[float, float]:
    return 0.5, 0.6


def test_a_car_that_passed_is_written_down_when_it_is_gone() -> None:
    found = of(watch([Thing(1, drives, label=Label.CAR, end=8.0, height=0.3)], 12), Subject.VEHICLE)
    (car,) = found
    assert (car.kind, car.heading) == ("car", Heading.RIGHT)
    assert car.tints[0].name == "red"
    assert car.interval.start_us == T0 and car.interval.end_us == pytest.approx(T0 + 8 * SECOND_US, abs=SECOND_US)
    assert car.look is not None and car.standing_s < 1
    assert car.best_us is not None
    assert car.box == pytest.approx(box_of(Thing(1, drives, height=0.3), (car.best_us - T0) / SECOND_US), abs=1e-4)
    assert len(car.path) > 4 and car.path[0][0] < car.path[-1][0]


def test_a_van_that_stands_is_known_to_have_stood_and_where() -> None:
    (van,) = of(watch([Thing(1, stands, label=Label.TRUCK, height=0.3)], 30), Subject.VEHICLE)
    assert van.standing_s == pytest.approx(30, abs=3)
    assert van.heading is Heading.NONE
    assert van.zones == ("yard",)
    assert van.speed_kmh is None


def test_how_long_it_is_along_the_ground_is_known_where_the_camera_is_calibrated() -> None:
    """Four metres that pass from left to right, twelve metres away; once half out of the picture."""
    left, right = ground_box(-2.0, 12.0), ground_box(2.0, 12.0)
    wide = right[0] - left[0]
    analytic = Sightings(PLAZA_CAMERA, "gate-main", setting("sightings"))
    found: list[Draft] = []
    for step in range(30):
        x = 0.2 + 0.01 * step
        box = np.array([x, left[1] - 0.1, x + wide, left[1]], np.float32)
        found += analytic.update(_one(box, step)).sightings
    found += analytic.finish(T0 + 30 * SECOND_US // 10).sightings
    (car,) = of(found, Subject.VEHICLE)
    assert car.length_m == pytest.approx(4.0, abs=0.15)
    cut = Sightings(PLAZA_CAMERA, "gate-main", setting("sightings"))
    seen = [cut.update(_one(np.array([0.0, left[1] - 0.1, wide, left[1]], np.float32), n)) for n in range(30)]
    (half,) = of(
        [d for f in seen for d in f.sightings] + list(cut.finish(T0 + 3 * SECOND_US).sightings), Subject.VEHICLE
    )
    assert half.length_m is None  # part of it is beyond the edge


def test_the_moment_it_was_seen_best_is_the_one_that_its_box_is_of() -> None:
    """A car that comes nearer is seen best at the end, not where it was first."""
    analytic = Sightings(CAMERA, "gate-main", setting("sightings"))
    boxes = [np.array([0.4, 0.3, 0.45 + 0.01 * n, 0.35 + 0.01 * n], np.float32) for n in range(30)]
    for step, box in enumerate(boxes):
        analytic.update(
            replace(_one(box, step), picture=painted(RGB["red"], (0.4, 0.3, 0.45 + 0.01 * step, 0.35 + 0.01 * step)))
        )
    (car,) = of(list(analytic.finish(T0 + 3 * SECOND_US).sightings), Subject.VEHICLE)
    assert car.best_us is not None and car.best_us > T0 + SECOND_US
    assert car.box == pytest.approx(boxes[(car.best_us - T0) * 10 // SECOND_US], abs=1e-4)


def ground_box(x: float, y: float) -> tuple[float, float]:
    ((u, v),) = PLAZA_CAMERA.ground.picture([(x, y)])
    return float(u), float(v)


def _one(box: Boxes, step: int) -> Any:
    at_us = T0 + step * SECOND_US // 10
    tracks = Tracks(
        np.array([1]), box[None], np.array([Label.CAR]), np.array([0.8], np.float32), np.array([T0]), np.array([at_us])
    )
    return replace(scene([], step / 10), tracks=tracks, wall_us=at_us)


def test_what_stands_for_long_is_told_in_parts_so_that_it_is_found_while_it_stands() -> None:
    analytic = Sightings(CAMERA, "gate-main", setting("sightings"))
    van = [Thing(1, stands, label=Label.TRUCK, height=0.3)]
    found: list[Draft] = []
    for t in range(0, 1300, 2):
        found += analytic.update(scene(van, float(t))).sightings
    assert len(of(found, Subject.VEHICLE)) == 2


def test_a_person_makes_no_sighting_however_long_they_stay() -> None:
    walker, stayer = Thing(1, drives, end=8.0), Thing(2, stands)
    assert [d for d in watch([walker, stayer], 12) if d.subject is not Subject.PLACE] == []


def test_a_bag_is_written_down_only_while_nobody_is_near_it() -> None:
    bag = Thing(1, stands, label=Label.SUITCASE, height=0.2)
    (alone,) = of(watch([bag], 20, RGB["blue"]), Subject.THING)
    assert (alone.kind, alone.tints[0].name) == ("suitcase", "blue")
    beside = np.array([[0.52, 0.3, 0.62, 0.65]], np.float32)
    assert of(watch([bag], 20, RGB["blue"], beside), Subject.THING) == []


def test_who_rides_is_never_looked_at() -> None:
    """A bicycle under its rider has no colour and no form: what would be measured is the rider."""
    bike = Thing(1, drives, label=Label.BICYCLE, end=8.0, height=0.3)
    analytic = Sightings(CAMERA, "gate-main", setting("sightings"))
    found: list[Draft] = []
    for step in range(100):
        t = step / 10
        x0, y0, x1, y1 = box_of(bike, t)
        rider = np.array([[x0, y0 - 0.05, x1, y1 - 0.02]], np.float32).clip(0, 1)
        shown = replace(scene([bike], t), picture=painted(RGB["red"], (x0, y0, x1, y1)), people=rider)
        found += analytic.update(shown).sightings
    (seen,) = of(found, Subject.VEHICLE)
    assert seen.kind == "bicycle"
    assert seen.look is None and seen.tints == ()


def test_the_place_is_remembered_now_and_then_without_people() -> None:
    somebody = np.array([[0.4, 0.2, 0.5, 0.8]], np.float32)
    found = of(watch([], 61, people=somebody, scene=20), Subject.PLACE)
    assert [(d.interval.start_us - T0) // SECOND_US for d in found] == [0, 20, 40, 60]
    look = found[0].look
    assert look is not None and 0.8 < look.left < 1.0


def test_a_crowded_place_is_remembered_once_it_can_be_seen() -> None:
    crowd = np.array([[0.0, 0.0, 1.0, 0.9]], np.float32)
    assert watch([], 30, people=crowd, scene=10) == []


def test_declared_walls_are_remembered_while_nobody_stands_in_front() -> None:
    wall = Surface("north", "North wall", Polygon(((0.6, 0.1), (0.9, 0.1), (0.9, 0.5), (0.6, 0.5))))
    camera = replace(CAMERA, surfaces=(wall,))
    (mark,) = of(watch([], 5, camera=camera), Subject.MARK)
    assert (mark.kind, mark.zones) == ("surface", ("north",))
    assert mark.box == pytest.approx((0.6, 0.1, 0.9, 0.5))
    before = np.array([[0.65, 0.1, 0.75, 0.6]], np.float32)
    assert of(watch([], 5, camera=camera, people=before), Subject.MARK) == []


@pytest.mark.parametrize("name", COLOURS)
@pytest.mark.parametrize("light", [1.0, 0.7])
def test_each_colour_is_called_by_its_name_in_good_and_in_lesser_light(name: str, light: float) -> None:
    red, green, blue = (round(part * light) for part in RGB[name])
    cleared = Cleared.of(painted((red, green, blue), (0.1, 0.1, 0.9, 0.9)), NOBODY)
    assert cleared is not None
    shares = colours_of(cleared, light)
    assert COLOURS[int(shares.argmax())] == name
    assert shares.sum() == pytest.approx(1.0, abs=1e-4)
