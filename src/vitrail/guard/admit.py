"""What people may do now: pure decisions over an account, what it asks for, and the moment (law.md L23). No I/O.

Outside ``lab`` an administrator opens no picture: who hands out keys does not look. In ``lab`` the recordings are
one's own, and the first account does everything.
"""

__all__ = ["GRANT_US", "USES", "Ask", "account_refused", "grant", "keys_refused", "still_granted"]

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vitrail.domain.cases import Case, CaseKind
from vitrail.domain.errors import Refused
from vitrail.domain.mandates import LegalProfile, Mandate
from vitrail.domain.people import Account, Grant, Role, Scope, Use
from vitrail.domain.streams import Site
from vitrail.domain.time import HOUR_US, Interval, iso
from vitrail.guard.case_rules import case_refused, in_lab
from vitrail.guard.emergency import seal_refused
from vitrail.guard.refusal import refuse

GRANT_US = 8 * HOUR_US
"""A grant lasts a shift at most."""
_SHORTEST_REASON = 3

USES: Mapping[Role, frozenset[Use]] = {
    Role.OPERATOR: frozenset({Use.REVIEW, Use.UPKEEP}),
    Role.INVESTIGATOR: frozenset({Use.REVIEW, Use.UPKEEP, Use.INQUIRE}),
    Role.OFFICER: frozenset({Use.ACCOUNT, Use.INQUIRE}),
    Role.AUDITOR: frozenset({Use.ACCOUNT}),
    Role.TECHNICIAN: frozenset({Use.ADMINISTER, Use.UPKEEP}),
    Role.ADMINISTRATOR: frozenset({Use.ADMINISTER, Use.ACCOUNT}),
}
"""Which role may ask for which use. A technician works on the machine and on what is broken in
the street, not on what was recorded. An officer looks only
inside the case of somebody who asks for what is theirs."""


@dataclass(frozen=True, slots=True)
class Ask:
    """What somebody asks for."""

    use: Use
    reason: str
    case_id: str | None = None


def grant(
    account: Account,
    ask: Ask,
    site: Site,
    mandates: tuple[Mandate, ...],
    profile: LegalProfile,
    now_us: int,
    case: Case | None = None,
) -> Grant | Refused:
    """The bounded permission, or why not. Its window reaches back as far as the longest retention of the mandates,
    and never beyond what the profile allows; in a case it is the case's own, and what it holds stays readable."""
    refused = account_refused(account, now_us) or _ask_refused(account, ask, mandates)
    if not refused and ask.use is Use.INQUIRE:
        refused = case_refused(account, case, now_us, in_lab(mandates))
    if refused:
        return refused
    scope = _scope(account, site, mandates, profile, now_us, case if ask.use is Use.INQUIRE else None)
    if ask.use in (Use.REVIEW, Use.UPKEEP, Use.INQUIRE) and not (scope.cameras or scope.microphones):
        return refuse(
            "L23",
            f"no camera or microphone of this site is in the territory of {account.id}",
            f"account {account.id}",
            "an administrator may give the account a territory",
        )
    return Grant(
        account_id=account.id,
        role=account.role,
        use=ask.use,
        reason=ask.reason.strip(),
        scope=scope,
        expires_us=now_us + GRANT_US,
        case_id=ask.case_id,
    )


def still_granted(
    given: Grant,
    account: Account,
    site: Site,
    mandates: tuple[Mandate, ...],
    profile: LegalProfile,
    now_us: int,
    case: Case | None = None,
) -> Grant | Refused:
    """Decide again, at each use: the same grant with its scope as it is now, or why it no longer holds."""
    if now_us >= given.expires_us:
        return refuse("L23", "this grant has expired", f"account {account.id}", "open the desk again, with a reason")
    fresh = grant(account, Ask(given.use, given.reason, given.case_id), site, mandates, profile, now_us, case)
    if isinstance(fresh, Refused):
        return fresh
    cameras = fresh.scope.cameras & given.scope.cameras
    microphones = fresh.scope.microphones & given.scope.microphones
    return Grant(
        account_id=given.account_id,
        role=account.role,
        use=given.use,
        reason=given.reason,
        scope=replace(fresh.scope, cameras=cameras, microphones=microphones),
        expires_us=given.expires_us,
        case_id=given.case_id,
    )


def account_refused(account: Account, now_us: int) -> Refused | None:
    """Why this account may do nothing at all, if so."""
    where = f"account {account.id}"
    if account.revoked_us is not None and account.revoked_us <= now_us:
        return refuse("L23", f"account {account.id} was revoked", where, "ask an administrator")
    if account.trained_until_us <= now_us:
        what = f"the training of {account.id} ran out on {iso(account.trained_until_us)[:10]}"
        return refuse("L23", what, where, "take the training again; an administrator enters its date")
    return seal_refused(account, now_us)


def keys_refused(account: Account, now_us: int) -> Refused | None:
    """Why this account may not hand out or take back accounts, if so."""
    if account.role is not Role.ADMINISTRATOR:
        what = f"the role {account.role.value} may not change accounts"
        return refuse("L23", what, f"account {account.id}", "ask an administrator")
    return account_refused(account, now_us)


def _ask_refused(account: Account, ask: Ask, mandates: tuple[Mandate, ...]) -> Refused | None:
    where = f"account {account.id}, {ask.use.value}"
    if len(ask.reason.strip()) < _SHORTEST_REASON:
        return refuse("L13", "no reason was typed", where, "say in a few words what for; it is kept in the ledger")
    if ask.use in USES[account.role]:
        return None
    if account.role is Role.ADMINISTRATOR and in_lab(mandates):
        return None
    what = f"the role {account.role.value} may not {ask.use.value}"
    return refuse("L23", what, where, "ask somebody whose role it is")


def _scope(
    account: Account,
    site: Site,
    mandates: tuple[Mandate, ...],
    profile: LegalProfile,
    now_us: int,
    case: Case | None,
) -> Scope:
    """An officer has no territory: the case that somebody's request opened names the cameras."""
    known = frozenset(camera.id for camera in site.cameras)
    ears = frozenset(microphone.id for microphone in site.microphones)
    if case is None:
        seen, heard = account.territory & known, account.territory & ears
        return Scope(seen, _window(mandates, profile, now_us), microphones=heard)
    devices = case.cameras
    if case.kind is CaseKind.INQUIRY:
        devices &= account.territory
    cameras = known & devices
    start_us = min(case.window.start_us, now_us)
    return Scope(
        cameras, Interval(start_us, max(start_us, min(case.window.end_us, now_us))), case.id, now_us, ears & devices
    )


def _window(mandates: tuple[Mandate, ...], profile: LegalProfile, now_us: int) -> Interval:
    longest = max((m.retention_us for m in mandates), default=0)
    return Interval(now_us - min(longest, profile.max_retention_us), now_us)
