"""Carrying a request to those who repair. Only the guard's way out hands one over."""

__all__ = ["Carrier"]

from collections.abc import Mapping
from typing import Protocol

from vitrail.domain.events import Side
from vitrail.domain.notices import Delivery, Notice, Receipt, Status
from vitrail.domain.recipients import Recipient


class Carrier(Protocol):
    """One channel. Every call has a timeout and a limit of what it reads."""

    def deliver(self, recipient: Recipient, notice: Notice, jpegs: Mapping[Side, bytes]) -> Delivery:
        """Hand it over once. Never raises for what the other side does: that is the ``Delivery``."""
        ...

    def known(self, recipient: Recipient, notice: Notice) -> Receipt | None:
        """Whether they have it, after a delivery that no answer came to; None when it may be handed over again. Raises
        ``Unavailable`` when that cannot be told."""
        ...

    def status(self, recipient: Recipient, notice: Notice) -> Status | None:
        """What became of one that they took in; None where the channel cannot tell. Raises ``Unavailable``."""
        ...
