"""Signing in through the organisation's provider: it proves who somebody is, the account here says what they may.

Nobody gets in whom an administrator has not named: the provider makes no account, gives no territory and no training.
It can only take away: whoever is in none of the groups that may hold the account's role is refused.
"""

__all__ = ["SignOns", "Ticket"]

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from vitrail.domain.sign_on import Errand, SignOn
from vitrail.domain.time import MINUTE_US
from vitrail.guard.accounts import Accounts
from vitrail.guard.refusal import refuse
from vitrail.ports.clock import Clock
from vitrail.ports.staff import StaffDirectory

_MOST = 512
_PATIENCE_US = 10 * MINUTE_US


@dataclass(frozen=True, slots=True)
class Ticket:
    """What the browser keeps while it is away: ``key`` in a cookie. ``then`` is the page it wanted."""

    key: str
    address: str


@dataclass(frozen=True, slots=True)
class _Pending:
    errand: Errand
    reason: str
    then: str
    until_us: int


class SignOns:
    """Thread-safe. Remembers ``_MOST`` browsers for ten minutes; each answer is taken once."""

    def __init__(self, settings: SignOn, directory: StaffDirectory, accounts: Accounts, clock: Clock) -> None:
        self.name = settings.name
        self._settings = settings
        self._directory = directory
        self._accounts = accounts
        self._clock = clock
        self._lock = threading.Lock()
        self._pending: OrderedDict[str, _Pending] = OrderedDict()

    def begin(self, reason: str, then: str) -> Ticket:
        """Raises ``Refused`` without a reason (L13), ``Unavailable`` when the provider is away."""
        if len(reason.strip()) < 3:
            raise refuse("L13", "no reason was typed", "sign in", "say what for")
        errand = self._directory.begin()
        key = secrets.token_urlsafe(32)
        with self._lock:
            self._pending[key] = _Pending(errand, reason.strip(), then, self._clock.now_us() + _PATIENCE_US)
            while len(self._pending) > _MOST:
                self._pending.popitem(last=False)
        return Ticket(key, errand.address)

    def finish(self, key: str, answer: str) -> tuple[str, str]:
        """The session's token, and the page that was wanted. Raises ``Refused`` or ``Unavailable``."""
        with self._lock:
            pending = self._pending.pop(key, None)
        if pending is None or pending.until_us <= self._clock.now_us():
            raise refuse("L23", "this sign-in took too long, or was begun elsewhere", "sign in", "begin again")
        proven = self._directory.finish(pending.errand, answer)
        roles = frozenset(role for group, role in self._settings.roles.items() if group in proven.groups)
        token, _ = self._accounts.sign_in_proven(proven.account_id, roles, self.name, pending.reason)
        return token, pending.then
