"""Fire, or smoke, somewhere in the picture.

Fire is told by how it moves: warm, bright light that goes up and down several times a second, at one place, for
``seconds``. Headlights and people pass, lamps, signs and a low sun stand still, a blinking lamp blinks once or twice a
second. What may be a person or a vehicle is left out, except where it is as hot and bright as flames are, for longer.

Smoke is told by small trained heads that look at the picture every two seconds, people painted over: what they say
must exceed their threshold and, by ``margin``, what this camera made them say at first and usually does, for twice
``seconds``. So only smoke that comes to fill much of the picture is told; a thin plume, or smoke that was there when
the camera was switched on, is not.

It is one more pair of eyes and not a fire alarm: no smoke detector may be taken away because of it. It was learnt from
few recordings (docs/upkeep.md has the figures); flames under a twelfth of the picture's height, thin smoke and burning
that no colour shows (night views in grey) are missed, and welding, fog and dust may be told.
"""

__all__ = ["MANIFEST", "Fire"]

from collections import deque
from typing import ClassVar

import numpy as np

from vitrail.analytics.burning import Burning, Heads, shipped
from vitrail.analytics.flicker import LEAST_CELLS, Flicker
from vitrail.analytics.lasting import Lasting
from vitrail.analytics.voice import FLOOR, Voice
from vitrail.domain.analytics import AnalyticManifest, DeclaredRate, Maturity, Parameter, Scene
from vitrail.domain.detections import VEHICLES
from vitrail.domain.events import Event, Findings, Measure
from vitrail.domain.streams import AnalyticSetting, Camera
from vitrail.domain.time import SECOND_US, seconds

MANIFEST = AnalyticManifest(
    id="fire",
    version="2.1.0",
    title="fire or smoke in the picture",
    inputs=frozenset({"picture", "look"}),
    kinds=frozenset({"fire", "smoke"}),
    readings=frozenset(),
    category="detection of things and places",
    purposes=frozenset({"fire_safety", "rescue", "safety_of_closed_places"}),
    parameters=(
        Parameter(
            "seconds", "s", 5.0, 2.0, 120.0, "so long it flickers like fire before it is told; smoke twice as long"
        ),
        Parameter("margin", "", 1.0, 0.0, 5.0, "by so much smoke must exceed what is usual for the camera"),
        Parameter("clear", "s", 30.0, 5.0, 600.0, "over once it has not looked like it for so long"),
        Parameter("smoke", "", 1, 0, 1, "1: smoke is told, 0: fire only"),
        FLOOR,
    ),
    models=("nanodet", "efficientnet-lite2-places"),
    maturity=Maturity.LAB,
    must_not="replace a fire detector, or delay a call to the fire brigade until somebody has looked",
    limits=(
        "flames under a twelfth of the picture's height, and flames that a night view shows in grey, are missed",
        "fewer than five looks a second show no flicker: a camera the machine cannot keep up with tells no fire",
        "thin smoke, a plume, and smoke that is there when the camera is switched on are not told",
        "fog, dust, steam and welding may be told; so may a fire that is meant to burn",
    ),
    declared=DeclaredRate(1.0, "benchmarks/behaviour/ordinary.py"),
)
_UP, _DOWN = 1 / 300.0, 1 / 1800.0
"""How fast the usual follows, a look: up in ten minutes, down in an hour."""
_FIRST_LOOKS = 5
"""So many looks after a start say what is usual; no smoke is told before."""
_BLAZES_TIMES = 1.5
"""So many times ``seconds`` where a person or a vehicle may be."""


class Fire:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting, heads: Heads | None = None) -> None:
        """``heads``: the shipped ones when none are given."""
        self._heads = heads
        self._voice = voice = Voice(MANIFEST, camera, stream_id, setting)
        self._lasts_us = seconds(voice.value("seconds"))
        self._margin = voice.value("margin")
        self._tells_smoke = voice.value("smoke") > 0
        clear_us = seconds(voice.value("clear"))
        gap_us = 5 * SECOND_US
        self._flicker = Flicker()
        self._fire = Lasting(voice, "fire", voice.anywhere(), 0, clear_us)
        self._smoke = Lasting(voice, "smoke", voice.anywhere(), 2 * self._lasts_us, clear_us, gap_us)
        self._recent: deque[float] = deque(maxlen=_FIRST_LOOKS)
        self._usual: float | None = None

    def update(self, scene: Scene) -> Findings:
        if scene.picture is None or not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        covered = np.concatenate([scene.people, scene.seen.of(*VEHICLES).boxes])
        self._flicker.see(scene.picture, covered, scene.wall_us)
        found = self._judge_fire(scene.wall_us)
        if scene.look is not None and self._tells_smoke:
            said = (self._heads or shipped()).judge(scene.picture, scene.look)
            found += self._judge_smoke(said, scene.wall_us)
        return Findings(tuple(found))

    def reset(self) -> None:
        """What is usual for this camera stays: the stream was only opened again."""
        self._flicker.reset()
        self._fire.reset()
        self._smoke.reset()
        self._recent.clear()

    def finish(self, wall_us: int) -> Findings:
        over = (*self._fire.close(), *self._smoke.close())
        self.reset()
        return Findings(over)

    def _judge_fire(self, wall_us: int) -> list[Event]:
        flicker = self._flicker
        flickered = _since(flicker.since_us, wall_us)
        blazed = _since(flicker.blazing_since_us, wall_us)
        burns = flickered >= self._lasts_us or blazed >= _BLAZES_TIMES * self._lasts_us
        lasted_s = max(flickered, blazed) / SECOND_US
        measures = (
            Measure("seconds it flickers like fire", lasted_s, self._lasts_us / SECOND_US, "s"),
            Measure("parts that flicker", float(flicker.cells), float(LEAST_CELLS), ""),
        )
        return self._fire.update(burns, wall_us, 1.0 - 1.0 / (1.0 + lasted_s), measures)

    def _judge_smoke(self, said: Burning, wall_us: int) -> list[Event]:
        self._recent.append(said.smoke)
        if len(self._recent) < _FIRST_LOOKS:
            return []
        score = float(np.median(self._recent))
        if self._usual is None:
            self._usual = score
        over = score - max(0.0, self._usual)
        smokes = over > self._margin and said.either > 0.0
        if not smokes and not self._smoke.on:
            self._usual += (_UP if score > self._usual else _DOWN) * (score - self._usual)
        certainty = 1.0 / (1.0 + float(np.exp(-over)))
        measures = (Measure("above what is usual here", over, self._margin, ""),)
        return self._smoke.update(smokes, wall_us, certainty, measures)


def _since(since_us: int | None, wall_us: int) -> int:
    return 0 if since_us is None else wall_us - since_us
