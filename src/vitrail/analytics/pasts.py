"""What a declared wall or piece of furniture usually looks like, and what of it is lastingly other.

Light changes all the time, and shadows come back every day; paint and iron do not care. So what is remembered of each
cell is how it stands out from its surroundings, in logarithms of luma (which light multiplies and thereby leaves alone)
and in colour, and between which bounds that has moved. What was outside of these bounds in nearly every look of the
last window, people left out, is other. Day and night are remembered apart. Nothing is learnt where a change stands.
"""

__all__ = ["AreaPast", "Compared"]

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
import numpy.typing as npt

from vitrail.domain.frames import Picture, Region
from vitrail.domain.geometry import Boxes, Polygon, grow
from vitrail.domain.health import Unsure
from vitrail.domain.time import seconds

Values = npt.NDArray[np.float32]
Cells = npt.NDArray[np.bool_]
Box = tuple[float, float, float, float]

ACROSS = 160
"""Cells along the longer side of an area."""
MARGIN = 0.15
_AROUND = 0.15
_DARK, _GREY = 40.0, 2.0
"""Mean luma, and mean chroma, below which it is night, or a camera's infrared."""
_TINT = 8.0
"""Levels of chroma: clouds and sun differ by half of that, lamps by twice."""
_LIFT = 12.0
_LOW, _HIGH = 25.0, 75.0
"""Percentiles of a window: a look between them is usual for it, whoever passed."""
_FORGET = 0.003
_FOLLOW = 0.15
_WAITS = 2
"""Half windows that wait before they are learnt: by then it shows whether something lasts."""
_SCALES = np.array([0.05, 0.06, 3.0, 3.0], np.float32)
"""What counts as one step outside the bounds: of edges, of standing out in luma, of both colours."""
_ALIKE, _CLEARLY = 0.85, 0.02
"""Correlations of luma, of the present look with the known one."""
_ODD = 0.5
_EDGE = 0
_LIGHT = ("day", "night")
_KEPT = ("low", "high", "always", "picture", "known", "windows")


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """One area at ``at_us``, arrays (rows, columns) of cells over ``box``. ``differs``: how far outside its usual
    bounds each cell lastingly is, in steps. ``gained`` and ``lost``: edges that were never there, that were always
    there; ``usual``: edges that have always been there. ``before`` and ``after`` (rows, columns, 3): YUV without
    people. ``inside``: cells of the drawn polygon. ``seen``: share of the window's looks that saw each cell. ``soft``:
    it shows what it always did, blurred: the lens is dirty, wet or out of focus."""

    box: Box
    at_us: int
    night: bool
    differs: Values
    gained: Values
    lost: Values
    usual: Values
    before: Values
    after: Values
    inside: Cells
    seen: Values
    soft: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class _Window:
    """What some looks had in common. ``low`` and ``high``: (rows, columns, 4) percentiles of what is remembered."""

    low: Values
    high: Values
    calm: Values
    seen: Values


@dataclass(slots=True)
class _Book:
    """What is remembered by day, or by night: bounds (rows, columns, 4), usual edges, a picture."""

    low: Values
    high: Values
    always: Values
    picture: Values
    known: Cells
    windows: int = 1


class AreaPast:
    """``every_s`` between looks, ``looks`` in a window, ``windows`` to learn by day, or by night, before comparing."""

    def __init__(self, polygon: Polygon, every_s: float = 150.0, looks: int = 16, windows: int = 6) -> None:
        self.box = _around(polygon)
        self._polygon = polygon
        self._every_us = seconds(every_s)
        self._most, self._windows = looks, windows
        self.reset()

    def reset(self) -> None:
        self._books: dict[bool, _Book] = {}
        self._night = False
        self.pause()

    def pause(self) -> None:
        """The looks so far do not go on; what is remembered stays."""
        self._last_us: int | None = None
        self._ring: list[tuple[Values, Values, Cells]] = []
        self._since_book = 0
        self._odd: Cells | None = None
        self._waiting: list[_Window] = []

    def looked(self, at_us: int) -> bool:
        """Whether it was looked at, then and not before."""
        return self._last_us == at_us

    @property
    def lacks(self) -> Unsure | None:
        """What has to be known before anything can be compared in the present light."""
        learnt = [night for night, book in self._books.items() if book.windows >= self._windows]
        if self._night in learnt:
            return None
        return (Unsure.NIGHT if self._night else Unsure.DAY) if learnt else Unsure.LEARNING

    def remembered(self) -> dict[str, npt.NDArray[np.generic]]:
        """What is learnt, each from windows of many looks that people were left out of."""
        learnt = [(night, book) for night, book in self._books.items() if book.windows >= self._windows]
        kept = {f"{_LIGHT[night]}/{name}": np.asarray(getattr(book, name)) for night, book in learnt for name in _KEPT}
        return {**kept, "box": np.array(self.box)}

    def recall(self, kept: Mapping[str, npt.NDArray[np.generic]]) -> None:
        """What does not hang together, or was drawn elsewhere, is left aside; another picture size is noticed when it
        is compared."""
        if not np.array_equal(kept.get("box", np.zeros(0)), np.array(self.box)):
            return
        for night, light in enumerate(_LIGHT):
            keys = [f"{light}/{name}" for name in _KEPT]
            book = _book_of({name: kept[key] for name, key in zip(_KEPT, keys, strict=True) if key in kept})
            if book is not None:
                self._books[bool(night)] = book

    def look(self, picture: Picture, covering: Boxes, at_us: int) -> Compared | None:
        """None between looks, while a window is not full, and while too little is known."""
        if self._last_us is not None and 0 <= at_us - self._last_us < self._every_us:
            return None
        self._last_us = at_us
        now = _reduced(picture.part(Region(*self.box)))
        self._take(now, _covered(grow(covering, _AROUND), self.box, now.shape[:2]))
        if len(self._ring) < self._most:
            return None
        window = self._window()
        book = self._books.get(self._night)
        found = self._compare(book, window, at_us) if book and book.windows >= self._windows else None
        if found is not None:
            odd = (found.differs > _ODD).astype(np.uint8)
            self._odd = cv2.dilate(odd, np.ones((7, 7), np.uint8)).astype(np.bool_)
        self._learn(window)
        return found

    def _take(self, now: Values, covered: Cells) -> None:
        night = bool(now[..., 0].mean() < _DARK or np.abs(now[..., 1:] - 128.0).mean() < _GREY) or self._tinted(now)
        if night != self._night or (self._ring and self._ring[-1][0].shape != now.shape):
            self._ring.clear()
            self._waiting.clear()
            self._odd = None
            self._since_book = 0
        self._night = night
        self._ring.append((now, _traits(now), covered))
        del self._ring[: -self._most]

    def _tinted(self, now: Values) -> bool:
        """Whether most of it has another colour than it is known to have by day: a camera lifts what a lamp lights to
        the brightness of a day, but not to its white."""
        book = self._books.get(False)
        if book is None or book.picture.shape != now.shape:
            return False
        away = np.median(now[..., 1:] - book.picture[..., 1:], axis=(0, 1))
        return bool(np.abs(away).max() > _TINT)

    def _window(self) -> _Window:
        covered = np.stack([c for _, _, c in self._ring])
        count = np.maximum((~covered).sum(axis=0), 1)[..., None]
        traits = _ordered([_without(t, c) for _, t, c in self._ring])
        many = np.maximum((~covered[::2]).sum(axis=0), 1)[..., None]
        looks = _ordered([_without(look, c) for look, _, c in self._ring[::2]])
        low, high = (np.nan_to_num(_at_share(traits, count, share), posinf=0.0) for share in (_LOW, _HIGH))
        calm = np.nan_to_num(_at_share(looks, many, 50.0), posinf=128.0)
        return _Window(low, high, calm, np.asarray(1.0 - covered.mean(axis=0), np.float32))

    def _compare(self, book: _Book, window: _Window, at_us: int) -> Compared | None:
        if book.low.shape != window.low.shape:
            self.reset()
            return None
        sure = (book.known & (window.seen > 0.3))[..., None]
        kernel = np.ones((3, 3), np.uint8)
        above = window.low - cv2.dilate(book.high, kernel)
        below = cv2.erode(book.low, kernel) - window.high
        outside = np.where(sure, np.maximum(np.maximum(above, below), 0.0), 0.0) / _SCALES
        gained = np.where(sure[..., 0], np.maximum(window.low[..., 0] - cv2.dilate(book.high, kernel)[..., 0], 0), 0)
        lost = np.where(sure[..., 0], np.maximum(book.always - cv2.dilate(window.high, kernel)[..., 0], 0), 0)
        inside = _inside(self._polygon, self.box, window.low.shape[:2])
        return Compared(
            self.box, at_us, self._night, np.asarray(outside[..., 1:].max(axis=2), np.float32),
            np.asarray(gained, np.float32), np.asarray(lost, np.float32), book.always.copy(), book.picture.copy(),
            window.calm, inside, window.seen, _soft(book.picture[..., 0], window.calm[..., 0]),
        )  # fmt: skip

    def _learn(self, window: _Window) -> None:
        self._since_book += 1
        if self._since_book < self._most // 2:
            return
        self._since_book = 0
        self._waiting.append(window)
        if len(self._waiting) <= _WAITS:
            return
        past = self._waiting.pop(0)
        book = self._books.get(self._night)
        if book is None or book.low.shape != past.low.shape:
            self._books[self._night] = _begun(past)
            return
        book.windows += 1
        _written(book, past, self._odd)


def _begun(window: _Window, windows: int = 1) -> _Book:
    always = window.low[..., _EDGE].copy()
    return _Book(window.low.copy(), window.high.copy(), always, window.calm.copy(), window.seen > 0.3, windows)


def _book_of(kept: Mapping[str, npt.NDArray[np.generic]]) -> _Book | None:
    if len(kept) != len(_KEPT):
        return None
    cells = kept["known"].shape
    shapes = {"low": (*cells, 4), "high": (*cells, 4), "always": cells, "picture": (*cells, 3), "windows": ()}
    whole = len(cells) == 2 and all(kept[name].shape == shape for name, shape in shapes.items())
    if not whole or not all(bool(np.isfinite(np.asarray(kept[name], np.float64)).all()) for name in _KEPT):
        return None
    low, high, always, picture = (np.array(kept[name], np.float32) for name in _KEPT[:4])
    return _Book(low, high, always, picture, np.array(kept["known"], np.bool_), int(np.asarray(kept["windows"], int)))


def _written(book: _Book, past: _Window, odd: Cells | None) -> None:
    """Bounds widen at once and narrow slowly; nothing is written where something odd stands."""
    ready = past.seen > 0.3
    fresh = ready & ~book.known
    edges = past.low[..., _EDGE]
    for kept, value in ((book.low, past.low), (book.high, past.high), (book.picture, past.calm), (book.always, edges)):
        kept[fresh] = value[fresh]
    book.known |= ready
    follow = ready if odd is None else ready & ~odd
    span = _FORGET * (book.high - book.low)
    book.high[follow] = np.maximum(book.high - span, past.high)[follow]
    book.low[follow] = np.minimum(book.low + span, past.low)[follow]
    book.always[follow] += (_FOLLOW * (edges - book.always))[follow]
    book.picture[follow] += (_FOLLOW * (past.calm - book.picture))[follow]


def _around(polygon: Polygon) -> Box:
    xs, ys = [x for x, _ in polygon.corners], [y for _, y in polygon.corners]
    dx, dy = (max(xs) - min(xs)) * MARGIN, (max(ys) - min(ys)) * MARGIN
    return max(0.0, min(xs) - dx), max(0.0, min(ys) - dy), min(1.0, max(xs) + dx), min(1.0, max(ys) + dy)


def _soft(before: Values, after: Values) -> bool:
    """Whether the present look is the known one through a dirty lens: more like that one blurred than like it as it is.
    What was taken away takes its shape along; what is blurred leaves it."""
    sharp, blurred = (
        max(_alike(_blurred(before, reach), after) for reach in reaches) for reaches in ((0.0, 1.5), (3.0, 6.0))
    )
    return blurred >= _ALIKE and blurred > sharp + _CLEARLY


def _blurred(luma: Values, reach: float) -> Values:
    return np.asarray(cv2.GaussianBlur(luma, (0, 0), reach), np.float32) if reach else luma


def _alike(a: Values, b: Values) -> float:
    """Correlation, -1..1."""
    a, b = a - a.mean(), b - b.mean()
    return float((a * b).sum() / max(float(np.sqrt((a * a).sum() * (b * b).sum())), 1e-6))


def _reduced(part: Picture) -> Values:
    share = min(1.0, ACROSS / max(part.width, part.height))
    size = (max(8, round(part.width * share)), max(8, round(part.height * share)))
    look = np.empty((size[1], size[0], 3), np.float32)
    for channel, plane in enumerate((part.y, part.u, part.v)):
        way = cv2.INTER_AREA if plane.shape[1] > size[0] else cv2.INTER_LINEAR
        look[..., channel] = cv2.resize(np.ascontiguousarray(plane), size, interpolation=way)
    return look


def _traits(look: Values) -> Values:
    """(rows, columns, 4): edge strength, standing out in luma, and in both colours, each against the surroundings."""
    bright = np.log(cv2.GaussianBlur(look[..., 0], (3, 3), 0) + _LIFT)
    across = cv2.Sobel(bright, cv2.CV_32F, 1, 0, ksize=3, scale=0.25)
    down = cv2.Sobel(bright, cv2.CV_32F, 0, 1, ksize=3, scale=0.25)
    reach = max(look.shape[:2]) / 32
    colour = (look[..., 1:] - 128.0) * (100.0 / (look[..., :1] + 30.0))
    colour = cv2.GaussianBlur(colour, (3, 3), 0)
    traits = np.dstack([np.hypot(across, down), bright, colour])
    traits[..., 1:] -= cv2.GaussianBlur(traits[..., 1:], (0, 0), reach)
    return np.asarray(traits, np.float32)


def _without(values: Values, covered: Cells) -> Values:
    """Covered cells go last when looks are put in order."""
    return np.where(covered[..., None], np.float32(np.inf), values)


def _ordered(looks: list[Values]) -> Values:
    """Cell by cell in rising order, along a new first axis; the looks are overwritten. A network of exchanges between
    whole looks (Batcher's merge exchange: Knuth, volume 3, 5.2.2, algorithm M) takes a third of the time of sorting
    each cell by itself."""
    looks, spare = list(looks), np.empty_like(looks[0])
    for i, j in _exchanges(len(looks)):
        np.minimum(looks[i], looks[j], out=spare)
        np.maximum(looks[i], looks[j], out=looks[j])
        looks[i], spare = spare, looks[i]
    return np.stack(looks)


@cache
def _exchanges(count: int) -> tuple[tuple[int, int], ...]:
    """Which two are put in order, one pair after the other."""
    pairs = []
    top = 1 << max(0, (count - 1).bit_length() - 1)
    step = top
    while step:
        reach, rest, apart = top, 0, step
        while True:
            pairs += [(i, i + apart) for i in range(count - apart) if i & step == rest]
            if reach == step:
                break
            apart, reach, rest = reach - step, reach >> 1, step
        step >>= 1
    return tuple(pairs)


def _at_share(ordered: Values, count: npt.NDArray[np.int64], percent: float) -> Values:
    """The percentile of the first ``count`` values along the first axis."""
    index = np.clip(((count - 1) * percent / 100.0).round().astype(np.int64), 0, len(ordered) - 1)
    return np.asarray(np.take_along_axis(ordered, index[None], axis=0)[0], np.float32)


def _covered(boxes: Boxes, area: Box, size: tuple[int, int]) -> Cells:
    rows, columns = size
    covered = np.zeros((rows, columns), np.bool_)
    x0, y0, x1, y1 = area
    scale = np.array([columns / max(x1 - x0, 1e-6), rows / max(y1 - y0, 1e-6)] * 2)
    for left, top, right, bottom in (boxes - np.array([x0, y0, x0, y0])) * scale:
        covered[max(0, int(top)) : max(0, int(np.ceil(bottom))), max(0, int(left)) : max(0, int(np.ceil(right)))] = True
    return covered


def _inside(polygon: Polygon, area: Box, size: tuple[int, int]) -> Cells:
    rows, columns = size
    x0, y0, x1, y1 = area
    corners = (np.array(polygon.corners) - (x0, y0)) / (max(x1 - x0, 1e-6), max(y1 - y0, 1e-6)) * (columns, rows)
    mask = np.zeros((rows, columns), np.uint8)
    cv2.fillPoly(mask, [np.round(corners).astype(np.int32)], 1)
    return mask.astype(np.bool_)
