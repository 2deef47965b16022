"""A small town for journeys: the demonstration's recording as three cameras on one square, with a map."""

__all__ = ["NINE", "THREE", "made_town", "running_town"]

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.demo import Demo, started
from tests.models import detector_model, model_cache
from vitrail import compose
from vitrail.adapters.demo import as_camera, fetch_recording
from vitrail.domain.errors import Unavailable

THREE = {"north": (48.8570, 2.3520, 180), "east": (48.8567, 2.3524, 270), "south": (48.8564, 2.3520, 0)}
NINE = {f"place-{n}": (48.8562 + n // 3 * 0.0005, 2.3512 + n % 3 * 0.0008, 40 * n) for n in range(9)}
_HOUSE = [[2.3517, 48.8569], [2.3519, 48.8569], [2.3519, 48.8568], [2.3517, 48.8568], [2.3517, 48.8569]]
_STREET = [[2.3515, 48.8567], [2.3520, 48.8567], [2.3526, 48.8567]]


def made_town(folder: Path, recording: Path, places: Mapping[str, tuple[float, float, int]] = THREE) -> Path:
    site = folder / "town"
    compose.lab_site(recording, site)
    text = (site / "site.yaml").read_text(encoding="utf-8")
    head, _, camera = text.partition("cameras:\n")
    rows = []
    for name, (latitude, longitude, heading) in places.items():
        row = camera.replace("id: campus", f"id: {name}").replace(f'"{recording.name}"', name.title(), 1)
        place = f"    position: {{latitude: {latitude}, longitude: {longitude}, heading_deg: {heading}}}\n"
        rows.append(row.replace("    streams:\n", f"{place}    streams:\n").replace("seconds: 20", "seconds: 8"))
    (site / "site.yaml").write_text(f"{head}map: square.geojson\ncameras:\n{''.join(rows)}", encoding="utf-8")
    street = {"type": "LineString", "coordinates": _STREET}
    house = {"type": "Polygon", "coordinates": [_HOUSE]}
    shapes = [({"highway": "footway"}, street), ({}, house)]
    features = [{"type": "Feature", "properties": said, "geometry": shape} for said, shape in shapes]
    square = {"type": "FeatureCollection", "features": features}
    (site / "square.geojson").write_text(json.dumps(square), encoding="utf-8")
    mandate = site / "mandates" / "demo.yaml"
    law = mandate.read_text(encoding="utf-8")
    cells = re.findall(r"^  - \{camera: campus.*\n", law, re.MULTILINE)
    law = law.replace("".join(cells), "".join(c.replace("campus", n) for n in places for c in cells))
    law = law.replace("recording: [campus]", f"recording: [{', '.join(places)}]")
    mandate.write_text(law, encoding="utf-8")
    return site


@contextmanager
def running_town(folder: Path) -> Iterator[Demo]:
    detector_model()
    try:
        recording = as_camera(fetch_recording(model_cache(), print), model_cache(), lambda _: None)
    except Unavailable as error:
        pytest.skip(f"the demonstration's recording cannot be fetched: {error}")
    site = made_town(folder, recording)
    environ = os.environ | {"VITRAIL_CACHE": str(model_cache())}
    with started(["watch", "--site", str(site)], site, environ, folder / "said.txt") as running:
        yield running
