"""Now and then a network looks at the whole picture, people painted over: for fire and smoke."""

__all__ = ["Looking"]

from vitrail.domain.clearing import WHOLE, Cleared
from vitrail.domain.frames import Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.looks import PlaceLook
from vitrail.domain.time import SECOND_US
from vitrail.ports.embedder import PlaceReader

_EVERY_US = 2 * SECOND_US
_LEAST_LEFT = 0.25
"""Where people fill more than the rest of the picture, it is not looked at."""


class Looking:
    """One stream. ``every_us`` between two looks."""

    def __init__(self, reader: PlaceReader, every_us: int = _EVERY_US) -> None:
        self._reader = reader
        self._every_us = every_us
        self._last_us: int | None = None

    def reset(self) -> None:
        self._last_us = None

    def look(self, picture: Picture, people: Boxes, wall_us: int) -> PlaceLook | None:
        if self._last_us is not None and 0 <= wall_us - self._last_us < self._every_us:
            return None
        self._last_us = wall_us
        cleared = Cleared.of(picture, people, WHOLE, _LEAST_LEFT)
        return None if cleared is None else self._reader.read(cleared)
