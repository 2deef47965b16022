"""A good site folder, small but using every key, which each test then spoils in its own way."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from vitrail.adapters.sitefolder import SiteFolder, read_site
from vitrail.domain.analytics import AnalyticManifest, Maturity, Parameter

DECISION = b"The council decides, 1 October 2026.\n"

SITE = """\
id: harbour
name: Harbour
zone: Europe/Paris
languages: [fr, en]
profile: lab
cameras:
  - id: quay
    name: Quay
    position: {latitude: 43.3, longitude: 5.36, heading_deg: 270}
    streams:
      - id: main
        address: rtsp://${CAM_USER}:${CAM_PASSWORD}@cam.example:8554/main
        roles: [record]
      - id: sub
        address: recordings/quay.mp4
        label: Quay, small
        roles: [detect]
        loop: true
    dwellings:
      reviewed_by: A. Martin
      reviewed_on: 2026-10-01
      masks:
        - [[0.8, 0.1], [0.9, 0.1], [0.9, 0.3]]
    zones:
      - id: basin
        name: Basin edge
        corners: [[0.1, 0.5], [0.9, 0.5], [0.9, 0.9], [0.1, 0.9]]
        area_m2: 120.5
        max_people: 20
    lines:
      - id: gate
        name: Gate
        from: [0.2, 0.7]
        to: [0.8, 0.7]
    surfaces:
      - id: wall
        name: North wall
        corners: [[0.0, 0.0], [0.5, 0.0], [0.5, 0.3]]
    assets:
      - id: bench-1
        name: Bench
        kind: bench
        corners: [[0.1, 0.6], [0.2, 0.6], [0.2, 0.7]]
    analytics:
      - analytic: presence
        purpose: edge
        zones: [basin]
        hours: {days: [fri, sat], from: "22:00", to: "06:00"}
      - analytic: dwell
        purpose: edge
        zones: [basin]
        parameters: {seconds: 30}
      - analytic: line
        purpose: edge
        lines: [gate]
  - id: square
    name: Square
    streams:
      - {id: main, address: square.mp4, roles: [detect, record]}
    dwellings: {reviewed_by: A. Martin, reviewed_on: 2026-10-01}
"""

MANDATE = """\
id: edge-2026
title: Basin edge
mode: lab
controller: Port authority, 1 quay
legal_basis: Council decision
decision:
  body: Council
  number: "2026-114"
  date: 2026-10-01
  url: https://port.example/2026-114
  document: 2026-114.pdf
  sha256: @DIGEST@
supplier: Port authority itself
cost: 4000 EUR a year
start: 2026-11-01
end: 2027-05-01T08:00
hours: {from: "20:00", to: "08:00"}
retention_hours: 48
purposes:
  - id: edge
    objective: safety_of_closed_places
    harm: Three people fell into the basin at night in 2025.
    success: Nobody falls in; fewer than two false alerts a night.
    review: 2027-02-01
matrix:
  - {camera: quay, analytic: presence, purpose: edge}
  - {camera: quay, analytic: dwell, purpose: edge}
recording: [quay]
""".replace("@DIGEST@", hashlib.sha256(DECISION).hexdigest())

ARGUMENTS = """\
arguments:
  - analytic: presence
    necessity: Nobody is on the quay between 20:00 and 08:00.
    alternatives:
      - what: A chain along the edge
        algorithmic: false
        why_not: It was tried in 2024 and boats could no longer be loaded.
      - {what: Radar, algorithmic: true, why_not: It cannot tell a gull from a person.}
    expected_rate: 2 alerts a night, one of them right.
    failure_modes: [Gulls on the edge, "Rain on the lens"]
  - analytic: dwell
    necessity: Somebody who stays at the edge may be in need.
    alternatives:
      - {what: Rounds on foot, algorithmic: false, why_not: One round takes 50 minutes.}
    expected_rate: 1 alert a week.
    failure_modes: [Anglers]
"""
"""Added to the mandate by ``argued``: what a mandate outside lab needs."""

ENVIRON = {"CAM_USER": "vitrail", "CAM_PASSWORD": "p@ss/word", "OIDC_SECRET": "hunter2"}


def _manifest(name: str, *, parameters: tuple[Parameter, ...] = (), needs: str) -> AnalyticManifest:
    return AnalyticManifest(
        id=name,
        version="1",
        title=name,
        inputs=frozenset({"tracks"}),
        kinds=frozenset({name}),
        readings=frozenset(),
        category="anonymous",
        purposes=frozenset({"safety_of_closed_places", "rescue"}),
        parameters=parameters,
        models=(),
        maturity=Maturity.TRIAL,
        must_not="",
        limits=(),
        needs_zones=needs == "zones",
        needs_lines=needs == "lines",
        needs_surfaces=needs == "surfaces",
        needs_assets=needs == "assets",
        needs_ground=needs == "ground",
        exempts=needs == "zones",
        steepest_deg=5.0 if name == "flat" else 90.0,
    )


MANIFESTS: Mapping[str, AnalyticManifest] = {
    manifest.id: manifest
    for manifest in (
        _manifest("presence", needs="zones"),
        _manifest("dwell", needs="zones", parameters=(Parameter("seconds", "s", 15, 1, 3600, "how long"),)),
        _manifest("line", needs="lines"),
        _manifest("marks", needs="surfaces"),
        _manifest("pieces", needs="assets"),
        _manifest("metres", needs="ground"),
        _manifest("flat", needs="ground"),
    )
}


@dataclass(frozen=True, slots=True)
class Folder:
    """A site folder on disk."""

    path: Path

    def spoil(self, file: str, old: str, new: str) -> None:
        target = self.path / file
        text = target.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"{old!r} is not in {file}"
        target.write_text(text.replace(old, new, 1), encoding="utf-8")

    def read(self, environ: Mapping[str, str] = ENVIRON) -> SiteFolder:
        return read_site(self.path, environ, MANIFESTS)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    (tmp_path / "mandates").mkdir()
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    (tmp_path / "mandates" / "edge.yaml").write_text(MANDATE, encoding="utf-8")
    (tmp_path / "mandates" / "2026-114.pdf").write_bytes(DECISION)
    return Folder(tmp_path)


@pytest.fixture
def argued(folder: Folder) -> Folder:
    """The mandate argues its analytics, as outside lab it must."""
    folder.spoil("mandates/edge.yaml", "recording:", ARGUMENTS + "recording:")
    return folder
