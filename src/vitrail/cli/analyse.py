"""``analyse``: recordings through the same guard as cameras, as fast as they decode."""

__all__ = ["analyse"]

import json
import os
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress, TaskID
from rich.table import Table

from vitrail import compose
from vitrail.cli.places import CACHE, STATE, cache_folder, data_folder, state_folder
from vitrail.cli.screen import err, out, progress_bar, working
from vitrail.domain.errors import VitrailError
from vitrail.domain.events import Event
from vitrail.domain.time import SECOND_US, iso
from vitrail.services.analyse import Analysed, Archive, Recording
from vitrail.services.keeping import Kept

_INTERRUPTED = 130
"""The exit code that shells expect of a command ended by Ctrl-C."""


def analyse(
    files: Annotated[list[Path], typer.Argument(help="Recordings to analyse, or folders of them.")],
    site: Annotated[
        Path | None, typer.Option("--site", "-s", help="Take zones, lines and mandate from this site folder.")
    ] = None,
    camera: Annotated[str | None, typer.Option(help="Which camera of the site filmed the recordings.")] = None,
    state: STATE = None,
    cache: CACHE = None,
    start: Annotated[
        str | None,
        typer.Option(
            help="When the first frame was filmed (RFC 3339), each recording following the one before it; "
            "else each as if it had just ended."
        ),
    ] = None,
    jobs: Annotated[int, typer.Option(help="How many at once; 0 is one a processor.", min=0)] = 0,
    keep: Annotated[
        bool,
        typer.Option(
            "--keep",
            help="Copy the recordings into the site's archive, for as long as the mandate keeps recordings: what is "
            "found in them then has pictures and clips.",
        ),
    ] = False,
    again: Annotated[bool, typer.Option("--again", help="From the beginning, also after an interruption.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Events as JSON lines only.")] = False,
    speed: Annotated[bool, typer.Option("--speed", help="Say how many times faster than real time it went.")] = False,
) -> None:
    """Analyse recordings as fast as they decode; print a table and JSON lines of events.

    Without --site the whole picture is one zone under the lab mandate. Events also become alerts in the state folder.
    Interrupted, it goes on where it stopped when the same command is given again, and writes no alert twice: the last
    minute before is looked at again, and what an analytic had learnt of the place is learnt anew. A single recording of
    twenty minutes or more is cut into one piece for each processor (not where an analytic remembers the place for
    long, as for walls, furniture and left things); what begins before a cut is followed beyond it.

    What is found has no pictures to look at unless --keep copies the recordings, undecoded, into the archive: the
    mandate must let the camera be recorded, and the eraser takes them as it takes everything else.
    """
    kept = cache_folder(cache)
    with working("preparing") as say:
        compose.ensure_models(kept, say)
    recordings = compose.recordings(files, str(site.resolve()) if site else "lab", _instant(start) if start else None)
    folder = site or data_folder("lab")
    if site is None:
        compose.lab_site(recordings[0].path, folder)
    archive = compose.archive(folder, camera, state_folder(folder, state), kept, dict(os.environ), keep)
    _Report(as_json, speed).of(archive, recordings, jobs, again)


class _Report:
    """What the person at the terminal sees of an analysis."""

    def __init__(self, as_json: bool, speed: bool) -> None:
        self._as_json = as_json
        self._speed = speed
        self._began_s = time.monotonic()
        self._errors: list[VitrailError] = []

    def of(self, archive: Archive, recordings: list[Recording], jobs: int, again: bool) -> None:
        with progress_bar() as progress:
            bars = _Bars(progress, recordings)
            try:
                for recording, found in archive.analyse(recordings, bars.tell, threading.Event(), again, jobs):
                    bars.through(recording)
                    self._told(recording, found)
            except KeyboardInterrupt:
                progress.stop()
                err.print("Stopped. The same command goes on from here.")
                raise typer.Exit(_INTERRUPTED) from None
        if self._speed:
            self._say_speed(recordings)
        if self._errors:
            raise self._errors[0]

    def _told(self, recording: Recording, found: Analysed) -> None:
        name = recording.path.name
        if found.error is not None:
            self._errors.append(found.error)
            err.print(f"{name}: {found.error}") if len(self._errors) > 1 else None
        elif found.before:
            err.print(f"{name}: analysed before the interruption; what was found is among the alerts")
        else:
            if found.from_us:
                err.print(f"{name}: goes on at {found.from_us / SECOND_US:.0f} s")
            if found.kept is not None:
                err.print(f"{name}: {_said(found.kept)}")
            _print_events(recording.path, list(found.events), found.start_us, self._as_json)

    def _say_speed(self, recordings: list[Recording]) -> None:
        took_s = time.monotonic() - self._began_s
        length_s = sum(recording.length_us for recording in recordings) / SECOND_US
        name = recordings[0].path.name if len(recordings) == 1 else f"{len(recordings)} recordings"
        err.print(f"{name}: {length_s:.1f} s in {took_s:.1f} s: {length_s / took_s:.1f} times real time")


class _Bars:
    """One bar a running recording, and one for all of them when there are several; told from their threads."""

    def __init__(self, progress: Progress, recordings: list[Recording]) -> None:
        self._progress = progress
        whole_us = max(1, sum(recording.length_us for recording in recordings))
        self._all = progress.add_task(f"{len(recordings)} recordings", total=whole_us, visible=len(recordings) > 1)
        self._bars: dict[str, TaskID] = {}
        self._reached_us: dict[str, int] = {}
        self._lock = threading.Lock()

    def tell(self, recording: Recording, media_us: int) -> None:
        with self._lock:
            if recording.key not in self._bars:
                total_us = max(1, recording.length_us)
                self._bars[recording.key] = self._progress.add_task(recording.path.name, total=total_us)
            self._reached_us[recording.key] = media_us
            self._progress.update(self._bars[recording.key], completed=media_us)
            self._progress.update(self._all, completed=sum(self._reached_us.values()))

    def through(self, recording: Recording) -> None:
        self.tell(recording, recording.length_us)
        self._progress.update(self._bars[recording.key], visible=False)


def _said(kept: Kept) -> str:
    if kept.problem:
        return kept.problem
    if not kept.packets:
        return "not kept again: the archive holds this time of the camera already"
    return "kept in the archive" + (", but for what it held before or would erase at once" if kept.left else "")


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
