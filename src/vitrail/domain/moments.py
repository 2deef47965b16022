"""When a part of a place changed for good, as it is found by looking back over a recording."""

__all__ = ["Moment"]

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Moment:
    """It looked as before at ``before_us`` and otherwise from ``since_us`` on. ``share`` of the box that changed, 0..1.
    ``light``: it looks like other light on the same things. ``view``: most of the picture changed at once (night mode,
    a turned or covered camera)."""

    before_us: int
    since_us: int
    share: float
    light: bool = False
    view: bool = False
