"""People are painted over before anything is computed, and what is mostly a person gives no picture at all."""

import ast
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import vitrail
from vitrail.domain.clearing import Cleared
from vitrail.domain.detections import Detections, Label
from vitrail.domain.frames import Picture, Region

ROOT = Path(vitrail.__file__).parent
NOBODY = np.zeros((0, 4), np.float32)


def noise(width: int, height: int, seed: int = 0) -> Picture:
    rng = np.random.default_rng(seed)
    half = ((height + 1) // 2, (width + 1) // 2)
    y = rng.integers(0, 120, (height, width), np.uint8)
    u, v = (rng.integers(0, 120, half, np.uint8) for _ in "uv")
    return Picture(y, u, v)


def test_without_people_nothing_is_changed() -> None:
    picture = noise(64, 48)
    made = Cleared.of(picture, NOBODY)
    assert made is not None and made.left == 1.0
    assert (made.picture.y == picture.y).all() and (made.picture.u == picture.u).all()


def test_a_part_that_is_mostly_a_person_cannot_be_cleared() -> None:
    somebody = np.array([[0.2, 0.1, 0.5, 0.9]], np.float32)
    assert Cleared.of(noise(200, 200), somebody, Region(0.2, 0.1, 0.5, 0.9)) is None
    assert Cleared.of(noise(200, 200), np.array([[0, 0, 1, 1]], np.float32)) is None


def test_a_part_too_small_to_show_anything_cannot_be_cleared() -> None:
    assert Cleared.of(noise(100, 100), NOBODY, Region(0.1, 0.1, 0.15, 0.15)) is None


@given(
    x=st.floats(0, 0.8),
    y=st.floats(0, 0.8),
    w=st.floats(0.02, 0.4),
    h=st.floats(0.02, 0.4),
    size=st.tuples(st.integers(40, 200), st.integers(40, 200)),
    region=st.sampled_from([Region(0, 0, 1, 1), Region(0.1, 0.2, 0.9, 1.0), Region(0.0, 0.0, 0.5, 0.5)]),
)
def test_not_a_pixel_of_anybody_stays(
    x: float, y: float, w: float, h: float, size: tuple[int, int], region: Region
) -> None:
    """What the person's box holds may be anything: the cleared picture is the same."""
    box = np.array([[x, y, min(x + w, 1), min(y + h, 1)]], np.float32)
    first, second = noise(*size, seed=1), noise(*size, seed=1).copy()
    for plane in (second.y, second.u, second.v):
        rows, columns = plane.shape
        y0, y1 = int(box[0, 1] * rows), int(np.ceil(box[0, 3] * rows))
        x0, x1 = int(box[0, 0] * columns), int(np.ceil(box[0, 2] * columns))
        plane[y0:y1, x0:x1] = 255
    made = [Cleared.of(picture, box, region) for picture in (first, second)]
    assert (made[0] is None) == (made[1] is None)
    if made[0] is not None and made[1] is not None:
        for plane in ("y", "u", "v"):
            assert (getattr(made[0].picture, plane) == getattr(made[1].picture, plane)).all()


def test_the_rest_of_the_picture_is_kept_as_it_was() -> None:
    picture = noise(200, 100)
    made = Cleared.of(picture, np.array([[0.0, 0.0, 0.2, 0.5]], np.float32))
    assert made is not None
    assert (made.picture.y[:, 60:] == picture.y[:, 60:]).all()
    assert 0.8 < made.left < 0.95


def test_things_are_told_by_class_and_never_people_nor_what_they_carry() -> None:
    boxes = [
        [0.0, 0.0, 0.3, 0.9],
        [0.2, 0.5, 0.3, 0.7],
        [0.7, 0.7, 0.8, 0.9],
        [0.6, 0.1, 0.9, 0.4],
        [0.6, 0.1, 0.9, 0.5],
    ]
    labels = [Label.PERSON, Label.BACKPACK, Label.SUITCASE, Label.CAR, Label.CAR]
    found = Detections(
        np.array(boxes, np.float32), np.array(labels, np.int8), np.array([0.9, 0.8, 0.5, 0.6, 0.7], np.float32)
    )
    whole = Cleared.of(noise(200, 200), found.of(Label.PERSON).boxes, found=found)
    assert whole is not None and [name for name, _ in whole.things] == ["car", "suitcase"]
    assert dict(whole.things)["car"] == pytest.approx(0.7)
    lower = Cleared.of(noise(200, 200), NOBODY, Region(0.5, 0.6, 1.0, 1.0), found=found)
    assert lower is not None and [name for name, _ in lower.things] == ["suitcase"]


def test_parts_that_show_little_but_who_was_painted_over_are_left_out() -> None:
    nothing = Detections.none()
    made = Cleared.of(noise(200, 200), np.array([[0.0, 0.0, 0.5, 0.5]], np.float32), found=nothing)
    assert made is not None
    assert len(made.quarters()) == 1 + 3
    assert made.quarters()[0].picture is made.picture
    place, thing = Cleared.of(noise(200, 200), NOBODY, found=nothing), Cleared.of(noise(200, 200), NOBODY)
    assert place is not None and len(place.quarters()) == 5
    assert thing is not None and len(thing.quarters()) == 1


def test_cleared_pictures_are_made_in_one_place() -> None:
    makers = set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                if name in {"Cleared", "replace"} and (name == "Cleared" or "cleared" in ast.unparse(node).lower()):
                    makers.add(path.relative_to(ROOT).as_posix())
    assert makers <= {"domain/clearing.py"}


def test_embedders_take_nothing_else() -> None:
    text = (ROOT / "ports" / "embedder.py").read_text()
    assert "def embed(self, pictures: Sequence[Cleared])" in text
    assert "import Picture" not in text
