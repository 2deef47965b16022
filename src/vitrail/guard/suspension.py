"""Stopping analysis at once, in public, and taking it up again with two people (law.md L08).

Orders are signed and kept in a file that outlives a restart. The gate looks at it again before every packet; what
cannot be read or is not rightly signed stops everything rather than nothing.
"""

__all__ = ["Suspensions"]

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from vitrail.domain.errors import Conflict, Invalid, NotFound, Refused, VitrailError
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.people import Account
from vitrail.domain.streams import Site
from vitrail.domain.suspensions import ORDER_ROLES, Order, OrderKind, SignedOrder, Suspension, in_force, standing
from vitrail.guard.admit import account_refused
from vitrail.guard.ledger import Ledger
from vitrail.guard.refusal import refuse
from vitrail.ports.clock import Clock
from vitrail.ports.orders import OrderBook

_SHORTEST_REASON = 3
_DAMAGED = "damaged"


@dataclass(frozen=True, slots=True)
class _State:
    stamp: object
    all: tuple[Suspension, ...]
    active: tuple[Suspension, ...]


class Suspensions:
    """Thread-safe. ``oversight`` holds public keys (raw, 32 bytes) by the name of who holds the private one."""

    def __init__(
        self,
        book: OrderBook,
        ledger: Ledger,
        clock: Clock,
        key: Ed25519PrivateKey,
        site: Site,
        oversight: Mapping[str, bytes] | None = None,
    ) -> None:
        self._book = book
        self._ledger = ledger
        self._clock = clock
        self._key = key
        self._own = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._site = site
        self._oversight = dict(oversight or {})
        self._lock = threading.Lock()
        self._state = _State(object(), (), ())

    def active(self) -> tuple[Suspension, ...]:
        """Those in force now; read again when somebody added an order."""
        return self._fresh().active

    def every(self) -> tuple[Suspension, ...]:
        """Also those that are over: for the public register."""
        return self._fresh().all

    def suspend(self, account: Account, reason: str, cameras: tuple[str, ...] = ()) -> Suspension:
        """Stops analysis of these cameras (of all when none is named) before the next frame. Raises ``Refused`` for a
        role that may not, ``Invalid`` for a missing reason or an unknown camera."""
        if strange := sorted(set(cameras) - self._site.device_ids()):
            raise Invalid(f"no such camera: {', '.join(strange)}", where="cameras")
        order = self._order(OrderKind.SUSPEND, account, reason, cameras=cameras)
        return self._carry_out(self._signed(order))

    def resume(self, account: Account, suspension_id: str, reason: str) -> Suspension:
        """One of the two orders that end a suspension. Raises ``Conflict`` when this person or role gave one before."""
        return self._carry_out(self._signed(self._order(OrderKind.RESUME, account, reason, about=suspension_id)))

    def suspend_by_rule(self, camera_id: str, analytic_id: str, reason: str) -> Suspension:
        """What a declared floor demands (L29): one analytic of one camera. Resumed like any other."""
        order = Order(
            OrderKind.SUSPEND,
            secrets.token_hex(6),
            self._site.id,
            self._clock.now_us(),
            "vitrail",
            "rule",
            reason,
            (camera_id,),
            (analytic_id,),
        )
        return self._carry_out(self._signed(order))

    def accept(self, signed: SignedOrder) -> Suspension:
        """An order that an oversight key has signed elsewhere. Raises ``Refused`` when the signature is not right, is
        not of a key that the site declares, or speaks of another site."""
        order = signed.order
        if order.role != "oversight" or self._oversight.get(order.by) != signed.public_key or not self._right(signed):
            raise refuse("L08", "this order is not signed by a declared oversight key", f"order {order.id}", "sign it")
        if signed.order.id in {o.order.id for o in self._orders()}:
            raise Conflict("this order was given already", where=f"order {order.id}")
        _check_reason(order.reason)
        return self._carry_out(signed)

    def _order(
        self, kind: OrderKind, account: Account, reason: str, cameras: tuple[str, ...] = (), about: str = ""
    ) -> Order:
        refused = account_refused(account, self._clock.now_us())
        if refused:
            raise refused
        if account.role.value not in ORDER_ROLES:
            raise refuse(
                "L08",
                f"a {account.role.value} may neither suspend nor resume",
                f"account {account.id}",
                "ask the data-protection officer or an administrator",
            )
        _check_reason(reason)
        now_us, site_id = self._clock.now_us(), self._site.id
        return Order(
            kind,
            secrets.token_hex(6),
            site_id,
            now_us,
            account.id,
            account.role.value,
            reason.strip(),
            cameras,
            about=about,
        )

    def _carry_out(self, signed: SignedOrder) -> Suspension:
        """Resuming needs the ledger first. Stopping does not wait for it: a full disk must not keep analysis alive."""
        order = signed.order
        with self._lock:
            if order.kind is OrderKind.RESUME:
                self._may_resume(order)
                self._write_down(order)
                self._book.add(signed.line())
            else:
                self._book.add(signed.line())
                self._write_down(order)
        wanted = order.about or order.id
        return next(s for s in self.every() if s.order.id == wanted)

    def _may_resume(self, order: Order) -> None:
        found = next((s for s in self._read().all if s.order.id == order.about), None)
        if found is None:
            raise NotFound(f"there is no suspension {order.about}", remedy="`vitrail suspensions` lists them")
        if found.over:
            raise Conflict(f"suspension {order.about} is over already")
        given = [o for o in found.resumed_by if o.by == order.by or o.role == order.role]
        if given:
            raise Conflict(
                f"{given[0].by} ({given[0].role}) gave the first order already",
                where=f"suspension {order.about}",
                rule="L08",
                remedy="somebody else, in another role, must give the second",
            )

    def _write_down(self, order: Order) -> None:
        about = order.about or order.id
        cameras = ", ".join((*order.cameras, *order.analytics)) or "every camera"
        self._ledger.note(
            Operation.RULE,
            Outcome.DONE,
            order.by,
            f"suspension:{about}",
            order.reason,
            rule="L08",
            detail=f"{order.kind.value} as {order.role}; {cameras}",
        )

    def _fresh(self) -> _State:
        try:
            if self._book.stamp() == self._state.stamp:
                return self._state
        except VitrailError:
            pass  # asked again below, where it stops everything
        with self._lock:
            return self._read()

    def _read(self) -> _State:
        try:
            stamp = self._book.stamp()
            every = standing([signed.order for signed in self._orders()])
            self._state = _State(stamp, every, in_force(every))
        except (VitrailError, OSError) as error:
            stop = Suspension(self._damage(str(error)))
            self._state = _State(object(), (stop,), (stop,))
        return self._state

    def _orders(self) -> list[SignedOrder]:
        """Raises ``Refused`` at the first line that is no order of ours."""
        found = []
        for number, line in enumerate(self._book.lines(), 1):
            try:
                signed = SignedOrder.parse(line)
            except ValueError as error:
                raise _bad(number, "is no order") from error
            known = signed.public_key == self._own or signed.public_key in self._oversight.values()
            if not known or not self._right(signed):
                raise _bad(number, "is not rightly signed")
            found.append(signed)
        return found

    def _right(self, signed: SignedOrder) -> bool:
        if signed.order.site_id != self._site.id:
            return False
        try:
            Ed25519PublicKey.from_public_bytes(signed.public_key).verify(signed.signature, signed.order.statement())
        except (InvalidSignature, ValueError):
            return False
        return True

    def _signed(self, order: Order) -> SignedOrder:
        return SignedOrder(order, self._own, self._key.sign(order.statement()))

    def _damage(self, why: str) -> Order:
        return Order(OrderKind.SUSPEND, _DAMAGED, self._site.id, self._clock.now_us(), "vitrail", "oversight", why)


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < _SHORTEST_REASON:
        raise Invalid("an order needs a reason, and it is published", where="reason", remedy="say why in a few words")


def _bad(number: int, what: str) -> Refused:
    return refuse("L08", f"line {number} of the orders {what}", "orders", "put the file back from your backup")
