"""Links to bundles for those they are for: asked by one person, agreed to by a second, counted, ended at once (L24)."""

__all__ = ["LONGEST_US", "MOST", "Sharing"]

import hashlib
import secrets
from dataclasses import replace
from pathlib import Path

from vitrail.domain.bundles import Bundle, Share
from vitrail.domain.cases import Case
from vitrail.domain.errors import Invalid, NotFound, Refused
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Account
from vitrail.domain.time import DAY_US, iso
from vitrail.guard.acting import acted
from vitrail.guard.bundles import bundle_refused
from vitrail.guard.case_rules import role_seconds
from vitrail.guard.casework import Casework
from vitrail.guard.fresh import fresh_id
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse
from vitrail.ports.bundles import BundleRecords, Shelf
from vitrail.ports.clock import Clock

LONGEST_US = 14 * DAY_US
MOST = 20
_OUTSIDE = "recipient"
"""The actor of a download: whoever holds the link. Its name stands in the bundle, not here."""


class Sharing:
    """Thread-safe as far as its records are: a download is counted by the store, so that no two take the last one."""

    def __init__(
        self, casework: Casework, bundles: BundleRecords, shelf: Shelf, ledger: Ledger, clock: Clock, lab: bool
    ) -> None:
        self._casework = casework
        self._bundles = bundles
        self._shelf = shelf
        self._ledger = ledger
        self._clock = clock
        self._lab = lab

    def ask(self, account: Account, bundle_id: str, length_us: int, most: int, reason: str) -> tuple[Share, str]:
        """The share and its token, which is told once. Opens nothing before a second person agrees."""
        bundle = self._bundles.get(bundle_id)
        case = self._casework.working(account, bundle.case_id, reason)
        now_us = self._clock.now_us()
        if bundle.made_us is None:
            raise Invalid("only a finished bundle is shared", where="bundle", remedy="make it first")
        if not 0 < length_us <= LONGEST_US or not 0 < most <= MOST:
            what = f"a link works for 14 days and {MOST} downloads at most"
            raise Invalid(what, where="share", rule="L24", remedy="ask for less")
        reason = " ".join(reason.split())
        token = secrets.token_urlsafe(24)
        share = Share(
            fresh_id(),
            bundle.id,
            case.id,
            hashlib.sha256(token.encode()).hexdigest(),
            account.id,
            reason,
            now_us,
            min(now_us + length_us, bundle.until_us, case.expires_us),
            most,
        )
        said = f"case {case.id}, bundle {bundle.id}, until {iso(share.expires_us)}, {most} downloads"
        with acted(self._ledger, Operation.CHANGE, account.id, f"share:{share.id}", reason, said):
            self._bundles.put_share(share)
        return share, token

    def answer(self, account: Account, share_id: str, granted: bool, reason: str) -> Share:
        """The second person's word. What is granted is counted in public (the ledger's target says so)."""
        share = self._bundles.share(share_id)
        case = self._casework.seen(account, share.case_id)
        refused = self._seconding_refused(account, case, share)
        if refused:
            self._told(account.id, share, refused, reason)
            raise refused
        answered = replace(
            share, answered_by=account.id, answer=reason, answered_us=self._clock.now_us(), granted=granted
        )
        target = f"{'shared' if granted else 'share'}:{share.id}"
        said = f"{'granted' if granted else 'declined'}; case {case.id}, asked by {share.asked_by}"
        with acted(self._ledger, Operation.COMMUNICATE, account.id, target, reason, said):
            self._bundles.put_share(answered)
        return answered

    def revoke(self, account: Account, share_id: str, reason: str) -> Share:
        """At once: the next download finds nothing. By members of the case and by those who agree."""
        share = self._bundles.share(share_id)
        case = self._casework.seen(account, share.case_id)
        if not role_seconds(account, case, self._lab):
            self._casework.working(account, case.id, reason)
        revoked = replace(share, revoked_us=self._clock.now_us())
        said = f"revoked after {share.taken} downloads; case {case.id}"
        with acted(self._ledger, Operation.CHANGE, account.id, f"share:{share.id}", reason, said):
            self._bundles.put_share(revoked)
        return revoked

    def of(self, account: Account, case_id: str, reason: str) -> list[Share]:
        self._casework.sheet(account, case_id, reason)
        return self._bundles.shares(case_id)

    def answerable(self, account: Account, case_id: str) -> set[str]:
        """Ids of those that this account could answer now."""
        case = self._casework.seen(account, case_id)
        return {s.id for s in self._bundles.shares(case_id) if not self._seconding_refused(account, case, s)}

    def take(self, token: str) -> tuple[Bundle, Path]:
        """For whoever holds the link: no account, no session. Decided, written down and counted before the file is
        given. ``NotFound`` for every link that opens nothing, whatever the reason."""
        share = self._bundles.share_of(hashlib.sha256(token.encode()).hexdigest())
        if share is None:
            raise _nothing()
        bundle, now_us = self._bundles.get(share.bundle_id), self._clock.now_us()
        refused = self._taking_refused(share, bundle, now_us)
        path = self._shelf.path(bundle.id)
        if refused or not path.is_file():
            self._told(_OUTSIDE, share, refused or refuse("L30", "the bundle is gone", f"share {share.id}", ""), "")
            raise _nothing()
        entry = self._ledger.open(Operation.COMMUNICATE, _OUTSIDE, f"taken:{share.id}", bundle.reason)
        if not self._bundles.count_taken(share.id):
            self._ledger.conclude(entry, Outcome.REFUSED, "all its downloads were taken", "L24")
            raise _nothing()
        self._ledger.conclude(entry, Outcome.DONE, f"download {share.taken + 1} of {share.most}; case {share.case_id}")
        return bundle, path

    def _taking_refused(self, share: Share, bundle: Bundle, now_us: int) -> Refused | None:
        where = f"share {share.id}"
        try:
            case = self._casework.standing(share.case_id)
        except NotFound:
            return refuse("L30", "its case is gone", where, "ask for another link")
        if not share.opens(now_us):
            return refuse(
                "L24", "the link was taken back, used up, has ended or was never agreed to", where, "ask anew"
            )
        return bundle_refused(case, bundle, now_us)

    def _seconding_refused(self, account: Account, case: Case, share: Share) -> Refused | None:
        where = f"account {account.id}, share {share.id}"
        now_us = self._clock.now_us()
        if account.id == share.asked_by:
            return refuse("L24", "who asks does not answer", where, "a second person decides")
        if not role_seconds(account, case, self._lab):
            return refuse("L24", f"the role {account.role.value} does not agree to this", where, "ask an officer")
        if share.answered_us is not None or share.revoked_us is not None:
            return refuse("L24", "there is nothing to answer", where, "ask anew")
        if now_us >= share.expires_us or not case.stands(now_us):
            return refuse("L24", "nobody answered in time", where, "ask anew")
        return None

    def _told(self, actor: str, share: Share, refused: Refused, reason: str) -> None:
        self._ledger.note(
            Operation.COMMUNICATE,
            Outcome.REFUSED,
            actor,
            f"share:{share.id}",
            reason,
            rule=refused.rule,
            detail=f"{refused.what}; case {share.case_id}",
        )


def _nothing() -> NotFound:
    return NotFound("this link opens nothing", remedy="ask those who gave it to you for another one")
