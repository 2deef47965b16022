"""Fire, or smoke, somewhere in the picture.

Tells that something burns: every two seconds a small trained head looks at the picture, people painted over; what it
says must exceed both its own threshold and what this camera usually makes it say (a lamp, a red sign, a low sun), look
after look for ``seconds``; and a fire must flicker where it is bright or warm, as headlights, shop windows and the sun
do not. Smoke has no flicker: it must last longer, and grow out of what the camera usually shows.

It is one more pair of eyes and not a fire alarm: no smoke detector may be taken away because of it. It was learnt from
few recordings (see the figures below); small flames far away and thin smoke are missed, and steam, fog, dust and
welding may be told as smoke or fire.
"""

__all__ = ["MANIFEST", "Fire"]

from collections import deque
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from vitrail.analytics.burning import Burning, Heads, shipped
from vitrail.analytics.flicker import Flicker
from vitrail.analytics.voice import FLOOR, Voice
from vitrail.domain.analytics import AnalyticManifest, Maturity, Parameter, Scene
from vitrail.domain.events import Event, Findings, Measure
from vitrail.domain.streams import AnalyticSetting, Camera
from vitrail.domain.time import SECOND_US, Interval, seconds

MANIFEST = AnalyticManifest(
    id="fire",
    version="1.0.0",
    title="fire or smoke in the picture",
    inputs=frozenset({"picture", "look"}),
    kinds=frozenset({"fire", "smoke"}),
    readings=frozenset(),
    category="detection of things and places",
    purposes=frozenset({"fire_safety", "rescue", "safety_of_closed_places"}),
    parameters=(
        Parameter("seconds", "s", 6.0, 2.0, 120.0, "so long it looks like fire before it is told; smoke twice as long"),
        Parameter("margin", "", 0.5, 0.0, 5.0, "by so much it must exceed its threshold and the camera's usual"),
        Parameter("clear", "s", 30.0, 5.0, 600.0, "over once it has not looked like it for so long"),
        Parameter("smoke", "", 1, 0, 1, "1: smoke is told, 0: fire only"),
        FLOOR,
    ),
    models=("nanodet", "efficientnet-lite2-place"),
    maturity=Maturity.LAB,
    must_not="replace a fire detector, or delay a call to the fire brigade until somebody has looked",
    limits=(
        "learnt from four videos: flames smaller than a twentieth of the picture's height and thin smoke are missed",
        "steam, fog, dust, welding and fireworks may be told",
        "the first minutes after a start have no usual to compare with",
        "what burns when the camera is first switched on is told late or not at all",
    ),
)
_UP, _DOWN = 1 / 300.0, 1 / 1800.0
"""How fast the usual follows, a look: up in ten minutes, down in an hour."""
_LIVELY = 1.2
_BLAZES = 0.01
"""From this share on flicker itself speaks for fire. People and traffic made less than 0.6 % where it was tried."""
_FLICKERS = 0.0015
"""Least share of the picture that flickers where it is bright or warm."""


@dataclass(slots=True)
class _Kind:
    """Fire, or smoke. ``usual``: what this camera makes the head say without anything burning."""

    kind: str
    lasts_us: int
    usual: float = 0.0
    since_us: int | None = None
    last_us: int = 0
    recent: deque[float] = field(default_factory=lambda: deque(maxlen=5))
    told: Event | None = None


class Fire:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting, heads: Heads | None = None) -> None:
        """``heads``: the shipped ones when none are given."""
        self._heads = heads
        self._voice = voice = Voice(MANIFEST, camera, stream_id, setting)
        self._margin = voice.value("margin")
        self._clear_us = seconds(voice.value("clear"))
        self._flicker = Flicker()
        lasts_us = seconds(voice.value("seconds"))
        self._kinds = [_Kind("fire", lasts_us)]
        if voice.value("smoke") > 0:
            self._kinds.append(_Kind("smoke", 2 * lasts_us))

    def update(self, scene: Scene) -> Findings:
        if scene.picture is None or not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        self._flicker.see(scene.picture, scene.people, scene.wall_us)
        if scene.look is None:
            return Findings()
        said = (self._heads or shipped()).judge(scene.picture, scene.look)
        found: list[Event] = []
        for kind in self._kinds:
            found += self._judge(kind, said, scene.wall_us)
        return Findings(tuple(found))

    def reset(self) -> None:
        """What is usual for this camera stays: the stream was only opened again."""
        self._flicker.reset()
        for kind in self._kinds:
            kind.since_us, kind.told = None, None
            kind.recent.clear()

    def finish(self, wall_us: int) -> Findings:
        over = [self._close(kind) for kind in self._kinds if kind.told is not None]
        self.reset()
        return Findings(tuple(over))

    def _judge(self, kind: _Kind, said: Burning, wall_us: int) -> list[Event]:
        score = said.fire if kind.kind == "fire" else said.smoke
        kind.recent.append(score)
        over = float(np.median(kind.recent)) - max(0.0, kind.usual)
        burning = over > self._margin and said.either > 0.0
        if kind.kind == "fire":
            burning = burning and self._flicker.share >= _FLICKERS
            if self._flicker.share >= _BLAZES:
                over += self._lively()
                burning = over > self._margin
        if burning:
            kind.since_us = wall_us if kind.since_us is None else kind.since_us
            kind.last_us = wall_us
        elif kind.told is None:
            kind.since_us = None
        if kind.told is None and kind.since_us is None:
            kind.usual += (_UP if score > kind.usual else _DOWN) * (score - kind.usual)
        return self._speak(kind, wall_us, over)

    def _lively(self) -> float:
        """What flickers strongly counts beside its look: ten times the least share for as much as one spread."""
        return _LIVELY * float(np.log10(max(self._flicker.share, _FLICKERS) / _FLICKERS))

    def _speak(self, kind: _Kind, wall_us: int, over: float) -> list[Event]:
        if kind.told is not None:
            if wall_us - kind.last_us <= self._clear_us:
                return []
            ended = self._close(kind)
            kind.since_us, kind.told = None, None
            return [ended]
        if kind.since_us is None or wall_us - kind.since_us < kind.lasts_us or len(kind.recent) < 3:
            return []
        certainty = 1.0 / (1.0 + float(np.exp(-over)))
        measures = self._measures(kind, over)
        span = Interval(kind.since_us, wall_us)
        kind.told = self._voice.opened(kind.kind, self._voice.anywhere(), span, certainty, measures)
        return [kind.told]

    def _close(self, kind: _Kind) -> Event:
        assert kind.told is not None
        return self._voice.closed(kind.told, kind.last_us, kind.told.score, kind.told.measures)

    def _measures(self, kind: _Kind, over: float) -> tuple[Measure, ...]:
        since_us = kind.since_us or kind.last_us
        lasted = Measure("seconds it looks so", (kind.last_us - since_us) / SECOND_US, kind.lasts_us / SECOND_US, "s")
        above = Measure("above what is usual here", over, self._margin, "")
        if kind.kind == "smoke":
            return (lasted, above)
        return (lasted, above, Measure("flickers", 100 * self._flicker.share, 100 * _FLICKERS, "%"))
