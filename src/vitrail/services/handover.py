"""Hand over between shifts: what happened since, what is open, and a note that who comes reads and takes."""

__all__ = ["GoneStream", "Handover", "Report"]

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from vitrail.domain.errors import VitrailError
from vitrail.domain.people import Account, Use
from vitrail.domain.shifts import HandoverNote, Lateness, Shift
from vitrail.domain.streams import Site
from vitrail.domain.suspensions import Suspension
from vitrail.domain.time import HOUR_US
from vitrail.domain.upkeep import Condition, Upkept
from vitrail.guard.desk import Desk
from vitrail.guard.reception import Reception
from vitrail.runtime.health import StreamHealth, StreamState

_USUAL_US = 8 * HOUR_US
_GONE = frozenset({StreamState.LOST, StreamState.FAILED, StreamState.REFUSED})


@dataclass(frozen=True, slots=True)
class GoneStream:
    """A camera or microphone without picture or sound, since when and why."""

    name: str
    state: str
    since_us: int
    why: str


@dataclass(frozen=True, slots=True)
class Report:
    """``notes``: those that nobody took first, then the newest. ``upkept``: walls and furniture that are not in order,
    or of which something was said in the shift. ``suspensions``: in force, or ordered in the shift."""

    shift: Shift
    notes: tuple[HandoverNote, ...]
    gone: tuple[GoneStream, ...]
    upkept: tuple[Upkept, ...]
    suspensions: tuple[Suspension, ...]


@dataclass(frozen=True, slots=True)
class Handover:
    """Every verb asks the reception for a desk first."""

    reception: Reception
    site: Site
    suspended: Callable[[], Sequence[Suspension]]
    now_us: Callable[[], int]

    def report(
        self, account: Account, reason: str, health: Iterable[StreamHealth], since_us: int | None = None
    ) -> Report:
        """Since then; without a moment since the last note that somebody took, else for eight hours."""
        desk = self._desk(account, reason)
        notes = desk.handovers()
        begun_us = self._begun_us(notes) if since_us is None else since_us
        shift = desk.shift(begun_us)
        gone = tuple(_gone(self.site, desk.grant.scope.cameras | desk.grant.scope.microphones, health))
        suspensions = tuple(s for s in self.suspended() if not s.over or s.order.at_us >= begun_us)
        return Report(shift, tuple(notes), gone, tuple(self._upkept(account, reason, begun_us)), suspensions)

    def leave(self, account: Account, reason: str, words: str) -> HandoverNote:
        return self._desk(account, reason).leave(words)

    def take(self, account: Account, reason: str, note_id: str) -> HandoverNote:
        return self._desk(account, reason).take(note_id)

    def late(self, account: Account, reason: str) -> Lateness | None:
        """For accounts that are told of what waits too long; nobody else is asked anything. None for them, and where
        the role may not look at alerts."""
        if account.id not in self.site.escalation.to or not self.reception.may(account, Use.REVIEW):
            return None
        try:
            return self._desk(account, reason).late()
        except VitrailError:
            return None  # whatever is wrong is said by the page itself, which has to be there to say it

    def _begun_us(self, notes: Sequence[HandoverNote]) -> int:
        taken = [note.taken_us for note in notes if note.taken_us is not None]
        return max(taken, default=self.now_us() - _USUAL_US)

    def _upkept(self, account: Account, reason: str, since_us: int) -> list[Upkept]:
        if not self.reception.may(account, Use.UPKEEP):
            return []
        things = self.reception.open_desk(account, Use.UPKEEP, reason).upkeep()
        return [t for t in things if t.condition is not Condition.OK or t.since_us >= since_us]

    def _desk(self, account: Account, reason: str) -> Desk:
        return self.reception.open_desk(account, Use.REVIEW, reason)


def _gone(site: Site, scope: frozenset[str], health: Iterable[StreamHealth]) -> Iterable[GoneStream]:
    names = {stream.id: camera for camera in site.cameras for stream in camera.streams}
    ears = {ear.stream.id: ear for ear in site.microphones}
    for row in health:
        device = names.get(row.stream_id) or ears.get(row.stream_id)
        if device and device.id in scope and row.state in _GONE:
            yield GoneStream(device.name, row.state.value, row.since_us, row.problem or row.detail)
