"""What the model saw in one frame, and what the tracker made of it: array-backed, checked on construction."""

__all__ = ["LABELS", "THINGS", "VEHICLES", "Detections", "Label", "Tracks"]

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from vitrail.domain.geometry import Boxes


class Label(IntEnum):
    """The street classes. No other output of a detector may enter the house."""

    PERSON = 0
    BICYCLE = 1
    CAR = 2
    MOTORCYCLE = 3
    BUS = 4
    TRAIN = 5
    TRUCK = 6
    BOAT = 7
    BENCH = 8
    BIRD = 9
    CAT = 10
    DOG = 11
    BACKPACK = 12
    UMBRELLA = 13
    HANDBAG = 14
    SUITCASE = 15


LABELS: tuple[str, ...] = tuple(label.name.lower() for label in Label)
VEHICLES = frozenset({Label.BICYCLE, Label.CAR, Label.MOTORCYCLE, Label.BUS, Label.TRAIN, Label.TRUCK, Label.BOAT})
THINGS = frozenset({Label.BACKPACK, Label.UMBRELLA, Label.HANDBAG, Label.SUITCASE})


def _check_rows(n: int, **columns: npt.NDArray[np.generic]) -> None:
    for name, column in columns.items():
        if len(column) != n:
            raise ValueError(f"{name} has {len(column)} rows, boxes have {n}")


@dataclass(frozen=True, slots=True, eq=False)
class Detections:
    """``boxes`` (n, 4) float32 normalised, ``labels`` (n,) int8 of ``Label``, ``scores`` (n,) float32 0..1."""

    boxes: Boxes
    labels: npt.NDArray[np.int8]
    scores: npt.NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.boxes.ndim != 2 or self.boxes.shape[1] != 4:
            raise ValueError(f"boxes must be (n, 4), not {self.boxes.shape}")
        _check_rows(len(self.boxes), labels=self.labels, scores=self.scores)

    @classmethod
    def none(cls) -> "Detections":
        return cls(np.zeros((0, 4), np.float32), np.zeros(0, np.int8), np.zeros(0, np.float32))

    def __len__(self) -> int:
        return len(self.boxes)

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Detections":
        return Detections(self.boxes[chosen], self.labels[chosen], self.scores[chosen])

    def of(self, *labels: Label) -> "Detections":
        return self.where(np.isin(self.labels, labels))


@dataclass(frozen=True, slots=True, eq=False)
class Tracks:
    """The confirmed tracks of one stream at one moment.

    ``ids`` (n,) random 63-bit integers, meaningless outside the stream; ``boxes`` (n, 4); ``labels`` (n,);
    ``scores`` (n,); ``since_us`` (n,) wall time of the first sight; ``seen_us`` (n,) wall time of the last real
    detection: rows with ``seen_us`` before the moment are coasting on prediction.
    ``ended`` holds the ids that ended since the last update.
    """

    ids: npt.NDArray[np.int64]
    boxes: Boxes
    labels: npt.NDArray[np.int8]
    scores: npt.NDArray[np.float32]
    since_us: npt.NDArray[np.int64]
    seen_us: npt.NDArray[np.int64]
    ended: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        _check_rows(
            len(self.boxes),
            ids=self.ids,
            labels=self.labels,
            scores=self.scores,
            since_us=self.since_us,
            seen_us=self.seen_us,
        )

    @classmethod
    def none(cls, ended: tuple[int, ...] = ()) -> "Tracks":
        wide = np.zeros(0, np.int64)
        empty = Detections.none()
        return cls(wide, empty.boxes, empty.labels, empty.scores, wide, wide, ended)

    def __len__(self) -> int:
        return len(self.boxes)

    def where(self, chosen: npt.NDArray[np.bool_]) -> "Tracks":
        return Tracks(
            self.ids[chosen],
            self.boxes[chosen],
            self.labels[chosen],
            self.scores[chosen],
            self.since_us[chosen],
            self.seen_us[chosen],
            self.ended,
        )
