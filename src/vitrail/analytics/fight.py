"""People close to each other move as in a fight.

Where two or more people are close, it measures by optical flow, over two seconds, how jerky motion is, and lets a
network look at the shape of it: at a picture made of flow alone, in which what stands still is black and nothing shows
how anybody looks. No pose. A score says how much that is like the fights it was trained on and unlike ordinary scenes.
It is told when the score stays above a threshold; what is put out is the place, the interval, the score and the
measures that fired, never a person.

It cannot see what people mean. Hugging, dancing, sport, children at play, a crowd that runs, somebody who carries
furniture can move as jerkily; a hold without motion, a fight behind others, far away or on few pictures a second is
missed. On clips of cameras it never saw it is right four times in five, and tells four fights in ten: enough to put a
camera before the eyes of a person, not to send anybody. Each camera learns what is usual on it: what it has shown again
and again is not told.
"""

__all__ = ["MANIFEST", "WINDOW_US", "Fight", "Usual"]

from collections import deque
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from vitrail.analytics.brawling import shipped
from vitrail.analytics.lasting import Lasting
from vitrail.analytics.unrest import MEASURES, Unrest
from vitrail.analytics.voice import FLOOR, Voice
from vitrail.domain.analytics import AnalyticManifest, DeclaredRate, Maturity, Parameter, Scene
from vitrail.domain.closeness import Heights, pairs
from vitrail.domain.events import Event, Findings, Measure
from vitrail.domain.geometry import foot_points
from vitrail.domain.streams import AnalyticSetting, Camera
from vitrail.domain.time import MINUTE_US, SECOND_US, seconds

MANIFEST = AnalyticManifest(
    id="fight",
    version="2.1.0",
    title="people close to each other move as in a fight",
    inputs=frozenset({"picture", "people", "stir"}),
    kinds=frozenset({"fight"}),
    readings=frozenset(),
    category="detection of things and places",
    purposes=frozenset({"rescue"}),
    parameters=(
        Parameter(
            "threshold",
            "",
            0.7,
            0.5,
            1.0,
            "told from this score on: at 0.7, 1 in 100 clips without a fight",
        ),
        Parameter("hold", "s", 1.0, 0.0, 30.0, "the score must stay above it for so long"),
        Parameter("clear", "s", 10.0, 1.0, 600.0, "and below it for so long before it is over"),
        Parameter(
            "usual", "min", 120.0, 0.0, 1440.0, "what so many last active minutes showed twice is usual here; 0: off"
        ),
        FLOOR,
    ),
    models=("nanodet", "efficientnet-lite2-places"),
    maturity=Maturity.LAB,
    must_not="decide anything on its own, score a person, or be used against gatherings, sport or dance",
    limits=(
        "right on about four clips in five of cameras it never saw; docs/fight.md has the figures",
        "hugging, dancing, sport, running crowds and children at play can be told",
        "a hold without motion, and fights that are far, hidden, in the dark or in a crowd, are missed",
        "only people the detector sees count: two must be close at least once in a second",
    ),
    needs_zones=True,
    declared=DeclaredRate(1.0, "benchmarks/behaviour/ordinary.py"),
)
WINDOW_US = 2 * SECOND_US
_LEAST_LOOKS, _LEAST_STIRS = 8, 4
_LOW = 20
_FORGET_US = SECOND_US
_LEAST_MINUTES = 10


class Fight:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, camera: Camera, stream_id: str, setting: AnalyticSetting) -> None:
        voice = Voice(MANIFEST, camera, stream_id, setting)
        self._voice = voice
        self._zones = [(camera.zone(z), voice.in_zone(z)) for z in setting.zones]
        hold, clear = seconds(voice.value("hold")), seconds(voice.value("clear"))
        self._states = [Lasting(voice, "fight", place, hold, clear, _FORGET_US) for _, place in self._zones]
        self._unrest = Unrest()
        self._heights = Heights()
        self._usual = Usual(round(voice.value("usual") * MINUTE_US))
        self._looks: deque[tuple[int, npt.NDArray[np.float64]]] = deque()
        self._stirs: deque[tuple[int, npt.NDArray[np.float32]]] = deque()
        self._close_us: list[int | None] = [None] * len(self._zones)

    def update(self, scene: Scene) -> Findings:
        if not self._voice.listens(scene.wall_us):
            return self.finish(scene.wall_us)
        near = self._where(scene)
        value = self._score(scene) if any(near) else None
        if not any(near):
            self._rest()
        found: list[Event] = []
        for state, here in zip(self._states, near, strict=True):
            holds = here and value is not None and value >= self._threshold()
            found += state.update(holds, scene.wall_us, value or 0.0, self._measures(value or 0.0))
        if value is not None:
            self._usual.see(value, scene.wall_us)
        return Findings(tuple(found))

    def reset(self) -> None:
        self._rest()
        self._heights.reset()
        self._usual.reset()
        for state in self._states:
            state.reset()

    def finish(self, wall_us: int) -> Findings:
        """``wall_us`` itself is not looked at: a fight ends when its score was last high."""
        ended = [event for state in self._states for event in state.close()]
        self._rest()
        return Findings(tuple(ended))

    def _where(self, scene: Scene) -> list[bool]:
        """In which zones people were close within the last second; one glance of the detector may miss somebody."""
        if scene.picture is None or scene.still:
            return [False] * len(self._zones)
        aspect = scene.picture.width / scene.picture.height
        feet = np.minimum(foot_points(scene.people), np.float32(0.999))
        for n, (zone, _) in enumerate(self._zones):
            inside = scene.people[zone.polygon.contain(feet)]
            self._heights.see(inside)
            if len(pairs(inside, aspect)):
                self._close_us[n] = scene.wall_us
        return [at is not None and scene.wall_us - at <= _FORGET_US for at in self._close_us]

    def _score(self, scene: Scene) -> float | None:
        assert scene.picture is not None
        measured = self._unrest.look(scene.picture, self._heights.height, scene.wall_us)
        if measured is not None:
            self._looks.append((scene.wall_us, measured))
        if scene.stir is not None:
            self._stirs.append((scene.wall_us, scene.stir.roots))
        for kept in (self._looks, self._stirs):
            while kept and scene.wall_us - kept[0][0] > WINDOW_US:
                kept.popleft()
        if len(self._looks) < _LEAST_LOOKS or len(self._stirs) < _LEAST_STIRS:
            return None
        return shipped().score([values for _, values in self._looks], [values for _, values in self._stirs])

    def _rest(self) -> None:
        """Nobody is close: nothing is measured."""
        self._unrest.reset()
        self._looks.clear()
        self._stirs.clear()
        self._close_us = [None] * len(self._zones)

    def _threshold(self) -> float:
        return max(self._voice.value("threshold"), self._usual.level)

    def _measures(self, value: float) -> tuple[Measure, ...]:
        if not self._looks:
            return ()
        jerk = float(np.percentile([values[MEASURES.index("jerk 99")] for _, values in self._looks], _LOW))
        return (
            Measure("likeness", 100 * value, 100 * self._threshold(), "%"),
            Measure("jerk", jerk, 0.0, "body heights/s"),
        )


class Usual:
    """What a camera shows in its active minutes: the second highest score of the last so many of them.

    If minutes are alike, a new one passes it by chance twice in as many minutes as are kept: with 120 kept, about once
    an active hour. The second, because one real fight must not hide the next. One number a minute, in memory only."""

    def __init__(self, span_us: int) -> None:
        self._kept = span_us // MINUTE_US
        self.reset()

    def reset(self) -> None:
        self._past: deque[float] = deque(maxlen=max(1, self._kept))
        self._minute: int | None = None
        self._highest = 0.0

    def see(self, value: float, wall_us: int) -> None:
        minute = wall_us // MINUTE_US
        if minute != self._minute:
            if self._minute is not None:
                self._past.append(self._highest)
            self._minute, self._highest = minute, 0.0
        self._highest = max(self._highest, value)

    @property
    def level(self) -> float:
        """0 before ten active minutes are over."""
        if not self._kept or len(self._past) < _LEAST_MINUTES:
            return 0.0
        return sorted(self._past)[-2]
