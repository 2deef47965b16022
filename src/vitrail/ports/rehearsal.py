"""An analytic tried on a recording: what it would have told, and nothing else of it."""

__all__ = ["Detect", "Rehearsal", "RehearsalMaker"]

from collections.abc import Callable, Iterator
from typing import Protocol

from vitrail.domain.detections import Detections
from vitrail.domain.events import Event
from vitrail.domain.frames import Frame, Picture
from vitrail.domain.streams import AnalyticSetting, Camera

Detect = Callable[[Picture], Detections]


class Rehearsal(Protocol):
    def run(self, frames: Iterator[Frame], detect: Detect) -> list[Event]:
        """Every happening that would have opened, in order. Keeps no picture."""
        ...


RehearsalMaker = Callable[[Camera, AnalyticSetting], Rehearsal]
