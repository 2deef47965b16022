"""Somebody fell and does not get up.

Tells that somebody who stood or walked in a declared zone was on the ground a moment later, and stayed there for
``seconds``. Three things must be seen, in this order: an upright person; a collapse within ``quick`` seconds; and
something of a lying person's size on the ground at that place, that was not there before and stays the same, with
nothing upright there, until it is told. Heights are told from the calibrated ground, so that a small figure far away is
not taken for a low one.

How it is told apart: somebody who sits stays above half of a standing height; somebody who lies down to rest takes
longer than a fall does, where the detector sees them all the way; somebody who slept there before was never seen
upright, and is never told; a bench, a bed, a sports ground belongs under ``except``. Where it cannot be told apart,
it is refused: a zone that is seen more steeply than 37 degrees, from where lying and standing look alike, is an error
of the site folder. A fall that the camera did not see is not told: better silent than an alarm for everybody who
sleeps outside.

``benchmarks/behaviour/falls.py`` measures it on composites (people cut out of a recording, turned on its ground).
Somebody who is seen half way up a moment after they seemed to be down is lying down, and did not fall; half a body that
is seen for less than a second cannot fall.

It fails where the collapse is hidden, where the person lies along the view, in the dark, and where people play at
falling. It is no substitute for an alarm button.
"""

__all__ = ["MANIFEST", "Fall"]

from collections import deque
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vitrail.analytics.backdrop import Backdrop
from vitrail.analytics.exempt import Exempt
from vitrail.analytics.voice import FLOOR, Voice, wanted
from vitrail.domain.analytics import AnalyticManifest, DeclaredRate, Maturity, Parameter, Scene
from vitrail.domain.detections import Label, Tracks
from vitrail.domain.events import Event, Findings, Measure
from vitrail.domain.geometry import Boxes, foot_points
from vitrail.domain.ground import Ground
from vitrail.domain.streams import AnalyticSetting, Camera, Zone
from vitrail.domain.time import SECOND_US, Interval, seconds

MANIFEST = AnalyticManifest(
    id="fall",
    version="1.1.0",
    title="somebody fell and does not get up",
    inputs=frozenset({"tracks", "people", "picture", "ground"}),
    kinds=frozenset({"fall"}),
    readings=frozenset(),
    category="detection of things and places",
    purposes=frozenset({"rescue"}),
    parameters=(
        Parameter("seconds", "s", 10.0, 3.0, 300.0, "so long on the ground is told"),
        Parameter("quick", "s", 1.2, 0.5, 3.0, "from full height to the ground takes no longer than this"),
        Parameter("clear", "s", 5.0, 1.0, 60.0, "it is over when nobody was seen lying for so long"),
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.LAB,
    must_not="be used against people who rest or sleep outside, or follow anybody",
    limits=(
        "the collapse itself must be seen; somebody who lies along the view is missed",
        "beside somebody who stands within 1.5 m, or something often taken for somebody low, less is told: who "
        "is helped within seconds is not told",
        "a steep view is refused: beyond 37 degrees lying and standing look alike",
        "measured on made scenes with exact truth: no footage of real falls under a fit licence was available",
    ),
    needs_zones=True,
    needs_ground=True,
    exempts=True,
    steepest_deg=37.0,
    declared=DeclaredRate(1.0, "benchmarks/behaviour/ordinary.py"),
)
_TALL_M, _UPRIGHT, _LOW = 1.7, 0.8, 0.5
"""A standing height, and shares of it: a bent person stays above 0.6, one on a chair at about 0.7."""
_FULL, _GROWS = 0.92, 0.05
"""Share of the own usual height that counts as standing at full height, and how fast it is learnt."""
_NEAR_M = 1.5
_LIES_M, _THICK_M, _HEAD_M = 0.9, 0.5, 1.0
"""A lying person is within so far of the place and below so high; a standing one reaches above the head height."""
_LEAST_SHARE, _MOST_UPRIGHT = 0.12, 0.2
_STOOD_US = SECOND_US
"""Who stood or walked was seen to do so for so long: a box of half a body that is there for a moment did not."""
_HALF_WAY, _SETTLES_US = 0.6, 2 * SECOND_US
"""Who is seen between this share of a standing height and upright so soon after is on the way down still: no fall."""
_EDGE = 0.03
_WIDE = 0.8
"""Width by height from which a low box is of somebody who lies: legs below a sign are narrower."""
_FOLLOWS, _MOSTLY = 0.05, 0.5
"""Share by which the memory of a body on the ground moves to the present at each look; a cell counts that is mostly
the body's. Who lies moves, and most of them stays where it is; who walks by does not."""
_BEFORE_US, _OFTEN = 20 * SECOND_US, 3
"""A cone or a bush that is taken for somebody low, so often within so long before a collapse, proves nobody's fall."""
_BESIDE_US = SECOND_US
"""Who stands there, and is seen now and then, has legs: what is on the ground may be those for so long after."""
_PATIENCE_S = 2.0
"""Looks without a sight of the lying person: boxes of lying people come and go."""


class Fall:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        assert camera.ground is not None
        voice = Voice(MANIFEST, camera, stream_id, setting)
        self._voice = voice
        self._exempt = Exempt(camera, setting)
        self._backdrop = Backdrop()
        self._watches = [_Watch(voice, camera.zone(z), camera.ground, self._backdrop) for z in setting.zones]

    def update(self, scene: Scene) -> Findings:
        if not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        people = wanted(scene.tracks, people=True, vehicles=False)
        seen = people.where(people.seen_us >= scene.wall_us)
        if scene.picture is not None:
            kept = np.concatenate([watch.kept() for watch in self._watches])
            self._backdrop.update(scene.picture, np.concatenate([scene.people, seen.boxes]), kept)
        counted = self._exempt.counted(seen)
        boxes = np.concatenate([scene.seen.of(Label.PERSON).boxes, seen.boxes])  # a track that coasts stands nowhere
        return Findings(tuple(e for watch in self._watches for e in watch.judge(counted, boxes, scene.wall_us)))

    def reset(self) -> None:
        self._exempt.reset()
        self._backdrop.reset()
        for watch in self._watches:
            watch.reset()

    def finish(self, wall_us: int) -> Findings:
        """``wall_us`` itself is not looked at: it is over when somebody was last seen lying."""
        return Findings(tuple(event for watch in self._watches for event in watch.close()))


@dataclass(frozen=True, slots=True, eq=False)
class _Sight:
    """Somebody upright: when, since when, and where in metres. ``tall``: their own usual height, as a share of a
    standing one, and when they last had it: a collapse begins there, not where somebody who lies down slowly is bent
    already."""

    at_us: int
    place: npt.NDArray[np.float64]
    score: float
    tall: float
    tall_us: int
    since_us: int

    @classmethod
    def of(
        cls, before: "_Sight | None", at_us: int, place: npt.NDArray[np.float64], score: float, share: float
    ) -> "_Sight":
        if before is None:
            return cls(at_us, place, score, share, at_us, at_us)
        if share < _FULL * before.tall:
            return cls(at_us, place, score, before.tall, before.tall_us, before.since_us)
        return cls(at_us, place, score, before.tall + _GROWS * (share - before.tall), at_us, before.since_us)


@dataclass(slots=True, eq=False)
class _Down:
    """Somebody who may lie at a place since a collapse. ``key``: the track that collapsed."""

    key: int
    place: npt.NDArray[np.float64]
    since_us: int
    seen_us: int
    score: float
    by_box: bool
    """Whether a low box there tells anything: none was there before."""
    box: npt.NDArray[np.float32]
    """The part of the picture in which the body must be."""
    stood: npt.NDArray[np.bool_]
    """Cells of it that looked other before anybody went down."""
    body: npt.NDArray[np.float32]
    """How much of the time each cell has been the body's."""
    beside_us: int | None = None
    """When somebody was last seen standing there."""
    told: Event | None = None

    def settles(self, key: int, wall_us: int) -> bool:
        """Whether this is the one who went down a moment ago."""
        return self.key == key and self.told is None and wall_us - self.since_us <= _SETTLES_US

    def keeps(self, other: npt.NDArray[np.bool_]) -> bool:
        """Whether enough of what is new on the ground has stayed. ``other``: the cells that look other now."""
        if other.shape != self.body.shape:
            return False
        self.body += _FOLLOWS * ((other & ~self.stood) - self.body)
        return self.body.size > 0 and float((self.body > _MOSTLY).mean()) >= _LEAST_SHARE


@dataclass(slots=True, eq=False)
class _Watch:
    """One zone: who was upright a moment ago, and who went down."""

    voice: Voice
    zone: Zone
    ground: Ground
    backdrop: Backdrop
    upright: dict[int, _Sight] = field(default_factory=dict)
    down: list[_Down] = field(default_factory=list)
    low: deque[tuple[int, npt.NDArray[np.float64]]] = field(default_factory=deque)
    """Where somebody low was seen, lately."""

    def reset(self) -> None:
        self.low.clear()
        self.upright.clear()
        self.down.clear()

    def close(self) -> list[Event]:
        ended = [self._end(one) for one in self.down if one.told]
        self.reset()
        return ended

    def kept(self) -> Boxes:
        """Parts of the picture where somebody may lie: they must not be learnt as the place."""
        places = [sight.place for sight in self.upright.values()] + [one.place for one in self.down]
        boxes = [self._box(place, _LIES_M, 0.0, _THICK_M) for place in places]
        return np.array(boxes, np.float32).reshape(-1, 4)

    def judge(self, tracks: Tracks, people: Boxes, wall_us: int) -> list[Event]:
        feet = self.ground.metres(foot_points(people))
        share = self._share(people)
        standing, lying = feet[share >= _UPRIGHT], (share <= _LOW) & self._wide(people)
        self._look_for_collapse(tracks, standing, wall_us)
        self.low.append((wall_us, feet[share <= _LOW]))
        while wall_us - self.low[0][0] > _BEFORE_US:
            self.low.popleft()
        found: list[Event] = []
        for one in self.down:
            away = np.hypot(*(feet - one.place).T)
            by_box = one.by_box and bool(((away <= _NEAR_M) & lying).any())
            stays = one.keeps(self.backdrop.other(one.box))
            if _near(standing, one.place):
                one.beside_us = wall_us
            alone = one.beside_us is None or wall_us - one.beside_us > _BESIDE_US
            if by_box or (stays and alone and self._lies(one.place)):
                one.seen_us = wall_us
            if one.told is None and one.seen_us == wall_us and self._length_s(one) >= self.voice.value("seconds"):
                one.told = self._tell(one)
                found.append(one.told)
        limits = [(one, self.voice.value("clear") if one.told else _PATIENCE_S) for one in self.down]
        over = [one for one, limit_s in limits if wall_us - one.seen_us > seconds(limit_s)]
        self.down = [one for one in self.down if one not in over]
        return found + [self._end(one) for one in over if one.told]

    def _look_for_collapse(self, tracks: Tracks, standing: npt.NDArray[np.float64], wall_us: int) -> None:
        """``standing``: where people are upright now. Who vanishes beside one of them may be behind them."""
        feet = foot_points(tracks.boxes)
        inside = self.zone.polygon.contain(np.minimum(feet, np.float32(0.999)))
        metres, share, wide = self.ground.metres(feet), self._share(tracks.boxes), self._wide(tracks.boxes)
        quick_us = seconds(self.voice.value("quick"))
        seen = set()
        for row in np.flatnonzero(inside & ~np.isnan(share)):
            key = int(tracks.ids[row])
            seen.add(key)
            if _HALF_WAY < share[row] < _UPRIGHT:
                self.down = [one for one in self.down if not one.settles(key, wall_us)]
            before = self.upright.get(key)
            if share[row] >= _UPRIGHT:
                score = float(tracks.scores[row])
                self.upright[key] = _Sight.of(before, wall_us, metres[row], score, float(share[row]))
            elif (
                before
                and wall_us - before.tall_us <= quick_us
                and share[row] <= _LOW
                and wide[row]
                and _near(metres[row, None], before.place)
            ):
                self._goes_down(key, metres[row], wall_us)
        for key, sight in list(self.upright.items()):
            if wall_us - sight.at_us > quick_us:
                del self.upright[key]
            elif key in seen or wall_us - sight.tall_us > quick_us or _near(standing, sight.place):
                continue
            elif self._lies(sight.place):
                self._goes_down(key, sight.place, wall_us)

    def _goes_down(self, key: int, place: npt.NDArray[np.float64], wall_us: int) -> None:
        """Only one lies at one place."""
        sight = self.upright.pop(key)
        if sight.at_us - sight.since_us < _STOOD_US:
            return
        if all(float(np.hypot(*(place - one.place))) > _NEAR_M for one in self.down):
            fresh = self._often(place, sight.at_us) < _OFTEN
            box = self._box(place, _LIES_M, 0.0, _THICK_M)
            stood = self.backdrop.stood(box)
            body = (self.backdrop.other(box) & ~stood).astype(np.float32)
            self.down.append(_Down(key, place, sight.at_us, wall_us, sight.score, fresh, box, stood, body))

    def _often(self, place: npt.NDArray[np.float64], until_us: int) -> int:
        """Looks up to a moment in which somebody low was near."""
        near = (np.hypot(*(feet - place).T) <= _NEAR_M for at_us, feet in self.low if at_us <= until_us)
        return sum(bool(one.any()) for one in near)

    def _share(self, boxes: Boxes) -> npt.NDArray[np.float64]:
        """How tall each is, as a share of somebody who stands there; NaN where nobody can stand, or at the edge."""
        feet = foot_points(boxes)
        standing = feet[:, 1] - self.ground.heads(feet)[:, 1]
        share = (boxes[:, 3] - boxes[:, 1]) / np.where(standing > 1e-3, standing, np.nan)
        cut = (boxes[:, 0] < _EDGE) | (boxes[:, 2] > 1 - _EDGE) | (boxes[:, 3] > 1 - _EDGE)
        return np.asarray(np.where(cut, np.nan, share), np.float64)

    def _wide(self, boxes: Boxes) -> npt.NDArray[np.bool_]:
        """Which are about as wide as high, in metres on the ground."""
        left, right = self.ground.metres(boxes[:, (0, 3)]), self.ground.metres(boxes[:, (2, 3)])
        return np.asarray(np.hypot(*(right - left).T) >= _WIDE * _TALL_M * self._share(boxes), np.bool_)

    def _lies(self, place: npt.NDArray[np.float64]) -> bool:
        """Something that was not there is on the ground, and nothing stands there."""
        low = self.backdrop.changed(self._box(place, _LIES_M, 0.0, _THICK_M))
        high = self.backdrop.changed(self._box(place, 0.25, _HEAD_M, _TALL_M))
        return low >= _LEAST_SHARE and high <= _MOST_UPRIGHT

    def _box(self, place: npt.NDArray[np.float64], reach_m: float, low_m: float, high_m: float) -> Boxes:
        """The part of the picture that shows what is so near the place, between two heights."""
        around = place + reach_m * np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)])
        seen = np.concatenate([self.ground.picture(around, low_m), self.ground.picture(around, high_m)])
        box = np.concatenate([np.nanmin(seen, axis=0), np.nanmax(seen, axis=0)])
        return np.asarray(np.clip(box, 0.0, 1.0), np.float32)

    def _tell(self, one: _Down) -> Event:
        place = self.voice.in_zone(self.zone.id)
        return self.voice.opened("fall", place, Interval(one.since_us, one.seen_us), one.score, self._measures(one))

    def _end(self, one: _Down) -> Event:
        assert one.told is not None
        return self.voice.closed(one.told, one.seen_us, one.score, self._measures(one))

    def _length_s(self, one: _Down) -> float:
        return (one.seen_us - one.since_us) / SECOND_US

    def _measures(self, one: _Down) -> tuple[Measure, ...]:
        return (Measure("on the ground", self._length_s(one), self.voice.value("seconds"), "s"),)


def _near(places: npt.NDArray[np.float64], place: npt.NDArray[np.float64]) -> bool:
    return bool((np.hypot(*(places - place).T) <= _NEAR_M).any())
