"""Something threatening was heard: a shot, an explosion, breaking glass, a scream, an alarm.

Tells the kind of a sound, how loud it was and when. It tells nothing of what was said or by whom: it is never given
words, keeps no sound, and what it stores cannot be turned back into any. A happening must sound so in two looks, a
fifth of a second apart; a bang must jump as well, and what goes on must stand out. Each microphone's thresholds rise
until what it hears every day is told no more often than was declared, and outlive a restart.

It fails on fireworks, balloons and slammed metal doors close by, which are bangs too; on screams of play and of
football; on shots far away behind houses, whose bang has become a rumble; and on anything drowned in louder noise.
"""

__all__ = ["MANIFEST", "Sound"]

from collections import deque
from collections.abc import Sequence
from typing import ClassVar
from zlib import crc32

from vitrail.analytics.rate_guard import RateGuard
from vitrail.analytics.sound_head import KINDS, SoundHead, load_head
from vitrail.analytics.voice import FLOOR
from vitrail.domain.analytics import SOUND, AnalyticManifest, DeclaredRate, Maturity, Parameter
from vitrail.domain.events import Event, Findings, Measure, Phase, Place
from vitrail.domain.sound import Habit, Heard, Hearing
from vitrail.domain.streams import AnalyticSetting, Microphone
from vitrail.domain.time import SECOND_US, Interval

_BANGS = frozenset({"gunshot", "explosion", "glass_breaking"})
_JUMP_DB, _BANDS = 4.5, 3
_TOGETHER_US = 800_000
"""Two looks confirm each other within so long."""
_QUIET_US = 3 * SECOND_US
"""A happening is over when nothing of its kind was heard for so long: a volley is one happening."""
_BETTER = 1.5
_SURE = 3.0
"""Log odds above the threshold at which one look is enough."""

_FALSE_A_DAY = 0.5
"""Of each kind. ``RateGuard`` raises a kind's threshold where a place would have more told than this."""
MANIFEST = AnalyticManifest(
    id="sound",
    version="1.1.0",
    title="something threatening was heard",
    inputs=frozenset({SOUND}),
    kinds=frozenset(KINDS),
    readings=frozenset(),
    category="detection of sounds, without speech",
    purposes=frozenset({"rescue", "safety_of_closed_places"}),
    parameters=(
        Parameter(
            "false_a_day", "a day", _FALSE_A_DAY, 0.05, 20.0, "how many false alerts of each kind a day are accepted"
        ),
        Parameter("stricter", "", 0.0, -2.0, 6.0, "log odds added to every threshold: higher tells less"),
        FLOOR,
    ),
    models=("yamnet",),
    maturity=Maturity.LAB,
    must_not="listen to what people say, tell one voice from another, or point, choose or open a camera",
    limits=(
        "fireworks, balloons and slammed metal doors close by may be taken for shots",
        "playful or sporting screams may be taken for screams of fear",
        "of shots in noise as loud as they are, about half are told",
        "few licence-clean shots and screams were there to learn from: confirm, never act on it alone",
        "glass and alarms were learned from physics and few recordings, and measured on no labelled set",
    ),
    declared=DeclaredRate(_FALSE_A_DAY * len(KINDS) / 24, "benchmarks/sound.py"),
)


class Sound:
    MANIFEST: ClassVar[AnalyticManifest] = MANIFEST

    def __init__(self, microphone: Microphone, setting: AnalyticSetting) -> None:
        self._microphone_id = microphone.id
        self._stream_id = microphone.stream.id
        self._setting = setting
        self._head: SoundHead = load_head()
        values = {p.name: float(setting.parameters.get(p.name, p.default)) for p in MANIFEST.parameters}
        bases = [threshold + values["stricter"] for threshold in self._head.thresholds]
        self._guards = {k: RateGuard(k, b, values["false_a_day"]) for k, b in zip(KINDS, bases, strict=True)}
        self._name = f"sound:{crc32(repr(setting).encode()):08x}"
        self._serial = 0
        self._looks: deque[tuple[int, dict[str, float]]] = deque(maxlen=2)
        self._open: Event | None = None
        self._margin = 0.0
        self._last_us = 0
        self._best: dict[str, float] = {}

    def update(self, hearing: Hearing) -> Findings:
        """``hearing.wall_us`` never goes back between resets."""
        for guard in self._guards.values():
            guard.tick(hearing.wall_us)
        events = self._over(hearing.wall_us)
        heard = hearing.heard
        if heard is None or not hearing.fit or not self._setting.hours.hold(hearing.wall_us):
            return Findings(tuple(events))
        odds = self._head.log_odds(heard.vector, heard.shape, heard.bands_out, heard.rise_db)
        said = dict(zip(KINDS, (float(value) for value in odds), strict=True))
        scores = self._together(hearing.wall_us, said)
        for kind, score in scores.items():
            self._best[kind] = max(score, self._best.get(kind, score))
        kind = max(scores, key=lambda name: scores[name] - self._guards[name].threshold)
        if scores[kind] >= self._guards[kind].threshold and _fits(kind, heard):
            events += self._hear(kind, scores[kind], heard, hearing)
        return Findings(tuple(events))

    @property
    def habits(self) -> tuple[Habit, ...]:
        """What this place sounds like every day, to go on from after a restart."""
        return tuple(guard.habit for guard in self._guards.values())

    def recall(self, habits: Sequence[Habit]) -> None:
        for habit in habits:
            if habit.kind in self._guards:
                self._guards[habit.kind].recall(habit)

    def reset(self) -> None:
        self._looks.clear()
        self._open = None
        self._best.clear()

    def finish(self, wall_us: int) -> Findings:
        return Findings(tuple(self._close()))

    def _together(self, now_us: int, said: dict[str, float]) -> dict[str, float]:
        """What this look and the one before say together; a first look speaks only when it is sure."""
        before = self._looks[-1] if self._looks and now_us - self._looks[-1][0] <= _TOGETHER_US else None
        self._looks.append((now_us, said))
        if before is None:
            return {kind: value - _SURE for kind, value in said.items()}
        return {kind: max((value + before[1][kind]) / 2, value - _SURE) for kind, value in said.items()}

    def _hear(self, kind: str, score: float, heard: Heard, hearing: Hearing) -> list[Event]:
        self._last_us = hearing.wall_us
        margin = score - self._guards[kind].threshold
        if self._open is not None and self._same(kind, margin):
            self._margin = max(margin, self._margin)
            return []
        self._margin = margin
        events = self._close()
        self._serial += 1
        self._open = Event(
            key=f"{self._name}:{self._serial}",
            phase=Phase.OPENED,
            kind=kind,
            analytic=MANIFEST.id,
            version=MANIFEST.version,
            stream_id=self._stream_id,
            place=Place.heard(self._microphone_id),
            interval=Interval(min(heard.onset_us, hearing.wall_us), hearing.wall_us),
            score=_share(score),
            measures=self._measures(kind, score, heard, hearing),
            sound=heard.trace,
        )
        return [*events, self._open]

    def _same(self, kind: str, margin: float) -> bool:
        """One bang is told once: another kind of bang takes its place only where it is by far the better name."""
        assert self._open is not None
        if self._open.kind == kind:
            return True
        return {self._open.kind, kind} <= _BANGS and margin < self._margin + _BETTER

    def _measures(self, kind: str, score: float, heard: Heard, hearing: Hearing) -> tuple[Measure, ...]:
        over = max(heard.trace.levels_db, default=hearing.level_db) - hearing.background_db
        return (
            Measure("resemblance", score, self._guards[kind].threshold, "log odds"),
            Measure("jump", heard.rise_db, _JUMP_DB if kind in _BANGS else 0.0, "dB"),
            Measure("bands that stand out", float(heard.bands_out), 0.0 if kind in _BANGS else float(_BANDS), "bands"),
            Measure("loudness over the place", max(over, 0.0), 0.0, "dB"),
        )

    def _over(self, now_us: int) -> list[Event]:
        """Closes a happening that has gone quiet, and counts the best score of whatever was heard meanwhile."""
        if self._looks and now_us - self._looks[-1][0] > _QUIET_US:
            for kind, score in self._best.items():
                self._guards[kind].hear(score)
            self._best.clear()
            self._looks.clear()
        return self._close() if self._open is not None and now_us - self._last_us > _QUIET_US else []

    def _close(self) -> list[Event]:
        event, self._open = self._open, None
        if event is None:
            return []
        end_us = max(self._last_us, event.interval.end_us)
        return [_closed(event, end_us)]


def _closed(event: Event, end_us: int) -> Event:
    return Event(
        key=event.key,
        phase=Phase.CLOSED,
        kind=event.kind,
        analytic=event.analytic,
        version=event.version,
        stream_id=event.stream_id,
        place=event.place,
        interval=Interval(event.interval.start_us, end_us),
        score=event.score,
        measures=event.measures,
        sound=event.sound,
    )


def _fits(kind: str, heard: Heard) -> bool:
    """Physics has a say: a bang jumps, in most bands at once; what goes on stands out in several."""
    return heard.rise_db >= _JUMP_DB if kind in _BANGS else heard.bands_out >= _BANDS


def _share(log_odds: float) -> float:
    """As a score of 0..1 for screens: half at even odds."""
    return min(1.0, max(0.0, 0.5 + log_odds / 20.0))
