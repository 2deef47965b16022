"""Cameras that no site declares yet: who is there, what they offer, whether they answer."""

__all__ = ["Scout"]

from typing import Protocol

from vitrail.domain.joining import FoundDevice, Login, OfferedStream, Reached


class Scout(Protocol):
    """Reaches hosts of the own network, never link-local or multicast ones, and follows nobody elsewhere."""

    def find(self) -> list[FoundDevice]:
        """Who answers within a few seconds. Raises ``Unavailable`` where nothing can be asked at all."""
        ...

    def offered(self, device: str, login: Login) -> list[OfferedStream]:
        """What the device at that http address offers, on its own host. Raises ``Unavailable``, ``Invalid``."""
        ...

    def reach(self, address: str, login: Login, picture: bool) -> Reached:
        """Opens the stream for a moment; decodes nothing unless ``picture``. Raises ``Unavailable``, ``Invalid``."""
        ...
