"""Runs in an environment of its own (``trackers``, ``trackeval``): asked on stdin, answers on stdout, JSON.

``track``: frames of boxes in, tracks out, and the microseconds a frame took. ``score``: HOTA, IDF1 and MOTA of tracks
against the truth by TrackEval, the reference implementation of HOTA's authors.
"""

import json
import sys
import time

import numpy as np


def main() -> None:
    asked = json.load(sys.stdin)
    json.dump(track(asked) if asked["ask"] == "track" else score(asked["frames"]), sys.stdout)


def track(asked: dict) -> dict:
    import supervision as sv
    import trackers

    tracker = getattr(trackers, asked["tracker"])(**asked["settings"])
    answer, spent_s = [], 0.0
    for rows in asked["frames"]:
        table = np.array(rows, float).reshape(-1, 5)
        found = sv.Detections(
            xyxy=table[:, :4] * asked["scale"], confidence=table[:, 4], class_id=np.zeros(len(table), int)
        )
        began = time.perf_counter()
        tracks = tracker.update(found)
        spent_s += time.perf_counter() - began
        ids = tracks.tracker_id if tracks.tracker_id is not None else []
        boxes = tracks.xyxy / asked["scale"]
        answer.append([[int(i), *map(float, b)] for i, b in zip(ids, boxes, strict=True) if i >= 0])
    return {"tracks": answer, "us_a_frame": spent_s * 1e6 / max(1, len(answer))}


def score(frames: list) -> dict:
    """``frames``: pairs of rows (id, left, top, right, bottom), truth and tracks."""
    from trackeval.metrics import CLEAR, HOTA, Identity

    names = [{i: n for n, i in enumerate(sorted({row[0] for f in frames for row in f[side]}))} for side in (0, 1)]
    ids = [[np.array([names[side][row[0]] for row in f[side]], int) for f in frames] for side in (0, 1)]
    data = {
        "gt_ids": ids[0],
        "tracker_ids": ids[1],
        "similarity_scores": [iou(f[0], f[1]) for f in frames],
        "num_gt_ids": len(names[0]),
        "num_tracker_ids": len(names[1]),
        "num_gt_dets": sum(map(len, ids[0])),
        "num_tracker_dets": sum(map(len, ids[1])),
        "num_timesteps": len(frames),
    }
    quiet = {"PRINT_CONFIG": False}
    hota, identity, clear = (m.eval_sequence(data) for m in (HOTA(), Identity(quiet), CLEAR(quiet)))
    found = {name.lower(): float(np.mean(hota[name])) for name in ("HOTA", "DetA", "AssA")}
    return found | {"idf1": float(identity["IDF1"]), "mota": float(clear["MOTA"]), "switches": int(clear["IDSW"])}


def iou(left: list, right: list) -> np.ndarray:
    a, b = (np.array([row[1:] for row in side], float).reshape(-1, 4) for side in (left, right))
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(t[:, 2:] - t[:, :2]).prod(axis=1) for t in (a, b)]
    return shared / np.maximum(areas[0][:, None] + areas[1][None] - shared, 1e-12)


if __name__ == "__main__":
    main()
