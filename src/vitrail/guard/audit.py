"""What an inspector takes away (law.md L32): one archive that says what runs, under what, and what was done with it,
readable and checkable without this product. Pure; ``adapters/publishing/bundle.py`` writes it.

Nothing in it shows anybody who was filmed. The ledger in it names staff: taking it is written down.
"""

__all__ = ["MANIFEST", "SIGNATURE", "Sealed", "by_role", "manifest", "plain", "statement"]

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from enum import Enum

from vitrail.domain.ledger import Checkpoint
from vitrail.domain.people import Account
from vitrail.domain.time import iso

MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"


@dataclass(frozen=True, slots=True)
class Sealed:
    """One file of the archive, as the manifest names it."""

    sha256: str
    bytes: int


def statement(manifest: bytes) -> bytes:
    """What the site's key signs: no ledger head and no order can be taken for it."""
    return b"vitrail audit 1\n" + manifest


def manifest(
    site_id: str, made_us: int, configuration: str, head: Checkpoint, files: Mapping[str, Sealed], version: str
) -> bytes:
    said = {
        "vitrail": "audit 1",
        "product": f"vitrail {version}",
        "site": site_id,
        "made": iso(made_us),
        "configuration": configuration,
        "public_key": head.public_key.hex(),
        "ledger": {"size": head.size, "root": head.root.hex()},
        "files": {name: asdict(sealed) for name, sealed in sorted(files.items())},
    }
    return (json.dumps(said, ensure_ascii=False, indent=1) + "\n").encode()


def by_role(accounts: Iterable[Account], now_us: int) -> Mapping[str, Mapping[str, int]]:
    """How many accounts of each role there are and what state they are in: no name, no password, no session."""
    counted: dict[str, Counter[str]] = {}
    for account in accounts:
        counted.setdefault(account.role.value, Counter())[_standing(account, now_us)] += 1
    return {role: dict(sorted(found.items())) for role, found in sorted(counted.items())}


def plain(value: object) -> object:
    """Our values as JSON knows them: sets in order, times as they are (``_us``: microseconds since 1970, UTC)."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Mapping):
        return {str(plain(key)): plain(each) for key, each in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((plain(each) for each in value), key=str)
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)


def _standing(account: Account, now_us: int) -> str:
    if account.revoked_us is not None and account.revoked_us <= now_us:
        return "revoked"
    if account.trained_until_us <= now_us:
        return "training ran out"
    return "emergency" if account.emergency else "active"
