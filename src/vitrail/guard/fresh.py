"""Ids of what people name: alerts, cases, bundles, links."""

__all__ = ["fresh_id"]

import secrets


def fresh_id(length_bytes: int = 9) -> str:
    """Random, safe in an address, and never begun by a hyphen, which a command line would take for an option."""
    while (made := secrets.token_urlsafe(length_bytes)).startswith("-"):
        pass
    return made
