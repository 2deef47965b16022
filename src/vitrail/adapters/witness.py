"""Those who keep signed heads of the ledger elsewhere, so that rewriting it is found out: a file on another disk, or
another host over HTTPS."""

__all__ = ["tell"]

import os
import urllib.error
import urllib.request
from pathlib import Path

from vitrail.domain.errors import Unavailable

_TIMEOUT_S = 10.0


def tell(witness: str, line: str) -> None:
    """Hand one head to a witness: a path, or an https:// address that takes it by POST. Raises ``Unavailable``."""
    try:
        if witness.startswith(("https://", "http://")):
            _post(witness, line)
        else:
            _append(Path(witness), line)
    except (OSError, urllib.error.URLError, ValueError) as error:
        why = getattr(error, "strerror", None) or getattr(error, "reason", None) or error
        raise Unavailable(
            f"the witness cannot be told ({why})",
            where=witness,
            rule="L14",
            remedy="make it reachable again; heads are told as soon as it is",
        ) from error


def _append(path: Path, line: str) -> None:
    with path.open("ab") as file:
        file.write(line.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _post(address: str, line: str) -> None:
    request = urllib.request.Request(  # noqa: S310 - only http and https come here
        address, data=line.encode() + b"\n", headers={"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request, timeout=_TIMEOUT_S) as answer:  # noqa: S310
        answer.read(1)
