"""Those who clean and repair, as the site declares them."""

__all__ = ["Channel", "Recipient"]

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Channel(StrEnum):
    OPEN311 = "open311"
    """Open311 GeoReport v2."""
    WEBHOOK = "webhook"
    """Signed CloudEvents."""


@dataclass(frozen=True, slots=True)
class Recipient:
    """``name``: as mandates list it under ``recipients``. ``key`` is a secret from the environment: never log or show
    it. ``services``: their service code by kind of event; a kind that is not named is not sent. ``inside``: its host
    may be on a private network."""

    id: str
    name: str
    channel: Channel
    address: str
    key: str = field(repr=False)
    services: Mapping[str, str]
    jurisdiction: str = ""
    pictures: bool = False
    inside: bool = False
    closing_repairs: bool = False
    """Whether a request that they close says that the thing is repaired; else it is a hint to a person."""
