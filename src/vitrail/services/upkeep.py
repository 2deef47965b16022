"""Walls and furniture, for those who keep them up: how they stand, what was repaired, what was sent about them."""

__all__ = ["Upkeep"]

from vitrail.domain.errors import NotFound
from vitrail.domain.events import Place, Side
from vitrail.domain.notices import Notice
from vitrail.domain.people import Use
from vitrail.domain.upkeep import Said, Upkept
from vitrail.guard.desk import Desk
from vitrail.guard.reception import Reception
from vitrail.services.review import Person


class Upkeep:
    """Every verb asks the reception for a desk first."""

    def __init__(self, reception: Reception) -> None:
        self._reception = reception

    def things(self, person: Person) -> list[Upkept]:
        return self._desk(person).upkeep()

    def thing(self, person: Person, place: Place) -> Upkept:
        return self._desk(person).upkept(place)

    def say(self, person: Person, place: Place, said: Said, words: str) -> Upkept:
        return self._desk(person).say_of(place, said, words)

    def picture(self, person: Person, place: Place, side: Side) -> bytes:
        """Before or after the newest change that pictures are kept of. Raises ``NotFound``."""
        desk = self._desk(person)
        alert_id = desk.upkept(place).pictured
        if not alert_id:
            raise NotFound("no pictures are kept of it", remedy="they are erased with their alert")
        return desk.picture(alert_id, side)

    def notices(self, person: Person) -> list[Notice]:
        return self._desk(person).notices()

    def again(self, person: Person, notice_id: str) -> Notice:
        return self._desk(person).send_again(notice_id)

    def _desk(self, person: Person) -> Desk:
        return self._reception.open_desk(person.account, Use.UPKEEP, person.session.reason)
