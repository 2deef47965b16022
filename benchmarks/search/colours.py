"""Colour and class: how well a search for "red car" puts the red cars first, on a real clip and on composites.

    python benchmarks/search/colours.py [--data DIR]

The real clips are those of fixed-camera-video whose labels.json names vehicles and their colours ("light blue/silver":
either). The composite is made of the first of them with a white car: cut out and painted in the eleven colours, it
drives over the empty road one after the other; so truth is exact, and the paint is not real. Both go through the whole
product. The figure is the mean of the average precisions of the queries.
"""

import json
import sys
import tempfile
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from _search import Searchable, searchable

from _data import options

PAINTS = {
    "black": (26, 26, 28), "white": (240, 240, 240), "grey": (140, 142, 144), "red": (190, 25, 30),
    "orange": (240, 120, 20), "yellow": (240, 210, 30), "green": (25, 125, 55), "blue": (25, 65, 170),
    "purple": (115, 40, 150), "pink": (240, 120, 175), "brown": (105, 68, 38),
}  # fmt: skip
FPS = 12
DRIVES_S, EACH_S = 4.0, 6.0
LIGHT = ("white", "silver", "grey")


def main() -> None:
    given = options(__doc__ or "")
    folder = given.data / "fixed-camera-video"
    clips = coloured(folder)
    found: dict[str, dict[str, float]] = {"real": {}, "composite": {}}
    took_s = 0.0
    for name, events in clips.items():
        print(f"{name}: {len(events)} vehicles with a colour", flush=True)
        truth = [(tuple(e["colour"].split("/")), e["t_in"], e["t_out"]) for e in events]
        with searchable(folder / name, given.cache) as real:
            told = precisions(real, truth)
            took_s += real.took_s
        found["real"] |= {f"{name}: {query}": value for query, value in told.items()}
    light = next(((n, e) for n, events in clips.items() for e in events if e["colour"].split("/")[0] in LIGHT), None)
    if light is None:
        print("skipped: no clip with a white car to paint", flush=True)
    else:
        with tempfile.TemporaryDirectory() as place:
            made = Path(place) / "composite.mp4"
            painted = composite(folder / light[0], made, (light[1]["t_in"] + light[1]["t_out"]) / 2)
            print(f"composite of {light[0]}: {len(painted)} paints", flush=True)
            with searchable(made, given.cache) as drawn:
                found["composite"] = precisions(drawn, painted)
    for name, values in found.items():
        print(name, {query: round(value, 2) for query, value in values.items()})
    every = [value for values in found.values() for value in values.values()]
    figures: dict[str, object] = {f"map_{name}": mean(list(values.values())) for name, values in found.items()}
    figures |= {"map_all": mean(every), "queries": len(every), "clips": len(clips), "analysed_s": round(took_s, 1)}
    print(json.dumps(figures, sort_keys=True))


def coloured(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Clips that are here, with the vehicles of each whose colour is labelled."""
    if not (folder / "labels.json").is_file():
        print(f"skipped: no labels.json in {folder}", flush=True)
        return {}
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    clips = {}
    for name, said in labels.items():
        events = said.get("events", []) if isinstance(said, dict) else []
        passed = [e for e in events if isinstance(e, dict) and e.get("colour") and "t_in" in e and "t_out" in e]
        if passed and (folder / name).is_file():
            clips[name] = passed
        elif passed:
            print(f"skipped: {name} is not here", flush=True)
    return clips


def mean(values: list[float]) -> float | None:
    return round(float(np.mean(values)), 3) if values else None


def precisions(over: Searchable, truth: list[tuple[tuple[str, ...], float, float]]) -> dict[str, float]:
    """Average precision of the query for each label; a vehicle that was never found counts as missed."""
    made: dict[str, float] = {}
    for colours in dict.fromkeys(colours for colours, _, _ in truth):
        wanted = [(start, end) for named, start, end in truth if named == colours]
        query = f"{' or '.join(colours)} car"
        found = [one.sighting for one in over.desk.search(query).results.found if one.sighting]
        hit: set[int] = set()
        total = 0.0
        for rank, seen in enumerate(found, 1):
            middle = (over.at(seen.interval.start_us) + over.at(seen.interval.end_us)) / 2
            match = next((i for i, (a, b) in enumerate(wanted) if a - 0.7 <= middle <= b + 0.7 and i not in hit), None)
            if match is not None:
                hit.add(match)
                total += len(hit) / rank
        made[query] = total / len(wanted)
    return made


def composite(clip: Path, into: Path, cut_at_s: float) -> list[tuple[tuple[str, ...], float, float]]:
    frames = [frame.to_ndarray(format="rgb24") for frame in av.open(str(clip)).decode(video=0)]
    rate = len(frames) / float(av.open(str(clip)).duration / av.time_base)
    road = np.median(np.stack(frames[::12]), axis=0).astype(np.uint8)
    shown = frames[min(len(frames) - 1, round(cut_at_s * rate))]
    mask, box = car_of(shown, road)
    left, top, width, height = box
    cut, alpha = shown[top : top + height, left : left + width], mask[top : top + height, left : left + width, None]
    rng = np.random.default_rng(3)
    truth = []
    with av.open(str(into), "w") as out:
        stream = out.add_stream("libx264", rate=FPS, options={"crf": "18", "g": str(FPS * 2)})
        stream.width, stream.height, stream.pix_fmt = road.shape[1], road.shape[0], "yuv420p"
        for number, (name, paint) in enumerate(PAINTS.items()):
            truth.append(((name,), number * EACH_S, number * EACH_S + DRIVES_S))
            coat = painted(cut, paint)
            for step in range(round(EACH_S * FPS)):
                picture = road.astype(np.int16)
                share = step / FPS / DRIVES_S
                if share < 1:
                    y = round(road.shape[0] - (road.shape[0] + height) * share)
                    paste(picture, coat, alpha, left, y)
                picture = np.clip(picture + rng.normal(0, 2, picture.shape), 0, 255).astype(np.uint8)
                out.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        out.mux(stream.encode(None))
    return truth


def car_of(shown: np.ndarray, road: np.ndarray) -> tuple[np.ndarray, tuple[int, int, int, int]]:
    """The largest thing that is not the road: its mask, 0..1, and its box."""
    differs = (np.abs(shown.astype(int) - road).max(axis=2) > 28).astype(np.uint8)
    differs = cv2.morphologyEx(differs, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(differs)
    best = 1 + int(stats[1:count, cv2.CC_STAT_AREA].argmax())
    left, top, width, height, _ = (int(v) for v in stats[best])
    return cv2.GaussianBlur((labels == best).astype(np.float32), (5, 5), 0), (left, top, width, height)


def painted(cut: np.ndarray, paint: tuple[int, int, int]) -> np.ndarray:
    """Bodywork, which is light on a white car, in another paint; glass and tyres stay."""
    luma = cut.mean(axis=2, keepdims=True)
    body = np.clip((luma - 120) / 60, 0, 1)
    coat = np.asarray(paint, np.float32) * np.clip(luma / 215, 0.2, 1.1)
    return cut * (1 - body) + np.clip(coat, 0, 255) * body


def paste(picture: np.ndarray, coat: np.ndarray, alpha: np.ndarray, left: int, top: int) -> None:
    y0, y1 = max(0, top), min(picture.shape[0], top + coat.shape[0])
    if y1 <= y0:
        return
    part, see = coat[y0 - top : y1 - top], alpha[y0 - top : y1 - top]
    there = picture[y0:y1, left : left + coat.shape[1]]
    picture[y0:y1, left : left + coat.shape[1]] = there * (1 - see) + part * see


if __name__ == "__main__":
    main()
