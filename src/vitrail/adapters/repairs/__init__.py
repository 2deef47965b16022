"""Requests to those who clean and repair: Open311 GeoReport v2, and signed CloudEvents by webhook."""

__all__ = ["Open311Carrier", "WebhookCarrier"]

from vitrail.adapters.repairs.open311 import Open311Carrier
from vitrail.adapters.repairs.webhook import WebhookCarrier
