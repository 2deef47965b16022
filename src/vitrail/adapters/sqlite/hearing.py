"""A ``SoundTrace`` as the text of a column: whole decibels, and a place; and what microphones hear every day."""

__all__ = ["habits_of", "put_habits", "sound_of", "sound_text"]

import json
import sqlite3
from collections.abc import Sequence
from dataclasses import asdict

from vitrail.domain.mandates import Permit
from vitrail.domain.sound import Habit, Located, SoundTrace

_PUT = """
INSERT INTO sound_habit (mic_id, kind, mandate_id, listened_us, count, total) VALUES (?, ?, ?, ?, ?, ?)
ON CONFLICT (mic_id, kind) DO UPDATE SET mandate_id = excluded.mandate_id, listened_us = excluded.listened_us,
    count = excluded.count, total = excluded.total
"""
_OF = "SELECT kind, listened_us, count, total FROM sound_habit WHERE mic_id = ? ORDER BY kind"


def sound_text(sound: SoundTrace | None) -> str | None:
    if sound is None:
        return None
    return json.dumps(asdict(sound), separators=(",", ":"))


def sound_of(text: str | None) -> SoundTrace | None:
    if text is None:
        return None
    said = json.loads(text)
    at = said["located"]
    located = Located(**(at | {"heard_by": tuple(at["heard_by"])})) if at else None
    return SoundTrace(tuple(said["levels_db"]), tuple(said["bands_db"]), located)


def put_habits(connection: sqlite3.Connection, permit: Permit, habits: Sequence[Habit]) -> None:
    rows = [(permit.microphone_id, h.kind, permit.mandate_id, h.listened_us, h.count, h.total) for h in habits]
    connection.executemany(_PUT, rows)


def habits_of(connection: sqlite3.Connection, permit: Permit) -> list[Habit]:
    rows = connection.execute(_OF, (permit.microphone_id,))
    return [Habit(row["kind"], row["listened_us"], row["count"], row["total"]) for row in rows]
