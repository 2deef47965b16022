"""The public register."""

__all__ = ["Publishing", "publishing", "register_now"]

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from vitrail.adapters.publishing import publish
from vitrail.compose.rooms import REGISTER, Rooms, published
from vitrail.compose.starting import read_site
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.register import Register
from vitrail.guard import decide
from vitrail.guard.figures import count
from vitrail.guard.register import build as build_register


@contextmanager
def publishing(site: Path, state: Path, environ: Mapping[str, str]) -> Iterator["Publishing"]:
    """What the public register is made of, and where it goes."""
    with ExitStack() as stack:
        yield Publishing(Rooms(read_site(site, environ), state, state, stack), state)


def register_now(rooms: Rooms, contact: str, url: str, progress: Callable[[float], None]) -> Register:
    """Counted from the ledger and the configuration as they stand."""
    entries = (stored.entry for stored in rooms.ledger.entries(0, rooms.ledger.size))
    positions = {device.id: device.position for device in rooms.site.devices()}
    tally = count(entries, rooms.ledger.size, progress, positions)
    law = decide.Law(
        rooms.folder.mandates,
        rooms.folder.profile,
        rooms.registry.manifests,
        rooms.suspensions.active(),
        barred=rooms.gatekeeper.barred(),
    )
    now_us = rooms.clock.now_us()
    return build_register(rooms.site, law, rooms.suspensions.every(), tally, now_us, contact, url)


@dataclass(frozen=True, slots=True)
class Publishing:
    rooms: Rooms
    state: Path

    def build(self, out: Path, contact: str, url: str, progress: Callable[[float], None]) -> list[Path]:
        """Count, write, and remember which configuration the register speaks of: that opens the gate (L26)."""
        rooms = self.rooms
        made = register_now(rooms, contact, url, progress)
        entry = rooms.ledger.open(Operation.COMMUNICATE, "vitrail", "register", "the public register is made")
        written = publish(made, out)
        (self.state / REGISTER).write_text(made.configuration + "\n", encoding="utf-8")
        rooms.ledger.conclude(entry, Outcome.DONE, f"configuration {made.configuration}")
        return written

    def current(self) -> bool:
        """Whether the last register was made from the configuration as it is now."""
        return published(self.state) == self.rooms.configuration
