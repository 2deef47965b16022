"""What may be wrong with what a camera shows (law.md L31): words about a device, never about a place or a person."""

__all__ = ["Ailment"]

from enum import StrEnum


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
