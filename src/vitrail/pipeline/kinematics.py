"""Where followed boxes will be: a Kalman filter of constant velocity for many boxes at once.

State of a row: centre and size of its box (4 numbers), their velocities a second (4 numbers), and one covariance of
(position, velocity) which the four share, in units of the box's own scale: a near person and a far one then obey the
same figures. Between observations nothing is known but that the thing coasts: the longer, the slower.
"""

__all__ = ["Motions"]

import numpy as np
import numpy.typing as npt

from vitrail.domain.geometry import Boxes

Array = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

_MEASURE = 0.06
"""Standard deviation of a detector's box edge, in box scales."""
_ACCELERATION = 1.2
"""In box scales a second squared: a walker who stops within a second, a car that brakes."""
_FIRST_SPEED = 1.0
_COAST_S = 1.5
"""Time constant with which the velocity of an unseen thing fades."""
_GROW_S = 0.3
"""The same for its size: a box that grows on unseen soon covers everything."""
_ASPECT = 16 / 9


class Motions:
    """Rows are tracks; the caller keeps their order. Times in seconds."""

    def __init__(self) -> None:
        self._place = np.zeros((0, 4))
        self._speed = np.zeros((0, 4))
        self._cov = np.zeros((0, 3))
        self._seen = np.zeros((0, 4))

    def __len__(self) -> int:
        return len(self._place)

    @property
    def boxes(self) -> Boxes:
        half = self._place[:, 2:] / 2
        return np.hstack([self._place[:, :2] - half, self._place[:, :2] + half]).astype(np.float32)

    @property
    def scale(self) -> Array:
        """(n, 2): what "one box" is along x and y, the same for thin and wide boxes."""
        return scales(self._place[:, 2:])

    @property
    def seen(self) -> Array:
        """(n, 2): centres where they were last observed."""
        return self._seen[:, :2]

    @property
    def speed(self) -> Array:
        """(n, 2): centres a second."""
        return self._speed[:, :2]

    def add(self, boxes: Boxes) -> None:
        place = _places(boxes)
        fresh = np.tile([_MEASURE**2, 0.0, _FIRST_SPEED**2], (len(boxes), 1))
        self._place = np.vstack([self._place, place])
        self._speed = np.vstack([self._speed, np.zeros_like(place)])
        self._cov = np.vstack([self._cov, fresh])
        self._seen = np.vstack([self._seen, place])

    def keep(self, rows: npt.NDArray[np.bool_]) -> None:
        self._place, self._speed = self._place[rows], self._speed[rows]
        self._cov, self._seen = self._cov[rows], self._seen[rows]

    def predict(self, dt_s: float, unseen_s: Array) -> None:
        """``unseen_s`` (n,): how long each row had not been seen before this step."""
        if dt_s <= 0 or len(self) == 0:
            return
        coasting = unseen_s > 0
        reach = np.full((len(self), 1), dt_s)
        grow = np.full((len(self), 1), dt_s)
        if coasting.any():
            fade, shrink = np.exp(-dt_s / _COAST_S), np.exp(-dt_s / _GROW_S)
            reach[coasting], grow[coasting] = _COAST_S * (1 - fade), _GROW_S * (1 - shrink)
            self._speed[coasting, :2] *= fade
            self._speed[coasting, 2:] *= shrink
        self._place[:, :2] += self._speed[:, :2] * reach
        self._place[:, 2:] = np.maximum(self._place[:, 2:] + self._speed[:, 2:] * grow, self._seen[:, 2:] * 0.5)
        pp, pv, vv = self._cov.T
        noise = _ACCELERATION**2
        self._cov = np.stack(
            [
                pp + 2 * dt_s * pv + dt_s**2 * vv + noise * dt_s**4 / 4,
                pv + dt_s * vv + noise * dt_s**3 / 2,
                vv + noise * dt_s**2,
            ],
            axis=1,
        )

    def observe(self, rows: Rows, boxes: Boxes, trust: Array, gap_s: Array) -> None:
        """``trust`` (m,) in 0..1 widens the assumed error of doubtful boxes; ``gap_s`` since each row was last seen.

        After a gap the speed is what leads from the last sight to this one, not what was guessed on the way
        (observation-centric re-update, OC-SORT, CVPR 2023).
        """
        if len(rows) == 0:
            return
        place = _places(boxes)
        pp, pv, vv = self._cov[rows].T
        error = (_MEASURE / np.maximum(trust, 0.2)) ** 2
        k_place, k_speed = pp / (pp + error), pv / (pp + error)
        away = place - self._place[rows]
        self._place[rows] += k_place[:, None] * away
        self._speed[rows] += k_speed[:, None] * away
        self._cov[rows] = np.stack([(1 - k_place) * pp, (1 - k_place) * pv, vv - k_speed * pv], axis=1)
        gone = gap_s > _GAP_S
        if gone.any():
            found = rows[gone]
            self._speed[found, :2] = (place[gone, :2] - self._seen[found, :2]) / gap_s[gone, None]
            self._speed[found, 2:] = 0.0
            self._place[found] = place[gone]
            self._cov[found] = [_MEASURE**2, 0.0, (_FIRST_SPEED / 2) ** 2]
        self._seen[rows] = place


_GAP_S = 0.6


def scales(size: Array) -> Array:
    w, h = size[:, 0], size[:, 1]
    return np.stack([(w + h / _ASPECT) / 2, (h + w * _ASPECT) / 2], axis=1)


def _places(boxes: Boxes) -> Array:
    wide = boxes.astype(np.float64)
    return np.hstack([(wide[:, :2] + wide[:, 2:]) / 2, wide[:, 2:] - wide[:, :2]])
