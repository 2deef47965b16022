"""``demo``, ``watch`` and ``analyse``: the commands that open streams."""

__all__ = ["analyse", "demo", "watch"]

import json
import os
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from vitrail import compose
from vitrail.cli.places import CACHE, SITE, STATE, cache_folder, data_folder, state_folder
from vitrail.cli.screen import err, out, progress_bar, working
from vitrail.domain.events import Event
from vitrail.domain.time import SECOND_US, iso

_HOST = Annotated[
    str, typer.Option(help="Address to listen on. Any other than loopback needs TLS: our own or a proxy's.")
]
_PORT = Annotated[int, typer.Option(help="Port of the console.")]


def demo(
    video: Annotated[str | None, typer.Argument(help="A video file or rtsp:// address of your own.")] = None,
    folder: Annotated[
        Path | None, typer.Option(help="Where the demo writes.", show_default="~/.local/share/vitrail/demo")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget earlier runs: alerts, accounts, recordings.")] = False,
    cache: CACHE = None,
    host: _HOST = "127.0.0.1",
    port: _PORT = 8420,
) -> None:
    """Watch a real recording as if it were a live camera, and open the console.

    Without VIDEO the recording is a campus camera from Debian's package opencv-doc. Everything the demo writes lies
    in one folder, under a mandate that says "lab".
    """
    kept, site = cache_folder(cache), folder or data_folder("demo")
    compose.free_port(host, port)
    with working("preparing") as say:
        compose.ensure_models(kept, say)
        extra = compose.demo_site(video, site, kept, fresh, say)
    _serve(site, state_folder(site, None), kept, host, port, extra)


def watch(
    site: SITE = Path(),
    state: STATE = None,
    cache: CACHE = None,
    host: _HOST = "127.0.0.1",
    port: _PORT = 8420,
    certificate: Annotated[
        Path | None, typer.Option(help="PEM certificate with its chain: the console speaks TLS.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="PEM private key that belongs to it.")] = None,
) -> None:
    """Watch the cameras of a site folder under its mandates, and serve the console."""
    kept, tls = cache_folder(cache), compose.tls(certificate, key)
    compose.free_port(host, port)
    with working("preparing") as say:
        compose.ensure_models(kept, say, site)
    _serve(site, state_folder(site, state), kept, host, port, {}, tls)


def analyse(
    files: Annotated[list[Path], typer.Argument(help="Recordings to analyse.")],
    site: Annotated[
        Path | None, typer.Option("--site", "-s", help="Take zones, lines and mandate from this site folder.")
    ] = None,
    camera: Annotated[str | None, typer.Option(help="Which camera of the site filmed the recordings.")] = None,
    state: STATE = None,
    cache: CACHE = None,
    start: Annotated[
        str | None, typer.Option(help="When the first frame was filmed (RFC 3339); else as if it had just ended.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Events as JSON lines only.")] = False,
    speed: Annotated[bool, typer.Option("--speed", help="Say how many times faster than real time it went.")] = False,
) -> None:
    """Analyse recordings as fast as they decode; print a table and JSON lines of events.

    Without --site the whole picture is one zone under the lab mandate. Events also become alerts in the state folder.
    """
    kept = cache_folder(cache)
    with working("preparing") as say:
        compose.ensure_models(kept, say)
    given_us = _instant(start) if start else None
    for path in files:
        folder = site or data_folder("lab")
        if site is None:
            compose.lab_site(path, folder)
        with compose.analysis(path, folder, camera, state_folder(folder, state), kept, dict(os.environ)) as run:
            _report(path, run, given_us, as_json, speed)


def _report(path: Path, run: compose.Analysis, given_us: int | None, as_json: bool, speed: bool) -> None:
    length_us = run.length_us
    start_us = given_us if given_us is not None else run.clock.now_us() - length_us
    began = time.monotonic()
    events: list[Event] = []
    with progress_bar() as progress:
        bar = progress.add_task(path.name, total=max(1, length_us))
        for step in run.steps(start_us, threading.Event()):
            events += [event for found in step.findings for event in found.events]
            progress.update(bar, completed=step.wall_us - start_us)
    _print_events(path, events, start_us, as_json)
    if speed:
        took_s = time.monotonic() - began
        length_s = length_us / SECOND_US
        err.print(f"{path.name}: {length_s:.1f} s in {took_s:.1f} s: {length_s / took_s:.1f} times real time")


def _instant(text: str) -> int:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(f"{text!r} is no RFC 3339 time, such as 2026-11-23T08:00:00Z") from error
    return round((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * SECOND_US)


def _print_events(path: Path, events: list[Event], start_us: int, as_json: bool) -> None:
    if not as_json:
        table = Table(title=f"{path.name}: {len(events)} events", title_justify="left", header_style="bold")
        for heading in ("at", "kind", "", "place", "measure"):
            table.add_column(heading)
        for event in events:
            measures = ", ".join(f"{m.name} {m.value:.1f} {m.unit} / {m.threshold:g}" for m in event.measures)
            at_s = (event.interval.start_us - start_us) / SECOND_US
            place = event.place.drawn or event.place.camera_id
            table.add_row(f"{at_s:8.1f} s", event.kind, event.phase.value, place, measures)
        out.print(table)
    for event in events:
        print(json.dumps(_record(path, event, start_us), ensure_ascii=False))


def _record(path: Path, event: Event, start_us: int) -> dict[str, object]:
    return {
        "file": path.name,
        "kind": event.kind,
        "phase": event.phase.value,
        "analytic": event.analytic,
        "version": event.version,
        "camera": event.place.camera_id,
        "zone": event.place.zone_id,
        "line": event.place.line_id,
        "surface": event.place.surface_id,
        "asset": event.place.asset_id,
        "start": iso(event.interval.start_us),
        "end": iso(event.interval.end_us),
        "start_s": round((event.interval.start_us - start_us) / SECOND_US, 3),
        "end_s": round((event.interval.end_us - start_us) / SECOND_US, 3),
        "score": round(event.score, 3),
        "measures": [
            {"name": m.name, "value": round(m.value, 3), "threshold": m.threshold, "unit": m.unit}
            for m in event.measures
        ],
    }


def _serve(
    site: Path,
    state: Path,
    cache: Path,
    host: str,
    port: int,
    extra: Mapping[str, str],
    tls: compose.Tls | None = None,
) -> None:
    """Streams, housekeeping and console in this process, until it is told to stop."""
    with compose.open_house(site, state, cache, {**os.environ, **extra}) as house:
        first = house.first_run()
        if first is not None:
            out.print(f"First account, shown once:\n    account   {first[0]}\n    password  {first[1]}")
        out.print(f"Console: {'https' if tls else 'http'}://{host}:{port}   (stop with Ctrl-C)")
        house.serve(host, port, tls)
        if kept := house.kept():
            out.print(f"{kept} recordings, alerts and counts are kept. While Vitrail is stopped, they go on time with")
            out.print(f"    vitrail erase --stay --state {state}")
