"""Personal words of the ledger can be erased, the ledger cannot (law.md L14).

Who acted, why, which account was touched, and what an outcome quotes are sealed per account and calendar month before
the entry's leaf is made: AES-256-GCM under a random key, bound to the rest of the entry. Destroying the key erases the
words; leaf, tree, chain and signed heads stay as they are. What is counted in public stays clear: time, operation,
outcome, mandate, rule, targets that name no account, verdicts.
"""

__all__ = ["DEFAULT_MONTHS", "ERASED", "FORGOTTEN", "MACHINE", "Keyring", "Opening", "seal", "unseal"]

import base64
import hashlib
import json
import re
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from vitrail.domain.errors import Corrupt, Invalid
from vitrail.domain.ledger import Entry, SealingKey, period_of, period_over
from vitrail.domain.time import SECOND_US
from vitrail.ports.clock import Clock
from vitrail.ports.records import KeyRecords

MACHINE = "vitrail"
"""The actor that is nobody: its words are never sealed."""
FORGOTTEN = "personal words"
"""The target of entries that say that keys were destroyed; their detail names the months."""
ERASED = "erased"
DEFAULT_MONTHS = 36
_LEAST_MONTHS, _MOST_MONTHS = 6, 36
"""AI Act art. 19 and 26: at least six months; CSI R.253-5: at most three years."""
_NAMES_ACCOUNT = re.compile(r"(account|reviewed|emergency):")
_COUNTED = re.compile(r"(confirmed|dismissed) after [0-9.]+ s")
"""Details that public figures are counted from (guard/figures.py)."""
_HIDDEN = ("actor", "reason", "target", "detail")
_NONCE_BYTES = 12
_BLOCK_BYTES = 64
"""The sealed words are filled up to a multiple, so that their length does not tell a name."""
_REMEMBERED_US = 10 * SECOND_US
"""A key that another process destroyed opens nothing any more after this."""
_MOST_REMEMBERED = 256


@dataclass(frozen=True, slots=True)
class Opening:
    """What an entry says, with the key that shows it: for an inspector."""

    fields: Mapping[str, str]
    secret: bytes


def seal(entry: Entry, secret: bytes, nonce: bytes) -> Entry:
    """``nonce``: 12 bytes, never used twice with the same secret."""
    hidden = _hidden(entry)
    clear = _with(replace(entry, key_id=_id_of(secret)), {name: _left(name, entry) for name in hidden})
    words = json.dumps(hidden, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    words += b" " * (-len(words) % _BLOCK_BYTES)
    box = nonce + AESGCM(secret).encrypt(nonce, words, clear.payload())
    return replace(clear, sealed=base64.b64encode(box).decode())


def unseal(entry: Entry, secret: bytes) -> Mapping[str, str]:
    """The sealed fields. Raises ``Corrupt`` when the secret is not the entry's, or the entry is not what was sealed."""
    try:
        box = base64.b64decode(entry.sealed, validate=True)
        context = replace(entry, sealed="").payload()
        if _id_of(secret) != entry.key_id:
            raise ValueError("another key")
        found = json.loads(AESGCM(secret).decrypt(box[:_NONCE_BYTES], box[_NONCE_BYTES:], context))
        return {name: str(found[name]) for name in _HIDDEN if name in found}
    except (InvalidTag, ValueError, TypeError) as error:
        raise Corrupt("the sealed words do not fit their entry", rule="L14") from error


class Keyring:
    """Thread-safe. Makes keys, remembers them for some seconds, and destroys them at their time."""

    def __init__(self, records: KeyRecords, clock: Clock, months: int = DEFAULT_MONTHS) -> None:
        """``months`` that words are kept, 6 to 36; counts for keys made from now on. Raises ``Invalid``."""
        if not _LEAST_MONTHS <= months <= _MOST_MONTHS:
            raise Invalid(
                f"the ledger's personal words cannot be kept for {months} months",
                where="ledger_months",
                rule="L14",
                remedy=f"{_LEAST_MONTHS} to {_MOST_MONTHS}",
            )
        self._records = records
        self._clock = clock
        self._months = months
        self._lock = threading.Lock()
        self._known: dict[object, tuple[int, SealingKey | None]] = {}

    def sealed(self, entry: Entry) -> Entry:
        """As it is to be stored. Raises ``Unavailable`` when a new key cannot be."""
        subject = _subject(entry)
        if not subject:
            return entry
        return seal(entry, self._key_for(subject, period_of(entry.at_us)).secret, secrets.token_bytes(_NONCE_BYTES))

    def opened(self, entry: Entry) -> Entry:
        """As it was written; where its key is gone, ``erased`` stands for the words. Raises ``Corrupt``."""
        if not entry.key_id:
            return entry
        opening = self.opening(entry)
        if opening:
            return replace(_with(entry, opening.fields), key_id="", sealed="")
        return replace(
            entry,
            key_id="",
            sealed="",
            actor=entry.actor or ERASED,
            target=entry.target + ERASED if _NAMES_ACCOUNT.fullmatch(entry.target) else entry.target,
            reason=entry.reason or (ERASED if entry.about is None else ""),
        )

    def opening(self, entry: Entry) -> Opening | None:
        """``None`` when nothing is sealed, or the key is gone. Raises ``Corrupt``."""
        key = self._key(entry.key_id) if entry.key_id else None
        return Opening(unseal(entry, key.secret), key.secret) if key else None

    def due(self) -> list[str]:
        """The months whose words are past their time, in order."""
        return sorted({key.period for key in self._records.due(self._clock.now_us())})

    def destroy(self) -> int:
        """What is due; how many keys."""
        count = self._records.destroy(self._clock.now_us())
        with self._lock:
            self._known.clear()
        return count

    def _key_for(self, subject: str, period: str) -> SealingKey:
        known = self._remembered((subject, period))
        if known:
            return known
        secret = AESGCM.generate_key(256)
        keep = max(self._months, _LEAST_MONTHS + 1)  # the last day of the month is kept six months too
        fresh = SealingKey(_id_of(secret), subject, period, secret, period_over(period, keep))
        return self._remember((subject, period), self._records.of(fresh))

    def _key(self, key_id: str) -> SealingKey | None:
        known = self._remembered(key_id)
        if known:
            return known
        found = self._records.get(key_id)
        return self._remember(key_id, found) if found else None

    def _remembered(self, name: object) -> SealingKey | None:
        with self._lock:
            since_us, key = self._known.get(name, (0, None))
        return key if key and self._clock.monotonic_us() - since_us < _REMEMBERED_US else None

    def _remember(self, name: object, key: SealingKey) -> SealingKey:
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[name] = (self._clock.monotonic_us(), key)
        return key


def _subject(entry: Entry) -> str:
    """Whose key seals the entry: who acted, else the account that the system's own entry names; empty: nobody's."""
    if entry.actor != MACHINE:
        return entry.actor
    kind, _, name = entry.target.partition(":")
    return name if _NAMES_ACCOUNT.fullmatch(f"{kind}:") else ""


def _hidden(entry: Entry) -> dict[str, str]:
    hidden = {"reason": entry.reason, "detail": entry.detail}
    if entry.actor != MACHINE:
        hidden["actor"] = entry.actor
    if _NAMES_ACCOUNT.match(entry.target):
        hidden["target"] = entry.target
    if _COUNTED.fullmatch(entry.detail):
        del hidden["detail"]
    return {name: text for name, text in hidden.items() if text}


def _with(entry: Entry, words: Mapping[str, str]) -> Entry:
    actor, target = words.get("actor", entry.actor), words.get("target", entry.target)
    reason, detail = words.get("reason", entry.reason), words.get("detail", entry.detail)
    return replace(entry, actor=actor, target=target, reason=reason, detail=detail)


def _left(name: str, entry: Entry) -> str:
    """What stands in the clear in place of a sealed field."""
    return entry.target.partition(":")[0] + ":" if name == "target" else ""


def _id_of(secret: bytes) -> str:
    return hashlib.sha256(secret).hexdigest()
