"""What people who were filmed may ask for, and how it is answered (law.md L25)."""

__all__ = ["GROUNDS", "REQUEST_WORDS", "Answer", "Request", "RequestKind", "deadline_us"]

from dataclasses import dataclass
from enum import StrEnum

from vitrail.domain.time import Interval, in_months

_MONTHS = 1


class RequestKind(StrEnum):
    ACCESS = "access"
    """See what was recorded of oneself."""
    ERASURE = "erasure"
    OBJECTION = "objection"
    COMPLAINT = "complaint"
    """About the system as such; counted in public."""


class Answer(StrEnum):
    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


GROUNDS = {
    "nothing-recorded": "nothing of that place and time is recorded any more",
    "state-security": "the safety of the state, defence or public safety (CSI L.253-5)",
    "proceedings": "proceedings before a court, or preparations for them (CSI L.253-5)",
    "rights-of-others": "the rights of others cannot be kept by masking (CSI L.253-5)",
    "not-proven": "nothing shows that the person who asks was there",
    "excessive": "manifestly unfounded or excessive (GDPR art. 12.5)",
}
"""The only reasons for which a request may be refused, wholly or in part."""


REQUEST_WORDS = ("request", "answer")
"""What targets in the ledger begin with: ``request-complaint:ID`` when it came, ``answer-complaint-granted:ID`` (and
``-late``) when it was answered. Targets are never sealed, so requests can be counted for ever."""


@dataclass(frozen=True, slots=True)
class Request:
    """``contact`` and ``words`` are the asker's own and go with ``erase_after_us``. A complaint may name no place."""

    id: str
    kind: RequestKind
    received_us: int
    due_us: int
    words: str
    contact: str
    entered_by: str
    camera_id: str = ""
    interval: Interval | None = None
    case_id: str = ""
    answer: Answer | None = None
    grounds: str = ""
    answer_words: str = ""
    answered_by: str = ""
    answered_us: int | None = None
    erase_after_us: int = 0

    def overdue(self, now_us: int) -> bool:
        late_us = self.answered_us if self.answered_us is not None else now_us
        return late_us > self.due_us


def deadline_us(received_us: int, zone: str) -> int:
    """One month after it was received (GDPR art. 12.3), at the same local time."""
    return in_months(received_us, _MONTHS, zone)
