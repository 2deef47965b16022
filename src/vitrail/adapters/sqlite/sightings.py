"""``SightingRecords``. A question is cut into branches that an index answers newest first: one for each camera, class
and colour asked for, in each span of time. So a search costs what it finds, not what there is."""

# ruff: noqa: S608 -- the statements are put together from constants of this package; every value is a parameter.

__all__ = ["SqliteSightings"]

import json
import sqlite3
from collections.abc import Iterator, Sequence
from itertools import product

from vitrail.adapters.sqlite.alerts import alert_of
from vitrail.adapters.sqlite.database import Database
from vitrail.adapters.sqlite.scope import EVIDENCE_IN_SCOPE, SIGHTING_IN_SCOPE, held, must_cover, scope_of
from vitrail.domain.errors import NotFound
from vitrail.domain.events import Alert
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Grant
from vitrail.domain.search import Filters
from vitrail.domain.sightings import COLOURS, Form, Heading, Sighting, Subject, Tint
from vitrail.domain.time import HOUR_US, Interval

_LONGEST_US = HOUR_US
"""No sighting is longer: whoever asks for a moment looks back so far among the beginnings."""
_MOST_BRANCHES = 2_000
_Value = str | int | float | None

_INSERT = """
INSERT INTO sighting (mandate_id, subject, kind, stream_id, camera_id, start_us, end_us, score, box, colour,
    colour_share, colour2, colour2_share, zones, path, heading, standing_s, speed_kmh, length_m, form, erase_after_us)
VALUES (:mandate_id, :subject, :kind, :stream_id, :camera_id, :start_us, :end_us, :score, :box, :colour,
    :colour_share, :colour2, :colour2_share, :zones, :path, :heading, :standing_s, :speed_kmh, :length_m, :form,
    :erase_after_us)
"""
_MEETS = f"""{SIGHTING_IN_SCOPE}
  AND (:places = '[]' OR EXISTS (SELECT 1 FROM json_each(sighting.zones) AS z
        WHERE z.value IN (SELECT value FROM json_each(:places))))
  AND (:heading = '' OR heading = :heading)
  AND standing_s >= :least_standing_s
  AND (:moving = 0 OR heading <> '')
  AND (:least_speed_kmh = 0 OR speed_kmh >= :least_speed_kmh)"""
_IN_SPAN = "start_us >= :from_us - :longest_us AND start_us < :until_us AND end_us >= :from_us"
_SECOND = """
SELECT * FROM sighting INDEXED BY sighting_by_second
WHERE camera_id = :camera_id AND kind = :kind AND colour2 = :colour AND colour2 <> '' AND """
_NEWEST = " ORDER BY start_us DESC LIMIT :most"
_BY_COLOUR = f"""
SELECT * FROM sighting INDEXED BY sighting_by_colour
WHERE camera_id = :camera_id AND kind = :kind AND colour = :colour AND {_IN_SPAN} AND {_MEETS} {_NEWEST}
"""
_BY_SECOND = f"{_SECOND} {_IN_SPAN} AND {_MEETS} {_NEWEST}"
_BY_TIME = f"""
SELECT * FROM sighting INDEXED BY sighting_by_time
WHERE {_IN_SPAN} AND {_MEETS}
  AND (:cameras = '[]' OR camera_id IN (SELECT value FROM json_each(:cameras)))
  AND (:kinds = '[]' OR kind IN (SELECT value FROM json_each(:kinds)))
  AND (:colours = '[]' OR colour IN (SELECT value FROM json_each(:colours))
        OR colour2 IN (SELECT value FROM json_each(:colours))) {_NEWEST}
"""
_AMONG = f"""
SELECT * FROM sighting WHERE id IN (SELECT value FROM json_each(:ids)) AND {_MEETS}
  AND (:cameras = '[]' OR camera_id IN (SELECT value FROM json_each(:cameras)))
  AND (:kinds = '[]' OR kind IN (SELECT value FROM json_each(:kinds)))
  AND (:colours = '[]' OR colour IN (SELECT value FROM json_each(:colours))
        OR colour2 IN (SELECT value FROM json_each(:colours)))
  AND (:spans = '[]' OR EXISTS (SELECT 1 FROM json_each(:spans) AS span
        WHERE start_us < json_extract(span.value, '$[1]') AND end_us >= json_extract(span.value, '$[0]')))
"""
_EVENTS = f"""
SELECT * FROM alert
WHERE {EVIDENCE_IN_SCOPE} AND kind IN (SELECT value FROM json_each(:events))
  AND (:cameras = '[]' OR camera_id IN (SELECT value FROM json_each(:cameras)))
  AND (:places = '[]' OR EXISTS (SELECT 1 FROM json_each(:places) AS p
        WHERE p.value IN (zone_id, line_id, wall_id, asset_id)))
  AND (:spans = '[]' OR EXISTS (SELECT 1 FROM json_each(:spans) AS span
        WHERE start_us < json_extract(span.value, '$[1]') AND end_us >= json_extract(span.value, '$[0]')))
ORDER BY start_us DESC LIMIT :most
"""
_LATEST = f"""
SELECT end_us FROM sighting INDEXED BY sighting_by_time WHERE {SIGHTING_IN_SCOPE} ORDER BY start_us DESC LIMIT 1
"""
_ERASE = f"""
DELETE FROM sighting WHERE erase_after_us <= :now_us AND NOT {held("sighting", "start_us", "end_us")} RETURNING id
"""


class SqliteSightings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, permit: Permit, sightings: Sequence[Sighting]) -> list[int]:
        for sighting in sightings:
            must_cover(permit, sighting.mandate_id, sighting.camera_id, sighting.stream_id)
        rows = [
            _row(sighting) | {"erase_after_us": sighting.interval.end_us + permit.retention_us}
            for sighting in sightings
        ]
        with self._database.write() as connection:
            return [int(connection.execute(_INSERT, row).lastrowid or 0) for row in rows]

    def find(self, grant: Grant, filters: Filters, most: int) -> list[Sighting]:
        found: dict[int, Sighting] = {}
        with self._database.read() as connection:
            for statement, branch in _branches(grant, filters):
                for span in reversed(_spans(grant, filters)):
                    left = most - len(found)
                    if left <= 0:
                        break
                    asked = branch | {"from_us": span.start_us, "until_us": span.end_us, "most": left}
                    rows = connection.execute(statement, asked)
                    found |= {row["id"]: _sighting(row) for row in rows}
        return sorted(found.values(), key=lambda sighting: -sighting.interval.start_us)

    def among(self, grant: Grant, filters: Filters, ids: Sequence[int]) -> list[Sighting]:
        asked = _asked(grant, filters) | {"ids": json.dumps(list(ids))}
        with self._database.read() as connection:
            return [_sighting(row) for row in connection.execute(_AMONG, asked)]

    def get(self, grant: Grant, sighting_id: int) -> Sighting:
        if not 0 < sighting_id < 2**62:
            raise NotFound(f"no sighting {sighting_id}")
        found = self.among(grant, Filters(), [sighting_id])
        if not found:
            raise NotFound(f"no sighting {sighting_id}")
        return found[0]

    def events(self, grant: Grant, filters: Filters, most: int) -> list[Alert]:
        asked = _asked(grant, filters) | {"most": most}
        with self._database.read() as connection:
            return [alert_of(row) for row in connection.execute(_EVENTS, asked)]

    def newest_us(self, grant: Grant) -> int | None:
        asked = _asked(grant, Filters())
        with self._database.read() as connection:
            row = connection.execute(_LATEST, asked).fetchone()
        return None if row is None else int(row[0])

    def erase(self, now_us: int) -> list[int]:
        with self._database.write() as connection:
            rows = connection.execute(_ERASE, {"now_us": now_us}).fetchall()
        if rows:
            self._database.scrub()
        return sorted(row["id"] for row in rows)

    def kept(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute("SELECT count(*) FROM sighting").fetchone()[0])

    def reach(self) -> tuple[int, int]:
        with self._database.read() as connection:
            lowest = connection.execute("SELECT min(id) FROM sighting").fetchone()[0]
            highest = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'sighting'").fetchone()
        last = int(highest[0]) if highest else 0
        return (int(lowest) if lowest is not None else last + 1, last)

    def forms(self, first: int, after: int) -> Iterator[tuple[int, Form]]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, form FROM sighting WHERE id >= ? AND id < ? AND form IS NOT NULL ORDER BY id",
                (first, after),
            )
            yield from ((row["id"], Form(row["form"])) for row in rows)


def _branches(grant: Grant, filters: Filters) -> Iterator[tuple[str, dict[str, _Value]]]:
    asked = _asked(grant, filters)
    cameras = sorted(filters.cameras & grant.scope.cameras if filters.cameras else grant.scope.cameras)
    colours = sorted(filters.colours)
    branches = len(cameras) * len(filters.kinds) * max(1, len(colours) or len(COLOURS) + 1)
    if not filters.kinds or branches > _MOST_BRANCHES:
        yield _BY_TIME, asked
        return
    for camera, kind, colour in product(cameras, sorted(filters.kinds), colours or ["", *COLOURS]):
        branch = asked | {"camera_id": camera, "kind": kind, "colour": colour}
        yield _BY_COLOUR, branch
        if colours:
            yield _BY_SECOND, branch


def _spans(grant: Grant, filters: Filters) -> tuple[Interval, ...]:
    window = grant.scope.window
    return filters.spans or (Interval(window.start_us, window.end_us + 1),)


def _asked(grant: Grant, filters: Filters) -> dict[str, _Value]:
    return {
        **scope_of(grant),
        "cameras": json.dumps(sorted(filters.cameras)),
        "kinds": json.dumps(sorted(filters.kinds)),
        "colours": json.dumps(sorted(filters.colours)),
        "events": json.dumps(sorted(filters.events)),
        "places": json.dumps(sorted(filters.places)),
        "spans": json.dumps([[span.start_us, span.end_us] for span in filters.spans]),
        "heading": filters.heading.value,
        "least_standing_s": filters.least_standing_s,
        "moving": int(filters.moving),
        "least_speed_kmh": filters.least_speed_kmh,
        "longest_us": _LONGEST_US,
    }


def _row(sighting: Sighting) -> dict[str, object]:
    first, second = (*sighting.tints, None, None)[:2]
    return {
        "mandate_id": sighting.mandate_id,
        "subject": sighting.subject.value,
        "kind": sighting.kind,
        "stream_id": sighting.stream_id,
        "camera_id": sighting.camera_id,
        "start_us": sighting.interval.start_us,
        "end_us": sighting.interval.end_us,
        "score": sighting.score,
        "box": json.dumps([round(side, 4) for side in sighting.box]),
        "colour": first.name if first else "",
        "colour_share": first.share if first else 0.0,
        "colour2": second.name if second else "",
        "colour2_share": second.share if second else 0.0,
        "zones": json.dumps(list(sighting.zones)),
        "path": json.dumps([list(point) for point in sighting.path]),
        "heading": sighting.heading.value,
        "standing_s": sighting.standing_s,
        "speed_kmh": sighting.speed_kmh,
        "length_m": sighting.length_m,
        "form": sighting.form.steps if sighting.form else None,
    }


def _sighting(row: sqlite3.Row) -> Sighting:
    x0, y0, x1, y1 = json.loads(row["box"])
    tints = ((row["colour"], row["colour_share"]), (row["colour2"], row["colour2_share"]))
    return Sighting(
        id=row["id"],
        mandate_id=row["mandate_id"],
        subject=Subject(row["subject"]),
        kind=row["kind"],
        stream_id=row["stream_id"],
        camera_id=row["camera_id"],
        interval=Interval(row["start_us"], row["end_us"]),
        score=row["score"],
        box=(x0, y0, x1, y1),
        tints=tuple(Tint(name, share) for name, share in tints if name),
        zones=tuple(json.loads(row["zones"])),
        path=tuple((x, y) for x, y in json.loads(row["path"])),
        heading=Heading(row["heading"]),
        standing_s=row["standing_s"],
        speed_kmh=row["speed_kmh"],
        length_m=row["length_m"],
        form=Form(row["form"]) if row["form"] is not None else None,
    )
