"""Packets and pictures on their way through the pipeline; nothing here is ever stored as it is."""

__all__ = ["Frame", "Packet", "Picture", "Region"]

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Plane = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Packet:
    """One encoded packet. ``payload`` belongs to the source's adapter and is opaque to everybody else.

    ``media_us`` is presentation time from the start of the stream; ``wall_us`` the wall time it stands for.
    ``session`` counts re-openings: it changes when the camera came back or changed codec. ``sent_us``: the camera's own
    time of it, where it says one.
    """

    stream_id: str
    media_us: int
    wall_us: int
    duration_us: int
    size_bytes: int
    key: bool
    session: int
    payload: object
    sent_us: int | None = None


@dataclass(frozen=True, slots=True)
class Region:
    """A part of a picture, 0..1."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        return (self.right - self.left) * (self.bottom - self.top)


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """YUV 4:2:0 planes (``y`` (h, w), ``u`` and ``v`` (ceil(h/2), ceil(w/2))), uint8.

    Planes are read-only views of the decoder's own memory wherever possible: copy before drawing on them.
    ``full_range`` tells JPEG range (0..255) from video range (16..235).
    """

    y: Plane
    u: Plane
    v: Plane
    full_range: bool = False

    def __post_init__(self) -> None:
        h, w = self.y.shape
        half = ((h + 1) // 2, (w + 1) // 2)
        if self.u.shape != half or self.v.shape != half:
            raise ValueError(f"planes do not fit 4:2:0: {self.y.shape} {self.u.shape} {self.v.shape}")

    @property
    def width(self) -> int:
        return int(self.y.shape[1])

    @property
    def height(self) -> int:
        return int(self.y.shape[0])

    def part(self, region: Region) -> "Picture":
        """A view of the region; its corners lie on even pixels, as the chroma planes ask."""
        x0, x1 = _even(region.left, self.width), _even(region.right, self.width)
        y0, y1 = _even(region.top, self.height), _even(region.bottom, self.height)
        chroma = np.s_[y0 // 2 : (y1 + 1) // 2, x0 // 2 : (x1 + 1) // 2]
        return Picture(self.y[y0:y1, x0:x1], self.u[chroma], self.v[chroma], self.full_range)

    def copy(self) -> "Picture":
        """A writable copy."""
        return Picture(self.y.copy(), self.u.copy(), self.v.copy(), self.full_range)


def _even(share: float, length: int) -> int:
    return length if share >= 1.0 else round(share * length / 2) * 2


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture with its times. Dwelling masks are already burned in (law.md L17)."""

    stream_id: str
    media_us: int
    wall_us: int
    key: bool
    session: int
    picture: Picture
