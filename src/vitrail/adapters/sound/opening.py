"""Opens microphones and sound files, sound only, and says in plain words why it cannot."""

__all__ = ["CARD", "is_live", "open_sound", "problem"]

from pathlib import Path

import av
from av.container import InputContainer

from vitrail.domain.errors import Invalid, NotFound, Unavailable, VitrailError
from vitrail.domain.streams import SoundStream

CARD = "card:"
SILENCE_S = 10.0
_OPEN_S = 5.0
_LIVE = ("rtsp://", "rtsps://")
_FILES = "wav,w64,flac,ogg,mp3,aac,aiff,au,caf,mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,mpegts,amr,asf,g722,avi"


def is_live(address: str) -> bool:
    return address.lower().startswith((*_LIVE, CARD))


def open_sound(stream: SoundStream) -> InputContainer:
    """Raises ``NotFound``, ``Invalid`` or ``Unavailable``; never quotes an address, which may hold a password."""
    if stream.address.startswith(CARD):
        return _open(stream.address.removeprefix(CARD), stream.label, "alsa", {})
    if is_live(stream.address):
        return _open(stream.address, stream.label, None, _rtsp())
    path = Path(stream.address)
    if not path.exists():
        raise NotFound(
            f"there is no file {stream.label}", where=stream.label, remedy="check the path in the site folder"
        )
    if not path.is_file() or path.stat().st_size == 0:
        what = "is empty (0 bytes)" if path.is_file() else "is no file"
        raise Invalid(f"{stream.label} {what}", where=stream.label, remedy="name a sound file or an rtsp:// address")
    only = {"protocol_whitelist": "file", "format_whitelist": _FILES}
    return _open(f"file:{path}", stream.label, None, only)


def _rtsp() -> dict[str, str]:
    """Over TCP; pictures are not even asked for."""
    return {
        "rtsp_transport": "tcp",
        "allowed_media_types": "audio",
        "timeout": str(round(_OPEN_S * 1_000_000)),
        "protocol_whitelist": "rtsp,rtsps,tcp,tls,rtp",
        "format_whitelist": "rtsp",
    }


def _open(address: str, label: str, form: str | None, options: dict[str, str]) -> InputContainer:
    live = form is not None or "timeout" in options
    try:
        limits = (_OPEN_S, SILENCE_S) if live else None
        return av.open(address, mode="r", format=form, container_options=options, timeout=limits)
    except (av.FFmpegError, OSError, ValueError) as error:
        raise problem(error, label, live=live) from None


def problem(error: Exception, label: str, *, live: bool) -> VitrailError:
    """Ours for theirs. Only the label and FFmpeg's own fixed words go into it."""
    words = getattr(error, "strerror", None) or type(error).__name__
    if live:
        if isinstance(error, av.error.HTTPUnauthorizedError | av.error.HTTPForbiddenError):
            remedy = "check the environment variables of its address"
            return Unavailable(f"{label} refuses the user or password", where=label, remedy=remedy)
        if isinstance(error, av.error.ExitError | TimeoutError):
            return Unavailable(
                f"{label} is silent", where=label, rule=f"{SILENCE_S:.0f} s", remedy="check the microphone"
            )
        return Unavailable(f"{label} cannot be reached ({words})", where=label, remedy="check microphone and network")
    if isinstance(error, PermissionError):
        return Unavailable(f"{label} may not be read", where=label, remedy="give this account leave to read it")
    if isinstance(error, av.error.InvalidDataError | av.error.EOFError | ValueError):
        return Invalid(f"{label} is no sound, or too damaged to open", where=label, remedy="play it to see")
    return Unavailable(f"{label} cannot be read ({words})", where=label, remedy="check the disk")
