"""The stores in memory, tested by the same suite as SQLite (tests/ports/test_records.py)."""

__all__ = [
    "MemoryAccounts",
    "MemoryAlerts",
    "MemoryCases",
    "MemoryKeys",
    "MemoryLedger",
    "MemoryReadings",
    "MemoryRecords",
    "MemoryRights",
    "MemorySegments",
    "UnwritableLedger",
]

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from tests.fakes.upkeep import MemoryMemory, MemoryNotices, MemoryUpkeep
from vitrail.domain.board import CameraClock, Pin, SavedQuery
from vitrail.domain.bundles import Bundle, Share
from vitrail.domain.cases import Case, Hold, Unmasking
from vitrail.domain.errors import Conflict, Invalid, NotFound, Unavailable
from vitrail.domain.events import Alert, AlertQuery, AlertState, Reading, Verdict
from vitrail.domain.ledger import BLOCK, FIRST_LINK, Checkpoint, SealingKey, leaf_hash, link_after
from vitrail.domain.mandates import Permit
from vitrail.domain.people import Account, Grant, Session
from vitrail.domain.recordings import Segment
from vitrail.domain.rights import Request
from vitrail.domain.sound import Habit, SoundTrace
from vitrail.domain.time import HOUR_US, Interval
from vitrail.domain.upkeep import Following
from vitrail.guard.merkle import root_of
from vitrail.guard.seen import Seen
from vitrail.ports.records import NOTHING

_T = TypeVar("_T")


class MemoryLedger:
    def __init__(self) -> None:
        self.rows: list[tuple[bytes, bytes, bytes]] = []
        self.heads: list[Checkpoint] = []
        self.keys = MemoryKeys()

    def append(self, payloads: Sequence[bytes]) -> int:
        first = len(self.rows)
        for payload in payloads:
            leaf = leaf_hash(payload)
            self.rows.append((payload, leaf, link_after(self.rows[-1][2] if self.rows else FIRST_LINK, leaf)))
        return first

    def size(self) -> int:
        return len(self.rows)

    def read(self, start: int, stop: int) -> Iterator[tuple[int, bytes]]:
        return ((i, self.rows[i][0]) for i in range(start, min(stop, len(self.rows))))

    def leaf_hashes(self, start: int, stop: int) -> Iterator[bytes]:
        return (row[1] for row in self.rows[start:stop])

    def links(self, start: int, stop: int) -> Iterator[bytes]:
        return (row[2] for row in self.rows[start:stop])

    def blocks(self, start: int, stop: int) -> Iterator[bytes]:
        leaves = [row[1] for row in self.rows]
        whole = min(stop, len(leaves) // BLOCK)
        return (root_of(leaves[i * BLOCK : (i + 1) * BLOCK]) for i in range(start, whole))

    def add_checkpoint(self, checkpoint: Checkpoint) -> None:
        self.heads.append(checkpoint)

    def checkpoints(self) -> Iterator[Checkpoint]:
        return iter(tuple(self.heads))


class MemoryKeys:
    def __init__(self) -> None:
        self.rows: dict[tuple[str, str], SealingKey] = {}

    def of(self, fresh: SealingKey) -> SealingKey:
        return self.rows.setdefault((fresh.subject, fresh.period), fresh)

    def get(self, key_id: str) -> SealingKey | None:
        return next((key for key in self.rows.values() if key.id == key_id), None)

    def ids(self) -> set[str]:
        return {key.id for key in self.rows.values()}

    def due(self, now_us: int) -> list[SealingKey]:
        due = (key for key in self.rows.values() if key.erase_after_us <= now_us)
        return sorted(due, key=lambda key: (key.period, key.id))

    def destroy(self, now_us: int) -> int:
        due = self.due(now_us)
        for key in due:
            del self.rows[key.subject, key.period]
        return len(due)


class UnwritableLedger(MemoryLedger):
    """Its disk fills up when told."""

    def __init__(self) -> None:
        super().__init__()
        self.full = False

    def append(self, payloads: Sequence[bytes]) -> int:
        if self.full:
            raise Unavailable("ledger.db cannot grow: the disk is full")
        return super().append(payloads)


def _must_cover(permit: Permit, mandate_id: str, device_id: str, stream_id: str) -> None:
    if (permit.mandate_id, permit.device_id, permit.stream_id) != (mandate_id, device_id, stream_id):
        raise Invalid("the permit does not cover this row", rule="L04")


def _in_scope(
    grant: Grant, camera_id: str, span: Interval, erase_after_us: int, holds: Sequence[Hold] | None = None
) -> bool:
    window, asked_us = grant.scope.window, grant.scope.asked_us
    reached = span.end_us >= window.start_us and span.start_us <= window.end_us
    mine = [h for h in holds or () if h.case_id == grant.scope.case_id]
    in_time = erase_after_us > asked_us or _held(mine, camera_id, span, asked_us)
    return camera_id in grant.scope.cameras | grant.scope.microphones and reached and in_time


def _held(holds: Sequence[Hold], camera_id: str, span: Interval, now_us: int) -> bool:
    return any(
        h.camera_id == camera_id
        and h.interval.start_us < span.end_us
        and h.interval.end_us > span.start_us
        and h.stands(now_us)
        for h in holds
    )


class MemoryAlerts:
    def __init__(self, cases: "MemoryCases | None" = None) -> None:
        self.cases = cases or MemoryCases()
        self.upkeep = MemoryUpkeep()
        self.notices = MemoryNotices()
        self.rows: dict[str, Alert] = {}
        self.erase_after_us: dict[str, int] = {}
        self._habits: dict[str, dict[str, Habit]] = {}

    def add(self, permit: Permit, alert: Alert) -> None:
        _must_cover(permit, alert.mandate_id, alert.place.device_id, alert.stream_id)
        if alert.id in self.rows:
            raise Conflict("alert id taken")
        self.rows[alert.id] = alert
        self.erase_after_us[alert.id] = alert.evidence.end_us + permit.retention_us

    def close(self, permit: Permit, alert_id: str, interval: Interval, evidence: Interval) -> None:
        alert = self.rows.get(alert_id)
        if alert is None or alert.stream_id != permit.stream_id:
            raise NotFound(f"no alert {alert_id}")
        self.rows[alert_id] = replace(alert, interval=interval, evidence=evidence, ongoing=False)
        until_us = evidence.end_us + permit.retention_us
        self.erase_after_us[alert_id] = max(self.erase_after_us[alert_id], until_us)

    def keep_habits(self, permit: Permit, habits: Sequence[Habit]) -> None:
        held = self._habits.setdefault(permit.microphone_id or "", {})
        held.update({habit.kind: habit for habit in habits})

    def habits(self, permit: Permit) -> list[Habit]:
        held = self._habits.get(permit.microphone_id or "", {})
        return [held[kind] for kind in sorted(held)]

    def trace(self, permit: Permit, alert_id: str, sound: SoundTrace) -> None:
        alert = self.rows.get(alert_id)
        if alert is None or (alert.stream_id, alert.place.microphone_id) != (permit.stream_id, permit.microphone_id):
            raise NotFound(f"no alert {alert_id}")
        self.rows[alert_id] = replace(alert, sound=sound)

    def settle(self, permit: Permit) -> int:
        left = [a for a in self.rows.values() if a.ongoing and a.stream_id == permit.stream_id]
        self.rows |= {a.id: replace(a, ongoing=False) for a in left}
        return len(left)

    def known(self, permit: Permit, alert_ids: Sequence[str]) -> list[Alert]:
        mine = [a for a in self.rows.values() if a.id in alert_ids and a.stream_id == permit.stream_id]
        return sorted(mine, key=lambda a: (a.interval.start_us, a.id))

    def find(self, grant: Grant, query: AlertQuery) -> list[Alert]:
        newest = sorted(self._seen(grant), key=lambda a: (a.created_us, a.id), reverse=True)
        last = self.rows.get(query.before_id) if query.before_id else None
        if query.before_id:
            newest = [a for a in newest if last and (a.created_us, a.id) < (last.created_us, last.id)]
        fits = [
            a
            for a in newest
            if (not query.states or a.state in query.states)
            and query.camera_id in (None, a.place.device_id)
            and query.kind in (None, a.kind)
            and (not query.within or query.within.start_us <= a.interval.start_us < query.within.end_us)
        ]
        return fits[: query.limit]

    def get(self, grant: Grant, alert_id: str) -> Alert:
        found = next((a for a in self._seen(grant) if a.id == alert_id), None)
        if found is None:
            raise NotFound(f"no alert {alert_id}")
        return found

    def judge(self, grant: Grant, alert_id: str, verdict: Verdict, told: Following = NOTHING) -> Alert:
        alert = self.get(grant, alert_id)
        if alert.state is not AlertState.OPEN:
            raise Conflict(f"alert {alert_id} is already {alert.state.value}")
        self.rows[alert_id] = replace(alert, state=AlertState(verdict.decision.value), verdict=verdict)
        self.upkeep.rows += told.steps
        self.notices.rows |= {notice.id: notice for notice in told.notices}
        return self.rows[alert_id]

    def tally(self, grant: Grant, camera_id: str, kind: str) -> tuple[int, int]:
        states = [a.state for a in self._seen(grant) if (a.place.device_id, a.kind) == (camera_id, kind)]
        return states.count(AlertState.CONFIRMED), states.count(AlertState.DISMISSED)

    def counts(self, grant: Grant) -> dict[AlertState, int]:
        states = [a.state for a in self._seen(grant)]
        return {state: states.count(state) for state in AlertState}

    def hours(self, grant: Grant, since_us: int) -> dict[int, int]:
        starts = [alert.interval.start_us for alert in self._seen(grant)]
        return dict(Counter((start - since_us) // HOUR_US for start in starts if start >= since_us))

    def pictured(self) -> set[str]:
        return {alert.id for alert in self.rows.values() if alert.pictures}

    def expire(self, created_before_us: int) -> list[str]:
        late = [a for a in self.rows.values() if a.state is AlertState.OPEN and a.created_us < created_before_us]
        self.rows |= {a.id: replace(a, state=AlertState.EXPIRED) for a in late}
        return sorted(a.id for a in late)

    def kept(self) -> int:
        return len(self.rows)

    def erase(self, now_us: int) -> list[str]:
        kept = {
            a.id
            for a in self.rows.values()
            if _held(list(self.cases.hold_rows.values()), a.place.device_id, a.evidence, now_us)
        }
        due = sorted(i for i, until_us in self.erase_after_us.items() if until_us <= now_us and i not in kept)
        for alert_id in due:
            del self.rows[alert_id], self.erase_after_us[alert_id]
        return due

    def _seen(self, grant: Grant) -> list[Alert]:
        holds = list(self.cases.hold_rows.values())
        return [
            a
            for a in self.rows.values()
            if _in_scope(grant, a.place.device_id, a.evidence, self.erase_after_us[a.id], holds)
        ]


class MemorySegments:
    def __init__(self, cases: "MemoryCases | None" = None) -> None:
        self.cases = cases or MemoryCases()
        self.rows: dict[str, Segment] = {}

    def put(self, permit: Permit, segment: Segment) -> None:
        _must_cover(permit, segment.mandate_id, segment.camera_id, segment.stream_id)
        self.rows[segment.id] = segment

    def covering(self, grant: Grant, stream_id: str, interval: Interval) -> list[Segment]:
        found = [
            s for s in self.rows.values() if s.stream_id == stream_id and self._seen(grant, s) and _reach(s, interval)
        ]
        return sorted(found, key=lambda s: (s.interval.start_us, s.id))

    def spans(self, grant: Grant, camera_id: str, interval: Interval) -> list[Interval]:
        start_us = max(interval.start_us, grant.scope.window.start_us)
        merged: list[Interval] = []
        for s in sorted(self.rows.values(), key=lambda s: s.interval.start_us):
            if s.camera_id != camera_id or not self._seen(grant, s):
                continue
            low, high = max(s.interval.start_us, start_us), min(s.interval.end_us, interval.end_us)
            if low >= high:
                continue
            if merged and low <= merged[-1].end_us + 500_000:
                merged[-1] = Interval(merged[-1].start_us, max(merged[-1].end_us, high))
            else:
                merged.append(Interval(low, high))
        return merged

    def already(self, permit: Permit, interval: Interval) -> list[Interval]:
        ours = (s.interval for s in self.rows.values() if s.stream_id == permit.stream_id)
        found = [i for i in ours if i.start_us < interval.end_us and i.end_us > interval.start_us]
        return sorted(found, key=lambda i: i.start_us)

    def unsealed(self) -> list[Segment]:
        return [s for s in self.rows.values() if not s.sealed]

    def mended(self, segment: Segment) -> None:
        self.rows[segment.id] = segment

    def due(self, now_us: int) -> list[Segment]:
        holds = list(self.cases.hold_rows.values())
        late = [s for s in self.rows.values() if s.erase_after_us <= now_us]
        found = [s for s in late if not _held(holds, s.camera_id, s.interval, now_us)]
        return sorted(found, key=lambda s: (s.erase_after_us, s.id))

    def forget(self, segment_ids: Sequence[str]) -> None:
        for segment_id in segment_ids:
            self.rows.pop(segment_id, None)

    def kept(self) -> int:
        return len(self.rows)

    def every(self) -> Iterator[Segment]:
        return iter(sorted(self.rows.values(), key=lambda s: s.id))

    def _seen(self, grant: Grant, s: Segment) -> bool:
        window, asked_us = grant.scope.window, grant.scope.asked_us
        reached = (s.interval.end_us > window.start_us or not s.sealed) and s.interval.start_us <= window.end_us
        mine = [h for h in self.cases.hold_rows.values() if h.case_id == grant.scope.case_id]
        in_time = s.erase_after_us > asked_us or _held(mine, s.camera_id, s.interval, asked_us)
        return s.camera_id in grant.scope.cameras and reached and in_time


def _reach(s: Segment, interval: Interval) -> bool:
    return s.interval.start_us < interval.end_us and (s.interval.end_us > interval.start_us or not s.sealed)


class MemoryReadings:
    def __init__(self) -> None:
        self.rows: list[tuple[Reading, int]] = []

    def add(self, permit: Permit, readings: Sequence[Reading]) -> None:
        for r in readings:
            _must_cover(permit, permit.mandate_id, r.place.camera_id, r.stream_id)
        self.rows += [(r, r.at_us + permit.retention_us) for r in readings]

    def latest(self, grant: Grant, name: str) -> list[Reading]:
        newest: dict[tuple[str, str, str], Reading] = {}
        for r in sorted(self._seen(grant, name), key=lambda r: r.at_us):
            newest[r.place.camera_id, r.place.zone_id or "", r.place.line_id or ""] = r
        return [newest[place] for place in sorted(newest)]

    def series(self, grant: Grant, name: str, camera_id: str, interval: Interval) -> list[Reading]:
        found = [r for r in self._seen(grant, name) if r.place.camera_id == camera_id and interval.holds(r.at_us)]
        return sorted(found, key=lambda r: r.at_us)

    def kept(self) -> int:
        return len(self.rows)

    def erase(self, now_us: int) -> int:
        before = len(self.rows)
        self.rows = [(r, until_us) for r, until_us in self.rows if until_us > now_us]
        return before - len(self.rows)

    def _seen(self, grant: Grant, name: str) -> list[Reading]:
        return [
            r
            for r, until_us in self.rows
            if r.name == name and _in_scope(grant, r.place.camera_id, Interval(r.at_us, r.at_us), until_us)
        ]


class MemoryAccounts:
    def __init__(self) -> None:
        self.rows: dict[str, Account] = {}
        self.sessions: dict[str, Session] = {}

    def add(self, account: Account) -> None:
        if account.id in self.rows:
            raise Conflict(f"account {account.id} exists")
        self.rows[account.id] = account

    def update(self, account: Account) -> None:
        if account.id not in self.rows:
            raise NotFound(f"no account {account.id}")
        self.rows[account.id] = replace(account, welcomed_us=self.rows[account.id].welcomed_us)

    def welcome(self, account_id: str, at_us: int) -> None:
        self.rows[account_id] = replace(self.rows[account_id], welcomed_us=at_us)

    def get(self, account_id: str) -> Account:
        if account_id not in self.rows:
            raise NotFound(f"no account {account_id}")
        return self.rows[account_id]

    def every(self) -> list[Account]:
        return sorted(self.rows.values(), key=lambda a: a.id)

    def add_session(self, session: Session) -> None:
        self.sessions[session.token_sha256] = session

    def session(self, token_sha256: str) -> Session | None:
        return self.sessions.get(token_sha256)

    def end_session(self, token_sha256: str) -> None:
        self.sessions.pop(token_sha256, None)

    def end_sessions(self, account_id: str | None, expired_before_us: int | None) -> int:
        ended = [
            key
            for key, s in self.sessions.items()
            if account_id in (None, s.account_id) and (expired_before_us is None or s.expires_us < expired_before_us)
        ]
        for key in ended:
            del self.sessions[key]
        return len(ended)


class MemoryCases:
    def __init__(self) -> None:
        self.rows: dict[str, Case] = {}
        self.hold_rows: dict[str, Hold] = {}
        self.unmasking_rows: dict[str, Unmasking] = {}

    def put(self, case: Case, was: Case | None = None) -> None:
        if was and self.rows.get(case.id, was) != was:
            raise Conflict("somebody changed the case meanwhile")
        self.rows[case.id] = case

    def get(self, case_id: str) -> Case:
        return _found(self.rows, case_id)

    def every(self) -> list[Case]:
        return sorted(self.rows.values(), key=lambda c: (-c.opened_us, c.id))

    def put_hold(self, hold: Hold) -> None:
        self.get(hold.case_id)
        self.hold_rows[hold.id] = hold

    def hold(self, hold_id: str) -> Hold:
        return _found(self.hold_rows, hold_id)

    def holds(self, case_id: str) -> list[Hold]:
        return sorted((h for h in self.hold_rows.values() if h.case_id == case_id), key=lambda h: (h.issued_us, h.id))

    def put_unmasking(self, unmasking: Unmasking) -> None:
        self.get(unmasking.case_id)
        _must_be_first(self.unmasking_rows.get(unmasking.id), unmasking)
        self.unmasking_rows[unmasking.id] = unmasking

    def unmasking(self, unmasking_id: str) -> Unmasking:
        return _found(self.unmasking_rows, unmasking_id)

    def unmaskings(self, case_id: str | None) -> list[Unmasking]:
        found = [u for u in self.unmasking_rows.values() if case_id in (None, u.case_id)]
        return sorted(found, key=lambda u: (-u.asked_us, u.id))


class MemoryRights:
    def __init__(self) -> None:
        self.rows: dict[str, Request] = {}

    def put(self, request: Request) -> None:
        self.rows[request.id] = request

    def get(self, request_id: str) -> Request:
        return _found(self.rows, request_id)

    def every(self) -> list[Request]:
        return sorted(self.rows.values(), key=lambda r: (-r.received_us, r.id))

    def kept(self) -> int:
        return sum(bool(r.contact) for r in self.rows.values())

    def erase(self, now_us: int) -> int:
        due = [r for r in self.rows.values() if r.erase_after_us <= now_us and (r.words or r.contact or r.answer_words)]
        self.rows |= {r.id: replace(r, words="", contact="", answer_words="") for r in due}
        return len(due)


class MemoryBoard:
    def __init__(self) -> None:
        self.cases = MemoryCases()
        self.pin_rows: dict[str, Pin] = {}
        self.clock_rows: dict[tuple[str, str], CameraClock] = {}
        self.query_rows: dict[str, SavedQuery] = {}

    def put_pin(self, pin: Pin) -> None:
        self.cases.get(pin.case_id)
        _must_follow(self.pin_rows.get(pin.id), pin.version)
        self.pin_rows[pin.id] = pin

    def pin(self, pin_id: str) -> Pin:
        return _found(self.pin_rows, pin_id)

    def pins(self, case_id: str) -> list[Pin]:
        found = [p for p in self.pin_rows.values() if p.case_id == case_id and p.removed_us is None]
        return sorted(found, key=lambda p: (p.at_us, p.id))

    def put_clock(self, clock: CameraClock) -> None:
        key = (clock.case_id, clock.camera_id)
        _must_follow(self.clock_rows.get(key), clock.version)
        self.clock_rows[key] = clock

    def clocks(self, case_id: str) -> list[CameraClock]:
        return sorted((c for c in self.clock_rows.values() if c.case_id == case_id), key=lambda c: c.camera_id)

    def put_query(self, query: SavedQuery) -> None:
        self.cases.get(query.case_id)
        self.query_rows[query.id] = query

    def queries(self, case_id: str) -> list[SavedQuery]:
        return sorted((q for q in self.query_rows.values() if q.case_id == case_id), key=lambda q: (q.made_us, q.id))

    def drop_query(self, case_id: str, query_id: str) -> None:
        if _found(self.query_rows, query_id).case_id != case_id:
            raise NotFound(f"no saved search {query_id}")
        del self.query_rows[query_id]

    def erase(self, now_us: int) -> int:
        ended = {c.id for c in self.cases.rows.values() if not c.stands(now_us)}
        before = len(self.pin_rows) + len(self.clock_rows) + len(self.query_rows)
        self.query_rows = {k: q for k, q in self.query_rows.items() if q.case_id not in ended}
        self.pin_rows = {k: p for k, p in self.pin_rows.items() if p.case_id not in ended}
        self.clock_rows = {k: c for k, c in self.clock_rows.items() if c.case_id not in ended}
        return before - len(self.pin_rows) - len(self.clock_rows) - len(self.query_rows)


def _must_follow(known: Pin | CameraClock | None, version: int) -> None:
    if version != (known.version if known else 0) + 1:
        raise Conflict("changed meanwhile", remedy="look at it again")


def _must_be_first(known: Bundle | Share | Unmasking | None, fresh: Bundle | Share | Unmasking) -> None:
    if known and known.answered_us and (known.answered_us, known.answered_by) != (fresh.answered_us, fresh.answered_by):
        raise Conflict("somebody answered it meanwhile")


class MemoryBundles:
    def __init__(self) -> None:
        self.rows: dict[str, Bundle] = {}
        self.share_rows: dict[str, Share] = {}

    def put(self, bundle: Bundle) -> None:
        _must_be_first(self.rows.get(bundle.id), bundle)
        self.rows[bundle.id] = bundle

    def get(self, bundle_id: str) -> Bundle:
        return _found(self.rows, bundle_id)

    def of(self, case_id: str | None) -> list[Bundle]:
        found = [b for b in self.rows.values() if case_id in (None, b.case_id)]
        return sorted(found, key=lambda b: (-b.asked_us, b.id))

    def put_share(self, share: Share) -> None:
        known = self.share_rows.get(share.id)
        if known:
            revoked_us, late = known.revoked_us or share.revoked_us, share
            if known.answered_us and not share.answered_us:
                late = known
            _must_be_first(known, late)
            share = replace(late, taken=known.taken, revoked_us=revoked_us)
        self.share_rows[share.id] = share

    def share(self, share_id: str) -> Share:
        return _found(self.share_rows, share_id)

    def share_of(self, token_sha256: str) -> Share | None:
        return next((s for s in self.share_rows.values() if s.token_sha256 == token_sha256), None)

    def shares(self, case_id: str) -> list[Share]:
        found = [s for s in self.share_rows.values() if s.case_id == case_id]
        return sorted(found, key=lambda s: (-s.asked_us, s.id))

    def count_taken(self, share_id: str) -> bool:
        share = self.share(share_id)
        if share.taken >= share.most or share.revoked_us is not None:
            return False
        self.share_rows[share_id] = replace(share, taken=share.taken + 1)
        return True


def _found(rows: dict[str, _T], wanted: str) -> _T:
    if wanted not in rows:
        raise NotFound(f"there is no {wanted}")
    return rows[wanted]


@dataclass
class MemoryRecords:
    """All of them together, like ``open_database`` gives them."""

    ledger: MemoryLedger = field(default_factory=UnwritableLedger)
    alerts: MemoryAlerts = field(default_factory=MemoryAlerts)
    segments: MemorySegments = field(default_factory=MemorySegments)
    readings: MemoryReadings = field(default_factory=MemoryReadings)
    accounts: MemoryAccounts = field(default_factory=MemoryAccounts)
    cases: MemoryCases = field(default_factory=MemoryCases)
    rights: MemoryRights = field(default_factory=MemoryRights)
    bundles: MemoryBundles = field(default_factory=MemoryBundles)
    board: MemoryBoard = field(default_factory=MemoryBoard)
    upkeep: MemoryUpkeep = field(default_factory=MemoryUpkeep)
    notices: MemoryNotices = field(default_factory=MemoryNotices)
    memory: MemoryMemory = field(default_factory=MemoryMemory)

    def __post_init__(self) -> None:
        from tests.fakes.sightings import BruteIndex, ColourLikeness, MemorySightings

        sightings = MemorySightings(self.alerts)
        self.seen = Seen(sightings, BruteIndex(sightings), ColourLikeness())
        self.alerts.upkeep, self.alerts.notices = self.upkeep, self.notices
        self.alerts.cases = self.segments.cases = self.board.cases = self.cases
