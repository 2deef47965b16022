"""Which speed a stream runs at now: quiet (the key frame of a group of pictures) or awake (every frame).

The loop around it, whole::

    for packet in source.packets():
        frames = carry_out(speeds.on_packet(packet))      # decode plan.decode in order, then drain if plan.drain
        for frame in speeds.see(frames, motion_gate):     # each frame once, in order
            ...                                           # detect, track
            speeds.on_tracks(somebody_is_followed, frame.wall_us)
    for plan in speeds.finish():
        ...                                               # the same

Quiet, a group is opened: its key frame is decoded and the decoder is drained. A second one would cost a third more and
show little that the key frame of the group before does not show better. When something moved, or packet sizes rise, the
stream wakes: everything since the last opening that saw nothing is replayed from memory, from a key packet on, a few
packets at a time. Frames already handed on are not handed on again; opening frames that woke the stream are held back
until the replay brings them in their turn.

Streams whose every packet is a key packet (MJPEG, all-intra) have no groups: quiet, one frame is decoded every
``look_s``. A stream whose groups last too long to wait for, or are too big to keep, stays awake.

A stream that the machine cannot keep up with (``late``) is strained: it runs like a quiet one whatever moves, what it
misses is counted, until it has caught up.
"""

__all__ = ["Plan", "Speed", "SpeedControl"]

from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from vitrail.domain.frames import Frame, Packet
from vitrail.domain.time import seconds
from vitrail.pipeline.gate import PacketGate
from vitrail.pipeline.motion import Motion, MotionGate

_BURST = 8
"""Replayed packets a call: bounds the pictures in memory, and catches up eight times faster than the camera sends."""
_MOST_PACKETS = 1500
_MOST_BYTES = 48_000_000
"""What is kept for a replay: two groups of 10 s at 16 Mb/s."""
_JUMP_US = seconds(60)
"""Media time that falls back further than any replay reaches is a camera that set its clock anew."""
_NEVER_US = -(1 << 62)


class Speed(StrEnum):
    QUIET = "quiet"
    AWAKE = "awake"


_STRAINED = "the machine does not keep up: one frame of each group"


@dataclass(frozen=True, slots=True)
class Plan:
    """Decode these packets in this order; then, if ``drain``, take what the decoder still holds."""

    decode: tuple[Packet, ...] = ()
    drain: bool = False


class SpeedControl:
    """One stream.

    ``hold_s``: awake this long after the last motion or live track. ``still_s``: after so long without any motion a
    live track alone keeps nobody awake (a sign taken for a person would for ever); openings go on following it.
    ``look_s``: groups are opened no more often than this while quiet. ``longest_s``: a group that lasts longer is not
    slept through. ``settle_s``: awake at least this long after the start. Streams start quiet: many that start at once
    would otherwise keep each other from ever catching up.
    """

    def __init__(
        self,
        hold_s: float = 5.0,
        still_s: float = 60.0,
        look_s: float = 0.5,
        longest_s: float = 5.5,
        settle_s: float = 0.0,
    ) -> None:
        self._hold_us = seconds(hold_s)
        self._still_us = seconds(still_s)
        self._look_us = seconds(look_s)
        self._longest_us = seconds(longest_s)
        self._settle_us = seconds(settle_s)
        self._gate = PacketGate()
        self._start(None)

    def _start(self, session: int | None) -> None:
        self._session = session
        self._speed = Speed.AWAKE if self._settle_us else Speed.QUIET
        self._why = "settling in" if self._settle_us else "nothing moves"
        self._by_packets = False
        self._strained = False
        self._missed = 0
        self._awake_until_us: int | None = None
        self._moved_us = 0
        self._memory = _Memory()
        self._backlog: deque[Packet] = deque()
        self._group_start_us: int | None = None
        self._group_packets = 0
        self._group_bytes = 0
        self._floor_us = self._handed_on_us = self._measured_us = _NEVER_US

    @property
    def awake(self) -> bool:
        return self._speed is Speed.AWAKE

    @property
    def reason(self) -> str:
        """Why the stream runs at this speed, in words for the health page."""
        return self._why

    @property
    def strained(self) -> bool:
        return self._strained

    def missed(self) -> int:
        """Packets that were not decoded although something moved, since this was last asked."""
        missed, self._missed = self._missed, 0
        return missed

    @property
    def mute(self) -> str:
        """Why packet sizes of this stream say nothing; empty while they speak."""
        return self._gate.mute

    def reset(self) -> None:
        """The stream was opened again."""
        self._gate.reset()
        self._start(None)

    def on_packet(self, packet: Packet, late: bool = False) -> Plan:
        """What to decode now. ``packet`` itself may come later, or never. ``late``: the loop is seconds behind."""
        if packet.session != self._session:
            self._gate.reset()
            self._start(packet.session)
        if self._awake_until_us is None:
            self._awake_until_us = packet.wall_us + self._settle_us
        wake = self._gate.update(packet)
        self._strain(late)
        plan = self._quiet(packet, wake.reason if wake else "") if not self.awake else self._awake(packet)
        self._count(packet)
        return plan

    def see(self, frames: Sequence[Frame], gate: MotionGate) -> list[Frame]:
        """Judge motion on what was decoded; the frames to hand on: each once, in order of time."""
        quiet = not self.awake
        for frame in frames:
            if _after(frame.media_us, self._measured_us):
                self._measured_us = frame.media_us
                self.on_motion(gate.update(frame.picture, frame.wall_us), frame.wall_us)
        if quiet and self.awake:
            start_us = self._backlog[0].media_us
            return self.fresh([frame for frame in frames if frame.media_us < start_us])
        return self.fresh([frame for frame in frames if _after(frame.media_us, self._floor_us - 1)])

    def fresh(self, frames: Sequence[Frame]) -> list[Frame]:
        """Those of ``frames`` that were not handed on before, now handed on."""
        new: list[Frame] = []
        for frame in frames:
            if _after(frame.media_us, self._handed_on_us):
                self._handed_on_us = frame.media_us
                new.append(frame)
        return new

    def on_motion(self, motion: Motion, wall_us: int) -> None:
        """``see`` calls this; only a loop that judges motion elsewhere needs to."""
        if not motion.moving:
            return
        self._moved_us = max(self._moved_us, wall_us)
        self._hold(wall_us)
        if self._by_packets or not self.awake:
            self._gate.judged(True)
            self._by_packets = False
        if not self.awake and not self._strained:
            self._wake_up(f"something moves in {motion.share:.1%} of the picture")

    def on_tracks(self, live: bool, wall_us: int) -> None:
        """Whether somebody is followed at ``wall_us``."""
        if live and self.awake and wall_us - self._moved_us <= self._still_us:
            self._hold(wall_us)

    def finish(self) -> Iterator[Plan]:
        """The stream ended: what is still to be decoded. ``see`` the frames of each plan before asking for the next."""
        if not self.awake and self._memory.due:
            yield self._look()
        while self._backlog:
            yield Plan(self._burst())
        yield Plan(drain=True)

    def _strain(self, late: bool) -> None:
        if late and not self._strained:
            self._strained, self._why = True, _STRAINED
            self._missed += len(self._backlog)
            self._backlog.clear()
        elif self._strained and not late:
            self._strained, self._why = False, "nothing moves"

    def _hold(self, wall_us: int) -> None:
        self._awake_until_us = max(self._awake_until_us or 0, wall_us + self._hold_us)

    def _count(self, packet: Packet) -> None:
        if packet.key:
            self._group_start_us, self._group_packets, self._group_bytes = packet.wall_us, 0, 0
        self._group_packets += 1
        self._group_bytes += packet.size_bytes

    def _awake(self, packet: Packet) -> Plan:
        if self._strained:
            return self._fall_asleep(packet) if packet.key else self._miss()
        self._backlog.append(packet)
        if len(self._backlog) > 1:
            return Plan(self._burst())
        if packet.key and self._may_sleep(packet):
            self._backlog.clear()
            return self._fall_asleep(packet)
        return Plan(self._burst())

    def _fall_asleep(self, key: Packet) -> Plan:
        if self._by_packets:
            self._gate.judged(False)
            self._by_packets = False
        self._speed = Speed.QUIET
        self._memory.open(key)
        return Plan(drain=True)

    def _miss(self) -> Plan:
        self._missed += 1
        return Plan()

    def _may_sleep(self, packet: Packet) -> bool:
        """At the key packet ``packet``, which ends a group."""
        if self._group_start_us is None or packet.wall_us < (self._awake_until_us or 0):
            return False
        if packet.wall_us - self._group_start_us > self._longest_us:
            self._why = "groups of pictures last too long to wait for"
            return False
        if 2 * self._group_packets > _MOST_PACKETS or 2 * self._group_bytes > _MOST_BYTES:
            self._why = "groups of pictures are too big to keep"
            return False
        self._why = "nothing moves"
        return True

    def _quiet(self, packet: Packet, alarm: str) -> Plan:
        memory = self._memory
        ripe = memory.due
        if packet.key and packet.wall_us - memory.opened_us >= self._look_us:
            plan = self._look() if ripe else Plan()
            memory.open(packet)
            return plan
        memory.add(packet)
        if self._strained:
            return self._strained_quiet(packet, ripe)
        if not memory.whole:
            return self._look() if ripe else Plan()
        if alarm:
            self._by_packets = True
            return self._woken(alarm, packet)
        if packet.wall_us - memory.opened_us > self._longest_us:
            return self._woken("groups of pictures last too long to wait for", packet)
        if memory.full:
            return self._woken("groups of pictures are too big to keep", packet)
        return self._look() if ripe else Plan()

    def _strained_quiet(self, packet: Packet, ripe: bool) -> Plan:
        """Nothing wakes it."""
        self._missed += packet.wall_us < (self._awake_until_us or 0)
        if self._memory.full:
            self._memory.forget()
        return self._look() if ripe else Plan()

    def _look(self) -> Plan:
        return Plan(self._memory.opening(), drain=True)

    def _woken(self, why: str, packet: Packet) -> Plan:
        self._wake_up(why)
        self._hold(packet.wall_us)
        return Plan(self._burst())

    def _wake_up(self, why: str) -> None:
        self._speed = Speed.AWAKE
        self._why = why
        self._backlog.extend(self._memory.take())
        self._floor_us = self._backlog[0].media_us

    def _burst(self) -> tuple[Packet, ...]:
        return tuple(self._backlog.popleft() for _ in range(min(_BURST, len(self._backlog))))


class _Memory:
    """Packets since the last opening that saw nothing: what a replay needs."""

    def __init__(self) -> None:
        self.before: list[Packet] = []
        self.now: list[Packet] = []
        self.opened_us = 0
        self.due = False
        """The opening of ``now`` was not looked at yet."""
        self.whole = True
        """Whether all since the opening is here."""
        self._bytes = 0

    def open(self, key: Packet) -> None:
        """A new opening. What came before is kept until this one has been looked at, and no longer."""
        self.before = self.now
        self.now = []
        self.opened_us = key.wall_us
        self.due = self.whole = True
        self._bytes = sum(packet.size_bytes for packet in self.before)
        self.add(key)

    def add(self, packet: Packet) -> None:
        if self.before and not self.due:
            self._bytes -= sum(kept.size_bytes for kept in self.before)
            self.before = []
        self.now.append(packet)
        self._bytes += packet.size_bytes

    def forget(self) -> None:
        """All but the opening: no replay before the next one."""
        self.before, self.now, self.whole = [], self.now[:2], False
        self._bytes = sum(packet.size_bytes for packet in self.now)

    @property
    def full(self) -> bool:
        return len(self.before) + len(self.now) > _MOST_PACKETS or self._bytes > _MOST_BYTES

    def opening(self) -> tuple[Packet, ...]:
        """The key packet."""
        self.due = False
        return (self.now[0],)

    def take(self) -> list[Packet]:
        packets = self.before + self.now
        self.before, self.now, self._bytes, self.due = [], [], 0, False
        return packets


def _after(media_us: int, last_us: int) -> bool:
    return media_us > last_us or media_us < last_us - _JUMP_US
