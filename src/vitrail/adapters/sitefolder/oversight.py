"""Public keys of those who may suspend from outside: ``oversight/NAME.pem`` in the site folder (law.md L08)."""

__all__ = ["oversight_keys"]

from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from vitrail.domain.errors import Problem

_REMEDY = "put an Ed25519 public key there: openssl pkey -in key.pem -pubout"


def oversight_keys(folder: Path) -> tuple[Mapping[str, bytes], list[Problem]]:
    """Raw keys by the file's name, and what is wrong with the others."""
    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    for path in sorted((folder / "oversight").glob("*.pem")):
        try:
            key = load_pem_public_key(path.read_bytes())
        except (OSError, ValueError, UnsupportedAlgorithm):
            key = None
        if isinstance(key, Ed25519PublicKey):
            found[path.stem] = key.public_bytes(Encoding.Raw, PublicFormat.Raw)
        else:
            problems.append(Problem(f"oversight/{path.name}", "", "this is no Ed25519 public key", _REMEDY))
    return found, problems
