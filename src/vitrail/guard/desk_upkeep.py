"""The desk's walls and furniture: how they stand, what was said of them, what was sent about them.

Whoever repairs opens it without seeing a camera's picture of anybody: no clip, no still, no live picture, only the two
pictures of a place that nobody is in.
"""

__all__ = ["UpkeepDesk"]

from dataclasses import replace

from vitrail.domain.errors import Conflict, Invalid, NotFound
from vitrail.domain.events import Place
from vitrail.domain.ledger import Operation
from vitrail.domain.notices import Notice
from vitrail.domain.people import Grant
from vitrail.domain.upkeep import Condition, Said, Step, Upkept, kept_until_us, spot
from vitrail.guard.desk_floor import DeskFloor
from vitrail.guard.upkeep import things, upkept

_BY_PEOPLE = frozenset({Said.REPAIRED, Said.WHOLE})
_LONGEST_WORDS = 300


class UpkeepDesk(DeskFloor):
    def upkeep(self) -> list[Upkept]:
        """Every declared wall and piece of furniture of the cameras in scope, in the site's order."""
        with self._used("upkeep", "upkeep") as grant:
            said = self._held.upkeep.find(grant)
            sent = self._held.notices.find(grant)
            cameras = (camera for camera in self._held.site.cameras if camera.id in grant.scope.cameras)
            return [
                upkept(
                    place,
                    name,
                    kind,
                    [step for step in said if step.place == place],
                    [notice for notice in sent if notice.place == place],
                )
                for camera in cameras
                for place, name, kind in things(camera)
            ]

    def upkept(self, place: Place) -> Upkept:
        """One of them, with its history. Raises ``NotFound``, also outside the scope."""
        with self._used("upkept", spot(place)) as grant:
            return self._stands(grant, place)

    def say_of(self, place: Place, said: Said, words: str) -> Upkept:
        """A person says that it was repaired, or that it is in order as it stands; its look is then learnt anew. Raises
        ``Conflict`` when there is nothing to repair, ``Invalid`` without words."""
        words = " ".join(words.split())
        if said not in _BY_PEOPLE:
            raise Invalid("a person says `repaired` or `whole`", where="said")
        if not 3 <= len(words) <= _LONGEST_WORDS:
            raise Invalid("a few words are needed", where="words", remedy="say what was done, in 3 to 300 letters")
        with self._used("say_of", spot(place), Operation.CHANGE, reason=words, detail=said.value) as grant:
            before = self._stands(grant, place)
            if said is Said.REPAIRED and before.condition not in (Condition.SUSPECTED, Condition.CONFIRMED):
                what = f"nothing is known to be wrong with it: it is {before.condition.value}"
                raise Conflict(what, where=spot(place), remedy="say `whole` if its look is to be learnt anew")
            now_us = self._held.clock.now_us()
            mandate_id = before.steps[0].mandate_id if before.steps else self._mandate(place)
            until_us = kept_until_us(now_us, self._held.site.ledger_months)
            self._held.upkeep.say(grant, Step(place, said, grant.account_id, now_us, mandate_id, until_us, words=words))
            return self._stands(grant, place)

    def notices(self) -> list[Notice]:
        """Requests that left, or are to leave: newest first, at most 200."""
        with self._used("notices", "notices") as grant:
            return self._held.notices.find(grant)

    def send_again(self, notice_id: str) -> Notice:
        """One that failed is tried again. Raises ``NotFound``, or ``Conflict`` when it has not failed."""
        with self._used("send_again", f"notice:{notice_id}", Operation.CHANGE) as grant:
            return self._held.notices.again(grant, notice_id, self._held.clock.now_us())

    def _stands(self, grant: Grant, place: Place) -> Upkept:
        camera = self._held.site.camera(place.camera_id) if place.camera_id in grant.scope.cameras else None
        found = next((thing for thing in things(camera) if thing[0] == place), None) if camera else None
        if found is None:
            raise NotFound(f"nothing is declared as {spot(place)}", remedy="`vitrail upkeep list` names what is")
        stands = upkept(*found, self._held.upkeep.find(grant, place), self._held.notices.find(grant, place))
        return stands if self._has_pictures(grant, stands.pictured) else replace(stands, pictured="")

    def _has_pictures(self, grant: Grant, alert_id: str) -> bool:
        """They go with their alert, long before the history does."""
        try:
            return bool(alert_id) and self._held.alerts.get(grant, alert_id).pictures is not None
        except NotFound:
            return False

    def _mandate(self, place: Place) -> str:
        """The mandate under which the place is looked at now: something is said of it that no alert told."""
        now_us = self._held.clock.now_us()
        covering = (m for m in self._held.mandates if place.camera_id in m.cameras() and m.valid.holds(now_us))
        found = next(covering, None)
        if found is None:
            raise Conflict(f"no mandate in force names camera {place.camera_id}", where=spot(place))
        return found.id
