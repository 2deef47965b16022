"""Asking for a case to be handed over, and agreeing to it (law.md L24, L30). Nothing here reads a picture: the desk
makes what was agreed to."""

__all__ = ["KEPT_US", "LONGEST_US", "Bundles", "bundle_refused"]

from collections.abc import Sequence
from dataclasses import replace

from vitrail.domain.bundles import Bundle, Part, View
from vitrail.domain.cases import Case
from vitrail.domain.errors import Invalid, Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Account
from vitrail.domain.time import DAY_US, HOUR_US, iso
from vitrail.guard.acting import acted
from vitrail.guard.case_rules import role_seconds
from vitrail.guard.casework import Casework
from vitrail.guard.fresh import fresh_id
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse
from vitrail.ports.bundles import BundleRecords
from vitrail.ports.clock import Clock

KEPT_US = 30 * DAY_US
"""A bundle lies here so long after it was asked for, and never longer than its case."""
LONGEST_US = 6 * HOUR_US
"""Footage in one bundle, cameras added up."""
_LANGUAGES = ("en", "fr")
_SHORTEST, _LONGEST = 3, 200


def bundle_refused(case: Case, bundle: Bundle, now_us: int) -> Refused | None:
    """Why it may not be made, handed out or shared now, if so."""
    where = f"bundle {bundle.id}"
    if bundle.case_id != case.id or not case.stands(now_us):
        return refuse("L30", "its case has ended, and with it the bundle", where, "open a new case, with its reason")
    if now_us >= bundle.until_us:
        return refuse("L15", "its time is over", where, "ask for it again, while the footage is kept")
    if not bundle.allowed(now_us):
        said = "a second person declined" if bundle.answered_us else "no second person has agreed"
        return refuse("L24", f"it holds pictures without masks, and {said}", where, "let another person answer")
    return None


class Bundles:
    """Thread-safe as far as its records are. Each verb: decide -> ledger -> write -> ledger."""

    def __init__(self, casework: Casework, bundles: BundleRecords, ledger: Ledger, clock: Clock, lab: bool) -> None:
        self._casework = casework
        self._bundles = bundles
        self._ledger = ledger
        self._clock = clock
        self._lab = lab

    def ask(
        self,
        account: Account,
        case_id: str,
        parts: Sequence[Part],
        recipient: str,
        reason: str,
        view: View = View.KEYS,
        originals: bool = False,
        language: str = "en",
    ) -> Bundle:
        """Raises ``Refused`` or ``Invalid``. Without originals it may be made at once."""
        case = self._casework.working(account, case_id, reason)
        recipient, reason = _worded("recipient", recipient), _worded("reason", reason)
        if language not in _LANGUAGES:
            raise Invalid(f"no report in {language!r}", where="language", remedy=f"one of {', '.join(_LANGUAGES)}")
        _must_fit(case, parts)
        now_us = self._clock.now_us()
        until_us = min(now_us + KEPT_US, case.expires_us)
        asked = Bundle(
            fresh_id(),
            case.id,
            tuple(parts),
            view,
            originals,
            language,
            recipient,
            account.id,
            reason,
            now_us,
            until_us,
        )
        said = f"case {case.id}, for {recipient}, {_listed(parts)}{', with originals' if originals else ''}"
        with acted(self._ledger, Operation.CHANGE, account.id, f"bundle:{asked.id}", reason, said):
            self._bundles.put(asked)
        return asked

    def answer(self, account: Account, bundle_id: str, granted: bool, reason: str) -> Bundle:
        """The second person's word on originals. What is granted is counted in public (the ledger's target says so)."""
        asked = self._bundles.get(bundle_id)
        case = self._casework.seen(account, asked.case_id)
        refused = self._seconding_refused(account, case, asked)
        if refused:
            self._ledger.note(
                Operation.COMMUNICATE,
                Outcome.REFUSED,
                account.id,
                f"bundle:{asked.id}",
                reason,
                rule=refused.rule,
                detail=refused.what,
            )
            raise refused
        reason = _worded("reason", reason)
        answered = replace(
            asked, answered_by=account.id, answer=reason, answered_us=self._clock.now_us(), granted=granted
        )
        target = f"{'originals' if granted else 'bundle'}:{asked.id}"
        said = f"{'granted' if granted else 'declined'}; case {case.id}, asked by {asked.asked_by}"
        with acted(self._ledger, Operation.COMMUNICATE, account.id, target, reason, said):
            self._bundles.put(answered)
        return answered

    def of(self, account: Account, case_id: str, reason: str) -> list[Bundle]:
        """Raises ``NotFound`` for cases of others."""
        self._casework.sheet(account, case_id, reason)
        return self._bundles.of(case_id)

    def waiting(self, account: Account) -> list[Bundle]:
        """Those that this account could answer now: a number beside a menu, so it is not written down."""
        asked = (b for b in self._bundles.of(None) if b.originals and b.answered_us is None)
        return [b for b in asked if not self._seconding_refused(account, self._casework.seen(account, b.case_id), b)]

    def _seconding_refused(self, account: Account, case: Case, asked: Bundle) -> Refused | None:
        where = f"account {account.id}, bundle {asked.id}"
        if account.id == asked.asked_by:
            return refuse("L24", "who asks does not answer", where, "a second person decides")
        if not role_seconds(account, case, self._lab):
            return refuse("L24", f"the role {account.role.value} does not agree to this", where, "ask an officer")
        if asked.answered_us is not None or not asked.originals:
            return refuse("L24", "there is nothing to answer", where, "ask anew")
        if self._clock.now_us() >= asked.until_us or not case.stands(self._clock.now_us()):
            return refuse("L24", "nobody answered in time", where, "ask anew")
        return None


def _must_fit(case: Case, parts: Sequence[Part]) -> None:
    if not parts:
        raise Invalid("a bundle names some footage", where="parts", remedy="a camera, from when to when")
    for part in parts:
        inside = case.window.start_us <= part.interval.start_us and part.interval.end_us <= case.window.end_us
        if part.camera_id not in case.cameras or not inside:
            what = f"the case does not reach to camera {part.camera_id}, {iso(part.interval.start_us)}"
            raise Invalid(what, where="parts", rule="L30", remedy="choose its cameras and its span, or widen it first")
        if part.interval.length_us == 0:
            raise Invalid("a part runs from one moment to a later one", where="parts")
    if sum(part.interval.length_us for part in parts) > LONGEST_US:
        raise Invalid("a bundle holds six hours of footage at most", where="parts", remedy="make several")


def _listed(parts: Sequence[Part]) -> str:
    return ", ".join(f"{p.camera_id} {iso(p.interval.start_us)}..{iso(p.interval.end_us)}" for p in parts)


def _worded(name: str, words: str) -> str:
    words = " ".join(words.split())
    if not _SHORTEST <= len(words) <= _LONGEST:
        raise Invalid(f"the {name} is missing, or too long", where=name, remedy=f"{_SHORTEST} to {_LONGEST} characters")
    return words
