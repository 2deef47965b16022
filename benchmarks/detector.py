"""Does the detector see who is there, and what does a look cost.

No labelled folder has boxes of people or vehicles, only times: on ``one-by-one-person-detection.mp4`` when somebody is
visible, on ``car-detection.mp4`` when a vehicle passes. So a frame counts as found when something of the right class
scores 0.35 or more anywhere in it, average precision ranks frames by their best score, and frames nearer to a border
than the labels' own accuracy are left out. How well the boxes lie is not measured here.

Shapes: the product's canvas of the picture's shape, and the square that the model was published with. Limit: the bare
network, one thread, on a square of the published size; a look also resizes, colours and reads the answer.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import cv2
import numpy as np
import openvino as ov

from _data import options, say_json
from vitrail.adapters.openvino import DEFAULT_DETECTOR, ModelShelf, NanodetDetector, catalogue, load_nanodet
from vitrail.domain.detections import Label
from vitrail.domain.frames import Picture

_STEP_S = 0.2
_SCORE, _FLOOR = 0.35, 0.02
_BORDER_S = 0.7
_PEOPLE = (Label.PERSON,)
_VEHICLES = (Label.CAR, Label.TRUCK, Label.BUS)
_TIMED = 40

Look = Callable[[Picture], float]


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Pictures of one recording, and whether somebody is in them."""

    pictures: Sequence[Picture]
    there: np.ndarray


def main() -> None:
    given = options(__doc__ or "")
    folder = given.data if (given.data / "labels.json").exists() else given.data / "fixed-camera-video"
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    detector = load_nanodet(given.cache, threads=1)
    cv2.setNumThreads(1)
    figures: dict[str, float] = {}
    name = "one-by-one-person-detection.mp4"
    visits = scene(folder / name, [tuple(event["visible"]) for event in labels[name]["events"]])
    name = "car-detection.mp4"
    passes = scene(folder / name, [(event["t_in"], event["t_out"]) for event in labels[name]["events"]])
    for what, look, shown in (
        ("people", best(detector, _PEOPLE), visits),
        ("people_square", squared(best(detector, _PEOPLE)), visits),
        ("vehicles", best(detector, _VEHICLES), passes),
        ("vehicles_square", squared(best(detector, _VEHICLES)), passes),
    ):
        figures |= judged(what, look, shown)
    limit_ms = network_ms(given.cache)
    figures |= {"network_ms": round(limit_ms, 1), "people_ms_over_network": round(figures["people_ms"] / limit_ms, 2)}
    say_json(benchmark="detector", **figures)


def scene(path: Path, spans: Sequence[tuple[float, float]]) -> Scene:
    pictures, there = [], []
    for at_s, picture in frames(path):
        if all(abs(at_s - border) > _BORDER_S for span in spans for border in span):
            pictures.append(picture)
            there.append(any(start <= at_s <= end for start, end in spans))
    return Scene(pictures, np.array(there))


def frames(path: Path) -> Iterator[tuple[float, Picture]]:
    due_s = 0.0
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            if frame.time >= due_s:
                due_s += _STEP_S
                data, height, width = frame.reformat(format="yuv420p").to_ndarray(), frame.height, frame.width
                chroma = data[height:].reshape(2, height // 2, width // 2)
                yield frame.time, Picture(data[:height], chroma[0], chroma[1])


def best(detector: NanodetDetector, labels: Sequence[Label]) -> Look:
    def look(picture: Picture) -> float:
        found = detector.detect([picture], _FLOOR)[0]
        return max((float(found.of(label).scores.max(initial=0.0)) for label in labels), default=0.0)

    return look


def squared(look: Look) -> Look:
    """The same, with the picture pressed into the published square first."""

    def pressed(picture: Picture) -> float:
        y, u, v = (cv2.resize(p, (s, s)) for p, s in ((picture.y, 416), (picture.u, 208), (picture.v, 208)))
        return look(Picture(y, u, v, picture.full_range))

    return pressed


def judged(what: str, look: Look, shown: Scene) -> dict[str, float]:
    scores, took = [], []
    for picture in shown.pictures:
        began = time.perf_counter()
        scores.append(look(picture))
        took.append(time.perf_counter() - began)
    told = np.array(scores) >= _SCORE
    there = shown.there
    figures = {
        "ap": average_precision(np.array(scores), there),
        "recall": float(told[there].mean()),
        "false": float(told[~there].mean()),
        "ms": statistics.median(took) * 1000,
    }
    said = ", ".join(f"{name} {value:.3f}" for name, value in figures.items())
    print(f"{what} ({there.sum()} frames with, {(~there).sum()} without): {said}")
    return {f"{what}_{name}": round(value, 3) for name, value in figures.items()}


def average_precision(scores: np.ndarray, there: np.ndarray) -> float:
    right = there[np.argsort(-scores, kind="stable")]
    precision = np.cumsum(right) / np.arange(1, len(right) + 1)
    return float(precision[right].mean())


def network_ms(cache: Path) -> float:
    """The model as published, nothing before and nothing after it."""
    manifest = next(known for known in catalogue() if known.id == DEFAULT_DETECTOR)
    model = ModelShelf(cache).read(manifest)
    settings = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": 1}
    request = ov.Core().compile_model(model, "CPU", settings).create_infer_request()
    nothing = np.zeros(manifest.inputs[0][1], np.float32)
    took = []
    for _ in range(_TIMED):
        began = time.perf_counter()
        request.infer([nothing], share_inputs=True)
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


if __name__ == "__main__":
    main()
