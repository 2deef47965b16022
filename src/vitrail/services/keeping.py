"""Recordings brought into the archive beside their analysis, so that what was found in them can be looked at."""

__all__ = ["Kept", "keep"]

import threading
from dataclasses import dataclass

from vitrail.domain.streams import Camera, Stream
from vitrail.domain.time import Interval
from vitrail.guard.bringing import Bringing
from vitrail.guard.intake import Intake


@dataclass(frozen=True, slots=True)
class Kept:
    """How many packets were kept, how many were left out (recorded before, or due for erasure), and why none is kept
    any more, in plain words."""

    packets: int = 0
    left: int = 0
    problem: str = ""


def keep(intake: Intake, camera: Camera, stream: Stream, span: Interval, stop: threading.Event) -> Kept:
    """``stream`` is the one that the site records, with the file in the place of the camera; ``span``: when it was
    filmed. Nothing is decoded, unless places to live are masked. Told to stop, it ends between two groups of
    pictures, and the next time goes on there. Raises ``Refused`` and ``Invalid``."""
    with intake.open(camera, stream, span.start_us) as opened:
        bringing = Bringing(intake, opened, span)
        for packet in opened.source.packets():
            if stop.is_set() and packet.key:
                break
            bringing.take(packet)
            if opened.problem:
                break
        return Kept(bringing.kept, bringing.left, opened.problem)
