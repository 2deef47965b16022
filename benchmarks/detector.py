"""Does the detector see who is there, and what does a look cost.

``labels.json`` has no boxes of people or vehicles, only times: when somebody is visible, when a vehicle passes. So a
frame counts as found when something of the right class scores 0.35 or more anywhere in it, average precision ranks
frames by their best score, and frames nearer to a border than the labels' own accuracy are left out. How well boxes lie
is not measured here.

Shapes: the product's canvas of the picture's shape, and the square that the model was published with. Limit: the bare
network, one thread, on a square of the published size; a look also resizes, colours and reads the answer.
"""

import json
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
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
    for what, classes, edges in (("people", _PEOPLE, ("visible",)), ("vehicles", _VEHICLES, ("t_in", "t_out"))):
        shown = scenes(folder, labels, edges)
        if not 0 < shown.there.sum() < len(shown.there):
            print(f"{what}: no recording with labelled times when they are there and when not: left out", flush=True)
            continue
        look = best(detector, classes)
        figures |= judged(what, look, shown) | judged(f"{what}_square", squared(look), shown)
    limit_ms = network_ms(given.cache)
    figures |= {"network_ms": round(limit_ms, 1)}
    figures |= {f"{w}_ms_over_network": round(figures[f"{w}_ms"] / limit_ms, 2) for w in seen_of(figures)}
    say_json(benchmark="detector", **figures)


def seen_of(figures: Mapping[str, float]) -> list[str]:
    return [what for what in ("people", "vehicles") if f"{what}_ms" in figures]


def scenes(folder: Path, labels: Mapping[str, dict], edges: Sequence[str]) -> Scene:
    """Every recording that has events with such times, one after the other."""
    pictures: list[Picture] = []
    there: list[bool] = []
    for name, said in labels.items():
        told = [[event[edge] for edge in edges] for event in said.get("events", []) if edges[0] in event]
        spans = [tuple(times[0] if len(edges) == 1 else times) for times in told]
        if spans and (folder / name).is_file():
            shown = scene(folder / name, spans)
            pictures += shown.pictures
            there += list(shown.there)
    return Scene(pictures, np.array(there, bool))


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
        began = time.process_time()
        scores.append(look(picture))
        took.append(time.process_time() - began)
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
        began = time.process_time()
        request.infer([nothing], share_inputs=True)
        took.append(time.process_time() - began)
    return statistics.median(took) * 1000


if __name__ == "__main__":
    main()
