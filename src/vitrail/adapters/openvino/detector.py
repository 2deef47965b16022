"""NanoDet as the house's detector."""

__all__ = ["NanodetDetector"]

import os
import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import openvino as ov

from vitrail.adapters.openvino.nanodet import Canvas, decode, shown, street_outputs
from vitrail.adapters.openvino.tiling import WHOLE, gathered, tiles_of
from vitrail.domain.detections import Detections
from vitrail.domain.frames import Picture
from vitrail.domain.models import ModelManifest

_BATCH = 4
"""Pictures that go through together. On the processors at hand one by one is as fast; a batch spares hand-overs."""
_SPARE = 1
"""Requests beside one a processor: a person who waits for a masked clip asks too."""


class NanodetDetector:
    """A ``Detector``. ``detect`` may be called from several threads.

    ``threads`` is how many inferences run at once, each on one core; 0 is one for each processor this process may
    use. Several cores for one inference cost half as much again, and wait for each other. With ``tiles`` of (columns,
    rows) other than (1, 1), each picture is looked at as a whole and tile by tile: better on small things, and as many
    times slower as there are tiles, plus one.
    """

    def __init__(
        self, model: ov.Model, manifest: ModelManifest, threads: int = 0, tiles: tuple[int, int] = (1, 1)
    ) -> None:
        self._area = int(np.prod(manifest.inputs[0][1][2:]))
        many = threads or len(os.sched_getaffinity(0))
        settings = {"NUM_STREAMS": many, "INFERENCE_NUM_THREADS": many}
        compiled = ov.Core().compile_model(street_outputs(model, manifest.labels), "CPU", settings)
        self._free: queue.LifoQueue[ov.InferRequest] = queue.LifoQueue()
        for _ in range(many + _SPARE):
            self._free.put(compiled.create_infer_request())
        self._manifest = manifest
        self._tiles = tiles_of(tiles)

    @property
    def manifest(self) -> ModelManifest:
        return self._manifest

    @property
    def batch(self) -> int:
        return max(1, _BATCH // len(self._tiles))

    def detect(
        self, pictures: Sequence[Picture], floor: float, shares: Sequence[float] | None = None
    ) -> list[Detections]:
        views = [picture if tile is WHOLE else picture.part(tile) for picture in pictures for tile in self._tiles]
        worth = [share for share in shares or [1.0] * len(pictures) for _ in self._tiles]
        seen = self._look(views, floor, worth)
        count = len(self._tiles)
        parts = [seen[index : index + count] for index in range(0, len(seen), count)]
        return [gathered(self._tiles, part) for part in parts]

    def _look(self, views: Sequence[Picture], floor: float, worth: Sequence[float]) -> list[Detections]:
        """Views of one shape go through together."""
        areas = [round(self._area * share) for share in worth]
        canvases = [Canvas.of(v.width, v.height, area) for v, area in zip(views, areas, strict=True)]
        found: dict[int, Detections] = {}
        for canvas in dict.fromkeys(canvases):
            places = [index for index, own in enumerate(canvases) if own == canvas]
            for start in range(0, len(places), _BATCH):
                some = places[start : start + _BATCH]
                answers = self._infer([views[index] for index in some], canvas, floor)
                found |= dict(zip(some, answers, strict=True))
        return [found[index] for index in range(len(views))]

    def _infer(self, views: Sequence[Picture], canvas: Canvas, floor: float) -> list[Detections]:
        batch = np.stack([shown(view, canvas) for view in views])
        with self._request() as request:
            answer = request.infer([batch], share_inputs=True)
            scores: npt.NDArray[np.float32] = answer["scores"]
            sides: npt.NDArray[np.float32] = answer["sides"]
        return [
            decode(scores[index], sides[index], canvas, (view.width, view.height), floor)
            for index, view in enumerate(views)
        ]

    @contextmanager
    def _request(self) -> Iterator[ov.InferRequest]:
        request = self._free.get()
        try:
            yield request
        finally:
            self._free.put(request)
