"""The search itself: filters first, likeness second, within the grant. The desk calls it, and writes it down."""

__all__ = ["MOST_FOUND", "look_like", "outages", "search"]

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from vitrail.domain.events import Alert, AlertState
from vitrail.domain.people import Grant
from vitrail.domain.progress import UnderWay
from vitrail.domain.search import KINDS, Candidates, Filters, Found, Outage, Results
from vitrail.domain.sightings import FORM_BYTES, Form
from vitrail.domain.streams import Site
from vitrail.domain.time import SECOND_US, Interval
from vitrail.guard.seen import Seen
from vitrail.ports.embedder import Vectors
from vitrail.ports.records import SegmentRecords

MOST_FOUND = 120
_MOST_WEIGHED = 4_000
_NEAREST = 2_000
_MOST_MISTAKEN = 1_000
_MISTAKEN_FOR, _LEAST_MISTAKEN = 0.5, 0.1
"""What fits as well, but is said to be of a class that the one asked for is taken for."""
_LONGEST_FORM = 300.0
"""Steps of a form's length 1."""
_SHORTEST_OUTAGE_US = 60 * SECOND_US
_MOST_OUTAGES = 40
_STANDING = {AlertState.CONFIRMED: 1.0, AlertState.OPEN: 0.8, AlertState.EXPIRED: 0.8, AlertState.DISMISSED: 0.3}
"""How much an alert is worth by what a person said of it."""
_LEAST_LIKE = 0.05
_WELL_LIKE = 2.0
"""A product of a half with a description is as good as it gets."""
_NONE = np.zeros(0, np.float32)
_NOTHING = Candidates(
    np.zeros(0, np.int64), np.zeros(0, np.int64), _NONE, _NONE, np.zeros((0, FORM_BYTES), np.int8), np.zeros(0, bool)
)


def search(seen: Seen, segments: SegmentRecords, site: Site, grant: Grant, filters: Filters) -> Results:
    """The best first. Asking for events asks for alerts; for things, for sightings; for both, for both."""
    alerts = seen.records.events(grant, filters, _MOST_WEIGHED) if filters.events else []
    met = _NOTHING
    if filters.kinds or not filters.events:
        met = seen.records.find(grant, filters, _MOST_WEIGHED, seen.likeness.maker)
    direction = seen.likeness.meaning(filters.words) if filters.words and (len(met) or not filters.events) else None
    if direction is not None and met.cut:
        met = met.joined(
            seen.records.among(grant, filters, seen.index.nearest(direction, _NEAREST), seen.likeness.maker)
        )
    ranked = _ranked(met, filters, direction)
    for taken, worth in _mistaken(filters) if len(met) < MOST_FOUND else ():
        others = seen.records.find(grant, taken, _MOST_MISTAKEN, seen.likeness.maker)
        ranked = _after(ranked, _ranked(others, taken, direction), worth)
    found = [*map(_alert, alerts), *_best(seen, grant, *ranked)]
    found.sort(key=lambda one: (-one.fit, -one.interval.start_us))
    return Results(
        tuple(found[:MOST_FOUND]),
        met.cut or len(met) + len(alerts) > MOST_FOUND,
        outages(segments, site, grant, filters),
        seen.records.newest_us(grant),
        seen.likeness.maker,
        _under_way(seen, grant, filters),
    )


def look_like(seen: Seen, grant: Grant, filters: Filters, forms: Sequence[Form], apart: int | None = None) -> Results:
    """What looks most like any of ``forms``, within the filters; ``apart``: the sighting that they are of."""
    rows = np.stack([form.row() for form in forms]) / _LONGEST_FORM
    near = {i for row in rows for i in seen.index.nearest(row, _NEAREST)}
    met = seen.records.among(grant, filters, sorted(near), seen.likeness.maker)
    if len(met) <= MOST_FOUND:
        met = met.joined(seen.records.find(grant, filters, _MOST_WEIGHED, seen.likeness.maker))
    met = met.where(met.seen & (met.ids != (apart or 0)))
    likeness = np.clip((_rows(met) @ rows.T).max(axis=1, initial=-1.0), 0.0, 1.0)
    alike = likeness > 0
    found = _best(seen, grant, met.where(alike), likeness[alike])
    return Results(
        tuple(found),
        int(alike.sum()) > MOST_FOUND,
        (),
        seen.records.newest_us(grant),
        seen.likeness.maker,
        _under_way(seen, grant, filters),
    )


def outages(segments: SegmentRecords, site: Site, grant: Grant, filters: Filters) -> tuple[Outage, ...]:
    """Where the searched cameras that record were not recorded in the searched time."""
    cameras, window = _cameras(grant, filters), grant.scope.window
    found: list[Outage] = []
    for camera in site.cameras:
        if camera.id not in cameras or camera.stream_for("record") is None:
            continue
        for span in filters.spans or (window,):
            if not span.touches(window):
                continue
            asked = Interval(max(span.start_us, window.start_us), min(span.end_us, window.end_us))
            if asked.length_us:
                found += [Outage(camera.id, gap) for gap in _gaps(segments.spans(grant, camera.id, asked), asked)]
        if len(found) > _MOST_OUTAGES:
            break
    return tuple(found[:_MOST_OUTAGES])


def _under_way(seen: Seen, grant: Grant, filters: Filters) -> tuple[UnderWay, ...]:
    """Of what is being read, as much as the search would have reached."""
    cameras, window = _cameras(grant, filters), grant.scope.window
    ours = (one for one in seen.under_way() if one.camera_id in cameras and one.interval.touches(window))
    return tuple(one for one in ours if any(one.interval.touches(span) for span in filters.spans or (window,)))


def _cameras(grant: Grant, filters: Filters) -> frozenset[str]:
    return filters.cameras & grant.scope.cameras if filters.cameras else grant.scope.cameras


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


def _ranked(met: Candidates, filters: Filters, direction: Vectors | None) -> tuple[Candidates, Vectors]:
    """How sure the class and the colour are; with words, also how much it looks like them."""
    if direction is None:
        return met, _certainty(met, filters)
    met = met.where(met.seen)
    if not len(met):
        return met, met.scores
    likeness = _rows(met) @ direction
    low, high = float(likeness.min()), max(float(likeness.max()), _LEAST_LIKE)
    spread = max(high - low, 1e-6)
    if filters.kinds or filters.colours:
        return met, np.asarray(_certainty(met, filters) * (0.5 + 0.5 * (likeness - low) / spread), np.float32)
    return met, np.asarray(np.clip((likeness - low) / spread * high * _WELL_LIKE, 0.0, 1.0), np.float32)


def _mistaken(filters: Filters) -> list[tuple[Filters, float]]:
    """What else may be meant, and what it is worth: the right colour in a class that is taken for the one asked for;
    then also a colour that is. Asked for only where there is little of what was asked for."""
    kinds, colours = filters.mistaken & KINDS, filters.mistaken - KINDS
    other = replace(filters, kinds=filters.kinds | kinds)
    made = [(other, _MISTAKEN_FOR)] if kinds else []
    return made + ([(replace(other, colours=filters.colours | colours), _MISTAKEN_FOR**2)] if colours else [])


def _after(
    asked: tuple[Candidates, Vectors], taken: tuple[Candidates, Vectors], worth: float
) -> tuple[Candidates, Vectors]:
    """Those that were asked for, then those that are taken for them, as far as they fit at all."""
    fits = taken[1] * worth
    new = ~np.isin(taken[0].ids, asked[0].ids) & (fits >= _LEAST_MISTAKEN)
    return asked[0].joined(taken[0].where(new)), np.concatenate([asked[1], fits[new]])


def _certainty(met: Candidates, filters: Filters) -> Vectors:
    if not filters.colours:
        return met.scores
    return np.asarray(np.minimum(met.shares, 1.0) * (0.6 + 0.4 * met.scores), np.float32)


def _best(seen: Seen, grant: Grant, met: Candidates, fits: Vectors) -> list[Found]:
    """Those that fit best, read whole; of equals the newest first."""
    best = np.lexsort((-met.start_us, -fits))[:MOST_FOUND]
    fit_of = {int(met.ids[i]): float(fits[i]) for i in best}
    return [Found(fit_of[one.id], one) for one in seen.records.read(grant, list(fit_of))]


def _rows(met: Candidates) -> Vectors:
    return np.asarray(met.forms.astype(np.float32) / _LONGEST_FORM, np.float32)
