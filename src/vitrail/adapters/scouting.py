"""Cameras of the own network, through ONVIF and FFmpeg."""

__all__ = ["NetworkScout"]

from dataclasses import dataclass

from vitrail.adapters import onvif
from vitrail.adapters.av.trying import reach
from vitrail.domain.joining import FoundDevice, Login, OfferedStream, Reached
from vitrail.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class NetworkScout:
    """Implements ``Scout``."""

    clock: Clock

    def find(self) -> list[FoundDevice]:
        return onvif.find()

    def offered(self, device: str, login: Login) -> list[OfferedStream]:
        return onvif.offered(device, login)

    def reach(self, address: str, login: Login, picture: bool) -> Reached:
        return reach(address, login, picture, self.clock)
