"""Recordings as a camera would have sent them.

A surveillance camera sends H.264 or H.265 with a key frame every few seconds. Old recordings come in codecs that MP4
cannot carry, or with half a minute between key frames; packets of such a file can neither be recorded by copying nor
watched by key frames. ``as_camera`` makes a copy of these once: H.264, same size, same frame times, a key frame every
two seconds, no frames out of order. Files that a camera could have sent are used as they are.
"""

__all__ = ["KEY_INTERVAL_S", "as_camera"]

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from vitrail.domain.errors import Unavailable

CAMERA_CODECS = frozenset({"h264", "hevc", "av1"})
KEY_INTERVAL_S = 2
LONGEST_KEY_INTERVAL_S = 10
_PROBE_S = 60
_SAMPLE_BYTES = 1_048_576
_CRF = "18"  # x264's own guide: visually lossless or nearly so


def as_camera(path: Path, cache: Path, progress: Callable[[float], None]) -> Path:
    """``path`` itself, or its prepared copy below ``cache``, made when it is not there yet.

    ``progress`` gets shares 0..1. What cannot be read as video is returned as it is: whoever opens it says why.
    Raises ``Unavailable`` when the copy cannot be written.
    """
    try:
        if _could_be_camera(path):
            return path
    except (OSError, av.FFmpegError, IndexError):
        return path
    kept = cache / f"{path.stem}-{_fingerprint(path)}.mp4"
    if kept.is_file():
        return kept
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with _fresh(kept) as partial:
            _prepare(path, partial, progress)
    except (OSError, av.FFmpegError) as error:
        why = getattr(error, "strerror", None) or error
        raise Unavailable(f"{path.name} could not be prepared: {why}", remedy=f"make room in {cache}") from error
    return kept


@contextmanager
def _fresh(kept: Path) -> Iterator[Path]:
    """A name to write to; ``kept`` appears whole or not at all."""
    partial = kept.with_suffix(f".{os.getpid()}.part")
    try:
        yield partial
        partial.replace(kept)
    finally:
        partial.unlink(missing_ok=True)


def _could_be_camera(path: Path) -> bool:
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        if stream.codec_context.name not in CAMERA_CODECS:
            return False
        last_key: float | None = None
        now = 0.0
        for packet in container.demux(stream):
            if packet.pts is None:
                continue
            now = float(packet.pts * packet.time_base)
            if packet.is_keyframe:
                last_key = now
            if last_key is not None and now - last_key > LONGEST_KEY_INTERVAL_S:
                return False
            if now > _PROBE_S:
                break
        return True


def _prepare(path: Path, into: Path, progress: Callable[[float], None]) -> None:
    with av.open(str(path)) as source, av.open(str(into), "w", format="mp4") as target:
        given = source.streams.video[0]
        given.thread_type = "AUTO"
        made = _encoder(target, given)
        length = float(source.duration or 0) / av.time_base
        last_pts, next_key_s = None, 0.0
        for frame in _frames(source, given):
            if frame.pts is None or frame.time is None or (last_pts is not None and frame.pts <= last_pts):
                continue
            last_pts = frame.pts
            key = frame.time >= next_key_s
            if key:
                next_key_s = frame.time + KEY_INTERVAL_S
            target.mux(made.encode(_dressed(frame, made, key)))
            progress(min(1.0, frame.time / length) if length > 0 else 0.0)
        target.mux(made.encode(None))
    progress(1.0)


def _frames(source: InputContainer, given: VideoStream) -> Iterator[VideoFrame]:
    """What can be decoded; damaged packets give nothing."""
    for packet in source.demux(given):
        try:
            yield from packet.decode()
        except av.InvalidDataError:
            continue


def _encoder(target: OutputContainer, given: VideoStream) -> VideoStream:
    rate = given.average_rate or Fraction(25)
    made = target.add_stream("libx264", rate=rate)
    made.width, made.height = given.width // 2 * 2, given.height // 2 * 2
    made.pix_fmt = "yuv420p"
    made.time_base = made.codec_context.time_base = given.time_base or 1 / rate
    made.codec_context.gop_size = max(1, round(rate * KEY_INTERVAL_S))
    made.options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "crf": _CRF,
        "forced-idr": "1",
        "x264-params": "scenecut=0:bframes=0",
    }
    return made


def _dressed(frame: VideoFrame, made: VideoStream, key: bool) -> VideoFrame:
    """``frame`` in the encoder's size and format, with its own time."""
    dressed = frame.reformat(width=made.width, height=made.height, format="yuv420p")
    dressed.pts, dressed.time_base = frame.pts, frame.time_base
    dressed.pict_type = PictureType.I if key else PictureType.NONE
    return dressed


def _fingerprint(path: Path) -> str:
    """Of the file's size and both its ends: enough to tell recordings apart without reading hours of them."""
    size = path.stat().st_size
    digest = hashlib.sha256(str(size).encode())
    with path.open("rb") as opened:
        digest.update(opened.read(_SAMPLE_BYTES))
        opened.seek(max(0, size - _SAMPLE_BYTES))
        digest.update(opened.read(_SAMPLE_BYTES))
    return digest.hexdigest()[:16]
