"""Camera-days: a place under made weather, with its people, with what happens there; one key frame after the other."""

__all__ = ["Day", "Look"]

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from composite.incidents import Incident
from composite.plates import Image, Plate
from composite.reel import Coder
from composite.weather import Weather
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes

_JITTER = 0.06
_MISSED = 0.1
"""A detector's slack: by so much a box is off, and so often a cut-out person is missed. People of video plates come
with what the detector really said."""


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One key frame. ``covering``: boxes (n, 4) of people and vehicles, as a detector gives them. ``image``: the same
    picture before it was encoded."""

    at_s: float
    picture: Picture
    covering: Boxes
    image: Image


class Day:
    """``hours`` from ``start_h`` on, a look every ``every_s``. ``crowd``: share of looks with somebody in them."""

    def __init__(
        self,
        plate: Plate,
        seed: int,
        incidents: Sequence[Incident] = (),
        hours: float = 24.0,
        start_h: float = 9.0,
        every_s: float = 60.0,
        crowd: float = 0.5,
        weather: Weather | None = None,
        shake_px: float = 0.3,
    ) -> None:
        self.plate = plate
        self._rng = np.random.default_rng(seed)
        self._incidents = tuple(incidents)
        self._start_s, self._end_s, self._every_s = start_h * 3600, (start_h + hours) * 3600, every_s
        self.crowd = crowd
        self._weather = weather or Weather(plate.size, seed + 1, days=(start_h + hours) / 24)
        self._coder = Coder(*plate.size, crf=int(self._rng.integers(22, 31)))
        self._shake_px = shake_px
        self._drawn: dict[tuple[bool, ...], Image] = {}

    def looks(self) -> Iterator[Look]:
        at_s = self._start_s
        while at_s < self._end_s:
            yield self.look(at_s)
            at_s += self._every_s

    def look(self, at_s: float) -> Look:
        place = self.place(at_s)
        image, boxes = self._peopled(place)
        image = self._weather.shine(self._shaken(image), at_s)
        return Look(at_s, self._coder.pass_through(image), boxes, image)

    def place(self, at_s: float) -> Image:
        """Without people, in plain light."""
        states = tuple(i.start_s <= at_s < i.end_s for i in self._incidents)
        if states not in self._drawn:
            place = self.plate.clean
            for incident, on in zip(self._incidents, states, strict=True):
                painter = incident.after if on else incident.before
                place = painter(place)[0] if painter else place
            self._drawn[states] = place
        return self._drawn[states]

    def empty(self, at_s: float) -> Image:
        """Without people, in its own light of that second."""
        return self._weather.shine(self.place(at_s), at_s)

    def truth(self, incident: Incident) -> npt.NDArray[np.bool_]:
        """(h, w): which pixels look other because of it, in plain light."""
        before = incident.before(self.plate.clean)[0] if incident.before else self.plate.clean
        after = incident.after(self.plate.clean)[0]
        return np.asarray(np.abs(before.astype(int) - after.astype(int)).max(axis=2) > 12, np.bool_)

    def _peopled(self, place: Image) -> tuple[Image, Boxes]:
        if self._rng.random() >= self.crowd:
            return place, np.zeros((0, 4), np.float32)
        plate = self.plate
        if plate.frames:
            index = int(self._rng.integers(len(plate.frames)))
            matte = plate.mattes[index][..., None]
            return (place * (1 - matte) + plate.frames[index] * matte).astype(np.uint8), plate.boxes[index]
        return self._cut_in(place) if plate.cutouts else (place, np.zeros((0, 4), np.float32))

    def _cut_in(self, place: Image) -> tuple[Image, Boxes]:
        """One to four people, cut out elsewhere, standing on the ground."""
        rng, plate = self._rng, self.plate
        rows, columns = place.shape[:2]
        boxes = []
        ys = [y for _, y in plate.ground]
        for _ in range(int(rng.integers(1, 5))):
            cut = plate.cutouts[int(rng.integers(len(plate.cutouts)))]
            foot_y = rng.uniform(min(ys), max(ys))
            part = (foot_y - min(ys)) / max(1e-6, max(ys) - min(ys))
            tall = round((plate.tall[1] + (plate.tall[0] - plate.tall[1]) * part) * rows)
            small = cv2.resize(cut, (max(4, round(tall * cut.shape[1] / cut.shape[0])), tall))
            x, y = int(rng.uniform(-0.05, 0.95) * columns), round(foot_y * rows) - tall
            x0, y0, x1, y1 = max(0, x), max(0, y), min(columns, x + small.shape[1]), min(rows, y + tall)
            if x1 <= x0 or y1 <= y0:
                continue
            piece = small[y0 - y : y1 - y, x0 - x : x1 - x]
            alpha = piece[..., 3:].astype(np.float32) / 255
            place = place.copy()
            place[y0:y1, x0:x1] = (place[y0:y1, x0:x1] * (1 - alpha) + piece[..., :3] * alpha).astype(np.uint8)
            if rng.random() >= _MISSED:
                box = np.array([x0 / columns, y0 / rows, x1 / columns, y1 / rows])
                size = np.array([box[2] - box[0], box[3] - box[1]] * 2)
                boxes.append(np.clip(box + rng.normal(0, _JITTER, 4) * size, 0, 1))
        return place, np.array(boxes, np.float32).reshape(-1, 4)

    def _shaken(self, image: Image) -> Image:
        """Wind on the mast: a fraction of a pixel."""
        if not self._shake_px:
            return image
        dx, dy = self._rng.normal(0, self._shake_px, 2)
        move = np.array([[1, 0, dx], [0, 1, dy]], np.float32)
        return cv2.warpAffine(image, move, (image.shape[1], image.shape[0]), borderMode=cv2.BORDER_REPLICATE)
