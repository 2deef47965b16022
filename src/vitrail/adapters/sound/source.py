"""A microphone or sound file as windows of a tenth of a second, mono, 44.1 kHz, with honest times."""

__all__ = ["AvEars", "AvSoundSource"]

from collections.abc import Iterator
from typing import Any

import av
import numpy as np
import numpy.typing as npt

from vitrail.adapters.sound.opening import is_live, open_sound, problem
from vitrail.adapters.sound.times import SampleClock
from vitrail.domain.errors import Invalid, Refused
from vitrail.domain.mandates import Permit
from vitrail.domain.sound import SoundWindow
from vitrail.domain.streams import SoundStream
from vitrail.ports.clock import Clock

RATE_HZ = 44_100
_WINDOW = RATE_HZ // 10
_BAD_READS = 10

Samples = npt.NDArray[np.float32]


class AvEars:
    """A ``SoundOpener``."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def open(self, stream: SoundStream, permit: Permit, start_us: int | None = None) -> "AvSoundSource":
        if permit.stream_id != stream.id or permit.microphone_id != stream.microphone_id:
            raise Refused(f"the permit is for stream {permit.stream_id}", where=stream.id, rule="L01")
        return AvSoundSource(stream, self._clock, start_us)


class AvSoundSource:
    """Not thread-safe: it belongs to its loop. No more than the window that is being filled is held here."""

    def __init__(self, stream: SoundStream, clock: Clock, start_us: int | None) -> None:
        self._stream = stream
        self._live = is_live(stream.address)
        self._container = open_sound(stream)
        self._times = SampleClock(clock, RATE_HZ, self._live, start_us)
        self._session = 0
        try:
            self._audio = self._sound_of()
        except BaseException:
            self._container.close()
            raise

    def windows(self) -> Iterator[SoundWindow]:
        while True:
            yield from self._play()
            if not self._stream.loop:
                return
            self._container.close()
            self._container = open_sound(self._stream)
            self._audio = self._sound_of()
            self._session += 1

    def close(self) -> None:
        self._container.close()

    def __enter__(self) -> "AvSoundSource":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _sound_of(self) -> Any:
        """The sound stream; everything else is thrown away before it is parsed. Raises ``Invalid``."""
        label = self._stream.label
        if not self._container.streams.audio:
            raise Invalid(f"{label} holds no sound", where=label, remedy="name a stream or file with sound")
        found = self._container.streams.audio[0]
        channels, wanted = found.codec_context.channels if found.codec_context else 0, self._stream.channel
        if not channels or (wanted is not None and wanted >= channels):
            what = (
                f"{label} has {channels} channel(s), channel {wanted} was asked for"
                if channels
                else f"{label} is damaged"
            )
            raise Invalid(what, where=label, remedy="channels count from 0; leave `channel` out to hear them together")
        for other in self._container.streams:
            if other.index != found.index:
                other.discard = av.stream.Discard.all
        return found

    def _play(self) -> Iterator[SoundWindow]:
        held = np.zeros(0, np.float32)
        trouble = ""
        for samples, said in self._samples():
            held, trouble = np.concatenate([held, samples]), said or trouble
            while len(held) >= _WINDOW:
                window, held = held[:_WINDOW], held[_WINDOW:]
                wall_us = self._times.take(_WINDOW)
                error_us = self._times.error_us
                yield SoundWindow(self._stream.id, wall_us, self._session, window, trouble, error_us)
                trouble = ""

    def _samples(self) -> Iterator[tuple[Samples, str]]:
        """Mono pieces; a hole in the stream's own time is filled with silence, a jump is told."""
        resampler = self._resampler()
        for frame in self._frames():
            sent_us = self._container.start_time_realtime if self._live else None
            hole, said = self._times.arrived(frame.pts, frame.time_base, frame.samples, frame.sample_rate, sent_us)
            if hole:
                yield np.zeros(hole, np.float32), said
            for out in resampler.resample(frame):
                yield self._mono(out.to_ndarray()), said
                said = ""
        for out in resampler.resample(None):
            yield self._mono(out.to_ndarray()), ""

    def _resampler(self) -> av.AudioResampler:
        return av.AudioResampler("fltp", self._audio.codec_context.layout, RATE_HZ)

    def _mono(self, planes: npt.NDArray[Any]) -> Samples:
        channel = self._stream.channel
        mono = planes.mean(axis=0) if channel is None else planes[min(channel, len(planes) - 1)]
        return np.nan_to_num(np.asarray(mono, np.float32), posinf=1.0, neginf=-1.0)

    def _frames(self) -> Iterator[Any]:
        """Decoded pieces; damaged places of a file are stepped over."""
        bad, heard = 0, False
        while bad <= _BAD_READS:
            try:
                for packet in self._container.demux(self._audio):
                    for frame in self._decoded(packet):
                        heard = True
                        yield frame
                if self._live:
                    raise av.error.EOFError(0, "")
                if not heard:
                    raise av.error.InvalidDataError(0, "")
                return
            except (av.FFmpegError, OSError) as error:
                if self._live or not heard or not isinstance(error, av.error.InvalidDataError):
                    raise problem(error, self._stream.label, live=self._live) from None
                bad += 1

    def _decoded(self, packet: Any) -> list[Any]:
        try:
            return list(packet.decode())
        except av.error.InvalidDataError:
            return []
