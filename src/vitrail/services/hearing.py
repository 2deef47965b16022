"""Listen to microphones live, or to a recorded sound as fast as it decodes: the same loop, the same guard. Alerts are
told on a topic of their own, which nothing that watches cameras listens to (law.md L18)."""

__all__ = ["HEARD", "Listen"]

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from vitrail.analytics.contract import SoundAnalytic
from vitrail.domain.streams import Microphone, Site
from vitrail.guard.hearing import Ears
from vitrail.ports.clock import Clock
from vitrail.ports.sound import SoundEmbedder
from vitrail.runtime.bus import Bus
from vitrail.runtime.health import HealthBoard
from vitrail.runtime.hearing import HearingLoop, HearingStep, Whereabouts
from vitrail.runtime.supervisor import Task

HEARD = "heard"
CLOCKS_S = 0.02
"""How well the times of microphones agree: each is opened by itself, and its clock is told by when its sound arrives.
The ellipse follows from it."""


@dataclass(frozen=True, slots=True)
class Listen:
    """What listening needs. ``analytics_for`` makes fresh analytics for one microphone."""

    site: Site
    ears: Ears
    embedder: SoundEmbedder
    analytics_for: Callable[[Microphone], Sequence[SoundAnalytic]]
    board: HealthBoard
    bus: Bus
    clock: Clock
    whereabouts: Whereabouts = field(default_factory=lambda: Whereabouts((), CLOCKS_S))

    def tasks(self) -> list[Task]:
        """One for every microphone."""
        return [Task(m.stream.id, m.id, self._runner(m)) for m in self.site.microphones]

    def analyse(self, microphone: Microphone, start_us: int, stop: threading.Event) -> Iterator[HearingStep]:
        """A recorded sound; its first sample stands for ``start_us``."""
        with self.ears.open(microphone, start_us) as ear:
            loop = HearingLoop(
                microphone,
                ear,
                self.analytics_for(microphone),
                self.embedder,
                self.board,
                self.clock,
                self.whereabouts,
                live=False,
            )
            yield from loop.steps(stop)

    def _runner(self, microphone: Microphone) -> Callable[[threading.Event], None]:
        return lambda stop: self._listen(microphone, stop)

    def _listen(self, microphone: Microphone, stop: threading.Event) -> None:
        with self.ears.open(microphone) as ear:
            analytics = self.analytics_for(microphone)
            loop = HearingLoop(microphone, ear, analytics, self.embedder, self.board, self.clock, self.whereabouts)
            for step in loop.steps(stop):
                for alert in step.alerts:
                    self.bus.publish(HEARD, alert.id)
