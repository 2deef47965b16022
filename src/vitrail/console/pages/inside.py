"""What a case's page leads to: one list, so that the application need not name each."""

__all__ = ["INSIDE"]

from vitrail.console.pages import bundles, replay, shares

INSIDE = (bundles.router, replay.router, shares.router, shares.taking)
