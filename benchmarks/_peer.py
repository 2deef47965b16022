"""Runs in the peer's own environment (``pip install trackers``): frames of boxes on stdin, tracks on stdout, JSON."""

import json
import sys

import numpy as np
import supervision as sv
from trackers import ByteTrackTracker


def main() -> None:
    asked = json.load(sys.stdin)
    tracker = ByteTrackTracker(**asked["settings"])
    answer = []
    for rows in asked["frames"]:
        table = np.array(rows, float).reshape(-1, 5)
        found = sv.Detections(
            xyxy=table[:, :4] * asked["scale"], confidence=table[:, 4], class_id=np.zeros(len(table), int)
        )
        tracks = tracker.update(found)
        ids = tracks.tracker_id if tracks.tracker_id is not None else []
        boxes = tracks.xyxy / asked["scale"]
        answer.append([[int(i), *map(float, b)] for i, b in zip(ids, boxes, strict=True) if i >= 0])
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
