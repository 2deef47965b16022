"""Damage to a declared piece of street furniture.

Tells that a bench, a bin, a sign, a lamp, a shelter, a bollard, a door or a window lastingly looks other than it did:
gone, moved or toppled, broken, burnt, or defaced. Each is compared with its own past alone, by day or by night, people
and vehicles left out: damage is what has lost edges that had always been there, or gained some that never were, in
nearly every look of the last hours, while its surroundings stayed as they are. When the surroundings changed too, the
camera was moved, the lens is dirty or something stands before it: that is no damage, and nothing is told.

It sees one side. A thing that somebody put on a bench and left for hours may be told as damage; what lies in the dark
is not judged. It knows nothing of who did it, and must never be used for that.
"""

__all__ = ["MANIFEST", "Furniture"]

from dataclasses import dataclass
from typing import ClassVar

import cv2
import numpy as np

from vitrail.analytics.contract import Arrays
from vitrail.analytics.keeping import Doubt, named, taken
from vitrail.analytics.pasts import AreaPast, Compared
from vitrail.analytics.showing import before_after
from vitrail.analytics.voice import FLOOR, Voice
from vitrail.domain.analytics import AnalyticManifest, DeclaredRate, Maturity, Parameter, Scene
from vitrail.domain.detections import VEHICLES
from vitrail.domain.events import Event, Findings, Measure, Place
from vitrail.domain.geometry import Boxes
from vitrail.domain.health import Unjudged, Unsure
from vitrail.domain.streams import AnalyticSetting, Asset, Camera
from vitrail.domain.time import HOUR_US, Interval

MANIFEST = AnalyticManifest(
    id="furniture",
    version="1.0.0",
    title="damage to declared street furniture",
    inputs=frozenset({"picture", "tracks"}),
    kinds=frozenset({"damage"}),
    readings=frozenset(),
    category="detection of things and places",
    purposes=frozenset({"upkeep_of_public_places", "road_safety"}),
    parameters=(
        Parameter("hours", "h", 2.0, 0.2, 48.0, "so long it looks damaged before it is told"),
        Parameter("learn", "h", 24.0, 0.5, 168.0, "so long it is learnt before anything is told"),
        Parameter("every", "s", 150.0, 1.0, 900.0, "it is looked at so often"),
        Parameter("looks", "", 16, 6, 64, "so many looks are one window: what is told was there in three of four"),
        Parameter("share", "%", 12.0, 3.0, 60.0, "least share of it that must look other"),
        FLOOR,
    ),
    models=("nanodet",),
    maturity=Maturity.LAB,
    must_not="find out who did it, or watch who uses the thing",
    limits=(
        "damage that changes less than an eighth of what is seen of it is missed",
        "a thing left on it or before it for hours may be told",
        "what is hidden for most of a window is not judged, nor is a night that was never learnt",
        "after the camera was moved it is learnt anew",
    ),
    needs_assets=True,
    declared=DeclaredRate(1 / 24, "benchmarks/furniture.py"),
)
_STEP = 1.0
_SURROUNDINGS = 0.35
"""When more of the surroundings than this looks other too, the camera moved, the lens is dirty, or it is covered."""
_GONE, _BROKEN, _GAINED, _TAKEN = 0.6, 0.2, 0.3, 0.15
_DARKER = -0.45
_LEAST_LOOKS = 4
_LEAST_AROUND = 40
"""Cells: less of the surroundings than this says nothing."""
_SEEN = 0.5
_WHOLE = 0.5
"""Damage that was told is over below this share of what tells it: what hovers about the bound is not told daily."""


class Furniture:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        self._voice = Voice(MANIFEST, camera, stream_id, setting)
        self._pieces = [_Piece(self._voice, camera.asset(name)) for name in setting.assets]

    def update(self, scene: Scene) -> Findings:
        if scene.picture is None or not self._voice.listens(scene.wall_us):
            return Findings()
        vehicles = scene.tracks.boxes[np.isin(scene.tracks.labels, list(VEHICLES))]
        covering = np.concatenate([scene.people, vehicles]).astype(np.float32)
        waited = [piece for piece in self._pieces if piece.doubt.renewing]
        events = tuple(event for piece in self._pieces for event in piece.look(scene, covering))
        return Findings(events, renewed=tuple(p.doubt.place for p in waited if not p.doubt.renewing))

    def reset(self) -> None:
        """The stream was opened again: furniture does not change by that. What is known of it stays."""
        for piece in self._pieces:
            piece.past.pause()

    def finish(self, wall_us: int) -> Findings:
        """Damage stays when a stream ends; nothing is over."""
        return Findings()

    def unjudged(self, wall_us: int) -> tuple[Unjudged, ...]:
        return tuple(told for piece in self._pieces for told in piece.doubt.told(wall_us))

    def renew(self, place: Place) -> None:
        for piece in self._pieces:
            if piece.doubt.place == place:
                piece.renew()

    @property
    def places(self) -> tuple[Place, ...]:
        return tuple(piece.doubt.place for piece in self._pieces)

    def forget(self) -> None:
        for piece in self._pieces:
            piece.forget()

    def remembered(self) -> Arrays:
        kept = {piece.doubt.place.drawn: piece.remembered() for piece in self._pieces}
        return {name: array for drawn, arrays in kept.items() for name, array in named(drawn, arrays).items()}

    def recall(self, kept: Arrays) -> None:
        for piece in self._pieces:
            piece.recall(taken(piece.doubt.place.drawn, kept))


@dataclass(frozen=True, slots=True)
class _State:
    """How a piece looks, against its past: shares 0..1 of it that look other, of its edges that are gone, and of edges
    that came; how much darker, as a logarithm. ``near`` and ``around``: shares of what is right beside it, and of what
    is farther off, that look other."""

    other: float
    gone: float
    gained: float
    darker: float
    near: float
    around: float

    @property
    def damage(self) -> float:
        return max(self.other, self.gone)

    @property
    def what(self) -> str:
        if self.darker < _DARKER:
            return "burnt"
        if self.gone >= _BROKEN and (self.gained >= _GAINED or self.near >= _TAKEN):
            return "moved or toppled"
        if self.gone >= _GONE:
            return "missing"
        if self.gone >= _BROKEN:
            return "broken"
        return "defaced"


class _Piece:
    """One asset."""

    def __init__(self, voice: Voice, asset: Asset) -> None:
        self._voice = voice
        self._asset = asset
        self.doubt = Doubt(voice.at_asset(asset.id))
        self.past = AreaPast(asset.polygon, voice.value("every"), round(voice.value("looks")))
        self._stands_us = round(voice.value("hours") * HOUR_US)
        self._learn_us = round(voice.value("learn") * HOUR_US)
        self._least = voice.value("share") / 100.0
        self._began_us: int | None = None
        self._whole_us: int | None = None
        self._whole_last_us: int | None = None
        self._since_us: int | None = None
        self._states: list[_State] = []
        self._told: Event | None = None
        self._night = False
        """The light in which it was damaged: only in the same light can it be whole again."""

    def look(self, scene: Scene, covering: Boxes) -> list[Event]:
        assert scene.picture is not None
        if self._began_us is None or scene.wall_us < self._began_us:
            self._began_us = scene.wall_us
        seen = self.past.look(scene.picture, covering, scene.wall_us)
        if not self.past.looked(scene.wall_us):
            return []
        state = _state(seen) if seen is not None else None
        self.doubt.say(self._unsure(seen, state, scene.wall_us), scene.wall_us)
        if self.doubt.renewing:
            return self._relearnt(scene.wall_us)
        if seen is None or state is None or self.doubt.why is not None:
            return []
        if state.damage < self._least * (_WHOLE if self._told is not None else 1.0):
            return self._whole(scene.wall_us) if self._told is None or seen.night == self._night else []
        return self._damaged(state, seen, scene.wall_us)

    def _unsure(self, seen: Compared | None, state: _State | None, wall_us: int) -> Unsure | None:
        if self._began_us is None or wall_us - self._began_us < self._learn_us:
            return Unsure.LEARNING
        if seen is None or state is None:
            return self.past.lacks
        if float(seen.seen[seen.inside].mean()) < _SEEN:
            return Unsure.COVERED
        return Unsure.SURROUNDINGS if seen.soft or state.around > _SURROUNDINGS else None

    def _relearnt(self, wall_us: int) -> list[Event]:
        """What was told of its look before is over, whether or not the new one is known yet."""
        self.doubt.renewing = self.past.lacks is not None
        told, self._told = self._told, None
        return [self._voice.closed(told, wall_us, told.score, told.measures)] if told else []

    def renew(self) -> None:
        told = self._told
        self.forget()
        self._told, self.doubt.renewing = told, True

    def forget(self) -> None:
        self.past.reset()
        self._told = self._since_us = self._whole_us = self._whole_last_us = None
        self._states.clear()

    def remembered(self) -> Arrays:
        """Also that damage was told which still stands, so that it is not told twice."""
        if self._began_us is None or self.doubt.renewing:
            return {}
        told = [self._told.interval.start_us, self._told.interval.end_us, int(self._night)] if self._told else []
        return {**self.past.remembered(), "began_us": np.array(self._began_us), "told": np.array(told, np.int64)}

    def recall(self, kept: Arrays) -> None:
        began, told = kept.get("began_us"), kept.get("told")
        if began is None or began.shape or told is None:
            return
        self.past.recall(kept)
        self._began_us = int(np.asarray(began, np.int64))
        if told.shape == (3,):
            start_us, end_us, night = (int(value) for value in np.asarray(told, np.int64))
            self._night = bool(night)
            self._told = self._voice.opened("damage", self.doubt.place, Interval(start_us, end_us), 1.0, ())

    def _whole(self, wall_us: int) -> list[Event]:
        """It looks as it always did; what was told is over once that has lasted as long as damage must."""
        self._since_us = None
        self._states.clear()
        self._whole_last_us = wall_us
        if self._whole_us is None:
            self._whole_us = wall_us
        if self._told is None or wall_us - self._whole_us < self._stands_us:
            return []
        told, self._told = self._told, None
        return [self._voice.closed(told, self._whole_us, told.score, told.measures)]

    def _damaged(self, state: _State, seen: Compared, wall_us: int) -> list[Event]:
        if self._since_us is None:
            self._since_us = wall_us
        self._states.append(state)
        del self._states[:-16]
        before_us = self._whole_last_us if self._whole_last_us is not None else self._since_us
        lasted = wall_us - self._since_us >= self._stands_us and len(self._states) >= _LEAST_LOOKS
        if not lasted:
            return []
        self._whole_us = None
        self._night = seen.night
        if self._told is not None:
            return []
        calm = _middle(self._states)
        certainty = float(np.clip(0.5 + calm.damage, 0.0, 1.0))
        place = self._voice.at_asset(self._asset.id)
        span = Interval(min(before_us, self._since_us), wall_us)
        self._told = self._voice.opened(
            "damage", place, span, certainty, self._measures(calm, wall_us), before_after(seen)
        )
        return [self._told]

    def _measures(self, state: _State, wall_us: int) -> tuple[Measure, ...]:
        assert self._since_us is not None
        stood_h = (wall_us - self._since_us) / HOUR_US
        return (
            Measure(state.what, 100.0 * state.damage, 100.0 * self._least, "%"),
            Measure("hours it has stood", stood_h, self._stands_us / HOUR_US, "h"),
        )


def _state(seen: Compared) -> _State:
    inside, other = seen.inside, seen.differs > _STEP
    thing = cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(bool) & (seen.usual > 0.01)
    body = thing if thing.sum() > 0.15 * inside.sum() else inside
    far = ~cv2.dilate(inside.astype(np.uint8), np.ones((9, 9), np.uint8)).astype(bool)
    usual = max(float(seen.usual[inside].sum()), 1e-3)
    luma = np.log((seen.after[..., 0] + 12.0) / (seen.before[..., 0] + 12.0))
    darker = float(np.median(luma[body]) - np.median(luma[~inside])) if (~inside).any() else float(np.median(luma))
    return _State(
        other=float(other[body].mean()),
        gone=float(seen.lost[inside].sum()) / usual,
        gained=float(seen.gained[inside].sum()) / usual,
        darker=darker,
        near=float(other[~inside].mean()) if (~inside).any() else 0.0,
        around=float(other[far].mean()) if far.sum() >= _LEAST_AROUND else 0.0,
    )


def _middle(states: list[_State]) -> _State:
    names = ("other", "gone", "gained", "darker", "near", "around")
    return _State(*(float(np.median([getattr(state, name) for state in states])) for name in names))
