"""The search itself: filters first, likeness second, within the grant. The desk calls it, and writes it down."""

__all__ = ["MOST_FOUND", "look_like", "outages", "search"]

from collections.abc import Sequence

import numpy as np

from vitrail.domain.events import Alert, AlertState
from vitrail.domain.people import Grant
from vitrail.domain.search import Filters, Found, Outage, Results
from vitrail.domain.sightings import Form, Sighting
from vitrail.domain.streams import Site
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.seen import Seen
from vitrail.ports.embedder import Vectors
from vitrail.ports.records import SegmentRecords

MOST_FOUND = 120
_MOST_WEIGHED = 4_000
_NEAREST = 2_000
_LONGEST_FORM = 300.0
"""Steps of a form's length 1."""
_SHORTEST_OUTAGE_US = 60 * SECOND_US
_MOST_OUTAGES = 40
_STANDING = {AlertState.CONFIRMED: 1.0, AlertState.OPEN: 0.8, AlertState.EXPIRED: 0.8, AlertState.DISMISSED: 0.3}
"""How much an alert is worth by what a person said of it."""
_LEAST_LIKE = 0.05
_WELL_LIKE = 2.0
"""A product of a half with a description is as good as it gets."""


def search(seen: Seen, segments: SegmentRecords, site: Site, grant: Grant, filters: Filters) -> Results:
    """The best first. Asking for events asks for alerts; for things, for sightings; for both, for both."""
    alerts = seen.records.events(grant, filters, _MOST_WEIGHED) if filters.events else []
    sightings: list[Sighting] = []
    if filters.kinds or not filters.events:
        sightings = seen.records.find(grant, filters, _MOST_WEIGHED)
    direction = seen.likeness.meaning(filters.words) if filters.words and (sightings or not filters.events) else None
    more = len(sightings) >= _MOST_WEIGHED
    if direction is not None and more:
        known = {sighting.id for sighting in sightings}
        near = seen.records.among(grant, filters, seen.index.nearest(direction, _NEAREST))
        sightings += [sighting for sighting in near if sighting.id not in known]
    found = [*map(_alert, alerts), *_ranked(sightings, filters, direction)]
    found.sort(key=lambda one: (-one.fit, -one.interval.start_us))
    return Results(
        tuple(found[:MOST_FOUND]),
        more or len(found) > MOST_FOUND,
        outages(segments, site, grant, filters),
        seen.records.newest_us(grant),
    )


def look_like(seen: Seen, grant: Grant, filters: Filters, forms: Sequence[Form], apart: int | None = None) -> Results:
    """What looks most like any of ``forms``, within the filters; ``apart``: the sighting that they are of."""
    rows = np.stack([form.row() for form in forms]) / _LONGEST_FORM
    near = {i for row in rows for i in seen.index.nearest(row, _NEAREST)} - {apart}
    sightings = seen.records.among(grant, filters, sorted(near))
    if len(sightings) < MOST_FOUND:
        known = {sighting.id for sighting in sightings} | {apart}
        others = seen.records.find(grant, filters, _MOST_WEIGHED)
        sightings += [sighting for sighting in others if sighting.id not in known]
    seen_well = [sighting for sighting in sightings if sighting.form is not None]
    if not seen_well:
        return Results(indexed_until_us=seen.records.newest_us(grant))
    likeness = (_rows(seen_well) @ rows.T).max(axis=1)
    best = np.argsort(-likeness, kind="stable")
    fits = [Found(_share(float(likeness[i])), seen_well[i]) for i in best if likeness[i] > 0]
    return Results(tuple(fits[:MOST_FOUND]), len(fits) > MOST_FOUND, (), seen.records.newest_us(grant))


def outages(segments: SegmentRecords, site: Site, grant: Grant, filters: Filters) -> tuple[Outage, ...]:
    """Where the searched cameras that record were not recorded in the searched time."""
    cameras = filters.cameras & grant.scope.cameras if filters.cameras else grant.scope.cameras
    window = grant.scope.window
    found: list[Outage] = []
    for camera in site.cameras:
        if camera.id not in cameras or camera.stream_for("record") is None:
            continue
        for span in filters.spans or (window,):
            asked = Interval(max(span.start_us, window.start_us), max(span.start_us, min(span.end_us, window.end_us)))
            if asked.length_us:
                found += [Outage(camera.id, gap) for gap in _gaps(segments.spans(grant, camera.id, asked), asked)]
        if len(found) > _MOST_OUTAGES:
            break
    return tuple(found[:_MOST_OUTAGES])


def _gaps(spans: Sequence[Interval], asked: Interval) -> list[Interval]:
    at_us, gaps = asked.start_us, []
    for span in sorted(spans, key=lambda one: one.start_us):
        if span.start_us - at_us > _SHORTEST_OUTAGE_US:
            gaps.append(Interval(at_us, min(span.start_us, asked.end_us)))
        at_us = max(at_us, span.end_us)
    if asked.end_us - at_us > _SHORTEST_OUTAGE_US:
        gaps.append(Interval(at_us, asked.end_us))
    return gaps


def _alert(alert: Alert) -> Found:
    return Found(alert.score * _STANDING[alert.state], alert=alert)


def _ranked(sightings: Sequence[Sighting], filters: Filters, direction: Vectors | None) -> list[Found]:
    """How sure the class and the colour are; with words, also how much it looks like them."""
    plain = [_certainty(sighting, filters) for sighting in sightings]
    if direction is None:
        return [Found(fit, sighting) for fit, sighting in zip(plain, sightings, strict=True)]
    seen_well = [i for i, sighting in enumerate(sightings) if sighting.form is not None]
    if not seen_well:
        return []
    likeness = _rows([sightings[i] for i in seen_well]) @ direction
    low, high = float(likeness.min()), max(float(likeness.max()), _LEAST_LIKE)
    spread = max(high - low, 1e-6)
    only_words = not (filters.kinds or filters.colours)
    return [
        Found(
            _share(float(like - low) / spread * high * 2)
            if only_words
            else plain[i] * (0.5 + 0.5 * (like - low) / spread),
            sightings[i],
        )
        for i, like in zip(seen_well, likeness, strict=True)
    ]


def _certainty(sighting: Sighting, filters: Filters) -> float:
    if not filters.colours:
        return sighting.score
    share = sum(tint.share for tint in sighting.tints if tint.name in filters.colours)
    return _share(share) * (0.6 + 0.4 * sighting.score)


def _rows(sightings: Sequence[Sighting]) -> Vectors:
    steps = b"".join(sighting.form.steps for sighting in sightings if sighting.form)
    return np.frombuffer(steps, np.int8).reshape(len(sightings), -1).astype(np.float32) / _LONGEST_FORM


def _share(value: float) -> float:
    return min(1.0, max(0.0, value))
