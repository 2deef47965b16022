"""What one area of the picture is known to look like, and what stands there now.

Each cell keeps two appearances in one and the same light: the *known* one, which follows slow change and is left alone
while something else stands there, and the one that stands there *now*, taken over when a new look has lasted for
``settle_s``. Every look has its light divided out first. A cell differs when the two are further apart than the noise
that this cell usually has. Cells covered by people or vehicles are left as they were.

After a change of most of the view at once (a lamp, the night mode, a turned camera) an appearance that was known
before is taken up again if one fits, and else everything is learnt anew.
"""

__all__ = ["AreaMemory"]

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.places import AreaView, Box, Cells, Change, Values
from vitrail.pipeline.light import Light, light_between
from vitrail.pipeline.outlines import SHADE, Outlines, Times

_FLOOR = (6.0, 3.5)
"""Levels of luma and chroma that no threshold goes below: what a video codec leaves in averaged cells is 1 to 2."""
_RELATIVE = 0.05
_NOISE_TIMES = 4.0
_FIRST_NOISE = 1.5
_LIMIT_MOST = 40.0
_LEARN_S = 60.0
"""The known appearance follows what matches it with this time constant."""
_STAND_SHARE = 0.3
_EVERYWHERE = 0.55
"""A larger share of uncovered cells that differ is another view, not a change in it."""
_FITS = 0.25
_VIEWS = 6
_HURRY_S, _SURE_S = 20.0, 5.0
_NEVER = np.float32(-1e9)


@dataclass(slots=True)
class _Known:
    """One appearance of the area: ``look`` (h, w, 3), noise (h, w, 2) of luma and chroma, and where it is learnt."""

    look: Values
    noise: Values
    learnt: Cells
    used_us: int


class AreaMemory:
    """``box``: the part of the picture this is. ``settle_s``: so long must a new look last. ``keep_s``: after so long a
    change is what the place is known to look like. ``shade_s``: the same for what looks like other light only."""

    def __init__(
        self, box: Box, settle_s: float = 2.0, keep_s: float = 7 * 86_400.0, shade_s: float = 600.0, least: int = 4
    ) -> None:
        self.box = box
        self._settle_s = settle_s
        self._keep_s = keep_s
        self._shade_s = shade_s
        self._outlines = Outlines(box, least)
        self._at = np.float32(0.0)
        self.reset()

    def reset(self) -> None:
        self._views: list[_Known] = []
        self._origin_us: int | None = None
        self._outlines.reset()

    def accept(self) -> None:
        """What stands there now is what the place looks like from here on."""
        changed = self._differs > 1.0
        self._known.look[changed] = self._now[changed]
        self._matched[changed] = self._at
        self._trust[changed] = 0.0
        self._differs[changed] = 0.0
        self._outlines.reset()

    def look(self, picture: Values, covered: Cells, at_us: int) -> AreaView:
        """``picture`` (h, w, 3) float32 of luma and chroma; ``covered``: cells with people or vehicles."""
        if self._origin_us is None or picture.shape != self._known.look.shape:
            self._begin(picture, covered, at_us)
        at = np.float32((at_us - self._origin()) / 1e6)
        passed_s = float(at - self._at)
        self._at = at
        known = self._known
        light = light_between(known.look, picture, self._usable(covered))
        plain = light.removed(picture)
        if self._another_view(plain, light, covered):
            known, light, plain = self._take_up(picture, covered, at_us)
        known.used_us = at_us
        self._learn_new(plain, ~covered)
        limits = self._limits(light)
        self._stand(plain, ~covered, limits, at)
        self._follow(plain, ~covered, limits, passed_s)
        return self._tell(light, limits, covered, at_us)

    @property
    def _known(self) -> _Known:
        return self._views[-1]

    def _origin(self) -> int:
        assert self._origin_us is not None
        return self._origin_us

    def _begin(self, picture: Values, covered: Cells, at_us: int) -> None:
        h, w, _ = picture.shape
        self._origin_us, self._at = at_us, np.float32(0.0)
        self._upset_us = at_us
        self._views = [_Known(picture.copy(), _noise(h, w), np.zeros((h, w), np.bool_), at_us)]
        self._start_standing(picture)
        self._outlines.reset()

    def _start_standing(self, plain: Values) -> None:
        h, w, _ = plain.shape
        self._now, self._next = plain.copy(), plain.copy()
        self._now_since = np.full((h, w), self._at, np.float32)
        self._next_since = self._now_since.copy()
        self._matched = np.full((h, w), self._at, np.float32)
        self._clear = np.full((h, w), _NEVER, np.float32)
        self._differs = np.zeros((h, w), np.float32)
        self._trust = np.zeros((h, w), np.float32)
        """Seconds for which the known look was seen to be right."""

    def _usable(self, covered: Cells) -> Cells:
        return self._known.learnt & ~covered & (self._differs <= 1.0)

    def _limits(self, light: Light) -> Values:
        """(h, w, 2): how far luma and chroma may be from a look and still be the same."""
        known = self._known
        limits = np.empty_like(known.noise)
        dim = np.maximum(1.0 / light.gain, 1.0)
        np.maximum(_FLOOR[0] * dim, known.noise[..., 0] * _NOISE_TIMES, out=limits[..., 0])
        np.maximum(limits[..., 0], known.look[..., 0] * _RELATIVE, out=limits[..., 0])
        np.maximum(_FLOOR[1] * light.pale, known.noise[..., 1] * _NOISE_TIMES, out=limits[..., 1])
        return np.minimum(limits, _LIMIT_MOST, out=limits)

    def _another_view(self, plain: Values, light: Light, covered: Cells) -> bool:
        seen = self._known.learnt & ~covered
        count = int(seen.sum())
        if count < 0.1 * seen.size:
            return False
        far = _distance(plain, self._known.look, self._limits(light)) > 1.0
        now = _distance(plain, self._now, self._limits(light)) > 1.0
        return int((far & now & seen).sum()) > _EVERYWHERE * count

    def _take_up(self, picture: Values, covered: Cells, at_us: int) -> tuple[_Known, Light, Values]:
        """The known view that fits this picture best, or a new one."""
        best: tuple[float, int] | None = None
        for index, known in enumerate(self._views[:-1]):
            seen = known.learnt & ~covered
            light = light_between(known.look, picture, seen)
            far = _distance(light.removed(picture), known.look, self._limits(light)) > 1.0
            share = float((far & seen).sum()) / max(1, int(seen.sum()))
            if share < _FITS and (best is None or share < best[0]):
                best = share, index
        self._upset_us = at_us
        self._outlines.reset()
        if best is None:
            h, w, _ = picture.shape
            self._views = [*self._views[-_VIEWS + 1 :], _Known(picture.copy(), _noise(h, w), ~covered, at_us)]
        else:
            self._views.append(self._views.pop(best[1]))
        light = light_between(self._known.look, picture, self._known.learnt & ~covered)
        plain = light.removed(picture)
        self._start_standing(self._known.look)
        return self._known, light, plain

    def _learn_new(self, plain: Values, clear: Cells) -> None:
        """Cells that are seen uncovered for the first time."""
        new = clear & ~self._known.learnt
        if new.any():
            self._known.look[new] = plain[new]
            self._now[new] = plain[new]
            self._now_since[new] = self._at
            self._matched[new] = self._at
            self._trust[new] = 0.0
            self._known.learnt |= new

    def _stand(self, plain: Values, clear: Cells, limits: Values, at: np.float32) -> None:
        """What stands there: the present look goes on, or another one has lasted long enough."""
        same = clear & (_distance(plain, self._now, limits) <= 1.0)
        _blend(self._now, plain, same, _STAND_SHARE)
        other = clear & ~same
        goes_on = other & (_distance(plain, self._next, limits) <= 1.0) & (self._next_since > self._now_since)
        _blend(self._next, plain, goes_on, 0.5)
        fresh = other & ~goes_on
        self._next[fresh] = plain[fresh]
        self._next_since[fresh] = at
        self._next_since[same] = self._now_since[same]
        settled = goes_on & (at - self._next_since >= self._settle_s)
        self._now[settled] = self._next[settled]
        self._now_since[settled] = self._next_since[settled]
        self._clear[clear] = at

    def _follow(self, plain: Values, clear: Cells, limits: Values, passed_s: float) -> None:
        """The known look follows what matches it, and so does its noise. Where something else stands, only the light
        that its surroundings took on is followed."""
        known = self._known
        away = np.abs(plain - known.look)
        matches = clear & (_over(away, limits) <= 1.0)
        self._matched[matches] = self._at
        self._trust[matches] += max(0.0, passed_s)
        matches &= ~self._near_change()
        share = 1.0 - float(np.exp(-max(passed_s, 0.0) / _LEARN_S))
        before = known.look[..., 0].copy()
        _blend(known.look, plain, matches, share)
        far = np.stack([away[..., 0], np.maximum(away[..., 1], away[..., 2])], axis=-1)
        usual = clear & (self._differs <= 1.0)
        _blend(known.noise, np.minimum(far, 2.0 * known.noise + 0.5), usual, 0.5 * share)
        self._carry_light(before, matches)

    def _near_change(self) -> Cells:
        """A change covers its outermost cells in part: they hardly differ, and must not follow."""
        return cv2.dilate((self._differs > 1.0).astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)

    def _carry_light(self, before: Values, matches: Cells) -> None:
        """Light that settles on the surroundings of a change settles on what is remembered below it."""
        frozen = self._known.learnt & (self._differs > 1.0)
        if not frozen.any():
            return
        h, w = frozen.shape
        size = (max(2, w // 4), max(2, h // 4))
        weight = cv2.resize(matches.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        old = cv2.blur(cv2.resize(before * matches, size, interpolation=cv2.INTER_AREA), (9, 9)) + 4.0
        new = cv2.blur(cv2.resize(self._known.look[..., 0] * matches, size, interpolation=cv2.INTER_AREA), (9, 9)) + 4.0
        ratio = np.where(cv2.blur(weight, (9, 9)) > 0.05, new / old, 1.0).astype(np.float32)
        ratio = np.asarray(cv2.resize(ratio, (w, h), interpolation=cv2.INTER_LINEAR), np.float32)
        self._known.look[..., 0][frozen] *= ratio[frozen]

    def _tell(self, light: Light, limits: Values, covered: Cells, at_us: int) -> AreaView:
        known = self._known
        self._differs = np.where(known.learnt, _distance(self._now, known.look, limits), 0.0).astype(np.float32)
        self._correct()
        times = Times(*(self._micros(seconds) for seconds in (self._matched, self._now_since, self._clear)))
        changes = self._absorb(self._outlines.update(known.look, self._now, self._differs, times, self._trust), at_us)
        return AreaView(
            box=self.box,
            at_us=at_us,
            known=known.look.copy(),
            now=self._now.copy(),
            gain=light.gain,
            learnt=known.learnt.copy(),
            covered=covered,
            differs=self._differs,
            clear_us=times.clear_us,
            since_us=times.since_us,
            changes=tuple(changes),
            upset_us=self._upset_us,
        )

    def _correct(self) -> None:
        """What was learnt in a hurry (somebody whom the detector missed) gives way to what has stood for longer."""
        stood_s = self._at - self._now_since
        wrong = (self._differs > 1.0) & (self._trust < _HURRY_S) & (stood_s > 2.0 * self._trust + _SURE_S)
        if wrong.any():
            self._known.look[wrong] = self._now[wrong]
            self._trust[wrong] = stood_s[wrong]
            self._matched[wrong] = self._at
            self._differs[wrong] = 0.0

    def _micros(self, seconds: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
        return np.asarray(np.maximum(seconds, -1e6).astype(np.float64) * 1e6 + self._origin(), np.int64)

    def _absorb(self, changes: list[Change], at_us: int) -> list[Change]:
        """What has stood for long is what the place looks like; other light much sooner."""
        kept: list[Change] = []
        for change in changes:
            longest_s = self._shade_s if change.shade >= SHADE else self._keep_s
            if at_us - change.since_us < longest_s * 1e6:
                kept.append(change)
                continue
            rows = np.s_[change.top : change.top + change.mask.shape[0]]
            columns = np.s_[change.left : change.left + change.mask.shape[1]]
            self._known.look[rows, columns][change.mask] = self._now[rows, columns][change.mask]
            self._differs[rows, columns][change.mask] = 0.0
        return kept


def _noise(h: int, w: int) -> Values:
    return np.full((h, w, 2), _FIRST_NOISE, np.float32)


def _over(away: Values, limits: Values) -> npt.NDArray[np.float32]:
    """(h, w): the largest of the three differences, in limits."""
    chroma = np.maximum(away[..., 1], away[..., 2]) / limits[..., 1]
    return np.asarray(np.maximum(away[..., 0] / limits[..., 0], chroma), np.float32)


def _distance(a: Values, b: Values, limits: Values) -> npt.NDArray[np.float32]:
    return _over(np.abs(a - b), limits)


def _blend(target: Values, source: Values, where: Cells, share: float) -> None:
    """``target`` moves towards ``source`` by ``share``, where told."""
    weight = where.astype(np.float32)[..., None] * np.float32(share)
    target += (source - target) * weight
