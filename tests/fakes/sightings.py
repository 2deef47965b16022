"""Sightings in memory, an index that looks at every row, and likeness by mean colour; tested by the same suite as the
real ones (tests/ports/test_sightings.py)."""

__all__ = ["BruteIndex", "ColourLikeness", "MemorySightings"]

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tests.fakes.records import MemoryAlerts
from vitrail.domain.clearing import Cleared
from vitrail.domain.errors import Invalid, NotFound
from vitrail.domain.events import Alert, AlertQuery
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Grant
from vitrail.domain.search import Candidates, Filters
from vitrail.domain.sightings import FORM_BYTES, Form, Heading, Sighting
from vitrail.domain.time import Interval
from vitrail.ports.embedder import Vectors


@dataclass
class MemorySightings:
    alerts: MemoryAlerts = field(default_factory=MemoryAlerts)
    rows: dict[int, Sighting] = field(default_factory=dict)
    ends: dict[int, int] = field(default_factory=dict)
    last: int = 0

    def add(self, permit: Permit, sightings: Sequence[Sighting]) -> list[int]:
        for one in sightings:
            if (permit.mandate_id, permit.camera_id, permit.stream_id) != (
                one.mandate_id,
                one.camera_id,
                one.stream_id,
            ):
                raise Invalid("the permit does not cover this row", rule="L04")
        ids = []
        for one in sightings:
            self.last += 1
            self.rows[self.last] = replace(one, id=self.last)
            self.ends[self.last] = one.interval.end_us + permit.retention_us
            ids.append(self.last)
        return ids

    def find(self, grant: Grant, filters: Filters, most: int, maker: str) -> Candidates:
        met = self._met(grant, filters)
        return _candidates(met[:most], filters, maker, len(met) > most)

    def among(self, grant: Grant, filters: Filters, ids: Sequence[int], maker: str) -> Candidates:
        return _candidates([one for one in self._met(grant, filters) if one.id in set(ids)], filters, maker, False)

    def read(self, grant: Grant, ids: Sequence[int]) -> list[Sighting]:
        return [self.rows[i] for i in ids if i in self.rows and self._in_scope(grant, self.rows[i])]

    def get(self, grant: Grant, sighting_id: int) -> Sighting:
        for one in self.read(grant, [sighting_id]):
            return one
        raise NotFound(f"no sighting {sighting_id}")

    def events(self, grant: Grant, filters: Filters, most: int) -> list[Alert]:
        alerts = self.alerts.find(grant, AlertQuery(limit=10_000))
        return [
            a
            for a in sorted(alerts, key=lambda alert: -alert.interval.start_us)
            if a.kind in filters.events
            and (not filters.cameras or a.place.camera_id in filters.cameras)
            and (not filters.places or a.place.drawn in filters.places)
            and _in_spans(filters.spans, a.interval)
        ][:most]

    def newest_us(self, grant: Grant) -> int | None:
        found = self._met(grant, Filters())
        return found[0].interval.end_us if found else None

    def erase(self, now_us: int) -> list[int]:
        gone = sorted(i for i, end_us in self.ends.items() if end_us <= now_us)
        for i in gone:
            del self.rows[i], self.ends[i]
        return gone

    def kept(self) -> int:
        return len(self.rows)

    def reach(self) -> tuple[int, int]:
        return min(self.rows, default=self.last + 1), self.last

    def forms(self, first: int, after: int, maker: str) -> Iterator[tuple[int, Form]]:
        for i in sorted(self.rows):
            form = self.rows[i].form
            if first <= i < after and form is not None and form.maker == maker:
                yield i, form

    def _met(self, grant: Grant, filters: Filters) -> list[Sighting]:
        met = [one for one in self.rows.values() if self._in_scope(grant, one) and _meets(filters, one)]
        return sorted(met, key=lambda one: -one.interval.start_us)

    def _in_scope(self, grant: Grant, one: Sighting) -> bool:
        scope = grant.scope
        if one.camera_id not in scope.cameras or self.ends[one.id] <= scope.asked_us:
            return False
        return one.interval.end_us >= scope.window.start_us and one.interval.start_us <= scope.window.end_us


def _candidates(met: Sequence[Sighting], filters: Filters, maker: str, cut: bool) -> Candidates:
    shares = [sum(tint.share for tint in one.tints if tint.name in filters.colours) for one in met]
    forms = b"".join(one.form.steps if one.form and one.form.maker == maker else bytes(FORM_BYTES) for one in met)
    return Candidates(
        np.array([one.id for one in met], np.int64),
        np.array([one.interval.start_us for one in met], np.int64),
        np.array([one.score for one in met], np.float32),
        np.array(shares, np.float32),
        np.frombuffer(forms, np.int8).reshape(-1, FORM_BYTES),
        np.array([one.form is not None and one.form.maker == maker for one in met], bool),
        cut,
    )


def _meets(filters: Filters, one: Sighting) -> bool:
    return (
        (not filters.cameras or one.camera_id in filters.cameras)
        and (not filters.kinds or one.kind in filters.kinds)
        and (not filters.colours or bool({tint.name for tint in one.tints} & filters.colours))
        and (not filters.places or bool(set(one.zones) & filters.places))
        and (filters.heading is Heading.NONE or one.heading is filters.heading)
        and one.standing_s >= filters.least_standing_s
        and (not filters.moving or one.heading is not Heading.NONE)
        and (not filters.least_speed_kmh or (one.speed_kmh or 0.0) >= filters.least_speed_kmh)
        and (not filters.least_length_m or (one.length_m or 0.0) >= filters.least_length_m)
        and _in_spans(filters.spans, one.interval)
    )


def _in_spans(spans: Sequence[Interval], interval: Interval) -> bool:
    return not spans or any(interval.start_us < s.end_us and interval.end_us >= s.start_us for s in spans)


@dataclass
class BruteIndex:
    records: MemorySightings
    maker: str = ""
    forgotten: list[int] = field(default_factory=list)

    def nearest(self, direction: Vectors, most: int) -> list[int]:
        forms = list(self.records.forms(0, self.records.last + 1, self.maker))
        forms.sort(key=lambda pair: -float(pair[1].row() @ direction))
        return [i for i, _ in forms[:most]]

    def forget(self, ids: Sequence[int]) -> None:
        self.forgotten += ids

    def check(self, mend: bool, progress: Callable[[float], None]) -> list[str]:
        progress(1.0)
        return []


class ColourLikeness:
    """A form says how light the picture is and which way its colour leans; a description is as light as it is long."""

    maker = ""

    def __init__(self) -> None:
        self.asked: list[Cleared] = []
        self.said: list[str] = []

    def forms(self, pictures: Sequence[Cleared]) -> list[Form]:
        self.asked += pictures
        return [
            _form(one.picture.y.mean() / 2, one.picture.u.mean() - 128, one.picture.v.mean() - 128) for one in pictures
        ]

    def meaning(self, text: str) -> Vectors:
        self.said.append(text)
        row = _form(len(text), 0, 0).row()
        return np.asarray(row / max(float(np.linalg.norm(row)), 1e-6), np.float32)


def _form(*numbers: float) -> Form:
    steps = np.zeros(FORM_BYTES, np.int8)
    steps[: len(numbers)] = np.clip(np.round(numbers), -127, 127)
    steps[len(numbers)] = 1
    return Form(steps.tobytes())
