"""The packet gate: sizes of encoded packets may wake a stream, never put it to sleep.

A packet that describes change is larger than its neighbours. That is a weak witness: on variable bit rate it tells
movement from stillness with an AUC of about 0.8, on constant bit rate hardly better than chance. So the gate only ever
says "look", and says openly when packets of a stream say nothing. It is told what came of each look: where rain or a
dark sensor's noise makes packets grow and nothing moves, it asks for more before it speaks again.
"""

__all__ = ["PacketGate", "Wake"]

import math
from dataclasses import dataclass

from vitrail.domain.frames import Packet

_LEARN = 30
"""Packets of one kind before their rhythm is believed: a second of video, at least."""
_UP = 0.005
_DOWN = 0.05
"""The level follows smaller packets ten times faster than larger ones, so that it rests on the still scene."""
_SPREAD = 0.02
_TAME_BITS = 1.0
"""One packet moves the level by no more than a doubling of size would."""
_LEAST_SPREAD_BITS = 0.06
"""Below 4 % mean deviation, differences are the encoder's rounding."""
_CONSTANT_BITS = 0.03
"""Sizes that stay within 2 % are padded: they follow the bit rate, not the scene."""
_SLACK = 2.0
_ALARM = 8.0
"""Deviations above the level, less the slack, summed over packets (Page's CUSUM, Biometrika 1954). One packet five
times larger than a quiet stream's does it, or several that are a little larger."""
_DOUBT, _TRUST = 1.5, 0.8
"""By how much more is asked for after a look that saw nothing move, and by how much less after one that did, or after
movement that packets kept silent about."""
_MOST_DOUBT = 12.0
"""So many times the first alarm, and packets are not listened to any more: key frames tell what moves all the same."""
_CAP = 6.0
_ALL_KEY = 12


@dataclass(frozen=True, slots=True)
class Wake:
    """``excess``: how far above the stream's own rhythm, in mean deviations, summed over the last packets."""

    excess: float
    reason: str


class PacketGate:
    """One stream. Call with every packet, awake or not: the rhythm is learnt all the time."""

    def __init__(self) -> None:
        self._rhythms = {True: _Rhythm("key"), False: _Rhythm("delta")}
        self._keys_in_a_row = 0
        self._doubt = 1.0

    def judged(self, moved: bool) -> None:
        """What the pictures showed: after a wake, whether anything moved; without one, that something did."""
        self._doubt = min(_MOST_DOUBT, max(1.0, self._doubt * (_TRUST if moved else _DOUBT)))

    def update(self, packet: Packet) -> Wake | None:
        self._keys_in_a_row = self._keys_in_a_row + 1 if packet.key else 0
        wake = self._rhythms[packet.key].update(packet.size_bytes, _ALARM * self._doubt)
        return None if self.mute else wake

    @property
    def mute(self) -> str:
        """Why the packets of this stream say nothing; empty while they speak."""
        if self._keys_in_a_row >= _ALL_KEY:
            return "every packet is a key packet: sizes tell detail, not change"
        delta = self._rhythms[False]
        if delta.count < _LEARN:
            return "the stream's rhythm is not learnt yet"
        if delta.spread < _CONSTANT_BITS:
            return "packet sizes hardly vary: they follow the bit rate, not the scene"
        if self._doubt >= _MOST_DOUBT:
            return "packets grow again and again and nothing moves"
        return ""

    def reset(self) -> None:
        """The stream was opened again: another encoder may speak."""
        self.__init__()  # type: ignore[misc]


class _Rhythm:
    """Level and spread of one kind of packet, in bits of log2 size."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.count = 0
        self.level = 0.0
        self.spread = 0.5
        self._sum = 0.0

    def update(self, size_bytes: int, alarm: float) -> Wake | None:
        size = math.log2(max(1, size_bytes))
        if self.count == 0:
            self.level = size
        away = size - self.level
        deviation = away / max(self.spread, _LEAST_SPREAD_BITS)
        self._learn(away)
        if self.count <= _LEARN:
            return None
        self._sum = max(0.0, self._sum + min(deviation, _CAP + _SLACK) - _SLACK)
        if self._sum < alarm:
            return None
        excess, self._sum = self._sum, 0.0
        return Wake(excess, f"{self._name} packets are {2**away:.1f} times their usual size")

    def _learn(self, away: float) -> None:
        self.count += 1
        early = max(0.0, 1.0 - self.count / _LEARN)
        rate = max(_UP if away > 0 else _DOWN, 0.3 * early)
        tame = max(-_TAME_BITS, min(_TAME_BITS, away))
        self.level += rate * tame
        limit = 3.0 * max(self.spread, _LEAST_SPREAD_BITS)
        self.spread += max(_SPREAD, 0.2 * early) * (min(abs(away), limit) - self.spread)
