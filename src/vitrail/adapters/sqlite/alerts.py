"""``AlertRecords``: one row an alert, its verdict in the same row."""

# ruff: noqa: S608 -- the statements are put together from constants of this package; every value is a parameter.

__all__ = ["SqliteAlerts", "alert_of"]

import json
import sqlite3
from collections.abc import Sequence

from vitrail.adapters.sqlite.database import Database
from vitrail.adapters.sqlite.hearing import habits_of, put_habits, sound_of, sound_text
from vitrail.adapters.sqlite.scope import EVIDENCE_IN_SCOPE, held, must_cover, scope_of
from vitrail.adapters.sqlite.upkeep import write_following
from vitrail.domain.errors import Conflict, NotFound
from vitrail.domain.events import Alert, AlertQuery, AlertState, Decision, Measure, Pictured, Place, Verdict
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Grant
from vitrail.domain.sound import Habit, SoundTrace
from vitrail.domain.time import HOUR_US, Interval
from vitrail.domain.upkeep import Following
from vitrail.ports.records import NOTHING

_INSERT = """
INSERT INTO alert (id, mandate_id, kind, analytic, version, stream_id, camera_id, zone_id, line_id, wall_id,
    asset_id, mic_id, sound, before_sha256, after_sha256, start_us, end_us, ongoing, score, measures,
    evidence_start_us, evidence_end_us, state, created_us, erase_after_us)
VALUES (:id, :mandate_id, :kind, :analytic, :version, :stream_id, :camera_id, :zone_id, :line_id, :wall_id,
    :asset_id, :mic_id, :sound, :before_sha256, :after_sha256, :start_us, :end_us, :ongoing, :score, :measures,
    :evidence_start_us, :evidence_end_us, 'open', :created_us, :erase_after_us)
"""
_ERASE = f"""
DELETE FROM alert
WHERE erase_after_us <= :now_us AND NOT {held("alert", "evidence_start_us", "evidence_end_us")} RETURNING id
"""
_FIND = f"""
SELECT * FROM alert
WHERE {EVIDENCE_IN_SCOPE}
  AND (:states = '[]' OR state IN (SELECT value FROM json_each(:states)))
  AND (:camera_id IS NULL OR coalesce(mic_id, camera_id) = :camera_id)
  AND (:kind IS NULL OR kind = :kind)
  AND (:within_from IS NULL OR (start_us >= :within_from AND start_us < :within_until))
  AND (:before_id IS NULL OR (created_us, id) < (SELECT b.created_us, b.id FROM alert AS b WHERE b.id = :before_id))
ORDER BY created_us DESC, id DESC LIMIT :limit
"""
_KNOWN = "SELECT * FROM alert WHERE id IN (SELECT value FROM json_each(?)) AND stream_id = ? ORDER BY start_us, id"
_GET = f"SELECT * FROM alert WHERE id = :id AND {EVIDENCE_IN_SCOPE}"
_JUDGE = f"""
UPDATE alert SET state = :state, verdict_reason = :reason, verdict_account_id = :account_id, verdict_at_us = :at_us,
    verdict_spent_s = :spent_s
WHERE id = :id AND state = 'open' AND {EVIDENCE_IN_SCOPE}
"""
_TALLY = f"""
SELECT count(*) FILTER (WHERE state = 'confirmed'), count(*) FILTER (WHERE state = 'dismissed') FROM alert
WHERE coalesce(mic_id, camera_id) = :camera_id AND kind = :kind AND {EVIDENCE_IN_SCOPE}
"""
_COUNTS = f"SELECT state, count(*) FROM alert WHERE {EVIDENCE_IN_SCOPE} GROUP BY state"
_HOURS = f"""
SELECT (start_us - :since_us) / :hour_us AS hour, count(*) FROM alert
WHERE start_us >= :since_us AND {EVIDENCE_IN_SCOPE} GROUP BY hour
"""


class SqliteAlerts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, permit: Permit, alert: Alert) -> None:
        must_cover(permit, alert.mandate_id, alert.place.device_id, alert.stream_id)
        row = {
            "id": alert.id,
            "mandate_id": alert.mandate_id,
            "kind": alert.kind,
            "analytic": alert.analytic,
            "version": alert.version,
            "stream_id": alert.stream_id,
            "camera_id": alert.place.camera_id,
            "zone_id": alert.place.zone_id,
            "line_id": alert.place.line_id,
            "wall_id": alert.place.surface_id,
            "asset_id": alert.place.asset_id,
            "before_sha256": alert.pictures.before_sha256 if alert.pictures else None,
            "after_sha256": alert.pictures.after_sha256 if alert.pictures else None,
            "mic_id": alert.place.microphone_id,
            "sound": sound_text(alert.sound),
            "start_us": alert.interval.start_us,
            "end_us": alert.interval.end_us,
            "ongoing": int(alert.ongoing),
            "score": alert.score,
            "measures": json.dumps([[m.name, m.value, m.threshold, m.unit] for m in alert.measures]),
            "evidence_start_us": alert.evidence.start_us,
            "evidence_end_us": alert.evidence.end_us,
            "created_us": alert.created_us,
            "erase_after_us": alert.evidence.end_us + permit.retention_us,
        }
        with self._database.write() as connection:
            connection.execute(_INSERT, row)

    def close(self, permit: Permit, alert_id: str, interval: Interval, evidence: Interval) -> None:
        with self._database.write() as connection:
            changed = connection.execute(
                "UPDATE alert SET start_us = ?, end_us = ?, ongoing = 0, evidence_start_us = ?, evidence_end_us = ?, "
                "erase_after_us = max(erase_after_us, ?) WHERE id = ? AND stream_id = ?",
                (
                    interval.start_us,
                    interval.end_us,
                    evidence.start_us,
                    evidence.end_us,
                    evidence.end_us + permit.retention_us,
                    alert_id,
                    permit.stream_id,
                ),
            ).rowcount
        if not changed:
            raise NotFound(f"no alert {alert_id} of stream {permit.stream_id}")

    def trace(self, permit: Permit, alert_id: str, sound: SoundTrace) -> None:
        with self._database.write() as connection:
            changed = connection.execute(
                "UPDATE alert SET sound = ? WHERE id = ? AND stream_id = ? AND mic_id = ?",
                (sound_text(sound), alert_id, permit.stream_id, permit.microphone_id),
            ).rowcount
        if not changed:
            raise NotFound(f"no alert {alert_id} of stream {permit.stream_id}")

    def keep_habits(self, permit: Permit, habits: Sequence[Habit]) -> None:
        with self._database.write() as connection:
            put_habits(connection, permit, habits)

    def habits(self, permit: Permit) -> list[Habit]:
        with self._database.read() as connection:
            return habits_of(connection, permit)

    def settle(self, permit: Permit) -> int:
        with self._database.write() as connection:
            return connection.execute(
                "UPDATE alert SET ongoing = 0 WHERE ongoing = 1 AND stream_id = ?", (permit.stream_id,)
            ).rowcount

    def known(self, permit: Permit, alert_ids: Sequence[str]) -> list[Alert]:
        with self._database.read() as connection:
            return [alert_of(row) for row in connection.execute(_KNOWN, (json.dumps(alert_ids), permit.stream_id))]

    def find(self, grant: Grant, query: AlertQuery) -> list[Alert]:
        asked = {
            "states": json.dumps(sorted(query.states)),
            "camera_id": query.camera_id,
            "kind": query.kind,
            "before_id": query.before_id,
            "limit": query.limit,
            "within_from": query.within.start_us if query.within else None,
            "within_until": query.within.end_us if query.within else None,
        }
        with self._database.read() as connection:
            return [alert_of(row) for row in connection.execute(_FIND, asked | scope_of(grant))]

    def get(self, grant: Grant, alert_id: str) -> Alert:
        with self._database.read() as connection:
            return _get(connection, grant, alert_id)

    def judge(self, grant: Grant, alert_id: str, verdict: Verdict, told: Following = NOTHING) -> Alert:
        said = {
            "id": alert_id,
            "state": verdict.decision.value,
            "reason": verdict.reason,
            "account_id": verdict.account_id,
            "at_us": verdict.at_us,
            "spent_s": verdict.seconds_spent,
        }
        with self._database.write() as connection:
            changed = connection.execute(_JUDGE, said | scope_of(grant)).rowcount
            alert = _get(connection, grant, alert_id)
            if not changed:
                raise Conflict(f"alert {alert_id} is already {alert.state.value}", remedy="look at it again")
            write_following(connection, told)
            return alert

    def tally(self, grant: Grant, camera_id: str, kind: str) -> tuple[int, int]:
        with self._database.read() as connection:
            asked = {"camera_id": camera_id, "kind": kind}
            confirmed, dismissed = connection.execute(_TALLY, asked | scope_of(grant)).fetchone()
        return confirmed, dismissed

    def counts(self, grant: Grant) -> dict[AlertState, int]:
        with self._database.read() as connection:
            found = dict(connection.execute(_COUNTS, scope_of(grant)).fetchall())
        return {state: found.get(state.value, 0) for state in AlertState}

    def hours(self, grant: Grant, since_us: int) -> dict[int, int]:
        asked = {"since_us": since_us, "hour_us": HOUR_US}
        with self._database.read() as connection:
            return dict(connection.execute(_HOURS, asked | scope_of(grant)).fetchall())

    def pictured(self) -> set[str]:
        with self._database.read() as connection:
            return {id_ for (id_,) in connection.execute("SELECT id FROM alert WHERE before_sha256 IS NOT NULL")}

    def expire(self, created_before_us: int) -> list[str]:
        with self._database.write() as connection:
            rows = connection.execute(
                "UPDATE alert SET state = 'expired' WHERE state = 'open' AND created_us < ? RETURNING id",
                (created_before_us,),
            ).fetchall()
        return sorted(row["id"] for row in rows)

    def kept(self) -> int:
        with self._database.read() as connection:
            return int(connection.execute("SELECT count(*) FROM alert").fetchone()[0])

    def erase(self, now_us: int) -> list[str]:
        with self._database.write() as connection:
            rows = connection.execute(_ERASE, {"now_us": now_us}).fetchall()
        if rows:
            self._database.scrub()
        return sorted(row["id"] for row in rows)


def _get(connection: sqlite3.Connection, grant: Grant, alert_id: str) -> Alert:
    row = connection.execute(_GET, {"id": alert_id} | scope_of(grant)).fetchone()
    if row is None:
        raise NotFound(f"no alert {alert_id}")
    return alert_of(row)


def alert_of(row: sqlite3.Row) -> Alert:
    state = AlertState(row["state"])
    return Alert(
        id=row["id"],
        mandate_id=row["mandate_id"],
        kind=row["kind"],
        analytic=row["analytic"],
        version=row["version"],
        stream_id=row["stream_id"],
        place=Place(row["camera_id"], row["zone_id"], row["line_id"], row["wall_id"], row["asset_id"], row["mic_id"]),
        interval=Interval(row["start_us"], row["end_us"]),
        ongoing=bool(row["ongoing"]),
        score=row["score"],
        measures=tuple(Measure(*measure) for measure in json.loads(row["measures"])),
        evidence=Interval(row["evidence_start_us"], row["evidence_end_us"]),
        state=state,
        created_us=row["created_us"],
        verdict=_verdict(row, state),
        pictures=Pictured(row["before_sha256"], row["after_sha256"]) if row["before_sha256"] else None,
        sound=sound_of(row["sound"]),
    )


def _verdict(row: sqlite3.Row, state: AlertState) -> Verdict | None:
    if row["verdict_at_us"] is None:
        return None
    return Verdict(
        Decision(state.value),
        row["verdict_reason"],
        row["verdict_account_id"],
        row["verdict_at_us"],
        row["verdict_spent_s"],
    )
