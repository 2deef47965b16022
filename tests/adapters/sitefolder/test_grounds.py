"""``ground`` in ``site.yaml``: a calibrated camera, or every reason why not."""

import numpy as np
import pytest

from tests.adapters.sitefolder.conftest import Folder
from tests.adapters.sitefolder.rows import Row, must_be_told, named, problems_of

POINTS = """\
    ground:
      picture: [1920, 1080]
      points:
        - {at: [0.15, 0.95], map: [43.300043, 5.360044]}
        - {at: [0.85, 0.90], map: [43.300030, 5.360115]}
        - {at: [0.70, 0.45], map: [43.300131, 5.360183]}
        - {at: [0.30, 0.50], map: [43.300130, 5.360111]}
"""
HEIGHTS = """\
    ground:
      picture: [1920, 1080]
      heights:
        - {foot: [0.3, 0.95], head: [0.3, 0.55], metres: 1.75}
        - {foot: [0.6, 0.6], head: [0.6, 0.35], metres: 1.75}
"""
ANCHOR = "    zones:\n      - id: basin\n"


def calibrated(folder: Folder, text: str) -> Folder:
    folder.spoil("site.yaml", ANCHOR, text + ANCHOR)
    folder.spoil("site.yaml", "        area_m2: 120.5\n", "")
    return folder


def test_points_on_a_map_make_a_ground_on_the_map(folder: Folder) -> None:
    read = calibrated(folder, POINTS).read()
    ground = read.site.cameras[0].ground
    assert ground is not None
    degrees = ground.on_map(ground.metres([(0.15, 0.95)]))
    assert degrees is not None
    assert degrees[0] == pytest.approx((43.300043, 5.360044), abs=5e-6)
    assert read.calibrations["quay"].ground == ground
    assert read.site.cameras[1].ground is None


def test_heights_put_the_camera_where_its_position_says(folder: Folder) -> None:
    ground = calibrated(folder, HEIGHTS).read().site.cameras[0].ground
    assert ground is not None
    ahead = ground.metres([(0.5, 0.8)])[0]
    assert ahead[0] < -1, "heading 270 looks west"
    assert ground.origin == (43.3, 5.36)


def test_a_zone_without_an_area_gets_the_one_on_the_ground(folder: Folder) -> None:
    camera = calibrated(folder, HEIGHTS).read().site.cameras[0]
    zone = camera.zone("basin")
    assert camera.ground is not None
    assert zone.area_m2 == camera.ground.area_m2(zone.polygon)
    assert zone.area_m2 is not None and 2 < zone.area_m2 < 200


def test_another_ground_is_another_configuration(folder: Folder) -> None:
    from vitrail.domain.register import configuration_digest

    def digest() -> str:
        read = folder.read()
        return configuration_digest(read.site, read.mandates, read.profile, ())

    before = digest()
    calibrated(folder, HEIGHTS)
    assert digest() != before


def test_an_area_that_the_ground_contradicts_is_told(folder: Folder) -> None:
    folder.spoil("site.yaml", ANCHOR, HEIGHTS + ANCHOR)
    folder.spoil("site.yaml", "area_m2: 120.5", "area_m2: 4000")
    told = problems_of(folder)
    assert any("said to be 4000 m2" in problem.what for problem in told)


GIANT = "        - {foot: [0.5, 0.8], head: [0.5, 0.1], metres: 1.75}\n"
BAD = [
    Row("no picture", "      picture: [1920, 1080]\n", "", "ground", "`picture` is missing", at="    ground:"),
    Row("one height", "        - {foot: [0.6, 0.6], head: [0.6, 0.35], metres: 1.75}\n", "", "ground", "four points"),
    Row(
        "upside down",
        "foot: [0.6, 0.6], head: [0.6, 0.35]",
        "foot: [0.6, 0.35], head: [0.6, 0.6]",
        "heights[1]",
        "below",
    ),
    Row("no height", "metres: 1.75", "metres: 0", "heights[0].metres", "greater than 0.2"),
    Row(
        "a giant",
        "metres: 1.75}\n        - {foot",
        "metres: 1.75}\n" + GIANT + "        - {foot",
        "ground",
        "implausible",
    ),
]


@named(BAD)
def test_wrong_heights_are_told(folder: Folder, row: Row) -> None:
    calibrated(folder, HEIGHTS)
    at = row.at or (row.new.strip() if row.key.startswith("heights") else "ground:")
    must_be_told(folder, Row(row.name, row.old, row.new, row.key, row.what, row.remedy, at))


PLACE = "map: [43.300043, 5.360044]"
BAD_POINTS = [
    Row("no place", ", " + PLACE, "", "points[0]", "does not say where", at="at: [0.15, 0.95]"),
    Row("two places", PLACE, "map: [43.3, 5.36], metres: [0, 1]", "points[0]", "twice", at="map: [43.3, "),
    Row("no degrees", "map: [43.300043,", "map: [243.3,", "points[0].map", "no place on earth"),
    Row("swapped", PLACE, "map: [5.360044, 43.300043]", "points", "kilometres", "latitude", "points:"),
    Row("mixed", PLACE, "metres: [3, 4]", "points", "some places have", at="points:"),
    Row("elsewhere", "latitude: 43.3,", "latitude: 43.31,", "ground", "from its `position`", at="ground:"),
]


@named(BAD_POINTS)
def test_wrong_points_are_told(folder: Folder, row: Row) -> None:
    calibrated(folder, POINTS)
    must_be_told(folder, row)


def test_the_ground_of_the_good_folder_is_plausible(folder: Folder) -> None:
    found = calibrated(folder, POINTS).read().calibrations["quay"]
    assert found.implausible() == []
    assert np.isfinite(found.doubt)


def test_a_zone_up_to_the_horizon_is_refused_where_metres_are_told(folder: Folder) -> None:
    calibrated(folder, HEIGHTS)
    folder.spoil("site.yaml", "analytic: presence", "analytic: metres")
    folder.read()
    folder.spoil("site.yaml", "corners: [[0.1, 0.5], [0.9, 0.5]", "corners: [[0.1, 0.0], [0.9, 0.0]")
    (problem,) = problems_of(folder)
    assert "`basin` reaches the horizon: `metres` cannot say" in str(problem)


def test_a_zone_that_is_seen_too_steeply_is_refused_by_who_cannot_tell_there(folder: Folder) -> None:
    calibrated(folder, HEIGHTS)
    folder.spoil("site.yaml", "analytic: presence", "analytic: flat")
    (problem,) = problems_of(folder)
    assert "degrees above: `flat` cannot tell there" in str(problem)
    assert "at most 5 degrees" in str(problem)
