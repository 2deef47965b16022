"""The ground that a camera looks at, as a plane in metres: what turns places of the picture into distances, speeds,
areas and places on a map, and back."""

__all__ = ["Ground"]

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitrail.domain.geometry import Polygon

Points = npt.NDArray[np.float64]

_FARTHEST_M = 1_000.0
"""Beyond this a step of one pixel is tens of metres: such places are taken for sky."""
_EARTH_M = 6_371_008.8
"""Mean radius (IUGG)."""
_COLUMNS = 33
_HALVINGS = 24


@dataclass(frozen=True, slots=True)
class Ground:
    """A flat ground seen by one camera that does not move.

    ``projection``: the twelve numbers, row by row, of the 3 by 4 matrix that takes ``(x, y, height, 1)`` in metres to
    the picture (shares, times depth). The plane's axes are x to the east and y to the north where ``origin`` is known
    (latitude, longitude of its zero); otherwise x to the right and y away from the camera, or those of a plan.
    """

    projection: tuple[float, ...]
    origin: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        if len(self.projection) != 12 or not all(math.isfinite(number) for number in self.projection):
            raise ValueError("a projection has twelve finite numbers")
        if abs(float(np.linalg.det(self._flat()))) < 1e-12:
            raise ValueError("the projection maps the ground onto a line")

    def metres(self, points: npt.ArrayLike) -> Points:
        """Where on the ground the places (n, 2) of the picture are: (n, 2) metres, NaN at and above the horizon."""
        rays = _homogeneous(points) @ np.linalg.inv(self._flat()).T
        near = rays[:, 2] > 1e-9
        places = np.full((len(rays), 2), np.nan)
        places[near] = rays[near, :2] / rays[near, 2:]
        x, y, _ = self.camera_m
        places[~(np.hypot(places[:, 0] - x, places[:, 1] - y) < _FARTHEST_M)] = np.nan
        return places

    def picture(self, metres: npt.ArrayLike, height_m: float = 0.0) -> Points:
        """Where in the picture places (n, 2) of the ground are, or what is ``height_m`` above them: (n, 2) shares,
        maybe outside 0..1; NaN behind the camera."""
        places = np.asarray(metres, np.float64).reshape(-1, 2)
        raised = np.column_stack([places, np.full(len(places), height_m), np.ones(len(places))])
        seen = raised @ np.reshape(self.projection, (3, 4)).T
        ahead = seen[:, 2] > 1e-9
        shares = np.full((len(seen), 2), np.nan)
        shares[ahead] = seen[ahead, :2] / seen[ahead, 2:]
        return shares

    def heads(self, feet: npt.ArrayLike, height_m: float = 1.7) -> Points:
        """Where the top of something upright and ``height_m`` tall is that stands at places (n, 2) of the picture."""
        return self.picture(self.metres(feet), height_m)

    def area_m2(self, polygon: Polygon) -> float | None:
        """The ground that a polygon of the picture covers; None where it reaches the horizon."""
        corners = self.metres(polygon.corners)
        if np.isnan(corners).any():
            return None
        x, y = corners[:, 0], corners[:, 1]
        return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2)

    def steepest_deg(self, polygon: Polygon) -> float:
        """How far below the horizontal the camera looks at the nearest corner of the polygon."""
        x, y, height = self.camera_m
        corners = self.metres(polygon.corners)
        away = np.hypot(corners[:, 0] - x, corners[:, 1] - y)
        return math.degrees(math.atan2(height, float(np.nanmin(away))))

    def footprint(self, reach_m: float = 100.0) -> Points:
        """The outline (n, 2), in metres, of the ground in the picture no farther than ``reach_m`` from the camera's
        foot: along the picture's lower edge and back along the far end. Empty when no ground is in the picture."""
        across = np.linspace(0.0, 1.0, _COLUMNS)
        low = np.ones(_COLUMNS)
        seen = self._within(across, low, reach_m)
        across, low = across[seen], low[seen]
        high, below = np.zeros(len(across)), low.copy()
        whole = self._within(across, high, reach_m)
        for _ in range(_HALVINGS):
            middle = (high + below) / 2
            inside = self._within(across, middle, reach_m)
            below, high = np.where(inside, middle, below), np.where(inside, high, middle)
        far = np.where(whole, 0.0, below)
        return self.metres(np.concatenate([np.column_stack([across, low]), np.column_stack([across, far])[::-1]]))

    def on_map(self, metres: npt.ArrayLike) -> Points | None:
        """Latitude and longitude (n, 2) of places (n, 2) of the ground; None where nobody said where the camera is."""
        if self.origin is None:
            return None
        places = np.asarray(metres, np.float64).reshape(-1, 2)
        latitude, longitude = self.origin
        north = latitude + np.degrees(places[:, 1] / _EARTH_M)
        east = longitude + np.degrees(places[:, 0] / (_EARTH_M * math.cos(math.radians(latitude))))
        return np.column_stack([north, east])

    def from_map(self, degrees: npt.ArrayLike) -> Points | None:
        """The way back: latitude and longitude (n, 2) to metres (n, 2)."""
        if self.origin is None:
            return None
        places = np.radians(np.asarray(degrees, np.float64).reshape(-1, 2) - np.asarray(self.origin))
        east = _EARTH_M * math.cos(math.radians(self.origin[0])) * places[:, 1]
        return np.column_stack([east, _EARTH_M * places[:, 0]])

    def m2_per_share(self, points: npt.ArrayLike) -> npt.NDArray[np.float64]:
        """How many square metres a small part of the picture at places (n, 2) shows, by its share of the picture."""
        back = np.linalg.inv(self._flat())
        depth = _homogeneous(points) @ back[2]
        return np.where(depth > 1e-9, abs(np.linalg.det(back)) / np.maximum(depth, 1e-9) ** 3, np.nan)

    @property
    def camera_m(self) -> tuple[float, float, float]:
        """Where the camera is: x, y and height above the ground."""
        matrix = np.reshape(self.projection, (3, 4))
        x, y, height = np.linalg.solve(matrix[:, :3], -matrix[:, 3])
        return float(x), float(y), float(height)

    def _flat(self) -> npt.NDArray[np.float64]:
        """The 3 by 3 part that speaks of height zero."""
        return np.reshape(self.projection, (3, 4))[:, [0, 1, 3]]

    def _within(self, x: npt.NDArray[np.float64], y: npt.NDArray[np.float64], reach_m: float) -> npt.NDArray[np.bool_]:
        places = self.metres(np.column_stack([x, y]))
        foot_x, foot_y, _ = self.camera_m
        return np.asarray(np.hypot(places[:, 0] - foot_x, places[:, 1] - foot_y) <= reach_m)


def _homogeneous(points: npt.ArrayLike) -> npt.NDArray[np.float64]:
    places = np.asarray(points, np.float64).reshape(-1, 2)
    return np.column_stack([places, np.ones(len(places))])
