"""Drawings as the set-up page sends and reads them. Places are shares of the picture, x from the left, y from the
top."""

__all__ = ["CandidateOut", "DrawingIn", "candidate_out", "drawing_in", "drawing_out"]

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from vitrail.console.language import Words
from vitrail.console.status import ProblemOut
from vitrail.domain.calibration import KnownHeight
from vitrail.domain.drawing import Candidate, Clues, Drawing, Kind, PlaceClue, Shape
from vitrail.domain.metre_grid import metre_grid

Number = Annotated[float, Field(allow_inf_nan=False, ge=-1e9, le=1e9)]
Pair = tuple[Number, Number]
Line = Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ShapeIn(Strict):
    kind: Literal["zones", "lines", "surfaces", "assets", "masks"]
    corners: Annotated[list[Pair], Field(min_length=2, max_length=64)]
    id: Line = ""
    name: Line = ""
    what: Line = ""


class PlaceIn(Strict):
    at: Pair
    known: Pair
    on_map: bool


class HeightIn(Strict):
    foot: Pair
    head: Pair
    metres: Annotated[float, Field(gt=0, le=1000)]


class CluesIn(Strict):
    picture: tuple[Annotated[int, Field(ge=16, le=16384)], Annotated[int, Field(ge=16, le=16384)]]
    view_deg: Annotated[float, Field(gt=0, le=180)] | None = None
    places: Annotated[list[PlaceIn], Field(max_length=64)] = []
    heights: Annotated[list[HeightIn], Field(max_length=64)] = []


class DrawingIn(Strict):
    """``base``: SHA-256 of the file that was drawn on. ``reviewed``: the picture was looked at for dwellings."""

    base: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    shapes: Annotated[list[ShapeIn], Field(max_length=200)] = []
    clues: CluesIn | None = None
    reviewed: bool = False


class CalibrationOut(BaseModel):
    """``misfits`` and ``doubt`` are shares: of the picture's height, and of lengths. ``grid``: lines every ``step_m``
    metres."""

    height_m: float
    tilt_deg: float
    roll_deg: float
    view_deg: float
    doubt: float
    misfits: list[float]
    step_m: float
    grid: list[list[tuple[float, float]]]


class CandidateOut(BaseModel):
    changes: str
    problems: list[ProblemOut]
    calibration: CalibrationOut | None


def drawing_in(given: DrawingIn, camera_id: str) -> Drawing:
    shapes = tuple(Shape(Kind(s.kind), tuple(s.corners), s.id, s.name.strip(), s.what) for s in given.shapes)
    clues = None
    if given.clues is not None and (given.clues.places or given.clues.heights):
        places = tuple(PlaceClue(p.at, p.known, p.on_map) for p in given.clues.places)
        heights = tuple(KnownHeight(h.foot, h.head, h.metres) for h in given.clues.heights)
        clues = Clues(given.clues.picture, places, heights, given.clues.view_deg)
    return Drawing(camera_id, shapes, clues)


def drawing_out(drawing: Drawing) -> dict[str, Any]:
    """What ``DrawingIn`` takes, without the base."""
    shapes = [
        {"kind": s.kind.value, "corners": s.corners, "id": s.id, "name": s.name, "what": s.what} for s in drawing.shapes
    ]
    clues = drawing.clues
    if clues is None:
        return {"shapes": shapes, "clues": None}
    return {
        "shapes": shapes,
        "clues": {
            "picture": clues.picture_px,
            "view_deg": clues.view_deg,
            "places": [{"at": p.at, "known": p.known, "on_map": p.on_map} for p in clues.places],
            "heights": [{"foot": h.foot, "head": h.head, "metres": h.metres} for h in clues.heights],
        },
    }


def candidate_out(candidate: Candidate, words: Words) -> CandidateOut:
    found, calibration = candidate.calibration, None
    if found is not None:
        grid = metre_grid(found.ground)
        calibration = CalibrationOut(
            height_m=found.height_m,
            tilt_deg=found.tilt_deg,
            roll_deg=found.roll_deg,
            view_deg=found.view_deg,
            doubt=found.doubt,
            misfits=list(found.misfits),
            step_m=grid.step_m,
            grid=[list(line) for line in grid.lines],
        )
    problems = [ProblemOut.of(one, words) for one in candidate.problems]
    return CandidateOut(changes=candidate.changes, problems=problems, calibration=calibration)
