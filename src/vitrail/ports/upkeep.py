"""What was said of walls and furniture, and what was sent about them, at rest. Guard, adapters and compose only."""

__all__ = ["NoticeRecords", "UpkeepRecords"]

from typing import Protocol

from vitrail.domain.events import Place
from vitrail.domain.mandates import Permit
from vitrail.domain.notices import Notice, NoticeState
from vitrail.domain.people import Grant
from vitrail.domain.upkeep import Step


class UpkeepRecords(Protocol):
    """Steps only grow; in the order in which they were said."""

    def add(self, permit: Permit, step: Step) -> None:
        """What a machine says, of the permit's camera."""
        ...

    def said(self, permit: Permit) -> list[Step]:
        """All of the permit's camera."""
        ...

    def say(self, grant: Grant, step: Step) -> None:
        """What a person says, inside the grant's scope. Raises ``NotFound`` outside."""
        ...

    def find(self, grant: Grant, place: Place | None = None) -> list[Step]:
        """Of the cameras in scope, or of one place there."""
        ...

    def closed(self, notice: Notice, step: Step) -> None:
        """What those who took a request in say, about the very place of the notice. Housekeeping of the way out."""
        ...

    def about(self, notice: Notice) -> list[Step]:
        """All that was said of the notice's place. Housekeeping of the way out."""
        ...

    def erase(self, now_us: int) -> int:
        """Retention: how many went."""
        ...


class NoticeRecords(Protocol):
    """Notices come to be with a verdict (``AlertRecords.judge``); from then on they only change."""

    def find(self, grant: Grant, place: Place | None = None) -> list[Notice]:
        """Of the cameras in scope, or of one place there; newest first, at most 200."""
        ...

    def get(self, grant: Grant, notice_id: str) -> Notice:
        """Raises ``NotFound``, also outside the scope."""
        ...

    def again(self, grant: Grant, notice_id: str, now_us: int) -> Notice:
        """One that failed waits again. Raises ``Conflict`` when it has not failed."""
        ...

    def due(self, states: frozenset[NoticeState], now_us: int) -> list[Notice]:
        """Housekeeping of the way out: those in these states whose time has come, oldest first, at most 50."""
        ...

    def change(self, notice: Notice, before: NoticeState) -> bool:
        """Housekeeping of the way out: put it in the place of the one in the state ``before`` with as many tries or one
        less; False, and nothing changed, when another process was faster."""
        ...

    def troubled(self) -> int:
        """How many are not delivered after some tries."""
        ...

    def erase(self, now_us: int) -> int:
        """Retention: how many went."""
        ...
