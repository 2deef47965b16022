"""Exceptions by place, never by person: what stands in an exempted zone does not count.

A staff door, a delivery bay, a taxi rank. With ``through``, whatever was first seen in an exempted zone is let be for
as long as its track lasts: who comes out of the staff door is taken for staff, whoever it is. Nobody is recognised, and
somebody whose track breaks counts like anybody.
"""

__all__ = ["THROUGH", "Exempt"]

from collections.abc import Iterable

import numpy as np

from vitrail.domain.analytics import Parameter
from vitrail.domain.detections import Tracks
from vitrail.domain.geometry import foot_points
from vitrail.domain.streams import AnalyticSetting, Camera

THROUGH = Parameter(
    "through", "", 0, 0, 1, "1: who came through a zone under `except` does not count either, while its track lasts"
)
_EDGE = 0.999


class Exempt:
    """The exempted zones of one setting."""

    def __init__(self, camera: Camera, setting: AnalyticSetting, through: bool = False) -> None:
        self._polygons = [camera.zone(zone_id).polygon for zone_id in setting.exempt]
        self._through = through
        self._known: dict[int, bool] = {}
        """Whether each present track was first seen in an exempted zone."""

    def reset(self) -> None:
        self._known.clear()

    def counted(self, tracks: Tracks) -> Tracks:
        """``tracks`` without those that are exempted now."""
        if not self._polygons:
            return tracks
        feet = np.minimum(foot_points(tracks.boxes), np.float32(_EDGE))
        inside = np.any([polygon.contain(feet) for polygon in self._polygons], axis=0)
        if self._through:
            inside |= self._came_through(tracks.ids.tolist(), inside.tolist())
        return tracks.where(~inside)

    def _came_through(self, ids: Iterable[int], inside: Iterable[bool]) -> np.ndarray:
        self._known = {key: self._known.get(key, now) for key, now in zip(ids, inside, strict=True)}
        return np.fromiter(self._known.values(), bool, len(self._known))
