"""The cameras on a small plan, north up, to scale: local metres from degrees."""

__all__ = ["plan_drawing"]

import math
from collections.abc import Sequence

from reportlab.graphics.shapes import Circle, Drawing, Line, Rect, String
from reportlab.lib import colors

from vitrail.domain.bundles import CameraStory

_METRES_A_DEGREE = 111_320.0
_HEIGHT, _EDGE = 200.0, 24.0
_SHORTEST_M = 20.0
_INK, _RULE = colors.HexColor("#2b3a67"), colors.HexColor("#b8b4a8")


def plan_drawing(cameras: Sequence[CameraStory], width: float) -> Drawing | None:
    """None where no camera says where it stands."""
    placed = [(c, c.longitude, c.latitude) for c in cameras if c.latitude is not None and c.longitude is not None]
    if not placed:
        return None
    middle = math.radians(sum(latitude for _, _, latitude in placed) / len(placed))
    spots = [(c, x * _METRES_A_DEGREE * math.cos(middle), y * _METRES_A_DEGREE) for c, x, y in placed]
    left, low = min(x for _, x, _ in spots), min(y for _, _, y in spots)
    across = max(_SHORTEST_M, max(x for _, x, _ in spots) - left)
    up = max(_SHORTEST_M, max(y for _, _, y in spots) - low)
    scale = min((width - 2 * _EDGE) / across, (_HEIGHT - 2 * _EDGE) / up)
    drawing = Drawing(width, _HEIGHT)
    drawing.add(Rect(0, 0, width, _HEIGHT, fillColor=colors.HexColor("#f6f4ee"), strokeColor=_RULE))
    for camera, x, y in spots:
        _camera(drawing, camera, _EDGE + (x - left) * scale, _EDGE + (y - low) * scale)
    metres = 10 ** math.floor(math.log10(across / 2))
    drawing.add(Line(width - _EDGE - metres * scale, 10, width - _EDGE, 10, strokeColor=_INK))
    drawing.add(String(width - _EDGE, 13, f"{metres:g} m", fontName="Vera", fontSize=7, textAnchor="end"))
    return drawing


def _camera(drawing: Drawing, camera: CameraStory, x: float, y: float) -> None:
    if camera.heading_deg is not None:
        turn = math.radians(camera.heading_deg)
        drawing.add(Line(x, y, x + 16 * math.sin(turn), y + 16 * math.cos(turn), strokeColor=_INK))
    drawing.add(Circle(x, y, 3, fillColor=_INK, strokeColor=None))
    drawing.add(String(x + 6, y - 3, camera.name, fontName="Vera", fontSize=7.5))
