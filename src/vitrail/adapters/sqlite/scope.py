"""The scope of a grant as a WHERE clause: access is part of the question, never a filter afterwards."""

__all__ = ["EVIDENCE_IN_SCOPE", "READING_IN_SCOPE", "SEGMENT_IN_SCOPE", "must_cover", "scope_of"]

import json

from vitrail.domain.errors import Invalid
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Grant

_CAMERAS = "camera_id IN (SELECT value FROM json_each(:scope_cameras)) AND erase_after_us > :scope_until"

EVIDENCE_IN_SCOPE = f"{_CAMERAS} AND evidence_end_us >= :scope_from AND evidence_start_us <= :scope_until"
SEGMENT_IN_SCOPE = f"{_CAMERAS} AND (end_us > :scope_from OR sealed = 0) AND start_us <= :scope_until"
READING_IN_SCOPE = f"{_CAMERAS} AND at_us >= :scope_from AND at_us <= :scope_until"


def scope_of(grant: Grant) -> dict[str, str | int]:
    """The parameters of the clauses above."""
    return {
        "scope_cameras": json.dumps(sorted(grant.scope.cameras)),
        "scope_from": grant.scope.window.start_us,
        "scope_until": grant.scope.window.end_us,
    }


def must_cover(permit: Permit, mandate_id: str, camera_id: str, stream_id: str) -> None:
    """A row is written only under a permit for its own mandate, camera and stream."""
    if (permit.mandate_id, permit.camera_id, permit.stream_id) != (mandate_id, camera_id, stream_id):
        raise Invalid(
            f"a permit of {permit.mandate_id} for stream {permit.stream_id} does not cover a row of {mandate_id} "
            f"about stream {stream_id}",
            rule="L04",
        )
