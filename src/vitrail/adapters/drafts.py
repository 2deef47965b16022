"""Drafts of drawings, one small file a camera in the state folder."""

__all__ = ["FileDrafts"]

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from vitrail.domain.calibration import KnownHeight
from vitrail.domain.drawing import Clues, Draft, Drawing, Kind, PlaceClue, Shape
from vitrail.domain.errors import Corrupt, Unavailable

_NAME = re.compile(r"^[a-z0-9][a-z0-9_-]{0,39}$")


class FileDrafts:
    """Implements ``DraftBook``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, camera_id: str) -> Draft | None:
        path = self._path(camera_id)
        if path is None:
            return None
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        except OSError as error:
            raise Unavailable(f"the draft cannot be read: {error.strerror}", where=path.name) from error
        try:
            return _draft(json.loads(text))
        except (ValueError, TypeError, KeyError) as error:
            raise Corrupt("this draft cannot be read", where=str(path), remedy="remove it, and draw again") from error

    def put(self, draft: Draft) -> None:
        path = self._path(draft.drawing.camera_id)
        assert path is not None
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            unfinished = path.with_suffix(".new")
            unfinished.write_text(json.dumps(asdict(draft), ensure_ascii=False), encoding="utf-8")
            unfinished.replace(path)
        except OSError as error:
            raise Unavailable(f"the draft cannot be written: {error.strerror}", where=path.name) from error

    def drop(self, camera_id: str) -> None:
        path = self._path(camera_id)
        if path is not None:
            path.unlink(missing_ok=True)

    def _path(self, camera_id: str) -> Path | None:
        """None for what is no camera's id: it would be another path."""
        return self._folder / f"{camera_id}.json" if _NAME.match(camera_id) else None


def _draft(raw: dict[str, Any]) -> Draft:
    drawn = raw["drawing"]
    shapes = tuple(
        Shape(Kind(s["kind"]), tuple((x, y) for x, y in s["corners"]), s["id"], s["name"], s["what"])
        for s in drawn["shapes"]
    )
    clues = _clues(drawn["clues"]) if drawn["clues"] else None
    drawing = Drawing(drawn["camera_id"], shapes, clues, drawn["reviewed_by"], drawn["reviewed_on"])
    return Draft(drawing, raw["base"], raw["author"], raw["made_us"])


def _clues(raw: dict[str, Any]) -> Clues:
    places = (PlaceClue(_pair(p["at"]), _pair(p["known"]), p["on_map"]) for p in raw["places"])
    heights = (KnownHeight(_pair(h["foot"]), _pair(h["head"]), h["metres"]) for h in raw["heights"])
    width, height = raw["picture_px"]
    return Clues((width, height), tuple(places), tuple(heights), raw["view_deg"])


def _pair(raw: list[float]) -> tuple[float, float]:
    x, y = raw
    return x, y
