"""The default detector on real and made pictures."""

from pathlib import Path

import av
import numpy as np
import pytest

from tests.models import detector_model, model_cache
from tests.shared_data import shared
from vitrail.adapters.openvino import DEFAULT_DETECTOR, ModelShelf, catalogue
from vitrail.adapters.openvino.late import LateDetector
from vitrail.adapters.openvino.nanodet import Canvas
from vitrail.adapters.openvino.tiling import WHOLE, gathered, tiles_of
from vitrail.domain.detections import Detections, Label
from vitrail.domain.errors import Corrupt, NotFound
from vitrail.domain.frames import Picture, Region
from vitrail.domain.geometry import iou_matrix

AREA = 416 * 416


def picture(width: int, height: int, level: int = 90) -> Picture:
    half = ((height + 1) // 2, (width + 1) // 2)
    grey = np.full(half, 128, np.uint8)
    return Picture(np.full((height, width), level, np.uint8), grey, grey)


def street(name: str, at_s: float) -> Picture:
    """A frame of a labelled recording."""
    with av.open(str(shared(f"data/fixed-camera-video/{name}"))) as container:
        for frame in container.decode(video=0):
            if frame.time >= at_s:
                planes = frame.reformat(format="yuv420p").to_ndarray()
                h, w = frame.height, frame.width
                chroma = planes[h:].reshape(2, h // 2, w // 2)
                return Picture(planes[:h], chroma[0], chroma[1])
    raise AssertionError("the recording is shorter")


def people(detections: Detections) -> np.ndarray:
    return detections.of(Label.PERSON).boxes


def test_somebody_at_the_table_is_found_where_they_stand() -> None:
    found = detector_model().detect([street("one-by-one-person-detection.mp4", 12.0)], 0.3)[0]
    boxes = people(found)
    assert len(boxes) >= 1
    assert ((boxes[:, 2] > 0.43) & (boxes[:, 0] < 0.73)).any()


def test_an_empty_picture_holds_nobody() -> None:
    assert len(detector_model().detect([picture(640, 360)], 0.3)[0]) == 0


def test_pictures_of_several_sizes_go_together_and_come_back_in_order() -> None:
    real = street("one-by-one-person-detection.mp4", 12.0)
    given = [picture(320, 240), real, picture(1920, 1080), real]
    found = detector_model().detect(given, 0.3)
    assert [len(one) > 0 for one in found] == [False, True, False, True]
    assert np.allclose(found[1].boxes, found[3].boxes, atol=0.01)


def test_no_score_is_below_the_floor() -> None:
    real = street("one-by-one-person-detection.mp4", 12.0)
    low, high = (detector_model().detect([real], floor)[0] for floor in (0.05, 0.5))
    assert (high.scores >= 0.5).all()
    assert (low.scores >= 0.05).all()
    assert len(low) > len(high)


def test_odd_sizes_are_seen_whole() -> None:
    assert len(detector_model().detect([picture(641, 359)], 0.3)[0]) == 0


def test_tiles_find_the_same_person_once() -> None:
    real = street("one-by-one-person-detection.mp4", 12.0)
    whole = people(detector_model().detect([real], 0.4)[0])
    tiled = people(detector_model((2, 2)).detect([real], 0.4)[0])
    assert (iou_matrix(whole, tiled).max(axis=1) > 0.5).all()
    same = iou_matrix(tiled, tiled) > 0.6
    assert same.sum() == len(tiled)


@pytest.mark.parametrize(("width", "height"), [(768, 576), (1920, 1080), (640, 640), (480, 1920), (704, 576)])
def test_a_canvas_keeps_shape_and_area(width: int, height: int) -> None:
    canvas = Canvas.of(width, height, AREA)
    assert canvas.width % 32 == canvas.height % 32 == 0
    assert 0.8 * AREA <= canvas.width * canvas.height <= 1.2 * AREA
    scale = canvas.scale(width, height)
    assert width * scale <= canvas.width + 1
    assert height * scale <= canvas.height + 1


def test_tiles_cover_the_picture_and_overlap() -> None:
    tiles = tiles_of((3, 2))
    assert tiles[0] is WHOLE
    assert len(tiles) == 7
    covered = np.zeros((60, 90), int)
    for tile in tiles[1:]:
        covered[round(tile.top * 60) : round(tile.bottom * 60), round(tile.left * 90) : round(tile.right * 90)] += 1
    assert covered.min() >= 1
    assert covered.max() >= 4


def test_a_tile_is_a_view_and_lies_on_whole_chroma() -> None:
    given = picture(641, 359)
    part = given.part(Region(0.31, 0.17, 0.77, 1.0))
    assert part.y.base is given.y
    assert part.u.shape == ((part.height + 1) // 2, (part.width + 1) // 2)


def test_what_a_tile_cuts_in_two_is_left_to_its_neighbour() -> None:
    left, right = Region(0.0, 0.0, 0.6, 1.0), Region(0.4, 0.0, 1.0, 1.0)

    def one(box: list[float]) -> Detections:
        return Detections(np.array([box], np.float32), np.array([0], np.int8), np.array([0.9], np.float32))

    whole_in_right = [(0.5 - 0.4) / 0.6, 0.2, (0.7 - 0.4) / 0.6, 0.8]
    found = gathered((left, right), [one([0.5 / 0.6, 0.2, 1.0, 0.8]), one(whole_in_right)])
    assert np.allclose(found.boxes, [[0.5, 0.2, 0.7, 0.8]], atol=1e-5)


def test_a_late_detector_loads_once_and_only_when_asked() -> None:
    loads = []

    def load() -> object:
        loads.append(1)
        return detector_model()

    late = LateDetector(load)  # type: ignore[arg-type]
    assert not loads
    late.detect([picture(320, 240)], 0.3)
    assert late.manifest.id == DEFAULT_DETECTOR
    assert loads == [1]


def test_a_changed_model_is_not_run(tmp_path: Path) -> None:
    detector_model()
    manifest = next(known for known in catalogue() if known.id == DEFAULT_DETECTOR)
    kept = ModelShelf(model_cache()).folder(manifest)
    copy = ModelShelf(tmp_path).folder(manifest)
    copy.mkdir(parents=True)
    for path in kept.iterdir():
        (copy / path.name).write_bytes(path.read_bytes())
    ModelShelf(tmp_path).check(manifest)
    weights = bytearray((copy / "model.bin").read_bytes())
    weights[1000] ^= 1
    (copy / "model.bin").write_bytes(weights)
    with pytest.raises(Corrupt, match=r"model\.bin changed") as error:
        ModelShelf(tmp_path).read(manifest)
    assert error.value.rule == "L20"
    assert "models fetch" in error.value.remedy


def test_a_model_that_is_not_here_says_how_to_fetch_it(tmp_path: Path) -> None:
    manifest = next(known for known in catalogue() if known.id == DEFAULT_DETECTOR)
    with pytest.raises(NotFound) as error:
        ModelShelf(tmp_path).read(manifest)
    assert f"vitrail models fetch {DEFAULT_DETECTOR}" in error.value.remedy


def test_a_fetch_that_breaks_off_leaves_the_old_model(tmp_path: Path) -> None:
    shelf = ModelShelf(tmp_path)
    manifest = next(known for known in catalogue() if known.id == DEFAULT_DETECTOR)
    shelf.folder(manifest).mkdir(parents=True)
    (shelf.folder(manifest) / "digests.json").write_text("{}")

    def breaks(_: Path) -> None:
        raise Corrupt("the line was cut")

    with pytest.raises(Corrupt, match="line was cut"):
        shelf.keep(manifest, breaks)
    assert shelf.holds(manifest)
    assert [p.name for p in (tmp_path / "models").iterdir()] == [shelf.folder(manifest).name]
