"""``SightingRecords``. A question is cut into branches that an index answers newest first: one for each camera, class
and colour asked for, in each span of time. So a search costs what it finds, not what there is."""

# ruff: noqa: S608 -- the statements are put together from constants of this package; every value is a parameter.

__all__ = ["SqliteSightings"]

import json
import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from vitrail.adapters.sqlite.alerts import alert_of
from vitrail.adapters.sqlite.database import Database
from vitrail.adapters.sqlite.scope import EVIDENCE_IN_SCOPE, SIGHTING_IN_SCOPE, held, must_cover, scope_of
from vitrail.domain.errors import NotFound
from vitrail.domain.events import Alert
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Grant
from vitrail.domain.search import KINDS, Candidates, Filters
from vitrail.domain.sightings import COLOURS, FORM_BYTES, Form, Heading, Sighting, Subject, Tint
from vitrail.domain.time import HOUR_US, Interval

_LONGEST_US = HOUR_US
"""No sighting is longer: whoever asks for a moment looks back so far among the beginnings."""
_MOST_BRANCHES = 6_000
"""A branch costs some 15 us. Of more, the spans are looked at row by row; of more still, the whole time is."""
_LEAST_EACH = 8
_Value = str | int | float | None

_INSERT = """
INSERT INTO sighting (mandate_id, subject, kind, stream_id, camera_id, start_us, end_us, score, box, colour,
    colour_share, colour2, colour2_share, zones, path, heading, standing_s, speed_kmh, length_m, best_us, form, maker,
    erase_after_us)
VALUES (:mandate_id, :subject, :kind, :stream_id, :camera_id, :start_us, :end_us, :score, :box, :colour,
    :colour_share, :colour2, :colour2_share, :zones, :path, :heading, :standing_s, :speed_kmh, :length_m, :best_us,
    :form, :maker, :erase_after_us)
"""
_IN_SPANS = """EXISTS (SELECT 1 FROM json_each(:spans) AS span
        WHERE start_us < json_extract(span.value, '$[1]') AND end_us >= json_extract(span.value, '$[0]'))"""
_MEETS = f"""{SIGHTING_IN_SCOPE}
  AND (:places = '[]' OR EXISTS (SELECT 1 FROM json_each(sighting.zones) AS zone
        WHERE zone.value IN (SELECT value FROM json_each(:places))))
  AND (:heading = '' OR heading = :heading)
  AND standing_s >= :least_standing_s
  AND (:moving = 0 OR heading <> '')
  AND (:least_speed_kmh = 0 OR speed_kmh >= :least_speed_kmh)
  AND (:least_length_m = 0 OR length_m >= :least_length_m)
  AND (:fold = 0 OR {_IN_SPANS})"""
_CHOSEN = """(:cameras = '[]' OR camera_id IN (SELECT value FROM json_each(:cameras)))
  AND (:kinds = '[]' OR kind IN (SELECT value FROM json_each(:kinds)))
  AND (:colours = '[]' OR colour IN (SELECT value FROM json_each(:colours))
        OR colour2 IN (SELECT value FROM json_each(:colours)))"""
_LIGHT = """one.id, one.start_us, one.score,
    CASE WHEN one.colour IN (SELECT value FROM json_each(:colours)) THEN one.colour_share ELSE 0.0 END
        + CASE WHEN one.colour2 IN (SELECT value FROM json_each(:colours)) THEN one.colour2_share ELSE 0.0 END,
    CASE WHEN one.maker = :maker THEN one.form END"""
_FROM = "json_extract(span.value, '$[0]')"
_BRANCHES = f"""
SELECT {_LIGHT}, ((cam.key * :n_kinds + k.key) * :n_colours + tint.key) * :n_spans + span.key
FROM json_each(:in_cameras) AS cam CROSS JOIN json_each(:in_kinds) AS k CROSS JOIN json_each(:in_colours) AS tint
CROSS JOIN json_each(:in_spans) AS span CROSS JOIN sighting AS one ON one.id IN (
    SELECT id FROM sighting INDEXED BY sighting_by_colour
    WHERE camera_id = cam.value AND kind = k.value AND colour = tint.value
      AND start_us >= {_FROM} - :longest_us AND start_us < json_extract(span.value, '$[1]') AND end_us >= {_FROM}
      AND {_MEETS} ORDER BY start_us DESC LIMIT :each)
"""
_SECOND_BRANCHES = _BRANCHES.replace("sighting_by_colour", "sighting_by_second").replace(
    "colour = tint.value", "colour2 = tint.value AND colour2 <> ''"
)
_BY_TIME = f"""
SELECT {_LIGHT}, 0 FROM sighting AS one WHERE one.id IN (
    SELECT id FROM sighting INDEXED BY sighting_by_time
    WHERE start_us >= :from_us - :longest_us AND start_us < :until_us AND end_us >= :from_us AND {_MEETS} AND {_CHOSEN}
    ORDER BY start_us DESC LIMIT :each)
"""
_AMONG = f"""
SELECT {_LIGHT}, 0 FROM sighting AS one WHERE one.id IN (
    SELECT id FROM sighting WHERE id IN (SELECT value FROM json_each(:ids)) AND {_MEETS} AND {_CHOSEN})
"""
_READ = f"SELECT * FROM sighting WHERE id IN (SELECT value FROM json_each(:ids)) AND {SIGHTING_IN_SCOPE}"
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

    def find(self, grant: Grant, filters: Filters, most: int, maker: str) -> Candidates:
        branches = _branches(grant, filters)
        statements = [_BRANCHES, _SECOND_BRANCHES] if filters.colours else [_BRANCHES]
        if branches.count > _MOST_BRANCHES:
            branches = branches.folded()
        if branches.count > _MOST_BRANCHES:
            branches, statements = branches.all_in_one(), [_BY_TIME]
        asked = _asked(grant, filters) | branches.asked() | {"maker": maker}
        each = max(_LEAST_EACH, -(-most // max(1, branches.count * len(statements))))
        with self._database.read() as connection:
            while True:
                rows = [connection.execute(said, asked | {"each": each}).fetchall() for said in statements]
                fullest = max(_fullest(part) for part in rows)
                if fullest < each or sum(map(len, rows)) * 2 > most:
                    break
                each *= 4
        return _candidates([row for part in rows for row in part], fullest >= each)

    def among(self, grant: Grant, filters: Filters, ids: Sequence[int], maker: str) -> Candidates:
        asked = _asked(grant, filters) | {
            "ids": json.dumps(list(ids)),
            "fold": int(bool(filters.spans)),
            "maker": maker,
        }
        with self._database.read() as connection:
            return _candidates(connection.execute(_AMONG, asked).fetchall(), False)

    def read(self, grant: Grant, ids: Sequence[int]) -> list[Sighting]:
        asked = scope_of(grant) | {"ids": json.dumps([i for i in ids if 0 < i < 2**62])}
        with self._database.read() as connection:
            found = {row["id"]: row for row in connection.execute(_READ, asked)}
        return [_sighting(found[i]) for i in ids if i in found]

    def get(self, grant: Grant, sighting_id: int) -> Sighting:
        found = self.read(grant, [sighting_id])
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

    def forms(self, first: int, after: int, maker: str) -> Iterator[tuple[int, Form]]:
        with self._database.read() as connection:
            rows = connection.execute(
                "SELECT id, form FROM sighting WHERE id >= ? AND id < ? AND form IS NOT NULL AND maker = ? ORDER BY id",
                (first, after, maker),
            )
            yield from ((row["id"], Form(row["form"], maker)) for row in rows)


@dataclass(frozen=True, slots=True)
class _Branches:
    """What is asked one by one. ``fold``: whether spans are left to each row."""

    cameras: list[str]
    kinds: list[str]
    colours: list[str]
    spans: list[tuple[int, int]]
    fold: bool = False

    @property
    def count(self) -> int:
        return len(self.cameras) * len(self.kinds) * len(self.colours) * len(self.spans)

    def folded(self) -> "_Branches":
        whole = (min(start for start, _ in self.spans), max(end for _, end in self.spans))
        return _Branches(self.cameras, self.kinds, self.colours, [whole], len(self.spans) > 1)

    def all_in_one(self) -> "_Branches":
        return _Branches([""], [""], [""], self.spans, self.fold)

    def asked(self) -> dict[str, _Value]:
        (from_us, until_us), *_ = self.spans
        return {
            "in_cameras": json.dumps(self.cameras),
            "in_kinds": json.dumps(self.kinds),
            "in_colours": json.dumps(self.colours),
            "in_spans": json.dumps(self.spans),
            "n_kinds": len(self.kinds),
            "n_colours": len(self.colours),
            "n_spans": len(self.spans),
            "from_us": from_us,
            "until_us": until_us,
            "fold": int(self.fold),
        }


def _branches(grant: Grant, filters: Filters) -> _Branches:
    window = grant.scope.window
    spans = [(span.start_us, span.end_us) for span in filters.spans] or [(window.start_us, window.end_us + 1)]
    cameras = filters.cameras & grant.scope.cameras if filters.cameras else grant.scope.cameras
    return _Branches(sorted(cameras), sorted(filters.kinds or KINDS), sorted(filters.colours) or ["", *COLOURS], spans)


def _fullest(rows: Sequence[sqlite3.Row]) -> int:
    return int(np.unique([row[5] for row in rows], return_counts=True)[1].max()) if rows else 0


def _candidates(rows: Sequence[sqlite3.Row], cut: bool) -> Candidates:
    """One row for each id, newest first."""
    ids, first = np.unique(np.array([row[0] for row in rows], np.int64), return_index=True)
    start_us = np.array([rows[i][1] for i in first], np.int64)
    order = np.lexsort((-ids, -start_us))
    rows = [rows[i] for i in first[order]]
    blank = bytes(FORM_BYTES)
    forms = b"".join(row[4] or blank for row in rows)
    return Candidates(
        ids[order],
        start_us[order],
        np.array([row[2] for row in rows], np.float32),
        np.array([row[3] for row in rows], np.float32),
        np.frombuffer(forms, np.int8).reshape(-1, FORM_BYTES),
        np.array([row[4] is not None for row in rows], bool),
        cut,
    )


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
        "least_length_m": filters.least_length_m,
        "longest_us": _LONGEST_US,
        "fold": 0,
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
        "best_us": sighting.best_us,
        "form": sighting.form.steps if sighting.form else None,
        "maker": sighting.form.maker if sighting.form else "",
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
        best_us=row["best_us"],
        form=Form(row["form"], row["maker"]) if row["form"] is not None else None,
    )
