"""Slows down those who try passwords: after a few failures a name has to wait, longer each time."""

__all__ = ["Doorstep", "Strangers", "Wait"]

import threading
from collections import OrderedDict
from dataclasses import dataclass

from vitrail.domain.time import MINUTE_US

_FREE_TRIES = 5
_FIRST_WAIT_US = MINUTE_US
_LONGEST_WAIT_US = 15 * MINUTE_US
_FORGOTTEN_US = 60 * MINUTE_US
_NAMES_KEPT = 1024
_STRANGERS_TOLD = 20


@dataclass(frozen=True, slots=True)
class Wait:
    """``first`` once for each time of waiting: that one goes into the ledger, the others would only flood it."""

    us: int
    first: bool

    @property
    def must_wait(self) -> bool:
        return self.us > 0

    @property
    def minutes(self) -> int:
        return -(-self.us // MINUTE_US)


@dataclass(slots=True)
class _Tries:
    failed: int = 0
    last_us: int = 0
    until_us: int = 0
    told: bool = False


class Doorstep:
    """Thread-safe; forgets a name an hour after its last failure. Keep known and unknown names on two of them,
    so that many invented names never push a real one out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._tries: OrderedDict[str, _Tries] = OrderedDict()

    def waits_us(self, name: str, now_us: int) -> Wait:
        with self._lock:
            tries = self._tries.get(name)
            if tries is None or now_us >= tries.until_us:
                return Wait(0, False)
            first, tries.told = not tries.told, True
            return Wait(tries.until_us - now_us, first)

    def failed(self, name: str, now_us: int) -> None:
        with self._lock:
            tries = self._tries.setdefault(name, _Tries())
            if now_us - tries.last_us > _FORGOTTEN_US:
                tries.failed = 0
            tries.failed += 1
            tries.last_us = now_us
            beyond = tries.failed - _FREE_TRIES
            if beyond >= 0:
                tries.until_us = now_us + min(_FIRST_WAIT_US << min(beyond, 8), _LONGEST_WAIT_US)
                tries.told = False
            self._tries.move_to_end(name)
            if len(self._tries) > _NAMES_KEPT:
                self._tries.popitem(last=False)

    def passed(self, name: str) -> None:
        with self._lock:
            self._tries.pop(name, None)


class Strangers:
    """Failed tries with names that no account has: each is told, until they come so thick that they would flood the
    ledger; then one word a minute says how many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told = 0
        self._untold = 0
        self._since_us = 0
        self._last_us = 0

    def failed(self, now_us: int) -> str | None:
        """What to write down, or None when it waits for the next word."""
        with self._lock:
            if now_us - self._since_us > _FORGOTTEN_US:
                self._told, self._since_us = 0, now_us
            if self._told >= _STRANGERS_TOLD and now_us - self._last_us < MINUTE_US:
                self._untold += 1
                return None
            self._told += 1
            self._last_us = now_us
            untold, self._untold = self._untold, 0
            return f"{untold} more since the entry before" if untold else ""
