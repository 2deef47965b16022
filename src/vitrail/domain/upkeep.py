"""What becomes of a declared wall or piece of furniture: ok, suspected, confirmed by a person, repaired, ok again.

Its condition is never stored: it follows from what was said of it, step by step, by the machine and by people.
"""

__all__ = [
    "Condition",
    "Following",
    "Said",
    "Step",
    "Upkept",
    "condition",
    "kept_until_us",
    "of_upkeep",
    "spot",
    "suggestion",
    "waits_for_look",
]

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from vitrail.domain.events import Place
from vitrail.domain.notices import Notice
from vitrail.domain.tickets import SERVICES
from vitrail.domain.time import DAY_US


class Condition(StrEnum):
    OK = "ok"
    SUSPECTED = "suspected"
    """An alert waits for a person."""
    CONFIRMED = "confirmed"
    REPAIRED = "repaired"
    """Somebody said so; its new look is not known yet."""


class Said(StrEnum):
    """What one step says. ``ALERT``, ``OVER`` and ``RENEWED`` are the machine's, ``CLOSED`` comes from those who took a
    request in, all others are a person's."""

    ALERT = "alert"
    CONFIRMED = "confirmed"
    DISMISSED = "dismissed"
    OVER = "over"
    """It looks as it did before."""
    CLOSED = "closed"
    """The request about it was closed by those who took it in."""
    REPAIRED = "repaired"
    WHOLE = "whole"
    """It is in order as it stands."""
    RENEWED = "renewed"
    """How it looks now is what it is compared with from now on."""


@dataclass(frozen=True, slots=True)
class Step:
    """``by``: a staff account, the id of whom requests go to, or ``vitrail``."""

    place: Place
    said: Said
    by: str
    at_us: int
    mandate_id: str
    erase_after_us: int
    alert_id: str = ""
    words: str = ""


@dataclass(frozen=True, slots=True)
class Following:
    """What a verdict brings about, written together with it or not at all."""

    steps: tuple[Step, ...] = ()
    notices: tuple[Notice, ...] = ()


@dataclass(frozen=True, slots=True)
class Upkept:
    """One declared wall (``kind`` is ``wall``) or piece of furniture as it stands, with what was said of it and sent
    about it, newest first. ``pictured``: the newest alert of which pictures are kept, or empty."""

    place: Place
    name: str
    kind: str
    condition: Condition
    since_us: int
    suggested: Said | None
    steps: tuple[Step, ...] = ()
    notices: tuple[Notice, ...] = field(default=())
    pictured: str = ""


def of_upkeep(kind: str, place: Place) -> bool:
    """Whether events of this kind, there, are about the condition of a wall or a piece of furniture."""
    return kind in SERVICES and bool(place.surface_id or place.asset_id)


def spot(place: Place) -> str:
    """``asset:gate/bench-1``: how the ledger calls it."""
    return f"{'surface' if place.surface_id else 'asset'}:{place.camera_id}/{place.drawn}"


def kept_until_us(at_us: int, months: int) -> int:
    """A history holds no picture and nobody who was filmed; it is kept as long as the ledger's words about staff."""
    return at_us + months * 30 * DAY_US


def condition(steps: Sequence[Step]) -> Condition:
    """Of one place, from all its steps in the order in which they were said."""
    waiting: set[str] = set()
    confirmed = repaired = False
    for step in steps:
        match step.said:
            case Said.ALERT:
                waiting.add(step.alert_id)
            case Said.CONFIRMED:
                waiting.discard(step.alert_id)
                confirmed, repaired = True, False
            case Said.DISMISSED:
                waiting.discard(step.alert_id)
            case Said.REPAIRED | Said.WHOLE:
                waiting.clear()
                confirmed, repaired = False, step.said is Said.REPAIRED
            case Said.RENEWED:
                repaired = False
    if confirmed:
        return Condition.CONFIRMED
    if waiting:
        return Condition.SUSPECTED
    return Condition.REPAIRED if repaired else Condition.OK


def waits_for_look(steps: Sequence[Step]) -> bool:
    """Whether somebody said that it is repaired, or in order as it is, and its look was not learnt anew since."""
    last = next((s for s in reversed(steps) if s.said in (Said.REPAIRED, Said.WHOLE, Said.RENEWED)), None)
    return last is not None and last.said is not Said.RENEWED


def suggestion(steps: Sequence[Step]) -> Said | None:
    """Why it may have been repaired although nobody said so: its request was closed, or it looks as before."""
    if condition(steps) is not Condition.CONFIRMED:
        return None
    heard = [step.said for step in steps]
    since = heard[len(heard) - heard[::-1].index(Said.CONFIRMED) :]
    return Said.CLOSED if Said.CLOSED in since else Said.OVER if Said.OVER in since else None
