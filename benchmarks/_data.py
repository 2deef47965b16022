"""What the benchmarks share: where the labelled recordings are, the product run on one of them, the last line."""

__all__ = ["Options", "Watched", "options", "say_json", "watched"]

import argparse
import json
import os
import re
import tempfile
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vitrail import compose
from vitrail.cli.places import cache_folder
from vitrail.domain.events import Event, Reading
from vitrail.domain.time import SECOND_US

_ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True, slots=True)
class Options:
    data: Path
    cache: Path
    more: argparse.Namespace
    """What a benchmark asked for beside them."""


def options(what: str, *more: tuple[str, Mapping[str, Any]]) -> Options:
    """``--data``, ``--cache``, and ``more``: names and what ``argparse`` is told of them."""
    parser = argparse.ArgumentParser(description=what)
    shared = Path(os.environ.get("VITRAIL_SHARED", _ROOT.parent / "shared"))
    parser.add_argument("--data", type=Path, default=shared / "data", help="folder of the labelled recordings")
    parser.add_argument("--cache", type=Path, default=os.environ.get("VITRAIL_CACHE"), help="where models are kept")
    for name, words in more:
        parser.add_argument(name, **words)
    given = parser.parse_args()
    if not given.data.is_dir():
        parser.exit(2, f"there is no folder {given.data}: name the labelled recordings with --data\n")
    return Options(given.data, cache_folder(Path(given.cache) if given.cache else None), given)


@dataclass(frozen=True, slots=True)
class Watched:
    """What the product found in one recording; times in seconds from its first frame."""

    events: tuple[Event, ...]
    readings: tuple[Reading, ...]
    start_us: int
    took_s: float
    cpu_s: float
    """Processor time of the whole process, all its threads."""
    looked_at: int

    def at(self, wall_us: int) -> float:
        return (wall_us - self.start_us) / SECOND_US


def watched(recording: Path, drawn: str, cache: Path) -> Watched:
    """The whole product on one recording: gate, decoding, detector, tracker, analytics, guard. ``drawn`` holds the
    camera's ``zones``, ``lines`` and ``analytics`` as they stand in a site folder, under the lab mandate."""
    compose.ensure_models(cache, print)
    with tempfile.TemporaryDirectory() as place:
        site = Path(place) / "site"
        compose.lab_site(recording, site)
        return _run(recording, site, drawn, Path(place) / "state", cache)


def _run(recording: Path, site: Path, drawn: str, state: Path, cache: Path) -> Watched:
    _draw(site, drawn)
    events: list[Event] = []
    readings: list[Reading] = []
    looked_at = 0
    start_us = round(time.time()) * SECOND_US
    with compose.analysis(recording, site, None, state, cache, {}) as analysis:
        began, cpu_s = time.perf_counter(), time.process_time()
        for step in analysis.steps(start_us, threading.Event()):
            looked_at += step.frames
            for findings in step.findings:
                events += findings.events
                readings += findings.readings
        took_s, cpu_s = time.perf_counter() - began, time.process_time() - cpu_s
    return Watched(tuple(events), tuple(readings), start_us, took_s, cpu_s, looked_at)


def _draw(site: Path, drawn: str) -> None:
    """The lab folder's camera with what the benchmark draws."""
    text = (site / "site.yaml").read_text(encoding="utf-8")
    kept = text[: text.index("    zones:")]
    (site / "site.yaml").write_text(kept + drawn, encoding="utf-8")
    mandate = site / "mandates" / "demo.yaml"
    rows = mandate.read_text(encoding="utf-8")
    for analytic in dict.fromkeys(re.findall(r"analytic: (\w+)", drawn)):
        if f"analytic: {analytic}," not in rows:
            line = f"  - {{camera: campus, analytic: {analytic}, purpose: try}}\n"
            rows = rows.replace("matrix:\n", "matrix:\n" + line)
    mandate.write_text(rows, encoding="utf-8")


def say_json(**figures: object) -> None:
    """The last line: every figure, for machines."""
    print(json.dumps(figures, sort_keys=True), flush=True)
