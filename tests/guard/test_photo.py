"""Photographs to search with: people go first, and what is no photograph goes nowhere."""

import struct
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.fakes.media import FakeArchive, FakeFilm
from vitrail.domain.detections import Detections, Label
from vitrail.domain.errors import Invalid, Refused
from vitrail.domain.frames import Picture
from vitrail.guard.photo import cleared_photo, decoded, people_in


def encoded(width: int = 200, height: int = 120, kind: str = ".jpg") -> bytes:
    rng = np.random.default_rng(1)
    image = cv2.resize(rng.integers(0, 255, (12, 20, 3), np.uint8), (width, height))
    return bytes(cv2.imencode(kind, image)[1].tobytes())


def png_that_says(width: int, height: int) -> bytes:
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + body
    head = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", len(body)) + chunk + struct.pack(">I", zlib.crc32(chunk))
    return head + b"\x00" * 64


@pytest.mark.parametrize("kind", [".jpg", ".png", ".webp"])
def test_photographs_of_the_usual_kinds_are_read(kind: str) -> None:
    picture = decoded(encoded(kind=kind))
    assert (picture.width, picture.height) == (200, 120)


def test_a_large_photograph_is_reduced() -> None:
    assert decoded(encoded(4000, 3000)).width == 1920


@pytest.mark.parametrize(
    ("upload", "what"),
    [
        (b"", "empty"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "no photograph"),
        (b"<html><img src=x onerror=alert(1)></html>", "no photograph"),
        (b"%PDF-1.4", "no photograph"),
        (b"GIF89a" + b"\x00" * 100, "no photograph"),
        (b"II*\x00" + b"\x00" * 100, "no photograph"),
        (png_that_says(10_000, 5_001), "10000 x 5001"),
        (png_that_says(65_000, 65_000), "65000"),
        (png_that_says(300, 300), "damaged"),
        (encoded()[:-40], "cut off"),
        (encoded()[:30], "damaged"),
        (b"\xff\xd8\xff" + b"\x00" * 50, "damaged"),
        (encoded(16, 16), "16 x 16"),
        (b"\xff\xd8\xff<html>", "damaged"),
        (b"RIFF\x00\x00\x00\x00WEBP", "cut off"),
    ],
)
def test_what_is_no_photograph_is_told_so(upload: bytes, what: str) -> None:
    with pytest.raises(Invalid) as invalid:
        decoded(upload)
    assert what in str(invalid.value)
    assert invalid.value.remedy


def test_a_file_beyond_all_measure_is_not_even_looked_into() -> None:
    with pytest.raises(Invalid, match="MB"):
        decoded(encoded() + b"\x00" * (21 << 20))


def still(tmp_path: Path) -> FakeFilm:
    return FakeFilm(FakeArchive(tmp_path))


NO_HEADS = np.zeros((0, 4), np.float32)


def found(*rows: tuple[tuple[float, float, float, float], Label]) -> Detections:
    boxes = np.array([box for box, _ in rows], np.float32).reshape(-1, 4)
    return Detections(boxes, np.array([label for _, label in rows], np.int8), np.full(len(rows), 0.6, np.float32))


def photo(detections: Detections, picture: Picture, tmp_path: Path) -> list[Picture]:
    made = cleared_photo(picture, people_in(detections, NO_HEADS), detections, still(tmp_path).still)
    assert made.shown
    return [part.picture for part in made.parts]


def test_everybody_is_painted_over_before_anything_is_computed(tmp_path: Path) -> None:
    picture = decoded(encoded())
    person = (0.1, 0.1, 0.3, 0.9)
    as_place, as_thing = photo(found((person, Label.PERSON)), picture, tmp_path)
    inside = np.s_[12:108, 20:60]
    for whole in (as_place, as_thing):
        assert np.ptp(whole.y[inside]) == 0 < np.ptp(picture.y[inside])


def test_the_things_in_it_are_searched_with_and_people_in_front_of_them_are_not(tmp_path: Path) -> None:
    picture = decoded(encoded())
    car, person = (0.4, 0.3, 0.9, 0.9), (0.5, 0.3, 0.6, 0.9)
    whole, _, part = photo(found((car, Label.CAR), (person, Label.PERSON)), picture, tmp_path)
    assert part.width < whole.width
    assert np.ptp(part.y[20:60, 24:40]) == 0


def test_a_portrait_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused) as refused:
        photo(found(((0.05, 0.02, 0.95, 1.0), Label.PERSON)), decoded(encoded()), tmp_path)
    assert refused.value.rule == "L21"


def test_a_bag_on_somebody_is_no_thing_to_search_with(tmp_path: Path) -> None:
    rows = found(((0.4, 0.1, 0.7, 0.9), Label.PERSON), ((0.45, 0.3, 0.65, 0.6), Label.BACKPACK))
    assert len(photo(rows, decoded(encoded()), tmp_path)) == 2


def people(*scores: float) -> Detections:
    boxes = np.array([(0.1 * n, 0.2, 0.1 * n + 0.08, 0.8) for n in range(len(scores))], np.float32)
    return Detections(boxes, np.full(len(scores), Label.PERSON, np.int8), np.array(scores, np.float32))


def test_beside_somebody_everybody_unsure_is_hidden_too() -> None:
    assert len(people_in(people(0.4, 0.2, 0.13), NO_HEADS)) == 3


def test_figures_in_paint_that_nobody_takes_for_people_for_sure_are_searched_with() -> None:
    assert len(people_in(people(0.3, 0.2, 0.13), NO_HEADS)) == 1


def test_every_head_is_hidden_with_its_hair_whatever_else_is_seen() -> None:
    head = np.array([[0.4, 0.4, 0.5, 0.5]], np.float32)
    (hidden,) = people_in(Detections.none(), head)
    assert (hidden[:2] < 0.4).all()
    assert (hidden[2:] > 0.5).all()
