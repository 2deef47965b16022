"""Stopping analysis in public, and taking it up again (law.md L08): signed orders, and what they add up to.

One order stops; two orders by two people in two roles, each with a reason, take it up again. Orders are only added.
"""

__all__ = ["ORDER_ROLES", "Order", "OrderKind", "SignedOrder", "Suspension", "in_force", "standing"]

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

ORDER_ROLES = ("officer", "administrator", "oversight")
"""The data-protection officer, the controller (who administers), and whoever holds an oversight key."""


class OrderKind(StrEnum):
    SUSPEND = "suspend"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Order:
    """``cameras`` and ``analytics`` are empty for all of them. A resuming order names what it is ``about``."""

    kind: OrderKind
    id: str
    site_id: str
    at_us: int
    by: str
    role: str
    reason: str
    cameras: tuple[str, ...] = ()
    analytics: tuple[str, ...] = ()
    about: str = ""

    def statement(self) -> bytes:
        """What is signed: canonical JSON, sorted keys, no spaces."""
        record = {name: getattr(self, name) for name in self.__slots__} | {"vitrail": "order 1"}
        return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


@dataclass(frozen=True, slots=True)
class SignedOrder:
    """Ed25519 over the statement. ``public_key`` raw, 32 bytes."""

    order: Order
    public_key: bytes
    signature: bytes

    def line(self) -> str:
        record = json.loads(self.order.statement())
        record |= {"public_key": self.public_key.hex(), "signature": self.signature.hex()}
        return json.dumps(record, ensure_ascii=False, sort_keys=True)

    @classmethod
    def parse(cls, line: str) -> "SignedOrder":
        """Raises ``ValueError`` for anything that is no order; says nothing of the signature."""
        record = json.loads(line)
        if not isinstance(record, dict) or record.pop("vitrail", "") != "order 1":
            raise ValueError("no order")
        try:
            key, signature = bytes.fromhex(record.pop("public_key")), bytes.fromhex(record.pop("signature"))
            record["kind"] = OrderKind(record["kind"])
            record |= {name: tuple(record[name]) for name in ("cameras", "analytics")}
            return cls(Order(**record), key, signature)
        except (TypeError, KeyError) as error:
            raise ValueError("no order") from error


@dataclass(frozen=True, slots=True)
class Suspension:
    order: Order
    resumed_by: tuple[Order, ...] = field(default=())

    @property
    def over(self) -> bool:
        """Two people in two roles."""
        people = {order.by: order.role for order in self.resumed_by}
        return len(people) >= 2 and len(set(people.values())) >= 2

    def covers(self, camera_id: str, analytic_id: str) -> bool:
        cameras, analytics = self.order.cameras, self.order.analytics
        here = not cameras or camera_id in cameras
        return not self.over and here and (not analytics or analytic_id in analytics)


def standing(orders: Sequence[Order]) -> tuple[Suspension, ...]:
    """Every suspension there ever was, oldest first, with the orders to resume it. Orders about nothing are ignored."""
    found: dict[str, Suspension] = {}
    for order in orders:
        if order.kind is OrderKind.SUSPEND:
            found.setdefault(order.id, Suspension(order))
        elif order.about in found:
            before = found[order.about]
            found[order.about] = Suspension(before.order, (*before.resumed_by, order))
    return tuple(found.values())


def in_force(suspensions: Sequence[Suspension]) -> tuple[Suspension, ...]:
    return tuple(suspension for suspension in suspensions if not suspension.over)
