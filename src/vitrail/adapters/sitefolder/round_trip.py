"""Drawings into the text of ``site.yaml`` and out of it: only what differs is touched."""

__all__ = ["drawn_of", "flow", "flow_map", "redrawn", "round_trip"]

import re
from collections.abc import Mapping, Sequence
from io import StringIO
from typing import Any, cast

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from vitrail.adapters.sitefolder.plain_yaml import read_plain
from vitrail.domain.calibration import KnownHeight
from vitrail.domain.drawing import Clues, Drawing, Kind, PlaceClue, Shape
from vitrail.domain.errors import Invalid, NotFound
from vitrail.domain.geometry import Point

_DIGITS, _KNOWN_DIGITS = 4, 7
"""A corner is told to a ten-thousandth of the picture; seven digits of a degree are a centimetre."""
_WIDTH = 160
_LISTS = (Kind.ZONE, Kind.LINE, Kind.SURFACE, Kind.ASSET)
_DRAWN_KEYS = frozenset({*(kind.value for kind in _LISTS), "dwellings", "ground"})


def drawn_of(raw: Mapping[str, Any], camera_id: str) -> Drawing:
    """What a camera's plain mapping holds; what is malformed is left out, `vitrail check` tells it."""
    shapes = [shape for kind in _LISTS for row in _rows(raw, kind.value) if (shape := _shape(kind, row))]
    dwellings = raw.get("dwellings") if isinstance(raw.get("dwellings"), dict) else {}
    shapes += [Shape(Kind.MASK, ring) for row in _rows(dwellings or {}, "masks") if (ring := _points(row))]
    return Drawing(camera_id, tuple(shapes), _clues(raw.get("ground")))


def redrawn(text: str, drawing: Drawing) -> str:
    """The text with the drawing in it. Raises ``NotFound``, or ``Invalid`` when it could not be rewritten without
    touching something else."""
    if "\r\n" in text:
        return redrawn(text.replace("\r\n", "\n"), drawing).replace("\n", "\r\n")
    yaml = round_trip(text)
    try:
        data = yaml.load(text)
    except YAMLError as error:
        raise Invalid(f"site.yaml is not YAML any more: {error}", where="site.yaml") from error
    camera = next((row for row in (data or {}).get("cameras") or [] if row.get("id") == drawing.camera_id), None)
    if camera is None:
        raise NotFound(f"site.yaml declares no camera {drawing.camera_id}", where="site.yaml")
    now = drawn_of(camera, drawing.camera_id)
    for kind in _LISTS:
        _merge(camera, kind, [s for s in drawing.shapes if s.kind is kind], now)
    _mask(camera, drawing, now)
    if drawing.clues != now.clues:
        _put(camera, "ground", _ground(drawing.clues))
    out = StringIO()
    yaml.dump(data, out)
    _only_drawn(text, out.getvalue(), drawing.camera_id)
    return out.getvalue()


def round_trip(text: str) -> YAML:
    """Writes lists as far in as the file does."""
    yaml = YAML(typ="rt")
    yaml.preserve_quotes, yaml.width, yaml.allow_unicode = True, _WIDTH, True
    first = re.search(r"^cameras:(?: *#.*)?\n(?:\s*#.*\n|\s*\n)*( *)-( +)\S", text, re.MULTILINE)
    offset = len(first[1]) if first else 2
    yaml.indent(mapping=2, sequence=offset + 1 + (len(first[2]) if first else 1), offset=offset)
    return yaml


def _merge(camera: CommentedMap, kind: Kind, wanted: Sequence[Shape], now: Drawing) -> None:
    key = kind.value
    before = {s.id: s for s in now.shapes if s.kind is kind}
    if list(before.values()) == list(wanted):
        return
    rows = camera.get(key)
    if not isinstance(rows, CommentedSeq) or not rows:
        rows = CommentedSeq()
    ids = [shape.id for shape in wanted]
    for index in reversed(range(len(rows))):
        if rows[index].get("id") not in ids:
            del rows[index]
    known = {row.get("id"): row for row in rows}
    for shape in wanted:
        row = known.get(shape.id)
        if row is None:
            rows.append(_row(shape))
        elif before.get(shape.id) != shape:
            _change(row, shape)
    if key not in camera or camera[key] is not rows:
        _put(camera, key, rows)


def _row(shape: Shape) -> CommentedMap:
    row = CommentedMap(id=shape.id, name=shape.name)
    if shape.kind is Kind.ASSET:
        row["kind"] = shape.what
    _change(row, shape)
    return row


def _change(row: CommentedMap, shape: Shape) -> None:
    if row.get("name") != shape.name:
        row["name"] = shape.name
    if shape.kind is Kind.ASSET and row.get("kind") != shape.what:
        row["kind"] = shape.what
    if shape.kind is Kind.LINE:
        for key, corner in zip(("from", "to"), shape.corners, strict=True):
            if _pair(row.get(key)) != corner:
                _refill(row, key, corner)
    elif _points(row.get("corners")) != shape.corners:
        _refill(row, "corners", shape.corners)


def _refill(row: CommentedMap, key: str, values: Sequence[Any]) -> None:
    """In place where there is a list already: a comment behind it stays."""
    fresh = flow(values)
    there = row.get(key)
    if not isinstance(there, CommentedSeq):
        row[key] = fresh
        return
    comments = there.ca.items.get(len(there) - 1)
    inner = there[-1].ca.items if there and isinstance(there[-1], CommentedSeq) else {}
    row[key] = fresh
    if comments:
        fresh.ca.items[len(fresh) - 1] = comments
    if inner and isinstance(fresh[-1], CommentedSeq):
        fresh[-1].ca.items.update(inner)
    if there.ca.comment:
        fresh.ca.comment = there.ca.comment


def _mask(camera: CommentedMap, drawing: Drawing, now: Drawing) -> None:
    dwellings = camera.get("dwellings")
    if not isinstance(dwellings, CommentedMap):
        return
    wanted = [s.corners for s in drawing.shapes if s.kind is Kind.MASK]
    if [s.corners for s in now.shapes if s.kind is Kind.MASK] != wanted:
        rows = CommentedSeq(flow(ring) for ring in wanted)
        if not rows:
            rows.fa.set_flow_style()
        dwellings["masks"] = rows
    if drawing.reviewed_by:
        dwellings["reviewed_by"], dwellings["reviewed_on"] = drawing.reviewed_by, drawing.reviewed_on


def _ground(clues: Clues | None) -> CommentedMap | None:
    if clues is None:
        return None
    ground = CommentedMap(picture=flow(clues.picture_px))
    if clues.view_deg is not None:
        ground["view_deg"] = clues.view_deg
    for key, rows in (("points", map(_place, clues.places)), ("heights", map(_height, clues.heights))):
        made = CommentedSeq(rows)
        if made:
            ground[key] = made
    return ground


def _place(clue: PlaceClue) -> CommentedMap:
    return flow_map(at=flow(clue.at), **{"map" if clue.on_map else "metres": flow(clue.known, _KNOWN_DIGITS)})


def _height(clue: KnownHeight) -> CommentedMap:
    return flow_map(foot=flow(clue.foot), head=flow(clue.head), metres=clue.metres)


def _put(camera: CommentedMap, key: str, value: Any) -> None:
    """New keys stand before the analytics, which speak of them."""
    if value is None:
        camera.pop(key, None)
    elif key in camera or "analytics" not in camera:
        camera[key] = value
    else:
        camera.insert(list(camera).index("analytics"), key, value)


def flow(values: Sequence[Any], digits: int = _DIGITS) -> CommentedSeq:
    made = CommentedSeq(flow(v, digits) if isinstance(v, tuple | list) else _rounded(v, digits) for v in values)
    made.fa.set_flow_style()
    return made


def flow_map(**values: Any) -> CommentedMap:
    made = CommentedMap(values)
    made.fa.set_flow_style()
    return made


def _rounded(value: float, digits: int) -> float | int:
    return value if isinstance(value, int) else round(float(value), digits)


def _only_drawn(before: str, after: str, camera_id: str) -> None:
    """Everything but the drawings of this camera reads as it did."""
    old, new = _rest(before, camera_id), _rest(after, camera_id)
    if old != new:
        raise Invalid(
            "site.yaml cannot be rewritten without touching something else",
            where="site.yaml",
            remedy="write the drawing into the file by hand",
        )


def _rest(text: str, camera_id: str) -> object:
    value = cast(dict[str, Any], read_plain(text).value)
    for row in value.get("cameras", []):
        if row.get("id") == camera_id:
            for key in _DRAWN_KEYS:
                row.pop(key, None)
    return value


def _rows(raw: Mapping[str, Any], key: str) -> list[Any]:
    rows = raw.get(key)
    return list(rows) if isinstance(rows, list) else []


def _shape(kind: Kind, row: Any) -> Shape | None:
    if not isinstance(row, dict):
        return None
    corners: tuple[Point, ...] = ()
    if kind is Kind.LINE:
        ends = [point for key in ("from", "to") if (point := _pair(row.get(key)))]
        corners = tuple(ends) if len(ends) == 2 else ()
    else:
        corners = _points(row.get("corners"))
    made = Shape(kind, corners, str(row.get("id", "")), str(row.get("name", "")), str(row.get("kind", "")))
    return made if corners else None


def _points(value: Any) -> tuple[Point, ...]:
    points = [_pair(item) for item in value] if isinstance(value, list) else []
    return tuple(point for point in points if point) if all(points) else ()


def _pair(value: Any) -> tuple[float, float] | None:
    if isinstance(value, list) and len(value) == 2 and all(isinstance(v, int | float) for v in value):
        return float(value[0]), float(value[1])
    return None


def _clues(raw: Any) -> Clues | None:
    if not isinstance(raw, dict) or not (size := _pair(raw.get("picture"))):
        return None
    places = [
        PlaceClue(at, known, on_map)
        for row in _rows(raw, "points")
        if isinstance(row, dict) and (at := _pair(row.get("at")))
        for key, on_map in (("map", True), ("metres", False))
        if (known := _pair(row.get(key)))
    ]
    heights = [
        KnownHeight(foot, head, float(row["metres"]))
        for row in _rows(raw, "heights")
        if isinstance(row, dict) and (foot := _pair(row.get("foot"))) and (head := _pair(row.get("head")))
    ]
    view = raw.get("view_deg")
    view_deg = float(view) if isinstance(view, int | float) else None
    return Clues((int(size[0]), int(size[1])), tuple(places), tuple(heights), view_deg)
