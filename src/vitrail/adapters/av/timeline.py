"""From a stream's own timestamps to media time, and from there to the wall time it stands for."""

__all__ = ["FileWall", "LiveWall", "MediaTime", "Stamp", "Wall"]

from dataclasses import dataclass
from typing import Protocol

from vitrail.domain.time import HOUR_US, MINUTE_US, SECOND_US
from vitrail.ports.clock import Clock

_BACK_US = SECOND_US
"""Decoding times that step back by more than this have jumped; by less, they are mended."""
_LIVE_AHEAD_US = MINUTE_US
_FILE_AHEAD_US = HOUR_US
"""Longer silences are jumps as well. Files made by motion-triggered cameras have honest gaps of many minutes."""
_LEAP_US = SECOND_US // 4
"""A clock that is set by less than this is followed as if it drifted."""
_DRIFT = 200e-6
"""How fast wall time may follow a camera whose clock is slow: crystals are within 100 parts per million."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """Media times of one packet: when to show it, when to decode it, how long it lasts."""

    media_us: int
    decode_us: int
    duration_us: int


class MediaTime:
    """Media time of one source. It goes on over restarts and jumps, so that it never steps back."""

    def __init__(self, nominal_us: int, live: bool) -> None:
        self._nominal_us = nominal_us
        self._ahead_us = _LIVE_AHEAD_US if live else _FILE_AHEAD_US
        self._offset_us: int | None = None
        self._last_decode_us: int | None = None
        self._end_us = 0

    def restart(self) -> None:
        """The next packet follows the last one, whatever its timestamps say."""
        self._offset_us = self._last_decode_us = None

    def jumps(self, pts_us: int | None, dts_us: int | None) -> bool:
        """Whether the stream's own times are no continuation of the last packet's."""
        decode_us = dts_us if dts_us is not None else pts_us
        if self._offset_us is None or self._last_decode_us is None or decode_us is None:
            return False
        step_us = decode_us + self._offset_us - self._last_decode_us
        return step_us < -_BACK_US or step_us > self._ahead_us

    def stamp(self, pts_us: int | None, dts_us: int | None, duration_us: int) -> Stamp:
        """Missing times are filled in: AVI has no presentation times, some cameras no decoding times."""
        duration_us = duration_us if duration_us > 0 else self._nominal_us
        last_us = self._last_decode_us
        shown_us = pts_us if pts_us is not None else dts_us
        if self._offset_us is None:
            self._offset_us = self._end_us - shown_us if shown_us is not None else None
        offset_us = self._offset_us or 0
        after_us = last_us + duration_us if last_us is not None else self._end_us
        media_us = shown_us + offset_us if shown_us is not None else after_us
        decode_us = dts_us + offset_us if dts_us is not None else min(media_us, after_us)
        if last_us is not None:
            decode_us = max(decode_us, last_us + 1)
        media_us = max(media_us, decode_us)
        self._last_decode_us = decode_us
        self._end_us = max(self._end_us, media_us + duration_us)
        return Stamp(media_us, decode_us, duration_us)


class Wall(Protocol):
    def wall_us(self, media_us: int) -> int:
        """The wall time that a packet of ``media_us``, which came just now, stands for."""
        ...

    def wait(self, stamp: Stamp) -> None:
        """Until the packet is due."""
        ...


class FileWall:
    """The first frame stands for ``start_us``. With ``paced`` the file plays in real time."""

    def __init__(self, clock: Clock, start_us: int | None) -> None:
        self._clock = clock
        self._paced = start_us is None
        self._start_us = clock.now_us() if start_us is None else start_us
        self._began_us = clock.monotonic_us()

    def wall_us(self, media_us: int) -> int:
        return self._start_us + media_us

    def wait(self, stamp: Stamp) -> None:
        if not self._paced:
            return
        early_us = stamp.decode_us - (self._clock.monotonic_us() - self._began_us)
        if early_us > 0:
            self._clock.sleep(early_us / SECOND_US)


class LiveWall:
    """Media time laid onto the clock. Packets can only come late, so the earliest ones tell the offset; a camera whose
    clock is slow is followed at ``_DRIFT``. When this machine's own clock is set, back or forth, the offset leaps with
    it: steady time tells that from a camera that was late."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._offset_us: int | None = None
        self._now_us = 0
        self._steady_us = 0

    def wall_us(self, media_us: int) -> int:
        now_us, steady_us = self._clock.now_us(), self._clock.monotonic_us()
        leap_us = (now_us - self._now_us) - (steady_us - self._steady_us)
        if self._offset_us is not None and abs(leap_us) > _LEAP_US:
            self._offset_us += leap_us
        self._steady_us = steady_us
        lag_us = now_us - media_us
        if self._offset_us is None or lag_us < self._offset_us:
            self._offset_us = lag_us
        else:
            followed_us = max(0, round((now_us - self._now_us) * _DRIFT))
            self._offset_us += min(lag_us - self._offset_us, followed_us)
        self._now_us = now_us
        return media_us + self._offset_us

    def wait(self, stamp: Stamp) -> None:
        """Cameras keep their own time."""
