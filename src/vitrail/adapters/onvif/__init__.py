"""Cameras of the own network, as ONVIF lets one ask: WS-Discovery, then the Device and Media services."""

from vitrail.adapters.onvif.device import offered
from vitrail.adapters.onvif.discovery import find

__all__ = ["find", "offered"]
