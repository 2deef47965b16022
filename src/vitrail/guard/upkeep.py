"""What an alert, a verdict and a repair bring about for a declared wall or piece of furniture.

Pure, but for ``Wear``: the machine's own pen, which writes under a permit.
"""

__all__ = ["MACHINE", "Wear", "following", "things", "upkept"]

from collections.abc import Iterator, Sequence
from dataclasses import replace

from vitrail.domain.events import Alert, AlertState, Place, Verdict
from vitrail.domain.ledger import Operation, Outcome
from vitrail.domain.mandates import Permit
from vitrail.domain.notices import Notice, NoticeState
from vitrail.domain.streams import Camera, Site
from vitrail.domain.tickets import ticket_of
from vitrail.domain.upkeep import (
    Condition,
    Following,
    Said,
    Step,
    Upkept,
    condition,
    kept_until_us,
    of_upkeep,
    spot,
    suggestion,
    waits_for_look,
)
from vitrail.guard.ledger import Ledger
from vitrail.ports.clock import Clock
from vitrail.ports.upkeep import UpkeepRecords

MACHINE = "vitrail"
WALL = "wall"


def following(alert: Alert, verdict: Verdict, site: Site) -> Following:
    """A confirmed alert confirms the damage and makes a request to each recipient who takes in its kind."""
    if not of_upkeep(alert.kind, alert.place):
        return Following()
    until_us = kept_until_us(verdict.at_us, site.ledger_months)
    said, by = Said(verdict.decision.value), verdict.account_id
    step = Step(alert.place, said, by, verdict.at_us, alert.mandate_id, until_us, alert.id)
    judged = replace(alert, state=AlertState(verdict.decision.value), verdict=verdict)
    return Following((step,), tuple(_notices(judged, verdict.at_us, site, until_us)))


def _notices(alert: Alert, now_us: int, site: Site, until_us: int) -> Iterator[Notice]:
    camera = site.camera(alert.place.camera_id)
    ticket = ticket_of(alert, camera) if camera else None
    for recipient in site.recipients if ticket else ():
        if ticket is not None and alert.kind in recipient.services:
            yield Notice(
                id=f"{alert.id}.{recipient.id}",
                mandate_id=alert.mandate_id,
                alert_id=alert.id,
                place=alert.place,
                recipient_id=recipient.id,
                ticket=replace(ticket, service_code=recipient.services[alert.kind]),
                state=NoticeState.WAITING,
                created_us=now_us,
                next_us=now_us,
                erase_after_us=until_us,
                pictures=alert.pictures if recipient.pictures else None,
            )


def things(camera: Camera) -> Iterator[tuple[Place, str, str]]:
    """Every declared wall and piece of furniture of the camera: place, name, kind."""
    yield from ((Place(camera.id, asset_id=asset.id), asset.name, asset.kind) for asset in camera.assets)
    yield from ((Place(camera.id, surface_id=surface.id), surface.name, WALL) for surface in camera.surfaces)


def upkept(place: Place, name: str, kind: str, steps: Sequence[Step], notices: Sequence[Notice] = ()) -> Upkept:
    """``steps``: all of this place, in the order in which they were said."""
    now, since_us = Condition.OK, 0
    for count, step in enumerate(steps, start=1):
        after = condition(steps[:count])
        if after is not now:
            now, since_us = after, step.at_us
    told = next((step.alert_id for step in reversed(steps) if step.said is Said.ALERT), "")
    return Upkept(place, name, kind, now, since_us, suggestion(steps), tuple(steps[::-1]), tuple(notices), told)


class Wear:
    """What the machine says of walls and furniture, under a permit of their camera."""

    def __init__(self, records: UpkeepRecords, ledger: Ledger, clock: Clock, months: int) -> None:
        self._records = records
        self._ledger = ledger
        self._clock = clock
        self._months = months

    def alerted(self, permit: Permit, alert: Alert) -> None:
        if of_upkeep(alert.kind, alert.place):
            self._say(permit, alert.place, Said.ALERT, alert.id)

    def over(self, permit: Permit, kind: str, place: Place, alert_id: str) -> None:
        """It looks as before; of what is in order that is no news."""
        if not of_upkeep(kind, place):
            return
        if condition(self._of(permit, place)) in (Condition.SUSPECTED, Condition.CONFIRMED):
            self._say(permit, place, Said.OVER, alert_id)

    def waiting(self, permit: Permit) -> tuple[Place, ...]:
        """Places of the permit's camera whose look is to be learnt anew."""
        said = self._records.said(permit)
        places = dict.fromkeys(step.place for step in said)
        return tuple(p for p in places if waits_for_look([step for step in said if step.place == p]))

    def renewed(self, permit: Permit, place: Place) -> None:
        """The look of before counts no longer: a change of what is compared, so the ledger has it."""
        self._ledger.note(
            Operation.CHANGE,
            Outcome.DONE,
            MACHINE,
            spot(place),
            "its look after a repair was learnt",
            permit.mandate_id,
        )
        self._say(permit, place, Said.RENEWED, "")

    def _say(self, permit: Permit, place: Place, said: Said, alert_id: str) -> None:
        now_us = self._clock.now_us()
        until_us = kept_until_us(now_us, self._months)
        self._records.add(permit, Step(place, said, MACHINE, now_us, permit.mandate_id, until_us, alert_id))

    def _of(self, permit: Permit, place: Place) -> list[Step]:
        return [step for step in self._records.said(permit) if step.place == place]
