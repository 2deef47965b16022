"""What may be done in a case, and by whom: pure decisions (law.md L22-L25). No I/O, no clock."""

__all__ = [
    "LARGEST_REGION",
    "LONGEST_CASE_US",
    "LONGEST_UNMASKED_US",
    "case_refused",
    "hold_refused",
    "in_lab",
    "opening_refused",
    "role_seconds",
    "seconding_refused",
    "unmasking_refused",
]

from collections.abc import Sequence

from vitrail.domain.cases import Case, CaseKind, Unmasking
from vitrail.domain.errors import Refused
from vitrail.domain.mandates import Mandate, Mode
from vitrail.domain.people import Account, Role
from vitrail.domain.time import DAY_US, MINUTE_US, Interval
from vitrail.guard.refusal import refuse

LONGEST_CASE_US = 366 * DAY_US
LONGEST_UNMASKED_US = 2 * MINUTE_US
LARGEST_REGION = 0.25
"""Share of the picture that one request may ask to see: a box, not the street."""

_WORKS: dict[CaseKind, Role] = {CaseKind.INQUIRY: Role.INVESTIGATOR, CaseKind.RIGHTS: Role.OFFICER}
_SECONDS: dict[CaseKind, frozenset[Role]] = {
    CaseKind.INQUIRY: frozenset({Role.OFFICER}),
    CaseKind.RIGHTS: frozenset({Role.OFFICER, Role.ADMINISTRATOR}),
}


def in_lab(mandates: Sequence[Mandate]) -> bool:
    """One's own recordings only: there the administrator stands in for every role, never for the second person."""
    return bool(mandates) and all(m.mode is Mode.LAB for m in mandates)


def opening_refused(account: Account, kind: CaseKind, lab: bool) -> Refused | None:
    if account.role is _WORKS[kind] or (lab and account.role is Role.ADMINISTRATOR):
        return None
    what = f"the role {account.role.value} opens no case of this kind ({kind.value})"
    return refuse("L23", what, f"account {account.id}", f"ask somebody with the role {_WORKS[kind].value}")


def case_refused(account: Account, case: Case | None, now_us: int, lab: bool) -> Refused | None:
    """Why this account may not work in this case now, if so."""
    where = f"account {account.id}"
    if case is None:
        return refuse("L23", "this is done inside a case, and there is no such case", where, "open one: its reference")
    if not case.stands(now_us):
        what = f"case {case.reference} {'was closed' if case.closed_us is not None else 'has expired'}"
        return refuse("L23", what, f"case {case.id}", "open a new one, with its reason")
    if account.id not in case.members:
        return refuse("L23", f"{account.id} is not assigned to case {case.reference}", where, "ask its members")
    return opening_refused(account, case.kind, lab)


def hold_refused(case: Case, camera_id: str, interval: Interval, until_us: int, now_us: int) -> Refused | None:
    """A hold keeps named footage of its case, and ends with it at the latest (L15)."""
    where = f"case {case.id}, camera {camera_id}"
    if camera_id not in case.cameras:
        return refuse("L15", f"case {case.reference} does not name camera {camera_id}", where, "widen the case first")
    if not (case.window.start_us <= interval.start_us and interval.end_us <= case.window.end_us):
        return refuse("L15", "the footage lies outside of the case's span", where, "name less, or widen the case first")
    if interval.length_us == 0:
        return refuse("L15", "a hold names footage from one moment to another", where, "say until when it goes")
    if not now_us < until_us <= case.expires_us:
        what = "a hold ends in the future, and with its case at the latest"
        return refuse("L15", what, where, "choose an earlier end")
    return None


def unmasking_refused(
    case: Case, camera_id: str, interval: Interval, region: tuple[float, float, float, float]
) -> Refused | None:
    where = f"case {case.id}, camera {camera_id}"
    x0, y0, x1, y1 = region
    if camera_id not in case.cameras or not (
        case.window.start_us <= interval.start_us and interval.end_us <= case.window.end_us
    ):
        return refuse("L24", "the case does not reach there", where, "choose its cameras and its span")
    if not 0 < interval.length_us <= LONGEST_UNMASKED_US:
        return refuse("L24", "at most two minutes are unmasked at a time", where, "ask for the moment that matters")
    if not (0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
        return refuse("L24", "the box does not lie inside the picture", where, "x0, y0, x1, y1 between 0 and 1")
    if (x1 - x0) * (y1 - y0) > LARGEST_REGION:
        return refuse("L24", "a box takes at most a quarter of the picture", where, "draw it round what matters")
    return None


def role_seconds(account: Account, case: Case, lab: bool) -> bool:
    """Whether the role answers for what others ask in such a case."""
    return account.role in _SECONDS[case.kind] or (lab and account.role is Role.ADMINISTRATOR)


def seconding_refused(account: Account, case: Case, asked: Unmasking, now_us: int, lab: bool) -> Refused | None:
    """The second pair of eyes is another person, in a role that answers for it."""
    where = f"account {account.id}, case {case.id}"
    if account.id == asked.asked_by:
        return refuse("L24", "who asks does not answer", where, "a second person decides")
    if not role_seconds(account, case, lab):
        roles = " or ".join(sorted(role.value for role in _SECONDS[case.kind]))
        return refuse("L24", f"the role {account.role.value} does not second an unmasking", where, f"ask: {roles}")
    if asked.answered_us is not None:
        return refuse("L24", "this was answered already", where, "ask anew")
    if now_us >= asked.expires_us or not case.stands(now_us):
        return refuse("L24", "nobody answered in time", where, "ask anew")
    return None
