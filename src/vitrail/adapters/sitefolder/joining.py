"""One camera more in the text of ``site.yaml``: everything else reads as it did."""

__all__ = ["with_camera"]

from io import StringIO
from typing import Any, cast

from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import YAMLError

from vitrail.adapters.sitefolder.plain_yaml import read_plain
from vitrail.adapters.sitefolder.round_trip import flow, flow_map, round_trip
from vitrail.domain.errors import Conflict, Invalid
from vitrail.domain.joining import NewCamera, written

_WHOLE = ((0, 0), (1, 0), (1, 1), (0, 1))
"""Black until somebody looked and drew."""
_DEGREES = 7


def with_camera(text: str, camera: NewCamera, reviewed_by: str, reviewed_on: str) -> str:
    """Raises ``Conflict`` when the id is taken, ``Invalid`` when the file is not YAML or cannot be kept as it is."""
    if "\r\n" in text:
        return with_camera(text.replace("\r\n", "\n"), camera, reviewed_by, reviewed_on).replace("\n", "\r\n")
    yaml = round_trip(text)
    try:
        data = yaml.load(text)
    except YAMLError as error:
        raise Invalid(f"site.yaml is not YAML any more: {error}", where="site.yaml") from error
    if not isinstance(data, CommentedMap):
        raise Invalid("site.yaml holds no site", where="site.yaml", remedy="`vitrail init` writes a commented one")
    rows = data.get("cameras")
    if camera.id in {row.get("id") for row in rows or [] if isinstance(row, dict)}:
        raise Conflict(f"site.yaml declares a camera `{camera.id}` already", where="id", remedy="choose another id")
    if not isinstance(rows, CommentedSeq) or not rows:
        rows = data["cameras"] = CommentedSeq()
    rows.append(_row(camera, reviewed_by, reviewed_on))
    out = StringIO()
    yaml.dump(data, out)
    _only_added(text, out.getvalue(), camera.id)
    return out.getvalue()


def _row(camera: NewCamera, reviewed_by: str, reviewed_on: str) -> CommentedMap:
    row = CommentedMap(id=camera.id, name=camera.name.strip())
    place = camera.position
    if place is not None:
        where = {"latitude": round(place.latitude, _DEGREES), "longitude": round(place.longitude, _DEGREES)}
        heading = {"heading_deg": place.heading_deg} if place.heading_deg is not None else {}
        row["position"] = flow_map(**where, **heading)
    row["streams"] = CommentedSeq(_streams(camera))
    masks = CommentedSeq([] if camera.nothing_to_hide else [flow(_WHOLE)])
    if camera.nothing_to_hide:
        masks.fa.set_flow_style()
    row["dwellings"] = CommentedMap(reviewed_by=reviewed_by, reviewed_on=reviewed_on, masks=masks)
    return row


def _streams(camera: NewCamera) -> list[CommentedMap]:
    secrets = camera.secrets()
    if not camera.sub_address:
        return [_stream("main", written(camera.address, secrets), "detect", "record")]
    return [
        _stream("main", written(camera.address, secrets), "record"),
        _stream("sub", written(camera.sub_address, secrets), "detect"),
    ]


def _stream(name: str, address: str, *roles: str) -> CommentedMap:
    listed = CommentedSeq(roles)
    listed.fa.set_flow_style()
    return CommentedMap(id=name, address=address, roles=listed)


def _only_added(before: str, after: str, camera_id: str) -> None:
    old, new = (cast(dict[str, Any], read_plain(text).value) for text in (before, after))
    cameras = [row for row in new.get("cameras", []) if row.get("id") != camera_id]
    if {**old, "cameras": old.get("cameras") or []} != {**new, "cameras": cameras}:
        raise Invalid(
            "site.yaml cannot be rewritten without touching something else",
            where="site.yaml",
            remedy="write the camera into the file by hand",
        )
