"""Steps and notices in memory, tested by the same suite as SQLite (tests/ports/test_upkeep.py)."""

__all__ = ["MemoryMemory", "MemoryNotices", "MemoryUpkeep"]

from dataclasses import replace

from vitrail.domain.errors import Conflict, Invalid, NotFound
from vitrail.domain.events import Place
from vitrail.domain.mandates import Permit
from vitrail.domain.notices import Notice, NoticeState
from vitrail.domain.people import Grant
from vitrail.domain.upkeep import Step
from vitrail.ports.memory import Kept


def _in_scope(grant: Grant, row: Step | Notice, place: Place | None) -> bool:
    here = row.place.camera_id in grant.scope.cameras and row.erase_after_us > grant.scope.asked_us
    return here and place in (None, row.place)


class MemoryUpkeep:
    def __init__(self) -> None:
        self.rows: list[Step] = []

    def add(self, permit: Permit, step: Step) -> None:
        if (permit.mandate_id, permit.camera_id) != (step.mandate_id, step.place.camera_id):
            raise Invalid("the permit does not cover this row", rule="L04")
        self.rows.append(step)

    def said(self, permit: Permit) -> list[Step]:
        return [step for step in self.rows if step.place.camera_id == permit.camera_id]

    def say(self, grant: Grant, step: Step) -> None:
        if step.place.camera_id not in grant.scope.cameras:
            raise NotFound(f"no camera {step.place.camera_id}")
        self.rows.append(step)

    def find(self, grant: Grant, place: Place | None = None) -> list[Step]:
        return [step for step in self.rows if _in_scope(grant, step, place)]

    def closed(self, notice: Notice, step: Step) -> None:
        if step.place != notice.place:
            raise NotFound(f"notice {notice.id} is about another place")
        self.rows.append(step)

    def about(self, notice: Notice) -> list[Step]:
        return [step for step in self.rows if step.place == notice.place]

    def erase(self, now_us: int) -> int:
        before = len(self.rows)
        self.rows = [step for step in self.rows if step.erase_after_us > now_us]
        return before - len(self.rows)


class MemoryNotices:
    def __init__(self) -> None:
        self.rows: dict[str, Notice] = {}

    def find(self, grant: Grant, place: Place | None = None) -> list[Notice]:
        found = [notice for notice in self.rows.values() if _in_scope(grant, notice, place)]
        return sorted(found, key=lambda n: (n.created_us, n.id), reverse=True)[:200]

    def get(self, grant: Grant, notice_id: str) -> Notice:
        found = self.rows.get(notice_id)
        if found is None or not _in_scope(grant, found, None):
            raise NotFound(f"no request {notice_id}")
        return found

    def again(self, grant: Grant, notice_id: str, now_us: int) -> Notice:
        found = self.get(grant, notice_id)
        if found.state is not NoticeState.FAILED:
            raise Conflict(f"this request has not failed: it is {found.state.value}")
        self.rows[notice_id] = replace(found, state=NoticeState.WAITING, tries=0, next_us=now_us, problem="")
        return self.rows[notice_id]

    def due(self, states: frozenset[NoticeState], now_us: int) -> list[Notice]:
        found = [n for n in self.rows.values() if n.state in states and n.next_us <= now_us]
        return sorted(found, key=lambda n: (n.next_us, n.id))[:50]

    def change(self, notice: Notice, before: NoticeState) -> bool:
        old = self.rows.get(notice.id)
        if old is None or old.state is not before or old.tries not in (notice.tries, notice.tries - 1):
            return False
        self.rows[notice.id] = notice
        return True

    def troubled(self) -> int:
        tried = (NoticeState.WAITING, NoticeState.UNCLEAR)
        return sum(n.state is NoticeState.FAILED or (n.state in tried and n.tries >= 3) for n in self.rows.values())

    def erase(self, now_us: int) -> int:
        due = [n.id for n in self.rows.values() if n.erase_after_us <= now_us]
        for notice_id in due:
            del self.rows[notice_id]
        return len(due)


class MemoryMemory:
    def __init__(self) -> None:
        self.rows: dict[str, tuple[str, Kept]] = {}

    def put(self, permit: Permit, kept: Kept) -> None:
        self.rows[permit.stream_id] = (permit.mandate_id, kept)

    def get(self, permit: Permit, now_us: int) -> Kept | None:
        mandate_id, kept = self.rows.get(permit.stream_id, ("", None))
        return kept if kept and mandate_id == permit.mandate_id and kept.erase_after_us > now_us else None

    def files(self) -> set[str]:
        return set(self.rows)

    def erase(self, now_us: int) -> int:
        due = [stream_id for stream_id, (_, kept) in self.rows.items() if kept.erase_after_us <= now_us]
        for stream_id in due:
            del self.rows[stream_id]
        return len(due)
