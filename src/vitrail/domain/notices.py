"""Requests that leave to those who clean and repair, and how each delivery stands."""

__all__ = ["Delivery", "Fate", "Notice", "NoticeState", "Receipt", "Status"]

from dataclasses import dataclass
from enum import StrEnum

from vitrail.domain.events import Pictured, Place
from vitrail.domain.tickets import Ticket


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENDING = "sending"
    UNCLEAR = "unclear"
    """It was sent and no answer came: before it is sent again, they are asked whether they have it."""
    SENT = "sent"
    CLOSED = "closed"
    FAILED = "failed"
    """Given up, or refused by them: a person may send it again."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One request to one recipient about one confirmed alert: there is never a second. ``number``: what they call it;
    ``voucher``: what they gave instead, until there is one. ``answer``: their last words; ``problem``: why it is not
    delivered, empty when all is well."""

    id: str
    mandate_id: str
    alert_id: str
    place: Place
    recipient_id: str
    ticket: Ticket
    state: NoticeState
    created_us: int
    next_us: int
    erase_after_us: int
    pictures: Pictured | None = None
    tries: int = 0
    number: str = ""
    voucher: str = ""
    answer: str = ""
    problem: str = ""
    sent_us: int | None = None
    closed_us: int | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """They took it in: under a number, or against a voucher that becomes one."""

    number: str = ""
    voucher: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Status:
    """What they say of a request they took in."""

    closed: bool
    number: str = ""
    answer: str = ""


class Fate(StrEnum):
    """What is known after one try."""

    TAKEN = "taken"
    UNSENT = "unsent"
    """It did not reach them, or they asked for it later: nothing is lost by trying again."""
    UNCLEAR = "unclear"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Delivery:
    fate: Fate
    receipt: Receipt = Receipt()
    problem: str = ""
