"""Bundles at rest, and what makes them: rows, a shelf for the files, a press. Guard, adapters and compose only."""

__all__ = ["BundleRecords", "Press", "Shelf"]

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from vitrail.domain.bundles import Bundle, Share, Story


class BundleRecords(Protocol):
    def put(self, bundle: Bundle) -> None:
        """Insert, or replace what stands under the same id; names an existing case. Raises ``Conflict`` when another
        answer stands there."""
        ...

    def get(self, bundle_id: str) -> Bundle:
        """Raises ``NotFound``."""
        ...

    def of(self, case_id: str | None) -> list[Bundle]:
        """Of that case, or of all; newest first."""
        ...

    def put_share(self, share: Share) -> None:
        """Insert, or replace but for the count of downloads. What was answered or revoked stays so, whoever writes
        late; raises ``Conflict`` when it would be answered once more."""
        ...

    def share(self, share_id: str) -> Share:
        """Raises ``NotFound``."""
        ...

    def share_of(self, token_sha256: str) -> Share | None: ...

    def shares(self, case_id: str) -> list[Share]:
        """Newest first."""
        ...

    def count_taken(self, share_id: str) -> bool:
        """One more download; False when all were taken."""
        ...


class Shelf(Protocol):
    """Where bundles lie, readable by this account only."""

    def alone(self, bundle_id: str) -> AbstractContextManager[None]:
        """Whoever puts it together, in whatever process, does so alone. Raises ``Conflict`` when another one does."""
        ...

    def folder(self, bundle_id: str) -> Path:
        """What is being put together; made when it is not there."""
        ...

    def path(self, bundle_id: str) -> Path:
        """The finished bundle."""
        ...

    def tidy(self, bundle_id: str) -> None:
        """Remove the folder: the bundle is finished."""
        ...

    def erase(self, bundle_id: str) -> bool:
        """Both; whether anything was there."""
        ...

    def kept(self) -> list[str]:
        """Ids of everything that lies there."""
        ...

    def free_bytes(self) -> int: ...


class Press(Protocol):
    """Puts a bundle into its form. Holds the site's signing key."""

    def report(self, story: Story, stills: Mapping[str, bytes]) -> bytes:
        """A PDF in the bundle's language; ``stills`` by the names the story uses."""
        ...

    def papers(self, story: Story) -> Mapping[str, bytes]:
        """What explains the bundle and checks it: a readme, the stand-alone verifier."""
        ...

    def credential(self, path: Path, title: str) -> None:
        """Content credentials (C2PA) into a masked film or still, in place."""
        ...

    def sign(self, text: bytes) -> bytes: ...

    def stamp(self, digest: bytes) -> bytes | None:
        """An RFC 3161 token over a SHA-256; None where no server is configured. Raises ``Unavailable``."""
        ...

    def bind(self, out: Path, files: Mapping[str, Path | bytes], progress: Callable[[float], None]) -> str:
        """One file of them all, written beside and moved into place; its SHA-256. Raises ``Unavailable``."""
        ...
