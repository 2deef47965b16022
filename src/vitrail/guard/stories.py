"""What was recorded and what was not, and whether the clock was steady meanwhile. Pure."""

__all__ = ["camera_story", "gaps_of", "leaps_of", "merged"]

from collections.abc import Sequence
from itertools import pairwise

from vitrail.domain.bundles import CameraStory
from vitrail.domain.recordings import Segment
from vitrail.domain.streams import Camera
from vitrail.domain.time import SECOND_US, Interval

_JOIN_US = SECOND_US // 2
"""Recordings closer than this are one span: the cut between two of them is no hole."""


def camera_story(
    camera: Camera, asked: tuple[Interval, ...], segments: Sequence[Segment], clock: tuple[int, int, str] | None = None
) -> CameraStory:
    """``segments`` by their start. ``clock``: offset and uncertainty in microseconds, and where they come from."""
    recorded = merged([s.interval for s in segments])
    inside = [clipped for span in asked for each in recorded if (clipped := _both(span, each))]
    offset_us, uncertainty_us, how = clock or (0, SECOND_US // 2, "as received")
    where = camera.position
    return CameraStory(
        camera.id,
        camera.name,
        asked,
        tuple(inside),
        tuple(gap for span in asked for gap in gaps_of(span, recorded)),
        tuple(leaps_of(segments)),
        offset_us,
        uncertainty_us,
        how,
        where.latitude if where else None,
        where.longitude if where else None,
        where.heading_deg if where else None,
    )


def merged(spans: Sequence[Interval]) -> list[Interval]:
    found: list[Interval] = []
    for span in sorted(spans, key=lambda s: s.start_us):
        if found and span.start_us <= found[-1].end_us + _JOIN_US:
            found[-1] = Interval(found[-1].start_us, max(found[-1].end_us, span.end_us))
        else:
            found.append(span)
    return found


def gaps_of(asked: Interval, recorded: Sequence[Interval]) -> list[Interval]:
    """``recorded`` merged and in order."""
    gaps: list[Interval] = []
    at_us = asked.start_us
    for span in recorded:
        if span.start_us > at_us and at_us < asked.end_us:
            gaps.append(Interval(at_us, min(span.start_us, asked.end_us)))
        at_us = max(at_us, span.end_us)
    if at_us < asked.end_us:
        gaps.append(Interval(at_us, asked.end_us))
    return [gap for gap in gaps if gap.length_us > _JOIN_US]


def leaps_of(segments: Sequence[Segment]) -> list[Interval]:
    """Where two recordings of one camera claim the same time: it was told twice, so the clock was set back between
    them."""
    ordered = sorted(segments, key=lambda s: s.interval.start_us)
    both = (_both(a.interval, b.interval) for a, b in pairwise(ordered))
    return [span for span in both if span and span.length_us > _JOIN_US]


def _both(a: Interval, b: Interval) -> Interval | None:
    low, high = max(a.start_us, b.start_us), min(a.end_us, b.end_us)
    return Interval(low, high) if low < high else None
