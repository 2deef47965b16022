"""Whether a camera still sees what it is meant to see: frozen, dark, blinded, blurred, hidden, looped or moved.

Looks at frames that were decoded anyhow, twice a second at most, against what this view has looked like so far: fine
detail in each part of the picture, where its edges lie, and the last minutes as tiny pictures. A fault is told when it
has lasted for some seconds, so that a bus, a flash or a cloud is none.
"""

__all__ = ["CameraHealth"]

from collections import deque
from dataclasses import dataclass, field

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture
from vitrail.domain.health import Ailment
from vitrail.domain.time import MINUTE_US, SECOND_US

Values = npt.NDArray[np.float32]

_STEP_US = SECOND_US // 2
_LEARN_US = 5 * SECOND_US
"""So long a view is looked at before anything is compared with it."""
_FOLLOW_US = 60 * SECOND_US
"""How fast what is usual follows the light."""

_DETAIL_WIDTH, _EDGE_SIZE, _PARTS, _TINY = 640, (160, 90), (16, 9), (16, 9)
_FROZEN_US, _FROZEN_LOOKS = 6 * SECOND_US, 3
_FROZEN_LEVELS, _FROZEN_MOST, _FROZEN_SHARE = 0.002, 0.2, 0.1
"""Median difference of two looks in grey levels: a sensor's noise is more, even through an encoder, and an encoder that
is given the same picture again and again still changes it a little at each key picture."""
_DARK_LEVEL, _DARK_SPREAD = 24.0, 5.0
_GLARE_LEVEL, _GLARE_SHARE = 235.0, 0.6
_FLAT_SPREAD = 10.0
_TEXTURED = 0.5
"""Grey levels of fine detail that a part needs to be compared."""
_LATE_US = 5 * SECOND_US // 2
_LOST, _KEPT = 0.5, 0.75
"""A part that has less than this share of its usual detail has lost it; one that has more than that has kept it."""
_LOST_SHARE, _KEPT_SHARE, _BRIGHTER = 0.4, 0.2, 50.0
_LEAST_PARTS = 8
_ALIKE, _ELSEWHERE, _WORSE = 0.55, 0.3, 0.3
_BETTER, _SHIFT, _LEAST_SHARED = 0.12, 0.04, 0.25
"""Edges fit so much better when shifted by at least this share of the picture's width: it was turned. Less is a mast
that sways, which margins of masks must bear."""
_LOOP_US, _LOOP_STEP_US, _LOOP_SAMPLES, _LOOP_SHARE = 5 * MINUTE_US, SECOND_US // 10, 30, 0.6
_LOOP_LEVELS, _LOOP_MOTION = 0.25, 4.0
"""A tiny picture is seen again when it differs by less than this on average, while pictures of the time between differ
by so many times more."""

_STALE_US = 30 * SECOND_US
_TOLD_US = MINUTE_US

_LASTS_US = {
    Ailment.FROZEN: 0,
    Ailment.DARK: 3 * SECOND_US,
    Ailment.BLINDED: 3 * SECOND_US,
    Ailment.BLURRED: 4 * SECOND_US,
    Ailment.HIDDEN: 4 * SECOND_US,
    Ailment.LOOPED: SECOND_US,
    Ailment.MOVED: 4 * SECOND_US,
}


@dataclass(slots=True)
class _View:
    """What is usual: fine detail of each part, and where edges lie."""

    detail: Values
    edges: Values
    light: float
    fit: float = 1.0
    """How well its edges usually fit: traffic that fills the picture hides most of them."""
    stir: float = 0.0
    """How much two looks usually differ, in grey levels."""
    learnt_us: int = 0
    late_detail: Values = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    late_edges: Values = field(default_factory=lambda: np.zeros((0, 0), np.float32))
    """The same over the last seconds: who passes by is gone from it soon."""

    def look(self, detail: Values, edges: Values, step_us: int) -> None:
        share = np.float32(min(1.0, step_us / _LATE_US)) if self.late_detail.size else np.float32(1.0)
        self.late_detail = detail * share + self.late_detail * (1 - share) if share < 1 else detail
        self.late_edges = edges * share + self.late_edges * (1 - share) if share < 1 else edges

    def fits(self) -> float:
        """-1..1: how well the edges of the last seconds lie where they usually do."""
        return float((_standard(self.edges) * _standard(self.late_edges)).mean())

    def follow(self, detail: Values, edges: Values, light: float, stir: float, step_us: int) -> None:
        self.learnt_us += step_us
        share = np.float32(step_us / (self.learnt_us if self.learnt_us <= _LEARN_US else _FOLLOW_US))
        self.detail += share * (detail - self.detail)
        self.edges += share * (edges - self.edges)
        self.fit += float(share) * (self.fits() - self.fit)
        self.light += float(share) * (light - self.light)
        self.stir += float(share) * (stir - self.stir)


@dataclass(slots=True)
class CameraHealth:
    """One stream of a camera. ``ailments``: what is wrong now."""

    _view: _View | None = None
    _sparse: npt.NDArray[np.uint8] | None = None
    _since_us: dict[Ailment, int] = field(default_factory=dict)
    _stirs: deque[tuple[int, float]] = field(default_factory=deque)
    _tiny: deque[tuple[int, Values]] = field(default_factory=deque)
    _lags: deque[int] = field(default_factory=lambda: deque(maxlen=_LOOP_SAMPLES))
    _last_us: int | None = None
    _looked_us: int | None = None
    _loops: bool = False
    _moved_us: int = 0
    ailments: frozenset[Ailment] = frozenset()

    def reset(self) -> None:
        """Another connection to the camera: what is usual stays known, so that a turn meanwhile is noticed."""
        self._sparse, self._last_us, self._looked_us, self._loops = None, None, None, False
        self._since_us.clear()
        self._stirs.clear()
        self._tiny.clear()
        self._lags.clear()
        self.ailments = self.ailments & {Ailment.MOVED}

    def update(self, picture: Picture, wall_us: int) -> frozenset[Ailment]:
        if self._last_us is not None and -_STALE_US < wall_us - self._last_us < 0:
            return self.ailments  # the current group is decoded again
        if self._looked_us is None or not 0 <= wall_us - self._looked_us < _LOOP_STEP_US:
            self._looked_us = wall_us
            self._look_back(picture, wall_us)
        step_us = wall_us - self._last_us if self._last_us is not None else _STEP_US
        if 0 <= step_us < _STEP_US:
            return self.ailments
        self._last_us = wall_us
        found = self._suspected(picture, wall_us, min(max(step_us, 0), 4 * _STEP_US))
        self._since_us = {what: self._since_us.get(what, wall_us) for what in found}
        lasting = {what for what, since_us in self._since_us.items() if wall_us - since_us >= _LASTS_US[what]}
        others = frozenset(lasting - {Ailment.MOVED})
        self.ailments = others | self._still_moved(wall_us, Ailment.MOVED in lasting)
        return self.ailments

    def _still_moved(self, wall_us: int, moved: bool) -> frozenset[Ailment]:
        """Told for a while; then the new view is the usual one. That masks are reviewed is the guard's to see to."""
        if moved and Ailment.MOVED not in self.ailments:
            self._moved_us = wall_us
        if Ailment.MOVED not in self.ailments and not moved:
            return frozenset()
        if wall_us - self._moved_us < _TOLD_US:
            return frozenset({Ailment.MOVED})
        self._view = None
        self._since_us.pop(Ailment.MOVED, None)
        return frozenset()

    def _suspected(self, picture: Picture, wall_us: int, step_us: int) -> set[Ailment]:
        small = np.asarray(cv2.resize(picture.y, _size(picture), interpolation=cv2.INTER_AREA), np.uint8)
        stir = self._stir(picture, wall_us)
        found = _blind(small)
        if found:
            return found
        detail, edges, light = _detail(small), _edges(small), float(small.mean())
        if self._view is None:
            self._view = _View(detail.copy(), edges.copy(), light, stir)
        view = self._view
        view.look(detail, edges, step_us)
        if view.learnt_us >= _LEARN_US:
            found = _compared(view, light)
            span_us = self._stirs[-1][0] - self._stirs[0][0] if self._stirs else 0
            if len(self._stirs) >= _FROZEN_LOOKS and span_us >= _FROZEN_US - max(step_us, _STEP_US):
                usual = float(np.median([held for _, held in self._stirs]))
                if usual < max(_FROZEN_LEVELS, min(_FROZEN_MOST, _FROZEN_SHARE * view.stir)):
                    found.add(Ailment.FROZEN)
        if self._loops:
            found.add(Ailment.LOOPED)
        if not found:
            view.follow(detail, edges, light, stir, step_us)
        return found

    def _stir(self, picture: Picture, wall_us: int) -> float:
        """How much every eighth pixel differs from the look before; kept for some seconds."""
        sparse, before = picture.y[::8, ::8].copy(), self._sparse
        self._sparse = sparse
        if before is None or before.shape != sparse.shape:
            return 0.0
        stir = float(cv2.absdiff(sparse, before).mean())
        self._stirs.append((wall_us, stir))
        while wall_us - self._stirs[0][0] > _FROZEN_US:
            self._stirs.popleft()
        return stir

    def _look_back(self, picture: Picture, wall_us: int) -> None:
        """Several pictures one after the other that were all seen the same time ago, while things moved."""
        sparse = np.ascontiguousarray(picture.y[::8, ::8])
        tiny = cv2.resize(sparse, _TINY, interpolation=cv2.INTER_AREA).astype(np.float32).ravel()
        while self._tiny and wall_us - self._tiny[0][0] > _LOOP_US:
            self._tiny.popleft()
        lag_us = 0
        older = len(self._tiny) - _LOOP_SAMPLES
        if older > _LOOP_SAMPLES:
            away = np.abs(np.array([other for _, other in self._tiny]) - tiny).mean(axis=1)
            best = int(np.argmin(away[:older]))
            least = max(float(away[best]), _LOOP_LEVELS / 4)
            if away[best] < _LOOP_LEVELS and np.median(away) > _LOOP_MOTION * least and away[-1] > 2 * away[best]:
                lag_us = wall_us - self._tiny[best][0]
        self._tiny.append((wall_us, tiny))
        self._lags.append(lag_us)
        known = [lag for lag in self._lags if lag]
        steady = bool(known) and max(known) - min(known) <= 2 * _LOOP_STEP_US
        self._loops = len(known) >= _LOOP_SHARE * _LOOP_SAMPLES and len(self._lags) == _LOOP_SAMPLES and steady


def _size(picture: Picture) -> tuple[int, int]:
    wide = min(_DETAIL_WIDTH, picture.width)
    return wide, max(9, round(picture.height * wide / picture.width))


def _blind(small: npt.NDArray[np.uint8]) -> set[Ailment]:
    level, spread = float(small.mean()), float(small.std())
    if level < _DARK_LEVEL and spread < _DARK_SPREAD:
        return {Ailment.DARK}
    glare = float((small >= _GLARE_LEVEL).mean()) > _GLARE_SHARE
    return {Ailment.BLINDED} if glare or spread < _FLAT_SPREAD else set()


def _detail(small: npt.NDArray[np.uint8]) -> Values:
    """Mean strength of the finest detail in each part of the picture, by its own brightness."""
    fine = np.abs(cv2.Laplacian(small, cv2.CV_32F, ksize=1))
    parts = cv2.resize(fine, _PARTS, interpolation=cv2.INTER_AREA)
    light = cv2.resize(small, _PARTS, interpolation=cv2.INTER_AREA).astype(np.float32)
    return np.asarray(parts * (128.0 / np.maximum(light, 32.0)), np.float32)


def _edges(small: npt.NDArray[np.uint8]) -> Values:
    """Where edges are, whatever their contrast: (rows, columns), mean 0, spread 1."""
    coarse = cv2.resize(small, _EDGE_SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    steep = cv2.magnitude(cv2.Sobel(coarse, cv2.CV_32F, 1, 0), cv2.Sobel(coarse, cv2.CV_32F, 0, 1))
    steep = np.sqrt(cv2.GaussianBlur(steep, (5, 5), 0))
    return _standard(np.asarray(steep, np.float32))


def _compared(view: _View, light: float) -> set[Ailment]:
    textured = view.detail >= _TEXTURED
    if textured.sum() >= _LEAST_PARTS:
        left = view.late_detail[textured] / view.detail[textured]
        if float((left < _LOST).mean()) > _LOST_SHARE:
            if light > view.light + _BRIGHTER:
                return {Ailment.BLINDED}
            partly = float((left > _KEPT).mean()) >= _KEPT_SHARE
            return {Ailment.HIDDEN} if partly else {Ailment.BLURRED}
    fit = view.fits()
    if fit >= min(_ALIKE, view.fit - _WORSE):
        return set()
    return {Ailment.MOVED} if _elsewhere(_standard(view.edges), _standard(view.late_edges), fit) else set()


def _standard(values: Values) -> Values:
    """Mean 0, spread 1."""
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-3), np.float32)


def _elsewhere(usual: Values, edges: Values, fit: float) -> bool:
    """Whether the edges fit well when shifted, and by more than a mast sways; or do not fit however they are
    shifted."""
    (x, y), _ = cv2.phaseCorrelate(usual, edges, cv2.createHanningWindow(usual.shape[::-1], cv2.CV_32F))
    move = np.array([[1, 0, -x], [0, 1, -y]], np.float32)
    back = cv2.warpAffine(edges, move, _EDGE_SIZE)
    inside = cv2.warpAffine(np.ones_like(edges), move, _EDGE_SIZE) > 0.5
    if inside.mean() < _LEAST_SHARED:
        return fit < _ELSEWHERE
    if float(np.corrcoef(usual[inside], back[inside])[0, 1]) > fit + _BETTER:
        return bool(np.hypot(x, y) >= _SHIFT * _EDGE_SIZE[0])
    return fit < _ELSEWHERE
