"""The site's own file, as far as it is drawn, cameras that are added to it, and drafts of it."""

__all__ = ["DraftBook", "SitePaper"]

from typing import Protocol

from vitrail.domain.drawing import Candidate, Draft, Drawing, Sheet
from vitrail.domain.joining import Joined, NewCamera


class SitePaper(Protocol):
    def sheet(self, camera_id: str) -> Sheet:
        """What the file holds now. Raises ``NotFound`` for a camera that it does not declare, ``Invalid`` when it
        cannot be read."""
        ...

    def candidate(self, drawing: Drawing, base: str) -> Candidate:
        """What it would become; nothing is written. Raises ``Conflict`` when the file is not ``base`` any more."""
        ...

    def write(self, drawing: Drawing, base: str) -> str:
        """Make it so, in one step, the old file kept beside; the SHA-256 of the new one. Raises ``Conflict`` as above,
        ``Invalid`` with every problem that the new file would have, ``Unavailable`` when it cannot be written."""
        ...

    def joined(self, camera: NewCamera, reviewed_by: str, reviewed_on: str) -> Joined:
        """What it would become with one camera more; nothing is written. Raises ``Conflict`` when the id is taken."""
        ...

    def join(self, camera: NewCamera, reviewed_by: str, reviewed_on: str, base: str) -> str:
        """Make it so, as ``write`` does; the camera's user and password are kept apart, for the house alone."""
        ...


class DraftBook(Protocol):
    """At most one draft a camera."""

    def get(self, camera_id: str) -> Draft | None: ...

    def put(self, draft: Draft) -> None: ...

    def drop(self, camera_id: str) -> None: ...
