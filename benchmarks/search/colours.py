"""Colour and class: how well a search for "red car" puts the red cars first, on a real clip and on composites.

    python benchmarks/search/colours.py [--data DIR]

The real clip is car-detection.mp4 (CC BY 4.0, Intel) with the vehicles and colours of labels.json. The composite is
made of the same clip: its white car, cut out and painted in the eleven colours, drives over the empty road one after
the other; so truth is exact, and the paint is not real. Both go through the whole product. The figure is the mean of
the average precisions of the queries.
"""

import json
import sys
import tempfile
from pathlib import Path

import av
import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from _search import Searchable, searchable

from _data import options

CLIP = "car-detection.mp4"
PAINTS = {
    "black": (26, 26, 28), "white": (240, 240, 240), "grey": (140, 142, 144), "red": (190, 25, 30),
    "orange": (240, 120, 20), "yellow": (240, 210, 30), "green": (25, 125, 55), "blue": (25, 65, 170),
    "purple": (115, 40, 150), "pink": (240, 120, 175), "brown": (105, 68, 38),
}  # fmt: skip
SPOKEN = {"light blue/silver": ("blue", "grey")}
FPS = 12
DRIVES_S, EACH_S = 4.0, 6.0
CUT_AT_S = 6.5


def main() -> None:
    given = options(__doc__ or "")
    clip = given.data / "fixed-camera-video" / CLIP
    labels = json.loads((clip.parent / "labels.json").read_text(encoding="utf-8"))[CLIP]["events"]
    truth = [(SPOKEN.get(e["colour"], (e["colour"],)), e["t_in"], e["t_out"]) for e in labels]
    with searchable(clip, given.cache) as real:
        on_real = precisions(real, truth)
        speed = real.took_s
    with tempfile.TemporaryDirectory() as place:
        made = Path(place) / "composite.mp4"
        painted = composite(clip, made)
        with searchable(made, given.cache) as drawn:
            on_composite = precisions(drawn, painted)
    for name, found in (("real", on_real), ("composite", on_composite)):
        print(name, {colour: round(value, 2) for colour, value in found.items()})
    figures = {
        "map_real": round(float(np.mean(list(on_real.values()))), 3),
        "map_composite": round(float(np.mean(list(on_composite.values()))), 3),
        "map_all": round(float(np.mean([*on_real.values(), *on_composite.values()])), 3),
        "queries": len(on_real) + len(on_composite),
        "analysed_s": round(speed, 1),
    }
    print(json.dumps(figures, sort_keys=True))


def precisions(over: Searchable, truth: list[tuple[tuple[str, ...], float, float]]) -> dict[str, float]:
    """Average precision of the query for each colour; a vehicle that was never found counts as missed."""
    made: dict[str, float] = {}
    for colour in dict.fromkeys(c for colours, _, _ in truth for c in colours):
        wanted = [(start, end) for colours, start, end in truth if colour in colours]
        found = [one.sighting for one in over.desk.search(f"{colour} car").results.found if one.sighting]
        hit: set[int] = set()
        total = 0.0
        for rank, seen in enumerate(found, 1):
            middle = (over.at(seen.interval.start_us) + over.at(seen.interval.end_us)) / 2
            match = next((i for i, (a, b) in enumerate(wanted) if a - 0.7 <= middle <= b + 0.7 and i not in hit), None)
            if match is not None:
                hit.add(match)
                total += len(hit) / rank
        made[colour] = total / len(wanted)
    return made


def composite(clip: Path, into: Path) -> list[tuple[tuple[str, ...], float, float]]:
    frames = [frame.to_ndarray(format="rgb24") for frame in av.open(str(clip)).decode(video=0)]
    rate = len(frames) / float(av.open(str(clip)).duration / av.time_base)
    road = np.median(np.stack(frames[::12]), axis=0).astype(np.uint8)
    shown = frames[round(CUT_AT_S * rate)]
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
