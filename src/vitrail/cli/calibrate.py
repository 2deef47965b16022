"""``calibrate``: what follows from what `site.yaml` says of the ground in each camera's picture."""

__all__ = ["calibrate"]

import json
import os
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from vitrail import compose
from vitrail.cli.places import SITE
from vitrail.cli.screen import out
from vitrail.domain.calibration import Calibration
from vitrail.domain.errors import NotFound
from vitrail.domain.streams import Camera

_REACH_M = 100.0


def calibrate(
    camera: Annotated[
        str | None, typer.Argument(help="A camera id; every calibrated camera when none is named.")
    ] = None,
    site: SITE = Path(),
    geojson: Annotated[
        bool, typer.Option("--geojson", help="Print the ground each camera sees, for a map, and nothing else.")
    ] = False,
) -> None:
    """Say what the clues under `ground` in site.yaml make of each camera: where it hangs, what it sees, how sure it is.

    Clues that contradict each other or leave too much open are problems of the site folder: `vitrail check` tells them.
    """
    folder = compose.read_site(site, dict(os.environ))
    chosen = [c for c in folder.site.cameras if c.id in folder.calibrations and camera in (None, c.id)]
    if not chosen:
        what = f"camera {camera} is not calibrated" if camera else "no camera is calibrated"
        raise NotFound(what, remedy="say what is known of the ground under `ground` of the camera in site.yaml")
    if geojson:
        print(json.dumps(_outlines(chosen), ensure_ascii=False))
        return
    for one in chosen:
        _tell(one, folder.calibrations[one.id])


def _tell(camera: Camera, found: Calibration) -> None:
    out.print(f"[bold]{camera.id}[/bold]  {camera.name}")
    out.print(
        f"  hangs {found.height_m:.1f} m high, looks down by {found.tilt_deg:.0f} degrees, sees {found.view_deg:.0f} "
        f"degrees across, leans by {found.roll_deg:+.1f} degrees"
    )
    out.print(f"  lengths may be off by {100 * found.doubt:.0f} %, where that is worst")
    table = Table(header_style="bold", box=None, pad_edge=False)
    for heading in ("clue", "off by, % of the picture's height"):
        table.add_column(heading)
    for index, miss in enumerate(found.misfits):
        table.add_row(str(index + 1), f"{100 * miss:.2f}")
    out.print(table)
    for zone in camera.zones:
        area = f"{zone.area_m2:.1f} m2" if zone.area_m2 else "reaches the horizon"
        out.print(f"  zone {zone.id}: {area}")
    outline = found.ground.footprint(_REACH_M)
    x, y, _ = found.ground.camera_m
    far = np.hypot(outline[:, 0] - x, outline[:, 1] - y) if len(outline) else np.zeros(1)
    out.print(f"  sees ground from {far.min():.1f} m to {far.max():.0f} m away")


def _outlines(cameras: list[Camera]) -> dict[str, object]:
    """A GeoJSON collection (RFC 7946): one outline for each camera whose place on the map is known."""
    features: list[dict[str, object]] = []
    for camera in cameras:
        degrees = camera.ground.on_map(camera.ground.footprint(_REACH_M)) if camera.ground else None
        if degrees is not None and len(degrees):
            ring = [[round(float(east), 7), round(float(north), 7)] for north, east in degrees]
            shape = {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}
            features.append({"type": "Feature", "properties": {"camera": camera.id}, "geometry": shape})
    return {"type": "FeatureCollection", "features": features}
