"""Individual accounts, signing in and sessions (law.md L23): argon2id passwords; of a token only the hash is kept."""

__all__ = ["SESSION_US", "Accounts", "PasswordHasher"]

import hashlib
import secrets
import threading
from collections.abc import Iterable
from dataclasses import replace

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from vitrail.domain.errors import Invalid, NotFound, Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Account, Role, Session
from vitrail.domain.streams import Site
from vitrail.domain.time import DAY_US, HOUR_US
from vitrail.guard.admit import account_refused, keys_refused
from vitrail.guard.doorstep import Doorstep, Strangers
from vitrail.guard.emergency import OPEN_US, Emergencies
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse
from vitrail.guard.sealing import ERASED, MACHINE
from vitrail.ports.clock import Clock
from vitrail.ports.records import AccountRecords

SESSION_US = 12 * HOUR_US
"""A session ends by itself after this, used or not."""
_SHORTEST_PASSWORD = 12
_LONGEST_PASSWORD = 512
_FIRST_TRAINING_US = 365 * DAY_US
_FIRST_ID = "first"
_AT_ONCE = 2
"""Password checks running at once: each takes 64 MiB (RFC 9106, second recommended option)."""


class Accounts:
    """Thread-safe."""

    def __init__(
        self, records: AccountRecords, ledger: Ledger, clock: Clock, hasher: PasswordHasher | None = None
    ) -> None:
        self._records = records
        self._ledger = ledger
        self._clock = clock
        self._hasher = hasher or PasswordHasher()
        self.emergencies = Emergencies(records, ledger, clock)
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))
        self._known_names = Doorstep()
        self._other_names = Doorstep()
        self._strangers = Strangers()
        self._checks = threading.BoundedSemaphore(_AT_ONCE)

    def first_run(self, site: Site) -> tuple[Account, str] | None:
        """The first account (an administrator for every camera) with its random password, to be shown once. None
        when there are accounts already."""
        if self._records.every():
            return None
        password = secrets.token_urlsafe(15)
        now_us = self._clock.now_us()
        account = Account(
            id=_FIRST_ID,
            name="First account",
            role=Role.ADMINISTRATOR,
            password_hash=self._hasher.hash(password),
            territory=site.device_ids(),
            trained_until_us=now_us + _FIRST_TRAINING_US,
            created_us=now_us,
            language=site.languages[0] if site.languages else "en",
        )
        self._add(account, "vitrail", "first run")
        return account, password

    def add(self, account: Account, password: str, *, by: str, reason: str) -> Account:
        """A new account; its ``password_hash`` and ``created_us`` are filled in here. ``by`` is the id of an
        administrator. Raises ``Refused``, ``Conflict`` (id taken) or ``Invalid`` (password)."""
        self._holds_keys(by)
        _check_password(password)
        if account.id in (MACHINE, ERASED):
            raise Invalid(f"{account.id} is what the ledger calls the system's own", where="id", remedy="another name")
        if account.emergency and account.role is not Role.OPERATOR:
            raise Invalid("an emergency account is an operator's", where="role", rule="L23", remedy="choose operator")
        made = replace(account, password_hash=self._hasher.hash(password), created_us=self._clock.now_us())
        self._add(made, by, reason)
        return made

    def revoke(self, account_id: str, *, by: str, reason: str) -> None:
        """At once: every session of the account ends, and every desk it holds refuses. ``by`` is an administrator,
        or the account itself. An auditor is revoked by an officer: an administrator cannot block who looks into what
        administrators do (L32). Raises ``Refused``."""
        account = self._records.get(account_id)
        if by != account_id and account.role is Role.AUDITOR:
            self._may_revoke_auditors(by)
        elif by != account_id:
            self._holds_keys(by)
        entry = self._ledger.open(Operation.CHANGE, by, f"account:{account_id}", reason)
        self._records.update(replace(account, revoked_us=self._clock.now_us()))
        self._records.end_sessions(account_id, None)
        self._ledger.conclude(entry, Outcome.DONE, "revoked")

    def change_password(self, account_id: str, old: str, new: str) -> None:
        """Raises ``Refused`` when ``old`` is wrong, ``Invalid`` when ``new`` is too short. Every session ends."""
        _check_password(new)
        account = self._proven(account_id, old)
        entry = self._ledger.open(Operation.CHANGE, account_id, f"account:{account_id}", "the password is changed")
        self._records.update(replace(account, password_hash=self._hasher.hash(new)))
        self._records.end_sessions(account_id, None)
        self._ledger.conclude(entry, Outcome.DONE)

    def welcomed(self, account_id: str) -> None:
        """The console's first steps are put away: it never shows them by itself again."""
        entry = self._ledger.open(Operation.CHANGE, account_id, f"account:{account_id}", "the first steps are put away")
        self._records.welcome(account_id, self._clock.now_us())
        self._ledger.conclude(entry, Outcome.DONE)

    def listing(self, *, by: str, reason: str) -> list[Account]:
        """Every account, for an administrator. Raises ``Refused``."""
        self._holds_keys(by)
        entry = self._ledger.open(Operation.CONSULT, by, "accounts", reason)
        found = self._records.every()
        self._ledger.conclude(entry, Outcome.DONE, f"{len(found)} accounts")
        return found

    def get(self, account_id: str) -> Account:
        """Raises ``NotFound``."""
        return self._records.get(account_id)

    def sign_in(self, account_id: str, password: str, reason: str) -> tuple[str, Session]:
        """The session's token (256 bits, nowhere stored) and the session.

        Raises ``Refused``: too many failed tries, wrong name or password (not told apart, nor by the time it takes),
        revoked, training run out. Each is in the ledger.
        """
        return self._session_of(self._proven(account_id, password), reason)

    def sign_in_proven(
        self, account_id: str, roles: frozenset[Role], provider: str, reason: str
    ) -> tuple[str, Session]:
        """The same for somebody whom ``provider`` has proven to be ``account_id`` and to be fit for ``roles``. The
        account must exist here and hold one of these; an emergency account is for when nobody vouches for anybody."""
        account = self._known(account_id)
        refused = None
        if account is None or account.emergency:
            refused = refuse("L23", "the provider knows you, this site does not", provider, "ask an administrator")
        elif account.role not in roles:
            refused = refuse("L23", "the provider has you in no group with your role", provider, "ask an administrator")
        if account is None or refused:
            assert refused is not None
            self._refuse(account, refused)
            raise refused
        return self._session_of(account, reason)

    def _session_of(self, account: Account, reason: str) -> tuple[str, Session]:
        now_us = self._clock.now_us()
        refused = account_refused(account, now_us)
        if refused:
            self._refuse(account, refused)
            raise refused
        expires_us = now_us + SESSION_US
        if account.emergency:
            account = self.emergencies.opened(account, reason)
            expires_us = (account.broken_us or now_us) + OPEN_US
        self._records.end_sessions(None, now_us)
        token = secrets.token_urlsafe(32)
        session = Session(
            token_sha256=_digest(token),
            account_id=account.id,
            reason=reason.strip(),
            csrf=secrets.token_urlsafe(32),
            created_us=now_us,
            expires_us=expires_us,
        )
        self._ledger.note(
            Operation.RULE, Outcome.DONE, account.id, f"account:{account.id}", session.reason or "sign in"
        )
        self._records.add_session(session)
        return token, session

    def whoami(self, token: str) -> tuple[Account, Session]:
        """Who holds this token. Raises ``Refused`` when the session ended, or the account was revoked."""
        session = self._records.session(_digest(token))
        now_us = self._clock.now_us()
        if session is None or not session.created_us <= now_us < session.expires_us:
            raise refuse("L23", "nobody is signed in", "session", "sign in")
        account = self._records.get(session.account_id)
        refused = account_refused(account, now_us)
        if refused:
            raise refused
        return account, session

    def sign_out(self, token: str) -> None:
        """Unknown tokens are ignored."""
        self._records.end_session(_digest(token))

    def _proven(self, account_id: str, password: str) -> Account:
        """The account, when the password is its own. Unknown names are treated alike, so that nobody learns which
        names exist: same words, same waiting, a password check of the same length."""
        account = self._known(account_id)
        doorstep, name = (self._known_names if account else self._other_names), _digest(account_id)
        wait = doorstep.waits_us(name, self._clock.now_us())
        if wait.must_wait:
            refused = refuse("L23", "too many failed tries to sign in", "sign in", f"wait {wait.minutes} minutes")
            if wait.first:
                self._refuse(account, refused)
            raise refused
        if not self._fits(account.password_hash if account else self._nobody, password) or account is None:
            doorstep.failed(name, self._clock.now_us())
            refused = refuse("L23", "wrong name or password", "sign in", "try again; an administrator can help")
            self._refuse(account, refused)
            raise refused
        doorstep.passed(name)
        return account

    def _holds_keys(self, by: str) -> None:
        account = self._known(by)
        if account is None:
            raise refuse("L23", "only an administrator may change accounts", f"account {by}", "sign in as one")
        refused = keys_refused(account, self._clock.now_us())
        if refused:
            self._refuse(account, refused)
            raise refused

    def _may_revoke_auditors(self, by: str) -> None:
        account = self._known(by)
        refused = account_refused(account, self._clock.now_us()) if account else None
        if account is None or account.role is not Role.OFFICER:
            refused = refuse("L32", "only an officer may revoke an auditor", f"account {by}", "ask an officer")
        if refused:
            self._refuse(account, refused)
            raise refused

    def _known(self, account_id: str) -> Account | None:
        try:
            return self._records.get(account_id)
        except NotFound:
            return None

    def _fits(self, password_hash: str, password: str) -> bool:
        with self._checks:
            try:
                return self._hasher.verify(password_hash, password[: _LONGEST_PASSWORD + 1])
            except (VerificationError, InvalidHashError):
                return False

    def _add(self, account: Account, by: str, reason: str) -> None:
        entry = self._ledger.open(Operation.CHANGE, by, f"account:{account.id}", reason)
        try:
            self._records.add(account)
        except BaseException as error:
            self._ledger.conclude(entry, Outcome.FAILED, type(error).__name__)
            raise
        sealed = "emergency; " if account.emergency else ""
        self._ledger.conclude(entry, Outcome.DONE, sealed + _described(account.role, account.territory))

    def _refuse(self, account: Account | None, refused: Refused) -> None:
        """What was typed as a name is not written down when no account has it: it may be a password."""
        detail = self._strangers.failed(self._clock.now_us()) if account is None else ""
        if detail is None:
            return
        name = account.id if account else "unknown"
        self._ledger.note(
            Operation.RULE, Outcome.REFUSED, name, f"account:{name}", refused.what, rule=refused.rule, detail=detail
        )


def _described(role: Role, territory: Iterable[str]) -> str:
    return f"role {role.value}; cameras {', '.join(sorted(territory)) or 'none'}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _check_password(password: str) -> None:
    if not _SHORTEST_PASSWORD <= len(password) <= _LONGEST_PASSWORD:
        raise Invalid(
            f"a password needs {_SHORTEST_PASSWORD} to {_LONGEST_PASSWORD} characters", remedy="choose another"
        )
