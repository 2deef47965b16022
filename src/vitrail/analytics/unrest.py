"""How jerky motion is among people who are close: measures of one look, from the optical flow of the luma plane.

Flow is taken between two looks a tenth of a second apart (dense inverse search, Kroeger et al., ECCV 2016), freed of
the camera's own motion (an affine fit to the still part), and told in body heights a second, so that near and far can
be compared; the flow of people under a quarter of the picture's height is coarse all the same, and measures weaker. No
shape, pose or look of anybody is kept: what leaves here are seventeen numbers about motion.
"""

__all__ = ["MEASURES", "Unrest"]

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture
from vitrail.domain.stirs import fast, freed

Field = npt.NDArray[np.float32]
Plane = npt.NDArray[np.uint8]

_WIDTH = 192
_MOVES, _FAST, _VERY_FAST = 0.5, 1.5, 3.0
"""Body heights a second: a stroll, a run, a blow."""
_SECTORS = 8
_LEAST_S, _MOST_S = 0.04, 0.5
MEASURES = (
    "strongest place", "mean", "root mean square", "how much it stands out",
    "incoherence", "share that moves", "share that is fast", "share that is very fast",
    "spreading 90", "spreading 99", "turning 90", "turning 99",
    "jerk 90", "jerk 95", "jerk 99", "strongest jerk",
    "directions",
)  # fmt: skip


class Unrest:
    """One camera. ``look`` gives the measures of a look, or None when there is no earlier one to compare with."""

    def __init__(self) -> None:
        self._flow = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_FAST)
        self.reset()

    def reset(self) -> None:
        self._luma: Plane | None = None
        self._before: Field | None = None
        self._at_us = 0

    def look(self, picture: Picture, height: float, at_us: int) -> npt.NDArray[np.float64] | None:
        """``height``: of people here, as a share of the picture's."""
        luma = _small(picture.y)
        before, self._luma = self._luma, luma
        span_s, self._at_us = (at_us - self._at_us) / 1e6, at_us
        if before is None or before.shape != luma.shape or not _LEAST_S <= span_s <= _MOST_S:
            self._before = None
            return None
        body_px = height * luma.shape[0]
        moved = np.asarray(self._flow.calc(before, luma, np.zeros((*luma.shape, 2), np.float32)), np.float32)
        flow = (freed(moved) / (span_s * body_px)).astype(np.float32)
        earlier, self._before = self._before, flow
        return None if earlier is None else measures(flow, earlier, body_px)


def _small(luma: Plane) -> Plane:
    height = max(16, round(_WIDTH * luma.shape[0] / luma.shape[1]))
    return np.asarray(cv2.resize(luma, (_WIDTH, height), interpolation=cv2.INTER_AREA), np.uint8)


def measures(flow: Field, earlier: Field, body_px: float) -> npt.NDArray[np.float64]:
    """The numbers of ``MEASURES``, of flow in body heights a second."""
    pace, jerk = fast(flow), fast(flow - earlier)
    body = max(5, int(body_px * 0.8) | 1)
    limb = max(3, int(body_px / 6) | 1)
    square = pace * pace
    power = cv2.boxFilter(square, -1, (body, body))
    moves = pace > _MOVES
    spread, turn = _gradients(flow)
    return np.array(
        [
            np.sqrt(power.max()),
            pace.mean(),
            np.sqrt(square.mean()),
            power.max() / (power.mean() + 1e-3),
            _incoherence(flow, square, limb)[moves].mean() if moves.sum() > 5 else 0.0,
            moves.mean(),
            (pace > _FAST).mean(),
            (pace > _VERY_FAST).mean(),
            *np.percentile(np.abs(spread[::2, ::2]), (90, 99)),
            *np.percentile(np.abs(turn[::2, ::2]), (90, 99)),
            *np.percentile(jerk[::2, ::2], (90, 95, 99)),
            cv2.boxFilter(jerk, -1, (body, body)).max(),
            _directions(flow, pace, moves),
        ]
    )


def _incoherence(flow: Field, square: Field, limb: int) -> Field:
    """How differently neighbours within a limb's width move. ``square`` of how fast."""
    across, down = (cv2.boxFilter(np.ascontiguousarray(flow[..., axis]), -1, (limb, limb)) for axis in (0, 1))
    mean = cv2.boxFilter(square, -1, (limb, limb))
    return np.asarray(np.sqrt(np.maximum(mean - across * across - down * down, 0)), np.float32)


def _gradients(flow: Field) -> tuple[Field, Field]:
    """Divergence and curl."""
    x, y = (np.ascontiguousarray(flow[..., axis]) for axis in (0, 1))
    dx, dy = [cv2.Sobel(f, -1, 1, 0) / 8 for f in (x, y)], [cv2.Sobel(f, -1, 0, 1) / 8 for f in (x, y)]
    return np.asarray(dx[0] + dy[1], np.float32), np.asarray(dx[1] - dy[0], np.float32)


def _directions(flow: Field, pace: Field, moves: npt.NDArray[np.bool_]) -> float:
    """Entropy of the directions of what moves, in nats."""
    angles = np.arctan2(flow[..., 1], flow[..., 0])[moves]
    parts = np.histogram(angles, _SECTORS, (-np.pi, np.pi), weights=pace[moves])[0] + 1e-3
    parts = parts / parts.sum()
    return float(-(parts * np.log(parts)).sum())
