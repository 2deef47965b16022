"""Looking back over a recording for the moments at which a part of the picture changed."""

__all__ = ["Look", "Lookback", "People"]

from collections.abc import Callable, Sequence
from typing import Protocol

from vitrail.domain.frames import Frame, Picture
from vitrail.domain.geometry import Boxes
from vitrail.domain.moments import Moment
from vitrail.domain.places import Box

Look = Callable[[int], Frame | None]
"""The key frame that stands at a moment, or nothing where nothing is recorded."""
People = Callable[[Picture], Boxes]
"""Everything in a picture that stands before the place."""


class Lookback(Protocol):
    def find(
        self, look: Look, people: People, times_us: Sequence[int], box: Box, progress: Callable[[float], None]
    ) -> list[Moment]:
        """The lasting changes inside ``box``, in order. ``times_us`` ascend: what comes and goes between two of them is
        not found. Between two looks that differ more are taken, down to neighbouring key frames."""
        ...
