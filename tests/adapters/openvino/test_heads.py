"""The finder of heads: finds where they are, tells nothing else, and exists for one purpose."""

import dataclasses

import av
import numpy as np
import pytest

from tests.models import head_finder
from tests.shared_data import shared
from vitrail.adapters.openvino import HEAD_FINDER, catalogue
from vitrail.adapters.openvino.heads import LateHeads
from vitrail.domain.errors import Refused
from vitrail.domain.frames import Picture
from vitrail.domain.models import MASK_ONLY, ModelManifest
from vitrail.guard.absence import Exhibits, absence


def manifest() -> ModelManifest:
    return next(known for known in catalogue() if known.id == HEAD_FINDER)


def frame(clip: str, at_s: float) -> Picture:
    with av.open(str(shared(f"data/{clip}"))) as container:
        for shown in container.decode(video=0):
            if shown.time is not None and shown.time >= at_s:
                planes = shown.reformat(format="yuv420p").to_ndarray()
                h, w = shown.height, shown.width
                chroma = planes[h:].reshape(2, h // 2, w // 2)
                return Picture(planes[:h], chroma[0], chroma[1])
    raise AssertionError("the recording is shorter")


def test_a_face_is_found_where_it_is() -> None:
    (found,) = head_finder().find([frame("fixed-camera-video/one-by-one-person-detection.mp4", 12.0)])
    assert found.shape[1] == 4
    assert ((found[:, 0] > 0.55) & (found[:, 2] < 0.68) & (found[:, 3] < 0.25)).any(), found


def test_an_empty_picture_has_no_head_and_several_shapes_go_together() -> None:
    half = np.full((120, 160), 128, np.uint8)
    grey = Picture(np.full((240, 320), 90, np.uint8), half, half)
    wide = Picture(np.full((120, 320), 90, np.uint8), half[:60], half[:60])
    assert [len(found) for found in head_finder().find([grey, wide, grey])] == [0, 0, 0]


def test_nothing_but_boxes_is_ever_worked_out() -> None:
    """The places of eyes, nose and mouth are cut off before the model is kept."""
    kept = head_finder()._model
    assert sorted(shape[1].get_length() for shape in (o.get_partial_shape() for o in kept.outputs)) == [1, 2, 2]
    assert manifest().cut == ("540",)


def test_weights_are_loaded_when_the_first_picture_needs_them() -> None:
    loads: list[int] = []

    class Finder:
        def find(self, pictures: object) -> list[object]:
            return []

    def load() -> Finder:
        loads.append(1)
        return Finder()

    late = LateHeads(load)  # type: ignore[arg-type]
    assert not loads
    late.find([])
    late.find([])
    assert loads == [1]


@pytest.mark.parametrize(
    "changes",
    [
        {"purpose": "detector"},
        {"purpose": "finds heads"},
        {"labels": ("head", "smiling")},
        {"labels": ()},
        {"outputs": (("537", (10, 1, -1, -1)), ("feature", (10, 512)))},
        {"outputs": (("540", (10, 10, -1, -1)),)},
    ],
    ids=["a detector", "without saying what for", "tells heads apart", "unlabelled", "a template", "landmarks"],
)
def test_a_model_that_finds_heads_for_anything_else_cannot_be_declared(changes: dict[str, object]) -> None:
    with pytest.raises(Refused, match="model") as caught:
        dataclasses.replace(manifest(), **changes)  # type: ignore[arg-type]
    assert caught.value.rule == "L20"


def test_surfaces_and_interfaces_are_no_faces() -> None:
    dataclasses.replace(
        manifest(), id="surface-damage", package="x", purpose="interface", files=(), labels=("damaged surface",)
    )


def test_proof_of_absence_accepts_heads_to_be_masked_and_nothing_more() -> None:
    said = (HEAD_FINDER, MASK_ONLY, "head")
    assert absence(Exhibits(models={"model x": said})) == []
    (found,) = absence(Exhibits(models={"model x": (HEAD_FINDER, "finds faces of customers")}))[:1]
    assert found.line == "R1"


@pytest.mark.parametrize(
    ("path", "allowed"),
    [
        ("vitrail/guard/sights.py", True),
        ("vitrail/guard/render.py", True),
        ("vitrail/compose/rooms.py", True),
        ("vitrail/adapters/openvino/__init__.py", True),
        ("vitrail/analytics/dwell.py", False),
        ("vitrail/guard/desk.py", False),
        ("vitrail/runtime/stream_loop.py", False),
        ("vitrail/adapters/openvino/embedders.py", False),
        ("plugin/vitrail/guard/sights.py", False),
    ],
)
@pytest.mark.parametrize(
    "text",
    [
        "from vitrail.ports.heads import HeadFinder",
        "from vitrail.adapters.openvino.heads import CenterFaceHeads",
        "from vitrail.adapters.openvino import load_heads",
        "import vitrail.ports.heads",
    ],
)
def test_only_what_makes_masks_may_ask_where_heads_are(path: str, allowed: bool, text: str) -> None:
    assert ({found.line for found in absence(Exhibits(sources={path: text}))} == set()) is allowed
