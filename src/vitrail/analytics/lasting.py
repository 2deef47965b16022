"""A state that must last before it is told, and must be over for a while before it ends."""

__all__ = ["Lasting"]

from collections.abc import Sequence

from vitrail.analytics.voice import Voice
from vitrail.domain.events import Event, Measure, Place
from vitrail.domain.time import Interval


class Lasting:
    """One kind of happening at one place: on, off, or about to be.

    ``hold_us``: how long the state must have held without a break of more than ``gap_us`` before it is told;
    ``clear_us``: how long it must not have held before it is over. What is told ends when the state last held.
    """

    def __init__(self, voice: Voice, kind: str, place: Place, hold_us: int, clear_us: int, gap_us: int = 0) -> None:
        self._voice = voice
        self._kind = kind
        self._place = place
        self._hold_us = hold_us
        self._clear_us = clear_us
        self._gap_us = gap_us
        self.reset()

    def reset(self) -> None:
        """What is open is dropped."""
        self._open: Event | None = None
        self._since_us: int | None = None
        self._held_us = 0
        self._measures: tuple[Measure, ...] = ()
        self._score = 0.0

    @property
    def on(self) -> bool:
        return self._open is not None

    def update(self, holds: bool, wall_us: int, score: float, measures: Sequence[Measure]) -> list[Event]:
        """``measures`` are those of this moment; the strongest moment's are told, by ``score``."""
        if holds:
            return self._go_on(wall_us, score, tuple(measures))
        if self._open is not None:
            return self.close() if wall_us - self._held_us > self._clear_us else []
        if wall_us - self._held_us > self._gap_us:
            self.reset()
        return []

    def _go_on(self, wall_us: int, score: float, measures: tuple[Measure, ...]) -> list[Event]:
        if self._since_us is None:
            self._since_us = wall_us
        self._held_us = wall_us
        if score >= self._score or not self._measures:
            self._score, self._measures = score, measures
        if self._open is not None or wall_us - self._since_us < self._hold_us:
            return []
        span = Interval(self._since_us, wall_us)
        self._open = self._voice.opened(self._kind, self._place, span, self._score, self._measures)
        return [self._open]

    def close(self) -> list[Event]:
        """What is open is over since it last held."""
        ended = []
        if self._open is not None:
            ended = [self._voice.closed(self._open, self._held_us, self._score, self._measures)]
        self.reset()
        return ended
