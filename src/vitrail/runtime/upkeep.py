"""Declared walls and furniture of one stream, between its loop, the analytics that know them, and the guard."""

__all__ = ["Upkeep"]

from collections.abc import Collection, Iterator, Sequence

from vitrail.analytics.contract import Analytic, Remembers
from vitrail.analytics.keeping import named, taken
from vitrail.domain.events import Place
from vitrail.domain.health import Ailment, Unjudged, Unsure
from vitrail.domain.time import MINUTE_US, SECOND_US
from vitrail.guard.intake import StreamIntake

_KEPT_US = 30 * MINUTE_US
_ASKED_US = 30 * SECOND_US
"""So often the guard is asked what was repaired."""


class Upkeep:
    """Belongs to one loop; not thread-safe."""

    def __init__(self, analytics: Sequence[Analytic], intake: StreamIntake, live: bool) -> None:
        """``live``: what is known outlives this process. A recording is analysed from nothing."""
        self._analytics = analytics
        self._others = [analytic for analytic in analytics if not isinstance(analytic, Remembers)]
        self._keepers = [analytic for analytic in analytics if isinstance(analytic, Remembers)]
        self._intake = intake
        self._asked_us: int | None = None
        self._begun: set[Place] = set()
        self._ill_us: int | None = None
        self._kept_us: int | None = None
        self._lasts = live and bool(self._keepers)
        if self._lasts:
            found = intake.recall()
            for name, keeper in self._named():
                keeper.recall(taken(name, found))

    def tick(self, wall_us: int) -> None:
        """What somebody said to be repaired is learnt anew, once."""
        if not self._keepers or (self._asked_us is not None and 0 <= wall_us - self._asked_us < _ASKED_US):
            return
        self._asked_us = wall_us
        waiting = set(self._intake.to_renew())
        for place in waiting - self._begun:
            for keeper in self._keepers:
                keeper.renew(place)
        self._begun = waiting

        if self._kept_us is None:
            self._kept_us = wall_us
        if not 0 <= wall_us - self._kept_us < _KEPT_US:
            self._kept_us = wall_us
            self.keep()

    def keep(self) -> None:
        """What is known now, for the next start."""
        if self._lasts:
            arrays = [named(name, keeper.remembered()) for name, keeper in self._named()]
            self._intake.remember({name: array for some in arrays for name, array in some.items()})

    def _named(self) -> Iterator[tuple[str, Remembers]]:
        """Two settings of one analytic are told apart by their order."""
        return ((f"{index}-{type(keeper).__name__}", keeper) for index, keeper in enumerate(self._keepers))

    def judging(self, ailments: Collection[Ailment]) -> Sequence[Analytic]:
        """While something is wrong with what the camera shows no wall and no bench is judged by it."""
        return self._others if ailments else self._analytics

    def moved(self) -> None:
        """The camera looks elsewhere: what was known of its places is of no use."""
        for keeper in self._keepers:
            keeper.forget()
        self.keep()

    def unjudged(self, wall_us: int, ailments: Collection[Ailment]) -> tuple[Unjudged, ...]:
        told = tuple(one for keeper in self._keepers for one in keeper.unjudged(wall_us))
        if not ailments:
            self._ill_us = None
            return told
        self._ill_us = wall_us if self._ill_us is None else self._ill_us
        places = dict.fromkeys(place for keeper in self._keepers for place in keeper.places)
        return tuple(Unjudged(place, Unsure.CAMERA, self._ill_us) for place in places)
