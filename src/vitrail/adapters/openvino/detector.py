"""NanoDet as the house's detector."""

__all__ = ["NanodetDetector"]

import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np
import numpy.typing as npt
import openvino as ov

from vitrail.adapters.openvino.nanodet import decode, shown, street_outputs
from vitrail.adapters.openvino.tiling import Tile, cut, gathered, tiles_of
from vitrail.domain.detections import Detections
from vitrail.domain.frames import Picture
from vitrail.domain.models import ModelManifest

_BATCH = 8
_REQUESTS = 2
"""One for the streams, one for a person who waits for a masked clip: both may ask at the same time."""


class NanodetDetector:
    """A ``Detector``. ``detect`` may be called from several threads.

    ``threads`` is how many cores one inference uses; 0 leaves it to OpenVINO. With ``tiles`` of (columns, rows) other
    than (1, 1), each picture is looked at as a whole and tile by tile: better on small things, and as many times
    slower as there are tiles, plus one.
    """

    def __init__(
        self, model: ov.Model, manifest: ModelManifest, threads: int = 0, tiles: tuple[int, int] = (1, 1)
    ) -> None:
        street, self._grid = street_outputs(model, manifest.labels)
        settings: dict[str, object] = {"PERFORMANCE_HINT": "LATENCY"}
        if threads:
            settings["INFERENCE_NUM_THREADS"] = threads
        compiled = ov.Core().compile_model(street, "CPU", settings)
        self._free: queue.LifoQueue[ov.InferRequest] = queue.LifoQueue()
        for _ in range(_REQUESTS):
            self._free.put(compiled.create_infer_request())
        self._manifest = manifest
        self._tiles = tiles_of(tiles)

    @property
    def manifest(self) -> ModelManifest:
        return self._manifest

    @property
    def batch(self) -> int:
        return max(1, _BATCH // len(self._tiles))

    def detect(self, pictures: Sequence[Picture], floor: float) -> list[Detections]:
        views = [(cut(picture, tile), tile) for picture in pictures for tile in self._tiles]
        seen: list[tuple[Tile, Detections]] = []
        for start in range(0, len(views), _BATCH):
            some = views[start : start + _BATCH]
            found = self._look([view for view, _ in some], floor)
            seen += [(tile, detections) for (_, tile), detections in zip(some, found, strict=True)]
        count = len(self._tiles)
        return [gathered(seen[index : index + count]) for index in range(0, len(seen), count)]

    def _look(self, views: Sequence[Picture], floor: float) -> list[Detections]:
        batch = np.stack([shown(view, self._grid.side) for view in views])
        with self._request() as request:
            answer = request.infer([batch], share_inputs=True)
            scores: npt.NDArray[np.float32] = answer["scores"]
            sides: npt.NDArray[np.float32] = answer["sides"]
        return [decode(scores[index], sides[index], self._grid, floor) for index in range(len(views))]

    @contextmanager
    def _request(self) -> Iterator[ov.InferRequest]:
        request = self._free.get()
        try:
            yield request
        finally:
            self._free.put(request)
