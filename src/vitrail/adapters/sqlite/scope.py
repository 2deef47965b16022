"""The scope of a grant as a WHERE clause: access is part of the question, never a filter afterwards."""

# ruff: noqa: S608 -- the clauses are put together from constants of this file; every value is a parameter.

__all__ = [
    "EVIDENCE_IN_SCOPE",
    "READING_IN_SCOPE",
    "SEGMENT_IN_SCOPE",
    "SIGHTING_IN_SCOPE",
    "held",
    "must_cover",
    "scope_of",
]

import json

from vitrail.domain.errors import Invalid
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Grant

_CAMERAS = "camera_id IN (SELECT value FROM json_each(:scope_cameras))"
_HEARD = "mic_id IN (SELECT value FROM json_each(:scope_microphones))"
_IN_TIME = "erase_after_us > :scope_asked"


def held(table: str, start: str, end: str) -> str:
    """Rows that a hold keeps, whichever case it serves."""
    device = "coalesce(alert.mic_id, alert.camera_id)" if table == "alert" else f"{table}.camera_id"
    return f"""EXISTS (SELECT 1 FROM hold WHERE hold.camera_id = {device} AND hold.start_us < {table}.{end}
        AND hold.end_us > {table}.{start} AND hold.released_us IS NULL AND hold.until_us > :now_us)"""


def _mine(table: str, start: str, end: str) -> str:
    return held(table, start, end).replace(":now_us)", ":scope_asked AND hold.case_id = :scope_case)")


EVIDENCE_IN_SCOPE = f"""({_CAMERAS} OR {_HEARD}) AND evidence_end_us >= :scope_from AND evidence_start_us <=
:scope_until AND ({_IN_TIME} OR {_mine("alert", "evidence_start_us", "evidence_end_us")})"""
SEGMENT_IN_SCOPE = f"""{_CAMERAS} AND (end_us > :scope_from OR sealed = 0) AND start_us <= :scope_until
    AND ({_IN_TIME} OR {_mine("segment", "start_us", "end_us")})"""
SIGHTING_IN_SCOPE = f"""{_CAMERAS} AND end_us >= :scope_from AND start_us <= :scope_until
    AND ({_IN_TIME} OR {_mine("sighting", "start_us", "end_us")})"""
READING_IN_SCOPE = f"{_CAMERAS} AND {_IN_TIME} AND at_us >= :scope_from AND at_us <= :scope_until"


def scope_of(grant: Grant) -> dict[str, str | int | None]:
    """The parameters of the clauses above."""
    return {
        "scope_cameras": json.dumps(sorted(grant.scope.cameras)),
        "scope_microphones": json.dumps(sorted(grant.scope.microphones)),
        "scope_from": grant.scope.window.start_us,
        "scope_until": grant.scope.window.end_us,
        "scope_asked": grant.scope.asked_us,
        "scope_case": grant.scope.case_id,
    }


def must_cover(permit: Permit, mandate_id: str, device_id: str, stream_id: str) -> None:
    """A row is written only under a permit for its own mandate, device and stream."""
    if (permit.mandate_id, permit.device_id, permit.stream_id) != (mandate_id, device_id, stream_id):
        raise Invalid(
            f"a permit of {permit.mandate_id} for stream {permit.stream_id} does not cover a row of {mandate_id} "
            f"about stream {stream_id}",
            rule="L04",
        )
