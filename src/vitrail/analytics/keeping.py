"""What a declared wall or thing keeps beside its past: why it cannot be judged now, and whether it is learnt anew.

The same for all analytics that know places by their past, so that screens can say in one way what is not looked after.
"""

__all__ = ["Doubt", "named", "taken"]

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from vitrail.analytics.contract import Arrays
from vitrail.domain.events import Place
from vitrail.domain.health import Unjudged, Unsure


class Doubt:
    """Why one place is not judged, since when. ``renewing``: its look of before no longer counts."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.renewing = False
        self.why: Unsure | None = Unsure.LEARNING
        self._since_us: int | None = None

    def say(self, why: Unsure | None, at_us: int) -> None:
        if why is Unsure.LEARNING and self.renewing:
            why = Unsure.RENEWED
        if why is not self.why or self._since_us is None:
            self.why, self._since_us = why, at_us

    def told(self, at_us: int) -> tuple[Unjudged, ...]:
        if self.why is None:
            return ()
        return (Unjudged(self.place, self.why, at_us if self._since_us is None else self._since_us),)


def named(prefix: str, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Arrays:
    """``arrays`` under names that begin with ``prefix``."""
    return {f"{prefix}/{name}": array for name, array in arrays.items()}


def taken(prefix: str, arrays: Arrays) -> Arrays:
    """Those of ``arrays`` whose names begin with ``prefix``, without it."""
    return {name.removeprefix(f"{prefix}/"): a for name, a in arrays.items() if name.startswith(f"{prefix}/")}
