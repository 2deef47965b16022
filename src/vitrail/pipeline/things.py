"""One box a thing: what a detector calls a car and a truck in the same place is one vehicle."""

__all__ = ["ANIMAL", "PERSON", "THING", "VEHICLE", "groups", "one_each"]

import numpy as np
import numpy.typing as npt

from vitrail.domain.detections import THINGS, VEHICLES, Detections, Label
from vitrail.domain.geometry import iou_matrix

PERSON, VEHICLE, THING, ANIMAL = 0, 1, 2, 3
"""What is followed as one kind: a van may look like a car now and like a truck a moment later."""
_SAME_IOU = 0.7


def _group(label: Label) -> int:
    if label is Label.PERSON:
        return PERSON
    if label in VEHICLES:
        return VEHICLE
    return THING if label in THINGS or label is Label.BENCH else ANIMAL


_GROUPS = np.array([_group(label) for label in Label], np.int8)


def groups(labels: npt.NDArray[np.int8]) -> npt.NDArray[np.int8]:
    return np.asarray(_GROUPS[labels], np.int8)


def one_each(found: Detections) -> Detections:
    """The surest box and label of each thing, surest first.

    A vehicle's score is the chance that it is any of those seen there, were they independent: from above, a detector
    that learnt its cars in the street spreads its belief over car, bus, truck and boat.
    """
    order = np.argsort(-found.scores, kind="stable")
    boxes, labels, scores = found.boxes[order], found.labels[order], found.scores[order].copy()
    kinds = groups(labels)
    same = (iou_matrix(boxes, boxes) > _SAME_IOU) & (kinds[:, None] == kinds[None, :])
    kept = np.ones(len(boxes), bool)
    for row in range(len(boxes)):
        if not kept[row]:
            continue
        others = same[row] & kept
        others[: row + 1] = False
        if kinds[row] == VEHICLE and others.any():
            scores[row] = 1.0 - (1.0 - scores[row]) * np.prod(1.0 - scores[others])
        kept &= ~others
    return Detections(boxes[kept], labels[kept], scores[kept])
