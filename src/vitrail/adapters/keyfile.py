"""The key that signs the ledger's checkpoints, in one file that only its owner may read."""

__all__ = ["signing_key"]

import contextlib
import os
import tempfile
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from vitrail.domain.errors import Corrupt, Unavailable

_NAME = "ledger-key.pem"


def signing_key(state_dir: Path) -> Ed25519PrivateKey:
    """The site's Ed25519 key, made at the first call. Raises ``Corrupt`` (not such a key) or ``Unavailable``."""
    path = state_dir / _NAME
    try:
        if not path.exists():
            _make(path)
        pem = path.read_bytes()
    except OSError as error:
        raise Unavailable(
            f"the ledger's key cannot be read or made: {error.strerror}",
            where=str(path),
            remedy="check the folder's permissions and free space",
        ) from error
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _not_a_key(path) from error
    if not isinstance(key, Ed25519PrivateKey):
        raise _not_a_key(path)
    return key


def _make(path: Path) -> None:
    """Written beside and linked into place: never half a key, and never two when several programs make it at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    pem = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    handle, fresh = tempfile.mkstemp(prefix=f".{_NAME}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(fresh, path)
    finally:
        Path(fresh).unlink()


def _not_a_key(path: Path) -> Corrupt:
    return Corrupt(
        "this file is not the ledger's Ed25519 key",
        where=str(path),
        remedy="put the key back from your backup; a new one would not match the checkpoints signed so far",
    )
