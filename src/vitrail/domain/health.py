"""What may be wrong with what a camera shows (law.md L31), and why a wall or a thing is not judged now: words about
devices and places, never about a person."""

__all__ = ["Ailment", "Unjudged", "Unsure"]

from dataclasses import dataclass
from enum import StrEnum

from vitrail.domain.events import Place


class Ailment(StrEnum):
    FROZEN = "frozen"
    """The same picture again and again."""
    DARK = "dark"
    """Nothing but black."""
    BLINDED = "blinded"
    """Glare, or something right before the lens: no detail anywhere."""
    BLURRED = "blurred"
    """Out of focus, fogged or smeared: detail is lost all over."""
    HIDDEN = "hidden"
    """Detail is lost in a good part of the picture: dirt on the lens, or something before it."""
    LOOPED = "looped"
    """A piece of film is played again."""
    MOVED = "moved"
    """It looks elsewhere: what was drawn on its picture, dwelling masks too, is no longer right."""


class Unsure(StrEnum):
    """Why a declared wall or thing is not judged now. None of them is an alert."""

    LEARNING = "learning"
    """Too little of its past is known."""
    NIGHT = "night"
    """It is known by day only."""
    DAY = "day"
    """It is known by night only."""
    COVERED = "covered"
    """Something has stood before most of it since then."""
    SURROUNDINGS = "surroundings"
    """What is around it looks other too: the camera was nudged, its lens is dirty, or there is another lamp."""
    RENEWED = "renewed"
    """Its look after a repair is being learnt."""
    CAMERA = "camera"
    """Something is wrong with what the camera shows."""


@dataclass(frozen=True, slots=True)
class Unjudged:
    place: Place
    why: Unsure
    since_us: int
