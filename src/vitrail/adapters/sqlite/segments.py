"""``SegmentRecords``: where each piece of recording lies, and until when."""

# ruff: noqa: S608 -- the statements are put together from constants of this package; every value is a parameter.

__all__ = ["SqliteSegments"]

import json
import sqlite3
from collections.abc import Iterator, Sequence

from vitrail.adapters.sqlite.database import Database
from vitrail.adapters.sqlite.scope import SEGMENT_IN_SCOPE, held, must_cover, scope_of
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Grant
from vitrail.domain.recordings import Segment
from vitrail.domain.time import Interval

_PUT = """
INSERT INTO segment (id, mandate_id, camera_id, stream_id, start_us, end_us, path, size_bytes, sha256, codec, width,
    height, erase_after_us, sealed, ahead_us)
VALUES (:id, :mandate_id, :camera_id, :stream_id, :start_us, :end_us, :path, :size_bytes, :sha256, :codec, :width,
    :height, :erase_after_us, :sealed, :ahead_us)
ON CONFLICT (id) DO UPDATE SET start_us = :start_us, end_us = :end_us, path = :path, size_bytes = :size_bytes,
    sha256 = :sha256, codec = :codec, width = :width, height = :height, erase_after_us = :erase_after_us,
    sealed = :sealed, ahead_us = :ahead_us
"""
_COVERING = f"""
SELECT * FROM segment
WHERE stream_id = :stream_id AND start_us < :end_us AND (end_us > :start_us OR sealed = 0) AND {SEGMENT_IN_SCOPE}
ORDER BY start_us, id
"""
_SPANS = f"""
SELECT max(start_us, :start_us, :scope_from) AS start_us, min(end_us, :end_us) AS end_us FROM segment
WHERE camera_id = :camera_id AND start_us < :end_us AND end_us > :start_us AND end_us > :scope_from
  AND {SEGMENT_IN_SCOPE}
ORDER BY 1
"""
_ALREADY = """
SELECT start_us, end_us FROM segment WHERE stream_id = :stream_id AND start_us < :end_us AND end_us > :start_us
ORDER BY start_us, id
"""
_DUE = f"""
SELECT * FROM segment WHERE erase_after_us <= :now_us AND NOT {held("segment", "start_us", "end_us")}
ORDER BY erase_after_us, id
"""
_JOIN_US = 500_000
"""Segments closer than this are one span: the cut between two of them is no hole in the recording."""
_BATCH = 512


class SqliteSegments:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, permit: Permit, segment: Segment) -> None:
        must_cover(permit, segment.mandate_id, segment.camera_id, segment.stream_id)
        with self._database.write() as connection:
            connection.execute(_PUT, _row(segment))

    def covering(self, grant: Grant, stream_id: str, interval: Interval) -> list[Segment]:
        asked = {"stream_id": stream_id, "start_us": interval.start_us, "end_us": interval.end_us}
        with self._database.read() as connection:
            return [_segment(row) for row in connection.execute(_COVERING, asked | scope_of(grant))]

    def spans(self, grant: Grant, camera_id: str, interval: Interval) -> list[Interval]:
        asked = {"camera_id": camera_id, "start_us": interval.start_us, "end_us": interval.end_us}
        with self._database.read() as connection:
            rows = connection.execute(_SPANS, asked | scope_of(grant)).fetchall()
        merged: list[Interval] = []
        for start_us, end_us in rows:
            if merged and start_us <= merged[-1].end_us + _JOIN_US:
                merged[-1] = Interval(merged[-1].start_us, max(merged[-1].end_us, end_us))
            else:
                merged.append(Interval(start_us, end_us))
        return merged

    def already(self, permit: Permit, interval: Interval) -> list[Interval]:
        asked = {"stream_id": permit.stream_id, "start_us": interval.start_us, "end_us": interval.end_us}
        with self._database.read() as connection:
            return [Interval(row["start_us"], row["end_us"]) for row in connection.execute(_ALREADY, asked)]

    def unsealed(self) -> list[Segment]:
        return self._list("SELECT * FROM segment WHERE sealed = 0 ORDER BY start_us, id", ())

    def mended(self, segment: Segment) -> None:
        with self._database.write() as connection:
            connection.execute(_PUT, _row(segment))

    def due(self, now_us: int) -> list[Segment]:
        with self._database.read() as connection:
            return [_segment(row) for row in connection.execute(_DUE, {"now_us": now_us})]

    def forget(self, segment_ids: Sequence[str]) -> None:
        with self._database.write() as connection:
            connection.execute(
                "DELETE FROM segment WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(segment_ids)),)
            )
        self._database.scrub()

    def kept(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute("SELECT count(*) FROM segment").fetchone()[0])

    def every(self) -> Iterator[Segment]:
        last = ""
        while True:
            found = self._list("SELECT * FROM segment WHERE id > ? ORDER BY id LIMIT ?", (last, _BATCH))
            yield from found
            if len(found) < _BATCH:
                return
            last = found[-1].id

    def _list(self, sql: str, parameters: tuple[str | int, ...]) -> list[Segment]:
        with self._database.read() as connection:
            return [_segment(row) for row in connection.execute(sql, parameters)]


def _row(segment: Segment) -> dict[str, str | int | None]:
    return {
        "id": segment.id,
        "mandate_id": segment.mandate_id,
        "camera_id": segment.camera_id,
        "stream_id": segment.stream_id,
        "start_us": segment.interval.start_us,
        "end_us": segment.interval.end_us,
        "path": segment.path,
        "size_bytes": segment.size_bytes,
        "sha256": segment.sha256,
        "codec": segment.codec,
        "width": segment.width,
        "height": segment.height,
        "erase_after_us": segment.erase_after_us,
        "sealed": int(segment.sealed),
        "ahead_us": segment.ahead_us,
    }


def _segment(row: sqlite3.Row) -> Segment:
    return Segment(
        id=row["id"],
        mandate_id=row["mandate_id"],
        camera_id=row["camera_id"],
        stream_id=row["stream_id"],
        interval=Interval(row["start_us"], row["end_us"]),
        path=row["path"],
        size_bytes=row["size_bytes"],
        sha256=row["sha256"],
        codec=row["codec"],
        width=row["width"],
        height=row["height"],
        erase_after_us=row["erase_after_us"],
        sealed=bool(row["sealed"]),
        ahead_us=row["ahead_us"],
    )
