"""How far the analysis of a recording has come, so that an interrupted one goes on where it stopped."""

__all__ = ["Progress"]

from dataclasses import dataclass

from vitrail.domain.time import SECOND_US

_WARM_UP_US = 60 * SECOND_US
"""What stood there before the interruption is seen again for so long before anything new is judged."""


@dataclass(frozen=True, slots=True)
class Progress:
    """``start_us``: the wall time of the first frame. ``settled_us``: the latest media time at which nothing was going
    on. ``told_us``: everything up to this wall time was judged and written. ``alerts``: ids of what was written."""

    start_us: int
    settled_us: int = 0
    told_us: int = 0
    alerts: tuple[str, ...] = ()
    done: bool = False

    @property
    def from_us(self) -> int:
        """The media time to go on from: a little before nothing was going on."""
        return max(0, self.settled_us - _WARM_UP_US)
