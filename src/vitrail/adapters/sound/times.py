"""When a sample was heard: the stream's own clock, disciplined by ours.

A sound card counts samples by its own crystal, which may be wrong by 100 parts in a million: eight seconds a day.
Arrival can only be late, so the earliest arrivals tell the offset, and it is followed slowly. The microphones of one
machine share this machine's clock; how well theirs agree beyond that is what ``docs/sound.md`` says.
"""

__all__ = ["PACED_ERROR_US", "READ_ERROR_US", "SENT_ERROR_US", "SampleClock"]

from fractions import Fraction

from vitrail.domain.time import SECOND_US
from vitrail.ports.clock import Clock

_HOLE_US = 60_000
"""A smaller step of timestamps is rounding."""
_LONGEST_HOLE_US = SECOND_US
"""A longer one is a jump of the clock, or another stream: time starts anew."""
_FOLLOW = 200e-6
SENT_ERROR_US = 3_000
"""Devices that set their clocks by NTP in one house agree so well."""
PACED_ERROR_US = 1_000_000
"""A file that plays as if it were live stands for now, wherever it begins: files do not begin together."""
READ_ERROR_US = 1_000
_EARLY_US, _LATE_US = 100_000, 500_000
"""A sound arrives after it was made, but for what our own clock is off; half a second on the way is a lot."""


class SampleClock:
    """``arrived`` for each piece that comes in, ``take`` for each window that goes out."""

    def __init__(self, clock: Clock, rate_hz: int, live: bool, start_us: int | None) -> None:
        self._clock = clock
        self._rate_hz = rate_hz
        self._live = live
        self._paced = not live and start_us is None
        self._start_us = clock.now_us() if start_us is None else start_us
        self._began_us = clock.monotonic_us()
        self._expected_us: int | None = None
        self._received_us = 0.0
        self._given = 0
        self._offset_us: float | None = None
        self._seen_us = 0
        self._sent_us: float | None = None

    @property
    def error_us(self) -> int | None:
        """How well the times that are given are known; None where arrival alone tells them."""
        if self._live:
            return None if self._sent_us is None else SENT_ERROR_US
        return PACED_ERROR_US if self._paced else READ_ERROR_US

    def arrived(
        self, pts: int | None, base: Fraction | None, samples: int, rate_hz: int, sent_from_us: int | None = None
    ) -> tuple[int, str]:
        """Samples of silence to put before this piece, and what was wrong. ``sent_from_us``: the sender's own wall time
        at which its time stamps begin, where it tells that (RTCP sender reports)."""
        at_us = None if pts is None or base is None else int(pts * base * SECOND_US)
        length_us = samples * SECOND_US // max(1, rate_hz)
        hole_us, said = 0, ""
        if at_us is not None and self._expected_us is not None:
            step_us = at_us - self._expected_us
            if _HOLE_US < step_us <= _LONGEST_HOLE_US:
                hole_us, said = step_us, f"{step_us / 1000:.0f} ms were missing"
            elif step_us > _LONGEST_HOLE_US or step_us < -_HOLE_US:
                said = f"its clock jumped by {step_us / SECOND_US:+.1f} s"
                self._offset_us = None
        self._expected_us = None if at_us is None else at_us + length_us
        self._received_us += length_us + hole_us
        if self._live:
            self._discipline()
            self._believe(at_us, length_us, sent_from_us)
        return hole_us * self._rate_hz // SECOND_US, said

    def take(self, samples: int) -> int:
        """Wall time of the first of the next ``samples`` that are given away."""
        at_us = self._given * SECOND_US // self._rate_hz
        self._given += samples
        if self._live:
            return round(at_us + (self._offset_us or 0.0 if self._sent_us is None else self._sent_us))
        if self._paced:
            early_us = self._given * SECOND_US // self._rate_hz - (self._clock.monotonic_us() - self._began_us)
            if early_us > 0:
                self._clock.sleep(early_us / SECOND_US)
        return self._start_us + at_us

    def _believe(self, at_us: int | None, length_us: int, sent_from_us: int | None) -> None:
        """The sender's time stands where arrival bears it out: a device whose clock nobody set is not believed."""
        if at_us is None or sent_from_us is None or self._offset_us is None:
            self._sent_us = None
            return
        sent_us = sent_from_us + at_us + length_us - self._received_us
        late_us = self._offset_us - sent_us
        self._sent_us = sent_us if -_EARLY_US <= late_us <= _LATE_US else None

    def _discipline(self) -> None:
        now_us = self._clock.now_us()
        lag_us = now_us - self._received_us
        if self._offset_us is None or lag_us < self._offset_us:
            self._offset_us = lag_us
        else:
            followed_us = max(0.0, (now_us - self._seen_us) * _FOLLOW)
            self._offset_us += min(lag_us - self._offset_us, followed_us)
        self._seen_us = now_us
