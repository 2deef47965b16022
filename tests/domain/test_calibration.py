"""A camera that is known is found again from what somebody could click."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vitrail.domain.calibration import Calibration, KnownHeight, KnownPoint, calibrate
from vitrail.domain.geometry import Polygon
from vitrail.domain.ground import Ground

ASPECT = 16 / 9


def camera(view_deg: float = 65, tilt_deg: float = 22, height_m: float = 6, heading_deg: float = 40) -> Ground:
    """Written out by another way than the code under test: rotations about axes, one after the other."""
    focal = ASPECT / (2 * math.tan(math.radians(view_deg) / 2))
    h, t = math.radians(heading_deg), math.radians(tilt_deg)
    turn = np.array([[math.cos(h), -math.sin(h), 0], [math.sin(h), math.cos(h), 0], [0, 0, 1]])  # world to heading
    look = np.array([[1, 0, 0], [0, 0, -1], [0, 1, 0]])  # right, down, ahead
    nod = np.array([[1, 0, 0], [0, math.cos(t), -math.sin(t)], [0, math.sin(t), math.cos(t)]])
    lens = np.array([[focal / ASPECT, 0, 0.5], [0, focal, 0.5], [0, 0, 1]])
    matrix = lens @ nod @ look @ turn
    return Ground(tuple(np.column_stack([matrix, -matrix @ [0, 0, height_m]]).ravel()))


def known_points(ground: Ground, places: list[tuple[float, float]], noise: float = 0.0) -> list[KnownPoint]:
    rng = np.random.default_rng(5)
    metres = ground.metres(places)
    moved = np.asarray(places) + rng.normal(0, noise, (len(places), 2))
    return [
        KnownPoint((float(x), float(y)), (float(e), float(n))) for (x, y), (e, n) in zip(moved, metres, strict=True)
    ]


def known_heights(ground: Ground, feet: list[tuple[float, float]], metres: float = 1.75) -> list[KnownHeight]:
    heads = ground.heads(feet, metres)
    return [KnownHeight(f, (float(x), float(y)), metres) for f, (x, y) in zip(feet, heads, strict=True)]


CORNERS = [(0.15, 0.95), (0.85, 0.9), (0.7, 0.45), (0.3, 0.5)]


def test_a_point_below_the_camera_is_where_trigonometry_says() -> None:
    ground = camera(tilt_deg=30, height_m=5, heading_deg=0)
    ahead = ground.metres([(0.5, 0.5)])[0]
    assert ahead == pytest.approx([0.0, 5 / math.tan(math.radians(30))], abs=1e-9)
    assert ground.camera_m == pytest.approx((0.0, 0.0, 5.0))


def test_the_sky_has_no_place_on_the_ground() -> None:
    assert np.isnan(camera(tilt_deg=10).metres([(0.5, 0.05)])).all()
    assert camera(tilt_deg=10).area_m2(Polygon(((0.2, 0.0), (0.8, 0.0), (0.5, 0.9)))) is None


@given(st.floats(0, 1), st.floats(0.6, 1))
def test_there_and_back_is_the_same_place(x: float, y: float) -> None:
    ground = camera()
    assert ground.picture(ground.metres([(x, y)]))[0] == pytest.approx((x, y), abs=1e-9)


def test_the_area_of_a_square_metre_grid_is_counted_right() -> None:
    ground = camera(tilt_deg=45, heading_deg=10)
    square = ground.picture([(0, 4), (3, 4), (3, 7), (0, 7)])
    polygon = Polygon(tuple((float(x), float(y)) for x, y in square))
    assert ground.area_m2(polygon) == pytest.approx(9.0)
    share = polygon.area
    assert ground.m2_per_share(square.mean(axis=0)[None])[0] == pytest.approx(9.0 / share, rel=0.15)


@settings(max_examples=25, deadline=None)
@given(st.floats(35, 100), st.floats(12, 60), st.floats(2.5, 25), st.floats(0, 359))
def test_four_points_find_the_camera(view: float, tilt: float, height: float, heading: float) -> None:
    truth = camera(view, tilt, height, heading)
    places = [(0.1, 0.97), (0.9, 0.9), (0.75, 0.6), (0.3, 0.62)]
    if np.isnan(truth.metres(places)).any() or np.nanmax(np.abs(truth.metres(places))) > 120:
        return
    found = calibrate(known_points(truth, places), [], ASPECT)
    there = truth.metres([(0.5, 0.8)])
    scale = np.linalg.norm(there)
    assert np.linalg.norm(found.ground.metres([(0.5, 0.8)]) - there) < 0.03 * scale
    assert max(found.misfits) < 0.005


def test_two_heights_tell_lengths_and_more_tell_them_better() -> None:
    truth = camera(view_deg=60, tilt_deg=20, height_m=5, heading_deg=0)
    three = calibrate([], known_heights(truth, [(0.3, 0.95), (0.6, 0.6), (0.8, 0.7)]), ASPECT)
    assert three.height_m == pytest.approx(5, rel=0.05)
    assert three.implausible() == []
    two = calibrate([], known_heights(truth, [(0.3, 0.95), (0.6, 0.6)]), ASPECT)
    assert two.height_m == pytest.approx(5, rel=0.15)
    assert three.doubt < two.doubt


def test_a_view_that_is_known_leaves_less_open() -> None:
    truth = camera(view_deg=95, tilt_deg=25, height_m=4, heading_deg=0)
    clues = known_heights(truth, [(0.3, 0.95), (0.55, 0.6)])
    open_, held = calibrate([], clues, ASPECT), calibrate([], clues, ASPECT, view_deg=95)
    assert held.doubt < open_.doubt
    assert held.height_m == pytest.approx(4, rel=0.05)


def test_clicks_that_are_a_little_off_move_lengths_as_little_as_the_doubt_says() -> None:
    truth = camera()
    found = calibrate(known_points(truth, CORNERS, noise=0.003), [], ASPECT)
    assert found.implausible() == []
    want, got = truth.metres([(0.5, 0.7)]), found.ground.metres([(0.5, 0.7)])
    assert np.linalg.norm(got - want) < 0.05 * np.linalg.norm(want)


def test_heights_and_points_are_used_together() -> None:
    truth = camera()
    found = calibrate(known_points(truth, CORNERS[:3]), known_heights(truth, [(0.5, 0.9)]), ASPECT)
    assert found.height_m == pytest.approx(6, rel=0.1)
    assert len(found.misfits) == 4


def swapped(points: list[KnownPoint]) -> list[KnownPoint]:
    a, b, *rest = points
    return [KnownPoint(a.at, b.metres), KnownPoint(b.at, a.metres), *rest]


@pytest.mark.parametrize(
    ("clues", "said"),
    [
        (swapped(known_points(camera(), CORNERS)), "do not agree"),
        ([KnownPoint(p.at, (p.metres[0] * 0.05, p.metres[1] * 0.05)) for p in known_points(camera(), CORNERS)], "high"),
        (known_points(camera(), [(0.1, 0.9), (0.3, 0.9), (0.5, 0.9), (0.7, 0.9)]), "leave lengths open"),
    ],
    ids=["two points swapped", "feet for metres and worse", "all on one line"],
)
def test_an_implausible_calibration_is_told(clues: list[KnownPoint], said: str) -> None:
    assert any(said in line for line in calibrate(clues, [], ASPECT).implausible())


def test_too_few_clues_are_refused() -> None:
    truth = camera()
    with pytest.raises(ValueError, match="four points or two heights"):
        calibrate(known_points(truth, CORNERS[:3]), [], ASPECT)
    with pytest.raises(ValueError, match="four points or two heights"):
        calibrate([], known_heights(truth, [(0.5, 0.9)]), ASPECT)


def test_the_footprint_is_the_ground_in_the_picture() -> None:
    ground = camera(tilt_deg=15, height_m=5, heading_deg=0)
    outline = ground.footprint(reach_m=60)
    assert np.hypot(outline[:, 0], outline[:, 1]).max() == pytest.approx(60, rel=0.01)
    assert outline[:, 1].min() == pytest.approx(ground.metres([(0.5, 1.0)])[0, 1], rel=1e-6)
    steep = camera(tilt_deg=80, height_m=5, heading_deg=0).footprint(reach_m=60)
    assert np.allclose(camera(tilt_deg=80, height_m=5, heading_deg=0).picture(steep)[-1], (0, 0), atol=1e-6)


def test_metres_become_degrees_and_back() -> None:
    ground = Ground(camera().projection, origin=(43.3, 5.36))
    places = ground.on_map([(0.0, 111.195), (100.0, 0.0)])
    assert places is not None
    assert places[0] == pytest.approx((43.301, 5.36), abs=1e-6)
    assert places[1, 1] == pytest.approx(5.36 + 100 / (111_195 * math.cos(math.radians(43.3))), abs=1e-6)
    back = ground.from_map(places)
    assert back is not None and np.allclose(back, [(0.0, 111.195), (100.0, 0.0)])
    assert camera().on_map([(0.0, 1.0)]) is None


@pytest.mark.parametrize("numbers", [(1.0,) * 11, (1.0,) * 12, (float("nan"),) * 12])
def test_a_projection_that_is_none_is_refused(numbers: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="projection"):
        Ground(numbers)


def test_calibration_speaks_of_every_clue() -> None:
    found: Calibration = calibrate(known_points(camera(), CORNERS), known_heights(camera(), [(0.5, 0.9)]), ASPECT)
    assert len(found.misfits) == 5
    assert 0 < found.doubt < 0.1
