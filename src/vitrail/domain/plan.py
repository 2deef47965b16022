"""The map that a site brings itself: lines, areas and streets, in degrees. No tiles, nothing fetched."""

__all__ = ["SitePlan"]

from dataclasses import dataclass

Corner = tuple[float, float]
"""Latitude, longitude."""


@dataclass(frozen=True, slots=True)
class SitePlan:
    """``streets``: what can be walked or driven along; crossings are corners that two of them share."""

    lines: tuple[tuple[Corner, ...], ...] = ()
    areas: tuple[tuple[Corner, ...], ...] = ()
    streets: tuple[tuple[Corner, ...], ...] = ()
