"""Opens files and cameras, video only, and says in plain words why it cannot."""

__all__ = ["is_live", "open_camera", "open_file", "problem", "video_of"]

from pathlib import Path

import av
from av.container import InputContainer

from vitrail.adapters.av.track import AvStream
from vitrail.domain.errors import Invalid, NotFound, Unavailable, VitrailError

OPEN_S = 5.0
"""Twice at most: once for the answer, once to learn what the stream is."""
SILENCE_S = 10.0

_LIVE = ("rtsp://", "rtsps://")
_FILES = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,asf,flv,ogg,mxf,ivf,dhav,h264,hevc,mjpeg,m4v,mpegvideo,obu"
)
"""Containers that cameras and recorders write. FFmpeg would also read text files as pictures, and follow playlists to
other files and hosts."""
_MP4, _MP4_REMEDY = "mov,mp4", "the recording was probably cut short: repair it with the recorder's own tool"


def is_live(address: str) -> bool:
    return address.lower().startswith(_LIVE)


def open_file(path: Path, label: str) -> InputContainer:
    """Raises ``NotFound``, ``Invalid`` or ``Unavailable``."""
    if not path.exists():
        raise NotFound(f"there is no file {label}", where=label, remedy="check the path in the site folder")
    if not path.is_file():
        raise Invalid(f"{label} is no file", where=label, remedy="name a video file or an rtsp:// address")
    if path.stat().st_size == 0:
        raise Invalid(f"{label} is empty (0 bytes)", where=label, remedy="copy the recording again")
    try:
        return av.open(
            f"file:{path}",
            mode="r",
            container_options={"protocol_whitelist": "file", "format_whitelist": _FILES},
        )
    except (av.FFmpegError, OSError) as error:
        raise problem(error, label, live=False) from None


def open_camera(address: str, label: str) -> InputContainer:
    """Over TCP, sound not even asked for. Raises ``Unavailable`` or ``Invalid``; never quotes the address, which may
    hold a password."""
    options = {
        "rtsp_transport": "tcp",
        "allowed_media_types": "video",
        "timeout": str(round(OPEN_S * 1_000_000)),
        "protocol_whitelist": "rtsp,rtsps,tcp,tls,rtp",
        "format_whitelist": "rtsp",
    }
    try:
        return av.open(address, mode="r", container_options=options, timeout=(OPEN_S, SILENCE_S))
    except (av.FFmpegError, OSError) as error:
        raise problem(error, label, live=True) from None


def video_of(container: InputContainer, label: str) -> AvStream:
    """The video stream; everything else is thrown away before it is parsed. Raises ``Invalid``."""
    videos = [s for s in container.streams.video if not s.disposition & av.stream.Disposition.attached_pic]
    if not videos:
        raise Invalid(f"{label} holds no video", where=label, remedy="name a stream or file with pictures")
    video = videos[0]
    if video.codec_context is None:
        raise Invalid(f"{label} is in a codec that is not known here", where=label, remedy="use H.264 or H.265")
    for other in container.streams:
        if other.index != video.index:
            other.discard = av.stream.Discard.all
    if not (video.codec_context.width and video.codec_context.height):
        raise Invalid(
            f"{label} is too damaged to tell the size of its pictures", where=label, remedy="copy the recording again"
        )
    return video


def problem(error: Exception, label: str, *, live: bool) -> VitrailError:
    """Ours for theirs. Only the label and FFmpeg's own fixed words go into it."""
    if live:
        return _lost(error, label)
    if isinstance(error, PermissionError):
        return Unavailable(f"{label} may not be read", where=label, remedy="give this account leave to read it")
    if isinstance(error, av.error.InvalidDataError | av.error.EOFError | ValueError):
        return Invalid(
            f"{label} is no video, or too damaged to open",
            where=label,
            remedy="play it in a video player to see; a recording that was cut short needs its recorder's repair tool",
        )
    return Unavailable(f"{label} cannot be read ({_words(error)})", where=label, remedy="check the disk")


def _lost(error: Exception, label: str) -> VitrailError:
    if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
        return Unavailable(
            f"{label} refuses the user or password",
            where=label,
            remedy="check them; site.yaml takes them from the environment",
        )
    if isinstance(error, av.error.HTTPNotFoundError):
        return Unavailable(
            f"{label} has no such stream", where=label, remedy="check the path of its address, or wait for the camera"
        )
    if isinstance(error, av.error.ExitError | TimeoutError):
        return Unavailable(f"{label} is silent", where=label, rule=f"{SILENCE_S:.0f} s", remedy="check the camera")
    if isinstance(error, ConnectionRefusedError):
        return Unavailable(f"{label} refuses the connection", where=label, remedy="check host and port, or wait for it")
    if isinstance(error, av.error.EOFError):
        return Unavailable(f"{label} ended the stream", where=label, remedy="wait for the camera to come back")
    return Unavailable(f"{label} cannot be reached ({_words(error)})", where=label, remedy="check camera and network")


def _words(error: Exception) -> str:
    return getattr(error, "strerror", None) or type(error).__name__
